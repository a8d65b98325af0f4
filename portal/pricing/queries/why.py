"""Why a price is what it is: what else might have applied, and the price over a year."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer, Product
from portal.errors import Refused
from portal.i18n import N_
from portal.money import PRICE_SCALE, QUANTITY_SCALE, from_minor, to_minor
from portal.partners.models import ServicePoint
from portal.periods import FOREVER, ONE_DAY
from portal.pricing.models import Edition, EditionState, PriceAssignment, PriceTable, TableKind
from portal.pricing.queries.assignments import assignments_of
from portal.pricing.queries.prices import candidates_of, fill, levels_below, load_book
from portal.pricing.rules.because import day_of, figure
from portal.pricing.rules.book import Candidate, InForce, PriceBook
from portal.pricing.rules.line import AcquisitionPrice, price_line

LOOK_BACK = timedelta(days=335)
LOOK_AHEAD = timedelta(days=60)
MOST_TURNS = 80
"""Days on which a price may change that a year's line looks at."""


@dataclass(frozen=True, slots=True)
class Question:
    """For whom, through whom, what, how many, when; with a sale price where one is known."""

    point: ServicePoint
    issuer: Issuer | None
    product: Product
    quantity: Decimal
    day: date
    sale: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Loser:
    """A candidate that did not apply, why not, and what it would have cost."""

    name: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)
    price: Decimal | None = None
    edition: int | None = None
    """Its number, where an edition of the table lost."""
    step: str = ""
    """From which quantity, where a quantity break lost."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days with one price; None where there is none."""

    first: date
    last: date
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The price with its book, or why there is none; what lost; the year."""

    price: AcquisitionPrice | None
    refusal: Refused | None
    book: PriceBook
    losers: Sequence[Loser]
    year: Sequence[Stretch]


def explain_price(session: Session, asked: Question, *, drafts: bool) -> Answered:
    """Answer the question; `drafts` tells whether editions not yet published may be named."""
    book = _book(session, asked, asked.day)
    price, refusal = _priced(book, asked)
    losers = [
        *_other_tables(session, asked, book),
        *_other_editions(session, asked, book, drafts=drafts),
        *_other_steps(book, asked),
        *_other_assignments(session, asked, book),
    ]
    return Answered(price, refusal, book, losers, _year(session, asked))


def _book(session: Session, asked: Question, day: date) -> PriceBook:
    return load_book(
        session,
        service_point_id=asked.point.id,
        issuer_id=asked.issuer.id if asked.issuer else None,
        day=day,
        product_ids=[asked.product.id],
    )


def _priced(book: PriceBook, asked: Question) -> tuple[AcquisitionPrice | None, Refused | None]:
    try:
        found = price_line(book, asked.product.id, asked.product.sku, asked.quantity, asked.sale)
    except Refused as refusal:
        return None, refusal
    return found, None


_LATER_TABLE = N_("The table for %(issuer)s has an edition in force and comes first.")
_NO_EDITION = N_("It has no edition in force on this day.")


def _other_tables(session: Session, asked: Question, book: PriceBook) -> Iterator[Loser]:
    chosen = book.levels[0].table.id if book.levels else None
    issuer_id = asked.issuer.id if asked.issuer else None
    for candidate in candidates_of(session, asked.point.id, issuer_id, asked.day):
        if candidate.table.id == chosen:
            continue
        if candidate.edition is None:
            yield Loser(candidate.table.name, _NO_EDITION)
        else:
            price = _if_it_were(session, asked, book, candidate, candidate.edition)
            facts = {"issuer": book.issuer}
            yield Loser(candidate.table.name, _LATER_TABLE, facts, price)


_BEGINS = N_("It begins only on %(day)s.")
_ENDED = N_("It ended on %(day)s.")
_DRAFT = N_("It is a draft, from %(day)s on.")


def _other_editions(
    session: Session, asked: Question, book: PriceBook, *, drafts: bool
) -> Iterator[Loser]:
    """Name the neighbours of the edition that applies, and the drafts."""
    if not book.levels or book.assignment is None:
        return
    table = book.levels[0].table
    found = session.scalars(
        select(Edition)
        .where(Edition.price_table_id == table.id, Edition.state != EditionState.SUPERSEDED)
        .order_by(Edition.valid_from)
    ).all()
    near = [*_last(found, asked.day), *_next(found, asked.day)]
    if drafts:
        near += [one for one in found if one.state == EditionState.DRAFT][:2]
    for one in near:
        edition = InForce(one.id, one.number, one.valid_from, one.valid_until)
        candidate = Candidate(book.assignment, table, edition)
        price = _if_it_were(session, asked, book, candidate, edition)
        text, facts = _why_not(one, asked.day)
        yield Loser(table.name, text, facts, price, edition=one.number)


def _last(editions: Sequence[Edition], day: date) -> list[Edition]:
    return [one for one in editions if _is_published(one) and one.period.last < day][-1:]


def _next(editions: Sequence[Edition], day: date) -> list[Edition]:
    return [one for one in editions if _is_published(one) and one.valid_from > day][:1]


def _is_published(edition: Edition) -> bool:
    return edition.state == EditionState.PUBLISHED


def _why_not(edition: Edition, day: date) -> tuple[str, dict[str, Any]]:
    if edition.state == EditionState.DRAFT:
        return _DRAFT, {"day": day_of(edition.valid_from)}
    if edition.valid_from > day:
        return _BEGINS, {"day": day_of(edition.valid_from)}
    return _ENDED, {"day": day_of(edition.period.last)}


_TOO_SMALL = N_("The price from %(minimum)s on reaches further and still fits %(quantity)s.")
_TOO_LARGE = N_("%(missing)s more are needed for the price from %(minimum)s on.")


def _other_steps(book: PriceBook, asked: Question) -> Iterator[Loser]:
    """Name the quantity breaks of the table that holds the item."""
    units = to_minor(asked.quantity, QUANTITY_SCALE)
    for level in book.levels:
        best = level.reached(asked.product.id, units)
        rows = sorted(level.items.get(asked.product.id, ()), key=lambda row: row.min_quantity)
        for row in rows:
            if row is best:
                continue
            too_large = row.min_quantity > units
            minimum = row.min_quantity if too_large or best is None else best.min_quantity
            facts = {
                "minimum": figure(minimum, QUANTITY_SCALE, 0),
                "quantity": figure(units, QUANTITY_SCALE, 0),
                "missing": figure(max(row.min_quantity - units, 0), QUANTITY_SCALE, 0),
            }
            step = figure(row.min_quantity, QUANTITY_SCALE, 0)
            price = None if row.price is None else from_minor(row.price, PRICE_SCALE)
            text = _TOO_LARGE if too_large else _TOO_SMALL
            yield Loser(level.table.name, text, facts, price, step=step)
        if rows:
            return


_LEFT = N_("The service point left it on %(day)s.")
_COMES = N_("The service point uses it only from %(day)s.")
_OWN_TABLES = N_("Own tables")


def _other_assignments(session: Session, asked: Question, book: PriceBook) -> Iterator[Loser]:
    """Name the assignments just before and after those of the day."""
    found = assignments_of(session, asked.point.id)
    past = [one for one in found if one.period.last < asked.day][-2:]
    coming = [one for one in found if one.valid_from > asked.day][:2]
    for one in [*past, *coming]:
        name = one.price_table.name if one.price_table else _OWN_TABLES
        if one.valid_from > asked.day:
            yield Loser(name, _COMES, {"day": day_of(one.valid_from)})
        else:
            yield Loser(name, _LEFT, {"day": day_of(one.period.last)})


def _if_it_were(
    session: Session, asked: Question, book: PriceBook, candidate: Candidate, edition: InForce
) -> Decimal | None:
    """Return what the line would cost if this edition applied."""
    connection = session.connection()
    day = max(edition.valid_from, asked.day) if edition.valid_from > asked.day else asked.day
    levels = levels_below(connection, candidate.table, edition, day)
    fill(connection, levels, [asked.product.id])
    other = PriceBook(
        asked.day, book.issuer_id, book.service_point, book.issuer, candidate.assignment, levels
    )
    price, _refusal = _priced(other, asked)
    return price.unit_price if price else None


def _year(session: Session, asked: Question) -> list[Stretch]:
    """Return the price from eleven months before the day to two months after it."""
    first, last = asked.day - LOOK_BACK, asked.day + LOOK_AHEAD
    turns = _turns(session, asked.point.id, first, last)
    stretches: list[Stretch] = []
    for begin, after in zip(turns, [*turns[1:], last + ONE_DAY], strict=True):
        price, _refusal = _priced(_book(session, asked, begin), asked)
        unit = price.unit_price if price else None
        if stretches and stretches[-1].price == unit:
            stretches[-1] = Stretch(stretches[-1].first, after - ONE_DAY, unit)
        else:
            stretches.append(Stretch(begin, after - ONE_DAY, unit))
    return stretches


def _turns(session: Session, service_point_id: int, first: date, last: date) -> list[date]:
    """Return the days in sight on which the price may change."""
    assignments = assignments_of(session, service_point_id)
    windows = [one.period for one in assignments]
    windows += [one.period for one in _editions_behind(session, service_point_id, assignments)]
    days = {first}
    for window in windows:
        days.add(window.start)
        if window.last < FOREVER:
            days.add(window.last + ONE_DAY)
    return sorted(day for day in days if first <= day <= last)[:MOST_TURNS]


def _editions_behind(
    session: Session, service_point_id: int, assignments: Iterable[PriceAssignment]
) -> Sequence[Edition]:
    """Return the published editions of the tables in question and those they come from."""
    named = {one.price_table_id for one in assignments if one.price_table_id is not None}
    found: set[int] = set()
    waiting = session.execute(
        select(PriceTable.id, PriceTable.base_table_id).where(
            or_(
                PriceTable.id.in_(named),
                (PriceTable.kind == TableKind.OWN)
                & (PriceTable.service_point_id == service_point_id),
            )
        )
    ).all()
    while waiting:
        found |= {number for number, _base in waiting}
        bases = {base for _number, base in waiting if base is not None} - found
        waiting = session.execute(
            select(PriceTable.id, PriceTable.base_table_id).where(PriceTable.id.in_(bases))
        ).all()
    wanted = select(Edition).where(
        Edition.price_table_id.in_(found), Edition.state == EditionState.PUBLISHED
    )
    return session.scalars(wanted).all()
