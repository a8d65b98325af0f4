"""Deeds on mails; they flush and never commit."""

from portal.mail.services.delivery import Claim, Outcome, claim_next, settle
from portal.mail.services.queueing import queue_mail

__all__ = ["Claim", "Outcome", "claim_next", "queue_mail", "settle"]
