"""`flask jobs run expire-credits`: accounts at rest."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.credit import services as credit
from portal.credit.models import Account, Entry, LotKind
from tests.factories import NOON, make_actor, make_service_point
from tests.visitors import MovableClock


def given(session: Session, code: str, days: int) -> int:
    """Make an account with 50.00 that last some days."""
    point = make_service_point(session, code)
    account = credit.open_account(session, service_point_id=point.id, at=NOON)
    until = NOON.date() + timedelta(days=days)
    credit.grant(
        session,
        account_id=account.id,
        service_point_id=point.id,
        terms=credit.Terms(5_000, 5_000, LotKind.PAID, until),
        reason="story",
        by=make_actor(user_id=None),
        at=NOON,
    )
    return account.id


def balances(session: Session) -> dict[int, int]:
    session.expire_all()
    return dict(session.execute(select(Account.id, Account.balance)).tuples().all())


@pytest.mark.engines("sqlite", "mariadb")
def test_credit_past_its_day_is_booked_once(
    app: Flask, session: Session, clock: MovableClock
) -> None:
    short, long = given(session, "SP-A", 3), given(session, "SP-B", 30)
    session.commit()
    clock.move_to("2026-12-05T03:00:00Z")
    runner = app.test_cli_runner()

    first = runner.invoke(args=["jobs", "run", "expire-credits"])
    second = runner.invoke(args=["jobs", "run", "expire-credits"])

    assert first.output == "1 lots expired in 1 accounts\n"
    assert second.output == "0 lots expired in 0 accounts\n"
    assert balances(session) == {short: 0, long: 5_000}
    kinds = session.scalars(select(Entry.kind).where(Entry.account_id == short)).all()
    assert sorted(kinds) == ["expiry", "grant"]


def test_credit_lives_through_its_last_day(
    app: Flask, session: Session, clock: MovableClock
) -> None:
    account = given(session, "SP-A", 3)
    session.commit()
    clock.move_to("2026-12-05T02:59:59.999999Z")

    ran = app.test_cli_runner().invoke(args=["jobs", "run", "expire-credits"])

    assert ran.output == "0 lots expired in 0 accounts\n"
    assert balances(session) == {account: 5_000}


def test_a_job_may_be_run_for_another_day(app: Flask, session: Session) -> None:
    account = given(session, "SP-A", 3)
    session.commit()

    ran = app.test_cli_runner().invoke(
        args=["jobs", "run", "expire-credits", "--as-of", "2026-12-05"]
    )

    assert ran.exit_code == 0, ran.output
    assert balances(session) == {account: 0}


def test_an_unknown_job_is_refused(app: Flask) -> None:
    ran = app.test_cli_runner().invoke(args=["jobs", "run", "make-coffee"])

    assert ran.exit_code == 2
    assert "There is no job make-coffee. Known: " in ran.output
    assert "expire-credits" in ran.output
