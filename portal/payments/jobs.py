"""Timed work of payments; each job may run twice without doing its work twice."""

from collections.abc import Iterator
from datetime import date, datetime

from portal.actors import PORTAL
from portal.clock import now, today
from portal.i18n import N_, Told
from portal.payments.errors import ProviderUnreachable, UnknownCharge
from portal.payments.services.notices import Heard, Settled, settle
from portal.payments.services.providers import FIRMS, Provider, Standing, firm_named
from portal.payments.services.sending import (
    claim_refund,
    mark_failed,
    mark_sent,
    refunds_to_send,
    txids_on_the_way,
)
from portal.periods import ONE_DAY
from portal.transactions import read, transact


def send_refunds(as_of: date | None = None) -> str:
    """Hand refunds to the payment firms, and ask at once whether they are done."""
    at = now()
    waiting = read(refunds_to_send, at)
    sent = sum(_send(refund_id, at) for refund_id in waiting)
    return Told(N_("%(sent)s of %(waiting)s refunds sent"), sent=sent, waiting=len(waiting))


def reconcile_payments(as_of: date | None = None) -> str:
    """Ask the payment firms what moved on a day and the day before: a notification may be lost."""
    day = as_of or today()
    firms = [firm for name in FIRMS if (firm := firm_named(name)) is not None]
    settled = [_settle(standing, firm) for firm in firms for standing in _standings(firm, day)]
    differing = sum(one.differing for one in settled)
    facts = {"news": sum(one.news for one in settled), "charges": len(settled)}
    if not differing:
        return Told(N_("%(news)s news of %(charges)s charges"), **facts)
    said = N_("%(news)s news of %(charges)s charges, %(differing)s payments of another amount")
    return Told(said, **facts, differing=differing)


def _send(refund_id: int, at: datetime) -> bool:
    errand = transact(claim_refund, refund_id, at)
    firm = firm_named(errand.firm) if errand else None
    if errand is None or firm is None:
        return False
    try:
        transact(firm.refund, errand.wanted)
    except ProviderUnreachable as failure:
        transact(mark_failed, refund_id, str(failure))
        return False
    transact(mark_sent, refund_id)
    if (standing := read(firm.get_charge, errand.wanted.txid)) is not None:
        _settle(standing, firm)
    return True


def _standings(firm: Provider, day: date) -> Iterator[Standing]:
    """Ask for what moved, and for what is on the way; the firm is asked in no transaction."""
    moved = [one for some in (day - ONE_DAY, day) for one in read(firm.reconcile, some)]
    yield from moved
    known = {standing.txid for standing in moved}
    for name, txid in read(txids_on_the_way):
        if name == firm.name and txid not in known:
            standing = read(firm.get_charge, txid)
            if standing is not None:
                yield standing


def _settle(standing: Standing, firm: Provider) -> Settled:
    try:
        return transact(settle, standing, Heard(firm, PORTAL, now()))
    except UnknownCharge:
        return Settled()


jobs = {"send-refunds": send_refunds, "reconcile-payments": reconcile_payments}
