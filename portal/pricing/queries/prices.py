"""Reading the prices of a day: a constant number of statements, whatever the number of lines.

One finds the assignments in force with their general tables and the editions in force; where a
service point uses its own tables, one more finds those. One reads the items of the chosen edition;
a table that is calculated from another adds one for each table below it. The edition is looked up
first and the items by its number: written as one join the database reads whole editions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from portal.db import Sql, as_day, connection_of
from portal.periods import FOREVER
from portal.pricing.models import TableKind
from portal.pricing.rules.book import (
    Assignment,
    BookItem,
    Candidate,
    InForce,
    Level,
    PriceBook,
    Table,
    choose,
)
from portal.wire import Carrier, Ran, Ready, send_together, unpacked

BASE_COLUMNS = """t.id, t.name, t.issuer_id, t.calculation, t.base_table_id, t.percent,
    t.rounding_step, t.rounding_ending, e.id, e.number, e.valid_from, e.valid_until"""
CANDIDATE_COLUMNS = f"a.id, a.mode, a.valid_from, a.valid_until, s.name, i.name, {BASE_COLUMNS}"
IN_FORCE = """LEFT JOIN editions e ON e.price_table_id = t.id AND e.state = 'published'
    AND e.valid_from <= :day AND e.valid_until >= :day"""
_OF_ISSUER = "(t.issuer_id IS NULL OR t.issuer_id = i.id)"


def _assigned(point: str, issuer: str | None, tables: str, fits: str) -> str:
    """Return the text that finds the assignments of a day and their tables, each as one column."""
    name, joined = ("i.name", f"LEFT JOIN issuers i ON {issuer}") if issuer else ("NULL", "")
    columns = CANDIDATE_COLUMNS.replace("i.name", name)
    return f"""SELECT json_array({columns}) FROM price_assignments a
        JOIN service_points s ON s.id = a.service_point_id {joined}
        LEFT JOIN price_tables t ON {tables} {IN_FORCE}
        WHERE {point} AND a.valid_from <= :day AND a.valid_until >= :day AND {fits}"""  # noqa: S608 - names from code


_GENERAL, _GENERAL_FITS = "t.id = a.price_table_id", f"(a.mode = 'own' OR {_OF_ISSUER})"
_BY_NUMBER, _BY_CODE = "a.service_point_id = :service_point", "s.code = :service_point"
ASSIGNED = Sql(_assigned(_BY_NUMBER, "i.id = :issuer", _GENERAL, _GENERAL_FITS))
ASSIGNED_BY_CODE = Sql(
    _assigned(_BY_CODE, "i.code = :issuer", _GENERAL, _GENERAL_FITS), prepare=True
)
ASSIGNED_WITHOUT_ISSUER = Sql(
    _assigned(_BY_CODE, None, _GENERAL, "(a.mode = 'own' OR t.issuer_id IS NULL)"), prepare=True
)
OWN = Sql(
    _assigned(
        _BY_NUMBER,
        "i.id = :issuer",
        f"t.service_point_id = a.service_point_id AND {_OF_ISSUER}",
        "a.mode = 'own'",
    )
)
BASE = Sql(
    f"SELECT json_array({BASE_COLUMNS}) FROM price_tables t {IN_FORCE} WHERE t.id = :table"  # noqa: S608 - as above
)
FEW_LINES = 8
"""Up to here statements for so many products are worth preparing."""
ITEM_COLUMNS = "json_array(edition_id, product_id, min_quantity, price, percent, free)"


@lru_cache(maxsize=512)
def items_statement(editions: int, products: int) -> Sql:
    """Return the statement for the items of so many products in so many editions."""
    edition_marks = ", ".join(f":e{number}" for number in range(editions))
    product_marks = ", ".join(f":p{number}" for number in range(products))
    return Sql(
        f"SELECT {ITEM_COLUMNS} FROM edition_items "  # noqa: S608 - names from code, values bound
        f"WHERE edition_id IN ({edition_marks}) AND product_id IN ({product_marks})",
        prepare=editions == 1 and products <= FEW_LINES,
    )


def load_book(
    connection_or_session: Carrier | Session,
    *,
    service_point_id: int,
    issuer_id: int | None,
    day: date,
    product_ids: Iterable[int],
    assigned: Ran | None = None,
) -> PriceBook:
    """Read what prices the products for a service point, through an issuer or none, on a day.

    `assigned` is what `assignment_by_code` of the same three has brought, where it was sent before.
    """
    connection = connection_of(connection_or_session)
    book = _opened(connection, service_point_id, issuer_id, day, assigned)
    fill(connection, book.levels, product_ids)
    return book


def load_book_beside(
    connection: Carrier,
    *,
    service_point_id: int,
    issuer_id: int | None,
    day: date,
    product_ids: Iterable[int],
    beside: Ready,
    assigned: Ran | None = None,
) -> tuple[PriceBook, Ran]:
    """Do the same, and let another statement travel with the last one; return what it brought."""
    book = _opened(connection, service_point_id, issuer_id, day, assigned)
    return book, fill(connection, book.levels, product_ids, beside)[-1]


def _opened(
    connection: Carrier,
    service_point_id: int,
    issuer_id: int | None,
    day: date,
    assigned: Ran | None,
) -> PriceBook:
    """Return the book with the tables that count, before their items are read."""
    rows = _candidate_rows(connection, service_point_id, issuer_id, day, assigned)
    if not rows:
        return PriceBook(day, issuer_id)
    chosen = choose([candidate_of(row) for row in rows if row[6] is not None], issuer_id)
    book = PriceBook(day, issuer_id, rows[0][4], rows[0][5] or "", _assignment(rows[0]))
    if chosen is not None:
        book.assignment = chosen.assignment
        book.levels = levels_below(connection, chosen.table, chosen.edition, day)
    return book


def assignment_by_code(
    connection: Carrier, service_point: str, issuer: str | None, day: date
) -> Ready:
    """Return the statement that finds the assignment before the numbers of both are known."""
    if issuer is None:
        return ASSIGNED_WITHOUT_ISSUER.ready(connection, service_point=service_point, day=day)
    return ASSIGNED_BY_CODE.ready(connection, service_point=service_point, issuer=issuer, day=day)


def candidates_of(
    session: Session, service_point_id: int, issuer_id: int | None, day: date
) -> list[Candidate]:
    """Return the tables that the assignments of the day allow, in force or not."""
    rows = _candidate_rows(session.connection(), service_point_id, issuer_id, day)
    return [candidate_of(row) for row in rows if row[6] is not None]


def _candidate_rows(
    connection: Carrier,
    service_point_id: int,
    issuer_id: int | None,
    day: date,
    assigned: Ran | None = None,
) -> Sequence[Sequence[Any]]:
    """Read the general tables assigned on the day, or, where it uses its own, those."""
    asked = {"service_point": service_point_id, "issuer": issuer_id, "day": day}
    rows = unpacked(assigned or ASSIGNED.run(connection, **asked))
    own = bool(rows) and rows[0][1] == TableKind.OWN
    return OWN.packed(connection, **asked) if own else rows


def levels_below(
    connection: Carrier, table: Table, edition: InForce | None, day: date
) -> list[Level]:
    """Return the table and, where it is calculated, those it comes from, the nearest first."""
    levels = [Level(table, edition)]
    seen = {table.id}
    while levels[-1].table.is_adjusted and levels[-1].edition is not None:
        base = levels[-1].table.base_table_id
        rows = BASE.packed(connection, table=base, day=day)
        if not rows or rows[0][0] in seen:
            break
        row = rows[0]
        seen.add(row[0])
        levels.append(level_of(row))
    return levels


def fill(
    connection: Carrier, levels: Sequence[Level], product_ids: Iterable[int], *beside: Ready
) -> list[Ran]:
    """Read the products' items into the levels, in one statement; return what came `beside`."""
    products = sorted(set(product_ids))
    by_edition = {level.edition.id: [level] for level in levels if level.edition is not None}
    if not products or not by_edition:
        return send_together(connection, beside) if beside else []
    asked = items_statement(len(by_edition), len(products))
    items = asked.given(connection, [*by_edition, *products])
    found, *others = send_together(connection, [items, *beside])
    hand_over(unpacked(found), by_edition)
    return others


