"""The stage: who acts, what is at hand, and deeds played in the order of their instants."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.actors import Actor
from portal.cli.demo.calendar import Calendar
from portal.credit.models import Account
from portal.partners.models import ServicePoint

Deed = Callable[[], object]


@dataclass(slots=True)
class Stage:
    """The demo while it is played: everything happens at its own instant, never after now."""

    session: Session
    calendar: Calendar
    actors: dict[str, Actor] = field(default_factory=dict)
    """By what they do: `administrator`, `pricing`, `finance`, and the owners by service point."""
    points: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    issuers: dict[str, int] = field(default_factory=dict)
    _deeds: list[tuple[datetime, int, Deed]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)

    def at(self, instant: datetime, deed: Deed) -> None:
        """Let a deed be done at an instant; what lies ahead of now is left out."""
        if instant <= self.calendar.now:
            heapq.heappush(self._deeds, (instant, next(self._numbers), deed))

    def play(self) -> None:
        """Do all deeds, the earliest first, with the clock held at each."""
        while self._deeds:
            instant, _, deed = heapq.heappop(self._deeds)
            with clock.frozen_at(instant):
                deed()

    def note_points(self) -> None:
        """Remember the service points and their accounts by code."""
        wanted = select(ServicePoint.code, ServicePoint.id, Account.id).join(
            Account, Account.service_point_id == ServicePoint.id
        )
        for code, point_id, account_id in self.session.execute(wanted).tuples():
            self.points[code], self.accounts[code] = point_id, account_id
