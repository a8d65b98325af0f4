"""Hot statements: what goes in comes out, whatever it holds, one by one or in one packet."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal import transactions
from portal.db import InsertRows, Sql, without_packing
from portal.extensions import db
from portal.wire import LAST_NUMBER, Expression, literal, send_together

HOSTILE = [
    "plain",
    "",
    "it's",
    'say "so"',
    "back\\slash and \\'",
    "100 % of %s and %(name)s",
    "a;b -- c /* d */ # e",
    "'; DROP TABLE notes; --",
    "nul\x00tab\tline\nreturn\r\x1a",
    "São João ﹣ 🧾",
]
_WRITE = InsertRows("notes", "id", "said", "kept")
_READ = Sql("SELECT said, kept FROM notes WHERE id = :id")
_ECHO = Sql("SELECT :said")
_ECHO_PREPARED = Sql("SELECT :said, :said", prepare=True)


@pytest.fixture
def connection(engine_url: str) -> Iterator[Connection]:
    """Lend a connection whose packets may hold several statements, with a table to write in."""
    more = transactions.more_engines(engine_url).get(transactions.PACKETS)
    options = dict(more or transactions.engine_options(engine_url))
    options.pop("url", None)
    engine = create_engine(engine_url, **options)
    transactions.tune(engine)
    with engine.connect() as made:
        made.exec_driver_sql("DROP TABLE IF EXISTS notes")
        made.exec_driver_sql(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, said VARCHAR(200), kept VARBINARY(200))"
        )
        yield made
        made.rollback()
        made.exec_driver_sql("DROP TABLE IF EXISTS notes")
    engine.dispose()


def test_what_is_written_is_read_whatever_it_holds(connection: Connection) -> None:
    rows = [(number, text, text.encode()) for number, text in enumerate(HOSTILE)]

    _WRITE.run(connection, rows)

    for number, text, kept in rows:
        said, bytes_ = _READ.run(connection, id=number).one()
        assert (said, bytes(bytes_)) == (text, kept)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_comes_back_as_it_was(connection: Connection, text: str) -> None:
    assert _ECHO.run(connection, said=text).scalar() == text


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_comes_back_from_a_prepared_statement_too(
    connection: Connection, text: str
) -> None:
    assert _ECHO_PREPARED.run(connection, said=text).one() == (text, text)


def test_a_prepared_statement_writes_every_kind_of_value(connection: Connection) -> None:
    write = Sql("INSERT INTO notes (id, said, kept) VALUES (:id, :said, :kept)", prepare=True)
    at = datetime(2026, 12, 1, 3, 0, 0, 5, tzinfo=UTC)
    values = [(1, None, b"\x00\xff'"), (2, at, b""), (3, date(2026, 12, 1), None)]

    for number, said, kept in values:
        write.run(connection, id=number, said=said, kept=kept)

    found = [_READ.run(connection, id=number).one() for number, _, _ in values]
    assert [said for said, _ in found] == [None, "2026-12-01 03:00:00.000005", "2026-12-01"]
    assert [kept for _, kept in found] == [b"\x00\xff'", b"", None]


@pytest.mark.engines("mariadb")
def test_a_packet_knows_the_number_that_was_just_made(connection: Connection) -> None:
    Sql("CREATE TEMPORARY TABLE numbered (id INTEGER PRIMARY KEY AUTO_INCREMENT, n INTEGER)").run(
        connection
    )
    made = InsertRows("numbered", "n").ready(connection, [(7,)])
    kept = _WRITE.ready(connection, [(LAST_NUMBER, "it", b"")])
    told = Expression(f"CONCAT({literal('deed ')}, {LAST_NUMBER.text})")
    again = _WRITE.ready(connection, [(99, told, b"")])

    brought = send_together(connection, [made, kept, again])

    number = brought[0].lastrowid
    assert _READ.run(connection, id=number).one()[0] == "it"
    assert _READ.run(connection, id=99).one()[0] == f"deed {number}"


def test_numbers_days_and_nothing_are_written_as_such(connection: Connection) -> None:
    found = Sql("SELECT :a + 1, :b, :c").run(connection, a=-(2**62), b=None, c=date(2026, 12, 1))

    assert [str(value) for value in found.one()] == [str(1 - 2**62), "None", "2026-12-01"]


def test_statements_in_one_packet_each_bring_their_own(connection: Connection) -> None:
    wrote, changed, read = send_together(
        connection,
        [
            _WRITE.ready(connection, [(1, "one; two", b"\x00'"), (2, "three", b"")]),
            Sql("UPDATE notes SET said = :said WHERE id = 2").ready(connection, said="four"),
            Sql("SELECT id, said FROM notes ORDER BY id").ready(connection),
        ],
    )

    assert (wrote.rowcount, changed.rowcount) == (2, 1)
    assert list(read) == [(1, "one; two"), (2, "four")]


def test_a_packet_ends_at_its_first_error(connection: Connection) -> None:
    write = _WRITE.ready(connection, [(1, "one", b"")])

    with pytest.raises(IntegrityError):
        send_together(connection, [write, write, _WRITE.ready(connection, [(3, "no", b"")])])

    assert _READ.run(connection, id=3).first() is None


@pytest.mark.engines("mariadb")
def test_only_packets_may_hold_several_statements(engine: Engine) -> None:
    with engine.connect() as usual, pytest.raises(ProgrammingError):
        Sql("SELECT 1; SELECT 2").run(usual)


@pytest.mark.engines("mariadb")
def test_backslashes_escape_and_nothing_is_bent(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            with engine.connect() as connection:
                mode = str(Sql("SELECT @@sql_mode").run(connection).scalar())
                assert "STRICT_TRANS_TABLES" in mode
                assert "NO_BACKSLASH_ESCAPES" not in mode


@pytest.mark.engines("mariadb")
def test_a_glance_leaves_no_transaction_open(app: Flask) -> None:
    asked = Sql(
        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = "
        "CONNECTION_ID()"
    )

    with app.app_context():
        transactions.glance(lambda connection: asked.run(connection).scalar())
        open_ = transactions.glance(lambda connection: asked.run(connection).scalar())

    assert open_ == 0


def test_a_moment_is_written_without_its_offset() -> None:
    assert literal(datetime(2026, 12, 1, 3, 0, 0, 5, tzinfo=UTC)) == "'2026-12-01 03:00:00.000005'"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("SELECT json_array(a, hex(b)) FROM t", "SELECT a, hex(b) FROM t"),
        ("SELECT json_array(a, f(g(b), (c))), d FROM (t)", "SELECT a, f(g(b), (c)), d FROM (t)"),
        ("SELECT a, json_array(b) FROM t", "SELECT a, json_array(b) FROM t"),
    ],
)
def test_sqlite_is_asked_for_the_columns_of_a_packed_select(text: str, plain: str) -> None:
    assert without_packing(text) == plain


def test_a_packed_select_brings_the_same_values_on_both_engines(connection: Connection) -> None:
    asked = Sql("SELECT json_array(:text, :number, NULL, hex(:kept))")

    rows = asked.packed(connection, text=HOSTILE[4], number=-7, kept=b"\x00'")

    assert [list(row) for row in rows] == [[HOSTILE[4], -7, None, "0027"]]


@pytest.mark.engines("sqlite")
def test_a_new_file_of_sqlite_has_small_pages(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA page_size").scalar() == 2048
