"""The way through the portal: what stands at the side, for whom, and where one is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for
from flask_babel import gettext

from portal.actors import Actor
from portal.i18n import N_


@dataclass(frozen=True, slots=True)
class Item:
    """One way in: shown when its page exists and the permission is there.

    `only` limits it to people of headquarters ("headquarters") or of service points ("points").
    `also` names endpoints of other blueprints that belong to it.
    """

    section: str
    label: str
    endpoint: str
    icon: str
    permission: str = ""
    only: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """An item as the page shows it."""

    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Links under one heading; the first section has none."""

    label: str
    links: tuple[Link, ...]


NAVIGATION = (
    Item("", N_("Home"), "home.index", "house"),
    Item("", N_("New order"), "orders.new", "plus-circle", "orders.place"),
    Item("", N_("Orders"), "orders.index", "receipt", "orders.view"),
    Item("", N_("Payments"), "payments.index", "cash-coin", "payments.view"),
    Item("", N_("Shop"), "storefronts.index", "globe", "shop.edit", only="points"),
    Item(
        N_("Prices"),
        N_("Price tables"),
        "pricing.index",
        "tags",
        "prices.view",
        also=("sale_tables.fallen",),
    ),
    Item(N_("Prices"), N_("Sale tables"), "sale_tables.index", "tag", "sale_prices.view"),
    Item(N_("Prices"), N_("Why this price"), "pricing.why", "question-circle", "costs.view"),
    Item(N_("Credit"), N_("Wallets"), "credit.index", "wallet", "costs.view", only="headquarters"),
    Item(N_("Credit"), N_("Credits"), "credit.index", "wallet", "costs.view", only="points"),
    Item(
        N_("Registers"),
        N_("Service points"),
        "partners.index",
        "shop",
        "partners.view",
        also=(
            "pricing.point_prices",
            "pricing.point_prices_edit",
            "sale_tables.point_tables",
            "payments.point_pix",
        ),
    ),
    Item(
        N_("Registers"),
        N_("Shops"),
        "storefronts.index",
        "globe",
        "shop.edit",
        only="headquarters",
    ),
    Item(N_("Registers"), N_("Products"), "catalogue.products", "box-seam", "catalogue.view"),
    Item(N_("Registers"), N_("Issuers"), "catalogue.issuers", "patch-check", "catalogue.view"),
    Item(N_("Settings"), N_("Credit limits"), "partners.policies", "sliders", "policies.edit"),
    Item(
        N_("Settings"),
        N_("Pix key"),
        "payments.pix",
        "qr-code",
        "payments.settings",
        only="headquarters",
    ),
    Item(N_("Settings"), N_("Users"), "people.users", "people", "users.view"),
    Item(N_("Settings"), N_("Profiles"), "people.profiles", "shield-lock", "profiles.edit"),
    Item(
        N_("Settings"),
        N_("Jobs and mails"),
        "scheduler.index",
        "envelope",
        "operations.view",
        only="headquarters",
        also=("mail.index", "mail.show"),
    ),
    Item(N_("Settings"), N_("Mails"), "mail.index", "envelope", "operations.view", only="points"),
    Item(N_("Settings"), N_("Audit"), "audit.index", "clock-history", "audit.view"),
    Item(N_("Settings"), N_("My account"), "people.account", "person-circle"),
)


PART_OF = {"price_imports": "pricing"}
"""Features whose pages stand among those of another."""


def visible(items: Iterable[Item], actor: Actor | None) -> list[Section]:
    """Return the sections with what this person may open, the present page marked."""
    shown = [item for item in items if actor is not None and _is_open_to(item, actor)]
    here = current_item(shown, request.endpoint)
    return [
        Section(
            label,
            tuple(
                Link(item.label, url_for(item.endpoint), item.icon, item is here) for item in group
            ),
        )
        for label, group in groupby(shown, key=lambda item: item.section)
    ]


def current_item(items: Sequence[Item], endpoint: str | None) -> Item | None:
    """Return the item the endpoint belongs to.

    `catalogue.product_edit` belongs to `catalogue.products`; what fits no other item of its
    blueprint belongs to the blueprint's `index`.
    """
    feature, _, page = (endpoint or "").partition(".")
    endpoint = f"{PART_OF.get(feature, feature)}.{page}"
    fitting = [item for item in items if endpoint.startswith(_stem(item.endpoint))]
    exact = (item for item in items if endpoint == item.endpoint or endpoint in item.also)
    return next(exact, max(fitting, key=lambda item: len(_stem(item.endpoint)), default=None))


def address(endpoint: str, **values: Any) -> str | None:
    """Return the URL of an endpoint, or nothing where the page does not exist."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def arguments_of(*names: str) -> dict[str, Any]:
    """Return those of the present query arguments that were given."""
    return {name: request.args[name] for name in names if name in request.args}


def tabs_of(name: str, words: Mapping[str, str]) -> tuple[str, list[tuple[str, str, bool]]]:
    """Return which view a query argument asks for, by default "", and all of them as tabs."""
    asked = request.args.get(name, "")
    asked = asked if asked in words else ""
    return asked, [
        (gettext(word), with_arguments(**{name: key or None}), key == asked)
        for key, word in words.items()
    ]


def with_arguments(**changes: Any) -> str:
    """Return the present page's address with some query arguments changed; None takes one out."""
    kept = request.args.to_dict(flat=False) | changes
    pairs = {name: value for name, value in kept.items() if value is not None}
    return f"{request.path}?{urlencode(pairs, doseq=True)}" if pairs else request.path


def without(*names: str) -> str:
    """Return the present page's address less some query arguments, from the first page on."""
    return with_arguments(**dict.fromkeys((*names, "after", "before")))


def register_navigation(app: Flask) -> None:
    """Give templates the navigation, addresses, and where the application runs."""

    app.jinja_env.globals.update(address=address, with_arguments=with_arguments, without=without)

    @app.context_processor
    def _shell() -> dict[str, Any]:
        settings = app.config.get("SETTINGS")
        return {
            "navigation": lambda actor: visible(NAVIGATION, actor),
            "search_url": address("search") or address("finder.search"),
            "environment": getattr(settings, "env", "production"),
        }


def _is_open_to(item: Item, actor: Actor) -> bool:
    if item.endpoint not in current_app.view_functions:
        return False
    if item.only and (item.only == "headquarters") != actor.headquarters:
        return False
    return not item.permission or actor.may(item.permission)


def _stem(endpoint: str) -> str:
    """Return what the endpoints of one item's pages begin with."""
    blueprint, _, name = endpoint.rpartition(".")
    if name == "index":
        return f"{blueprint}."
    return f"{blueprint}.{name.removesuffix('ies').removesuffix('s')}"
