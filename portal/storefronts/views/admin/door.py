"""The blueprint of those who run shops, and what its pages share."""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask_babel import gettext

from portal.i18n import N_
from portal.storefronts.queries.admin.shops import RunShop
from portal.web.access import actor
from portal.web.navigation import address
from portal.web.point_tabs import point_tabs
from portal.web.trail import Fact, said

bp = Blueprint("storefronts", __name__)
SHOP_EDIT = "shop.edit"


def _picture(digest: Any) -> str:
    """Say that there is a picture: its digest tells people nothing."""
    return gettext("a picture") if digest else said(None)


TITLES = {
    "shop.updated": N_("Texts and looks changed"),
    "shop.logo_changed": N_("Logo changed"),
    "shop.product_described": N_("Text of a product changed"),
    "service_point.updated": N_("Address or opening changed"),
}
FACTS = {
    "name": Fact(N_("Name of the shop")),
    "tagline": Fact(N_("Below the name")),
    "colour": Fact(N_("Colour")),
    "headline": Fact(N_("Headline")),
    "intro": Fact(N_("Introduction")),
    "promises": Fact(N_("Promises")),
    "advice": Fact(N_("Help to choose")),
    "legal_name": Fact(N_("Company name")),
    "address": Fact(N_("Street address")),
    "hours": Fact(N_("Opening hours")),
    "phone": Fact(N_("Phone")),
    "email": Fact(N_("E-mail")),
    "returns_text": Fact(N_("Returns and refunds")),
    "privacy_text": Fact(N_("Privacy of visitors")),
    "closed_text": Fact(N_("While the shop is closed")),
    "issuer": Fact(N_("Issuer of its orders")),
    "orders_per_document": Fact(N_("Orders per CPF or CNPJ in a day")),
    "orders_per_address": Fact(N_("Orders per IP address in an hour")),
    "logo": Fact(N_("Logo"), _picture),
    "sku": Fact(N_("Product")),
    "summary": Fact(N_("In one line")),
    "details": Fact(N_("In full")),
    "shop.slug": Fact(N_("Address of the shop")),
    "shop.enabled": Fact(N_("The shop is open")),
}


def frame(run: RunShop, here: str) -> dict[str, Any]:
    """Return what the head of each of a shop's pages needs; `here` names the present one."""
    by, code = actor(), run.point.code
    parts = (
        ("show", gettext("Overview"), url_for("storefronts.show", code=code)),
        ("edit", gettext("Texts and looks"), url_for("storefronts.edit", code=code)),
        ("products", gettext("What is on site"), url_for("storefronts.products", code=code)),
        ("address", gettext("Address and poster"), url_for("storefronts.address", code=code)),
    )
    return {
        "run": run,
        "several": by.headquarters or len(by.service_points) > 1,
        "point": run.point,
        "tabs": point_tabs(code, "shop"),
        "parts": [(word, url, name == here) for name, word, url in parts],
        "shop_url": shop_url(run),
    }


def shop_url(run: RunShop) -> str | None:
    """Return the whole address of the shop, as posters and links carry it."""
    slug = run.point.shop_slug
    if not slug or (path := address("shop.catalogue", slug=slug)) is None:
        return None
    base = str(current_app.config["SETTINGS"].public_url or request.host_url)
    return base.rstrip("/") + path
