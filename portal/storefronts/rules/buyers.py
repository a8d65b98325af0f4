"""Who buys: name, document, e-mail and phone as they are stored, each checked."""

import re
from dataclasses import dataclass

from portal.errors import Invalid, PortalError, Problem
from portal.i18n import N_
from portal.partners.rules import tax_id_of
from portal.people.rules.emails import checked_email

NAME_LENGTH = 120
PERSON, COMPANY = "person", "company"
_CPF_LENGTH = 11
_PHONE = re.compile(r"\+?[0-9]{8,15}")
_PHONE_MARKS = str.maketrans("", "", " .-()/\u00a0")


@dataclass(frozen=True, slots=True)
class Typed:
    """What a visitor typed at the checkout."""

    name: str
    tax_id: str
    email: str
    phone: str
    consent: bool


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, as it is stored: the document bare, the phone with its country."""

    kind: str
    name: str
    tax_id: str
    email: str
    phone: str


def buyer_of(typed: Typed) -> Buyer:
    """Return the buyer; the refusal names every field that cannot be."""
    problems: list[Problem] = []

    def take(field: str, text: str, found: str | None) -> str:
        if found is None:
            problems.append(Problem(field, "invalid", text))
        return found or ""

    name = take("name", N_("Type your whole name, or the company's."), _name(typed.name))
    tax_id = take(
        "tax_id",
        N_("This is no valid CPF or CNPJ. Check its digits; a CNPJ may hold letters."),
        _tax_id(typed.tax_id),
    )
    email = take(
        "email", N_("Type an e-mail address such as name@example.com."), email_of(typed.email)
    )
    phone = take(
        "phone",
        N_("Type a phone number with its area code, such as (11) 91234-5678."),
        _phone(typed),
    )
    if not typed.consent:
        take("consent", N_("We need your agreement to use your data for this order."), None)
    if problems:
        raise Invalid(problems=tuple(problems))
    kind = PERSON if len(tax_id) == _CPF_LENGTH else COMPANY
    return Buyer(kind, name, tax_id, email, phone)


def email_of(text: str) -> str | None:
    """Return an e-mail as it is stored, None if it is none that a mail could reach."""
    try:
        email = checked_email(text)
    except PortalError:
        return None
    return email if "." in email.rpartition("@")[2] else None


def masked_email(email: str) -> str:
    """Return an e-mail that its owner recognises and a passer-by does not learn."""
    name, _, domain = email.partition("@")
    ending = ".".join(domain.split(".")[1:]) or domain
    return f"{name[:2]}…@{domain[:1]}….{ending}"


def _name(text: str) -> str | None:
    name = " ".join(text.split())
    fits = 2 <= len(name) <= NAME_LENGTH and name.isprintable()
    return name if fits and any(sign.isalpha() for sign in name) else None


def _tax_id(text: str) -> str | None:
    try:
        return tax_id_of(text)
    except PortalError:
        return None


def _phone(typed: Typed) -> str | None:
    """Return the number with +55 unless it names another country."""
    bare = typed.phone.strip().translate(_PHONE_MARKS)
    if not _PHONE.fullmatch(bare):
        return None
    if bare.startswith("+"):
        return bare
    national = bare.lstrip("0")
    return f"+55{national}" if len(national) in {10, 11} else None
