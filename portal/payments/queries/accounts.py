"""Where Pix is received."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.payments.models import HEADQUARTERS, PixAccount
from portal.payments.rules.pix_keys import Recipient, recipient_of
from portal.payments.rules.setup import setup


def pix_account(session: Session, owner: int) -> PixAccount | None:
    """Return the account on file of a service point, or of headquarters (0)."""
    return session.scalars(select(PixAccount).where(PixAccount.owner == owner)).one_or_none()


def recipient(session: Session, owner: int) -> Recipient | None:
    """Return who receives Pix for the owner: for headquarters, failing that, the settings' one."""
    account = pix_account(session, owner)
    if account is not None:
        return recipient_of(account)
    return setup().headquarters if owner == HEADQUARTERS else None
