"""Credit limits: the list, a new one, changes."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.errors import Conflict, PreconditionFailed, Refused
from portal.partners import queries
from portal.partners.forms import NewPolicyForm, PolicyForm
from portal.partners.models import CreditPolicy
from portal.partners.services import change_credit_policy, create_credit_policy
from portal.partners.views.door import bp
from portal.partners.views.listing import LIMIT_FACTS, POLICIES, TITLES
from portal.people.queries.history import Happening, history_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.trail import told

_FACTS = ("name", "money", "documents", "age_days", "version")


@bp.get("/credit-policies")
@requires("policies.edit")
def policies() -> ResponseReturnValue:
    """List the credit limits, with how many service points each serves."""
    view = POLICIES.view(queries.credit_policies(actor()), actor())
    if file := view.file():
        return file
    served = read(queries.users_of_policies, [policy.id for policy in view.items])
    return render_template("partners/policies.html", view=view, served=served)


@bp.route("/credit-policies/new", methods=["GET", "POST"])
@requires("policies.edit")
def policy_new() -> ResponseReturnValue:
    """Put a credit limit on file."""
    form = NewPolicyForm()
    if form.submitted():
        with form.taking(Refused, Conflict):
            policy = transact(create_credit_policy, form.limits(), by=actor(), at=now())
            flash(gettext("%(name)s is on file.", name=policy.name), "success")
            return redirect(url_for(".policies"), 303)
    return form_page("partners/policy_form.html", form)


@bp.route("/credit-policies/<code>/edit", methods=["GET", "POST"])
@requires("policies.edit")
def policy_edit(code: str) -> ResponseReturnValue:
    """Change a credit limit, for all that it serves at once."""
    policy, happened, served = read(_with_history, actor(), code)
    form = PolicyForm(data={name: getattr(policy, name) for name in _FACTS})
    if form.submitted():
        with form.taking(Refused, Conflict, PreconditionFailed):
            _change(form, code)
            flash(gettext("Saved."), "success")
            return redirect(url_for(".policies"), 303)
    trail = told(happened, TITLES, LIMIT_FACTS)
    return form_page("partners/policy_form.html", form, policy=policy, trail=trail, served=served)


def _change(form: PolicyForm, code: str) -> None:
    seen = form.seen_version()
    transact(change_credit_policy, code, form.changes(), by=actor(), at=now(), version=seen)


def _with_history(
    session: Session, by: Actor, code: str
) -> tuple[CreditPolicy, list[Happening], int]:
    policy = queries.credit_policy_of(session, by, code)
    served = queries.users_of_policies(session, [policy.id]).get(policy.id, 0)
    return policy, history_of(session, "credit_policy", policy.id), served
