"""Two service points with equal-looking data, and everybody who might ask for it.

Every figure of acquisition and credit is odd and unlike any other, so that a leak can be told from
chance: six digits before the comma at least.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.catalogue.models import Product
from portal.credit import services as credit
from portal.credit.models import Account, LotKind
from portal.credit.queries.accounts import wallet_of
from portal.credit.services.debits import Reference
from portal.db import Base
from portal.orders.rules import Wanted, WantedLine
from portal.orders.services import place_order, save_draft
from portal.partners.models import CreditPolicy, ServicePoint
from portal.partners.rules import SalePolicy
from portal.payments import services as payments
from portal.people.models import Profile, User
from portal.people.rules.permissions import ALL, COMMAND_LINE
from portal.people.services import profiles
from portal.pricing.models import EditionItem, EditionState
from portal.scheduler.models import LEADER, Lease
from tests.factories import (
    NOON,
    make_actor,
    make_credit_policy,
    make_issuer,
    make_product,
    make_service_point,
    make_token,
    make_user,
)
from tests.mail.factories import make_mail
from tests.payments.factories import make_charge, make_pix_account
from tests.pricing.factories import make_assignment, make_edition, make_table
from tests.safety.sales import list_sent, ordered_by_visitors, sold_at

MONEY = frozenset({"costs.view"})
PRICES = frozenset({"prices.view", "prices.edit", "prices.publish", "prices.change_past"})
CLERK = ALL - MONEY - PRICES - {"policies.edit"}
"""Someone of headquarters who may do everything that shows no acquisition price."""

COSTS_A = ("123457.31", "234571.67", "345679.9301")
COSTS_B = ("481357.83", "592783.29", "614329.71")
GRANTS_A, GRANTS_B = "7345129.37", "8129471.53"
SOLD_AT = "900000"
SECRET_PASSWORD = "senha-canario-7719-amarela"


@dataclass
class Unit:
    """A service point with what belongs to it alone."""

    code: str
    point_id: int
    own_table: int
    own_edition: int
    account_id: int
    order: int = 0
    draft: int = 0
    charge: int = 0
    mail: int = 0
    refund: int = 0
    """One of a charge that was paid by hand."""
    secret: str = ""
    """By which anybody who has it sees the charge."""
    grant: int = 0
    debit: int = 0
    """The transaction of the grant, and of a debit by hand."""
    skus: tuple[str, ...] = ()
    sale_table: int = 0
    sale_edition: int = 0
    sale_draft: int = 0
    link: str = ""
    """The secret link of an order in its shop."""


@dataclass(frozen=True)
class Person:
    """Somebody who asks: by a cookie of a signed-in browser, by a token, or as nobody."""

    name: str
    user_id: int = 0
    email: str = ""
    unit: str = ""
    permissions: frozenset[str] = frozenset()
    cookie: str = ""
    token: str = ""
    token_permissions: frozenset[str] | None = None
    session_id: int = 0
    token_id: int = 0
    import_number: int = 0
    sale_import: int = 0
    gone: bool = False

    @property
    def headquarters(self) -> bool:
        """Whether every service point is this person's."""
        return bool(self.permissions) and not self.unit

    @property
    def sees_costs(self) -> bool:
        """Whether acquisition prices may be shown."""
        return "costs.view" in self.permissions and not self.gone

    def may(self, permission: str, *, api: bool) -> bool:
        """Whether the door is open, by what the profile and the token say."""
        allowed = self.permissions
        if api and self.token_permissions is not None:
            allowed = self.token_permissions
        return permission in {"public", "signed_in"} or permission in allowed


@dataclass
class World:
    """What stands in the database, and who there is."""

    a: Unit
    b: Unit
    general_table: int
    general_edition: int
    draft_table: int
    draft_edition: int
    issuer: str
    policy: str
    people: dict[str, Person] = field(default_factory=dict)

    def unit(self, name: str) -> Unit:
        """Return a unit by its letter."""
        return self.a if name == "a" else self.b


