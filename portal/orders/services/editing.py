"""Correcting the sale side of an order; what it cost stays as it was placed (DESIGN 5.5)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import difference
from portal.audit.services import jot
from portal.money import ZERO
from portal.orders.errors import (
    AlreadyCancelled,
    BelowAcquisition,
    FinalPriceNotAllowed,
    PriceNotAllowed,
    SitePriceKept,
    UnknownLine,
)
from portal.orders.models import Order, OrderLine, OrderState
from portal.orders.queries.orders import order_to_change
from portal.orders.rules import Payment, WantedLine
from portal.orders.rules.answers import encode, payments_body
from portal.orders.rules.checks import check_methods, check_payments
from portal.orders.rules.pricing import Fault, once_per_product, refusal_of
from portal.orders.rules.sale import sale_price
from portal.orders.services.drafts import wanted_of
from portal.orders.services.guesses import check_corrections
from portal.orders.services.moves import check_version
from portal.pricing.rules import told


@dataclass(frozen=True, slots=True)
class SaleChanges:
    """What of the sale is to be another; `values` holds only what was sent.

    `values` may name kind, document_type, external_reference and payments; `unit_prices` are by
    position.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    unit_prices: Mapping[int, Decimal] = field(default_factory=dict)


def change_sale(
    session: Session,
    number: int,
    changes: SaleChanges,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> Order:
    """Correct the sale; who, before and after are written down."""
    order = order_to_change(session, by, number)
    check_version(order, version)
    if order.state is OrderState.CANCELLED:
        raise AlreadyCancelled(number=number)
    if order.is_of_site and (changes.unit_prices or "payments" in changes.values):
        raise SitePriceKept(number=number)
    before = _facts(order)
    _change_values(order, changes.values)
    if changes.unit_prices:
        check_corrections(session, by=by, at=at)
        _change_prices(order, changes.unit_prices, by)
    if order.sale_total is not None:
        check_payments(_payments(order, changes.values), order.sale_total)
    old, new = difference(before, _facts(order))
    if not new:
        return order
    order.version += 1
    session.flush()
    jot(
        session.connection(),
        by=by,
        action="order.sale_changed",
        entity=("order", number),
        at=at,
        service_point_id=order.service_point_id,
        before=old,
        after=new,
    )
    return order


def _change_values(order: Order, values: Mapping[str, Any]) -> None:
    for name in ("kind", "document_type", "external_reference"):
        if name in values:
            setattr(order, name, values[name])
    if "payments" in values:
        payments: Sequence[Payment] | None = values["payments"]
        check_methods(payments)
        sent = payments_body(payments)
        order.payments = None if sent is None else encode(sent)


def _payments(order: Order, values: Mapping[str, Any]) -> Sequence[Payment] | None:
    """Return the payments that must add up to the sale: those sent, else those stored."""
    if "payments" in values:
        sent: Sequence[Payment] | None = values["payments"]
        return sent
    return wanted_of(order).payments


def _change_prices(order: Order, unit_prices: Mapping[int, Decimal], by: Actor) -> None:
    lines = {line.position: line for line in order.lines}
    faults: list[Fault] = []
    for position, unit_price in unit_prices.items():
        if position not in lines:
            raise UnknownLine(position=position)
        line = lines[position]
        refusal = _against(order, line, unit_price, by)
        if refusal is not None:
            faults.append(Fault(position - 1, refusal))
        else:
            _reprice(line, unit_price)
    if faults:
        raise refusal_of(once_per_product(faults, [line.sku for line in order.lines]))
    order.final_total = None
    if order.sale_total is not None:
        order.sale_total = sum((line.sale_amount or ZERO for line in order.lines), ZERO)


def _against(
    order: Order, line: OrderLine, unit_price: Decimal, by: Actor
) -> FinalPriceNotAllowed | BelowAcquisition | PriceNotAllowed | None:
    """Return why a corrected price is refused; headquarters is free of the sale policy."""
    if not by.headquarters and not order.service_point.may_edit_final_price:
        return FinalPriceNotAllowed(sku=line.sku)
    cost = line.acquisition_unit_price
    if cost is None or unit_price >= cost or by.may("orders.sell_below_acquisition"):
        return None
    return (BelowAcquisition if by.sees_costs else PriceNotAllowed)(sku=line.sku)


def _reprice(line: OrderLine, unit_price: Decimal) -> None:
    line.typed_unit_price = unit_price
    line.discount_percent = None
    if line.sale_amount is None:
        return
    sale = sale_price(WantedLine(line.sku, line.quantity, unit_price), line.list_price)
    line.sale_unit_price, line.sale_amount = sale.unit_price, sale.amount
    line.sale_because = encode(told(sale.because))


def _facts(order: Order) -> dict[str, Any]:
    payments = None if order.payments is None else json.loads(order.payments)
    prices = {f"line {line.position}": line.typed_unit_price for line in order.lines}
    sold = {f"line {line.position} sold at": line.sale_unit_price for line in order.lines}
    return {
        "kind": order.kind,
        "document_type": order.document_type,
        "external_reference": order.external_reference,
        "payments": payments,
        "sale": order.sale_total,
        **prices,
        **sold,
    }
