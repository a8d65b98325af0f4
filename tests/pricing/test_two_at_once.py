"""Two people at the same instant: one of them wins, the other is told."""

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.errors import PortalError
from portal.periods import Period
from portal.pricing.models import Edition, EditionState, PriceTable
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.rules.tables import HowCalculated
from portal.pricing.services import change_table, publish_edition, set_assignments
from portal.transactions import transact
from tests.pricing.factories import (
    make_actor,
    make_edition,
    make_point,
    make_product,
    make_table,
)

HELENA = make_actor()


def at_once(app: Flask, *deeds: Callable[[], Any]) -> list[str]:
    """Do the deeds at the same instant; return how each ended."""
    gate = threading.Barrier(len(deeds))
    ends: list[str] = []

    def run(deed: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                deed()
            except PortalError as refusal:
                ends.append(refusal.code)
            else:
                ends.append("done")

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.engines("sqlite", "mariadb")
def test_of_two_who_publish_overlapping_editions_one_wins(app: Flask, session: Session) -> None:
    product = make_product(session)
    tables = [make_table(session) for _ in range(8)]
    drafts = [
        [
            make_edition(session, table, begin, end, [(product, "10")], state="draft").id
            for begin, end in (("2026-12-10", "2026-12-20"), ("2026-12-15", "2026-12-31"))
        ]
        for table in tables
    ]
    numbers = [table.id for table in tables]
    session.commit()

    for table, pair in zip(numbers, drafts, strict=True):
        ends = at_once(app, *(publishing(table, draft) for draft in pair))
        assert ends == ["done", "window_overlap"]

    published = select(Edition).where(Edition.state == EditionState.PUBLISHED)
    assert len(session.scalars(published).all()) == len(tables)


@pytest.mark.engines("sqlite", "mariadb")
def test_two_changes_at_once_do_not_close_a_circle(app: Flask, session: Session) -> None:
    for _ in range(5):
        one, other = make_table(session).id, make_table(session).id
        session.commit()

        ends = at_once(app, calculating(one, other), calculating(other, one))

        assert ends == ["calculation_cycle", "done"]
        session.expire_all()
        bases = {session.get_one(PriceTable, number).base_table_id for number in (one, other)}
        assert None in bases


@pytest.mark.engines("sqlite", "mariadb")
def test_two_changes_of_assignments_leave_one_of_both(app: Flask, session: Session) -> None:
    point = make_point(session).code
    tables = [make_table(session).id for _ in range(2)]
    session.commit()

    ends = at_once(app, *(assigning(point, table) for table in tables))

    assert ends == ["done", "precondition_failed"]


def publishing(table: int, draft: int) -> Callable[[], Any]:
    return lambda: transact(publish_edition, table, draft, by=HELENA, at=clock.now())


def calculating(table: int, base: int) -> Callable[[], Any]:
    how = HowCalculated("adjusted", base, Decimal(5))
    return lambda: transact(change_table, table, {"calculation": how}, by=HELENA, at=clock.now())


def assigning(point: str, table: int) -> Callable[[], Any]:
    item = NewAssignment("general", Period(date(2026, 12, 5)), table)
    return lambda: transact(set_assignments, point, [item], by=HELENA, at=clock.now(), version=1)
