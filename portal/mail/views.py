"""Mails on the screen: what became of each, and sending one again."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.clock import now
from portal.config import Settings
from portal.errors import Conflict
from portal.i18n import N_
from portal.mail.models import Mail, MailState
from portal.mail.queries import mail_of, mails, saying
from portal.mail.services import resend
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.lists import Column, Filter, Listing, choice_filter
from portal.web.problems import explain

bp = Blueprint("mail", __name__)

STATES = {
    MailState.QUEUED.value: N_("Waiting"),
    MailState.SENT.value: N_("Sent"),
    MailState.DEAD.value: N_("Given up"),
}


def said_error(mail: Mail) -> str:
    """Return the last error: the portal's own in the reader's language, the server's as it is."""
    return gettext(mail.last_error) if mail.last_error else ""


MAILS = Listing(
    title=N_("Mails"),
    key=Mail.id,
    sort="-created",
    columns=(
        Column("created", N_("Queued"), lambda mail: mail.created_at, sort=Mail.id),
        Column("recipient", N_("Recipient"), lambda mail: mail.recipient, sort=Mail.recipient),
        Column("subject", N_("Subject"), lambda mail: mail.subject),
        Column("state", N_("State"), lambda mail: gettext(STATES[mail.state])),
        Column("attempts", N_("Tries"), lambda mail: mail.attempts, num=True),
        Column("sent", N_("Sent"), lambda mail: mail.sent_at),
        Column("error", N_("Last error"), said_error),
    ),
    filters=(
        Filter("q", N_("Text"), saying),
        choice_filter(
            "state",
            N_("State"),
            STATES,
            lambda wanted, state: wanted.where(Mail.state == state),
        ),
    ),
)


@bp.get("/mails")
@requires("operations.view")
def index() -> ResponseReturnValue:
    """List mails, the newest first."""
    view = MAILS.view(mails(actor()), actor())
    if file := view.file():
        return file
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "mail/index.html",
        view=view,
        states=[(key, gettext(word)) for key, word in STATES.items()],
        no_server=settings.mail_server is None,
        said_error=said_error,
    )


@bp.get("/mails/<int:number>")
@requires("operations.view")
def show(number: int) -> ResponseReturnValue:
    """Show one mail: what it says, and what became of it."""
    mail = read(mail_of, actor(), number)
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "mail/show.html", mail=mail, no_server=settings.mail_server is None, said_error=said_error
    )


@bp.post("/mails/<int:number>/resend")
@requires("operations.retry")
def send_again(number: int) -> ResponseReturnValue:
    """Queue one mail again."""
    try:
        transact(resend, number, by=actor(), at=now())
    except Conflict as conflict:
        flash(explain(conflict), "error")
    else:
        flash(gettext("The mail is sent in a moment."), "success")
    return redirect(url_for(".show", number=number), 303)
