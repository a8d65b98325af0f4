"""The cart: what is in it, more or less of it."""

from decimal import Decimal

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.storefronts.errors.visitors import CartFull, NoSuchItem
from portal.storefronts.rules.cart import (
    Cart,
    quantity_of,
    standing,
    with_more,
    with_quantity,
    without,
)
from portal.storefronts.views.public.carts import cart_sent, hand_out
from portal.storefronts.views.public.counter import count
from portal.storefronts.views.public.door import Entered, enter, enter_open, route
from portal.web.problems import explain


@route("/carrinho")
def cart(slug: str) -> ResponseReturnValue:
    """Show the cart at today's prices; what is no longer sold is said, and goes."""
    entered = enter(slug)
    held = cart_sent(entered)
    stands = standing(held, entered.items() if entered.is_open else {})
    response = make_response(
        render_template("storefronts/cart.html", cart=stands, changed="mudou" in request.args)
    )
    if stands.gone and entered.is_open:
        hand_out(response, entered, without(held, stands.gone))
    return response


@route("/carrinho", methods=["POST"])
def change_cart(slug: str) -> ResponseReturnValue:
    """Put a product in, or say how much of it is wanted."""
    entered = enter_open(slug)
    held = cart_sent(entered)
    sku = request.form.get("sku", "")
    item = entered.items().get(sku)
    if item is None:
        if any(line.sku == sku for line in held):
            return _back(entered, without(held, [sku]))
        raise NoSuchItem
    quantity = quantity_of(request.form.get("quantity", "1"), fractional=item.fractional)
    if quantity is None:
        return _wrong_quantity(entered, held, sku)
    try:
        changed = _changed(held, sku, quantity)
    except CartFull as full:
        page = render_template(
            "storefronts/cart.html", cart=standing(held, entered.items()), refusal=explain(full)
        )
        return page, full.status
    if not held and changed:
        count(entered, "carts")
    return _back(entered, changed)


def _changed(held: Cart, sku: str, quantity: Decimal) -> Cart:
    if request.form.get("how") == "set":
        return with_quantity(held, sku, quantity)
    return with_more(held, sku, quantity)


def _back(entered: Entered, changed: Cart) -> Response:
    response = make_response(redirect(url_for(".cart"), 303))
    return hand_out(response, entered, changed)


def _wrong_quantity(entered: Entered, held: Cart, sku: str) -> ResponseReturnValue:
    stands = standing(held, entered.items())
    return render_template("storefronts/cart.html", cart=stands, wrong=sku), 422
