"""Placing an order: priced, stored and debited in one transaction (DESIGN 5.3).

Every statement here goes through the driver's own cursor, and there are as many for fifty lines
as for one. The account is locked as late as possible: prices are resolved, order and lines written
before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import Facts
from portal.audit.services import jot
from portal.clock import day_of
from portal.credit.errors import InsufficientCredit
from portal.credit.services.booking import Movement, book
from portal.credit.services.debits import lock_and_plan
from portal.db import InsertRows, Ready, send_together
from portal.keys import Seal
from portal.money import (
    AMOUNT_SCALE,
    PERCENT_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    ZERO,
    from_minor,
    text_of,
    to_minor,
)
from portal.orders.errors import PriceChanged
from portal.orders.models import OrderState
from portal.orders.queries.setting import Asked, Setting, setting_of
from portal.orders.rules import PricedLine, Totals, Wanted
from portal.orders.rules.answers import (
    Body,
    Debit,
    asked_body,
    credit_body,
    encode,
    line_body,
    moment,
    order_extras,
    payments_body,
    settlement_body,
    totals_body,
)
from portal.orders.rules.checks import check_payments, check_setting
from portal.orders.rules.pricing import Pricing, Rights, price_lines, refusal_of
from portal.orders.services.guesses import check_guesses, counts_guesses
from portal.pricing.queries import load_book
from portal.pricing.rules import told

_INSERT_ORDER = InsertRows(
    "orders",
    "service_point_id", "issuer_id", "channel", "kind", "document_type", "status",
    "external_reference", "final_total", "payments", "day", "acquisition_total", "sale_total",
    "created_at", "created_by", "placed_at", "placed_by", "version",
)  # fmt: skip
_INSERT_LINES = InsertRows(
    "order_lines",
    "order_id", "position", "product_id", "sku", "name", "quantity", "typed_unit_price",
    "discount_percent", "acquisition_unit_price", "acquisition_amount", "price_table_id",
    "edition_id", "acquisition_because", "list_price", "sale_unit_price", "sale_amount",
    "sale_because", "free",
)  # fmt: skip


@dataclass(slots=True)
class Placed:
    """A placed order: its number, and all that may be told about it."""

    number: int
    service_point_id: int
    version: int
    body: Body = field(default_factory=dict)


def place_order(
    session: Session, wanted: Wanted, *, by: Actor, at: datetime, seal: Seal | None = None
) -> Placed:
    """Price the lines, store the order, take the credit, write it down.

    With a `seal` the answer is stored in the order's own deed, and the key is looked up first.
    """
    connection = session.connection()
    setting = look_up(connection, wanted, by=by, seal=seal)
    pricing = priced(connection, setting, wanted, by=by, at=at)
    number = _insert_order(connection, setting, wanted, pricing.totals, by=by, at=at)
    new = Placing(number, setting, wanted, pricing.lines, pricing.totals, at)
    return settle_order(connection, new, by=by, seal=seal)


def look_up(
    connection: Connection, wanted: Wanted, *, by: Actor, seal: Seal | None = None
) -> Setting:
    """Look up where and what with, and refuse what cannot order."""
    asked = Asked(wanted.service_point, wanted.issuer, [line.sku for line in wanted.lines])
    counts = counts_guesses(wanted, by)
    setting = setting_of(connection, asked, by=by, key=seal.key if seal else None, counts=counts)
    check_setting(wanted, active=setting.active, issuer_active=setting.issuer_active)
    return setting


def priced(
    connection: Connection, setting: Setting, wanted: Wanted, *, by: Actor, at: datetime
) -> Pricing:
    """Return the lines priced on the day, or refuse them all with what is wrong with each."""
    check_guesses(setting.guessed_at, at)
    pricing = resolve(connection, setting, wanted, by=by, on=day_of(at))
    if faults := pricing.faults:
        raise refusal_of(faults)
    total = pricing.totals.sale
    check_payments(wanted.payments, total)
    if wanted.expected_total is not None and total > wanted.expected_total:
        raise PriceChanged(wanted.expected_total, total)
    return pricing


def resolve(
    connection: Connection, setting: Setting, wanted: Wanted, *, by: Actor, on: date
) -> Pricing:
    """Price the lines by the prices of a day."""
    book_ = load_book(
        connection,
        service_point_id=setting.service_point_id,
        issuer_id=setting.issuer_id,
        day=on,
        product_ids=[article.id for article in setting.articles.values()],
    )
    rights = Rights(by.sees_costs, by.may("orders.sell_below_acquisition"))
    return price_lines(wanted, setting.articles, setting.policy, book_, rights)


def _insert_order(
    connection: Connection,
    setting: Setting,
    wanted: Wanted,
    totals: Totals,
    *,
    by: Actor,
    at: datetime,
) -> int:
    final = wanted.final_total
    row = (
        setting.service_point_id, setting.issuer_id, wanted.channel, wanted.kind,
        wanted.document_type, OrderState.PLACED.value, wanted.external_reference,
        None if final is None else to_minor(final, AMOUNT_SCALE), payments_text(wanted),
        day_of(at), to_minor(totals.acquisition, AMOUNT_SCALE), to_minor(totals.sale, AMOUNT_SCALE),
        at, by.user_id, at, by.user_id, 1,
    )  # fmt: skip
    return int(_INSERT_ORDER.run(connection, [row]).lastrowid)


def payments_text(wanted: Wanted) -> str | None:
    """Write the payments as they are stored."""
    told_payments = payments_body(wanted.payments)
    return None if told_payments is None else encode(told_payments)


def lines_written(connection: Connection, number: int, lines: Sequence[PricedLine]) -> Ready:
    """Return the statement that stores the lines with both prices and their reasons."""
    rows = [_line_row(number, at, line) for at, line in enumerate(lines, 1)]
    return _INSERT_LINES.ready(connection, rows)


def _line_row(number: int, position: int, line: PricedLine) -> tuple[Any, ...]:
    wanted, article, cost, sale = line.wanted, line.article, line.acquisition, line.sale
    typed, off = wanted.unit_price, wanted.discount_percent
    listed = sale.list_price
    return (
        number, position, article.id, article.sku, article.name,
        to_minor(wanted.quantity, QUANTITY_SCALE),
        None if typed is None else to_minor(typed, PRICE_SCALE),
        None if off is None else to_minor(off, PERCENT_SCALE),
        to_minor(cost.unit_price, PRICE_SCALE), to_minor(cost.amount, AMOUNT_SCALE),
        cost.price_table_id, cost.edition_id, encode(told(cost.because)),
        None if listed is None else to_minor(listed, PRICE_SCALE),
        to_minor(sale.unit_price, PRICE_SCALE), to_minor(sale.amount, AMOUNT_SCALE),
        encode(told(sale.because)), int(cost.free),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placing:
    """An order whose row is written; its lines and the debit are still to come."""

    number: int
    setting: Setting
    wanted: Wanted
    lines: Sequence[PricedLine]
    totals: Totals
    at: datetime
    created_at: datetime | None = None
    version: int = 1


def settle_order(connection: Connection, new: Placing, *, by: Actor, seal: Seal | None) -> Placed:
    """Write the lines, debit the account, write the deed with the answer, book the entries."""
    movement = _debit(connection, new)
    placed = Placed(new.number, new.setting.service_point_id, new.version, _body(new, movement))
    facts: Facts = {
        "service_point_id": new.setting.service_point_id,
        "after": {"status": "placed", "sale": text_of(new.totals.sale, AMOUNT_SCALE)},
    }
    if movement is not None:
        facts["account_id"] = movement.account_id
        facts["first_seq"] = movement.first_seq
        facts["entries"] = movement.entries
    if seal is not None:
        facts = {**facts, **seal.facts(placed)}
    done_at = new.at if movement is None else movement.wallet.at
    deed_id = jot(
        connection,
        by=by,
        action="order.placed",
        entity=("order", new.number),
        at=done_at,
        **facts,
    )
    if movement is not None:
        book(connection, movement, deed_id, actor_id=by.user_id, order_id=new.number)
        placed.body["credit"]["transaction"] = deed_id
    return placed


def _debit(connection: Connection, new: Placing) -> Movement | None:
    """Write the lines, lock the account and plan the debit; what is free takes nothing."""
    lines = [lines_written(connection, new.number, new.lines)]
    cost = new.totals.acquisition
    if not cost:
        send_together(connection, lines)
        return None
    account = new.setting.account_id
    if account is None:
        raise InsufficientCredit(cost, ZERO)
    return lock_and_plan(connection, account, to_minor(cost, AMOUNT_SCALE), new.at, first=lines)


def _body(new: Placing, movement: Movement | None) -> Body:
    wanted = new.wanted
    body: Body = {
        "number": str(new.number),
        "status": OrderState.PLACED.value,
        "created_at": moment(new.created_at or new.at),
        "placed_at": moment(new.at),
        "on": day_of(new.at).isoformat(),
        "fulfilled_at": None,
        "cancelled_at": None,
        "cancel_reason": None,
        **asked_body(wanted),
        **order_extras(
            wanted.kind,
            wanted.document_type,
            wanted.external_reference,
            wanted.final_total,
            payments_body(wanted.payments),
        ),
        "totals": totals_body(new.totals),
        "lines": [line_body(at, line) for at, line in enumerate(new.lines, 1)],
        "settlement": settlement_body(new.totals.sale),
        "instalments": [],
    }
    if movement is not None:
        body["credit"] = credit_body(_debit_of(movement))
    return body


def _debit_of(movement: Movement) -> Debit:
    after, scale = movement.after, movement.wallet.scale
    return Debit(
        transaction=0,
        debited=from_minor(-movement.change, scale),
        balance=after.balance,
        available=after.available,
        debt=from_minor(movement.owed, scale),
        lots=[(lot, from_minor(part, scale)) for lot, part in movement.parts],
    )
