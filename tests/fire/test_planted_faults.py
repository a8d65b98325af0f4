"""Each invariant's check finds what is planted; a check that could not fail would prove nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from portal import clock
from portal.app import create_app
from portal.config import Settings
from portal.credit.queries.verification import check_deeds
from portal.credit.queries.verification.triggers import GUARDS
from portal.extensions import db
from portal.orders.queries.verification import check_orders
from tests.conftest import CHEAP_ARGON2, SECRET
from tests.databases import MariaDatabase
from tests.fire.books import Books, read, read_at
from tests.fire.crowd import Answer, post
from tests.fire.invariants import broken_promises, digest, faults_in
from tests.fire.world import World, build
from tests.visitors import ZONE

A_HASH = "X'" + "ab" * 32 + "'"
PLANTED = {
    "I1": [
        "UPDATE entries SET book = 'elsewhere' WHERE deed_id = {debit}",
        "UPDATE accounts SET balance = balance + 1 WHERE id = {account}",
        "UPDATE entries SET value = value + 1 WHERE deed_id = {debit}",
        "UPDATE entries SET value = 1 WHERE deed_id = {settlement} AND lot_id IS NULL",
        "UPDATE entries SET qty = qty - 1 WHERE deed_id = {settlement} AND lot_id IS NULL",
        "UPDATE lots SET paid = paid + 1000 WHERE id = {lot}",
    ],
    "I2": [
        "UPDATE accounts SET balance = balance - 1 WHERE id = {account}",
        "UPDATE entries SET balance_after = balance_after + 1 WHERE deed_id = {debit}",
        "UPDATE entries SET qty = qty + 1 WHERE deed_id = {debit}",
        "DELETE FROM entries WHERE deed_id = {debit}",
        "DELETE FROM accounts WHERE id = {account}",
    ],
    "I3": [
        "UPDATE lots SET remaining = remaining + 1, used = used - 1 WHERE id = {lot}",
        "UPDATE accounts SET debt = debt + 1 WHERE id = {account}",
        "UPDATE debts SET remaining = remaining + 1 WHERE account_id = {account}",
        "DELETE FROM lots WHERE id = {open}",
        "UPDATE entries SET lot_id = {open} WHERE deed_id = {debit}",
    ],
    "I4": [
        "UPDATE lots SET remaining = -1 WHERE id = {lot}",
        "UPDATE lots SET used = used + 1 WHERE id = {lot}",
        "UPDATE lots SET is_open = 0 WHERE id = {open}",
        "UPDATE entries SET floor = 0 WHERE balance_after < 0",
        "UPDATE account_floors SET floor = 0 WHERE account_id = {account}",
        "DELETE FROM account_floors WHERE account_id = {account}",
    ],
    "I5": [
        "UPDATE deeds SET entity_id = '{other}' WHERE id = {debit}",
        "UPDATE deeds SET answer = NULL WHERE id = {debit}",
        "UPDATE deeds SET fingerprint = NULL WHERE id = {debit}",
        "UPDATE orders SET external_reference = 'order-1' WHERE id = {other}",
    ],
    "I9": [
        "UPDATE entries SET actor_id = 99 WHERE deed_id = {debit}",
        "UPDATE entries SET order_id = {other} WHERE deed_id = {debit}",
        "UPDATE entries SET booked_at = '2026-01-01 00:00:00.000000' WHERE deed_id = {debit}",
        "UPDATE entries SET hash = {hash} WHERE deed_id = {debit}",
        "UPDATE accounts SET last_hash = {hash} WHERE id = {account}",
        "UPDATE accounts SET seq = seq + 1 WHERE id = {account}",
        "DELETE FROM entries WHERE deed_id = {debit}",
        "DELETE FROM deeds WHERE id = {debit}",
        "UPDATE deeds SET entries = entries + 1 WHERE id = {debit}",
    ],
    "I10": [
        "UPDATE entries SET qty = qty + 1 WHERE deed_id = {cancellation}",
        "DELETE FROM reversals",
        "INSERT INTO reversals (deed_id, reversed_by) VALUES ({debit}, {cancellation})",
        "UPDATE entries SET reverses_id = {debit} WHERE deed_id = {cancellation}",
    ],
    "I12": [
        "UPDATE lots SET expires_on = '2026-11-30' WHERE id = {lot}",
        "UPDATE lots SET expires_on = '2030-01-01' WHERE id = {dead}",
        "UPDATE entries SET kind = 'expiry' WHERE lot_id = {dead}",
        "UPDATE entries SET lot_id = {dead} WHERE order_id = {later}",
    ],
    "I13": [
        "UPDATE order_lines SET acquisition_amount = 1 WHERE order_id = {order}",
        "UPDATE orders SET sale_total = sale_total - 1 WHERE id = {order}",
        "UPDATE orders SET day = '2026-11-30' WHERE id = {order}",
        "UPDATE edition_items SET price = price + 1",
        "UPDATE editions SET valid_from = '2027-01-01'",
        "DELETE FROM price_assignments",
        "UPDATE order_lines SET edition_id = 999 WHERE order_id = {order}",
        "UPDATE order_lines SET quantity = 2 * quantity,"
        " acquisition_amount = 2 * acquisition_amount WHERE order_id = {order};"
        " UPDATE orders SET acquisition_total = 2 * acquisition_total WHERE id = {order}",
    ],
    "I14": [
        "DELETE FROM orders WHERE id = {order}",
        "DELETE FROM order_lines WHERE order_id = {order}",
        "DELETE FROM deeds WHERE id = {debit}",
        "DELETE FROM entries WHERE deed_id = {debit}",
        "UPDATE entries SET order_id = NULL WHERE deed_id = {debit}",
        "UPDATE entries SET order_id = {other} WHERE deed_id = {debit}",
        "UPDATE entries SET order_id = 999999 WHERE deed_id = {debit}",
        "UPDATE orders SET status = 'draft', placed_at = NULL WHERE id = {order}",
        "UPDATE orders SET status = 'cancelled' WHERE id = {order}",
        "UPDATE orders SET status = 'placed' WHERE status = 'cancelled'",
        "UPDATE orders SET service_point_id = {stranger} WHERE id = {order}",
        "UPDATE deeds SET action = 'order.changed' WHERE id = {debit}",
    ],
}  # fmt: skip
SPOTS = {
    "account": "SELECT MIN(id) FROM accounts",
    "order": "SELECT id FROM orders WHERE external_reference = 'order-1'",
    "other": "SELECT id FROM orders WHERE external_reference = 'order-2'",
    "later": "SELECT id FROM orders WHERE external_reference = 'later'",
    "stranger": "SELECT MAX(id) FROM service_points",
    "debit": "SELECT MIN(e.deed_id) FROM entries e JOIN orders o ON o.id = e.order_id"
    " WHERE o.external_reference = 'order-1' AND e.kind = 'debit'",
    "settlement": "SELECT MIN(deed_id) FROM entries WHERE kind = 'settlement'",
    "cancellation": "SELECT MIN(deed_id) FROM entries WHERE kind = 'reversal'",
    "lot": "SELECT MIN(id) FROM lots",
    "open": "SELECT MAX(id) FROM lots WHERE is_open = 1",
    "dead": "SELECT id FROM lots WHERE expired > 0",
}


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def lived(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database that has seen every kind of movement, and whose guards are gone."""
    database, url = None, ""
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_files").fresh()
    else:
        server = request.getfixturevalue("mariadb_server")
        database = MariaDatabase.create(server, "planted")
        url = database.url
    clock.configure(timezone=ZONE, now="2026-12-01T12:00:00Z")
    live(build(url, points=3, covers=2, lots=2))
    drop_guards(url)
    yield url
    if database is not None:
        database.drop()


