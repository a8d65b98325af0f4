"""The page on which the end of an edition is moved: alike for price tables and sale tables."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.clock import now
from portal.errors import Conflict, Forbidden, PreconditionFailed, Refused
from portal.periods import Period
from portal.pricing.errors import EditionFrozen
from portal.pricing.forms.editions import EndForm
from portal.pricing.models import Dated, EditionState, Priced
from portal.web.access import actor
from portal.web.forms import form_page


def end_page(
    template: str,
    table: Priced,
    edition: Dated,
    following: Dated | None,
    *,
    transact: Callable[..., Any],
    change: Callable[..., Any],
) -> ResponseReturnValue:
    """Move the end of an edition, and the beginning of the next one with it.

    `change` is the deed that changes an edition of this kind, `transact` how its doors do deeds.
    """
    if edition.state != EditionState.PUBLISHED:
        raise EditionFrozen(edition.number)
    form = EndForm(
        valid_until=edition.valid_until, move_next=following is not None, version=edition.version
    )
    if form.submitted():
        period = Period(edition.valid_from, form.valid_until.data)
        changes = {"period": period, "move_next": bool(form.move_next.data)}
        told = {"reason": form.reason.data, "version": form.seen_version()}
        with form.taking(Refused, Conflict, Forbidden, PreconditionFailed):
            transact(change, table.id, edition.id, changes, by=actor(), at=now(), **told)
            flash(gettext("The end has moved."), "success")
            return redirect(url_for(".table", table_id=table.id, edition=edition.id), 303)
    return form_page(template, form, table=table, edition=edition, following=following)
