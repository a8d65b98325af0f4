"""What a shop's settings may look like, and what is written down of them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from portal.errors import invalid
from portal.i18n import N_
from portal.people.rules.emails import checked_email
from portal.storefronts.models import DEFAULT_COLOUR, PER_ADDRESS, PER_DOCUMENT, Shop
from portal.storefronts.rules.colours import colour_of

LENGTHS = {
    "name": 120,
    "tagline": 120,
    "headline": 120,
    "intro": 500,
    "promises": 500,
    "advice": 2000,
    "legal_name": 160,
    "address": 255,
    "hours": 160,
    "phone": 40,
    "returns_text": 20_000,
    "privacy_text": 20_000,
    "closed_text": 500,
}
LINES = frozenset({"intro", "promises", "advice", "returns_text", "privacy_text", "closed_text"})
"""Texts of several lines; the others are one."""
SUMMARY_LENGTH = 200
DETAILS_LENGTH = 20_000
MOST_PROMISES = 4
LARGEST_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What a shop says and how it looks; `issuer` is the code of one, and empty for none."""

    name: str = ""
    tagline: str = ""
    headline: str = ""
    intro: str = ""
    promises: str = ""
    advice: str = ""
    colour: str = DEFAULT_COLOUR
    legal_name: str = ""
    address: str = ""
    hours: str = ""
    phone: str = ""
    email: str = ""
    returns_text: str = ""
    privacy_text: str = ""
    closed_text: str = ""
    issuer: str = ""
    orders_per_document: int | None = None
    orders_per_address: int | None = None


def clean(facts: ShopFacts) -> ShopFacts:
    """Return the facts as they are stored; the refusal names the field that cannot be."""
    texts = {
        name: _text(name, getattr(facts, name), longest, lines=name in LINES)
        for name, longest in LENGTHS.items()
    }
    if len(texts["promises"].splitlines()) > MOST_PROMISES:
        said = N_("Use at most %(limit)s lines.")
        raise invalid("promises", said, limit=MOST_PROMISES)
    if (colour := colour_of(facts.colour)) is None:
        raise invalid("colour", N_("Use a colour such as #6b2c7f."))
    for name in ("orders_per_document", "orders_per_address"):
        _check_limit(name, getattr(facts, name))
    email = checked_email(facts.email) if facts.email.strip() else ""
    looks = {"colour": colour, "email": email, "issuer": facts.issuer.strip()}
    return replace(facts, **texts, **looks)  # type: ignore[arg-type] # texts, all of them


def clean_words(summary: str, details: str) -> tuple[str, str]:
    """Return what a shop says of a product, as it is stored."""
    return (
        _text("summary", summary, SUMMARY_LENGTH, lines=False),
        _text("details", details, DETAILS_LENGTH, lines=True),
    )


def facts_of(shop: Shop | None, issuer: str = "") -> ShopFacts:
    """Return what a shop's record says; one that is not there says nothing."""
    if shop is None:
        return ShopFacts()
    named = {name: getattr(shop, name) for name in record_of(ShopFacts()) if name != "issuer"}
    return ShopFacts(**named, issuer=issuer)


def filled(shop: Shop, facts: ShopFacts, issuer_id: int | None) -> Shop:
    """Write the facts into a shop, stored or not."""
    for name, value in record_of(facts).items():
        if name != "issuer":
            setattr(shop, name, value)
    shop.issuer_id = issuer_id
    return shop


def record_of(facts: ShopFacts) -> Mapping[str, Any]:
    """Return the facts as the audit trail keeps them."""
    return asdict(facts)


def limits_of(shop: Shop | None) -> tuple[int, int]:
    """Return how many orders a shop takes of a document in a day, of an address in an hour."""
    if shop is None:
        return PER_DOCUMENT, PER_ADDRESS
    return shop.orders_per_document or PER_DOCUMENT, shop.orders_per_address or PER_ADDRESS


def _text(name: str, given: str, longest: int, *, lines: bool) -> str:
    rows = [" ".join(row.split()) for row in given.splitlines()]
    text = "\n".join(rows).strip() if lines else " ".join(" ".join(rows).split())
    if len(text) > longest:
        raise invalid(name, N_("Use at most %(limit)s characters."), limit=longest)
    if not text.replace("\n", "").isprintable():
        raise invalid(name, N_("Use visible characters."))
    return text


def _check_limit(name: str, value: int | None) -> None:
    if value is not None and not 1 <= value <= LARGEST_LIMIT:
        raise invalid(name, N_("Must be between 1 and %(most)s."), most=LARGEST_LIMIT)
