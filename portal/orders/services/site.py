"""A shop's visitor orders: priced as the shop sells, stored, and asked for the money.

Nothing is taken from the service point's account before the visitor has paid.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.actors import Actor, Place
from portal.audit.rules import Facts
from portal.audit.services import jot
from portal.clock import day_of
from portal.db import InsertRows
from portal.i18n import N_, in_own_language
from portal.keys import Seal
from portal.money import AMOUNT_SCALE, PRICE_SCALE, QUANTITY_SCALE, text_of, to_minor
from portal.orders.errors import NothingToPay, PriceChanged
from portal.orders.models import OrderState
from portal.orders.queries.setting import Asked, Setting, setting_of
from portal.orders.queries.site import Shop, shop_of
from portal.orders.rules import PricedLine, Wanted, WantedLine
from portal.orders.rules.answers import encode
from portal.orders.rules.checks import check_setting
from portal.orders.rules.pricing import SITE, Pricing, refusal_of
from portal.orders.rules.site import Buyer, SiteWanted
from portal.orders.services.placing import resolve
from portal.payments import services as payments
from portal.pricing.rules import told
from portal.wire import send_together

_LINK_BYTES = 24
_INSERT_ORDER = InsertRows(
    "orders",
    "service_point_id", "issuer_id", "channel", "kind", "document_type", "status", "sale_total",
    "created_at", "pay_until", "version",
)  # fmt: skip
_INSERT_LINES = InsertRows(
    "order_lines",
    "order_id", "position", "product_id", "sku", "name", "quantity", "list_price",
    "sale_unit_price", "sale_amount", "sale_because", "free",
)  # fmt: skip
_INSERT_BUYER = InsertRows(
    "buyers",
    "order_id", "charge_id", "link", "kind", "name", "tax_id", "email", "phone", "language",
    "consented_at",
)  # fmt: skip
_PAYS_FOR = N_("Order %(number)s at %(shop)s")


@dataclass(frozen=True, slots=True)
class SiteOrder:
    """A visitor's order that waits for its payment; `link` and `charge_token` are secrets."""

    order_id: int
    link: str
    total: Decimal
    pay_until: datetime
    charge_id: int
    charge_token: str
    lines: tuple[tuple[str, Decimal, Decimal], ...]
    """Name, quantity and sale amount of each."""
    version: int = 1

    @property
    def number(self) -> int:
        """The order's number."""
        return self.order_id


def create_site_order(
    session: Session, wanted: SiteWanted, *, at: datetime, seal: Seal | None = None
) -> SiteOrder:
    """Order at the shop's prices of today; a lower total than the one seen is passed on.

    Raises PriceChanged for a higher one, and for what the shop does not sell: NotOnSite,
    SalePriceMissing, NoPrice, NotInPortfolio, ProductInactive, QuantityNotWhole, UnknownProduct.
    """
    connection = session.connection()
    shop = shop_of(connection, wanted.service_point_id, wanted.issuer_id)
    by = _visitor(wanted.service_point_id, shop)
    asked = _asked(shop, wanted.lines)
    setting, pricing = _priced(connection, asked, by=by, at=at, seal=seal)
    total = pricing.totals.sale
    if total > wanted.seen_total:
        raise PriceChanged(wanted.seen_total, total)
    if not total:
        raise NothingToPay
    pay_until = at + wanted.pay_within
    number = _insert(connection, setting, pricing.lines, total, at, pay_until)
    facts = {"number": str(number), "shop": shop.name}
    charge = payments.create_charge(
        session,
        subject=("order", number),
        service_point_id=setting.service_point_id,
        payee=shop.collects,
        amount=total,
        description=(in_own_language(_PAYS_FOR) % facts)[:140],
        at=at,
        expires_at=pay_until,
        by=by,
    )
    link = secrets.token_urlsafe(_LINK_BYTES)
    _insert_buyer(connection, number, charge.id, link, wanted.buyer)
    lines = tuple((one.article.name, one.wanted.quantity, one.sale.amount) for one in pricing.lines)
    made = SiteOrder(number, link, total, pay_until, charge.id, charge.token, lines)
    _note(connection, setting, made, by=by, at=at, seal=seal)
    return made