def hand_over(rows: Iterable[Sequence[Any]], by_edition: Mapping[int, Sequence[Level]]) -> None:
    """Give the items of editions to the levels on which they are in force."""
    found: dict[int, dict[int, list[BookItem]]] = defaultdict(dict)
    for edition, product, minimum, price, percent, free in rows:
        item = BookItem(minimum, price, percent, bool(free))
        found[edition].setdefault(product, []).append(item)
    for edition, items in found.items():
        for level in by_edition[edition]:
            level.items = items


def level_of(row: Sequence[Any]) -> Level:
    """Read a row of BASE."""
    return Level(_table(row), _edition(row[8:12]))


def candidate_of(row: Sequence[Any]) -> Candidate:
    """Read a row of ASSIGNED or OWN."""
    return Candidate(_assignment(row), _table(row[6:14]), _edition(row[14:18]))


def _assignment(row: Sequence[Any]) -> Assignment:
    return Assignment(row[0], row[1], as_day(row[2]), _last(row[3]))


def _table(row: Sequence[Any]) -> Table:
    number, name, issuer, calculation, base, percent, step, ending = row[:8]
    return Table(number, name, issuer, calculation, base, percent or 0, step, ending)


def _edition(row: Sequence[Any]) -> InForce | None:
    if row[0] is None:
        return None
    return InForce(row[0], row[1], as_day(row[2]), _last(row[3]))


def _last(value: date | str) -> date | None:
    day = as_day(value)
    return None if day == FOREVER else day
