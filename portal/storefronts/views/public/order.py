"""An order by its secret link: it is paid there, and there it says how it goes."""

from flask import (
    Response,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal import clock
from portal.people.rules.attempts import origin_of
from portal.storefronts.errors.visitors import NoSuchSiteOrder
from portal.storefronts.forms.checkout import FindForm
from portal.storefronts.queries.orders import SeenOrder, order_seen, state_seen
from portal.storefronts.rules.buyers import email_of
from portal.storefronts.rules.cart import CartLine
from portal.storefronts.services.mails import send_links
from portal.storefronts.views.public.carts import hand_out
from portal.storefronts.views.public.door import Entered, base_url, enter, enter_open, route
from portal.transactions import read, transact
from portal.web.language import spoken_or_own
from portal.web.navigation import address

LONGEST_LINK = 64


@route("/pedido/<link>", methods=["GET"])
def seen_order(slug: str, link: str) -> ResponseReturnValue:
    """Show an order: to be paid, or how it goes."""
    entered = enter(slug)
    seen = _seen(entered, link)
    simulation = None
    if seen.simulated:
        simulation = address("payments.simulation", token=seen.charge_token)
    page = render_template("storefronts/order.html", order=seen, link=link, simulation=simulation)
    return _private(make_response(page))


@route("/pedido/<link>/estado", methods=["GET"])
def order_state(slug: str, link: str) -> ResponseReturnValue:
    """Tell the page's script in one word how the order stands (static/js/shop.js)."""
    entered = enter(slug)
    state = read(state_seen, entered.front.service_point_id, link[:LONGEST_LINK], clock.now())
    if state is None:
        raise NoSuchSiteOrder
    return _private(jsonify({"state": state}))


@route("/pedido/<link>/de-novo", methods=["POST"])
def order_again(slug: str, link: str) -> ResponseReturnValue:
    """Put what was ordered into the cart again, as far as it is sold."""
    entered = enter_open(slug)
    seen = _seen(entered, link)
    sold = entered.items()
    cart = tuple(CartLine(line.sku, line.quantity) for line in seen.lines if line.sku in sold)
    return hand_out(make_response(redirect(url_for(".cart"), 303)), entered, cart)


@route("/pedidos", methods=["GET"])
def mine(slug: str) -> ResponseReturnValue:
    """Ask for the e-mail whose orders are to be sent to it."""
    enter(slug)
    return render_template("storefronts/mine.html", form=FindForm(formdata=None), sent=False)


@route("/pedidos", methods=["POST"])
def send_mine(slug: str) -> ResponseReturnValue:
    """Send the links to the e-mail; the answer is the same whether there are orders or not."""
    entered = enter(slug)
    form = FindForm()
    email = email_of(form.email.data or "") if form.validate() else None
    if email is None:
        return render_template("storefronts/mine.html", form=form, sent=False, wrong=True), 422
    transact(
        send_links,
        entered.front,
        email,
        language=spoken_or_own(),
        base_url=base_url(),
        address=origin_of(request.remote_addr or ""),
        secret=str(current_app.config["SECRET_KEY"]),
        at=clock.now(),
    )
    return render_template("storefronts/mine.html", form=form, sent=True)


def _seen(entered: Entered, link: str) -> SeenOrder:
    found = read(order_seen, entered.front, link[:LONGEST_LINK], clock.now())
    if found is None:
        raise NoSuchSiteOrder
    return found


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
