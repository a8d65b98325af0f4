"""A new order: typed, calculated, kept as a draft or placed."""

from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer
from portal.catalogue.queries import suggested_products
from portal.clock import now
from portal.credit.errors import InsufficientCredit
from portal.errors import Conflict, NotFound, PortalError, PreconditionFailed, Refused
from portal.orders.errors import NotADraft, PriceNotAllowed, TooManyPrices
from portal.orders.forms import LineForm, OrderForm
from portal.orders.models import Order, OrderState
from portal.orders.queries.orders import issuers_to_choose, order_of, service_points_to_choose
from portal.orders.rules import Wanted
from portal.orders.services import (
    note_refused_price,
    place_draft,
    place_order,
    redraft,
    save_draft,
)
from portal.orders.services.drafts import wanted_of
from portal.orders.services.quoting import Quote, look_at
from portal.orders.views.door import bp
from portal.orders.views.summary import Summary, summary_of
from portal.partners.models import ServicePoint
from portal.partners.queries import suggested_service_points
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.idempotency import Sealing, do_once
from portal.web.problems import explain, explain_problem

MOST_POINTS = 200
_OWN_FIELDS = {"sku", "quantity", "discount_percent"}
_REFUSALS = (Refused, Conflict, NotFound, PreconditionFailed, TooManyPrices)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers; more service points than fit a list are found by typing."""

    points: list[ServicePoint]
    issuers: list[Issuer]

    @property
    def by_typing(self) -> bool:
        """Whether there are more service points than a list shows well."""
        return len(self.points) >= MOST_POINTS


@bp.get("/orders/new")
@requires("orders.place")
def new() -> ResponseReturnValue:
    """Begin an order, or go on with a draft."""
    form, choices = _form()
    number = request.args.get("draft", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        order, wanted = read(_draft, int(number))
        form.take_draft(order, wanted)
    elif len(choices.points) == 1:
        form.service_point.data = choices.points[0].code
    return _page(form, choices, look=bool(form.draft.data))


def _draft(session: Session, number: int) -> tuple[Order, Wanted]:
    order = order_of(session, actor(), number)
    if order.state is not OrderState.DRAFT:
        raise NotADraft(number=number)
    return order, wanted_of(order)


@bp.post("/orders/new", endpoint="new_create")
@requires("orders.place")
def create() -> ResponseReturnValue:
    """Place the order, or keep it as a draft; a second click makes no second one."""
    form, choices = _form()
    if not (form.submitted() & form.complete()):
        return _page(form, choices), 422
    wanted, by, at = form.wanted(), actor(), now()
    try:
        address = do_once(form.form_key.data, _deed(form, wanted, by), seals=True)
    except _REFUSALS as refusal:
        if isinstance(refusal, PriceNotAllowed):
            transact(note_refused_price, wanted, refusal, by=by, at=at)
        return _page(form, choices, refusal=refusal), 422
    is_draft = request.form.get("action") == "draft"
    flash(gettext("Draft kept.") if is_draft else gettext("Order placed."), "success")
    return redirect(address, 303)


def _deed(form: OrderForm, wanted: Wanted, by: Actor) -> Any:
    """Return what the form asks for, as a deed that leads to the order's page."""
    draft = int(form.draft.data) if (form.draft.data or "").isdigit() else None
    version, at = form.seen_version(), now()

    def leads_to(placed: Any) -> str:
        return url_for(".show", number=placed.number)

    def keep(session: Session, _: Sealing) -> str:
        order = _keep(session)
        return url_for(".show", number=order.id)

    def _keep(session: Session) -> Order:
        if draft is None:
            return save_draft(session, wanted, by=by, at=at)
        return redraft(session, draft, wanted, by=by, at=at, version=version)

    def place(session: Session, sealing: Sealing) -> str:
        seal = sealing(leads_to)
        if draft is None:
            return leads_to(place_order(session, wanted, by=by, at=at, seal=seal))
        redraft(session, draft, wanted, by=by, at=at, version=version)
        return leads_to(place_draft(session, draft, by=by, at=at, seal=seal))

    return keep if request.form.get("action") == "draft" else place


@bp.post("/orders/preview", endpoint="new_preview")
@requires("orders.place")
def preview() -> ResponseReturnValue:
    """Calculate what is typed: the summary alone for a script, else the whole page."""
    form, choices = _form()
    form.submitted()
    if request.headers.get("HX-Request"):
        summary = _summary(form)
        return render_template("orders/_summary.html", form=form, summary=summary, live=True)
    form.complete()
    return _page(form, choices)


@bp.get("/orders/products")
@requires("orders.place")
def products() -> ResponseReturnValue:
    """Suggest products to someone who types (js/combobox.js); without prices."""
    found = read(suggested_products, request.args.get("q", ""))
    return jsonify([{"value": one.sku, "label": one.name, "detail": one.sku} for one in found])


@bp.get("/orders/service-points")
@requires("orders.place")
def service_points() -> ResponseReturnValue:
    """Suggest the service points that one may order for to someone who types."""
    found = read(suggested_service_points, actor(), request.args.get("q", ""))
    return jsonify([{"value": one.code, "label": one.name, "detail": one.code} for one in found])


def _form() -> tuple[OrderForm, Choices]:
    choices = read(_choices)
    form = OrderForm()
    form.offer(choices.issuers)
    return form, choices


def _choices(session: Session) -> Choices:
    points = service_points_to_choose(session, actor(), MOST_POINTS)
    return Choices(points, issuers_to_choose(session))


def _page(
    form: OrderForm, choices: Choices, *, refusal: PortalError | None = None, look: bool = True
) -> str:
    problems = _put(form, refusal) if refusal is not None else []
    summary = _summary(form) if look else None
    form.show_blank_rows()
    return render_template(
        "orders/new.html",
        form=form,
        choices=choices,
        blank=LineForm(),
        summary=summary,
        refused=refusal is not None or bool(form.errors),
        problems=problems,
        lack=refusal if isinstance(refusal, InsufficientCredit) else None,
    )


def _put(form: OrderForm, refusal: PortalError) -> list[str]:
    """Put each problem beside its field; return what belongs to none."""
    rows = form.rows
    others = [] if refusal.problems else [explain(refusal)]
    for problem in refusal.problems:
        text, at = explain_problem(problem), problem.field.partition(".")
        number = at[0].removeprefix("lines[").removesuffix("]")
        if number.isdigit() and int(number) < len(rows):
            field = rows[int(number)][at[2] if at[2] in _OWN_FIELDS else "unit_price"]
            field.errors = [*field.errors, text]
        elif problem.field in form:
            form.refuse(problem.field, text)
        else:
            others.append(text)
    return others


def _summary(form: OrderForm) -> Summary | None:
    """Calculate the lines that say enough; None where there are none."""
    wanted = form.wanted()
    if not wanted.lines or not wanted.service_point or form.final_total.errors:
        return None
    try:
        look: Quote = read(look_at, wanted, by=actor(), at=now())
    except _REFUSALS as refusal:
        return Summary(problems=[explain(refusal)])
    at = [n for n, entry in enumerate(form.lines.entries) if entry.form.wanted is not None]
    return summary_of(look, at, sees_costs=actor().sees_costs)
