"""The tests' own feature: purses from which coins are taken, one at a time."""

import secrets
from decimal import Decimal
from typing import Annotated, Any, Literal

from flask import Blueprint, redirect, render_template_string, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from wtforms import StringField

from portal.actors import Actor, Place
from portal.audit import services as audit
from portal.catalogue.models import Issuer
from portal.clock import now
from portal.errors import Conflict, NotFound, Refused
from portal.i18n import N_
from portal.keys import Seal
from portal.transactions import read
from portal.web.access import actor, public, requires
from portal.web.answers import Answer
from portal.web.endpoint import Endpoints, Upload, expected_version
from portal.web.forms import FormKeyField, PortalForm
from portal.web.idempotency import answer_once, do_once
from portal.web.lists import api_page
from portal.web.problems import explain
from portal.web.shapes import (
    AmountOut,
    CodeText,
    Day,
    FormFields,
    ListQuery,
    Moment,
    PercentIn,
    PositiveAmountIn,
    PriceIn,
    QuantityIn,
    Query,
    Shape,
    Text,
)

ALL = frozenset({"costs.view", "orders.view", "orders.place"})
NORTH, SOUTH = Place(1, "SP-1", "North"), Place(2, "SP-2", "South")


def person(number: int, permissions: frozenset[str], *places: Place) -> Actor:
    return Actor(
        user_id=number,
        email=f"{number}@example.com",
        name=str(number),
        profile_name="test",
        headquarters=not places,
        permissions=permissions,
        service_points=places,
        token_id=number,
    )


PEOPLE = {
    "boss": person(1, ALL),
    "north": person(2, ALL, NORTH),
    "seller": person(3, frozenset({"orders.view", "orders.place"}), NORTH),
    "nobody": person(4, frozenset()),
    "other": person(5, ALL),
}


class NoCoin(Refused):
    """The purse is empty."""

    code = "no_coin"
    text = N_("%(missing)s is missing in %(purse)s.")
    plain_text = N_("Not enough in %(purse)s.")
    members = ("missing", "purse")
    costly = ("missing",)


class Locked(Conflict):
    """The purse is locked."""

    code = "locked"


class CoinLineIn(Shape):
    sku: CodeText
    quantity: QuantityIn
    unit_price: PriceIn | None = None
    discount_percent: PercentIn | None = None


class OrderIn(Shape):
    lines: list[CoinLineIn]
    amount: PositiveAmountIn | None = None
    note: Annotated[str, Text(20, 0)] = ""
    day: Day | None = None
    at: Moment | None = None
    kind: Literal["sale", "internal"] = "sale"
    fast: bool = False
    count: int | None = None


class TakeIn(Shape):
    purse: str
    note: str = ""


class TakeOut(Shape):
    coin: int
    left: int
    cost: AmountOut


class FormIn(FormFields):
    name: str
    dry_run: bool = False


class PurseQuery(ListQuery):
    since: Day | None = None


class SearchQuery(Query):
    q: str = ""


class CoinForm(PortalForm):
    purse = StringField(N_("Purse"))
    form_key = FormKeyField()


def less_cost(body: dict[str, Any], who: Actor) -> dict[str, Any]:
    """Take the cost out for those who may not see it."""
    return body if who.sees_costs else {name: body[name] for name in body if name != "cost"}


def take(session: Session, purse: str, seal: Seal | None = None) -> dict[str, Any]:
    """Take one coin, under a condition; a purse is an issuer, its coins are the `version`."""
    if purse == "locked":
        raise Locked
    coin = Issuer(code=f"coin-{secrets.token_hex(8)}", name="coin")
    session.add(coin)
    session.flush()
    statement = update(Issuer).where(Issuer.code == purse, Issuer.version >= 1)
    taken: Any = session.execute(statement.values(version=Issuer.version - 1))
    if not taken.rowcount:
        if session.scalar(select(Issuer.id).where(Issuer.code == purse)) is None:
            raise NotFound
        raise NoCoin(missing=Decimal("7.13"), purse=purse)
    left = session.scalar(select(Issuer.version).where(Issuer.code == purse))
    taken_out = {"coin": coin.id, "left": left, "cost": "7.13"}
    if seal is not None:
        facts = seal.facts(taken_out)
        audit.record(
            session,
            by=actor(),
            action="coin.taken",
            entity=("coin", coin.id),
            at=now(),
            service_point_id=1,
            **facts,
        )
    return taken_out


def doors() -> list[Blueprint]:
    """Return the feature's blueprints, made anew: an application keeps what it registers."""
    api = Endpoints("purses", __name__)
    for declare in (_readings, _breakages, _changes, _takings):
        declare(api)
    return [api.blueprint, _pages()]


