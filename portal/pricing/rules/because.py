"""The reasons of a price, in sentences that a person can read (DESIGN 3.8).

They are stored with the order, so they are said once, in the installation's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from portal.i18n import N_, in_own_language
from portal.money import AMOUNT_SCALE, PERCENT_SCALE, PRICE_SCALE, QUANTITY_SCALE, to_minor
from portal.pricing.models import Calculation
from portal.pricing.rules.book import BookItem, Level, PriceBook, Table
from portal.pricing.rules.calculation import WHOLE

_MINUS = "\u2212"
_NO_BREAK = "\u00a0"
_THOUSAND = 1000


@dataclass(slots=True)
class Step:
    """One reason: `step` says of what kind, `text` and `detail` are texts to be translated."""

    step: str
    text: str
    facts: Mapping[str, str]
    detail: str = ""
    _told: dict[str, str] | None = None

    @property
    def sentence(self) -> str:
        """The reason in the installation's language."""
        return in_own_language(self.text) % self.facts

    @property
    def more(self) -> str:
        """What stands below it in smaller letters, if anything does."""
        return in_own_language(self.detail) % self.facts if self.detail else ""

    @property
    def told(self) -> dict[str, str]:
        """The reason as orders keep it and the API tells it."""
        if self._told is None:
            text = f"{self.sentence} {self.more}" if self.detail else self.sentence
            self._told = {"step": self.step, "text": text}
        return self._told


class Found(NamedTuple):
    """The item that counts, and how many tables below the chosen one it stands."""

    item: BookItem
    depth: int


def told(because: Sequence[Step]) -> list[dict[str, str]]:
    """Return the reasons as orders keep them: `[{step, text}, ...]`."""
    return [step.told for step in because]


def reasons(
    book: PriceBook,
    found: Found,
    sku: str,
    quantity: int,
    sale: Decimal | None,
    prices: Sequence[int],
    amount: Decimal,
) -> list[Step]:
    """Return why the line costs what it costs, from the item to the amount; see `opening`."""
    pieces = figure(quantity, QUANTITY_SCALE, 0)
    return [
        _item(book.levels, found, sku, pieces),
        *_calculation(book.levels, found, sku, sale, prices),
        _amount(pieces, prices[-1], amount),
    ]


def opening(book: PriceBook) -> Sequence[Step]:
    """Return the steps that all lines share, made once: assignment, table and edition."""
    if book.opening is None:
        chosen = book.levels[0]
        book.opening = (_assignment(book), _table(book, chosen.table), _edition(chosen))
    return book.opening


@lru_cache(maxsize=4096)
def figure(units: int, scale: int, least: int) -> str:
    """Write an integer of a minor unit as people read it: 1.234,5, at least so many decimals."""
    whole, rest = divmod(abs(units), 10**scale)
    text = f"{whole:,}".replace(",", ".") if whole >= _THOUSAND else str(whole)
    if units < 0:
        text = _MINUS + text
    if not rest:
        return f"{text},{'0' * least}" if least else text
    return f"{text},{str(rest).zfill(scale).rstrip('0').ljust(least, '0')}"


def brl(price: int, scale: int = PRICE_SCALE) -> str:
    """Write a price: R$ 68,404."""
    return f"R${_NO_BREAK}{figure(price, scale, 2)}"


def percent_of(value: int) -> str:
    """Write a percentage: 12,5 %."""
    sign = _MINUS if value < 0 else ""
    return f"{sign}{figure(abs(value), PERCENT_SCALE, 0)}{_NO_BREAK}%"


