"""What payment firms tell: nobody signs in, the firm signs each notification."""

from dataclasses import replace
from typing import Any

from flask import request

from portal.actors import PORTAL
from portal.clock import now
from portal.errors import NotFound
from portal.payments.api.door import api
from portal.payments.api.shapes import NoticeOut
from portal.payments.errors import NoticeDiffers
from portal.payments.models import NoticeOutcome
from portal.payments.services.notices import Heard, take_notice
from portal.payments.services.providers import firm_named
from portal.transactions import read, transact
from portal.web.access import PUBLIC
from portal.web.tracing import request_id


@api.post(
    "/payments/webhooks/<provider>",
    permission=PUBLIC,
    raw=True,
    answer=NoticeOut,
    errors=(401,),
    summary="Take a payment firm's notification",
)
def take_notification(provider: str, raw: bytes) -> Any:
    """Signed over the raw body and the moment of sending, else 401. The firm is asked about the
    charge before anything counts; what does not fit is 422. Told again, nothing more happens.
    """
    firm = firm_named(provider)
    if firm is None:
        raise NotFound
    at = now()
    told = firm.parse_notification(dict(request.headers), raw, at)
    standing = read(firm.get_charge, told.txid)
    by = replace(PORTAL, address=request.remote_addr or "", request_id=request_id())
    outcome = transact(take_notice, told, standing, Heard(firm, by, at))
    if outcome is NoticeOutcome.DIFFERS:
        raise NoticeDiffers
    return NoticeOut(outcome=outcome)
