"""The checkout: who buys, consent, and the order that waits for its payment."""

from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal import clock
from portal.errors import Invalid, PortalError
from portal.orders.errors import PriceChanged
from portal.orders.services import SiteOrder
from portal.people.rules.attempts import origin_of
from portal.storefronts.errors.visitors import CartChanged, EmptyCart
from portal.storefronts.forms.checkout import CheckoutForm
from portal.storefronts.rules.buyers import buyer_of
from portal.storefronts.rules.cart import Cart, standing
from portal.storefronts.rules.words import consent_text
from portal.storefronts.services.checkout import Wish, order_from_cart
from portal.storefronts.views.public.carts import cart_of, cart_sent, hand_out, signed
from portal.storefronts.views.public.counter import count
from portal.storefronts.views.public.door import Entered, base_url, be_of, enter_open, route, said
from portal.web.idempotency import Sealing, do_once
from portal.web.language import spoken_or_own


@route("/dados", methods=["GET"])
def checkout(slug: str) -> ResponseReturnValue:
    """Ask who buys."""
    entered = enter_open(slug)
    cart = cart_sent(entered)
    if not standing(cart, entered.items()).lines:
        return redirect(url_for(".cart"), 303)
    count(entered, "checkouts")
    return _asked(entered, CheckoutForm(formdata=None), cart)


@route("/dados", methods=["POST"])
def order(slug: str) -> ResponseReturnValue:
    """Order what is in the cart, once."""
    entered = enter_open(slug)
    form = CheckoutForm()
    cart = cart_of(entered, form.cart.data or "")
    if not form.validate():
        return _asked(entered, form, cart, status=422)
    try:
        address = _ordered(entered, form, cart)
    except (CartChanged, EmptyCart):
        return redirect(url_for(".cart", mudou=1), 303)
    except PriceChanged as rise:
        return _asked(entered, form, cart, rise=rise, status=rise.status)
    except Invalid as refusal:
        form.take(refusal)
        return _asked(entered, form, cart, status=refusal.status)
    except PortalError as refusal:
        form.refuse("", said(refusal))
        return _asked(entered, form, cart, status=refusal.status)
    response = make_response(redirect(address, 303))
    return hand_out(response, entered, ()) if cart == cart_sent(entered) else response


def _ordered(entered: Entered, form: CheckoutForm, cart: Cart) -> str:
    """Return the address of the order; a second click gets the first one's."""
    typed = form.typed()
    wish = Wish(
        front=entered.front,
        cart=cart,
        buyer=buyer_of(typed),
        seen_total=form.total_seen(),
        consent=consent_text(entered.front.legal_name, spoken_or_own()),
        language=spoken_or_own(),
        base_url=base_url(),
        address=origin_of(request.remote_addr or ""),
    )
    facts: dict[str, Any] = {"secret": str(current_app.config["SECRET_KEY"]), "at": clock.now()}

    def deed(session: Session, sealing: Sealing) -> None:
        order_from_cart(session, wish, **facts, seal=sealing(_address_of))

    be_of(entered)
    return do_once(form.form_key.data, deed, seals=True)


def _address_of(made: SiteOrder) -> str:
    return url_for(".seen_order", link=made.link)


def _asked(
    entered: Entered,
    form: CheckoutForm,
    cart: Cart,
    *,
    rise: PriceChanged | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Show the form with the cart at today's prices, which are what is agreed to next."""
    stands = standing(cart, entered.items())
    if not stands.lines:
        return redirect(url_for(".cart", mudou=1), 303)
    page = render_template(
        "storefronts/checkout.html",
        form=form,
        cart=stands,
        signed_cart=signed(entered, cart),
        consent=consent_text(entered.front.legal_name, spoken_or_own()),
        rise=rise,
    )
    return page, status
