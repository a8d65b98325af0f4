"""Whoever may not see acquisition prices must not find them by trying (API: 5 an hour)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import jot
from portal.orders.errors import PriceNotAllowed
from portal.orders.rules import Wanted
from portal.sale_tables.queries.refusals import REFUSED_PRICE, guessed_at
from portal.sale_tables.services.guesses import check_guesses


def counts_guesses(wanted: Wanted, by: Actor) -> bool:
    """Whether this order could tell someone an acquisition price by being refused."""
    return _may_guess(by) and _types_prices(wanted)


def _may_guess(by: Actor) -> bool:
    """Whether a refusal tells someone a price that is not theirs to see."""
    return not (by.sees_costs or by.may("orders.sell_below_acquisition"))


def _types_prices(wanted: Wanted) -> bool:
    """Whether a price is chosen by whoever orders: typed, or a discount off the list price."""
    return wanted.final_total is not None or any(
        line.unit_price is not None or line.discount_percent for line in wanted.lines
    )


def check_corrections(session: Session, *, by: Actor, at: datetime) -> None:
    """Refuse corrected prices as well as new ones, once too many were refused."""
    if _may_guess(by):
        check_guesses(guessed_at(session.connection(), by.user_id), at)


def note_refused_price(
    session: Session, wanted: Wanted, refusal: PriceNotAllowed, *, by: Actor, at: datetime
) -> None:
    """Write down that a price was refused: the transaction that refused it left nothing."""
    lines = [
        {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price}
        for line in wanted.lines
    ]
    asked = {
        "service_point": wanted.service_point,
        "lines": lines,
        "final_total": wanted.final_total,
    }
    _note(session, asked, refusal, by, at)


def note_refused_correction(
    session: Session,
    number: int,
    prices: Mapping[int, Decimal],
    refusal: PriceNotAllowed,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """The same for a placed order whose sale was to be corrected; prices by position."""
    asked = {"order": number, "unit_prices": {str(line): price for line, price in prices.items()}}
    _note(session, asked, refusal, by, at)


def _note(
    session: Session, asked: dict[str, Any], refusal: PriceNotAllowed, by: Actor, at: datetime
) -> None:
    jot(
        session.connection(),
        by=by,
        action="order.price_refused",
        entity=(REFUSED_PRICE, by.user_id or 0),
        at=at,
        after={**asked, "refused": [problem.field for problem in refusal.problems]},
    )
