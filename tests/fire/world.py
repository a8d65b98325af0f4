"""What is there before the fire: prices in force, service points with credit, someone with a token.

An order costs 110.00: three of 33.3333 are 100.00, and one of 10.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal import clock, transactions
from portal.catalogue import services as catalogue
from portal.catalogue.rules import NewProduct
from portal.credit import services as credit
from portal.credit.models import Account, LotKind
from portal.partners import services as partners
from portal.partners.rules import PointFacts, SalePolicy
from portal.people.models import User
from tests.factories import make_actor, make_token, make_user
from tests.fire.crowd import post
from tests.pricing.factories import make_assignment, make_edition, make_table

COST = 11_000
"""What an order of the usual lines costs, in cents."""
PRICES = {"FIRE-A": "33.3333", "FIRE-B": "10"}
LINES = [
    {"sku": "FIRE-A", "quantity": "3", "unit_price": "50"},
    {"sku": "FIRE-B", "quantity": "1", "unit_price": "20"},
]
BEGINNING = "2025-01-01"


@dataclass
class World:
    """A filled database: its address, who asks, and where orders are placed."""

    url: str
    tokens: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    table: int = 0

    @property
    def token(self) -> str:
        """The token of the first user, an administrator as all are."""
        return self.tokens[0]

    def order(self, key: str, point: str | None = None, **facts: Any) -> dict[str, Any]:
        """Place the usual order; its reference is its key, so that the database names it too."""
        body = {
            "service_point": point or self.points[0],
            "channel": "api",
            "lines": LINES,
            "external_reference": key,
        }
        return post("/orders", body | facts, key)

    def account_path(self, point: str | None = None) -> str:
        """The address of a service point's account in money."""
        return f"/service-points/{point or self.points[0]}/accounts/BRL"


def build(url: str, *, points: int = 1, covers: int = 0, lots: int = 1) -> World:
    """Fill a fresh database; each account covers so many orders exactly, out of so many lots."""
    engine = create_engine(url, **transactions.engine_options(url))
    transactions.tune(engine)
    world = World(url)
    with Session(engine.execution_options(writes=True)) as session:
        _fill(session, world, points)
        for account in world.accounts.values():
            for amount in _parts(covers * COST, lots):
                give(session, account, amount)
        session.commit()
    engine.dispose()
    return world


def give(session: Session, account: int, amount: int, expires_on: date | None = None) -> int:
    """Grant paid credit; return its lot."""
    terms = credit.Terms(amount, amount, LotKind.PAID, expires_on)
    point = session.get_one(Account, account).service_point_id
    _, lot = credit.grant(
        session, account_id=account, service_point_id=point, terms=terms, reason="test",
        by=make_actor(), at=clock.now(),
    )  # fmt: skip
    return lot


def _fill(session: Session, world: World, points: int) -> None:
    at, by = clock.now(), make_actor()
    table = make_table(session, "Fire")
    world.table = table.id
    goods = [
        catalogue.create_product(session, NewProduct(sku=sku, name=sku), by=by, at=at)
        for sku in PRICES
    ]
    world.products = {product.sku: product.id for product in goods}
    items = list(zip(goods, PRICES.values(), strict=True))
    make_edition(session, table, BEGINNING, items=items)
    for number in range(1, points + 1):
        policy = SalePolicy(may_edit_final_price=True)
        facts = PointFacts(code=f"SP-{number:03}", name=f"Point {number}", sale_policy=policy)
        point = partners.create_service_point(session, facts, by=by, at=at)
        account = credit.open_account(session, service_point_id=point.id, at=at)
        make_assignment(session, point, table, BEGINNING)
        world.points.append(point.code)
        world.accounts[point.code] = account.id
    users: list[User] = [make_user(session) for _ in range(2)]
    world.tokens = [make_token(session, user) for user in users]


def _parts(amount: int, lots: int) -> list[int]:
    """Split an amount into lots that no whole number of orders fits in."""
    if not amount:
        return []
    piece = amount // lots - 7
    return [*[piece] * (lots - 1), amount - piece * (lots - 1)]
