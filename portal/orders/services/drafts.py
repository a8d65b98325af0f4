"""Drafts: what was typed, without a price; priced on the day they are placed (DESIGN 5.3)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import jot
from portal.clock import day_of
from portal.keys import Seal
from portal.orders.errors import NotADraft, UnknownProduct
from portal.orders.models import Order, OrderLine, OrderState
from portal.orders.queries.orders import order_of, order_to_change
from portal.orders.queries.setting import Setting
from portal.orders.rules import Article, Payment, Wanted, WantedLine
from portal.orders.rules.checks import check_methods
from portal.orders.rules.pricing import Fault, against_article, refusal_of
from portal.orders.services.moves import become, check_version
from portal.orders.services.placing import (
    Placed,
    Placing,
    look_up,
    payments_text,
    priced,
    settle_order,
    shared_reasons,
)


def save_draft(session: Session, wanted: Wanted, *, by: Actor, at: datetime) -> Order:
    """Keep what was typed; nothing is priced and nothing is debited."""
    setting = look_up(session.connection(), wanted, by=by)
    _check(wanted, setting)
    order = Order(
        service_point_id=setting.service_point_id,
        status=OrderState.DRAFT,
        created_at=at,
        created_by=by.user_id,
        version=1,
    )
    _fill(order, wanted, setting)
    session.add(order)
    session.flush()
    _note(session, order, "order.drafted", by=by, at=at)
    return order_of(session, by, order.id)


def redraft(
    session: Session, number: int, wanted: Wanted, *, by: Actor, at: datetime, version: int | None
) -> Order:
    """Keep what was typed instead of what a draft held."""
    order = order_to_change(session, by, number)
    check_version(order, version)
    if order.state is not OrderState.DRAFT:
        raise NotADraft(number=number)
    setting = look_up(session.connection(), wanted, by=by)
    _check(wanted, setting)
    order.service_point_id = setting.service_point_id
    _drop_lines(session, order)
    _fill(order, wanted, setting)
    order.version += 1
    session.flush()
    _note(session, order, "order.redrafted", by=by, at=at)
    return order_of(session, by, number)


def _drop_lines(session: Session, order: Order) -> None:
    """Take the lines out; the session forgets them, so that others may stand in their places."""
    for line in order.lines:
        session.expunge(line)
    session.execute(delete(OrderLine).where(OrderLine.order_id == order.id))
    session.expire(order, ["lines"])


def _check(wanted: Wanted, setting: Setting) -> None:
    """Refuse what can never be ordered; prices and policies are asked when it is placed."""
    check_methods(wanted.payments)
    faults: list[Fault] = []
    for at, line in enumerate(wanted.lines):
        article = setting.articles.get(line.sku)
        if article is None:
            faults.append(Fault(at, UnknownProduct(sku=line.sku)))
        else:
            faults.extend(Fault(at, error) for error in against_article(line, article))
    if faults:
        raise refusal_of(faults)


def _fill(order: Order, wanted: Wanted, setting: Setting) -> None:
    order.issuer_id = setting.issuer_id
    order.channel, order.kind = wanted.channel, wanted.kind
    order.document_type = wanted.document_type
    order.external_reference = wanted.external_reference
    order.final_total = wanted.final_total
    order.payments = payments_text(wanted)
    order.lines.extend(
        _draft_line(at, line, setting.articles[line.sku]) for at, line in enumerate(wanted.lines, 1)
    )


def _draft_line(position: int, line: WantedLine, article: Article) -> OrderLine:
    return OrderLine(
        position=position,
        product_id=article.id,
        sku=article.sku,
        name=article.name,
        quantity=line.quantity,
        typed_unit_price=line.unit_price,
        discount_percent=line.discount_percent,
        free=False,
    )


def _note(session: Session, order: Order, action: str, *, by: Actor, at: datetime) -> None:
    lines = [
        {"sku": line.sku, "quantity": line.quantity, "unit_price": line.typed_unit_price}
        for line in order.lines
    ]
    jot(
        session.connection(),
        by=by,
        action=action,
        entity=("order", order.id),
        at=at,
        service_point_id=order.service_point_id,
        after={"status": order.status, "lines": lines},
    )


@dataclass(frozen=True, slots=True)
class PlacingTerms:
    """What is said when a draft is placed."""

    expected_total: Decimal | None = None
    version: int | None = None


def place_draft(
    session: Session,
    number: int,
    *,
    by: Actor,
    at: datetime,
    seal: Seal | None = None,
    terms: PlacingTerms | None = None,
) -> Placed:
    """Place a draft at the prices of today, like an order that is typed in now.

    Its state changes first, under its condition: of two that place it one finds no draft.
    """
    terms = terms or PlacingTerms()
    order = order_to_change(session, by, number)
    check_version(order, terms.version)
    wanted = wanted_of(order, terms.expected_total)
    become(session, order, OrderState.PLACED, placed_at=at, placed_by=by.user_id, day=day_of(at))
    connection = session.connection()
    setting = look_up(connection, wanted, by=by, on=day_of(at))
    pricing = priced(connection, setting, wanted, by=by, at=at)
    totals = pricing.totals
    wanted = wanted.settled(totals.sale)
    order.payments = payments_text(wanted)
    order.acquisition_total, order.sale_total = totals.acquisition, totals.sale
    order.because = shared_reasons(pricing.lines)
    _drop_lines(session, order)
    session.flush()
    new = Placing(
        setting, wanted, pricing.lines, totals, at, number, order.created_at, order.version
    )
    return settle_order(connection, new, by=by, seal=seal)


def wanted_of(order: Order, expected_total: Decimal | None = None) -> Wanted:
    """Return what a draft asks for."""
    return Wanted(
        service_point=order.service_point.code,
        channel=order.channel,
        lines=[
            WantedLine(line.sku, line.quantity, line.typed_unit_price, line.discount_percent)
            for line in order.lines
        ],
        issuer=order.issuer.code if order.issuer else None,
        kind=order.kind,
        document_type=order.document_type,
        external_reference=order.external_reference,
        final_total=order.final_total,
        payments=_payments(order.payments),
        expected_total=expected_total,
    )


def _payments(text: str | None) -> list[Payment] | None:
    if text is None:
        return None
    sent: list[Mapping[str, Any]] = json.loads(text)
    return [
        Payment(one["method"], None if one["amount"] is None else Decimal(one["amount"]))
        for one in sent
    ]
