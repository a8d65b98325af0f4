"""Where Pix is received is said, changed, and taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.rules import difference
from portal.audit.services import record
from portal.db import is_duplicate
from portal.errors import Forbidden, PreconditionFailed
from portal.payments.errors import NoSuchPixAccount
from portal.payments.models import PixAccount
from portal.payments.queries import owner_of, pix_account
from portal.payments.rules.pix_keys import Recipient, clean, recipient_of, record_of


def set_pix_account(
    session: Session,
    code: str | None,
    told: Recipient,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> PixAccount:
    """Say where a service point receives Pix; headquarters, without a code.

    Charges that were made before keep the key they were made with. `version` is what the editor
    saw, if known.
    """
    owner = _owner(session, code, by)
    told = clean(told)
    account = pix_account(session, owner)
    if version is not None and version != (account.version if account else 0):
        raise PreconditionFailed
    before = record_of(recipient_of(account)) if account else {}
    gone, came = difference(before, record_of(told))
    if account is None:
        account = PixAccount(owner=owner, service_point_id=owner or None, version=0)
        session.add(account)
    elif not came:
        return account
    account.key, account.holder, account.city = told.key, told.holder, told.city
    account.tax_id, account.changed_at = told.tax_id, at
    account.version += 1
    _flush(session)
    _note(session, account, "pix_account.changed", by, at, before=gone, after=came)
    return account


def remove_pix_account(session: Session, code: str | None, *, by: Actor, at: datetime) -> None:
    """Receive no Pix any more: new charges are confirmed by hand."""
    account = pix_account(session, _owner(session, code, by))
    if account is None:
        raise NoSuchPixAccount
    gone = record_of(recipient_of(account))
    session.delete(account)
    session.flush()
    _note(session, account, "pix_account.removed", by, at, before=gone, after={})


def _owner(session: Session, code: str | None, by: Actor) -> int:
    if not by.may("payments.settings"):
        raise Forbidden
    return owner_of(session, by, code)


def _note(
    session: Session,
    account: PixAccount,
    action: str,
    by: Actor,
    at: datetime,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    record(
        session,
        by=by,
        action=action,
        entity=("pix_account", account.owner),
        at=at,
        service_point_id=account.service_point_id,
        before=before,
        after=after,
    )


def _flush(session: Session) -> None:
    """Write; someone else may have said it first, for the first time."""
    try:
        session.flush()
    except IntegrityError as error:
        if is_duplicate(error):
            raise PreconditionFailed from error
        raise
