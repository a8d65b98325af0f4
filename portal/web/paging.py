"""Keyset paging: pages that stay put while rows come in, under any order, with NULLs."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import ColumnElement, Select, Table, and_, false, func, literal, or_, select, true
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from portal.db import LastDay
from portal.errors import Invalid, invalid
from portal.i18n import N_

T = TypeVar("T")
Order = Sequence[Any]
"""Columns, or `column.desc()`; the last one must be unique."""

COUNT_LIMIT = 10_000
MAX_CURSOR = 2000
"""Room for a long name in the order."""
_AT_HAND = "athand"
"""Marks cursors of lists that no select gives."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, with the cursors of its neighbours."""

    items: list[T]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two rows: the values of the row before, or after if it looks back."""

    values: tuple[Any, ...]
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, counted up to a limit."""

    number: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Key:
    """One column of the order."""

    column: ColumnElement[Any]
    falls: bool
    nullable: bool

    def beyond(self, value: Any, *, backward: bool) -> ColumnElement[bool]:
        """Return what holds for rows past the value. NULL comes first where values rise."""
        falls = self.falls is not backward
        if not self.nullable:
            bound = literal(value, self.column.type)
            return self.column < bound if falls else self.column > bound
        if value is None:
            return false() if falls else self.column.is_not(None)
        bound = literal(value, self.column.type)
        return or_(self.column < bound, self.column.is_(None)) if falls else self.column > bound

    def same(self, value: Any) -> ColumnElement[bool]:
        """Return what holds for rows with the value."""
        if value is None and self.nullable:
            return self.column.is_(None)
        return self.column == literal(value, self.column.type)

    def ordered(self, *, backward: bool) -> ColumnElement[Any]:
        """Return how rows are put in order."""
        return self.column.desc() if self.falls is not backward else self.column.asc()


def page_of(
    session: Session,
    wanted: Select[Any],
    *,
    order: Order,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Any]:
    """Return one page of a select without order; Invalid for a cursor that is none of this order.

    Items are what `session.scalars` gives for a select of one thing, rows for several.
    """
    keys = [_key(part, wanted) for part in order]
    mark = _signature(keys)
    place = decode(cursor, mark, len(keys)) if cursor else None
    rows = _rows(session, wanted, keys, place, limit + 1)
    return _page(rows, keys, place, limit, mark, single=len(wanted.column_descriptions) == 1)


def page_of_all(
    rows: Sequence[T],
    *,
    key: Callable[[T], tuple[int | str, ...]],
    cursor: str | None = None,
    limit: int = 50,
) -> Page[T]:
    """Return one page of rows that are all at hand; `key` is unique and finds the place again.

    Where the row before the place is gone since, Invalid: nothing is passed over unnoticed.
    """
    keys = [key(row) for row in rows]
    start = 0
    if cursor:
        place = decode(cursor, _AT_HAND, len(keys[0]) if keys else 1).values
        if place not in keys:
            raise bad_cursor()
        start = keys.index(place) + 1
    end = start + limit
    more = encode(Cursor(keys[end - 1]), _AT_HAND) if end < len(rows) else None
    return Page(list(rows[start:end]), next=more)


def _rows(
    session: Session, wanted: Select[Any], keys: list[_Key], place: Cursor | None, limit: int
) -> list[Any]:
    backward = place is not None and place.backward
    looked = wanted.add_columns(*(key.column.label(f"_key{at}") for at, key in enumerate(keys)))
    if place is not None:
        looked = looked.where(_past(keys, place.values, backward=backward))
    looked = looked.order_by(None).order_by(*(key.ordered(backward=backward) for key in keys))
    try:
        rows = list(session.execute(looked.limit(limit)).unique())
    except DBAPIError:
        raise
    except (StatementError, OverflowError):
        raise bad_cursor() from None
    return rows


def _page(
    rows: list[Any], keys: list[_Key], place: Cursor | None, limit: int, mark: str, *, single: bool
) -> Page[Any]:
    backward = place is not None and place.backward
    more = len(rows) > limit
    rows = rows[:limit]
    if backward:
        rows.reverse()
    width = len(keys)
    items = [row[0] if single else row[:-width] for row in rows]
    if not rows:
        return Page(items)
    first, last = (Cursor(tuple(row[-width:])) for row in (rows[0], rows[-1]))
    ahead = backward or more
    behind = more if backward else place is not None
    return Page(
        items,
        next=encode(last, mark) if ahead else None,
        previous=encode(Cursor(first.values, backward=True), mark) if behind else None,
    )


def _past(keys: list[_Key], values: tuple[Any, ...], *, backward: bool) -> ColumnElement[bool]:
    key, value = keys[0], values[0]
    beyond = key.beyond(value, backward=backward)
    if len(keys) == 1:
        return beyond
    rest = _past(keys[1:], values[1:], backward=backward)
    return or_(beyond, and_(key.same(value), rest))


def _key(part: Any, wanted: Select[Any]) -> _Key:
    falls = isinstance(part, UnaryExpression) and part.modifier is operators.desc_op
    column = part.element if isinstance(part, UnaryExpression) else part
    if isinstance(column, InstrumentedAttribute):
        column = column.expression
    return _Key(column, falls, _is_nullable(column, wanted))


def _is_nullable(column: Any, wanted: Select[Any]) -> bool:
    """Whether NULL may come: a column of another table may be there by an outer join."""
    if isinstance(column.type, LastDay):
        return False
    entity = wanted.column_descriptions[0].get("entity")
    own: Table | None = getattr(entity, "__table__", None)
    table = getattr(column, "table", None)
    return table is None or table is not own or bool(getattr(column, "nullable", True))


def _signature(keys: list[_Key]) -> str:
    words = "|".join(f"{key.column}{'-' if key.falls else ''}" for key in keys)
    return hashlib.sha256(words.encode()).hexdigest()[:6]


def encode(cursor: Cursor, mark: str) -> str:
    """Write a cursor for an address."""
    values = [_tagged(value) for value in cursor.values]
    raw = orjson.dumps([mark, int(cursor.backward), *values])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str, mark: str, width: int) -> Cursor:
    """Read a cursor; Invalid when it is none, or one of another order."""
    try:
        if len(text) > MAX_CURSOR:
            raise ValueError("too long")
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        sent_mark, backward, *values = orjson.loads(raw)
        if sent_mark != mark or backward not in {0, 1} or len(values) != width:
            raise ValueError("another list's")
        return Cursor(tuple(_untagged(value) for value in values), backward=bool(backward))
    except (ValueError, TypeError, ArithmeticError, LookupError):
        raise bad_cursor() from None


def bad_cursor() -> Invalid:
    """Return the refusal of a cursor."""
    return invalid("cursor", N_("This cursor belongs to no such list. Begin without one."))


def _tagged(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"m": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": f"{value:f}"}
    return value


def _untagged(value: Any) -> Any:
    if not isinstance(value, dict):
        if isinstance(value, str | int | None):
            return value
        raise ValueError("not a value")
    ((tag, text),) = value.items()
    if tag == "m":
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment
    if tag == "d":
        return date.fromisoformat(text)
    if tag == "n" and len(text) < 30:
        return Decimal(text)
    raise ValueError("not a value")


def count_up_to(session: Session, wanted: Select[Any], limit: int = COUNT_LIMIT) -> Count:
    """Count the rows of a select, but no further than the limit."""
    some = wanted.with_only_columns(true().label("one"), maintain_column_froms=True)
    seen = select(func.count()).select_from(some.order_by(None).limit(limit + 1).subquery())
    number = session.scalar(seen) or 0
    return Count(min(number, limit), more=number > limit)