def live(world: World) -> None:
    """Order, owe, pay, cancel, let expire, keep a draft."""
    settings = Settings.from_environment(
        {"PORTAL_ENV": "testing", "DATABASE_URL": world.url, "SECRET_KEY": SECRET}
    )
    frozen = replace(settings, argon2=CHEAP_ARGON2, now="2026-12-01T12:00:00Z")
    app = create_app(frozen)
    client = app.test_client()

    def ask(job: dict[str, Any], method: str = "POST") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {world.token}", "Idempotency-Key": job["key"]}
        answer = client.open(job["path"], method=method, json=job["body"], headers=headers)
        assert answer.status_code < 300, answer.json
        return dict(answer.json)

    def grant(key: str, point: str, **facts: Any) -> None:
        body = {"amount": "150.00", "paid": "140.00", "kind": "paid", "reason": "r"}
        ask(post(f"{world.account_path(point)}/grants", body | facts, key))

    def let_time_pass(now: str) -> None:
        clock.configure(timezone=ZONE, now=now)

    first, second, _ = world.points
    let_time_pass("2026-12-01T12:30:00Z")
    ask(post("/credit-policies", {"code": "L", "name": "L", "money": "500.00"}, "p"))
    patch = {"path": f"/api/v1/service-points/{first}", "key": "", "body": {"credit_policy": "L"}}
    ask(patch, "PATCH")
    let_time_pass("2026-12-01T13:00:00Z")
    for number in range(1, 5):
        ask(world.order(f"order-{number}"))
    third = ask(world.order("cancelled"))["number"]
    ask(post(f"/orders/{third}/cancel", {"reason": "r"}, "c"))
    grant("g", first)
    ask(world.order("draft", draft=True))
    until = clock.today() + timedelta(days=1)
    grant("e", second, expires_on=until.isoformat(), kind="bonus", paid="0.00")
    ask(world.order("sooner", second))
    let_time_pass("2026-12-05T12:00:00Z")
    ask(world.order("later", second))
    with app.app_context():
        db.engine.dispose()


