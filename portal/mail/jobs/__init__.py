"""Timed work of mails: it may run twice, and by two at once."""

from portal.mail.jobs.delivering import deliver_outbox

jobs = {"deliver-outbox": deliver_outbox}
