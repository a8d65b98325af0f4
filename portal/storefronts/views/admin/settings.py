"""Texts and looks of a shop, seen as visitors would before anything is saved."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.catalogue.models import Issuer
from portal.catalogue.queries import active_issuers
from portal.clock import now, today
from portal.errors import Conflict, PreconditionFailed, Refused
from portal.storefronts.forms.admin import LogoForm, ShopForm
from portal.storefronts.models import Shop
from portal.storefronts.queries.admin.shops import RunShop, run_shop
from portal.storefronts.queries.front import Front, Logo, front_of, load_items
from portal.storefronts.rules.admin.settings import clean, filled, record_of
from portal.storefronts.rules.colours import Shades, shades
from portal.storefronts.rules.offers import Item, categories, shelf
from portal.storefronts.services.settings import change_shop
from portal.storefronts.views.admin.door import SHOP_EDIT, bp, frame
from portal.transactions import read, transact
from portal.web.access import actor, requires
from portal.web.forms import form_page

NO_ADDRESS = "-"
"""Stands in addresses of a preview while the shop has none."""


@bp.route("/service-points/<code>/shop/settings", methods=["GET", "POST"])
@requires(SHOP_EDIT)
def edit(code: str) -> ResponseReturnValue:
    """Change what a shop says and how it looks."""
    run, issuers = read(_read, actor(), code)
    form = _form(run, issuers)
    if form.submitted():
        with form.taking(Refused, Conflict, PreconditionFailed):
            transact(
                change_shop, code, form.facts(), by=actor(), at=now(), version=form.seen_version()
            )
            flash(gettext("Saved. Visitors see it at once."), "success")
            return redirect(url_for(".edit", code=code), 303)
    look = _look(run, run.shop)
    return form_page(
        "storefronts/admin/edit.html",
        form,
        **frame(run, "edit"),
        logo_form=LogoForm(formdata=None),
        look=look,
        shades=_shades(look),
    )


@bp.post("/service-points/<code>/shop/preview")
@requires(SHOP_EDIT)
def preview(code: str) -> ResponseReturnValue:
    """Show the shop as it would be with what is typed; nothing is saved.

    A script asks for the head alone, beside the form; without one the whole page opens.
    """
    run, issuers = read(_read, actor(), code)
    form = _form(run, issuers)
    if not form.submitted():
        return _unfit(form)
    try:
        facts = clean(form.facts())
    except Refused as refusal:
        form.take(refusal)
        return _unfit(form)
    issuer = next((one.id for one in issuers if one.code == facts.issuer), None)
    look = _look(run, filled(Shop(service_point_id=run.point.id), facts, issuer))
    if request.headers.get("HX-Request"):
        point = run.point
        shown = {"look": look, "shades": _shades(look), "point": point}
        return render_template("storefronts/admin/_look.html", **shown)
    return _whole(look)


def _unfit(form: ShopForm) -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        return "", 204  # the preview stays as it was
    return render_template("storefronts/admin/unfit.html", form=form), 422


def _whole(look: Front) -> str:
    """Draw the first page of the catalogue as visitors would see it."""
    g.shop_slug, g.shop_language = look.slug or NO_ADDRESS, ""  # addresses stay in the shop
    items: list[Item] = list(read(load_items, look, today()).values())
    return render_template(
        "storefronts/admin/preview.html",
        front=look,
        is_open=True,
        languages={"": "Português"},
        language="",
        in_language=lambda code: "",
        base_url=lambda: "",
        shelf=shelf(items),
        words="",
        category="",
        categories=categories(items),
        described="",
    )


def _read(session: Session, by: Actor, code: str) -> tuple[RunShop, list[Issuer]]:
    run, issuers = run_shop(session, by, code), active_issuers(session)
    if run.issuer_id is not None and run.issuer_id not in {one.id for one in issuers}:
        issuers.append(session.get_one(Issuer, run.issuer_id))
    return run, issuers


def _form(run: RunShop, issuers: list[Issuer]) -> ShopForm:
    stored: dict[str, Any] = dict(record_of(run.facts))
    return ShopForm(data=stored | {"version": run.version}, issuers=issuers)


def _look(run: RunShop, shop: Shop | None) -> Front:
    logo = Logo(run.logo.digest, run.logo.width, run.logo.height) if run.logo else None
    return front_of(run.point, shop or Shop(), logo)


def _shades(look: Front) -> Shades:
    return shades(look.colour)
