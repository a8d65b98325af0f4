"""Deeds on mails; they flush and never commit."""

from portal.mail.services.queueing import queue_mail

__all__ = ["queue_mail"]
