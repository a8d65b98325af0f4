"""`flask ledger verify`: a whole ledger passes, whatever is changed behind its back is found."""

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from portal.credit import cli
from portal.credit.queries.verification import (
    check_accounts,
    check_chain,
    check_deeds,
    check_lots,
    check_triggers,
)
from portal.credit.queries.verification.triggers import GUARDS, Guard
from portal.extensions import db
from tests.credit.conftest import TellStory
from tests.credit.ledger import faults_of_credit
from tests.credit.stories import Story

FIRST_DAY = date(2026, 3, 1)
TAMPERINGS = 100
TABLES: dict[str, set[str]] = {
    "entries": set(),
    "lots": set(),
    "accounts": {"version"},
    "debts": set(),
    "debt_payments": set(),
    "reversals": set(),
    "deeds": {"id", "account_id", "first_seq", "entries"},
    "account_floors": {"floor"},
}
"""What is tampered with: all columns but these; of deeds and floors only these."""
ONLY = {"deeds", "account_floors"}


def live(story: Story) -> None:
    """Let an account see every kind of movement."""
    story.on(FIRST_DAY)
    story.debit(4_000)
    gift = story.grant(10_000, 0, "bonus", FIRST_DAY + timedelta(days=5))
    story.grant(30_000, 27_000, "paid", FIRST_DAY + timedelta(days=60))
    unused = story.grant(5_000, 5_000)
    story.reverse(unused)
    first = story.debit(8_000)
    story.on(FIRST_DAY + timedelta(days=6))
    second = story.debit(12_345)
    story.reverse(first)
    story.on(FIRST_DAY + timedelta(days=70))
    story.expire()
    story.debit(9_000)
    story.reverse(second)
    story.debit(2_500)
    story.debit(13_000)
    assert gift
    story.sell(story.account_id, 20_000)
    story.debit(15_000)
    story.take_sale_back(story.account_id)
    story.grant(3_000, 3_000)
    assert story.account().debt > 0


@pytest.fixture
def stories(tell_story: TellStory) -> list[Story]:
    """Return three accounts that have lived."""
    told = [tell_story("150.00") for _ in range(3)]
    for story in told:
        live(story)
    return told


@pytest.fixture
def unguarded(engine: Engine, stories: list[Story]) -> Iterator[Connection]:
    """Lend a connection to a journal whose guards were taken away; nothing done on it stays."""
    assert stories
    with engine.connect() as connection:
        _drop_guards(connection)
        yield connection
        connection.rollback()
        _drop_guards(connection)
        for guard in GUARDS:
            connection.exec_driver_sql(creation(guard, connection.dialect.name))
        connection.commit()


def _drop_guards(connection: Connection) -> None:
    for guard in GUARDS:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {guard.name}"))
    connection.commit()


def creation(guard: Guard, dialect: str) -> str:
    """Return the statement that makes a guard."""
    body = guard.body(dialect)
    if dialect == "sqlite":
        return body
    return f"CREATE TRIGGER {guard.name} " + body.replace(
        f"ON {guard.table} ", f"ON {guard.table} FOR EACH ROW ", 1
    )


def found_in(connection: Connection) -> list[str]:
    passes = (check_chain, check_lots, check_accounts, check_deeds)
    return [text for look in passes for check in look(connection) for text in check.faults]


