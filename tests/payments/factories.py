"""Makers of charges and Pix accounts."""

from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from portal.partners.models import ServicePoint
from portal.payments import services as payments
from portal.payments.models import Charge, PixAccount
from portal.payments.rules.pix_keys import Recipient
from tests.factories import NOON, make_actor, make_service_point

_numbers = count(1)


def make_charge(
    session: Session, point: ServicePoint | None = None, amount: str = "150.00", **facts: Any
) -> Charge:
    """A charge of a service point's customer, for nothing that anyone listens to."""
    values: dict[str, Any] = {
        "subject": ("test", next(_numbers)),
        "payee": "service_point",
        "description": "A test",
        "at": NOON,
        "expires_at": None,
        "by": make_actor(),
    }
    point = point or make_service_point(session)
    return payments.create_charge(
        session, service_point_id=point.id, amount=Decimal(amount), **(values | facts)
    )


def make_pix_account(
    session: Session, point: ServicePoint | None = None, **facts: Any
) -> PixAccount:
    """A Pix account of a service point, or of headquarters."""
    values = {"key": "12345678000195", "holder": "Padaria São José Ltda", "city": "São Paulo"}
    code = point.code if point else None
    told = Recipient(**(values | facts))
    return payments.set_pix_account(session, code, told, by=make_actor(), at=NOON)
