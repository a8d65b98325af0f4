"""Placing an order: priced, stored and debited in one transaction (DESIGN 5.3).

Every statement here goes through the driver's own cursor, and there are as many for fifty lines
as for one. The account is locked as late as possible: prices are resolved, order and lines written
before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import Facts
from portal.audit.services import to_jot
from portal.clock import day_of
from portal.credit.errors import InsufficientCredit
from portal.credit.services.booking import Movement, book_under
from portal.credit.services.debits import plan_debit
from portal.credit.services.wallet import locked, locking
from portal.db import InsertRows, connection_of
from portal.keys import Seal
from portal.money import (
    AMOUNT_SCALE,
    PERCENT_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    ZERO,
    from_minor,
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
from portal.orders.services.guesses import counts_guesses
from portal.pricing.queries import FEW_LINES, load_book, load_book_beside
from portal.pricing.rules import PriceBook, told
from portal.sale_tables.queries import prices as list_prices
from portal.sale_tables.rules.book import SaleBook
from portal.sale_tables.services.guesses import check_guesses
from portal.wire import (
    LAST_NUMBER,
    Carrier,
    Ran,
    Ready,
    send,
    send_together,
    takes_packets,
    text_of_moment,
)

_INSERT_ORDER = InsertRows(
    "orders",
    "service_point_id", "issuer_id", "channel", "kind", "document_type", "status",
    "external_reference", "final_total", "payments", "day", "acquisition_total", "sale_total",
    "created_at", "created_by", "placed_at", "placed_by", "because", "version", prepare=1,
)  # fmt: skip
_INSERT_LINES = InsertRows(
    "order_lines",
    "order_id", "position", "product_id", "sku", "name", "quantity", "typed_unit_price",
    "discount_percent", "acquisition_unit_price", "acquisition_amount", "price_table_id",
    "edition_id", "acquisition_because", "list_price", "sale_unit_price", "sale_amount",
    "sale_because", "free", prepare=FEW_LINES,
)  # fmt: skip


@dataclass(slots=True)
class Placed:
    """A placed order: its number, and all that may be told about it."""

    number: int
    service_point_id: int
    version: int
    body: Body = field(default_factory=dict)


def place_order(
    given: Carrier | Session,
    wanted: Wanted,
    *,
    by: Actor,
    at: datetime,
    seal: Seal | None = None,
) -> Placed:
    """Price the lines, store the order, take the credit, write it down.

    With a `seal` the answer is stored in the order's own deed, and the key is looked up first.
    """
    connection = connection_of(given)
    setting = look_up(connection, wanted, by=by, seal=seal, on=day_of(at))
    pricing = priced(connection, setting, wanted, by=by, at=at)
    totals = pricing.totals
    new = Placing(setting, wanted.settled(totals.sale), pricing.lines, totals, at)
    return settle_order(connection, new, by=by, seal=seal)


def look_up(
    connection: Carrier,
    wanted: Wanted,
    *,
    by: Actor,
    seal: Seal | None = None,
    on: date | None = None,
) -> Setting:
    """Look up where and what with, and refuse what cannot order; `on` where prices come next."""
    asked = Asked(wanted.service_point, wanted.issuer, [line.sku for line in wanted.lines], on)
    counts = counts_guesses(wanted, by)
    setting = setting_of(connection, asked, by=by, key=seal.key if seal else None, counts=counts)
    check_setting(wanted, active=setting.active, issuer_active=setting.issuer_active)
    return setting


def priced(
    connection: Carrier, setting: Setting, wanted: Wanted, *, by: Actor, at: datetime
) -> Pricing:
    """Return the lines priced on the day, or refuse them all with what is wrong with each."""
    check_guesses(setting.guessed_at, at)
    pricing = resolve(connection, setting, wanted, by=by, on=day_of(at))
    if faults := pricing.faults:
        raise refusal_of(faults)
    total = pricing.totals.sale
    check_payments(wanted.settled(total).payments, total)
    if wanted.expected_total is not None and total > wanted.expected_total:
        raise PriceChanged(wanted.expected_total, total)
    return pricing


def resolve(
    connection: Carrier, setting: Setting, wanted: Wanted, *, by: Actor, on: date
) -> Pricing:
    """Price the lines by the prices of a day."""
    book_, listed = books_of(connection, setting, wanted.channel, on)
    rights = Rights(by.sees_costs, by.may("orders.sell_below_acquisition"))
    return price_lines(wanted, setting.articles, setting.policy, book_, rights, listed)


def books_of(
    connection: Carrier, setting: Setting, channel: str, on: date
) -> tuple[PriceBook, SaleBook | None]:
    """Read acquisition prices, and list prices in the same packet where there are any."""
    products = [article.id for article in setting.articles.values()]
    asked: dict[str, Any] = {
        "service_point_id": setting.service_point_id,
        "issuer_id": setting.issuer_id,
        "day": on,
        "product_ids": products,
        "assigned": setting.assigned,
    }
    if not setting.has_sale_tables:
        return load_book(connection, **asked), None
    beside = list_prices.asking(
        connection,
        service_point_id=setting.service_point_id,
        channel=channel,
        day=on,
        product_ids=products,
    )
    book_, answer = load_book_beside(connection, beside=beside, **asked)
    return book_, list_prices.told(answer, channel=channel, day=on)


def _order_written(connection: Carrier, new: "Placing", by: Actor) -> Ready:
    """Return the statement that stores the order; its number comes back with it."""
    wanted, setting, totals, at = new.wanted, new.setting, new.totals, text_of_moment(new.at)
    final = wanted.final_total
    row = (
        setting.service_point_id, setting.issuer_id, wanted.channel, wanted.kind,
        wanted.document_type, OrderState.PLACED.value, wanted.external_reference,
        None if final is None else to_minor(final, AMOUNT_SCALE), payments_text(wanted),
        day_of(new.at).isoformat(), to_minor(totals.acquisition, AMOUNT_SCALE),
        to_minor(totals.sale, AMOUNT_SCALE),
        at, by.user_id, at, by.user_id, shared_reasons(new.lines), 1,
    )  # fmt: skip
    return _INSERT_ORDER.ready(connection, [row])


def shared_reasons(lines: Sequence[PricedLine]) -> str | None:
    """Write the reasons that all lines share as they are stored."""
    return encode(told(lines[0].acquisition.opening)) if lines else None


def payments_text(wanted: Wanted) -> str | None:
    """Write the payments as they are stored."""
    told_payments = payments_body(wanted.payments)
    return None if told_payments is None else encode(told_payments)


def _lines_written(connection: Carrier, new: "Placing", told_lines: Sequence[Body]) -> Ready:
    """Return the statement that stores the lines with both prices and their reasons."""
    number = LAST_NUMBER if new.number is None else new.number
    rows = [_line_row(number, line, body) for line, body in zip(new.lines, told_lines, strict=True)]
    return _INSERT_LINES.ready(connection, rows)


def _line_row(number: object, line: PricedLine, body: Body) -> tuple[Any, ...]:
    wanted, article, cost, sale = line.wanted, line.article, line.acquisition, line.sale
    typed, off = wanted.unit_price, wanted.discount_percent
    listed = sale.list_price
    return (
        number, body["position"], article.id, article.sku, article.name,
        to_minor(wanted.quantity, QUANTITY_SCALE),
        None if typed is None else to_minor(typed, PRICE_SCALE),
        None if off is None else to_minor(off, PERCENT_SCALE),
        to_minor(cost.unit_price, PRICE_SCALE), to_minor(cost.amount, AMOUNT_SCALE),
        cost.price_table_id, cost.edition_id, encode(told(cost.own)),
        None if listed is None else to_minor(listed, PRICE_SCALE),
        to_minor(sale.unit_price, PRICE_SCALE), to_minor(sale.amount, AMOUNT_SCALE),
        encode(body["sale"]["because"]), int(cost.free),
    )  # fmt: skip


@dataclass(slots=True)
class Placing:
    """A priced order about to be stored; `number` is known before where it was a draft."""

    setting: Setting
    wanted: Wanted
    lines: Sequence[PricedLine]
    totals: Totals
    at: datetime
    number: int | None = None
    created_at: datetime | None = None
    version: int = 1


def settle_order(connection: Carrier, new: Placing, *, by: Actor, seal: Seal | None) -> Placed:
    """Store what is not yet, debit the account, write the deed with the answer, book the entries.

    All that can be made ready before the account is locked is.
    """
    body, point = _body(new), new.setting.service_point_id
    movement = _store_and_debit(connection, new, body["lines"], by)
    number = new.number or 0
    body["number"] = str(number)
    placed = Placed(number, point, new.version, body)
    facts: Facts = {
        "service_point_id": point,
        "after": {"status": "placed", "sale": body["totals"]["sale"]},
    }
    if movement is not None:
        body["credit"] = credit_body(_debit_of(movement))
        facts["account_id"] = movement.account_id
        facts["first_seq"] = movement.first_seq
        facts["entries"] = movement.entries
    if seal is not None:
        facts = {**facts, **seal.facts(placed)}
    done_at = new.at if movement is None else movement.wallet.at
    deed = to_jot(
        connection, by=by, action="order.placed", entity=("order", number), at=done_at, **facts
    )
    if movement is None:
        send(connection, deed)
    else:
        body["credit"]["transaction"] = book_under(
            connection, deed, movement, actor_id=by.user_id, order_id=number
        )
    return placed


def _store_and_debit(
    connection: Carrier, new: Placing, told_lines: Sequence[Body], by: Actor
) -> Movement | None:
    """Store order and lines, lock the account, plan the debit; what is free takes nothing."""
    cost, account = new.totals.acquisition, new.setting.account_id
    if not cost:
        _store(connection, new, told_lines, by)
        return None
    if account is None:
        raise InsufficientCredit(cost, ZERO)
    found = _store(connection, new, told_lines, by, locking(connection, account))
    wallet = locked(account, found, new.at)
    return plan_debit(connection, wallet, to_minor(cost, AMOUNT_SCALE))


def _store(
    connection: Carrier, new: Placing, told_lines: Sequence[Body], by: Actor, *then: Ready
) -> Ran:
    """Send the order, its lines and what comes `then`, if possible in one packet.

    Return what the last one brought.
    """
    order = [_order_written(connection, new, by)] if new.number is None else []
    if order and not takes_packets(connection):
        new.number = send(connection, order.pop()).lastrowid
    brought = send_together(
        connection, [*order, _lines_written(connection, new, told_lines), *then]
    )
    if order:
        new.number = brought[0].lastrowid
    return brought[-1]


def _body(new: Placing) -> Body:
    """Tell the order but for its number and its debit, which have their places."""
    wanted, placed_at = new.wanted, moment(new.at)
    return {
        "number": "",
        "status": OrderState.PLACED.value,
        "created_at": placed_at if new.created_at is None else moment(new.created_at),
        "placed_at": placed_at,
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


def _debit_of(movement: Movement) -> Debit:
    scale, (balance, available) = movement.wallet.scale, movement.left
    return Debit(
        transaction=0,
        debited=from_minor(-movement.change, scale),
        balance=from_minor(balance, scale),
        available=from_minor(available, scale),
        debt=from_minor(movement.owed, scale),
        lots=[(lot, from_minor(part, scale)) for lot, part in movement.parts],
    )
