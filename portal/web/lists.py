"""Lists of pages, declared: columns, filters in the address, order, keyset pages, files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Response, request
from flask_babel import gettext
from sqlalchemy import Select
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import Invalid
from portal.i18n import N_
from portal.transactions import read
from portal.web import exports, filters
from portal.web.exports import Cell
from portal.web.forms import parse_day
from portal.web.navigation import with_arguments, without
from portal.web.paging import Count, Page, count_up_to, page_of

PAGE_SIZES = (25, 50, 100)
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `cell` gives the typed value of a row; `sort` is what it is ordered by.

    With a `permission`, those without it get neither the column nor its order.
    """

    key: str
    label: str
    cell: Callable[[Any], Cell]
    sort: Any = None
    permission: str = ""
    num: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of the address: `parse` reads the text (ValueError for nonsense), `where` narrows.

    `say` writes the value on its chip.
    """

    name: str
    label: str
    where: Callable[[Select[Any], Any], Select[Any]]
    parse: Callable[[str], Any] = str
    say: Callable[[Any], str] = str
    permission: str = ""


def day_filter(name: str, label: str, where: Callable[[Select[Any], Any], Select[Any]]) -> Filter:
    """Return a filter by a day, typed as dd/mm/yyyy or yyyy-mm-dd."""
    return Filter(name, label, where, parse=parse_day, say=filters.day)


def choice_filter(
    name: str,
    label: str,
    choices: dict[str, str],
    where: Callable[[Select[Any], Any], Select[Any]],
    permission: str = "",
) -> Filter:
    """Return a filter by one of few values; `choices` maps each to its N_ word."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(text)
        return text

    return Filter(name, label, where, parse, lambda key: gettext(choices[key]), permission)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as it is declared once. `key` is a unique column, `sort` the first order.

    Its files are named after its title, and after `of` if it is the list of one thing.
    """

    title: str
    columns: tuple[Column, ...]
    key: Any
    sort: str
    filters: tuple[Filter, ...] = ()
    of: str = ""

    def view(self, wanted: Select[Any], by: Actor) -> "ListView":
        """Return the list as the address asks for it. `wanted` is already scoped to the actor."""
        return ListView(self, wanted, by)


@dataclass
class ListView:
    """One look at a list: what a template and an export need."""

    listing: Listing
    wanted: Select[Any]
    by: Actor
    errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.active: list[Filter] = []
        for one in self.listing.filters:
            self._apply(one)

    def _apply(self, one: Filter) -> None:
        text = request.args.get(one.name, "").strip()[:200]
        if not text or not self._open(one.permission):
            return
        try:
            value = one.parse(text)
        except (ValueError, ArithmeticError):
            self.errors[one.name] = gettext(N_("%(name)s: this value is not valid.")) % {
                "name": gettext(one.label)
            }
            return
        self.values[one.name] = value
        self.active.append(one)
        self.wanted = one.where(self.wanted, value)

    def _open(self, permission: str) -> bool:
        return not permission or self.by.may(permission)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns that the actor may see."""
        return tuple(one for one in self.listing.columns if self._open(one.permission))

    def has(self, key: str) -> bool:
        """Whether the actor sees a column."""
        return any(one.key == key for one in self.columns)

    @cached_property
    def sort(self) -> str:
        """The order in force as the address writes it: `name` or `-name`."""
        asked = request.args.get("sort", "")
        known = {one.key for one in self.columns if one.sort is not None}
        return asked if asked.removeprefix("-") in known else self.listing.sort

    @property
    def _order(self) -> tuple[Any, ...]:
        falls = self.sort.startswith("-")
        key = self.sort.removeprefix("-")
        column = next((one.sort for one in self.listing.columns if one.key == key), None)
        parts = (
            [self.listing.key]
            if column is None or column is self.listing.key
            else [column, self.listing.key]
        )
        return tuple(part.desc() if falls else part for part in parts)

    @cached_property
    def limit(self) -> int:
        """How many rows a page shows."""
        asked = request.args.get("limit", "")
        return int(asked) if asked in {str(size) for size in PAGE_SIZES} else 50

    @cached_property
    def _page(self) -> Page[Any]:
        return read(page_asked, self.wanted, order=self._order, limit=self.limit)

    @property
    def items(self) -> list[Any]:
        """The rows of this page."""
        return self._page.items

    @property
    def next_url(self) -> str | None:
        """The address of the next page."""
        return Turned(self._page).next_url

    @property
    def previous_url(self) -> str | None:
        """The address of the page before."""
        return Turned(self._page).previous_url

    @cached_property
    def count(self) -> Count:
        """How many rows there are, counted up to 10,000."""
        return read(count_up_to, self.wanted)

    @property
    def count_text(self) -> str:
        """The count in words: 1.284, or "more than 10.000"."""
        number = filters.quantity(self.count.number)
        return gettext("more than %(number)s", number=number) if self.count.more else number

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """The filters in force: label, value, the address without it."""
        return [
            (gettext(one.label), one.say(self.values[one.name]), without(one.name))
            for one in self.active
        ]

    @property
    def clear_url(self) -> str:
        """The address without any filter; empty when none is in force."""
        return without(*(one.name for one in self.listing.filters)) if self.active else ""

    def text(self, name: str) -> str:
        """Return a filter's text as it was typed, for its field."""
        return request.args.get(name, "")

    def file_url(self, kind: str) -> str:
        """Return the address of the same list as a file: csv or xlsx."""
        return with_arguments(format=kind, after=None, before=None)

    def file(self) -> Response | None:
        """Return the file, if the address asks for one (`?format=csv` or `xlsx`)."""
        kind = request.args.get("format")
        if kind not in {"csv", "xlsx"}:
            return None
        head = [gettext(one.label) for one in self.columns]
        rows = ([one.cell(item) for one in self.columns] for item in self._all())
        title = gettext(self.listing.title)
        name = f"{title} {self.listing.of}"
        if kind == "csv":
            return exports.csv_response(name, head, rows)
        return exports.xlsx_response(name, head, rows, title)

    def _all(self) -> Iterator[Any]:
        """Read all rows in batches, so that memory stays small."""
        cursor: str | None = None
        while True:
            page: Page[Any] = read(
                page_of, self.wanted, order=self._order, cursor=cursor, limit=BATCH
            )
            yield from page.items
            if page.next is None:
                return
            cursor = page.next


