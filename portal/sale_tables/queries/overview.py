"""What the pages of a sale table show: its editions, two side by side, what publishing does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.money import PRICE_SCALE, from_minor
from portal.periods import Period
from portal.pricing.models import EditionState
from portal.pricing.queries.editions import product_names
from portal.pricing.rules.compare import Change, Compared, Comparison, Warn, compare, first_to_see
from portal.pricing.rules.items import ItemRow
from portal.pricing.rules.outlook import (
    Chosen,
    Publication,
    chosen_of,
    previous_of,
    publication_of,
)
from portal.pricing.rules.windows import gaps, window_of
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.editions import (
    all_editions,
    count_rows,
    edition_of,
    published_editions,
    rows_of,
)
from portal.sale_tables.queries.tables import table_of
from portal.sale_tables.rules.rows import StoredRow

SHOWN_ROWS = 200


@dataclass(frozen=True, slots=True)
class Overview:
    """A sale table as its page shows it."""

    table: SaleTable
    editions: Sequence[SaleEdition]
    chosen: Chosen[SaleEdition]
    items: dict[int, int] = field(default_factory=dict)
    gaps: Sequence[Period] = ()


@dataclass(frozen=True, slots=True)
class SaleChange:
    """A product in two editions."""

    row: Compared
    sku: str
    name: str
    was_on_site: bool
    on_site: bool

    @property
    def old(self) -> Decimal | None:
        """What it cost."""
        return _price(self.row.old)

    @property
    def new(self) -> Decimal | None:
        """What it costs."""
        return _price(self.row.new)

    @property
    def change(self) -> str:
        """What happens to its price."""
        return self.row.change

    @property
    def percent(self) -> Decimal | None:
        """By how many per cent it rises or falls."""
        return self.row.percent

    @property
    def outlier(self) -> bool:
        """Whether it looks like a slip."""
        return Warn.OUTLIER in self.row.warnings


@dataclass(frozen=True, slots=True)
class Beside:
    """Two editions beside each other."""

    table: SaleTable
    edition: SaleEdition
    other: SaleEdition | None
    editions: Sequence[SaleEdition]
    comparison: Comparison
    lines: Sequence[SaleChange]


@dataclass(frozen=True, slots=True)
class Preview:
    """What happens when a draft is published."""

    beside: Beside
    publication: Publication[SaleEdition]


def edition_with_table(
    session: Session, by: Actor, table_id: int, edition_id: int
) -> tuple[SaleTable, SaleEdition]:
    """Return an edition that the actor may see, with its table."""
    found = table_of(session, by, table_id)
    return found, edition_of(session, by, found.id, edition_id)


def overview(
    session: Session, by: Actor, table_id: int, edition_id: int | None, day: date
) -> Overview:
    """Return all that the page of a sale table shows; `edition_id` is the one chosen there."""
    table = table_of(session, by, table_id)
    editions = all_editions(session, by, table.id)
    live = [one for one in editions if one.state == EditionState.PUBLISHED]
    counts = count_rows(session, [one.id for one in editions])
    return Overview(
        table,
        editions,
        chosen_of(editions, edition_id, day),
        {edition: rows for edition, (rows, *_) in counts.items()},
        gaps([window_of(one) for one in live]),
    )


def beside(
    session: Session,
    by: Actor,
    table_id: int,
    edition_id: int,
    other_id: int | None,
    *,
    only: str = "",
) -> Beside:
    """Compare an edition with another, by default the one that it follows."""
    table = table_of(session, by, table_id)
    edition = edition_of(session, by, table.id, edition_id)
    editions = all_editions(session, by, table.id)
    other = (
        edition_of(session, by, table.id, other_id) if other_id else previous_of(editions, edition)
    )
    old = {row.product_id: row for row in rows_of(session, other.id)} if other else {}
    new = {row.product_id: row for row in rows_of(session, edition.id)}
    comparison = compare(_priced(old.values()), _priced(new.values()))
    lines = _lines(session, comparison, old, new, only)
    return Beside(table, edition, other, editions, comparison, lines)


def preview(
    session: Session, by: Actor, table_id: int, edition_id: int, day: date, *, replacing: bool
) -> Preview:
    """Say what publishing would do, before it does it."""
    both = beside(session, by, table_id, edition_id, None)
    standing = published_editions(session, table_id)
    return Preview(both, publication_of(standing, both.edition, day, replacing=replacing))


def _priced(rows: Iterable[StoredRow]) -> list[ItemRow]:
    """Return the rows that have a price, as editions of acquisition prices have them."""
    return [
        ItemRow(row.product_id, 0, row.price, None, free=False)
        for row in rows
        if row.price is not None
    ]


def _lines(
    session: Session,
    comparison: Comparison,
    old: dict[int, StoredRow],
    new: dict[int, StoredRow],
    only: str,
) -> list[SaleChange]:
    """Return what is worth seeing first: warnings, then changes; at most some hundred rows."""
    wanted = [row for row in comparison.rows if _is_wanted(row, old, new, only)]
    shown = sorted(wanted, key=first_to_see)[:SHOWN_ROWS]
    names = product_names(session, [row.product_id for row in shown])
    return [
        SaleChange(row, *names[row.product_id][:2], _on_site(old, row), _on_site(new, row))
        for row in shown
    ]


def _is_wanted(
    row: Compared, old: dict[int, StoredRow], new: dict[int, StoredRow], only: str
) -> bool:
    if only == "all":
        return True
    moved = _on_site(old, row) != _on_site(new, row)
    if only == "site":
        return moved
    if only == "warnings":
        return bool(row.warnings)
    if only:
        return row.change == only
    return row.change != Change.SAME or moved


def _on_site(rows: dict[int, StoredRow], row: Compared) -> bool:
    found = rows.get(row.product_id)
    return found is not None and found.on_site


def _price(minor: int | None) -> Decimal | None:
    return None if minor is None else from_minor(minor, PRICE_SCALE)