def furnish(session: Session) -> World:
    """Put the two units on file, with prices, credit, an order and a draft each."""
    products = [_product(session, number) for number in (1, 2, 3)]
    issuer = make_issuer(session, "AC-NORTE", name="Autoridade Norte")
    policy = make_credit_policy(session, "LIMITE", name="Limite comum", money=Decimal("771777.71"))
    general = make_table(session, "Tabela geral")
    general_edition = _edition(session, general, products, COSTS_A)
    _quantity_break(session, general_edition, products[0])
    shares = make_table(session, "Tabela por AC", issuer=issuer, calculation="percent_of_sale")
    make_edition(session, shares, "2025-01-01", items=[(products[0], "61.37")])
    a = _unit(session, "SP-A", "Ponto da Praça", policy)
    b = _unit(session, "SP-B", "Ponto da Praia", policy)
    make_assignment(session, _point(session, a), general)
    make_assignment(session, _point(session, b))
    for unit, costs in ((a, ("701357.13", "812469.17", "923571.19")), (b, COSTS_B)):
        table = make_table(session, f"Tabela própria {unit.code}", of=_point(session, unit))
        unit.own_table = table.id
        unit.own_edition = _edition(session, table, products, costs).id
        unit.skus = tuple(product.sku for product in products)
    drafted = make_table(session, "Tabela futura")
    draft = make_edition(
        session, drafted, "2027-01-01", items=[(products[0], "456791.13")], state=EditionState.DRAFT
    )
    world = World(
        a, b, general.id, general_edition.id, drafted.id, draft.id, issuer.code, policy.code
    )
    for unit, amount in ((a, GRANTS_A), (b, GRANTS_B)):
        _fill(session, unit, amount)
        _trade(session, unit)
        sold = sold_at(session, unit.code, unit.skus)
        unit.sale_table, unit.sale_edition, unit.sale_draft = sold
        _charge(session, unit)
        ordered_by_visitors(session, unit.point_id, unit.skus[0])
        unit.mail = make_mail(session, unit.order, service_point_id=unit.point_id).id
    make_pix_account(session)
    session.get_one(Lease, LEADER).until = NOON.replace(year=2099)  # somebody does the timed work
    session.commit()
    return world


def _product(session: Session, number: int) -> Product:
    return make_product(
        session, f"SKU-{number}", name=f"Certificado {number}", fractional=number == 2
    )


def _edition(
    session: Session, table: Any, products: Sequence[Product], costs: Iterable[str]
) -> Any:
    items = list(zip(products, costs, strict=True))
    return make_edition(session, table, "2025-01-01", items=items)


def _quantity_break(session: Session, edition: Any, product: Product) -> None:
    session.add(
        EditionItem(
            edition_id=edition.id,
            product_id=product.id,
            min_quantity=Decimal(100),
            price=Decimal("119753.59"),
            free=False,
        )
    )


def _unit(session: Session, code: str, name: str, policy: CreditPolicy) -> Unit:
    point = make_service_point(
        session,
        code,
        name=name,
        sale_policy=SalePolicy(Decimal(10), Decimal(5), may_edit_final_price=True),
        low_balance_threshold=Decimal("531771.37"),
        credit_policy=policy.code,
    )
    account = credit.open_account(session, service_point_id=point.id, at=NOON)
    return Unit(code, point.id, 0, 0, account.id)


def _point(session: Session, unit: Unit) -> ServicePoint:
    return session.get_one(ServicePoint, unit.point_id)


def _fill(session: Session, unit: Unit, amount: str) -> None:
    """Two lots, so that what is left of one is a figure of its own."""
    unit.grant, _ = _grant(session, unit, amount, None)
    _grant(session, unit, "317113.19", date(2027, 3, 31))
    account = session.get_one(Account, unit.account_id)
    reference = Reference("manual", "ajuste", "Ajuste")
    minor = 13579173
    unit.debit = _debit(session, account, minor, reference)


def _grant(session: Session, unit: Unit, amount: str, until: date | None) -> tuple[int, int]:
    minor = int(Decimal(amount) * 100)
    terms = credit.Terms(amount=minor, paid=minor, kind=LotKind.PAID, expires_on=until)
    return credit.grant(
        session,
        account_id=unit.account_id,
        service_point_id=unit.point_id,
        terms=terms,
        reason="recarga",
        by=make_actor(),
        at=NOON - timedelta(days=2),
    )


def _debit(session: Session, account: Account, minor: int, reference: Any) -> int:
    point = session.get_one(ServicePoint, account.service_point_id)
    by = make_actor()
    wallet = wallet_of(session, by, point.code, "BRL")
    amount = Decimal(minor).scaleb(-2)
    deed, _, _ = credit.debit_from(
        session, wallet, amount, reference, by=by, at=NOON - timedelta(days=1)
    )
    return int(deed)


def _trade(session: Session, unit: Unit) -> None:
    by = make_actor(points=(_point(session, unit),))
    at = NOON - timedelta(hours=3)
    lines = [WantedLine(sku, Decimal(3), Decimal(SOLD_AT), None) for sku in unit.skus]
    wanted = Wanted(unit.code, "back_office", lines)
    unit.order = place_order(session, wanted, by=by, at=at).number
    unit.draft = save_draft(session, wanted, by=by, at=at).id


