"""How pages speak of a list: what is wrong with its rows, what may become of it."""

from collections.abc import Iterable

from flask_babel import gettext

from portal.errors import Problem
from portal.i18n import N_
from portal.price_imports.errors.report import RowError
from portal.price_imports.forms import COLUMN_LABELS
from portal.price_imports.queries import Choices
from portal.price_imports.rules.columns import Column
from portal.price_imports.rules.effects import Effect
from portal.web import filters
from portal.web.problems import explain_problem

DRAFT, PUBLISH, REPLACE = "draft", "publish", "replace"
ERROR_HEAD = (N_("Row"), N_("Column"), N_("Code"), N_("What is wrong"))


def actions(effects: Choices, *, publishes: bool) -> list[tuple[str, str]]:
    """Return what may become of a list, by what the actor may do and the days allow."""
    found = [(DRAFT, gettext("Keep it as a draft"))]
    if publishes:
        if effects.plain.overlap is None:
            found.append((PUBLISH, gettext("Publish it now")))
        if effects.plain.overlap is not None:
            found.append((REPLACE, gettext("Publish it now, and let the others make room")))
    return found


def sentences(changed: Iterable[Effect]) -> list[str]:
    """Say what happens to the other editions."""
    return [_sentence(effect) for effect in changed]


def _sentence(effect: Effect) -> str:
    if effect.after is None:
        return gettext("Edition %(number)s is superseded.", number=effect.number)
    day = filters.day(effect.after.end)
    return gettext("Edition %(number)s ends on %(day)s.", number=effect.number, day=day)


def reason_of(row: RowError) -> str:
    """Return what is wrong with a row, in the reader's language."""
    return explain_problem(Problem(row.field, row.code, row.text, dict(row.facts)))


def column_of(row: RowError) -> str:
    """Return what people call the column."""
    return gettext(COLUMN_LABELS[Column(row.field)])
