"""What an order costs and sells for, reckoned anew with fractions, and how cases are drawn.

Nothing of the portal's own arithmetic is used in the reckoning: only whole numbers and fractions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random

from portal.orders.rules import Wanted, WantedLine
from portal.orders.rules.pricing import Pricing, Rights, price_lines
from portal.orders.rules.sale import SalePolicy
from portal.orders.rules.wanted import Article
from portal.pricing.models import Calculation
from portal.pricing.rules.book import Assignment, BookItem, InForce, Level, PriceBook, Table

CENT, PIECE, PRICE = 100, 1000, 10_000
ARTICLES = {
    f"P{number}": Article(number, f"P{number}", "Produto", active=True, fractional=True)
    for number in (1, 2, 3)
}
POLICY = SalePolicy(Decimal(0), Decimal(0), may_edit_final_price=True)
EVERYTHING = Rights(sees_costs=True, may_sell_below=True)
DAY = date(2026, 12, 1)


@dataclass(frozen=True)
class Adjusted:
    """A table above another: a percentage in 1/10,000, then a step or an ending in 1/10,000."""

    percent: int
    step: int | None
    ending: int | None


@dataclass(frozen=True)
class Case:
    """A price list in whole numbers, and an order of it: (sku, pieces/1000, price/10000)."""

    shares: bool
    items: dict[str, list[tuple[int, int]]]
    above: tuple[Adjusted, ...]
    lines: tuple[tuple[str, int, int], ...]
    final_total: int | None


def draw(random: Random) -> Case:
    """Draw a case; small and awkward figures come up often."""
    shares = random.random() < 0.25
    above = () if shares else tuple(_above(random) for _ in range(random.choice((0, 0, 1, 2))))
    items = {sku: _breaks(random, shares=shares) for sku in ARTICLES}
    lines = tuple(
        (random.choice(list(ARTICLES)), _pieces(random), _price(random))
        for _ in range(random.choice((1, 1, 2, 3, 5)))
    )
    total = random.randrange(1, 10**8) if random.random() < 0.2 else None
    return Case(shares, items, above, lines, total)


def _above(random: Random) -> Adjusted:
    percent = random.choice((0, -150_000, 333_333, random.randrange(-999_999, 3_000_000)))
    kind = random.randrange(3)
    step = random.choice((100, 500, 10_000, 1)) if kind == 1 else None
    ending = random.choice((0, 9000, 9900, 5000)) if kind == 2 else None
    return Adjusted(percent, step, ending)


def _breaks(random: Random, *, shares: bool) -> list[tuple[int, int]]:
    """Rows of (from how many pieces/1000, price/10000 or percentage/10000), the first from 0."""
    steps = sorted({0, *(random.randrange(1, 50_000) for _ in range(random.choice((0, 0, 1, 3))))})
    return [(step, random.randrange(1_200_000) if shares else _price(random)) for step in steps]


def _price(random: Random) -> int:
    return random.choice(
        (random.randrange(1, 100), random.randrange(10**7), random.randrange(10**11), 5, 6250)
    )


def _pieces(random: Random) -> int:
    return random.choice(
        (1, 500, 1000, 3000, random.randrange(1, 10_000), random.randrange(1, 10**9))
    )


# As the portal does it


def by_the_portal(case: Case) -> Pricing:
    """Price the order by the portal's own rules."""
    total = None if case.final_total is None else Decimal(case.final_total).scaleb(-2)
    lines = [
        WantedLine(sku, Decimal(pieces).scaleb(-3), Decimal(price).scaleb(-4))
        for sku, pieces, price in case.lines
    ]
    wanted = Wanted("SP", "api", lines, final_total=total)
    return price_lines(wanted, ARTICLES, POLICY, book_of(case), EVERYTHING)


