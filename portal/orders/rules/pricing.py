"""Both prices of every line of an order, and what stands against them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from portal.errors import PortalError, Problem, Refused, invalid
from portal.i18n import N_
from portal.orders.errors import (
    BelowAcquisition,
    FinalTotalNotAllowed,
    PriceNotAllowed,
    ProductInactive,
    QuantityNotWhole,
    SalePriceMissing,
    UnknownProduct,
)
from portal.orders.rules.lines import PricedLine, Totals, insist_on_site, is_below_acquisition
from portal.orders.rules.sale import (
    SalePolicy,
    SalePrice,
    against_policy,
    against_site,
    sale_price,
    sale_prices,
    site_price,
    total_against_policy,
)
from portal.orders.rules.wanted import Article, Wanted, WantedLine
from portal.pricing.rules import PriceBook, insist_on_portfolio, price_line
from portal.sale_tables.rules.book import SaleBook, SaleRow

SITE = "site"
LARGEST_PRICE = Decimal("99999999.9999")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line (from 0), or with the order as a whole (None)."""

    line: int | None
    error: PortalError

    @property
    def path(self) -> str:
        """The field that it belongs to, as the API writes it."""
        if self.line is None:
            return self.error.problems[0].field if self.error.problems else ""
        return f"lines[{self.line}].{getattr(self.error, 'field', 'sku')}"


@dataclass(frozen=True, slots=True)
class Rights:
    """What whoever orders may do and see."""

    sees_costs: bool
    may_sell_below: bool


@dataclass(slots=True)
class Pricing:
    """Priced lines; `missing` is what has no price, `against` what refuses an order of it."""

    lines: list[PricedLine] = field(default_factory=list)
    missing: list[Fault] = field(default_factory=list)
    against: list[Fault] = field(default_factory=list)

    @property
    def totals(self) -> Totals:
        """The sums of the lines."""
        return Totals.of(self.lines)

    @property
    def faults(self) -> list[Fault]:
        """All that is wrong, of the whole order first, then in the order of its lines."""
        if not (self.missing or self.against):
            return []
        found = self.missing + self.against
        return sorted(found, key=lambda fault: -1 if fault.line is None else fault.line)


def price_lines(
    wanted: Wanted,
    articles: Mapping[str, Article],
    policy: SalePolicy,
    book: PriceBook,
    rights: Rights,
    listed: SaleBook | None = None,
) -> Pricing:
    """Price every line on both sides, and say what stands against it.

    `listed` are the list prices. In a site with a sale table they stand as they are.
    """
    priced = Pricing()
    strict = listed is not None and listed.table is not None and wanted.channel == SITE
    rows = _rows(wanted, articles, listed)
    sales = None if strict else _shares(wanted, policy, priced, rows)
    if strict and wanted.final_total is not None:
        priced.against.append(Fault(None, FinalTotalNotAllowed()))
    for at, line in enumerate(wanted.lines):
        article = articles.get(line.sku)
        if article is None:
            priced.missing.append(Fault(at, UnknownProduct(sku=line.sku)))
            continue
        priced.against += [Fault(at, error) for error in against_article(line, article)]
        if sales is None:
            refusal = against_site(line) if strict else against_policy(line, policy)
            if refusal is not None:
                priced.against.append(Fault(at, refusal))
        row = rows[at] if rows is not None else None
        share = sales[at] if sales is not None else None
        try:
            done = _price_one(line, article, book, row, share, strict=strict)
        except Refused as error:
            priced.missing.append(Fault(at, error))
            continue
        priced.lines.append(done)
        if not strict:
            _check_below(priced, at, done, book, rights)
    if priced.against:
        priced.against = once_per_product(priced.against, [line.sku for line in wanted.lines])
    return priced


def _price_one(
    line: WantedLine,
    article: Article,
    book: PriceBook,
    row: SaleRow | None,
    share: SalePrice | None,
    *,
    strict: bool,
) -> PricedLine:
    """Price one line; `share` is its part of a typed total.

    A sale price is asked for only where there is something to sell: one that was typed for a
    product outside the portfolio would be refused all the same.
    """
    try:
        free = share or (None if strict else sale_price(line, None, row))
        sale = free or site_price(line, row)
    except SalePriceMissing:
        insist_on_portfolio(book, article.id, line.sku, line.quantity)
        raise
    cost = price_line(book, article.id, line.sku, line.quantity, sale.unit_price)
    done = PricedLine(line, article, cost, sale)
    if strict:
        insist_on_site(done, row, book)
    return done


def _rows(
    wanted: Wanted, articles: Mapping[str, Article], listed: SaleBook | None
) -> list[SaleRow | None] | None:
    """Return the sale table's row of each line; None where there is no such table."""
    if listed is None or listed.table is None:
        return None
    found = [articles.get(line.sku) for line in wanted.lines]
    return [None if article is None else listed.reached(article.id) for article in found]


def _shares(
    wanted: Wanted,
    policy: SalePolicy,
    priced: Pricing,
    rows: Sequence[SaleRow | None] | None,
) -> list[SalePrice] | None:
    """Return the lines' shares of a typed total, if one was typed."""
    if wanted.final_total is None:
        return None
    refusal = total_against_policy(wanted.final_total, policy)
    if refusal is not None:
        priced.against.append(Fault(None, refusal))
    shares = sale_prices(wanted.lines, wanted.final_total, rows)
    if any(share.unit_price > LARGEST_PRICE for share in shares):
        raise invalid("final_total", N_("This total makes the price of a piece too large."))
    return shares


def against_article(line: WantedLine, article: Article) -> Sequence[Refused]:
    """Return why a product cannot be ordered so, if it cannot."""
    found: list[Refused] = []
    if not article.active:
        found.append(ProductInactive(sku=line.sku))
    if not article.fractional and line.quantity % 1:
        found.append(QuantityNotWhole(sku=line.sku))
    return found


def _check_below(
    priced: Pricing, at: int, line: PricedLine, book: PriceBook, rights: Rights
) -> None:
    """Say that a line is sold below acquisition: by its name to those who may see that price."""
    if rights.may_sell_below or not is_below_acquisition(line, book):
        return
    kind = BelowAcquisition if rights.sees_costs else PriceNotAllowed
    priced.against.append(Fault(at, kind(sku=line.wanted.sku)))


def once_per_product(faults: Sequence[Fault], skus: Sequence[str]) -> list[Fault]:
    """Say of a product that a price is not allowed once, at its first line.

    Which of many prices of one product are too low would tell the acquisition price at once.
    """
    kept = [fault for fault in faults if not isinstance(fault.error, PriceNotAllowed)]
    told = {
        skus[fault.line]
        for fault in faults
        if fault.line is not None and isinstance(fault.error, PriceNotAllowed)
    }
    return kept + [Fault(skus.index(sku), PriceNotAllowed(sku=sku)) for sku in sorted(told)]


def refusal_of(faults: Sequence[Fault]) -> PortalError:
    """Return the refusal of the first line refused, with what is wrong with all of them."""
    first = faults[0].error
    first.problems = tuple(
        Problem(fault.path, fault.error.code, fault.error.text, fault.error.facts)
        for fault in faults
    )
    return first
