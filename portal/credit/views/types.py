"""Credit types: what credit is counted in."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.clock import now
from portal.credit import services
from portal.credit.forms import TypeForm
from portal.credit.models import CreditType
from portal.credit.queries.accounts import credit_types
from portal.credit.views.door import bp
from portal.errors import Conflict, Forbidden, Refused
from portal.texts import code_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page


@bp.route("/credit/types", methods=["GET", "POST"])
@requires("credit.grant")
def types() -> ResponseReturnValue:
    """List credit types, and add one."""
    by = actor()
    if not by.headquarters:
        raise Forbidden
    form = TypeForm()
    if form.submitted():
        with form.taking(Refused, Conflict):
            made = transact(services.create_type, _new(form), by=by, at=now())
            flash(gettext("%(name)s is on file.", name=made.name), "success")
            return redirect(url_for(".types"), 303)
    return form_page("credit/types.html", form, types=read(_all))


def _new(form: TypeForm) -> services.NewType:
    return services.NewType(
        code=code_of("code", form.code.data or ""),
        name=(form.name.data or "").strip(),
        scale=int(form.scale.data),
        unit_value=form.unit_value.data,
    )


def _all(session: Session) -> list[CreditType]:
    return list(session.scalars(credit_types().order_by(CreditType.id)))
