"""The outbox, sent by SMTP: one connection, one mail after the other."""

import secrets
import smtplib
from collections import Counter
from datetime import date
from email.headerregistry import Address
from functools import cache

import css_inline
from flask import current_app

from portal.clock import now
from portal.config import ROOT, Settings
from portal.i18n import N_, Told
from portal.mail.errors import MailServerAway
from portal.mail.jobs.post import Interrupted, connected, hand_over
from portal.mail.queries import count_due
from portal.mail.rules.letter import compose, sender_of
from portal.mail.rules.tries import is_spent
from portal.mail.services import Claim, Outcome, claim_next, settle
from portal.transactions import read, transact, transact_keyed

AT_ONCE = 500
"""Mails of one run; the next run goes on."""
UNFINISHED = N_("It was tried too often, and the last try never ended.")


def deliver_outbox(_as_of: date | None = None) -> str:
    """Send what waits; what the server cannot take now keeps its place and its tries."""
    settings: Settings = current_app.config["SETTINGS"]
    server = settings.mail_server
    waiting = read(count_due)
    if server is None or not waiting:
        return Told(N_("%(waiting)s mails wait"), waiting=waiting)
    sender = sender_of(settings.mail_from, server)
    with connected(server, sender.domain) as post:
        done = _empty(post, sender)
    return Told(N_("%(sent)s mails sent, %(failed)s not"), sent=done[True], failed=done[False])


def _empty(post: smtplib.SMTP, sender: Address) -> Counter[bool]:
    done: Counter[bool] = Counter()
    lease = secrets.token_hex(16)
    while done.total() < AT_ONCE and (claim := transact(claim_next, lease=lease)):
        try:
            outcome = _send(post, sender, claim)
        except Interrupted as broken:
            _settle(claim, Outcome(str(broken)))
            raise MailServerAway(reason=str(broken)) from broken
        _settle(claim, outcome)
        done[outcome.error is None] += 1
    return done


def _send(post: smtplib.SMTP, sender: Address, claim: Claim) -> Outcome:
    if is_spent(claim.attempts):
        return Outcome(UNFINISHED, final=True)
    try:
        message = compose(claim.letter, sender, _css())
    except (ValueError, css_inline.InlineError) as error:
        return Outcome(str(error), final=True)
    return hand_over(post, message)


def _settle(claim: Claim, outcome: Outcome) -> None:
    """Write down what came of it; the lease is the key that lets an unknown COMMIT be repeated."""
    transact_keyed(settle, claim, outcome, at=now())


@cache
def _css() -> str:
    return (ROOT / "static" / "css" / "mail.css").read_text(encoding="utf-8")
