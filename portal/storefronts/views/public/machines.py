"""What browsers and search engines fetch beside pages: colours, logo, robots.txt, sitemaps."""

import re

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.storefronts.queries.front import logo_content, open_shops
from portal.storefronts.rules.colours import shades
from portal.storefronts.views.public.door import base_url, enter_open, shop
from portal.transactions import read
from portal.web.access import public

_FOR_EVER = "public, max-age=31536000, immutable"
_COLOUR = re.compile(r"[0-9a-f]{6}")
_FOR_AN_HOUR = "public, max-age=3600"


@shop.get("/loja/<slug>/cores-<colour>.css")
@public
def colours(slug: str, colour: str) -> ResponseReturnValue:
    """Answer with a shop's shades; the colour is in the address, so it is kept for ever."""
    if not _COLOUR.fullmatch(colour):
        abort(404)
    found = shades(f"#{colour}")
    text = (
        f":root{{--s-brand:light-dark({found.day},{found.night});"
        f"--s-brand-on:light-dark({found.day_on},{found.night_on});"
        f"--s-brand-soft:light-dark({found.day_soft},{found.night_soft})}}"
    )
    return _file(text, "text/css; charset=utf-8", _FOR_EVER)


@shop.get("/loja/<slug>/logo-<digest>")
@public
def logo(slug: str, digest: str) -> ResponseReturnValue:
    """Answer with a shop's logo."""
    found = read(logo_content, slug, digest)
    if found is None:
        abort(404)
    return _file(found[1], found[0], _FOR_EVER)


@shop.get("/robots.txt")
@public
def robots() -> ResponseReturnValue:
    """Let search engines see the shops, and nothing of the portal."""
    lines = (
        "User-agent: *",
        "Disallow: /",
        "Allow: /loja/",
        "Allow: /static/",
        "Disallow: /loja/*/carrinho",
        "Disallow: /loja/*/dados",
        "Disallow: /loja/*/pedido",
        f"Sitemap: {base_url()}{url_for('shop.sitemaps')}",
    )
    return _file("\n".join([*lines, ""]), "text/plain; charset=utf-8", _FOR_AN_HOUR)


@shop.get("/sitemap.xml")
@public
def sitemaps() -> ResponseReturnValue:
    """Name the maps of all shops that are open."""
    base = base_url()
    maps = [base + url_for("shop.sitemap", slug=slug) for slug in read(open_shops)]
    return _xml("storefronts/sitemaps.xml", maps=maps)


@shop.get("/loja/<slug>/sitemap.xml")
@public
def sitemap(slug: str) -> ResponseReturnValue:
    """Name a shop's pages, each in its languages."""
    entered = enter_open(slug)
    pages: list[tuple[str, dict[str, str]]] = [("shop.catalogue", {})]
    pages += [("shop.product", {"sku": sku}) for sku in entered.items()]
    return _xml("storefronts/sitemap.xml", pages=pages)


def _xml(template: str, **facts: object) -> Response:
    return _file(render_template(template, **facts), "application/xml", _FOR_AN_HOUR)


def _file(content: str | bytes, media_type: str, kept: str) -> Response:
    response = Response(content, content_type=media_type)
    response.headers["Cache-Control"] = kept
    return response