class Tamperer:
    """Someone with the database's password and a grudge."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self.connection = connection
        self.dice = random.Random(seed)  # noqa: S311 - the same tamperings each time
        inspector = inspect(connection)
        self.keys = {
            table: inspector.get_pk_constraint(table)["constrained_columns"] for table in TABLES
        }
        self.columns = {
            table: [
                column["name"]
                for column in inspector.get_columns(table)
                if (column["name"] in TABLES[table]) is (table in ONLY)
            ]
            for table in TABLES
        }
        connection.rollback()

    def strike(self) -> str | None:
        """Change one thing; return what it was, None where the database itself refused."""
        table = self.dice.choice([*TABLES, "entries", "entries", "lots"])
        row = self._pick(table)
        if table not in ONLY and self.dice.random() < 0.15:
            statement = f"DELETE FROM {table} WHERE {self._this(table)}"  # noqa: S608 - names from the schema
            return self._run(statement, row, f"{table}: one row deleted")
        column = self.dice.choice(self.columns[table])
        new = self._other(row[column], column)
        statement = f"UPDATE {table} SET {column} = :new WHERE {self._this(table)}"  # noqa: S608 - names from the schema
        return self._run(
            statement, {**row, "new": new}, f"{table}.{column}: {row[column]} -> {new}"
        )

    def _pick(self, table: str) -> dict[str, Any]:
        condition = {"deeds": " WHERE account_id IS NOT NULL"}.get(table, "")
        wanted = text(f"SELECT * FROM {table}{condition}")  # noqa: S608 - names from the schema
        rows = self.connection.execute(wanted).mappings()
        return dict(self.dice.choice(rows.all()))

    def _this(self, table: str) -> str:
        return " AND ".join(f"{key} = :{key}" for key in self.keys[table])

    def _other(self, value: Any, column: str) -> Any:
        if isinstance(value, bytes):
            return value[:5] + bytes([value[5] ^ 1]) + value[6:]
        if isinstance(value, int):
            return value + self.dice.choice([-100, -1, 1, 5])
        if value is None:
            return {"opens": "paid 2026-01-01", "current_lot_id": 10**6}.get(column, 1)
        if hasattr(value, "year"):
            return value - timedelta(days=self.dice.randint(1, 9))
        words = {"debit": "grant", "consumed": "breakage", "paid": "bonus", "bonus": "paid"}
        said = str(value)
        if said[:4].isdigit():
            return "2025" + said[4:]
        return words.get(
            said, {"grant": "purchase", "reversal": "grant"}.get(said, said[:-1] + "x")
        )

    def _run(self, statement: str, values: dict[str, Any], what: str) -> str | None:
        try:
            done = self.connection.execute(text(statement), values)
        except DBAPIError:
            self.connection.rollback()
            return None
        return what if done.rowcount else None


def test_a_ledger_that_has_seen_everything_is_whole(stories: list[Story], engine: Engine) -> None:
    assert len(stories) == 3
    assert faults_of_credit(engine) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_every_tampering_with_the_ledger_is_found(unguarded: Connection, seed: int) -> None:
    tamperer = Tamperer(unguarded, seed)
    assert found_in(unguarded) == []
    unguarded.rollback()
    done, missed = 0, []

    while done < TAMPERINGS // 2:
        what = tamperer.strike()
        if what is None:
            continue
        done += 1
        if not found_in(unguarded):
            missed.append(what)
        unguarded.rollback()

    assert missed == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET qty = qty",
        "DELETE FROM entries",
        "UPDATE deeds SET reason = 'another'",
        "DELETE FROM deeds",
    ],
)
def test_the_database_itself_keeps_the_journal(
    engine: Engine, stories: list[Story], statement: str
) -> None:
    assert stories
    with engine.connect() as connection, pytest.raises(DBAPIError, match="never"):
        connection.execute(text(statement))
    assert faults_of_credit(engine) == []


def test_a_missing_and_a_changed_guard_are_found(unguarded: Connection) -> None:
    if unguarded.dialect.name == "sqlite":
        body = "BEFORE DELETE ON entries WHEN OLD.qty > 0 BEGIN SELECT RAISE(ABORT, 'no'); END"
    else:
        body = "BEFORE DELETE ON entries FOR EACH ROW SET @nothing = 1"
    unguarded.execute(text(f"CREATE TRIGGER entries_no_delete {body}"))

    (check,) = check_triggers(unguarded)

    assert len(check.faults) == 4
    assert [fault for fault in check.faults if "is not the one" in fault] == [
        "trigger entries_no_delete is not the one it must be"
    ]


def test_the_command_says_what_it_checked_and_fails_on_a_fault(make_app: Any) -> None:
    app = make_app()
    runner = app.test_cli_runner()

    whole = runner.invoke(args=["ledger", "verify"])

    assert whole.exit_code == 0
    assert "The ledger is whole." in whole.output
    assert "I9   the chain of hashes is whole" in whole.output

    with app.app_context(), db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("DROP TRIGGER entries_no_delete"))
    broken = runner.invoke(args=["ledger", "verify", "--json"])

    assert broken.exit_code == 1
    assert json.loads(broken.output)["whole"] is False


@pytest.mark.engines("sqlite")
def test_the_command_says_that_there_is_no_ledger_yet(
    make_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = create_engine("sqlite://")
    monkeypatch.setattr(cli, "_engine", lambda: empty)

    said = make_app().test_cli_runner().invoke(args=["ledger", "verify"])

    assert said.exit_code == 1
    assert "flask db upgrade" in said.output
    assert "Traceback" not in said.output
