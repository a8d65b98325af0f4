"""What is told about an order or a quote: exact numbers as text, ready to be written as JSON.

It always holds everything; `without_costs` takes out what those without `costs.view` may not see.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from portal.actors import Actor
from portal.money import AMOUNT_SCALE, PRICE_SCALE, plain, text_of
from portal.orders.models import Order, OrderLine, SiteBuyer
from portal.orders.rules.lines import PricedLine, Totals
from portal.orders.rules.wanted import Payment, Wanted
from portal.pricing.rules import told

Body = dict[str, Any]
COSTLY = ("acquisition", "margin")
"""Members of `totals` that are for those who see costs."""
HANDLE_ORDERS = ("orders.fulfill", "orders.cancel", "payments.confirm")
"""Who may do one of these deals with a shop's buyers, and sees how to reach them."""
REACHES = ("tax_id", "email", "phone")
"""Members of a buyer that are for those who deal with them."""
NOT_OF_SITE: Body = {"pay_until": None, "waiting_reason": None, "charge": None, "buyer": None}
"""What an order tells that no visitor of a shop has placed."""


def encode(value: Any) -> str:
    """Write plain values as they are stored: reasons and payments."""
    return orjson.dumps(value).decode()


class Debit(NamedTuple):
    """What an order took from the account; `transaction` None where nothing was taken."""

    transaction: int | None
    debited: Decimal
    balance: Decimal
    available: Decimal
    debt: Decimal
    lots: Sequence[tuple[int, Decimal]] = ()
    reversal: int | None = None


