"""How pages show editions, of price tables and of sale tables: state, days, drawn to scale."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

from flask import Flask
from flask_babel import gettext

from portal.i18n import N_
from portal.periods import Period
from portal.web import filters
from portal.web.charts import Chart, Span, edition_timeline
from portal.web.lists import Column

STATES = {
    "now": N_("with prices today"),
    "none": N_("without prices today"),
    "draft": N_("with drafts"),
}
"""How tables stand, for filters."""
DAYS_COLUMNS = (
    Column("since", N_("In force since"), lambda row: row[1]),
    Column("until", N_("In force until"), lambda row: row[2]),
    Column("next_from", N_("Next change"), lambda row: row[3]),
)
"""Columns of lists of tables, whose rows are a table and these days."""
DRAFT, SUPERSEDED = "draft", "superseded"
_ONE_DAY = timedelta(days=1)


class Dated(Protocol):
    """Anything with a first and a last day."""

    @property
    def valid_from(self) -> date:
        """The first day."""

    @property
    def valid_until(self) -> date | None:
        """The last day; None for no end."""


class Numbered(Dated, Protocol):
    """An edition of any table."""

    @property
    def number(self) -> int:
        """1, 2, 3 within its table."""

    @property
    def state(self) -> str:
        """Draft, published or superseded."""

    @property
    def period(self) -> Period:
        """The days on which it is in force once published."""


class Choosable(Numbered, Protocol):
    """An edition that links name."""

    @property
    def id(self) -> int:
        """Its number in the database."""


class Upheaval(Protocol):
    """What publishing does to other editions."""

    @property
    def ends(self) -> Sequence[tuple[Numbered, date | None]]:
        """Editions that get another last day."""

    @property
    def superseded(self) -> Sequence[Numbered]:
        """Editions that go."""


Shown = TypeVar("Shown", bound=Numbered)


def edition_state(edition: Numbered, today: date) -> tuple[str, str]:
    """Return kind and word of the state of an edition on a day, for the status macro."""
    if edition.state == DRAFT:
        return "next", gettext("Draft")
    if edition.state == SUPERSEDED:
        return "off", gettext("Superseded")
    if edition.period.covers(today):
        return "ok", gettext("In force")
    if edition.valid_from > today:
        return "next", gettext("To come")
    return "off", gettext("Ended")


def window(dated: Dated) -> str:
    """Write the days of an edition, or of anything with a first and a last day."""
    if dated.valid_until is None:
        return gettext("from %(day)s, without end", day=filters.day(dated.valid_from))
    return gettext(
        "%(begin)s to %(end)s",
        begin=filters.day(dated.valid_from),
        end=filters.day(dated.valid_until),
    )


def days_away(day: date, today: date) -> str:
    """Write how far a day is: today, tomorrow, in 12 days."""
    left = (day - today) // _ONE_DAY
    if left == 0:
        return gettext("today")
    if left == 1:
        return gettext("tomorrow")
    return gettext("in %(days)s days", days=left)


def to_choose(editions: Sequence[Choosable], but: int) -> list[tuple[int, str]]:
    """Return editions as a list to choose from, all but one."""
    return [
        (one.id, gettext("edition %(number)s, %(window)s", number=one.number, window=window(one)))
        for one in editions
        if one.id != but
    ]


def consequences(publication: Upheaval) -> str:
    """Say what becomes of the editions that are published now when another is published."""
    shorter = [
        gettext("Edition %(number)s ends on %(day)s.", number=one.number, day=filters.day(end))
        for one, end in publication.ends
    ]
    gone = [
        gettext("Edition %(number)s is superseded.", number=one.number)
        for one in publication.superseded
    ]
    return " ".join((*shorter, *gone))


def timeline_of(
    table_name: str, editions: Sequence[Shown], today: date, url: Callable[[Shown], str]
) -> Chart | None:
    """Draw the editions of a table to scale, but for superseded ones; None where there is none."""
    shown = [one for one in editions if one.state != SUPERSEDED]
    if not shown:
        return None
    summary = "; ".join(
        f"{gettext('edition %(number)s', number=one.number)} {window(one)}" for one in shown
    )
    title = gettext("Time line of the editions of %(name)s", name=table_name)
    spans = [_span(one, today, url(one)) for one in shown]
    return edition_timeline("editions", title, summary, spans=spans, today=today)


def _span(edition: Numbered, today: date, url: str) -> Span:
    kind, word = edition_state(edition, today)
    looks = {"ok": "now", "off": "old"}
    look = "draft" if edition.state == DRAFT else looks.get(kind, "next")
    name = gettext("Edition %(number)s", number=edition.number)
    labels = (f"{name} · {word.lower()}", name, str(edition.number))
    return Span(edition.valid_from, edition.valid_until, look, labels, url)


def register(app: Flask) -> None:
    """Give templates the filters."""
    for filter_ in (edition_state, window, days_away):
        app.add_template_filter(filter_)
