"""Deeds on mails; they flush and never commit."""

from portal.mail.services.delivery import Claim, Outcome, claim_next, settle
from portal.mail.services.queueing import queue_mail
from portal.mail.services.resending import resend

__all__ = ["Claim", "Outcome", "claim_next", "queue_mail", "resend", "settle"]
