"""Price tables: general, own and adjusted, with editions of the past, of today and to come."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from portal import clock
from portal.cli.demo.calendar import moment
from portal.cli.demo.partners import POINTS
from portal.cli.demo.products import AURORA, BALIZA, BY_SKU, PRATA, PRODUCTS
from portal.cli.demo.stage import Stage
from portal.money import HUNDRED, PRICE_SCALE, round_half_up
from portal.periods import ONE_DAY, Period
from portal.pricing import services as pricing
from portal.pricing.models import Calculation, TableKind
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.rules.items import NewItem
from portal.pricing.rules.tables import HowCalculated

OWN_FIXED, OWN_PERCENT, OWN_BOTH, CHANGED = "PA-0031", "PA-0032", "PA-0033", "PA-0034"
"""Own fixed tables; a percentage of the sale price; both kinds; one that changed models."""

AURORA_LIST, PRATA_LIST, BALIZA_LIST = "AC Aurora", "AC Prata", "AC Baliza"
COUNTER = "Balcão, sem AC"
GOLD, GOLD_SOUTH = "AC Aurora Ouro", "AC Aurora Ouro Sul"
BRONZE, ACCOUNTANTS = "AC Prata Bronze", "Balcão para contadores"

_MEDIA = ("TOKEN-USB", "CARTAO", "LEITORA-USB", "KIT-CARTAO")
_AT_COUNTER = (
    *_MEDIA, "SSL-DV-12", "SSL-OV-12", "SSL-CORINGA-12", "VALID-VIDEO", "VALID-VISITA",
    "CARIMBO-CENTO", "SUPORTE-HORA", "TREINAMENTO-HORA", "INSTALACAO",
)  # fmt: skip
_CERTIFICATES = (
    "ECPF-A1-12", "ECPF-A3-12", "ECPF-A3-36", "ECNPJ-A1-12", "ECNPJ-A3-12", "ECNPJ-A3-36",
    "NFE-A1-12", "NFE-A3-36",
)  # fmt: skip
PORTFOLIO: dict[str | None, tuple[str, ...]] = {
    AURORA: (
        *_CERTIFICATES, "ECPF-NUVEM-36", "ECNPJ-NUVEM-36", "CTE-A1-12", "ESAUDE-A3-36", *_MEDIA,
        "VALID-VIDEO", "INSTALACAO",
    ),
    PRATA: (*_CERTIFICATES, "CTE-A1-12", "TOKEN-USB", "KIT-CARTAO", "VALID-VIDEO", "INSTALACAO"),
    BALIZA: ("ECPF-A1-12", "ECNPJ-A1-12", "ECPF-NUVEM-36", "ECNPJ-NUVEM-36", "NFE-A1-12",
             "VALID-VIDEO"),
    None: _AT_COUNTER,
}  # fmt: skip
"""What can be ordered through which issuer."""
BREAKS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "TOKEN-USB": ((10, 8), (50, 18)),
    "CARTAO": ((25, 10), (100, 20)),
    "ECPF-A1-12": ((20, 6),),
    "ECNPJ-A1-12": ((20, 5),),
    "CARIMBO-CENTO": ((5, 10), (20, 25)),
}
"""From how many pieces on, and by how many per cent they are cheaper."""


def items(skus: Iterable[str], percent: int = 0) -> list[NewItem]:
    """Return rows at the base cost plus a percentage, with their quantity breaks."""
    rows: list[NewItem] = []
    for sku in skus:
        cost = BY_SKU[sku].cost
        if not cost:
            rows.append(NewItem(sku, free=True))
            continue
        rows.append(NewItem(sku, _changed(cost, percent)))
        rows += [
            NewItem(sku, _changed(cost, percent - less), min_quantity=Decimal(quantity))
            for quantity, less in BREAKS.get(sku, ())
        ]
    return rows


def _changed(cost: Decimal, percent: int) -> Decimal:
    return round_half_up(cost * (HUNDRED + percent) / HUNDRED, PRICE_SCALE - 2)


def _shares() -> list[NewItem]:
    """Return rows that take a percentage of the sale price."""
    return [
        NewItem(article.sku, percent=Decimal("72.5" if article.kind == "good" else "58"))
        if article.cost
        else NewItem(article.sku, free=True)
        for article in PRODUCTS
    ]


@dataclass(frozen=True, slots=True)
class PriceList:
    """A table and the years' news: what its editions cost, in per cent over the base."""

    name: str
    issuer: str | None
    how: HowCalculated = field(default_factory=HowCalculated)
    point: str | None = None

    def put_on_file(self, stage: Stage) -> None:
        """Put the table on file."""
        facts = pricing.NewTable(
            name=self.name,
            kind=TableKind.OWN if self.point else TableKind.GENERAL,
            service_point_id=stage.points[self.point] if self.point else None,
            issuer_id=stage.issuers[self.issuer] if self.issuer else None,
            calculation=self.how,
        )
        table = pricing.create_table(
            stage.session, facts, by=stage.actors["pricing"], at=clock.now()
        )
        stage.tables[self.name] = table.id