def drop_guards(url: str) -> None:
    """Take away what keeps the database from being tampered with."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for guard in GUARDS:
            connection.execute(text(f"DROP TRIGGER {guard.name}"))
    engine.dispose()


@pytest.fixture
def connection(lived: str) -> Iterator[Connection]:
    """Someone who knows the database's password; nothing that is done stays."""
    engine = create_engine(lived)
    with engine.connect() as lent:
        if lived.startswith("sqlite"):
            lent.execute(text("PRAGMA ignore_check_constraints = ON"))
        else:
            lent.execute(text("SET check_constraint_checks = 0, foreign_key_checks = 0"))
        yield lent
        lent.rollback()
    engine.dispose()


@pytest.fixture
def spots(connection: Connection) -> dict[str, Any]:
    """Where faults are planted."""
    found = {name: connection.execute(text(sql)).scalar() for name, sql in SPOTS.items()}
    assert None not in found.values(), found
    return found | {"hash": A_HASH}


def test_what_has_lived_is_whole(lived: str) -> None:
    books = read_at(lived)

    assert faults_in(books) == []
    kinds = {row["kind"] for row in books["entries"]}
    assert kinds == {"grant", "debit", "reversal", "settlement", "expiry"}


@pytest.mark.parametrize("name", PLANTED)
def test_a_broken_invariant_is_found_by_its_check(
    name: str, connection: Connection, spots: dict[str, Any]
) -> None:
    missed = []
    for planted in PLANTED[name]:
        touched = 0
        for statement in planted.split(";"):
            touched += connection.execute(text(statement.format(**spots))).rowcount
        assert touched, f"nothing was planted by {planted}"

        found = faults_in(read(connection))

        if name not in {fault.split()[0] for fault in found}:
            missed.append(planted)
        connection.rollback()
    assert missed == []


def test_a_key_that_stands_twice_is_found(connection: Connection) -> None:
    books = read(connection)
    books["deeds"].append(books["deeds"][-1] | {"id": 10**9, "action": "answered"})

    assert [fault for fault in faults_in(books) if fault.startswith("I5 key")]


def test_broken_promises_are_found(lived: str) -> None:
    books = read_at(lived)
    order = next(row for row in books["orders"] if row["external_reference"] == "order-1")

    def told(status: int, key: str = "order-1", debited: str = "110.00") -> Answer:
        body = {"number": str(order["id"]), "credit": {"debited": debited}}
        return Answer(key, status, body, False, 0.1, (), "", None)

    assert broken_promises(books, [told(201), told(422, "never")]) == []
    lost = broken_promises(books, [told(201, "lost")])
    other = broken_promises(books, [told(201, debited="110.01")])
    stored = broken_promises(books, [told(422)])
    assert [fault[:2] for fault in (*lost, *other, *stored)] == ["I7", "I7", "I8"]


def test_any_change_shows_in_the_digest(connection: Connection, spots: dict[str, Any]) -> None:
    before = digest(read(connection))
    connection.rollback()
    assert digest(read(connection)) == before

    connection.execute(text("UPDATE lots SET used = used + 1 WHERE id = :lot"), spots)

    changed: Callable[[Books], str] = digest
    assert changed(read(connection)) != before


MAY_CHANGE = ("UPDATE edition_items", "DELETE FROM price_assignments", "UPDATE orders SET day")
"""What the portal's own proof takes from the rows as they stand: prices may be withdrawn later."""


@pytest.mark.parametrize("name", ["I13", "I14"])
def test_a_broken_order_is_found_by_ledger_verify(
    name: str, connection: Connection, spots: dict[str, Any]
) -> None:
    passes = (check_deeds, check_orders)
    missed = []
    for planted in PLANTED[name]:
        for statement in planted.split(";"):
            connection.execute(text(statement.format(**spots)))

        if not any(check.faults for look in passes for check in look(connection)):
            missed.append(planted)
        connection.rollback()
    assert [planted for planted in missed if not planted.startswith(MAY_CHANGE)] == []
    assert not any(check.faults for look in passes for check in look(connection))
