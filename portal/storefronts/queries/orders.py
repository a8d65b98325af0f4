"""Orders by their secret links: what a visitor may know of his own, and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.orders.models import Order, OrderState, SiteBuyer
from portal.orders.queries.site import state_of
from portal.payments.models import HEADQUARTERS, Charge, ChargeState, Payee
from portal.payments.queries import charge_for, recipient
from portal.storefronts.queries.front import Front
from portal.storefronts.rules.buyers import masked_email

MOVING = frozenset({OrderState.AWAITING_PAYMENT, OrderState.AWAITING_CREDIT})
"""States that a page may see end while it is open."""
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of the order at its sale price."""

    sku: str
    name: str
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """An order as its buyer sees it."""

    number: int
    state: str
    lines: tuple[SeenLine, ...]
    total: Decimal
    buyer: str
    email: str
    """Masked: the link may be passed on."""
    ordered_at: datetime
    pay_until: datetime
    paid_at: datetime | None
    br_code: str | None
    receiver: str
    receiver_tax_id: str | None
    refund: str
    returned: Decimal
    """What of the money went back, or is on its way, while the order stands."""
    charge_token: str
    simulated: bool

    @property
    def moves(self) -> bool:
        """Whether it may be another while its page is open."""
        return self.state in MOVING


def order_seen(session: Session, front: Front, link: str, at: datetime) -> SeenOrder | None:
    """Return the order of this shop that has the link."""
    found = _found(session, front.service_point_id, link)
    if found is None:
        return None
    order, buyer = found
    charge = charge_for(session, ("order", order.id))
    receiver, tax_id = _receiver(session, front, charge)
    lines = tuple(
        SeenLine(line.sku, line.name, line.quantity, line.sale_amount or Decimal(0))
        for line in order.lines
    )
    return SeenOrder(
        number=order.id,
        state=state_of(order, at),
        lines=lines,
        total=order.sale_total or Decimal(0),
        buyer=buyer.name,
        email=masked_email(buyer.email),
        ordered_at=order.created_at,
        pay_until=order.pay_until or order.created_at,
        paid_at=charge.paid_at if charge else None,
        br_code=charge.br_code if charge else None,
        receiver=receiver,
        receiver_tax_id=tax_id,
        refund=_refund(charge),
        returned=charge.returned if charge and charge.paid_at else Decimal(0),
        charge_token=charge.token if charge else "",
        simulated=charge is not None and charge.provider == "simulated",
    )


def state_seen(session: Session, service_point_id: int, link: str, at: datetime) -> str | None:
    """Return in one word how the order with the link stands."""
    found = _found(session, service_point_id, link)
    return state_of(found[0], at) if found else None


def orders_of_email(
    session: Session, service_point_id: int, email: str, at: datetime
) -> list[tuple[int, Decimal, str]]:
    """Return number, total and link of an e-mail's orders of the last 90 days, newest first."""
    wanted = (
        select(Order.id, Order.sale_total, SiteBuyer.link)
        .join(SiteBuyer, SiteBuyer.order_id == Order.id)
        .where(
            Order.service_point_id == service_point_id,
            SiteBuyer.email == email,
            Order.created_at >= at - REMEMBERED,
        )
        .order_by(Order.id.desc())
        .limit(50)
    )
    rows = session.execute(wanted).tuples()
    return [(number, total or Decimal(0), link) for number, total, link in rows]


def _found(session: Session, service_point_id: int, link: str) -> tuple[Order, SiteBuyer] | None:
    wanted = (
        select(Order, SiteBuyer)
        .join(SiteBuyer, SiteBuyer.order_id == Order.id)
        .where(SiteBuyer.link == link, Order.service_point_id == service_point_id)
    )
    row = session.execute(wanted).first()
    return (row[0], row[1]) if row else None


def _receiver(session: Session, front: Front, charge: Charge | None) -> tuple[str, str | None]:
    """Return whose name and document the visitor's bank will show."""
    own = front.legal_name, front.tax_id
    if charge is None:
        return own
    is_point = charge.payee == Payee.SERVICE_POINT
    to = recipient(session, charge.service_point_id if is_point else HEADQUARTERS)
    if to is None:
        return (charge.holder or own[0], own[1]) if is_point else (charge.holder or "", None)
    tax_id = to.tax_id or (own[1] if is_point else None)
    return charge.holder or to.holder, tax_id


def _refund(charge: Charge | None) -> str:
    gone = {ChargeState.REFUND_PENDING, ChargeState.REFUNDED}
    return charge.status if charge is not None and charge.state in gone else ""
