"""Telling those above credit that an account may be able to pay for more than before."""

from collections.abc import Callable

from sqlalchemy.orm import Session

on_arrival: list[Callable[[Session, int], None]] = []
"""Called under the account's lock with the service point, once its movement is booked; the
application introduces them."""


def tell_arrival(session: Session, service_point_id: int | None) -> None:
    """Say that credit came, came back, or that the limit was changed."""
    if service_point_id is not None:
        for tell in on_arrival:
            tell(session, service_point_id)
