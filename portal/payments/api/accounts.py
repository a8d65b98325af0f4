"""Where service points, and headquarters, receive Pix."""

from typing import Any

from sqlalchemy.orm import Session

from portal.clock import now
from portal.payments import queries, services
from portal.payments.api.door import api
from portal.payments.api.shapes import PixAccountIn, PixAccountOut
from portal.payments.models import PixAccount
from portal.payments.rules.pix_keys import Recipient
from portal.transactions import read, transact
from portal.web.access import actor
from portal.web.answers import Answer
from portal.web.endpoint import expected_version


@api.get(
    "/service-points/<code>/pix-account",
    permission="payments.view",
    answer=PixAccountOut,
    summary="Read where a service point receives Pix",
)
def read_pix_account(code: str) -> Any:
    """404 while no key is on file: its charges are then confirmed by hand."""
    return _shown(read(_account, code))


@api.put(
    "/service-points/<code>/pix-account",
    permission="payments.settings",
    body=PixAccountIn,
    answer=PixAccountOut,
    errors=(404,),
    summary="Say where a service point receives Pix",
)
def set_pix_account(code: str, body: PixAccountIn) -> Any:
    """For charges from now on; those that were made keep their key."""
    return _set(code, body)


@api.get(
    "/pix-account",
    permission="payments.view",
    answer=PixAccountOut,
    summary="Read where headquarters receives Pix",
)
def read_own_pix_account() -> Any:
    """404 while none is on file; the settings of the installation may hold one all the same."""
    return _shown(read(_account, None))


@api.put(
    "/pix-account",
    permission="payments.settings",
    body=PixAccountIn,
    answer=PixAccountOut,
    errors=(404,),
    summary="Say where headquarters receives Pix",
)
def set_own_pix_account(body: PixAccountIn) -> Any:
    """By people of headquarters alone."""
    return _set(None, body)


def _account(session: Session, code: str | None) -> PixAccount:
    return queries.pix_account_of(session, actor(), code)


def _set(code: str | None, body: PixAccountIn) -> Answer:
    told, by, seen = Recipient(**body.model_dump()), actor(), expected_version()
    return _shown(transact(services.set_pix_account, code, told, by=by, at=now(), version=seen))


def _shown(account: PixAccount) -> Answer:
    return Answer(
        PixAccountOut(
            key=account.key,
            holder=account.holder,
            city=account.city,
            tax_id=account.tax_id,
            changed_at=account.changed_at,
        ),
        etag=account.version,
    )
