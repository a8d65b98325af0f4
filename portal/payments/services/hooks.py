"""Who is told, within the transaction, that money counts or has gone back."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.payments.models import Charge

Tell = Callable[[Session, Charge, Actor, datetime], None]

on_paid: list[Tell] = []
"""Called once for each charge, with the charge held, when its money counts.

Also for one that was cancelled, or has expired: the money is there, and the listener decides.
"""
on_refunded: list[Tell] = []
"""Called once for each charge, with the charge held, when its money has gone back."""


def tell(listeners: list[Tell], session: Session, charge: Charge, by: Actor, at: datetime) -> None:
    """Tell all of them."""
    for listener in listeners:
        listener(session, charge, by, at)
