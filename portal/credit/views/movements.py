"""Moving credit from a page: granted, debited, reversed, each form once; one movement in full."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.clock import now
from portal.credit import services
from portal.credit.forms import DebitForm, GrantForm, ReverseForm
from portal.credit.queries.accounts import Wallet, figures_now, wallet_of
from portal.credit.queries.transactions import transaction_of
from portal.credit.rules.figures import Figures
from portal.credit.views.door import bp
from portal.credit.views.words import BOOKS, Unit, order_url, title_of
from portal.errors import Conflict, Forbidden, Refused
from portal.money import ZERO
from portal.transactions import read
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.idempotency import do_once

WALLET = "/credit/<code>/<credit_type>"


@bp.route(f"{WALLET}/grant", methods=["GET", "POST"])
@requires("credit.grant")
def grant(code: str, credit_type: str) -> ResponseReturnValue:
    """Grant credit to a wallet."""
    by = _who_sees_costs()
    wallet, figures = read(_wallet, by, code, credit_type)
    form = GrantForm()
    if form.submitted():
        with form.taking(Refused, Conflict):
            url = do_once(form.form_key.data, lambda session: _grant(session, form, wallet, by))
            flash(gettext("The credit was granted."), "success")
            return redirect(url, 303)
    return form_page(
        "credit/grant.html", form, wallet=wallet, unit=Unit(wallet.kind), figures=figures
    )


@bp.route(f"{WALLET}/debit", methods=["GET", "POST"])
@requires("credit.debit")
def debit(code: str, credit_type: str) -> ResponseReturnValue:
    """Debit a wallet by hand."""
    by = _who_sees_costs()
    wallet, figures = read(_wallet, by, code, credit_type)
    form = DebitForm()
    if form.submitted():
        with form.taking(Refused, Conflict):
            url = do_once(form.form_key.data, lambda session: _debit(session, form, wallet, by))
            flash(gettext("The credit was debited."), "success")
            return redirect(url, 303)
    return form_page(
        "credit/debit.html", form, wallet=wallet, unit=Unit(wallet.kind), figures=figures
    )


@bp.get("/credit/transactions/<int:transaction>")
@requires("costs.view")
def movement(transaction: int) -> ResponseReturnValue:
    """Show a movement with all its postings."""
    found = read(transaction_of, actor(), transaction)
    return render_template(
        "credit/transaction.html",
        found=found,
        wallet=found.wallet,
        unit=Unit(found.wallet.kind),
        books={book.value: gettext(word) for book, word in BOOKS.items()},
        title_of=title_of,
        order_url=order_url,
    )


@bp.route("/credit/transactions/<int:transaction>/reverse", methods=["GET", "POST"])
@requires("credit.reverse")
def reverse(transaction: int) -> ResponseReturnValue:
    """Reverse a debit, or an unused grant."""
    by = _who_sees_costs()
    found = read(transaction_of, by, transaction)
    form = ReverseForm()
    if form.submitted():
        with form.taking(Refused, Conflict):
            url = do_once(
                form.form_key.data, lambda session: _reverse(session, form, transaction, by)
            )
            flash(gettext("The movement was reversed."), "success")
            return redirect(url, 303)
    return form_page(
        "credit/reverse.html",
        form,
        found=found,
        wallet=found.wallet,
        unit=Unit(found.wallet.kind),
        title_of=title_of,
    )


def _who_sees_costs() -> Actor:
    """Return the actor: whoever moves credit sees what it comes to."""
    by = actor()
    if not by.sees_costs:
        raise Forbidden
    return by


def _wallet(session: Session, by: Actor, code: str, credit_type: str) -> tuple[Wallet, Figures]:
    wallet = wallet_of(session, by, code, credit_type)
    return wallet, figures_now(session, wallet, now())


def _grant(session: Session, form: GrantForm, wallet: Wallet, by: Actor) -> str:
    offer = services.Offer(
        amount=form.amount.data,
        paid=form.paid.data or ZERO,
        kind=form.kind.data,
        expires_on=form.expires_on.data,
        reason=form.reason.data or "",
    )
    services.grant_to(session, wallet, offer, by=by, at=now())
    return _home(wallet)


def _debit(session: Session, form: DebitForm, wallet: Wallet, by: Actor) -> str:
    reference = services.Reference(
        form.source.data, form.reference.data or "", form.description.data or ""
    )
    services.debit_from(session, wallet, form.amount.data, reference, by=by, at=now())
    return _home(wallet)


def _reverse(session: Session, form: ReverseForm, transaction: int, by: Actor) -> str:
    deed_id, _ = services.reverse(
        session, deed_id=transaction, reason=form.reason.data or "", by=by, at=now()
    )
    return url_for(".movement", transaction=deed_id)


def _home(wallet: Wallet) -> str:
    return url_for(".account", code=wallet.point.code, credit_type=wallet.kind.code)
