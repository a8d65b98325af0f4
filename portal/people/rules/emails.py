"""E-mails: what people sign in with."""

import re

from portal.errors import invalid
from portal.i18n import N_

LONGEST = 254
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_WORD}(?:\.{_WORD})*\Z")
"""What browsers take for an e-mail (HTML's own definition)."""


def normal_email(email: str) -> str:
    """Return an e-mail as it is stored and compared."""
    return email.strip().lower()


def checked_email(email: str) -> str:
    """Return an e-mail as it is stored; Invalid when it cannot be one."""
    text = normal_email(email)
    if len(text) > LONGEST or not _EMAIL.match(text):
        raise invalid("email", N_("Type an e-mail such as ana@example.com."))
    return text
