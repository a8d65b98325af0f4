"""Makers of what orders need: a service point with prices and credit, and people who order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer, Product
from portal.credit import services as credit
from portal.credit.models import Account, LotKind
from portal.orders.rules import Wanted, WantedLine
from portal.partners.models import ServicePoint
from portal.partners.rules import SalePolicy
from portal.pricing.models import Edition, PriceTable
from tests.factories import NOON, make_actor, make_issuer, make_product, make_service_point
from tests.pricing.factories import make_assignment, make_edition, make_table

SELLER = ("orders.view", "orders.place", "orders.fulfill", "orders.cancel")
"""What a seller may do: no costs."""


@dataclass
class Shop:
    """A service point that can order: three products, prices in force, credit."""

    point: ServicePoint
    products: tuple[Product, ...]
    issuer: Issuer
    table: PriceTable
    edition: Edition
    account_id: int
    owner: Actor
    seller: Actor

    def wanted(self, *lines: tuple[Any, ...], **facts: Any) -> Wanted:
        """An order of (product number, quantity, unit price or None)."""
        asked = [self.line(*line) for line in lines or [(0, "2", "150")]]
        values = {"service_point": self.point.code, "channel": "back_office", "lines": asked}
        return Wanted(**(values | facts))

    def line(self, at: int, quantity: Any, price: Any = None, discount: Any = None) -> WantedLine:
        """A line by the product's place."""
        return WantedLine(
            self.products[at].sku,
            Decimal(str(quantity)),
            None if price is None else Decimal(str(price)),
            None if discount is None else Decimal(str(discount)),
        )

    def json(self, *lines: tuple[Any, ...], **fields: Any) -> dict[str, Any]:
        """The same as JSON."""
        asked = []
        for at, quantity, *price in lines or [(0, "2", "150")]:
            line = {"sku": self.products[at].sku, "quantity": str(quantity)}
            asked.append(line | ({"unit_price": str(price[0])} if price else {}))
        base = {"service_point": self.point.code, "channel": "api", "lines": asked}
        return base | fields


def make_shop(
    session: Session,
    *,
    credit_of: str | None = "1000",
    prices: tuple[str, ...] = ("80", "33.3333", "0"),
    free_hand: bool = True,
    **table_facts: Any,
) -> Shop:
    """A service point with a general table in force since 2025 and so much paid credit."""
    policy = SalePolicy(Decimal(10), Decimal(5), may_edit_final_price=free_hand)
    point = make_service_point(session, sale_policy=policy)
    products = tuple(make_product(session, fractional=at == 1) for at in range(len(prices)))
    table = make_table(session, **table_facts)
    items = [(product, price) for product, price in zip(products, prices, strict=True)]
    edition = make_edition(session, table, "2025-01-01", items=items)
    make_assignment(session, point, table)
    account = credit.open_account(session, service_point_id=point.id, at=NOON)
    if credit_of is not None:
        grant(session, account.id, credit_of)
    owner = make_actor(points=(point,))
    seller = make_actor(*SELLER, points=(point,))
    issuer = make_issuer(session)
    return Shop(point, products, issuer, table, edition, account.id, owner, seller)


def grant(
    session: Session,
    account_id: int,
    amount: str,
    expires_on: date | None = None,
    *,
    point: int | None = None,
) -> tuple[int, int]:
    """Give an account paid credit; return the transaction and the lot."""
    whole = Decimal(amount)
    terms = credit.Terms(
        amount=int(whole * 100),
        paid=int(whole * 100),
        kind=LotKind.PAID,
        expires_on=expires_on,
    )
    return credit.grant(
        session,
        account_id=account_id,
        service_point_id=point,
        terms=terms,
        reason="test",
        by=make_actor(),
        at=NOON,
    )


def balance(session: Session, account_id: int) -> Decimal:
    """The account's balance as it is stored."""
    wanted = select(Account.balance).where(Account.id == account_id)
    return Decimal(session.scalars(wanted).one()).scaleb(-2)
