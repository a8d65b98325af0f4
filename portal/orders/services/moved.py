"""Telling those above orders that an order of a shop has moved."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.orders.models import Order

on_moved: list[Callable[[Session, Order, str, Actor, datetime], None]] = []
"""Called in the move's transaction with the state before; the application introduces them."""


def tell_moved(session: Session, order: Order, before: str, *, by: Actor, at: datetime) -> None:
    """Say that a visitor's order has moved."""
    if order.is_of_site:
        for tell in on_moved:
            tell(session, order, before, by, at)
