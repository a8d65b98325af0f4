"""Which encoding a text file has: a mark at its start, else what its bytes allow."""

import codecs

from portal.sheets.refusals import NotText

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 4_096
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\x0c\x1a")
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
}
"""How people know them."""


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text and the encoding it was in; NotText when it is none."""
    encoding = encoding_of(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise NotText from None
    if "\x00" in text or any(chr(code) in text[:_LOOKED_AT] for code in _CONTROLS):
        raise NotText
    return text, encoding


def encoding_of(content: bytes) -> str:
    """Return the encoding: by its mark, by the place of its zeros, else UTF-8 or Windows-1252."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    start = content[:_LOOKED_AT]
    if b"\x00" in start:
        return _wide(start)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _wide(start: bytes) -> str:
    """Tell which of two bytes is the empty one in mostly Latin letters."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if odd > len(start) // 4 and not even:
        return "utf-16-le"
    if even > len(start) // 4 and not odd:
        return "utf-16-be"
    raise NotText
