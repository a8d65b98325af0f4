"""Orders, always through what the asker may see."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from portal.actors import Actor
from portal.audit.models import Deed
from portal.catalogue.models import Issuer
from portal.orders.errors import NoSuchOrder
from portal.orders.models import Order
from portal.partners.models import ServicePoint


def order_of(session: Session, by: Actor, number: int) -> Order:
    """Return one of the asker's own orders with its lines; a stranger's is not there."""
    wanted = (
        select(Order)
        .where(Order.id == number, by.scope(Order.service_point_id))
        .options(selectinload(Order.lines))
        .execution_options(populate_existing=True)
    )
    if (order := session.scalars(wanted).one_or_none()) is None:
        raise NoSuchOrder(number)
    return order


def orders(
    by: Actor,
    *,
    service_point: str | None = None,
    status: str | None = None,
    begin: date | None = None,
    end: date | None = None,
    external_reference: str | None = None,
) -> Select[tuple[Order]]:
    """Return the select of the orders that a list asks for, without order.

    `begin` and `end` are days on which orders were placed, both included: drafts have none.
    """
    wanted = select(Order).where(by.scope(Order.service_point_id))
    if service_point is not None:
        own = select(ServicePoint.id).where(ServicePoint.code == service_point)
        wanted = wanted.where(Order.service_point_id == own.scalar_subquery())
    if status is not None:
        wanted = wanted.where(Order.status == status)
    if begin is not None:
        wanted = wanted.where(Order.day >= begin)
    if end is not None:
        wanted = wanted.where(Order.day <= end)
    if external_reference is not None:
        wanted = wanted.where(Order.external_reference == external_reference)
    return wanted


def history_of(session: Session, number: int) -> Sequence[Deed]:
    """Return what was done with an order, oldest first."""
    wanted = select(Deed).where(Deed.entity_type == "order", Deed.entity_id == str(number))
    return session.scalars(wanted.order_by(Deed.id)).all()


def service_points_to_choose(session: Session, by: Actor, limit: int) -> list[ServicePoint]:
    """Return service points that the asker may order for, by name."""
    wanted = select(ServicePoint).where(by.scope(ServicePoint.id), ServicePoint.active)
    return list(session.scalars(wanted.order_by(ServicePoint.name, ServicePoint.id).limit(limit)))


def issuers_to_choose(session: Session) -> list[Issuer]:
    """Return the issuers in use, by name."""
    return list(session.scalars(select(Issuer).where(Issuer.active).order_by(Issuer.name)))