def publish(
    stage: Stage, name: str, period: Period, rows: list[NewItem], *, replace: bool = False
) -> None:
    """Draft an edition and put it in force."""
    edition = draft(stage, name, period, rows)
    pricing.publish_edition(
        stage.session,
        stage.tables[name],
        edition,
        by=stage.actors["pricing"],
        at=clock.now(),
        replace=replace,
    )


def draft(stage: Stage, name: str, period: Period, rows: list[NewItem]) -> int:
    """Draft an edition; return its number."""
    return pricing.create_edition(
        stage.session, stage.tables[name], period, rows, by=stage.actors["pricing"], at=clock.now()
    ).id


def open_tables(stage: Stage) -> None:
    """Put the tables on file with the editions that the portal began with."""
    begin = Period(stage.calendar.opening)
    first: list[tuple[PriceList, list[NewItem]]] = [
        (PriceList(AURORA_LIST, AURORA), items(PORTFOLIO[AURORA])),
        (PriceList(PRATA_LIST, PRATA), items(PORTFOLIO[PRATA], -3)),
        (PriceList(BALIZA_LIST, BALIZA), items(PORTFOLIO[BALIZA], 2)),
        (PriceList(COUNTER, None), items(_AT_COUNTER)),
    ]
    for price_list, rows in first:
        price_list.put_on_file(stage)
        publish(stage, price_list.name, begin, rows)
    _open_adjusted(stage, begin)
    _open_own(stage, begin)


def _open_adjusted(stage: Stage, begin: Period) -> None:
    free = NewItem("INSTALACAO", free=True)
    special = [free, NewItem("ECNPJ-A1-12", Decimal("79.90"))]
    adjusted: list[tuple[str, str | None, str, str, dict[str, Decimal], list[NewItem]]] = [
        (GOLD, AURORA, AURORA_LIST, "-8", {"rounding_ending": Decimal("0.90")}, special),
        (GOLD_SOUTH, AURORA, GOLD, "2.5", {"rounding_step": Decimal(1)}, [free]),
        (BRONZE, PRATA, PRATA_LIST, "6", {}, [free]),
        (ACCOUNTANTS, None, COUNTER, "-5", {"rounding_step": Decimal("0.05")}, [free]),
    ]
    for name, issuer, base, percent, rounding, rows in adjusted:
        how = HowCalculated(Calculation.ADJUSTED, stage.tables[base], Decimal(percent), **rounding)
        PriceList(name, issuer, how).put_on_file(stage)
        publish(stage, name, begin, rows)


def _open_own(stage: Stage, begin: Period) -> None:
    share = HowCalculated(Calculation.PERCENT_OF_SALE)
    own: list[tuple[PriceList, list[NewItem]]] = [
        (PriceList("Recife, AC Aurora", AURORA, point=OWN_FIXED), items(PORTFOLIO[AURORA], -6)),
        (PriceList("Recife, balcão", None, point=OWN_FIXED), items(_AT_COUNTER, -4)),
        (PriceList("Caruaru, parte da venda", None, share, OWN_PERCENT), _shares()),
        (PriceList("João Pessoa, AC Prata", PRATA, point=OWN_BOTH), items(PORTFOLIO[PRATA], -7)),
        (PriceList("João Pessoa, parte da venda", None, share, OWN_BOTH), _shares()),
    ]
    for price_list, rows in own:
        price_list.put_on_file(stage)
        publish(stage, price_list.name, begin, rows)


