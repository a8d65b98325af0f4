"""When a mail is tried again, and when it is given up."""

from datetime import timedelta

_MINUTES = (1, 5, 15, 60, 180, 360, 720, 1440, 1440)
MOST_TRIES = len(_MINUTES) + 1
"""Given up after three days."""
LEASE = timedelta(minutes=5)
"""How long whoever sends a mail has it for itself; longer than any server may take."""


def pause_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many tries; None gives the mail up."""
    return timedelta(minutes=_MINUTES[attempts - 1]) if attempts < MOST_TRIES else None


def is_spent(attempts: int) -> bool:
    """Whether a mail was tried too often: its last try never ended, or it would have been told."""
    return attempts > MOST_TRIES
