"""What the final customer pays for each line (DESIGN 3.7).

A price is typed, comes out of a typed total, or is the sale table's less the seller's discount.
What the table says is kept beside a price that was typed.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from portal.i18n import N_
from portal.money import (
    AMOUNT_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    ZERO,
    amount_of,
    percent_off,
    plain,
    round_half_up,
    split,
    to_minor,
)
from portal.orders.errors import (
    DiscountAbovePolicy,
    DiscountWithTypedPrice,
    FinalPriceNotAllowed,
    FinalTotalNotAllowed,
    LineRefused,
    NotOnSite,
    SalePriceMissing,
    SurchargeAbovePolicy,
)
from portal.orders.rules.wanted import WantedLine
from portal.pricing.rules.because import Step, brl, figure
from portal.sale_tables.rules.book import SaleRow


class SalePolicy(NamedTuple):
    """How far a service point's sellers may move a sale price."""

    max_discount_percent: Decimal
    max_surcharge_percent: Decimal
    may_edit_final_price: bool


class SalePrice(NamedTuple):
    """What the final customer pays for a line, and why."""

    unit_price: Decimal
    amount: Decimal
    because: Sequence[Step]
    list_price: Decimal | None = None
    discount_percent: Decimal | None = None


_TYPED = N_("The price was typed: %(price)s.")
_DISCOUNT = N_("%(list)s less %(percent)s %% is %(price)s.")
_SURCHARGE = N_("%(list)s plus %(percent)s %% is %(price)s.")
_LIST = N_("The list price is %(list)s.")
_TABLE = N_("In the sale table %(table)s, edition %(number)s, it stands at %(list)s.")
_SHARE = N_("The total was typed: %(total)s, and %(amount)s of it fall to this line.")
_PIECES = N_("%(amount)s for %(quantity)s pieces is %(price)s each.")


def sale_price(
    line: WantedLine, list_price: Decimal | None = None, row: SaleRow | None = None
) -> SalePrice:
    """Return the sale price of one line; SalePriceMissing when there is none.

    A typed price stands as it is; else the seller's discount (negative: a surcharge) comes off
    the list price, which is that of the `row` where there is one.
    """
    if row is not None:
        list_price = row.list_price
    if line.unit_price is not None:
        if line.discount_percent:
            raise DiscountWithTypedPrice(sku=line.sku)
        typed = Step("typed", _TYPED, {"price": _brl(line.unit_price)})
        amount = amount_of(line.unit_price, line.quantity)
        return SalePrice(line.unit_price, amount, (*_listed(row), typed), list_price)
    if list_price is None:
        raise SalePriceMissing(sku=line.sku)
    percent = line.discount_percent or ZERO
    unit_price = percent_off(list_price, percent) if percent else list_price
    because = _from_list(list_price, percent, unit_price, row)
    amount = amount_of(unit_price, line.quantity)
    return SalePrice(unit_price, amount, because, list_price, line.discount_percent)


def site_price(line: WantedLine, row: SaleRow | None) -> SalePrice:
    """Return the price of a row that is on the site, as it is; NotOnSite, SalePriceMissing."""
    if row is None or not row.on_site:
        raise NotOnSite(sku=line.sku)
    return sale_price(WantedLine(line.sku, line.quantity), None, row)


def of_table(row: SaleRow) -> Step:
    """Return why a line has its list price: the row of the sale table that it comes from."""
    price = row.list_price
    facts = {
        "table": row.table_name,
        "number": str(row.edition_number),
        "list": "" if price is None else _brl(price),
    }
    return Step("list", _TABLE, facts)


def _listed(row: SaleRow | None) -> tuple[Step, ...]:
    return () if row is None or row.list_price is None else (of_table(row),)


def _from_list(
    list_price: Decimal, percent: Decimal, unit_price: Decimal, row: SaleRow | None
) -> tuple[Step, ...]:
    if row is not None and not percent:
        return _listed(row)
    facts = {
        "list": _brl(list_price),
        "percent": plain(abs(percent)).replace(".", ","),
        "price": _brl(unit_price),
    }
    first = Step("list", _LIST, facts) if row is None else of_table(row)
    if not percent:
        return (first,)
    return (first, Step("discount", _DISCOUNT if percent > 0 else _SURCHARGE, facts))


def sale_prices(
    lines: Sequence[WantedLine],
    final_total: Decimal,
    rows: Sequence[SaleRow | None] | None = None,
) -> list[SalePrice]:
    """Split a typed total over the lines: by what each would make, else by their quantities.

    A line makes its typed price, or its list price less its discount. The amounts add up to the
    total; a unit price is amount / quantity to 4 decimals.
    """
    listed = rows or [None] * len(lines)
    amounts = [_would_make(line, row) for line, row in zip(lines, listed, strict=True)]
    known = [amount for amount in amounts if amount is not None]
    by_amount = len(known) == len(lines) and any(known)
    weights = known if by_amount else [line.quantity for line in lines]
    parts = split(final_total, weights, AMOUNT_SCALE)
    return [
        _share(line, part, final_total, row)
        for line, part, row in zip(lines, parts, listed, strict=True)
    ]


def _would_make(line: WantedLine, row: SaleRow | None) -> Decimal | None:
    if line.unit_price is not None:
        return amount_of(line.unit_price, line.quantity)
    if row is None or row.list_price is None:
        return None
    return amount_of(percent_off(row.list_price, line.discount_percent or ZERO), line.quantity)


def _share(line: WantedLine, amount: Decimal, total: Decimal, row: SaleRow | None) -> SalePrice:
    unit_price = round_half_up(amount / line.quantity, PRICE_SCALE)
    facts = {
        "total": _brl(total),
        "amount": _brl(amount),
        "quantity": figure(to_minor(line.quantity, QUANTITY_SCALE), QUANTITY_SCALE, 0),
        "price": _brl(unit_price),
    }
    because = (Step("final_total", _SHARE, facts), Step("pieces", _PIECES, facts))
    listed = None if row is None else row.list_price
    return SalePrice(unit_price, amount, (*_listed(row), *because), listed)


def against_policy(line: WantedLine, policy: SalePolicy) -> LineRefused | None:
    """Return why the sale policy refuses a line, if it does.

    A typed price needs leave to type one, and is then free of the limits on discounts.
    """
    if line.unit_price is not None:
        may = policy.may_edit_final_price
        return None if may else FinalPriceNotAllowed(sku=line.sku)
    percent = line.discount_percent
    if not percent:
        return None
    if percent > policy.max_discount_percent:
        return DiscountAbovePolicy(percent=percent, most_percent=policy.max_discount_percent)
    if -percent > policy.max_surcharge_percent:
        return SurchargeAbovePolicy(percent=-percent, most_percent=policy.max_surcharge_percent)
    return None


def against_site(line: WantedLine) -> LineRefused | None:
    """Return why a line of a site's sale table may not be changed: its price stands as it is."""
    if line.unit_price is not None:
        return FinalPriceNotAllowed(sku=line.sku)
    percent = line.discount_percent
    if not percent:
        return None
    if percent > 0:
        return DiscountAbovePolicy(percent=percent, most_percent=ZERO)
    return SurchargeAbovePolicy(percent=-percent, most_percent=ZERO)


def total_against_policy(
    final_total: Decimal | None, policy: SalePolicy
) -> FinalTotalNotAllowed | None:
    """Return why the sale policy refuses a typed total, if it does."""
    if final_total is None or policy.may_edit_final_price:
        return None
    return FinalTotalNotAllowed()


def _brl(value: Decimal) -> str:
    return brl(to_minor(value, PRICE_SCALE))
