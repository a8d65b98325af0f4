"""The wallets of all service points that one sees."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select

from portal.clock import today
from portal.credit.models import Account, CreditType
from portal.credit.queries.accounts import credit_types
from portal.credit.queries.listing import FIGURES, Figures
from portal.credit.views.door import bp
from portal.credit.views.words import MONEY, Unit
from portal.i18n import N_
from portal.money import from_minor
from portal.partners.models import ServicePoint
from portal.partners.queries import point_says
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, choice_filter

SHOWN = {
    "short": N_("Under its warning level"),
    "owing": N_("In debt"),
    "expiring": N_("Expiring in 30 days"),
}


@bp.get("/credit")
@requires("costs.view")
def index() -> ResponseReturnValue:
    """List the wallets; someone with one service point goes straight to its wallet."""
    by = actor()
    if not by.headquarters and len(by.service_points) == 1:
        code = by.service_points[0].code
        return redirect(url_for(".account", code=code, credit_type=MONEY))
    view = _listing().view(Figures(today()).accounts(by), by)
    if file := view.file():
        return file
    return render_template(
        "credit/index.html",
        view=view,
        shown={key: gettext(word) for key, word in SHOWN.items()},
        kinds=read(_kinds),
        amount=_amount,
        unit=Unit,
        is_short=_is_short,
    )


def _listing() -> Listing:
    figures = Figures(today())

    def narrowed(wanted: Select[Any], asked: str) -> Select[Any]:
        keep = {
            "short": figures.short,
            "owing": figures.owing,
            "expiring": figures.running_out,
        }
        return keep[asked](wanted)

    return Listing(
        title=N_("Wallets"),
        key=Account.id,
        sort="name",
        columns=(
            Column("code", N_("Code"), lambda row: row[1].code, sort=ServicePoint.code),
            Column("name", N_("Service point"), lambda row: row[1].name, sort=ServicePoint.name),
            Column("type", N_("Credit type"), lambda row: row[2].code, sort=CreditType.code),
            Column(
                "balance",
                N_("Balance"),
                lambda row: _amount(row, "balance"),
                sort=figures.balance,
                num=True,
            ),
            Column(
                "available",
                N_("Available"),
                lambda row: _amount(row, "available"),
                sort=figures.available,
                num=True,
            ),
            Column(
                "debt", N_("Debt"), lambda row: _amount(row, "debt"), sort=Account.debt, num=True
            ),
            Column(
                "expiring",
                N_("Expiring in 30 days"),
                lambda row: _amount(row, "expiring"),
                sort=figures.expiring,
                num=True,
            ),
            Column(
                "threshold",
                N_("Warn when the balance falls under"),
                lambda row: row[1].low_balance_threshold,
                num=True,
            ),
        ),
        filters=(
            Filter("q", N_("Text"), lambda wanted, text: wanted.where(point_says(text))),
            choice_filter("show", N_("Show"), SHOWN, narrowed),
            Filter("type", N_("Credit type"), _of_type),
        ),
    )


def _of_type(wanted: Select[Any], code: str) -> Select[Any]:
    return wanted.where(CreditType.code == code)


def _kinds(session: Any) -> list[CreditType]:
    return list(session.scalars(credit_types().order_by(CreditType.id)))


def _amount(row: Any, name: str) -> Any:
    """Return a figure of a row in its credit type."""
    account, _point, kind, *figures = row
    minor = account.debt if name == "debt" else figures[FIGURES.index(name)]
    return from_minor(int(minor), kind.scale)


def _is_short(row: Any) -> bool:
    """Whether the wallet is under its service point's threshold."""
    threshold = row[1].low_balance_threshold
    if row[2].code != MONEY or threshold is None:
        return False
    return bool(_amount(row, "available") < threshold)
