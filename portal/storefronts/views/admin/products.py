"""What is on site, what keeps the rest off it, and what the shop says of each product."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Product
from portal.catalogue.queries import product_of
from portal.clock import now, today
from portal.errors import PreconditionFailed, Refused
from portal.i18n import N_
from portal.storefronts.forms.admin import WordsForm
from portal.storefronts.queries.admin.products import Place, Placed, Shelf, shelf_of, words_of
from portal.storefronts.queries.admin.shops import RunShop, run_shop
from portal.storefronts.services.settings import describe_product
from portal.storefronts.views.admin.door import SHOP_EDIT, bp, frame
from portal.texts import words_of as words_in
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.navigation import with_arguments

PAGE = 50
PLACES = {
    Place.ON_SITE: ("ok", N_("On site"), ""),
    Place.INACTIVE: ("off", N_("Inactive"), N_("The product is inactive in the catalogue.")),
    Place.NOT_BOUGHT: (
        "off",
        N_("Not in the portfolio"),
        N_("It has no acquisition price for one piece through the shop's issuer today."),
    ),
    Place.NO_ROW: (
        "warn",
        N_("Not in the sale table"),
        N_("It joined the portfolio later: price it in a new edition of the sale table."),
    ),
    Place.NOT_MARKED: ("off", N_("Not marked"), N_("Mark it for the site in the sale table.")),
    Place.TO_PRICE: ("warn", N_("To be priced"), N_("Give it a price in the sale table.")),
    Place.WITHHELD: (
        "warn",
        N_("Withheld"),
        N_("Its price has to be confirmed in the sale table by someone who may."),
    ),
}
"""How each place is shown: kind, word, what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of the products asked for."""

    items: list[Placed]
    found: int
    previous_url: str | None
    next_url: str | None


@bp.get("/service-points/<code>/shop/products")
@requires(SHOP_EDIT)
def products(code: str) -> ResponseReturnValue:
    """List what the shop sells, and what it does not, and why."""
    run, shelf = read(_shelf, actor(), code)
    return render_template(
        "storefronts/admin/products.html",
        **frame(run, "products"),
        shelf=shelf,
        shown=_page(shelf),
        places={
            place: (kind, gettext(word), gettext(text) if text else "")
            for place, (kind, word, text) in PLACES.items()
        },
    )


@bp.route("/service-points/<code>/shop/products/<sku>", methods=["GET", "POST"])
@requires(SHOP_EDIT)
def product_text(code: str, sku: str) -> ResponseReturnValue:
    """Change what the shop says of a product."""
    run, product, (summary, details) = read(_product, actor(), code, sku)
    form = WordsForm(data={"summary": summary, "details": details})
    if form.submitted():
        with form.taking(Refused, PreconditionFailed):
            transact(
                describe_product,
                code,
                sku,
                summary=form.summary.data or "",
                details=form.details.data or "",
                by=actor(),
                at=now(),
            )
            flash(gettext("Saved. Visitors see it at once."), "success")
            return redirect(url_for(".products", code=code), 303)
    return form_page(
        "storefronts/admin/product.html", form, **frame(run, "products"), product=product
    )


def _page(shelf: Shelf) -> Shown:
    words = [word.lower() for word in words_in(request.args.get("q", ""))]
    state = request.args.get("state", "")
    found = [one for one in shelf.products if _fits(one, words, state)]
    asked = request.args.get("page", "1")
    fits = asked.isascii() and asked.isdigit() and len(asked) < 6
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(int(asked) if fits else 1, 1), pages)
    return Shown(
        found[(number - 1) * PAGE : number * PAGE],
        len(found),
        with_arguments(page=number - 1) if number > 1 else None,
        with_arguments(page=number + 1) if number < pages else None,
    )


def _fits(one: Placed, words: list[str], state: str) -> bool:
    if state in {"on", "off"} and one.on_site is not (state == "on"):
        return False
    said = f"{one.name} {one.sku} {one.category}".lower()
    return all(word in said for word in words)


def _shelf(session: Session, by: Actor, code: str) -> tuple[RunShop, Shelf]:
    run = run_shop(session, by, code)
    return run, shelf_of(session, run, today())


def _product(
    session: Session, by: Actor, code: str, sku: str
) -> tuple[RunShop, Product, tuple[str, str]]:
    run = run_shop(session, by, code)
    product = product_of(session, sku)
    return run, product, words_of(session, run.point.id, product.id)
