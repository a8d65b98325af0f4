"""Sale tables: what final customers pay at some service points, past, present and to come."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from portal import clock
from portal.cli.demo.calendar import moment
from portal.cli.demo.partners import FIXED_PRICES
from portal.cli.demo.prices import PORTFOLIO
from portal.cli.demo.products import AURORA, BY_SKU
from portal.cli.demo.stage import Stage
from portal.money import HUNDRED, round_half_up
from portal.periods import ONE_DAY, Period
from portal.pricing.services import Change
from portal.sale_tables import services as sales
from portal.sale_tables.models import Channel, SaleEdition
from portal.sale_tables.rules import NewRow

TWO_TABLES, TO_PRICE, BELOW = "PA-0001", "PA-0007", "PA-0013"
"""A table for each channel; products to be priced; rows fallen below acquisition."""
NARROW = ("ECPF-NUVEM-36", "ESAUDE-A3-36")
"""Sold at 2 per cent over what they cost at first: the next acquisition list takes more."""
BOTH = (Channel.BACK_OFFICE, Channel.SITE)
_NOT_ON_SITE = frozenset(("VALID-VISITA", "INSTALACAO", "CARIMBO-CENTO"))


def rows(
    skus: Iterable[str], *, on_site: bool = True, narrow: Collection[str] = ()
) -> list[NewRow]:
    """Return rows at the usual retail price; what is narrow is sold just over its cost."""
    return [
        NewRow(
            sku,
            BY_SKU[sku].retail,
            round_half_up(BY_SKU[sku].cost * (HUNDRED + 2) / HUNDRED, 2) if sku in narrow else None,
            on_site and sku not in _NOT_ON_SITE,
        )
        for sku in skus
        if BY_SKU[sku].cost
    ]


def sell(
    stage: Stage,
    code: str,
    name: str,
    channels: Collection[str],
    period: Period,
    filled: list[NewRow],
) -> SaleEdition:
    """Put a sale table on file and its first edition in force; the rest is to be priced."""
    by, at = stage.actors["pricing"], clock.now()
    wanted = sales.NewSaleTable(name, code, channels, period.start)
    opened = sales.create_table(stage.session, wanted, by=by, at=at)
    changes: sales.EditionChanges = {"period": period, "some": filled}
    table, draft = opened.table.id, opened.draft.id
    sales.change_edition(stage.session, table, draft, changes, by=by, at=at)
    return sales.publish_edition(stage.session, table, draft, by=by, at=at)


def schedule(stage: Stage) -> None:
    """Let the tables come when they were decided, and next month's prices with them."""
    begin = stage.calendar.month(-2)
    stage.at(moment(begin - ONE_DAY, 15, 40), lambda: _open(stage))
    stage.at(moment(stage.calendar.day(-6), 10, 20), lambda: _open_fixed(stage))


def _open(stage: Stage) -> None:
    begin = Period(stage.calendar.month(-2))
    both = {*PORTFOLIO[AURORA], *PORTFOLIO[None]}
    everything = sorted(both)
    counter = sell(
        stage, TWO_TABLES, "Balcão", [Channel.BACK_OFFICE], begin, rows(everything, on_site=False)
    )
    site = sell(stage, TWO_TABLES, "Loja virtual", [Channel.SITE], begin, rows(everything))
    unpriced = rows(sorted(set(PORTFOLIO[AURORA]) - {"TOKEN-USB", "CARTAO", "CTE-A1-12"}))
    sell(stage, TO_PRICE, "Balcão e loja", BOTH, begin, unpriced)
    sell(stage, BELOW, "Balcão e loja", BOTH, begin, rows(everything, narrow=NARROW))
    for edition in (counter, site):
        _follow(stage, edition)


def _follow(stage: Stage, edition: SaleEdition) -> None:
    """Last month's prices stand at 3 per cent more, next month's at 5 more, rounded to .90."""
    table, first = edition.sale_table_id, edition.id

    def raised(month: int, percent: int) -> None:
        by, at = stage.actors["pricing"], clock.now()
        change = Change(Decimal(percent), rounding_ending=Decimal("0.90"))
        period = Period(stage.calendar.month(month))
        made = sales.copy_edition(stage.session, table, first, period, change, by=by, at=at)
        sales.publish_edition(stage.session, table, made.id, by=by, at=at)

    stage.at(moment(stage.calendar.month(0) - ONE_DAY * 3, 16, 5), lambda: raised(0, 3))
    stage.at(moment(stage.calendar.day(-2), 11, 35), lambda: raised(1, 8))


def _open_fixed(stage: Stage) -> None:
    """Those whose sellers may type no price get the prices that they sell at."""
    by, at = stage.actors["pricing"], clock.now()
    for code in FIXED_PRICES:
        wanted = sales.NewSaleTable("Balcão", code, [Channel.BACK_OFFICE])
        opened = sales.create_table(stage.session, wanted, by=by, at=at)
        table, draft = opened.table.id, opened.draft.id
        filling = sales.Filling(
            sales.Basis.ACQUISITION,
            sales.Into.SALE,
            Change(Decimal(90), rounding_ending=Decimal("0.90")),
        )
        sales.fill_edition(stage.session, table, draft, filling, by=by, at=at)
        sales.publish_edition(stage.session, table, draft, by=by, at=at)
