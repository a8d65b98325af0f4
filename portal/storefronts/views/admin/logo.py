"""The logo: put up, taken down, shown to those who run the shop."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.errors import Refused
from portal.storefronts.forms.admin import LogoForm
from portal.storefronts.queries.admin.shops import run_shop
from portal.storefronts.rules.admin.logos import MAX_BYTES, read_logo
from portal.storefronts.services.logos import remove_logo, set_logo
from portal.storefronts.views.admin.door import SHOP_EDIT, bp
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.problems import explain_problem


@bp.post("/service-points/<code>/shop/logo")
@requires(SHOP_EDIT)
def logo(code: str) -> ResponseReturnValue:
    """Put up the picture that was sent, or take the logo down."""
    read(run_shop, actor(), code)
    if request.form.get("remove"):
        transact(remove_logo, code, by=actor(), at=now())
        flash(gettext("The logo is taken down."), "success")
    else:
        _put_up(code)
    return redirect(url_for(".edit", code=code, _anchor="logo"), 303)


@bp.get("/service-points/<code>/shop/logo-file")
@requires(SHOP_EDIT)
def logo_file(code: str) -> ResponseReturnValue:
    """Answer with the logo, also while the shop has no address."""
    found = read(_content, actor(), code)
    if found is None:
        abort(404)
    return Response(found[1], content_type=found[0])


def _put_up(code: str) -> None:
    form = LogoForm()
    if not form.submitted():
        for message in form.file.errors:
            flash(message, "error")
        return
    sent: Any = form.file.data
    try:
        new = read_logo(sent.stream.read(MAX_BYTES + 1))
    except Refused as refusal:
        for problem in refusal.problems:
            flash(explain_problem(problem), "error")
        return
    transact(set_logo, code, new, by=actor(), at=now())
    flash(gettext("The logo is up. Visitors see it at once."), "success")


def _content(session: Session, by: Actor, code: str) -> tuple[str, bytes] | None:
    stored = run_shop(session, by, code).logo
    return (stored.media_type, stored.content) if stored else None