def moment(at: datetime | None) -> str | None:
    """Write an instant as RFC 3339 in UTC."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def day(on: date | None) -> str | None:
    """Write a civil date."""
    return None if on is None else on.isoformat()


def amount(value: Decimal | None) -> str | None:
    """Write an amount."""
    return None if value is None else text_of(value, AMOUNT_SCALE)


def price(value: Decimal | None) -> str | None:
    """Write a unit price."""
    return None if value is None else text_of(value, PRICE_SCALE)


def number(value: Decimal | None) -> str | None:
    """Write a percentage or a quantity."""
    return None if value is None else plain(value)


def line_body(position: int, line: PricedLine) -> Body:
    """Tell a priced line."""
    wanted, cost, sale = line.wanted, line.acquisition, line.sale
    return {
        "position": position,
        "sku": line.article.sku,
        "name": line.article.name,
        "quantity": plain(wanted.quantity),
        "acquisition": {
            "unit_price": text_of(cost.unit_price, PRICE_SCALE),
            "amount": text_of(cost.amount, AMOUNT_SCALE),
            "price_table": cost.price_table_id,
            "edition": cost.edition_id,
            "because": told(cost.because),
        },
        "sale": {
            "list_price": price(sale.list_price),
            "unit_price": text_of(sale.unit_price, PRICE_SCALE),
            "amount": text_of(sale.amount, AMOUNT_SCALE),
            "discount_percent": number(sale.discount_percent),
            "because": told(sale.because),
        },
    }


def draft_line_body(line: OrderLine) -> Body:
    """Tell a line of a draft: it keeps what was typed, and no price."""
    typed = {
        "unit_price": price(line.typed_unit_price),
        "discount_percent": number(line.discount_percent),
    }
    return {
        "position": line.position,
        "sku": line.sku,
        "name": line.name,
        "quantity": plain(line.quantity),
        **{name: value for name, value in typed.items() if value is not None},
    }


def stored_line_bodies(order: Order) -> list[Body]:
    """Tell the lines of an order as they were placed."""
    shared: list[Body] = json.loads(order.because or "[]")
    return [_stored_line_body(line, shared) for line in order.lines]


def _stored_line_body(line: OrderLine, shared: Sequence[Body]) -> Body:
    """Tell a line as it was placed; what a visitor has ordered costs something once it is."""
    if line.sale_amount is None:
        return draft_line_body(line)
    body: Body = {
        "position": line.position,
        "sku": line.sku,
        "name": line.name,
        "quantity": plain(line.quantity),
    }
    if line.acquisition_amount is not None:
        body["acquisition"] = {
            "unit_price": price(line.acquisition_unit_price),
            "amount": amount(line.acquisition_amount),
            "price_table": line.price_table_id,
            "edition": line.edition_id,
            "because": [*shared, *json.loads(line.acquisition_because or "[]")],
        }
    return body | {
        "sale": {
            "list_price": price(line.list_price),
            "unit_price": price(line.sale_unit_price),
            "amount": amount(line.sale_amount),
            "discount_percent": number(line.discount_percent),
            "because": json.loads(line.sale_because or "[]"),
        },
    }


def asked_body(wanted: Wanted) -> Body:
    """Tell what was asked for, apart from lines."""
    return {
        "service_point": wanted.service_point,
        "issuer": wanted.issuer,
        "channel": wanted.channel,
        "customer": None,
    }


def totals_body(totals: Totals) -> Body:
    """Tell the sums."""
    return {
        "acquisition": text_of(totals.acquisition, AMOUNT_SCALE),
        "sale": text_of(totals.sale, AMOUNT_SCALE),
        "margin": text_of(totals.margin, AMOUNT_SCALE),
    }


def order_extras(
    kind: str,
    document_type: str,
    external_reference: str | None,
    final_total: Decimal | None,
    payments: list[Body] | None,
) -> Body:
    """Tell what an order has and a quote does not."""
    return {
        **NOT_OF_SITE,
        "referrer": None,
        "sales_condition": None,
        "kind": kind,
        "document_type": document_type,
        "external_reference": external_reference,
        "final_total": amount(final_total),
        "payments": payments,
    }


def settlement_body(sale_total: Decimal) -> Body:
    """Tell how the sale is settled: nothing is left, since balances come later."""
    return {
        "paid": text_of(sale_total, AMOUNT_SCALE),
        "left_as_debt": "0.00",
        "left_as_credit": "0.00",
    }


def credit_body(debit: Debit) -> Body:
    """Tell what was taken from the account."""
    told_credit: Body = {
        "transaction": debit.transaction,
        "debited": text_of(debit.debited, AMOUNT_SCALE),
        "balance": text_of(debit.balance, AMOUNT_SCALE),
        "available": text_of(debit.available, AMOUNT_SCALE),
        "lots": [{"lot": lot, "amount": text_of(part, AMOUNT_SCALE)} for lot, part in debit.lots],
        "debt": text_of(debit.debt, AMOUNT_SCALE),
    }
    if debit.reversal is not None:
        told_credit["reversal"] = debit.reversal
    return told_credit


def payments_body(payments: Sequence[Payment] | None) -> list[Body] | None:
    """Tell the payments as they were sent."""
    if payments is None:
        return None
    return [{"method": one.method, "amount": amount(one.amount)} for one in payments]


def stored_order_body(order: Order, debit: Debit | None, at: datetime | None = None) -> Body:
    """Tell an order as it is stored, or as it stands at a moment."""
    body: Body = summary_body(order, at)
    body["lines"] = stored_line_bodies(order)
    if order.sale_total is not None:
        body["settlement"] = settlement_body(order.sale_total)
        body["instalments"] = []
    if debit is not None:
        body["credit"] = credit_body(debit)
    return body


def summary_body(order: Order, at: datetime | None = None) -> Body:
    """Tell an order as lists do: without its lines."""
    payments = None if order.payments is None else json.loads(order.payments)
    body: Body = {
        "number": str(order.id),
        "status": order.status if at is None else order.state_at(at).value,
        "created_at": moment(order.created_at),
        "placed_at": moment(order.placed_at),
        "on": day(order.day),
        "fulfilled_at": moment(order.fulfilled_at),
        "cancelled_at": moment(order.cancelled_at),
        "cancel_reason": order.cancel_reason,
        "service_point": order.service_point.code,
        "issuer": order.issuer.code if order.issuer else None,
        "channel": order.channel,
        "customer": None,
    }
    body |= order_extras(
        order.kind, order.document_type, order.external_reference, order.final_total, payments
    )
    if order.buyer is not None:
        body |= site_body(order, order.buyer)
    if order.sale_total is not None and order.acquisition_total is not None:
        body["totals"] = totals_body(Totals(order.acquisition_total, order.sale_total))
    elif order.sale_total is not None:
        body["totals"] = {"sale": amount(order.sale_total)}
    return body


def site_body(order: Order, buyer: SiteBuyer) -> Body:
    """Tell who ordered in a shop, until when it is to be paid, and why it waits."""
    return {
        "pay_until": moment(order.pay_until),
        "waiting_reason": order.waiting_reason,
        "charge": buyer.charge_id,
        "buyer": {
            "kind": buyer.kind,
            "name": buyer.name,
            **{name: getattr(buyer, name) for name in REACHES},
            "language": buyer.language,
        },
    }


def deals_with_buyers(by: Actor) -> bool:
    """Whether someone sees how a shop's buyers are reached."""
    return any(by.may(permission) for permission in HANDLE_ORDERS)


def without_reach(body: Mapping[str, Any]) -> Body:
    """Return the body less the buyers' documents, addresses and numbers."""
    shown = dict(body)
    if buyer := shown.get("buyer"):
        shown["buyer"] = {name: buyer[name] for name in buyer if name not in REACHES}
    if items := shown.get("items"):
        shown["items"] = [without_reach(item) for item in items]
    return shown


def without_costs(body: Mapping[str, Any]) -> Body:
    """Return the body less everything that tells acquisition prices, margin or balance."""
    shown = {name: value for name, value in body.items() if name != "credit"}
    if totals := shown.get("totals"):
        shown["totals"] = {name: value for name, value in totals.items() if name not in COSTLY}
    if lines := shown.get("lines"):
        shown["lines"] = [_line_without_costs(line) for line in lines]
    if items := shown.get("items"):
        shown["items"] = [without_costs(item) for item in items]
    return shown


def _line_without_costs(line: Mapping[str, Any]) -> Body:
    return {name: value for name, value in line.items() if name != "acquisition"}