def day_of(day: date) -> str:
    """Write a day: 19/11/2026."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


_USES_OWN = N_("On %(day)s %(service_point)s uses its own tables.")
_USES_GENERAL = N_("On %(day)s %(service_point)s uses general tables.")
_ASSIGNED = N_("Assigned from %(begin)s until %(end)s.")
_ASSIGNED_OPEN = N_("Assigned from %(begin)s, without end.")


def _assignment(book: PriceBook) -> Step:
    given = book.assignment
    if given is None:
        raise LookupError("a book with prices has an assignment")
    facts = {"day": day_of(book.day), "service_point": book.service_point}
    text = _USES_OWN if given.is_own else _USES_GENERAL
    detail = _ASSIGNED if given.valid_until else _ASSIGNED_OPEN
    return Step("assignment", text, facts | _window(given.valid_from, given.valid_until), detail)


_OWN_OF_ISSUER = N_(
    "The order goes through %(issuer)s, and the service point's own table for it is %(table)s."
)
_GENERAL_OF_ISSUER = N_(
    "The order goes through %(issuer)s, and the assigned general table for it is %(table)s."
)
_OWN_WITHOUT = N_("The service point's own table without issuer is %(table)s.")
_GENERAL_WITHOUT = N_("The assigned general table without issuer is %(table)s.")
_COMES_FIRST = N_("It has an edition in force on this day, so it comes before one without issuer.")
_NO_OTHER = N_("No table for %(issuer)s has an edition in force on this day.")
_NO_ISSUER = N_("The order has no issuer, so only tables without issuer count.")


def _table(book: PriceBook, table: Table) -> Step:
    own = book.assignment is not None and book.assignment.is_own
    facts = {"table": table.name, "issuer": book.issuer}
    if table.issuer_id is not None:
        return Step("table", _OWN_OF_ISSUER if own else _GENERAL_OF_ISSUER, facts, _COMES_FIRST)
    detail = _NO_ISSUER if book.issuer_id is None else _NO_OTHER
    return Step("table", _OWN_WITHOUT if own else _GENERAL_WITHOUT, facts, detail)


_EDITION = N_("Edition %(number)s applies, from %(begin)s until %(end)s.")
_EDITION_OPEN = N_("Edition %(number)s applies, from %(begin)s, without end.")


def _edition(level: Level) -> Step:
    edition = level.edition
    if edition is None:
        raise LookupError("the chosen table has an edition in force")
    facts = {"number": str(edition.number)} | _window(edition.valid_from, edition.valid_until)
    return Step("edition", _EDITION if edition.valid_until else _EDITION_OPEN, facts)


_ANY_QUANTITY = N_("In %(table)s %(sku)s stands at %(value)s, whatever the quantity.")
_FROM_QUANTITY = N_(
    "For %(quantity)s the price from %(minimum)s on counts: in %(table)s %(sku)s stands at "
    "%(value)s."
)
_LARGEST = N_("It is the largest minimum quantity that is not above %(quantity)s.")
_FREE = N_("It is marked as free.")
_IN_BASE = N_(
    "%(chosen)s has no price of its own for it, so %(table)s is asked, edition %(number)s."
)


def _item(levels: Sequence[Level], found: Found, sku: str, pieces: str) -> Step:
    item, level = found.item, levels[found.depth]
    value = percent_of(item.percent or 0) if item.price is None else brl(item.price)
    facts = {"table": level.table.name, "sku": sku, "value": value}
    text = _ANY_QUANTITY
    if item.min_quantity:
        text = _FROM_QUANTITY
        facts |= {"quantity": pieces, "minimum": figure(item.min_quantity, QUANTITY_SCALE, 0)}
    if item.free:
        return Step("item", text, facts, _FREE)
    if found.depth:
        number = str(level.edition.number) if level.edition else ""
        facts |= {"chosen": levels[0].table.name, "number": number}
        return Step("item", text, facts, _IN_BASE)
    return Step("item", text, facts, _LARGEST if item.min_quantity else "")


_FIXED = N_("%(table)s holds fixed prices, so this is the price.")
_OVERRIDES = N_("%(table)s is calculated, but its own price for %(sku)s comes first.")
_SHARE = N_("%(percent)s of the sale price of %(sale)s is %(result)s.")
_ADJUSTED = N_("%(table)s is calculated: %(base)s %(percent)s.")
_ADJUSTED_STEP = N_("%(table)s is calculated: %(base)s %(percent)s, to the nearest %(step)s.")
_ADJUSTED_ENDING = N_(
    "%(table)s is calculated: %(base)s %(percent)s, to the nearest price that ends in %(ending)s."
)
_TURNS_INTO = N_("%(price)s × %(factor)s = %(exact)s, which becomes %(result)s.")
_RESULT = N_("%(price)s × %(factor)s = %(result)s.")


def _calculation(
    levels: Sequence[Level],
    found: Found,
    sku: str,
    sale: Decimal | None,
    prices: Sequence[int],
) -> list[Step]:
    first = _own_calculation(levels, found, sku, sale, prices[0])
    if not found.depth:
        return first
    above = reversed(range(found.depth))
    made = zip(above, prices, prices[1:], strict=False)
    return first + [_adjusted(levels, at, before, after) for at, before, after in made]


def _own_calculation(
    levels: Sequence[Level], found: Found, sku: str, sale: Decimal | None, result: int
) -> list[Step]:
    table = levels[found.depth].table
    if table.calculation == Calculation.PERCENT_OF_SALE and sale is not None:
        facts = {
            "percent": percent_of(found.item.percent or 0),
            "sale": brl(to_minor(sale, PRICE_SCALE)),
            "result": brl(result),
        }
        return [Step("calculation", _SHARE, facts)]
    if found.depth:
        return []
    text = _OVERRIDES if table.is_adjusted else _FIXED
    return [Step("calculation", text, {"table": table.name, "sku": sku})]


def _adjusted(levels: Sequence[Level], at: int, before: int, after: int) -> Step:
    table = levels[at].table
    percent = percent_of(table.percent)
    exact = before * (WHOLE + table.percent)
    facts = {
        "table": table.name,
        "base": levels[at + 1].table.name,
        "percent": percent if table.percent < 0 else f"+{percent}",
        "step": brl(table.rounding_step or 0),
        "ending": figure(table.rounding_ending or 0, AMOUNT_SCALE, 2)[1:],
        "price": brl(before),
        "factor": figure(WHOLE + table.percent, PERCENT_SCALE + 2, 0),
        "exact": brl(exact, PRICE_SCALE + PERCENT_SCALE + 2),
        "result": brl(after),
    }
    detail = _RESULT if exact == after * WHOLE else _TURNS_INTO
    return Step("calculation", _rounding_text(table), facts, detail)


def _rounding_text(table: Table) -> str:
    if table.rounding_step is not None:
        return _ADJUSTED_STEP
    return _ADJUSTED if table.rounding_ending is None else _ADJUSTED_ENDING


_AMOUNT = N_("%(quantity)s × %(price)s = %(amount)s.")


def _amount(pieces: str, price: int, amount: Decimal) -> Step:
    facts = {
        "quantity": pieces,
        "price": brl(price),
        "amount": brl(to_minor(amount, AMOUNT_SCALE), AMOUNT_SCALE),
    }
    return Step("amount", _AMOUNT, facts)


def _window(begin: date, end: date | None) -> dict[str, str]:
    return {"begin": day_of(begin), "end": day_of(end) if end else ""}
