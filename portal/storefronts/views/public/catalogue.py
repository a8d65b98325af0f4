"""What there is to buy: the catalogue, one product, and what the shop says of itself."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.storefronts.errors.visitors import NoSuchItem
from portal.storefronts.queries.front import details_of
from portal.storefronts.rules.offers import categories, shelf
from portal.storefronts.views.public import structured
from portal.storefronts.views.public.counter import count_visit
from portal.storefronts.views.public.door import Entered, enter, route
from portal.storefronts.views.public.pages import answer
from portal.transactions import read

LONGEST_PAGE = 4
TEXTS = {"trocas": "returns", "privacidade": "privacy"}


@route("")
def catalogue(slug: str) -> ResponseReturnValue:
    """Show what the shop sells: all of it, a category, or what holds the words looked for."""
    entered = enter(slug)
    count_visit(entered)
    if not entered.is_open:
        return answer(entered, _closed)
    words = request.args.get("q", "").strip()[:100]
    return answer(entered, lambda: _catalogue(entered, words), keep=not words)


@route("/p/<sku>")
def product(slug: str, sku: str) -> ResponseReturnValue:
    """Show one product."""
    entered = enter(slug)
    count_visit(entered)
    if not entered.is_open:
        return answer(entered, _closed)
    if sku not in entered.items():
        raise NoSuchItem
    return answer(entered, lambda: _product(entered, sku))


@route("/<any(trocas, privacidade):text>")
def about(slug: str, text: str) -> ResponseReturnValue:
    """Show what the shop says of returns, or of visitors' data."""
    entered = enter(slug)
    return answer(
        entered, lambda: render_template("storefronts/about.html", part=TEXTS[text], is_text=True)
    )


def _closed() -> str:
    return render_template("storefronts/closed.html")


def _catalogue(entered: Entered, words: str) -> str:
    items = list(entered.items().values())
    category = request.args.get("categoria", "")[:80]
    shown = shelf(items, words=words, category=category, page=_page())
    return render_template(
        "storefronts/catalogue.html",
        shelf=shown,
        words=words,
        category=category,
        categories=categories(items),
        described=structured.shop(entered.front, shown) if not words else "",
    )


def _page() -> int:
    text = request.args.get("pagina", "1")
    fits = text.isascii() and text.isdigit() and len(text) <= LONGEST_PAGE
    return int(text) if fits else 1


def _product(entered: Entered, sku: str) -> str:
    item = entered.items()[sku]
    details = read(details_of, entered.front.service_point_id, item.product_id)
    return render_template(
        "storefronts/product.html",
        item=item,
        details=details,
        described=structured.product(entered.front, item, details),
    )
