"""What a product may look like: pure checks on what is handed in."""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, TypedDict

from portal.catalogue.models import Issuer, Product, ProductKind
from portal.errors import invalid
from portal.i18n import N_
from portal.money import plain, round_half_up
from portal.texts import code_of, name_of

NAME_LENGTH = 200
CATEGORY_LENGTH = 80
ISSUER_NAME_LENGTH = 120
LARGEST_UNITS = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What is told about a product when it is put on file."""

    sku: str
    name: str
    kind: str = ProductKind.SERVICE
    category: str | None = None
    active: bool = True
    fractional: bool = False
    credit_type: str | None = None
    credit_units: Decimal | None = None


class ProductChanges(TypedDict, total=False):
    """What of a product is to be another; what is left out stays."""

    name: str
    kind: str
    category: str | None
    active: bool
    fractional: bool
    credit_type: str | None
    credit_units: Decimal | None


class IssuerChanges(TypedDict, total=False):
    """What of an issuer is to be another."""

    name: str
    active: bool


def clean(facts: NewProduct) -> NewProduct:
    """Return the facts as they are stored; Invalid names the field that cannot be."""
    values: dict[str, Any] = asdict(facts)
    values["sku"] = code_of("sku", facts.sku)
    values["name"] = name_of("name", facts.name, NAME_LENGTH)
    values["category"] = _category(facts.category)
    values["kind"] = _kind(facts.kind)
    check_units(facts.credit_type, facts.credit_units)
    return NewProduct(**values)


def after_changes(product: Product, changes: ProductChanges) -> NewProduct:
    """Return all facts of a product as the changes leave them, checked."""
    return clean(NewProduct(**(asdict(facts_of(product)) | dict(changes))))


def facts_of(product: Product) -> NewProduct:
    """Return what a product's record says."""
    return NewProduct(
        sku=product.sku,
        name=product.name,
        kind=product.kind,
        category=product.category.name if product.category else None,
        active=product.active,
        fractional=product.fractional,
        credit_type=product.credit_type,
        credit_units=product.credit_units,
    )


def record_of(facts: NewProduct) -> dict[str, Any]:
    """Return the facts as the audit trail keeps them."""
    units = facts.credit_units
    return asdict(facts) | {"credit_units": None if units is None else plain(units)}


def issuer_record(issuer: Issuer) -> dict[str, Any]:
    """Return an issuer as the audit trail keeps it."""
    return {"code": issuer.code, "name": issuer.name, "active": issuer.active}


def check_units(credit_type: str | None, units: Decimal | None) -> None:
    """Refuse one without the other, and units that are none."""
    if credit_type is not None and units is None:
        raise invalid("credit_units", N_("Say how many units one piece consumes."), "required")
    if credit_type is None and units is not None:
        raise invalid("credit_type", N_("Say of which credit type the units are."), "required")
    if units is not None and not 0 < units <= LARGEST_UNITS:
        raise invalid("credit_units", N_("Must be more than zero."))


def check_scale(units: Decimal | None, scale: int) -> None:
    """Refuse units finer than the credit type counts."""
    if units is not None and round_half_up(units, scale) != units:
        raise invalid("credit_units", N_("Use at most %(scale)s decimals."), scale=scale)


def _kind(kind: str) -> str:
    if kind not in set(ProductKind):
        raise invalid("kind", N_("Choose good or service."))
    return str(ProductKind(kind))


def _category(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    return name_of("category", text, CATEGORY_LENGTH)