def book_of(case: Case) -> PriceBook:
    """Write the case's list down as what a day's prices are read into."""
    bottom = Calculation.PERCENT_OF_SALE if case.shares else Calculation.FIXED
    items = {
        ARTICLES[sku].id: [
            BookItem(low, None if case.shares else figure, figure if case.shares else None, False)
            for low, figure in rows
        ]
        for sku, rows in case.items.items()
    }
    edition = InForce(1, 1, date(2025, 1, 1), None)
    tables = [
        Table(
            number, f"T{number}", None, Calculation.ADJUSTED, number + 1, one.percent, one.step,
            None if one.ending is None else one.ending // 100,
        )
        for number, one in enumerate(case.above, 1)
    ]  # fmt: skip
    levels = [Level(table, edition) for table in tables]
    levels.append(Level(Table(99, "T99", None, bottom), edition, items))
    return PriceBook(
        DAY, None, "SP", assignment=Assignment(1, "general", date(2025, 1, 1), None), levels=levels
    )


# As fractions say


@dataclass(frozen=True)
class Reckoned:
    """Unit prices in money, amounts in money, per line, and the totals."""

    lines: Sequence[tuple[Fraction, Fraction, Fraction, Fraction]]
    """Acquisition price, acquisition amount, sale price, sale amount."""

    @property
    def acquisition(self) -> Fraction:
        """What the order costs the service point."""
        return sum((line[1] for line in self.lines), Fraction(0))

    @property
    def sale(self) -> Fraction:
        """What the final customer pays."""
        return sum((line[3] for line in self.lines), Fraction(0))


def by_fractions(case: Case) -> Reckoned:
    """Price the order with fractions alone."""
    sales = _sales(case)
    lines = []
    for (sku, pieces, _), (sold_at, sold_for) in zip(case.lines, sales, strict=True):
        cost = _cost(case, sku, pieces, sold_at)
        amount = half_up(cost * Fraction(pieces, PIECE), CENT)
        lines.append((cost, amount, sold_at, sold_for))
    return Reckoned(lines)


def half_up(value: Fraction, parts: int) -> Fraction:
    """Round to so many parts of a whole, halves up; of what is not negative."""
    scaled = value * parts
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    return Fraction(whole + (2 * rest >= scaled.denominator), parts)


def _sales(case: Case) -> list[tuple[Fraction, Fraction]]:
    typed = [
        half_up(Fraction(price * pieces, PRICE * PIECE), CENT) for _, pieces, price in case.lines
    ]
    if case.final_total is None:
        prices = [Fraction(price, PRICE) for _, _, price in case.lines]
        return list(zip(prices, typed, strict=True))
    weights = typed if any(typed) else [Fraction(pieces) for _, pieces, _ in case.lines]
    parts = _shares(case.final_total, weights)
    return [
        (half_up(Fraction(part * PIECE, CENT * pieces), PRICE), Fraction(part, CENT))
        for part, (_, pieces, _) in zip(parts, case.lines, strict=True)
    ]


def _shares(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split cents by weights: the largest remainders get one more, the earlier first."""
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(share) for share in exact]
    by_rest = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_rest[: total - sum(parts)]:
        parts[at] += 1
    return parts


def _cost(case: Case, sku: str, pieces: int, sold_at: Fraction) -> Fraction:
    figure = next(value for low, value in reversed(case.items[sku]) if low <= pieces)
    if case.shares:
        return half_up(sold_at * Fraction(figure, 1_000_000), CENT)
    price = Fraction(figure, PRICE)
    for table in reversed(case.above):
        price = _adjusted(price * (1 + Fraction(table.percent, 1_000_000)), table)
    return price


def _adjusted(price: Fraction, table: Adjusted) -> Fraction:
    if table.step is not None:
        step = Fraction(table.step, PRICE)
        return half_up(price / step, 1) * step
    if table.ending is not None:
        ending = Fraction(table.ending, PRICE)
        low = max(int(price - ending), 0) if price >= ending else 0
        near = [k + ending for k in (low, low + 1)]
        return max(near, key=lambda one: (-abs(one - price), one))
    return half_up(price, PRICE)