def _charge(session: Session, unit: Unit) -> None:
    """A charge that waits, and one whose money goes back."""
    by, point = make_actor(), _point(session, unit)
    make_pix_account(session, point)
    waits = make_charge(session, point)
    unit.charge, unit.secret = waits.id, waits.token
    paid = make_charge(session, point)
    facts: dict[str, Any] = {"by": by, "at": NOON}
    payments.confirm_charge(session, paid.id, paid_on=NOON.date(), method="cash", **facts)
    back = payments.request_refund(session, paid, amount=paid.amount, reason="Desistiu", **facts)
    unit.refund = back.id


CAST = (
    ("seller", "seller", "a"),
    ("owner", "owner", "a"),
    ("neighbour", "owner", "b"),
    ("rival", "seller", "b"),
    ("pricing", "pricing", ""),
    ("finance", "finance", ""),
    ("auditor", "auditor", ""),
    ("administrator", "administrator", ""),
    ("clerk", "clerk", ""),
    ("regent", "regent", "a"),
    ("disabled", "administrator", ""),
)
"""Who there is: name, profile, unit. `narrow` is the owner's token for orders alone.

The clerk is of headquarters and sees no costs; the regent may do everything, at unit A alone.
"""


def people_of(session: Session, world: World, app: Flask) -> None:
    """Hire the cast, sign each in, give each a token; then disable the one who is to be gone."""
    for code, headquarters, allowed in (("clerk", True, CLERK), ("regent", False, ALL)):
        profiles.create_profile(
            session, by=COMMAND_LINE, code=code, name=code.title(), headquarters=headquarters,
            permissions=allowed, at=NOON,
        )  # fmt: skip
    session.commit()
    world.people["visitor"] = Person("visitor")
    for name, profile, unit in CAST:
        person = _hire(session, world, app, name, profile, unit)
        if name in {"administrator", "pricing"}:
            person = replace(person, import_number=_import(app, world, person))
        if "sale_prices.edit" in person.permissions and not person.gone:
            sold = world.unit(unit or "a").sale_table
            person = replace(person, sale_import=list_sent(app, person.cookie, sold))
        world.people[name] = person
    owner = world.people["owner"]
    user = session.get_one(User, owner.user_id)
    world.people["narrow"] = Person(
        "narrow",
        owner.user_id,
        owner.email,
        "a",
        owner.permissions,
        token=make_token(session, user, "orders.view", name="Só pedidos"),
        token_permissions=frozenset({"orders.view"}),
        token_id=_last_id(session, "api_tokens"),
    )
    session.get_one(User, world.people["disabled"].user_id).active = False
    session.commit()


def _hire(session: Session, world: World, app: Flask, name: str, profile: str, unit: str) -> Person:
    points = [_point(session, world.unit(unit))] if unit else []
    user = make_user(
        session, profile, *points, email=f"{name}@example.com", name=name.title(),
        password=SECRET_PASSWORD,
    )  # fmt: skip
    token = make_token(session, user, name=f"Sistema de {name}")
    session.commit()
    cookie = _cookie(app, user.email)
    allowed = session.scalars(
        select(Profile.permissions).where(Profile.id == user.profile_id)
    ).one()
    session.commit()
    return Person(
        name, user.id, user.email, unit, frozenset(allowed.split()), cookie, token,
        session_id=_last_id(session, "sessions"), token_id=_last_id(session, "api_tokens"),
        gone=name == "disabled",
    )  # fmt: skip


def _import(app: Flask, world: World, person: Person) -> int:
    """Upload a list of prices, to be checked later."""
    client: Any = app.test_client()
    client.set_cookie("repasse", person.cookie)
    file = (io.BytesIO(b"SKU;Valor\r\nSKU-1;700001,01\r\n"), "lista.csv")
    sent = {"file": file, "valid_from": "2028-01-01"}
    path = f"/price-tables/{world.general_table}/import"
    answer = client.submit(path, sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return int(re.findall("[0-9]+", answer.location)[0])


def _cookie(app: Flask, email: str) -> str:
    client = app.test_client()
    answer = client.submit("/sign-in", {"email": email, "password": SECRET_PASSWORD})
    assert answer.status_code == 303, answer.text
    held = client.get_cookie("repasse")
    assert held is not None
    return str(held.value)


def _last_id(session: Session, table: str) -> int:
    column = Base.metadata.tables[table].c.id
    session.commit()
    last = session.scalar(select(func.max(column)))
    session.commit()
    return int(last or 0)
