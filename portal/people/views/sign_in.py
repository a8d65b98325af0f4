"""Signing in and out."""

from dataclasses import replace

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.actors import PORTAL, Actor
from portal.errors import PortalError
from portal.people.errors import SignInRefused, TooManyAttempts
from portal.people.forms import SignInForm
from portal.people.queries.sessions import Credential, credential_of
from portal.people.rules.attempts import origin_of
from portal.people.rules.emails import normal_email
from portal.people.rules.passwords import Cost, hash_password, is_outdated, is_right
from portal.people.services.sessions import (
    end_session,
    insist_on_patience,
    note_attempt,
    open_session,
)
from portal.people.views.door import bp, forget, greet, origin
from portal.transactions import read, transact
from portal.web.access import actor, current_actor, local_target, public, signed_in
from portal.web.problems import explain


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Let someone in."""
    if current_actor() is not None:
        return redirect(_target(request.values.get("next")), 303)
    form = SignInForm(next=request.args.get("next", ""))
    if not form.is_submitted():
        return render_template("people/sign_in.html", form=form)
    if not form.validate():
        return render_template("people/sign_in.html", form=form), 422
    try:
        _let_in(form)
    except (SignInRefused, TooManyAttempts) as refusal:
        return _once_more(form, refusal)
    return redirect(_target(form.next.data), 303)


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session."""
    who = actor()
    transact(end_session, int(who.session_id or 0), by=who, at=clock.now())
    forget()
    return redirect(url_for(".sign_in"), 303)


def cost() -> Cost:
    """Return the cost of a password's hash in this installation."""
    settings: Cost = current_app.config["SETTINGS"].argon2
    return settings


def check_credential(email: str, password: str) -> Credential:
    """Return the credential that the password opens; counted first, so that guessing ends soon."""
    at, address = clock.now(), origin_of(request.remote_addr or "")
    attempt = transact(note_attempt, email=email, address=address, at=at)
    refusal = transact(insist_on_patience, attempt, email=email, address=address, at=at)
    if refusal is not None:
        raise refusal
    found = read(credential_of, email)
    if not is_right(password, found.password_hash if found else None, cost()) or found is None:
        raise SignInRefused
    return found


def _let_in(form: SignInForm) -> None:
    """Check the password outside of any transaction, for it takes its time; then sign in."""
    password = form.password.data
    found = check_credential(normal_email(form.email.data), password)
    outdated = is_outdated(found.password_hash, cost())
    remember = bool(form.remember.data)
    secret = transact(
        open_session,
        found.user_id,
        verified_hash=found.password_hash,
        new_hash=hash_password(password, cost()) if outdated else None,
        by=_newcomer(found.user_id),
        browser=request.user_agent.string,
        remember=remember,
        at=clock.now(),
    )
    greet(secret, remember=remember)


def _newcomer(user_id: int) -> Actor:
    place = origin()
    return replace(PORTAL, user_id=user_id, address=place.address, request_id=place.request_id)


def _once_more(form: SignInForm, refusal: PortalError) -> ResponseReturnValue:
    form.form_errors = [explain(refusal)]
    response = make_response(render_template("people/sign_in.html", form=form), refusal.status)
    if isinstance(refusal, TooManyAttempts):
        response.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return response


def _target(address: str | None) -> str:
    return local_target(address) or "/"
