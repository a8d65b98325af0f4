"""Pix keys and the accounts behind them: what is typed, as it is stored."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from portal.errors import invalid
from portal.i18n import N_
from portal.partners.errors import InvalidTaxId
from portal.partners.rules import tax_id_of
from portal.payments.models import PixAccount
from portal.payments.rules.br_code import folded
from portal.texts import name_of

KEY_LENGTH = 77
HOLDER_LENGTH = 120
PLACE_LENGTH = 60
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMAIL = re.compile(r"[a-z0-9.!#$&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
_PHONE = re.compile(r"\+55[1-9][0-9]{9,10}")
_PHONE_MARKS = str.maketrans("", "", " ()-.")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives Pix, and where; `tax_id` is the holder's CPF or CNPJ, if it is shown."""

    key: str
    holder: str
    city: str
    tax_id: str | None = None


def clean(recipient: Recipient) -> Recipient:
    """Return the account as it is stored; the refusal names the field that cannot be."""
    return Recipient(
        key=pix_key_of(recipient.key),
        holder=_name("holder", recipient.holder, HOLDER_LENGTH),
        city=_name("city", recipient.city, PLACE_LENGTH),
        tax_id=tax_id_of(recipient.tax_id) if (recipient.tax_id or "").strip() else None,  # type: ignore[arg-type] # looked at before
    )


def recipient_of(account: PixAccount) -> Recipient:
    """Return what a Pix account's record says."""
    return Recipient(account.key, account.holder, account.city, account.tax_id)


def record_of(recipient: Recipient) -> dict[str, Any]:
    """Return the account as the audit trail keeps it."""
    return asdict(recipient)


def pix_key_of(text: str) -> str:
    """Return a Pix key in the form in which banks know it; the refusal says which forms there are.

    A CPF or CNPJ without marks, an e-mail in lower case, a phone as +5511987654321, or a random
    key. Eleven digits are a CPF: a phone begins with +55.
    """
    key = text.strip()
    low = key.lower()
    if _RANDOM.fullmatch(low):
        return low
    if len(low) <= KEY_LENGTH and _EMAIL.fullmatch(low):
        return low
    if key.startswith("+"):
        phone = key.translate(_PHONE_MARKS)
        if _PHONE.fullmatch(phone):
            return phone
    else:
        try:
            return tax_id_of(key, "key")
        except InvalidTaxId:
            pass
    text = N_("Use a CPF, a CNPJ, an e-mail, a phone as +5511987654321, or a random key.")
    raise invalid("key", text)


def _name(field: str, text: str, limit: int) -> str:
    """Return a name of which something is left in a BR Code."""
    name = name_of(field, text, limit)
    if not folded(name):
        raise invalid(field, N_("Use letters."))
    return name
