"""Makers of what prices need: products, issuers, service points, tables, editions, assignments."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.catalogue.models import Issuer, Product
from portal.partners.models import ServicePoint
from portal.pricing.models import Edition, EditionItem, EditionState, PriceAssignment, PriceTable

LONG_AGO = datetime(2025, 1, 2, 12, tzinfo=UTC)
_numbers = count(1)

PRICING = frozenset(
    {
        "costs.view",
        "prices.view",
        "prices.edit",
        "prices.publish",
        "partners.view",
        "assignments.edit",
        "catalogue.view",
    }
)
PAST = frozenset({"prices.change_past", "assignments.change_past"})


def make_actor(*extra: str, without: Sequence[str] = (), at: ServicePoint | None = None) -> Actor:
    """Return someone of headquarters who keeps prices, or of a service point."""
    places = (Place(at.id, at.code, at.name),) if at else ()
    return Actor(
        user_id=7,
        email="helena@example.com",
        name="Helena Moura",
        profile_name="Pricing",
        headquarters=at is None,
        permissions=(PRICING | set(extra)) - set(without),
        service_points=places,
    )


def make_product(session: Session, sku: str | None = None, **facts: Any) -> Product:
    """Store a product."""
    sku = sku or f"SKU-{next(_numbers)}"
    values = {"name": f"Produto {sku}", "created_at": LONG_AGO, "updated_at": LONG_AGO} | facts
    return _stored(session, Product(sku=sku, **values))


def make_issuer(session: Session, code: str | None = None) -> Issuer:
    """Store an issuer."""
    code = code or f"AC-{next(_numbers)}"
    return _stored(session, Issuer(code=code, name=code.replace("-", " ")))


def make_point(session: Session, code: str | None = None) -> ServicePoint:
    """Store a service point."""
    code = code or f"SP-{next(_numbers)}"
    zero = Decimal(0)
    return _stored(
        session,
        ServicePoint(
            code=code,
            name=f"Ponto {code}",
            max_discount_percent=zero,
            max_surcharge_percent=zero,
            created_at=LONG_AGO,
        ),
    )


def make_table(
    session: Session,
    name: str | None = None,
    *,
    of: ServicePoint | None = None,
    issuer: Issuer | None = None,
    base: PriceTable | None = None,
    **facts: Any,
) -> PriceTable:
    """Store a general price table, or one of a service point; with a base it is adjusted."""
    if base is not None:
        facts = {"calculation": "adjusted", "base_table_id": base.id, "percent": Decimal(0)} | facts
    return _stored(
        session,
        PriceTable(
            name=name or f"Tabela {next(_numbers)}",
            kind="own" if of else "general",
            service_point_id=of.id if of else None,
            issuer_id=issuer.id if issuer else None,
            own_key=f"{of.id}:{issuer.id if issuer else 0}" if of else None,
            created_at=LONG_AGO,
            **facts,
        ),
    )


def make_edition(
    session: Session,
    table: PriceTable,
    begin: date | str,
    end: date | str | None = None,
    items: Sequence[tuple[Any, ...]] = (),
    *,
    state: str = EditionState.PUBLISHED,
) -> Edition:
    """Store an edition; items are (product, price) or (product, from quantity, price)."""
    numbers = select(func.count()).where(Edition.price_table_id == table.id)
    edition = _stored(
        session,
        Edition(
            price_table_id=table.id,
            number=(session.scalar(numbers) or 0) + 1,
            state=state,
            valid_from=_day(begin),
            valid_until=_day(end) if end else None,
            created_at=LONG_AGO,
            published_at=None if state == EditionState.DRAFT else LONG_AGO,
        ),
    )
    session.add_all(_item(edition, table, item) for item in items)
    session.flush()
    return edition


def make_assignment(
    session: Session,
    point: ServicePoint,
    table: PriceTable | None = None,
    begin: date | str = "2025-01-01",
    end: date | str | None = None,
) -> PriceAssignment:
    """Store an assignment of a general table, or of the service point's own ones."""
    return _stored(
        session,
        PriceAssignment(
            service_point_id=point.id,
            mode="general" if table else "own",
            price_table_id=table.id if table else None,
            valid_from=_day(begin),
            valid_until=_day(end) if end else None,
            created_at=LONG_AGO,
        ),
    )


def _item(edition: Edition, table: PriceTable, item: tuple[Any, ...]) -> EditionItem:
    product, *middle, value = item
    kind = "percent" if table.calculation == "percent_of_sale" else "price"
    figure = Decimal(str(value))
    facts: dict[str, Any] = {kind: figure, "free": figure == 0}
    minimum = Decimal(str(middle[0])) if middle else Decimal(0)
    return EditionItem(edition_id=edition.id, product_id=product.id, min_quantity=minimum, **facts)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _stored(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row
