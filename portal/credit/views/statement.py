"""The statement as a list: filters in the address, pages, files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any

from sqlalchemy import Select

from portal.actors import Actor
from portal.clock import end_of, start_of
from portal.credit.models import Entry
from portal.credit.queries.accounts import Wallet
from portal.credit.queries.statement import Line, lines_of, movements, of_kind, since, until
from portal.credit.views.words import FILTERED, Unit, title_of
from portal.i18n import N_
from portal.transactions import read
from portal.web.lists import Column, Listing, ListView, choice_filter, day_filter

WAYS = {"in": N_("Incoming"), "out": N_("Outgoing")}
FILTER_NAMES = ("from", "to", "kind", "way")
_AT_ONCE = 500
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(9999, 12, 30)


@dataclass
class StatementView(ListView):
    """One look at a statement: its rows become movements with the lots that they used."""

    scale: int = field(default=2, kw_only=True)

    @cached_property
    def items(self) -> list[Line]:
        """The movements of this page."""
        return read(lines_of, super().items, self.scale)

    def _all(self) -> Iterator[Line]:
        rows = super()._all()
        while some := list(islice(rows, _AT_ONCE)):
            yield from read(lines_of, some, self.scale)


def statement_of(wallet: Wallet, by: Actor) -> StatementView:
    """Return the statement as the address asks for it, newest first."""
    wanted = movements(wallet.account_id)
    return StatementView(_listing(wallet), wanted, by, scale=wallet.kind.scale)


def _listing(wallet: Wallet) -> Listing:
    unit = Unit(wallet.kind)
    return Listing(
        title=N_("Statement"),
        of=f"{wallet.point.code}-{wallet.kind.code}",
        key=Entry.seq,
        sort="-at",
        columns=(
            Column("at", N_("When"), lambda line: line.at, sort=Entry.seq),
            Column("transaction", N_("Movement"), lambda line: line.id),
            Column("what", N_("What"), title_of),
            Column("description", N_("Description"), lambda line: line.description),
            Column("lots", N_("Lots"), lambda line: lots_text(line, unit)),
            Column("amount", N_("Amount"), lambda line: line.amount, num=True),
            Column("balance", N_("Balance"), lambda line: line.balance, num=True),
            Column("who", N_("Who"), lambda line: line.who),
        ),
        filters=(
            day_filter("from", N_("From"), _from),
            day_filter("to", N_("To"), _to),
            choice_filter("way", N_("Only"), WAYS, of_kind),
            choice_filter("kind", N_("Kind"), FILTERED, of_kind),
        ),
    )


def lots_text(line: Line, unit: Unit) -> str:
    """Write the lots that a movement used, with their parts where they are several."""
    if len(line.lots) == 1:
        return f"L-{line.lots[0][0]}"
    return "; ".join(f"L-{lot}: {unit.plain(amount)}" for lot, amount in line.lots)


def _from(wanted: Select[Any], day: date) -> Select[Any]:
    return since(wanted, start_of(_inside(day)))


def _to(wanted: Select[Any], day: date) -> Select[Any]:
    return until(wanted, end_of(_inside(day)))


def _inside(day: date) -> date:
    """Keep a day within what a moment can hold in every time zone."""
    return min(max(day, _FIRST_DAY), _LAST_DAY)
