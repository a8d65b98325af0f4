"""A little of everything, through the real services: for what must survive as a whole."""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.credit import services as credit
from portal.credit.models import LotKind
from portal.orders import services as orders
from portal.orders.rules import Wanted, WantedLine
from portal.partners.models import ServicePoint
from portal.partners.rules import SalePolicy
from portal.payments import services as payments
from portal.periods import Period
from portal.pricing import services as pricing
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.rules.items import NewItem
from portal.pricing.services import Change
from portal.sale_tables import services as sale_tables
from portal.sale_tables.rules import NewRow
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
from tests.payments.factories import make_charge, make_pix_account

MINUTE = timedelta(minutes=1)
BEGIN = date(2026, 11, 1)


def make_trade(session: Session) -> ServicePoint:
    """A service point with a price table, credit, users, and an order in each state.

    Names hold what files and dumps get wrong: quotes, backslashes, semicolons, accents, a NUL's
    neighbours, emoji.
    """
    policy = make_credit_policy(session, money=Decimal(100))
    point = make_service_point(
        session,
        name="Ação; 'Dunha' \\ \"Filhos\" 🚀 -- fim",
        tax_id="12ABC34501DE35",
        credit_policy=policy.code,
        sale_policy=SalePolicy(Decimal(10), Decimal(5), may_edit_final_price=True),
    )
    make_token(session, make_user(session, "owner", point))
    _priced(session, point)
    _sold(session, point)
    _granted(session, point)
    _ordered(session, point)
    _paid(session, point)
    return point


def _priced(session: Session, point: ServicePoint) -> None:
    by = make_actor()
    product = make_product(session, "ECPF-A1", category="Certificados")
    issuer = make_issuer(session, "AC-ONE")
    table = pricing.create_table(
        session, pricing.NewTable(name="Geral", issuer_id=issuer.id), by=by, at=NOON
    )
    rows = [
        NewItem(product.sku, Decimal("80.1234")),
        NewItem(product.sku, Decimal("72.5"), min_quantity=Decimal(10)),
    ]
    edition = pricing.create_edition(session, table.id, Period(BEGIN), rows, by=by, at=NOON)
    pricing.publish_edition(session, table.id, edition.id, by=by, at=NOON)
    used = [NewAssignment("general", Period(BEGIN), table.id)]
    pricing.set_assignments(session, point.code, used, by=by, at=NOON)


def _sold(session: Session, point: ServicePoint) -> None:
    """Sell below acquisition on the site, agreed to, and draft what comes after."""
    by = make_actor()
    facts = sale_tables.NewSaleTable('Balcão; e "site"', point.code, ["back_office", "site"])
    opened = sale_tables.create_table(session, facts, by=by, at=NOON)
    rows = [NewRow("ECPF-A1", Decimal(95), Decimal("79.9"), on_site=True)]
    made = sale_tables.create_and_publish(
        session, opened.table.id, Period(BEGIN), rows, by=by, at=NOON
    )
    sale_tables.copy_edition(
        session, opened.table.id, made.id, Period(date(2027, 1, 1)), Change(Decimal(10)),
        by=by, at=NOON,
    )  # fmt: skip
    sale_tables.delete_draft(session, opened.table.id, opened.draft.id, by=by, at=NOON)


def _granted(session: Session, point: ServicePoint) -> None:
    account = credit.open_account(
        session, service_point_id=point.id, at=NOON, overdraft=Decimal(100)
    )
    for amount, paid, kind, last_day in (
        (15_000, 15_000, LotKind.PAID, None),
        (5_000, 0, LotKind.BONUS, date(2026, 12, 31)),
    ):
        credit.grant(
            session,
            account_id=account.id,
            service_point_id=point.id,
            terms=credit.Terms(amount, paid, kind, last_day),
            reason="Pix",
            by=make_actor(user_id=None),
            at=NOON,
        )


def _ordered(session: Session, point: ServicePoint) -> None:
    """Place three orders, the last into debt; cancel one, fulfil another, keep a draft."""
    by = make_actor(user_id=None)
    line = WantedLine("ECPF-A1", Decimal(1), Decimal("120.00"))
    wanted = Wanted(point.code, "back_office", [line], issuer="AC-ONE")
    numbers = [
        orders.place_order(session, wanted, by=by, at=NOON + n * MINUTE).number for n in range(3)
    ]
    orders.cancel(session, numbers[0], reason="Desistência", by=by, at=NOON + 5 * MINUTE)
    orders.fulfill(session, numbers[1], by=by, at=NOON + 6 * MINUTE)
    orders.save_draft(session, wanted, by=by, at=NOON + 7 * MINUTE)


def _paid(session: Session, point: ServicePoint) -> None:
    """A charge that waits, one that was paid, and one whose money goes back."""
    by = make_actor()
    make_pix_account(session, point)
    charges = [make_charge(session, point) for _ in range(3)]
    for charge in charges[1:]:
        payments.confirm_charge(
            session, charge.id, paid_on=NOON.date(), method="pix", by=by, at=NOON
        )
    back = {"amount": charges[2].amount, "reason": "Desistência", "by": by, "at": NOON}
    payments.request_refund(session, charges[2], **back)
