"""Who is told, within the transaction, that money counts or has gone back."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.payments.models import Charge, Refund

on_paid: list[Callable[[Session, Charge, Actor, datetime], None]] = []
"""Called once for each charge, with the charge held, when its money counts.

Also for one that was cancelled, or has expired: the money is there, and the listener decides.
"""
on_refunded: list[Callable[[Session, Refund, Actor, datetime], None]] = []
"""Called for each refund of money that counted, with its charge held, when it has gone back."""
before_refund: list[Callable[[Session, Charge], None]] = []
"""Called with a charge, held or not, before a person returns its money by itself.

Who listens raises why what the charge is for does not allow it.
"""
