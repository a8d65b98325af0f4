"""Mails about site orders: queued in the transaction of what they tell of."""

import hashlib
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.actors import Actor
from portal.mail.services import queue_mail
from portal.orders.models import Order, SiteBuyer
from portal.orders.services.site import SiteOrder
from portal.partners.models import ServicePoint
from portal.payments.models import ChargeState, Refund
from portal.payments.queries import charge_for
from portal.people.models import Membership, User
from portal.people.rules.permissions import as_set
from portal.storefronts.models import Shop, ShopCheckout
from portal.storefronts.queries.front import Front, front_of
from portal.storefronts.queries.orders import orders_of_email
from portal.storefronts.rules.buyers import Buyer
from portal.storefronts.rules.mails import (
    RETURNED,
    RETURNED_PARTLY,
    MailText,
    Told,
    of_orders,
    to_people,
    to_visitor,
)
from portal.storefronts.services.limits import take_request

IN_ADDRESS = {"es": "/es", "en": "/en"}
"""What stands in a shop's addresses for a language; Portuguese needs nothing."""
NEW = "awaiting_payment"


def tell_of_new_order(
    session: Session,
    made: SiteOrder,
    front: Front,
    buyer: Buyer,
    *,
    language: str,
    base_url: str,
    at: datetime,
) -> None:
    """Send the visitor the link under which the order is paid; nothing is read back for it."""
    told = Told(
        number=made.order_id,
        shop=front.name,
        buyer=buyer.name,
        lines=[line for line in made.lines if line[2]],
        total=made.total,
        link=base_url + link_of(front.slug, language, made.link),
        pay_until=clock.local(made.pay_until),
        money_returns=False,
        contact=_contact(front),
    )
    if (text := to_visitor(NEW, told, language)) is not None:
        key = _key(made.order_id, NEW, "visitor")
        _queue(session, key, buyer.email, text, language, at, front.service_point_id, made.order_id)


def link_of(slug: str, language: str, link: str) -> str:
    """Return where an order is looked at in a shop."""
    return f"/loja/{slug}{IN_ADDRESS.get(language, '')}/pedido/{link}"


def follow_order(session: Session, order: Order, before: str, by: Actor, at: datetime) -> None:
    """Tell the visitor and the service point's people that a site order has moved."""
    if not before:
        return
    _to_visitor(session, order, order.status, at)
    _to_people(session, order, order.status, at)


def follow_refund(session: Session, refund: Refund, by: Actor, at: datetime) -> None:
    """Tell the visitor that money of a site order has gone back: all that was paid, or a part."""
    charge = refund.charge
    if charge.subject_type != "order":
        return
    order = session.get_one(Order, charge.subject_id)
    if (buyer := session.get(SiteBuyer, order.id)) is None:
        return
    state = RETURNED if refund.amount == charge.paid_amount else RETURNED_PARTLY
    told = replace(_told(session, order, buyer, "shop"), returned=refund.amount)
    _to_buyer(session, order, buyer, state, told, at, what=f"refund-{refund.id}")


def send_links(
    session: Session,
    front: Front,
    email: str,
    *,
    language: str,
    base_url: str,
    address: str,
    secret: str,
    at: datetime,
) -> None:
    """Send an e-mail the links of its orders, if there are any; once in ten minutes at most."""
    take_request(session, front.service_point_id, address=address, secret=secret, at=at)
    orders = orders_of_email(session, front.service_point_id, email, at)
    if not orders:
        return
    named = [
        (number, total, base_url + link_of(front.slug, language, link))
        for number, total, link in orders
    ]
    text = of_orders(front.name, named, language)
    slot = int(at.timestamp()) // 600
    digest = hashlib.sha256(f"{front.service_point_id}\n{email}\n{slot}".encode()).hexdigest()
    _queue(session, f"links-{digest[:40]}", email, text, language, at, front.service_point_id)


def _to_visitor(session: Session, order: Order, state: str, at: datetime) -> None:
    if (buyer := session.get(SiteBuyer, order.id)) is not None:
        told = _told(session, order, buyer, "shop")
        _to_buyer(session, order, buyer, state, told, at, what=state)


def _to_buyer(
    session: Session,
    order: Order,
    buyer: SiteBuyer,
    state: str,
    told: Told,
    at: datetime,
    *,
    what: str,
) -> None:
    """Send the mail about a state, if there is one; once for `what` it is about."""
    if (text := to_visitor(state, told, buyer.language)) is not None:
        key = _key(order.id, what, "visitor")
        point = order.service_point_id
        _queue(session, key, buyer.email, text, buyer.language, at, point, order.id)


def _to_people(session: Session, order: Order, state: str, at: datetime) -> None:
    buyer = session.get(SiteBuyer, order.id)
    if buyer is None:
        return
    told = _told(session, order, buyer, "portal")
    for user in _people(session, order.service_point_id):
        if (text := to_people(state, told, user.locale)) is not None:
            key = _key(order.id, state, user.id)
            point = order.service_point_id
            _queue(session, key, user.email, text, user.locale, at, point, order.id)


def _people(session: Session, service_point_id: int) -> list[User]:
    """Return who works for the service point and may see its orders."""
    wanted = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.service_point_id == service_point_id, User.active.is_(True))
        .order_by(User.id)
    )
    return [
        user
        for user in session.scalars(wanted)
        if "orders.view" in as_set(user.profile.permissions)
    ]


def _told(session: Session, order: Order, buyer: SiteBuyer, whose: str) -> Told:
    front = _front(session, order.service_point_id)
    checkout = session.get(ShopCheckout, order.id)
    base = checkout.base_url if checkout else ""
    path = f"/orders/{order.id}"
    if whose == "shop":
        path = link_of(front.slug, buyer.language, buyer.link)
    charge = charge_for(session, ("order", order.id))
    return Told(
        number=order.id,
        shop=front.name,
        buyer=buyer.name,
        lines=[
            (line.name, line.quantity, line.sale_amount) for line in order.lines if line.sale_amount
        ],
        total=order.sale_total or order.lines[0].quantity * 0,
        link=base + path,
        pay_until=clock.local(order.pay_until) if order.pay_until else None,
        money_returns=charge is not None
        and charge.state in {ChargeState.REFUND_PENDING, ChargeState.REFUNDED, ChargeState.PAID},
        contact=_contact(front),
    )


def _contact(front: Front) -> str:
    return " · ".join(filter(None, (front.phone, front.email)))


def _key(number: int, state: str, whom: str | int) -> str:
    return f"order-{number}-{state}-{whom}"


def _front(session: Session, service_point_id: int) -> Front:
    point = session.get_one(ServicePoint, service_point_id)
    wanted = select(Shop).where(Shop.service_point_id == service_point_id)
    return front_of(point, session.scalars(wanted).one_or_none() or Shop(), None)


def _queue(
    session: Session,
    key: str,
    to: str,
    text: MailText,
    language: str,
    at: datetime,
    service_point_id: int,
    order: int | None = None,
) -> None:
    queue_mail(
        session,
        key=key,
        to=to,
        subject=text.subject,
        text=text.text,
        html=text.html,
        language=language,
        at=at,
        service_point_id=service_point_id,
        entity=("order", order) if order is not None else None,
    )
