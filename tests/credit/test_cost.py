"""What a debit costs: statements, and rows touched, however old or full the account is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from portal.credit import services as credit
from portal.credit.services import wallet
from portal.db import InsertRows
from tests.credit.conftest import TellStory
from tests.credit.stories import Story

FIRST_DAY = date(2026, 3, 1)
ROWS = ("Handler_read_key", "Handler_read_next", "Handler_read_prev", "Handler_read_rnd_next",
        "Handler_read_first", "Handler_read_rnd")  # fmt: skip


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Note the statements that are sent."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def fill(story: Story, many: int, *, is_open: bool) -> None:
    """Give the account many lots, live or used up, beside its books: only their number matters."""
    rest = 100 if is_open else 0
    at = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    row = (story.account_id, "paid", 1, 100, 100, rest, 100 - rest, 0, 0, 0, date(2030, 1, 1),
           "grant", f"{at:%Y-%m-%d %H:%M:%S.%f}", int(is_open))  # fmt: skip
    insert = InsertRows(
        "lots", "account_id", "kind", "kind_rank", "face", "paid", "remaining", "used", "expired",
        "gone", "moved", "expires_on", "origin", "granted_at", "is_open",
    )  # fmt: skip
    with story.deed() as session:
        for _ in range(0, many, 1000):
            insert.run(session.connection(), [row] * 1000)
        if is_open:
            session.execute(
                text("UPDATE accounts SET balance = balance + :rest WHERE id = :id"),
                {"rest": rest * many, "id": story.account_id},
            )


@pytest.fixture
def story(tell_story: TellStory) -> Story:
    """An account with one lot that lasts for years."""
    told = tell_story()
    told.on(FIRST_DAY)
    told.grant(1_000_000, 1_000_000, "paid", date(2029, 1, 1))
    return told


def test_a_debit_from_one_lot_is_five_statements(story: Story, engine: Engine) -> None:
    story.debit(100)

    with counted(engine) as sent:
        story.debit(100)

    words = [statement.split(maxsplit=2)[:2] for statement in sent]
    assert [word[0] for word in words if word[0] != "BEGIN"] == [
        "SELECT", "INSERT", "UPDATE", "INSERT", "UPDATE",
    ]  # fmt: skip


def test_a_debit_from_three_lots_takes_one_more_reading_and_two_more_updates(
    tell_story: TellStory, engine: Engine
) -> None:
    story = tell_story()
    story.on(FIRST_DAY)
    for _ in range(4):
        story.grant(100, 100)

    with counted(engine) as sent:
        story.debit(250)

    assert len([statement for statement in sent if not statement.startswith("BEGIN")]) == 8


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("is_open", [True, False])
def test_a_debit_touches_as_many_lots_as_it_uses(
    story: Story, engine: Engine, is_open: bool
) -> None:
    def touched(minor: int) -> int:
        with Session(engine) as session:
            connection = session.connection()
            before = _rows_read(connection)
            movement = credit.lock_and_plan(connection, story.account_id, minor, story.at)
            deed_id = 10**9 + movement.first_seq
            credit.book(connection, movement, deed_id, actor_id=None)
            read = _rows_read(connection) - before
            session.rollback()
            return read

    alone = touched(100)
    fill(story, 20_000, is_open=is_open)
    crowded = touched(100)

    assert crowded <= alone
    if is_open:
        assert touched(1_000_000 + 250) <= alone + 20


def _rows_read(connection: Connection) -> int:
    status = dict(
        connection.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'")).tuples().all()
    )
    return sum(int(status[name]) for name in ROWS if name != "Handler_read_rnd_next")


def test_lots_are_found_through_their_index_in_burning_order(story: Story, engine: Engine) -> None:
    fill(story, 5_000, is_open=True)
    values = {"account": story.account_id, "many": 4, "past": 0}
    with engine.connect() as connection:
        connection.execute(
            text("ANALYZE TABLE lots" if engine.dialect.name != "sqlite" else "ANALYZE")
        )
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN " + wallet.OPEN_LOTS.text, values
            ).all()
            said = " ".join(str(row) for row in plan)
            assert "ix_lots_burning" in said
            assert "TEMP B-TREE" not in said
        else:
            plan = (
                connection.exec_driver_sql("EXPLAIN " + wallet.OPEN_LOTS.pyformat, values)
                .mappings()
                .all()
            )
            assert [row["key"] for row in plan] == ["ix_lots_burning"]
            assert "filesort" not in plan[0]["Extra"]


def test_each_lot_past_its_day_is_booked_once(tell_story: TellStory) -> None:
    story = tell_story()
    story.on(FIRST_DAY)
    for _ in range(3):
        story.grant(100, 100, "paid", FIRST_DAY)
    story.on(FIRST_DAY + timedelta(days=1))

    assert story.expire() == 3
    assert story.expire() == 0
    assert story.account().balance == 0