def _readings(api: Endpoints) -> None:
    @api.get("/open", permission="public", summary="Open to all")
    def open_to_all() -> dict[str, str]:
        return {"hello": "all"}

    @api.get("/who", permission="signed_in", summary="Who asks")
    def who() -> dict[str, Any]:
        return {"user": actor().user_id, "from": actor().address, "request": actor().request_id}

    @api.get("/purses", permission="orders.view", query=PurseQuery, summary="List purses")
    def purses(query: PurseQuery) -> dict[str, Any]:
        return read(
            api_page,
            select(Issuer),
            lambda issuer: {"code": issuer.code},
            order=(Issuer.code, Issuer.id),
            cursor=query.cursor,
            limit=query.limit,
        )

    @api.get("/purses/<int:number>", permission="orders.view", summary="One by number")
    def one(number: int) -> Answer:
        raise NotFound

    @api.get("/numbered/<int:number>", permission="orders.view", summary="Read one")
    def numbered(number: int) -> Answer:
        raise NotFound

    @api.post("/numbered/<int:number>", permission="orders.place", summary="Move one")
    def moved(number: int) -> Answer:
        raise NotFound

    @api.get(
        "/purses/<code>",
        permission="orders.view",
        query=SearchQuery,
        costly=less_cost,
        summary="One by code",
    )
    def by_code(code: str, query: SearchQuery) -> Answer:
        return Answer({"code": code, "cost": "7.13"}, etag=5)


def _breakages(api: Endpoints) -> None:
    @api.get("/breaks", permission="signed_in", query=SearchQuery, summary="A fault")
    def breaks(query: SearchQuery) -> None:
        raise ZeroDivisionError("secret 4111")

    @api.get("/clash", permission="signed_in", summary="The database refuses")
    def clash() -> None:
        def twice(session: Session) -> None:
            session.add_all([Issuer(code="a", name="a"), Issuer(code="a", name="a")])
            session.flush()

        read(twice)


def _changes(api: Endpoints) -> None:
    @api.post("/echo", permission="orders.place", body=OrderIn, status=201, summary="Echo")
    def echo(body: OrderIn) -> dict[str, Any]:
        return {"got": str(body.model_dump())}

    @api.patch("/purses/<code>", permission="orders.place", summary="Change one")
    def change(code: str) -> dict[str, Any]:
        return {"expected": expected_version()}

    @api.post(
        "/files",
        permission="orders.place",
        body=FormIn,
        upload=Upload(max_bytes=5000),
        summary="Send a file",
    )
    def files(body: FormIn, file: Any) -> dict[str, Any]:
        return {"name": body.name, "bytes": len(file.read())}


def _takings(api: Endpoints) -> None:
    @api.post(
        "/coins",
        permission="orders.place",
        body=TakeIn,
        answer=TakeOut,
        status=201,
        keyed=True,
        costly=less_cost,
        summary="Take a coin",
    )
    def coins(body: TakeIn) -> Answer:
        return answer_once(
            lambda session: Answer(take(session, body.purse), etag=3, service_point_id=1)
        )

    @api.post(
        "/sealed-coins",
        permission="orders.place",
        body=TakeIn,
        answer=TakeOut,
        status=201,
        keyed=True,
        costly=less_cost,
        summary="Take a coin, with key and answer in the deed's own row",
    )
    def sealed_coins(body: TakeIn) -> Answer:
        return answer_once(
            lambda session, seal: take(
                session, body.purse, seal(lambda taken: Answer(taken, etag=3))
            ),
            seals=True,
        )

    @api.post("/empty-coins", permission="orders.place", keyed=True, summary="A key, no body")
    def empty_coins() -> Answer:
        return answer_once(lambda session: {"done": True})


def _pages() -> Blueprint:
    pages = Blueprint("purse_pages", __name__)

    @pages.get("/open-page")
    @public
    def open_page() -> str:
        return "open"

    @pages.get("/orders-page")
    @requires("orders.view")
    def orders_page() -> str:
        return "orders"

    @pages.route("/coin", methods=["GET", "POST"])
    @requires("orders.place")
    def coin() -> ResponseReturnValue:
        form = CoinForm()
        status = 200
        if form.submitted():
            try:
                target = do_once(form.form_key.data, lambda session: _taken(session, form))
            except Refused as refusal:
                form.refuse("purse", explain(refusal))
                status = 422
            else:
                return redirect(target, 303)
        return render_template_string(PAGE, form=form), status

    return pages


PAGE = "{{ form.form_key() }}|{{ form.purse.label.text }}|{{ form.purse.errors|join }}"


def _taken(session: Session, form: CoinForm) -> str:
    return url_for("purse_pages.open_page", coin=take(session, form.purse.data or "")["coin"])
