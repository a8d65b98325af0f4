"""The BR Code of a static Pix charge: what stands in the QR code, and is copied and pasted.

Fields of the central bank's manual for the BR Code, each as id, length and value; the last is a
check sum over all that stands before it.
"""

import unicodedata
from decimal import Decimal

from portal.money import AMOUNT_SCALE, text_of

NAME_LENGTH = 25
CITY_LENGTH = 15
TXID_LENGTH = 25
GUI = "br.gov.bcb.pix"
BRL = "986"
_POLYNOMIAL = 0x1021


def br_code(*, key: str, name: str, city: str, txid: str, amount: Decimal) -> str:
    """Return the payload; accents of name and city are folded, what is too long is cut."""
    payload = "".join(
        (
            _field("00", "01"),
            _field("26", _field("00", GUI) + _field("01", key)),
            _field("52", "0000"),
            _field("53", BRL),
            _field("54", text_of(amount, AMOUNT_SCALE)),
            _field("58", "BR"),
            _field("59", _cut(name, NAME_LENGTH)),
            _field("60", _cut(city, CITY_LENGTH)),
            _field("62", _field("05", txid)),
            "6304",
        )
    )
    return f"{payload}{_crc16(payload.encode('ascii')):04X}"


def folded(text: str) -> str:
    """Return a text in upper-case ASCII letters: what has no such form goes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return " ".join(plain.upper().split())


def _cut(text: str, limit: int) -> str:
    return folded(text)[:limit].rstrip()


def _field(number: str, value: str) -> str:
    return f"{number}{len(value):02}{value}"


def _crc16(data: bytes) -> int:
    """Return the CRC-16/CCITT-FALSE of the bytes."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ _POLYNOMIAL if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
