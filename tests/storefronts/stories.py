"""What happens to a visitor's order after it was made."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.orders import services as orders
from portal.orders.models import Order
from portal.payments import services as payments
from portal.payments.models import Charge, Refund
from tests.factories import NOON, make_actor
from tests.storefronts.factories import Stall, give_credit


def the_order(session: Session) -> Order:
    """Return the newest order as it is stored."""
    session.expire_all()
    return session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()


def pay(session: Session, *, at: datetime = NOON) -> None:
    """Let the visitor's money arrive for the newest order."""
    charge = session.scalars(select(Charge).order_by(Charge.id.desc()).limit(1)).one()
    payments.confirm_charge(
        session, charge.id, paid_on=at.date(), method="pix", by=make_actor(), at=at
    )
    session.commit()


def fulfil(session: Session) -> None:
    """Carry the newest order out."""
    orders.fulfill(session, the_order(session).id, by=make_actor(), at=NOON)
    session.commit()


def cancel(session: Session) -> None:
    """Cancel the newest order."""
    order = the_order(session)
    orders.cancel(session, order.id, reason="Desistência", by=make_actor(), at=NOON)
    session.commit()


def return_part(session: Session, amount: str) -> Refund:
    """Give a part of the newest order's money back, and leave the order as it is."""
    charge = session.scalars(select(Charge).order_by(Charge.id.desc()).limit(1)).one()
    facts: dict[str, Any] = {"reason": "Desconto", "by": make_actor(), "at": NOON}
    refund = payments.refund_charge(session, charge.id, amount=Decimal(amount), **facts)
    session.commit()
    return refund


def fill_up(session: Session, stall: Stall, amount: int = 5000) -> None:
    """Give the service point credit at last."""
    give_credit(session, stall.point, amount)
    session.commit()


def words(page: Any) -> str:
    """Return what is to be read in a page's main part, with plain spaces."""
    import re
    from html import unescape

    main = str(page.text).partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).replace("\u00a0", " ").split())
