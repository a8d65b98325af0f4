"""Products: the list, one of them, a new one, changes, suggestions while typing."""

from dataclasses import asdict
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select
from sqlalchemy.orm import Session

from portal.catalogue import queries
from portal.catalogue.forms import KINDS, STATES, NewProductForm, ProductForm
from portal.catalogue.models import Category, Product
from portal.catalogue.rules import facts_of
from portal.catalogue.services import change_product, create_product
from portal.catalogue.views.door import bp
from portal.clock import now
from portal.errors import Conflict, PreconditionFailed, Refused
from portal.i18n import N_
from portal.people.queries.history import Happening, history_of
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page
from portal.web.lists import Column, Filter, Listing, choice_filter
from portal.web.trail import Fact, said_choice, told

TITLES = {
    "product.created": N_("Put on file"),
    "product.updated": N_("Changed"),
}
FACTS = {
    "name": Fact(N_("Name")),
    "kind": Fact(N_("Kind"), said_choice(KINDS)),
    "category": Fact(N_("Category")),
    "active": Fact(N_("Active")),
    "fractional": Fact(N_("Sold in fractions")),
    "credit_type": Fact(N_("Credit type")),
    "credit_units": Fact(N_("Units of credit")),
}


def _state(product: Product) -> str:
    word = STATES["1" if product.active else "0"]
    return gettext(word)


def _in_state(wanted: Select[Any], state: str) -> Select[Any]:
    return wanted.where(Product.active.is_(state == "1"))


PRODUCTS = Listing(
    title=N_("Products"),
    key=Product.id,
    sort="name",
    columns=(
        Column("sku", N_("SKU"), lambda product: product.sku, sort=Product.sku),
        Column("name", N_("Product"), lambda product: product.name, sort=Product.name),
        Column("category", N_("Category"), queries.category_name, sort=Category.name),
        Column("kind", N_("Kind"), lambda product: gettext(KINDS[product.kind]), sort=Product.kind),
        Column("fractional", N_("Sold in fractions"), lambda product: product.fractional),
        Column("credit_type", N_("Credit type"), lambda product: product.credit_type),
        Column("credit_units", N_("Units of credit"), lambda product: product.credit_units),
        Column("active", N_("State"), _state, sort=Product.active),
    ),
    filters=(
        Filter("q", N_("Text"), lambda wanted, text: wanted.where(queries.product_says(text))),
        Filter(
            "category", N_("Category"), lambda wanted, name: wanted.where(Category.name == name)
        ),
        choice_filter(
            "kind", N_("Kind"), KINDS, lambda wanted, kind: wanted.where(Product.kind == kind)
        ),
        choice_filter("active", N_("State"), STATES, _in_state),
    ),
)


@bp.get("/products")
@requires("catalogue.view")
def products() -> ResponseReturnValue:
    """List products."""
    view = PRODUCTS.view(queries.products(), actor())
    if file := view.file():
        return file
    return render_template(
        "catalogue/products.html",
        view=view,
        categories=[(name, name) for name in read(queries.category_names)],
        kinds=_words(KINDS),
        states=_words(STATES),
    )


@bp.get("/products/suggest")
@requires("catalogue.view")
def suggest_products() -> ResponseReturnValue:
    """Suggest active products to someone who types (js/combobox.js); without prices."""
    found = read(queries.suggested_products, request.args.get("q", ""))
    return jsonify(
        [{"id": one.id, "value": one.sku, "label": one.name, "detail": one.sku} for one in found]
    )


@bp.route("/products/new", methods=["GET", "POST"])
@requires("catalogue.edit")
def product_new() -> ResponseReturnValue:
    """Put a product on file."""
    form = NewProductForm()
    categories = _offer(form)
    if form.submitted():
        with form.taking(Refused, Conflict):
            product = transact(create_product, form.facts(), by=actor(), at=now())
            flash(gettext("%(name)s is on file.", name=product.name), "success")
            return redirect(url_for(".product", sku=product.sku), 303)
    return form_page("catalogue/product_form.html", form, categories=categories)


@bp.get("/products/<sku>")
@requires("catalogue.view")
def product(sku: str) -> ResponseReturnValue:
    """Show a product, and to those who may what happened to it."""
    found, happened = read(_with_history, sku)
    may_look = actor().may("audit.view") or actor().may("catalogue.edit")
    trail = told(happened, TITLES, FACTS) if may_look else []
    return render_template(
        "catalogue/product.html", product=found, kind=gettext(KINDS[found.kind]), trail=trail
    )


@bp.route("/products/<sku>/edit", methods=["GET", "POST"])
@requires("catalogue.edit")
def product_edit(sku: str) -> ResponseReturnValue:
    """Change a product."""
    found = read(queries.product_of, sku)
    form = ProductForm(data=asdict(facts_of(found)) | {"version": found.version})
    categories = _offer(form)
    if form.submitted():
        with form.taking(Refused, Conflict, PreconditionFailed):
            _change(form, sku)
            flash(gettext("Saved."), "success")
            return redirect(url_for(".product", sku=sku), 303)
    return form_page("catalogue/product_form.html", form, product=found, categories=categories)


def _change(form: ProductForm, sku: str) -> None:
    seen = form.seen_version()
    transact(change_product, sku, form.changes(), by=actor(), at=now(), version=seen)


def _offer(form: ProductForm) -> list[str]:
    """Offer the credit types in the form; return the categories to choose from."""
    types, categories = read(_choices)
    form.offer(types)
    return categories


def _choices(session: Session) -> tuple[list[str], list[str]]:
    return queries.credit_type_codes(session), queries.category_names(session)


def _with_history(session: Session, sku: str) -> tuple[Product, list[Happening]]:
    found = queries.product_of(session, sku)
    return found, history_of(session, "product", found.id)


def _words(words: dict[str, str]) -> dict[str, str]:
    return {key: gettext(word) for key, word in words.items()}
