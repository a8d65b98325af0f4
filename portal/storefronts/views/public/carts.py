"""The cart in its cookie: signed, of one shop alone, without a price."""

from datetime import timedelta
from typing import Any

from flask import Response, current_app, g, render_template, request
from itsdangerous import BadData, URLSafeSerializer

from portal.storefronts.rules.cart import Cart, packed, standing, unpacked
from portal.storefronts.views.public.door import Entered

COOKIE = "cart"
CART_SLOT = "<!--cart-->"
LASTS = timedelta(days=30)
LONGEST = 2500


def cart_sent(entered: Entered) -> Cart:
    """Return the visitor's cart; empty if there is none, or if it was tampered with."""
    return cart_of(entered, request.cookies.get(_name(), ""))


def cart_of(entered: Entered, text: str) -> Cart:
    """Read a cart as it was signed for this shop."""
    if not text or len(text) > LONGEST:
        return ()
    try:
        owner, lines = _signer().loads(text)
    except (BadData, TypeError, ValueError):
        return ()
    return unpacked(lines) if owner == entered.front.service_point_id else ()


def signed(entered: Entered, cart: Cart) -> str:
    """Write a cart so that it comes back as it is, or not at all."""
    return str(_signer().dumps([entered.front.service_point_id, packed(cart)]))


def hand_out(response: Response, entered: Entered, cart: Cart) -> Response:
    """Give the visitor the cart; an empty one takes the cookie back."""
    path = f"/loja/{entered.front.slug}"
    if not cart:
        response.delete_cookie(_name(), path=path, secure=_secure(), httponly=True, samesite="Lax")
        return response
    response.set_cookie(
        _name(),
        signed(entered, cart),
        max_age=LASTS,
        path=path,
        secure=_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def bar_of(entered: Entered, cart: Cart) -> str:
    """Return the bar that shows what is in the cart; nothing for an empty one."""
    stands = standing(cart, entered.items())
    if not stands.lines:
        return ""
    return render_template("storefronts/_cart_bar.html", cart=stands)


def _signer() -> URLSafeSerializer:
    kept: Any = g.get("cart_signer")
    if kept is None:
        g.cart_signer = kept = URLSafeSerializer(current_app.config["SECRET_KEY"], salt="shop-cart")
    return kept  # type: ignore[no-any-return] # g holds anything


def _name() -> str:
    return f"__Secure-{COOKIE}" if _secure() else COOKIE


def _secure() -> bool:
    settings = current_app.config["SETTINGS"]
    return bool(settings.is_production or request.is_secure)
