"""What credit does when partners change; the application introduces them to each other."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.clock import now
from portal.credit.services.accounts import open_account, refresh_floors
from portal.partners.models import ServicePoint


def follow_new_point(session: Session, point: ServicePoint) -> None:
    """Open the account in money that every service point has from its creation (DESIGN 4.1)."""
    policy = point.credit_policy
    overdraft = policy.money if policy else None
    open_account(
        session, service_point_id=point.id, at=point.created_at, overdraft=overdraft or Decimal(0)
    )


def follow_policies(session: Session, service_point_ids: Sequence[int]) -> None:
    """Let overdrafts follow the policies' limits."""
    refresh_floors(session, service_point_ids, at=now())
