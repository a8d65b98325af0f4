"""Where Pix is received."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import NotFound
from portal.partners.queries import service_point_of
from portal.payments.errors import NoSuchPixAccount
from portal.payments.models import HEADQUARTERS, PixAccount
from portal.payments.rules.pix_keys import Recipient, recipient_of
from portal.payments.rules.setup import setup


def pix_account(session: Session, owner: int) -> PixAccount | None:
    """Return the account on file of a service point, or of headquarters (0)."""
    return session.scalars(select(PixAccount).where(PixAccount.owner == owner)).one_or_none()


def pix_account_of(session: Session, by: Actor, code: str | None) -> PixAccount:
    """Return the account of one of the asker's service points, or without a code headquarters'."""
    if (found := pix_account(session, owner_of(session, by, code))) is None:
        raise NoSuchPixAccount
    return found


def owner_of(session: Session, by: Actor, code: str | None) -> int:
    """Return whose account is meant; NotFound for a stranger's, and headquarters' for others."""
    if code is not None:
        return service_point_of(session, by, code).id
    if not by.headquarters:
        raise NotFound
    return HEADQUARTERS


def recipient(session: Session, owner: int) -> Recipient | None:
    """Return who receives Pix for the owner: for headquarters, failing that, the settings' one."""
    account = pix_account(session, owner)
    if account is not None:
        return recipient_of(account)
    return setup().headquarters if owner == HEADQUARTERS else None