def price_cart(
    session: Session,
    service_point_id: int,
    issuer_id: int | None,
    cart: Sequence[tuple[str, Decimal]],
    *,
    at: datetime,
) -> Pricing:
    """Price SKUs and quantities as the shop sells them now; `faults` say what it does not sell."""
    connection = session.connection()
    shop = shop_of(connection, service_point_id, issuer_id)
    by, asked = _visitor(service_point_id, shop), _asked(shop, cart)
    setting = setting_of(connection, _place(asked, at), by=by)
    return resolve(connection, setting, asked, by=by, on=day_of(at))


def _asked(shop: Shop, cart: Sequence[tuple[str, Decimal]]) -> Wanted:
    lines = [WantedLine(sku, quantity) for sku, quantity in cart]
    return Wanted(shop.service_point, SITE, lines, shop.issuer)


def _place(asked: Wanted, at: datetime) -> Asked:
    skus = [line.sku for line in asked.lines]
    return Asked(asked.service_point, asked.issuer, skus, day_of(at))


def _priced(
    connection: Connection,
    asked: Wanted,
    *,
    by: Actor,
    at: datetime,
    seal: Seal | None,
) -> tuple[Setting, Pricing]:
    key = seal.key if seal else None
    setting = setting_of(connection, _place(asked, at), by=by, key=key)
    check_setting(asked, active=setting.active, issuer_active=setting.issuer_active)
    pricing = resolve(connection, setting, asked, by=by, on=day_of(at))
    if faults := pricing.faults:
        raise refusal_of(faults)
    return setting, pricing


def _visitor(service_point_id: int, shop: Shop) -> Actor:
    """Return who is at work in a shop: nobody with a name, and nobody who may do anything else."""
    place = Place(service_point_id, shop.service_point, shop.name)
    return Actor(None, "site", shop.name, "site", False, frozenset(), (place,))


def _insert(
    connection: Connection,
    setting: Setting,
    lines: Sequence[PricedLine],
    total: Decimal,
    at: datetime,
    pay_until: datetime,
) -> int:
    row = (
        setting.service_point_id, setting.issuer_id, SITE, "sale", "cash_sale",
        OrderState.AWAITING_PAYMENT.value, to_minor(total, AMOUNT_SCALE), at, pay_until, 1,
    )  # fmt: skip
    number = int(_INSERT_ORDER.run(connection, [row]).lastrowid)
    _INSERT_LINES.run(connection, [_line(number, at, one) for at, one in enumerate(lines, 1)])
    return number


def _line(number: int, position: int, line: PricedLine) -> tuple[Any, ...]:
    """Return a line with its sale side; what it costs is known on the day it is placed."""
    sale, article = line.sale, line.article
    price = to_minor(sale.unit_price, PRICE_SCALE)
    return (
        number, position, article.id, article.sku, article.name,
        to_minor(line.wanted.quantity, QUANTITY_SCALE), price, price,
        to_minor(sale.amount, AMOUNT_SCALE), encode(told(sale.because)), 0,
    )  # fmt: skip


def _insert_buyer(
    connection: Connection, number: int, charge_id: int, link: str, buyer: Buyer
) -> None:
    row = (
        number, charge_id, link, buyer.kind, buyer.name, buyer.tax_id, buyer.email, buyer.phone,
        buyer.language, buyer.consented_at,
    )  # fmt: skip
    send_together(connection, [_INSERT_BUYER.ready(connection, [row])])


def _note(
    connection: Connection,
    setting: Setting,
    made: SiteOrder,
    *,
    by: Actor,
    at: datetime,
    seal: Seal | None,
) -> None:
    """Write the order down; the link and who buys are no part of the trail."""
    facts: Facts = {
        "service_point_id": setting.service_point_id,
        "after": {
            "status": OrderState.AWAITING_PAYMENT.value,
            "sale": text_of(made.total, AMOUNT_SCALE),
        },
    }
    if seal is not None:
        facts = {**facts, **seal.facts(made)}
    jot(
        connection,
        by=by,
        action="order.begun",
        entity=("order", made.order_id),
        at=at,
        **facts,
    )
