"""Why this price: for whom, through whom, what, how many, when, and what else might have been."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portal.actors import Actor
from portal.catalogue.errors import NoSuchIssuer, NoSuchProduct
from portal.catalogue.queries import active_issuers, issuer_of, product_of
from portal.clock import today
from portal.errors import Invalid, PortalError
from portal.partners.errors import NoSuchServicePoint
from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from portal.periods import Period
from portal.pricing.forms import WhyForm
from portal.pricing.queries.why import Answered, Loser, Question, Stretch, explain_price
from portal.pricing.rules import Step
from portal.pricing.rules.windows import check_period
from portal.pricing.views.door import bp
from portal.transactions import read
from portal.web import filters
from portal.web.access import actor, requires
from portal.web.charts import Chart, Piece, step_chart
from portal.web.forms import form_page, parse_day
from portal.web.problems import explain

REACH = timedelta(days=366)
"""How far around the day the answer looks."""


@bp.get("/why")
@requires("costs.view")
def why() -> ResponseReturnValue:
    """Explain a price, with the candidates that lost and the year around it."""
    by = actor()
    asked_now = "product" in request.args
    form = WhyForm(MultiDict(_completed(by)) if asked_now else None, data=_start(by))
    form.offer_issuers([(issuer.code, issuer.name) for issuer in read(active_issuers)])
    question, answered = None, None
    if asked_now and form.validate():
        try:
            _check_day(form.day.data or today())
            question, answered = read(_answer, by, form)
        except (NoSuchServicePoint, NoSuchProduct, NoSuchIssuer) as unknown:
            form.refuse(_field_of(unknown), explain(unknown))
        except (Invalid, OverflowError):
            form.refuse("day", gettext("This day is too far away."))
    return form_page(
        "pricing/why.html",
        form,
        question=question,
        answered=answered,
        reasons=[_reason(step) for step in answered.price.because]
        if answered and answered.price
        else [],
        losers=[_loser(one) for one in answered.losers] if answered else [],
        refusal=explain(answered.refusal) if answered and answered.refusal else "",
        chart=_chart(question, answered) if question and answered else None,
        today=today(),
    )


def _check_day(day: date) -> None:
    """Refuse days so far away that the year around them has no dates."""
    check_period(Period(day, day + REACH))


def _completed(by: Actor) -> dict[str, Any]:
    """Let what the address leaves out be what is usual: one piece, today, one's own place."""
    sent = {name: value for name, value in request.args.items() if value.strip()}
    with suppress(ValueError):  # the browser's own date field shows only this form
        sent["day"] = parse_day(sent.get("day", "")).isoformat()
    return {name: value for name, value in _usual(by).items() if value} | sent


def _usual(by: Actor) -> dict[str, str]:
    own = by.service_points[0].code if len(by.service_points) == 1 else ""
    return {"service_point": own, "quantity": "1", "day": today().isoformat()}


def _start(by: Actor) -> dict[str, Any]:
    return _usual(by) | {"quantity": Decimal(1), "day": today()}


def _field_of(unknown: PortalError) -> str:
    if isinstance(unknown, NoSuchServicePoint):
        return "service_point"
    return "product" if isinstance(unknown, NoSuchProduct) else "issuer"


def _answer(session: Session, by: Actor, form: WhyForm) -> tuple[Question, Answered]:
    product = product_of(session, (form.product.data or "").strip())
    issuer = issuer_of(session, form.issuer.data) if form.issuer.data else None
    day = form.day.data or today()
    question = Question(
        _point(session, by, form), issuer, product, form.quantity.data, day, form.sale.data
    )
    return question, explain_price(
        session, question, drafts=by.headquarters and by.may("prices.view")
    )


def _point(session: Session, by: Actor, form: WhyForm) -> ServicePoint:
    return service_point_of(session, by, (form.service_point.data or "").strip())


def _reason(step: Step) -> tuple[str, str]:
    """Return a reason in the reader's language: the sentence, and what stands below it."""
    more = gettext(step.detail) % step.facts if step.detail else ""
    return gettext(step.text) % step.facts, more


def _loser(one: Loser) -> tuple[str, str, Decimal | None]:
    name = gettext(one.name)
    if one.edition is not None:
        name = gettext("%(table)s, edition %(number)s", table=name, number=one.edition)
    elif one.step == "0":
        name = gettext("%(table)s, whatever the quantity", table=name)
    elif one.step:
        name = gettext("%(table)s, from %(quantity)s on", table=name, quantity=one.step)
    return name, gettext(one.text) % one.facts, one.price


def _chart(question: Question, answered: Answered) -> Chart | None:
    priced = [one for one in answered.year if one.price is not None]
    if not priced:
        return None
    pieces = [
        Piece(one.first, one.last, one.price, planned=one.first > today()) for one in answered.year
    ]
    name = question.product.name
    title = gettext("Price of %(product)s for %(point)s", product=name, point=question.point.name)
    return step_chart(
        "year", title, _summary(priced), pieces=pieces, today=question.day, written=filters.price
    )


def _summary(priced: list[Stretch]) -> str:
    first, last = priced[0], priced[-1]
    return gettext(
        "From %(first)s on %(begin)s to %(last)s on %(end)s.",
        first=filters.money_brl(first.price),
        begin=filters.day(first.first),
        last=filters.money_brl(last.price),
        end=filters.day(last.last),
    )
