"""The guards of the journal: entries and deeds that the database itself refuses to change."""

from dataclasses import dataclass

from sqlalchemy import Connection

from portal.audit.models import Deed
from portal.credit.models import Entry
from portal.credit.queries.verification.report import Check
from portal.db import Sql

_MARIADB = Sql("SHOW TRIGGERS")
_SQLITE = Sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_SENT = "send_state"
"""The one column of a deed that may change: whether its message has left."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger that refuses an event on a table; `columns` those that it watches, or all."""

    table: str
    event: str
    why: str
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the database knows it by."""
        return f"{self.table}_no_{self.event.lower()}"

    def body(self, dialect: str) -> str:
        """Return its text as the database gives it back."""
        same = "IS" if dialect == "sqlite" else "<=>"
        when = " OR ".join(f"NOT (NEW.{name} {same} OLD.{name})" for name in self.columns)
        if dialect == "sqlite":
            condition = f"WHEN {when} " if when else ""
            return (
                f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} {condition}"
                f"BEGIN SELECT RAISE(ABORT, '{self.why}'); END"
            )
        signal = f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{self.why}'"
        action = f"BEGIN IF {when} THEN {signal}; END IF; END" if when else signal
        return f"BEFORE {self.event} ON {self.table} {action}"


GUARDS = (
    Guard(Entry.__tablename__, "UPDATE", "an entry never changes"),
    Guard(Entry.__tablename__, "DELETE", "an entry is never deleted"),
    Guard(
        Deed.__tablename__,
        "UPDATE",
        "a deed never changes",
        tuple(name for name in Deed.__table__.columns.keys() if name != _SENT),  # noqa: SIM118 - a collection of columns
    ),
    Guard(Deed.__tablename__, "DELETE", "a deed is never deleted"),
)


def check_triggers(connection: Connection) -> list[Check]:
    """Compare the journal's guards with the list in the code."""
    check = Check("I9", "the database refuses to change the journal", len(GUARDS))
    sqlite = connection.dialect.name == "sqlite"
    found = {name: " ".join(body.split()) for name, body in _rows(connection, sqlite=sqlite)}
    for guard in GUARDS:
        if guard.name not in found:
            check.fault(f"trigger {guard.name} is missing")
        elif found[guard.name] != guard.body("sqlite" if sqlite else "mariadb"):
            check.fault(f"trigger {guard.name} is not the one it must be")
    return [check]


def _rows(connection: Connection, *, sqlite: bool) -> list[tuple[str, str]]:
    if sqlite:
        return [(str(name), str(body)) for name, body in _SQLITE.run(connection)]
    return [
        (str(name), f"{timing} {event} ON {table} {action}")
        for name, event, table, action, timing, *_rest in _MARIADB.run(connection)
    ]
