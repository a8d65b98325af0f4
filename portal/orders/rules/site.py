"""What a shop's visitor orders: at the table's price as it is, and only what is on the site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from portal.errors import Refused
from portal.money import amount_of
from portal.orders.errors import NotOnSite, SalePriceMissing, UnknownProduct
from portal.orders.rules.lines import PricedLine, is_below_acquisition
from portal.orders.rules.pricing import Fault, Pricing, against_article
from portal.orders.rules.sale import SalePrice, of_table
from portal.orders.rules.wanted import Article, WantedLine
from portal.pricing.rules import PriceBook, price_line
from portal.sale_tables.rules.book import SaleBook, SaleRow

PAY_WITHIN = timedelta(hours=24)
"""How long a visitor has to pay, unless the shop says otherwise."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who orders in a shop; `kind` is person or company, documents and numbers are checked."""

    kind: str
    name: str
    tax_id: str
    email: str
    phone: str
    language: str
    consented_at: datetime


@dataclass(frozen=True, slots=True)
class SiteWanted:
    """What a visitor orders: SKUs and quantities, and the total that was seen."""

    service_point_id: int
    issuer_id: int | None
    lines: Sequence[tuple[str, Decimal]]
    buyer: Buyer
    seen_total: Decimal
    pay_within: timedelta = PAY_WITHIN


def site_lines(
    lines: Sequence[WantedLine],
    articles: Mapping[str, Article],
    sales: SaleBook,
    costs: PriceBook,
) -> Pricing:
    """Price lines as the shop sells them on a day, and say what it does not sell."""
    priced = Pricing()
    for at, line in enumerate(lines):
        article = articles.get(line.sku)
        if article is None:
            priced.missing.append(Fault(at, UnknownProduct(sku=line.sku)))
            continue
        priced.against.extend(Fault(at, error) for error in against_article(line, article))
        row = sales.reached(article.id)
        try:
            sale = site_price(line, row)
            cost = price_line(costs, article.id, line.sku, line.quantity, sale.unit_price)
            done = PricedLine(line, article, cost, sale)
            _insist_on_site(done, row, costs)
        except Refused as refusal:
            priced.missing.append(Fault(at, refusal))
        else:
            priced.lines.append(done)
    return priced


def site_price(line: WantedLine, row: SaleRow | None) -> SalePrice:
    """Return the price of a row that is on the site; NotOnSite, SalePriceMissing."""
    if row is None or not row.on_site:
        raise NotOnSite(sku=line.sku)
    if row.list_price is None:
        raise SalePriceMissing(sku=line.sku)
    amount = amount_of(row.list_price, line.quantity)
    return SalePrice(row.list_price, amount, (of_table(row),), row.list_price)


def _insist_on_site(line: PricedLine, row: SaleRow | None, costs: PriceBook) -> None:
    """Refuse a row that has fallen below acquisition, until someone confirms it (DESIGN 3.7)."""
    if row is None or not is_below_acquisition(line, costs):
        return
    if not row.covers(line.acquisition.unit_price):
        raise NotOnSite(sku=line.wanted.sku)
