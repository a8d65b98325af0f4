"""Figures that only some may see, in every spelling, and the search for them in answers."""

import io
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from werkzeug.test import TestResponse

from tests.safety.world import COSTS_A, COSTS_B, GRANTS_A, GRANTS_B

SMALLEST = Decimal(100_000)
"""Figures with fewer digits come up by chance."""
FIGURES = {
    "edition_items": {"price": 4, "percent": 4},
    "sale_items": {"confirmed_acquisition": 4},
    "orders": {"acquisition_total": 2},
    "order_lines": {"acquisition_unit_price": 4, "acquisition_amount": 2},
    "accounts": {"balance": 2},
    "lots": {"face": 2, "paid": 2, "remaining": 2},
    "entries": {"qty": 2, "value": 2, "balance_after": 2},
    "service_points": {"low_balance_threshold": 2},
    "credit_policies": {"money": 2},
}
"""Where acquisition prices, debits and balances stand, with their decimals."""
PLANTED = (*COSTS_A, *COSTS_B, GRANTS_A, GRANTS_B, "61.37")


_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9][0-9.,]*[0-9](?![0-9A-Za-z])")


@dataclass(frozen=True)
class Canaries:
    """Figures to look for, with all their spellings."""

    figures: frozenset[Decimal]
    spelled: frozenset[str]

    @classmethod
    def of(cls, figures: Iterable[Decimal]) -> "Canaries":
        """Prepare a search."""
        kept = frozenset(figures)
        return cls(kept, frozenset(text for one in kept for text in spellings(one)))

    def seen_in(self, text: str) -> set[str]:
        """Return what stands in a text, also as a part of a list of numbers."""
        words = set(_NUMBER.findall(text))
        parts = {part for word in words if "," in word for part in word.split(",")}
        return (words | parts) & self.spelled


def spellings(figure: Decimal) -> set[str]:
    """Return how a figure may be written: with and without marks, in cents, rounded."""
    found = set()
    for places in (2, 4):
        plain = f"{abs(figure):.{places}f}"
        grouped = f"{abs(figure):,.{places}f}"
        swapped = grouped.translate(str.maketrans(",.", ".,"))
        found |= {plain, plain.replace(".", ","), grouped, swapped, plain.replace(".", "")}
    short = f"{figure.normalize():f}".lstrip("-")
    found |= {short, short.replace(".", ",")}
    if abs(figure) >= SMALLEST:
        whole = abs(figure).to_integral_value()
        for one in (
            whole,
            abs(figure).quantize(Decimal(1), ROUND_HALF_UP),
            Decimal(int(abs(figure))),
        ):
            found |= {str(one), f"{one:,}".replace(",", "."), f"{one:,}"}
    return {text for text in found if sum(mark.isdigit() for mark in text) >= 4}


def planted(path: Path) -> set[Decimal]:
    """Return every such figure that a database holds, and what follows from them by subtraction."""
    found = {Decimal(text) for text in PLANTED}
    database = sqlite3.connect(path)
    try:
        for table, columns in FIGURES.items():
            for column, scale in columns.items():
                found |= set(_figures(database, table, column, scale))
        found |= set(_margins(database))
    finally:
        database.close()
    return {one for one in found if abs(one) >= SMALLEST or one == Decimal("61.37")}


def _figures(
    database: sqlite3.Connection, table: str, column: str, scale: int
) -> Iterator[Decimal]:
    wanted = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - constants above
    for (value,) in database.execute(wanted):
        yield Decimal(value).scaleb(-scale)


def _margins(database: sqlite3.Connection) -> Iterator[Decimal]:
    """The difference attack: the sale is known to all, so the margin tells the cost."""
    of_orders = "SELECT sale_total - acquisition_total FROM orders WHERE sale_total IS NOT NULL"
    of_lines = (
        "SELECT sale_amount - acquisition_amount FROM order_lines WHERE sale_amount IS NOT NULL"
    )
    sums = "SELECT sum(acquisition_total), sum(sale_total) - sum(acquisition_total) FROM orders"
    for statement in (of_orders, of_lines, sums):
        for row in database.execute(statement):
            yield from (Decimal(value).scaleb(-2) for value in row if value is not None)


def texts_of(answer: TestResponse) -> str:
    """Return all that an answer says: headers, the body, and what a workbook holds unpacked."""
    body = answer.get_data()
    words = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            parts = [book.read(name).decode("utf-8", "replace") for name in book.namelist()]
        return words + "\n".join(parts)
    return words + body.decode("utf-8", "replace")