def open_table_of_changed(stage: Stage) -> None:
    """Natal gets a table of its own, and uses it from the first of the month on."""
    name, day = "Natal, tabela própria", stage.calendar.month(-1)
    PriceList(name, None, point=CHANGED).put_on_file(stage)
    publish(stage, name, Period(day), items([*_CERTIFICATES, *_AT_COUNTER], -5))
    until = day - ONE_DAY
    general = _general(stage, Period(stage.calendar.opening, until), AURORA_LIST, COUNTER)
    _assign(stage, CHANGED, [*general, NewAssignment(TableKind.OWN, Period(day))])


def schedule(stage: Stage) -> None:
    """Let the editions after the first come when they were decided."""
    calendar = stage.calendar
    last_month, next_month = calendar.month(-1), calendar.month(1)
    fortnight = calendar.day(-14)

    def on(day: date, name: str, period: Period, rows: list[NewItem], **how: bool) -> None:
        stage.at(moment(day, 14, 10), lambda: publish(stage, name, period, rows, **how))

    before = last_month - ONE_DAY * 11
    on(before, AURORA_LIST, Period(last_month), items(PORTFOLIO[AURORA], 4))
    on(before, PRATA_LIST, Period(last_month), items(PORTFOLIO[PRATA], 1))
    on(before, BALIZA_LIST, Period(last_month, calendar.month(2) - ONE_DAY),
       items(PORTFOLIO[BALIZA], 5))  # fmt: skip
    on(before, COUNTER, Period(last_month), items(_AT_COUNTER, 3))
    gold = [NewItem("INSTALACAO", free=True), NewItem("ECNPJ-A1-12", Decimal("84.90"))]
    on(before, GOLD, Period(last_month), gold)
    on(before, "Recife, AC Aurora", Period(last_month), items(PORTFOLIO[AURORA], -2))
    on(fortnight, PRATA_LIST, Period(next_month), items(PORTFOLIO[PRATA], 9))
    on(calendar.day(-4), PRATA_LIST, Period(next_month), items(PORTFOLIO[PRATA], 6), replace=True)
    on(calendar.day(-5), AURORA_LIST, Period(next_month), items(PORTFOLIO[AURORA], 8))
    on(calendar.day(-5), COUNTER, Period(next_month), items(_AT_COUNTER, 5))
    stage.at(
        moment(calendar.day(-2), 17, 25),
        lambda: draft(stage, BALIZA_LIST, Period(calendar.month(2)), items(PORTFOLIO[BALIZA], 7)),
    )
    stage.at(moment(last_month - ONE_DAY * 5, 16), lambda: open_table_of_changed(stage))


def assign_all(stage: Stage) -> None:
    """Say which tables each service point uses."""
    begin = Period(stage.calendar.opening)
    own = [NewAssignment(TableKind.OWN, begin)]
    for point in POINTS[:-1]:
        if point.code in {OWN_FIXED, OWN_PERCENT, OWN_BOTH}:
            _assign(stage, point.code, own)
        else:
            _assign(stage, point.code, _general(stage, begin, *general_lists(point.number)))


def general_lists(number: int) -> tuple[str, ...]:
    """Return the general tables of a service point that has no own ones."""
    groups: tuple[tuple[Callable[[int], bool], tuple[str, ...]], ...] = (
        (lambda n: n <= 14, (AURORA_LIST, COUNTER)),
        (lambda n: n <= 18, (PRATA_LIST, COUNTER)),
        (lambda n: n <= 23, (GOLD_SOUTH, BRONZE, COUNTER)),
        (lambda n: n <= 27, (GOLD, COUNTER)),
        (lambda n: n <= 29, (PRATA_LIST, ACCOUNTANTS)),
        (lambda n: n <= 34, (AURORA_LIST, COUNTER)),
        (lambda n: n <= 37, (AURORA_LIST, PRATA_LIST, BALIZA_LIST, COUNTER)),
    )
    return next((lists for holds, lists in groups if holds(number)), (BALIZA_LIST,))


def _general(stage: Stage, period: Period, *names: str) -> list[NewAssignment]:
    return [NewAssignment(TableKind.GENERAL, period, stage.tables[name]) for name in names]


def _assign(stage: Stage, code: str, assignments: list[NewAssignment]) -> None:
    pricing.set_assignments(
        stage.session, code, assignments, by=stage.actors["pricing"], at=clock.now()
    )
