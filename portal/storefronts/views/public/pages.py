"""Pages that are drawn once and answered many times, with the visitor's own cart put in.

A page is kept under (shop, stamp, day, language, address): a changed price, text or day is another
page. What belongs to one visitor, the cart's bar, is put into its place afterwards, so that it is
never kept. A browser that has the page gets 304.
"""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, g, request

from portal import clock
from portal.storefronts.views.public.carts import CART_SLOT, bar_of, cart_sent
from portal.storefronts.views.public.door import Entered, kept

MAX_KEPT_ADDRESS = 200
_SLOT = CART_SLOT.encode()


@dataclass(frozen=True, slots=True)
class Page:
    """A drawn page: with the place for the cart, without it, packed, and its mark."""

    open: bytes
    body: bytes
    packed: bytes
    etag: str


def answer(entered: Entered, draw: Callable[[], str], *, keep: bool = True) -> Response:
    """Answer with a page, drawn only if it is not kept."""
    if keep and len(request.full_path) <= MAX_KEPT_ADDRESS:
        key = (
            entered.front.service_point_id,
            entered.glance.stamp,
            entered.is_open,
            clock.today(),
            request.host_url,
            g.shop_language,
            request.full_path,
        )
        page = kept().pages.get(key, lambda: _drawn(draw()))
    else:
        page = _drawn(draw())
    cart = cart_sent(entered)
    if not cart:
        return _respond(page.body, page.etag, page.packed)
    body = page.open.replace(_SLOT, bar_of(entered, cart).encode(), 1)
    return _respond(body, _etag(body), None)


def _drawn(html: str) -> Page:
    whole = html.encode()
    body = whole.replace(_SLOT, b"", 1)
    return Page(whole, body, gzip.compress(body, 6, mtime=0), _etag(body))


def _respond(body: bytes, etag: str, packed: bytes | None) -> Response:
    if etag in request.if_none_match:
        response = Response(status=304)
    elif packed is not None and request.accept_encodings["gzip"] > 0:
        response = Response(packed, content_type="text/html; charset=utf-8")
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(body, content_type="text/html; charset=utf-8")
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    return response


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]