@dataclass(frozen=True, slots=True)
class Turned:
    """A page of rows inside another page, with the addresses of its neighbours."""

    page: Page[Any]
    count: int = 0

    @property
    def items(self) -> list[Any]:
        """The rows of this page."""
        return self.page.items

    @property
    def next_url(self) -> str | None:
        """The address of the next page."""
        cursor = self.page.next
        return with_arguments(after=cursor, before=None) if cursor else None

    @property
    def previous_url(self) -> str | None:
        """The address of the page before."""
        cursor = self.page.previous
        return with_arguments(before=cursor, after=None) if cursor else None


def page_asked(
    session: Session, wanted: Select[Any], *, order: tuple[Any, ...], limit: int
) -> Page[Any]:
    """Return the page that the address asks for; the first one for a link of another list."""
    cursor = request.args.get("before") or request.args.get("after")
    try:
        return page_of(session, wanted, order=order, cursor=cursor, limit=limit)
    except Invalid:
        return page_of(session, wanted, order=order, limit=limit)


def like(text: str) -> str:
    """Return a pattern for `column.like(..., escape='!')` that finds the text anywhere."""
    for mark in "!%_":
        text = text.replace(mark, f"!{mark}")
    return f"%{text}%"


def api_page(
    session: Session,
    wanted: Select[Any],
    shown: Callable[[Any], Any],
    *,
    order: tuple[Any, ...],
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of a list as the API answers it: `{"items": [...], "next": ...}`."""
    page = page_of(session, wanted, order=order, cursor=cursor, limit=limit)
    return {"items": [shown(item) for item in page.items], "next": page.next}
