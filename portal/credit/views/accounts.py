"""One wallet: figures, when its credit expires, its lots, its movements, its past."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from portal.clock import day_of, local, now
from portal.credit.models import Lot
from portal.credit.queries.accounts import Wallet, figures_at, figures_now, types_of, wallet_of
from portal.credit.queries.listing import SOON
from portal.credit.queries.lots import (
    LotShown,
    count_live,
    credit_by_month,
    expiring_until,
    live_lots,
    lots_of,
    reasons_of,
    shown_lot,
)
from portal.credit.queries.pace import days_left, pace_of
from portal.credit.rules.figures import Figures
from portal.credit.views.door import bp
from portal.credit.views.statement import FILTER_NAMES, WAYS, lots_text, statement_of
from portal.credit.views.words import (
    FILTERED,
    MONEY,
    Unit,
    lot_says,
    order_url,
    status_says,
    title_of,
)
from portal.i18n import N_
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.charts import Bar, bar_chart
from portal.web.charts.plot import Chart
from portal.web.forms import parse_day
from portal.web.lists import Column, Listing
from portal.web.navigation import with_arguments

_LOTS_SHOWN = 8
_MOST_MONTHS = 12
_MOST_FIGURES = 8


@bp.get("/credit/<code>/<credit_type>")
@requires("costs.view")
def account(code: str, credit_type: str) -> ResponseReturnValue:
    """Show a wallet as a bank would."""
    by = actor()
    wallet = read(wallet_of, by, code, credit_type)
    view = statement_of(wallet, by)
    if file := view.file():
        return file
    unit = Unit(wallet.kind)
    return render_template(
        "credit/account.html",
        wallet=wallet,
        unit=unit,
        view=view,
        **read(_standing, wallet, unit),
        past=read(_past, wallet),
        ways=_ways(),
        kinds={key: gettext(word) for key, word in FILTERED.items()},
        filter_names=FILTER_NAMES,
        title_of=title_of,
        order_url=order_url,
        lots_text=lots_text,
        lot_says=lot_says,
    )


@bp.get("/credit/<code>/<credit_type>/lots")
@requires("costs.view")
def lots(code: str, credit_type: str) -> ResponseReturnValue:
    """List all lots of a wallet, used and expired ones too."""
    by = actor()
    wallet = read(wallet_of, by, code, credit_type)
    view = _lots_listing(wallet).view(lots_of(wallet.account_id), by)
    if file := view.file():
        return file
    return render_template(
        "credit/lots.html",
        wallet=wallet,
        unit=Unit(wallet.kind),
        view=view,
        shown=_shown(wallet),
        reasons=read(reasons_of, wallet.account_id, view.items),
        lot_says=lot_says,
        status_says=status_says,
    )


def _standing(session: Session, wallet: Wallet, unit: Unit) -> dict[str, Any]:
    """Return what a wallet shows today."""
    moment = now()
    today, scale, account_id = day_of(moment), wallet.kind.scale, wallet.account_id
    figures = figures_now(session, wallet, moment)
    found = live_lots(session, account_id, today, _LOTS_SHOWN)
    months = credit_by_month(session, account_id, today, scale)
    pace = pace_of(session, account_id, moment, scale)
    return {
        "figures": figures,
        "pace": pace,
        "days_left": days_left(figures.balance, pace),
        "soon": expiring_until(session, account_id, today, today + SOON, scale),
        "today": today,
        "lots": [shown_lot(lot, scale, today) for lot in found],
        "reasons": reasons_of(session, account_id, found),
        "lots_count": count_live(session, account_id, today),
        "chart": _chart(months, unit) if months else None,
        "types": types_of(session, wallet.point.id),
        "is_short": _is_short(wallet, figures),
    }


def _is_short(wallet: Wallet, figures: Figures) -> bool:
    threshold = wallet.point.low_balance_threshold
    return wallet.kind.code == MONEY and threshold is not None and figures.available < threshold


def _past(session: Session, wallet: Wallet) -> tuple[datetime, Figures] | str | None:
    """Return what stood at the instant that the address asks for; a text where it is none."""
    day_text, time_text = (request.args.get(name, "").strip() for name in ("at_day", "at_time"))
    if not day_text:
        return None
    try:
        day = parse_day(day_text)
        hour = time.fromisoformat(time_text or "23:59:59.999999")
        moment = local(now()).replace(
            year=day.year, month=day.month, day=day.day, hour=hour.hour, minute=hour.minute,
            second=hour.second or (59 if time_text else hour.second),
            microsecond=999_999, fold=0,
        )  # fmt: skip
        return moment, figures_at(session, wallet, moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return gettext("Give a day and an hour such as 31/12/2026 and 18:00.")


def _ways() -> list[tuple[str, str, bool]]:
    """Return the ways to see the movements: all, what came in, what went out."""
    asked = request.args.get("way")
    words: dict[str | None, str] = {None: gettext("All movements")}
    words |= {key: gettext(word) for key, word in WAYS.items()}
    return [
        (word, with_arguments(way=key, after=None, before=None), asked == key)
        for key, word in words.items()
    ]


def _chart(months: list[tuple[date | None, Decimal, Decimal]], unit: Unit) -> Chart:
    bars = []
    for month, paid, bonus in _without_gaps(months):
        label = _month(month)
        for value, kind, word in (
            (paid, "now", gettext("paid")), (bonus, "bonus", gettext("bonus")),
        ):  # fmt: skip
            if value:
                tip = f"{_long_month(month)}: {unit.whole(value)}, {word}"
                bars.append(Bar(label, value, tip=tip, kind=kind))
        if not paid and not bonus:
            bars.append(Bar(label, None))
    said = "; ".join(
        f"{_long_month(month)} {unit.whole(paid + bonus)}" for month, paid, bonus in months
    )
    return bar_chart(
        "expiry",
        gettext("Credit by the month in which it expires"),
        said,
        bars=bars,
        written=unit.plain,
        figures=len(bars) <= _MOST_FIGURES,
    )


def _without_gaps(
    months: list[tuple[date | None, Decimal, Decimal]],
) -> list[tuple[date | None, Decimal, Decimal]]:
    """Put the months between in, where they are few."""
    dated = [month for month, _, _ in months if month is not None]
    if not dated:
        return months
    span = (dated[-1].year - dated[0].year) * 12 + dated[-1].month - dated[0].month
    if span >= _MOST_MONTHS:
        return months
    known = {month: (paid, bonus) for month, paid, bonus in months}
    none = (Decimal(0), Decimal(0))
    every = [_later(dated[0], number) for number in range(span + 1)]
    filled = [(month, *known.get(month, none)) for month in every]
    return [*filled, *[(month, *known[month]) for month in known if month is None]]


def _later(month: date, months: int) -> date:
    year, index = divmod(month.year * 12 + month.month - 1 + months, 12)
    return date(year, index + 1, 1)


def _month(month: date | None) -> str:
    if month is None:
        return gettext("no end")
    return format_date(month, "MMM yy", locale=str(get_locale())).replace(".", "")


def _long_month(month: date | None) -> str:
    if month is None:
        return gettext("without end")
    return format_date(month, "MMMM y", locale=str(get_locale()))


def _shown(wallet: Wallet) -> Callable[[Lot], LotShown]:
    today = day_of(now())
    return lambda lot: shown_lot(lot, wallet.kind.scale, today)


def _lots_listing(wallet: Wallet) -> Listing:
    shown = _shown(wallet)
    return Listing(
        title=N_("Lots"),
        of=f"{wallet.point.code}-{wallet.kind.code}",
        key=Lot.id,
        sort="-id",
        columns=(
            Column("id", N_("Lot"), lambda lot: lot.id, sort=Lot.id),
            Column("origin", N_("Origin"), lambda lot: lot_says(shown(lot))),
            Column("granted_at", N_("Granted"), lambda lot: lot.granted_at),
            Column(
                "expires_on", N_("Usable until"), lambda lot: lot.expires_on, sort=Lot.expires_on
            ),
            Column("face", N_("Credit"), lambda lot: shown(lot).face, sort=Lot.face, num=True),
            Column("paid", N_("Paid"), lambda lot: shown(lot).paid, num=True),
            Column("used", N_("Used"), lambda lot: shown(lot).used, num=True),
            Column("remaining", N_("Rest"), lambda lot: shown(lot).remaining, num=True),
            Column("recognised", N_("Revenue"), lambda lot: shown(lot).recognised, num=True),
            Column("status", N_("State"), lambda lot: status_says(shown(lot))[1]),
        ),
    )
