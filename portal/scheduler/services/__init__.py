"""Deeds of timed work; they flush and never commit."""

from portal.scheduler.services.leading import LEASE, Beat, beat, let_go
from portal.scheduler.services.runs import (
    Begun,
    ask_for,
    begin,
    begin_wanted,
    end,
    forget_runs,
)

__all__ = [
    "LEASE",
    "Beat",
    "Begun",
    "ask_for",
    "beat",
    "begin",
    "begin_wanted",
    "end",
    "forget_runs",
    "let_go",
]
