"""The own account: name, password, sessions, tokens."""

from flask import flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal import clock
from portal.errors import PortalError
from portal.people.errors import SignInRefused, WrongPassword
from portal.people.forms import NameForm, PasswordForm, TokenForm
from portal.people.queries.sessions import open_sessions_of, tokens_of
from portal.people.rules.passwords import check_password, hash_password
from portal.people.rules.permissions import CATALOGUE, as_set
from portal.people.rules.sessions import end_of_last_day, last_day_of
from portal.people.services.rows import own_id
from portal.people.services.sessions import end_other_sessions, end_session
from portal.people.services.tokens import create_token, revoke_token
from portal.people.services.users import change_own_password, rename_self
from portal.people.views.door import bp, forget, greet
from portal.people.views.saying import put_into
from portal.people.views.sign_in import check_credential, cost
from portal.transactions import read, transact
from portal.web.access import actor, signed_in
from portal.web.forms import form_page


@bp.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> ResponseReturnValue:
    """Show who one is and what one may; change the name."""
    who = actor()
    form = NameForm(name=who.name)
    if form.submitted():
        transact(rename_self, by=who, name=form.name.data, at=clock.now())
        flash(gettext("Your name was saved."), "success")
        return redirect(url_for(".account"), 303)
    return form_page("people/account.html", form, catalogue=CATALOGUE)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Change the own password; sessions elsewhere end."""
    form = PasswordForm()
    if form.submitted():
        try:
            _change_password(form)
        except PortalError as error:
            put_into(form, error)
        else:
            flash(gettext("Password changed. Your sessions elsewhere have ended."), "success")
            return redirect(url_for(".account"), 303)
    return form_page("people/password.html", form)


def _change_password(form: PasswordForm) -> None:
    """Guessing the present password here is counted like guessing it at the sign-in."""
    who = actor()
    check_password(form.password.data, email=who.email)
    try:
        found = check_credential(who.email, form.current.data)
    except SignInRefused:
        raise WrongPassword from None
    secret = transact(
        change_own_password,
        by=who,
        verified_hash=found.password_hash,
        password_hash=hash_password(form.password.data, cost()),
        at=clock.now(),
    )
    greet(secret, remember=cookie.permanent)


@bp.get("/account/sessions")
@signed_in
def sessions() -> ResponseReturnValue:
    """List the browsers in which one is signed in."""
    who = actor()
    rows = read(open_sessions_of, own_id(who), at=clock.now())
    return render_template("people/sessions.html", rows=rows, own=who.session_id)


@bp.post("/account/sessions/<int:session_id>/end")
@signed_in
def end(session_id: int) -> ResponseReturnValue:
    """End one of the own sessions."""
    who = actor()
    transact(end_session, session_id, by=who, at=clock.now())
    if str(session_id) == who.session_id:
        forget()
        return redirect(url_for(".sign_in"), 303)
    flash(gettext("The session has ended."), "success")
    return redirect(url_for(".sessions"), 303)


@bp.post("/account/sessions/end-others")
@signed_in
def end_others() -> ResponseReturnValue:
    """End the own sessions in all other browsers."""
    transact(end_other_sessions, by=actor(), at=clock.now())
    flash(gettext("Your sessions elsewhere have ended."), "success")
    return redirect(url_for(".sessions"), 303)


@bp.route("/account/tokens", methods=["GET", "POST"])
@signed_in
def tokens() -> ResponseReturnValue:
    """List the own tokens; make one and show it, once."""
    form = TokenForm()
    secret = None
    if form.submitted():
        try:
            secret = _make_token(form)
        except PortalError as error:
            put_into(form, error)
        else:
            form = TokenForm(formdata=None)
    page = _tokens_page(form, secret)
    return (page, 422) if form.errors else page


def _make_token(form: TokenForm) -> str:
    _, secret = transact(
        create_token,
        by=actor(),
        name=form.name.data,
        scopes=form.scopes.data or None,
        expires_at=end_of_last_day(form.expires.data) if form.expires.data else None,
        at=clock.now(),
    )
    return secret


def _tokens_page(form: TokenForm, secret: str | None) -> str:
    """The secret stands in this answer alone: no cookie, no address ever holds it."""
    rows = read(tokens_of, own_id(actor()))
    return render_template(
        "people/tokens.html",
        form=form,
        secret=secret,
        rows=rows,
        now=clock.now(),
        catalogue=CATALOGUE,
        as_set=as_set,
        last_day_of=last_day_of,
    )


@bp.post("/account/tokens/<int:token_id>/revoke")
@signed_in
def revoke(token_id: int) -> ResponseReturnValue:
    """Revoke one of the own tokens."""
    transact(revoke_token, token_id, by=actor(), at=clock.now())
    flash(gettext("The token is revoked."), "success")
    return redirect(url_for(".tokens"), 303)
