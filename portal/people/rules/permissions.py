"""The catalogue of permissions, and what it takes to hand them on (SAFETY T4)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.actors import PORTAL, Actor
from portal.i18n import N_


@dataclass(frozen=True, slots=True)
class Permission:
    """Something a profile may allow; both texts are for people."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """Permissions that stand under one heading."""

    label: str
    permissions: tuple[Permission, ...]


CATALOGUE = (
    Group(
        N_("Values and balances"),
        (
            Permission(
                "costs.view",
                N_("See acquisition prices and balances"),
                N_("Acquisition prices, margins, balances, statements and debits."),
            ),
        ),
    ),
    Group(
        N_("Orders"),
        (
            Permission(
                "orders.view", N_("See orders"), N_("The orders of the own service points.")
            ),
            Permission("orders.place", N_("Place orders"), N_("Quote, save drafts and place.")),
            Permission(
                "orders.fulfill", N_("Fulfil orders"), N_("Mark placed orders as fulfilled.")
            ),
            Permission(
                "orders.cancel", N_("Cancel orders"), N_("Cancel orders not yet fulfilled.")
            ),
            Permission(
                "orders.cancel_fulfilled",
                N_("Cancel fulfilled orders"),
                N_("Cancel what has been fulfilled, with a reason."),
            ),
            Permission(
                "orders.edit_sale",
                N_("Correct the sale"),
                N_("Change the sale side of a placed order; the acquisition stays."),
            ),
            Permission(
                "orders.sell_below_acquisition",
                N_("Sell below acquisition"),
                N_("Place orders whose sale price is below the acquisition price."),
            ),
        ),
    ),
    Group(
        N_("Prices"),
        (
            Permission("prices.view", N_("See price tables"), N_("All price tables, with prices.")),
            Permission("prices.edit", N_("Edit price tables"), N_("Tables, drafts and imports.")),
            Permission("prices.publish", N_("Publish editions"), N_("Put prices into force.")),
            Permission(
                "prices.change_past",
                N_("Change past prices"),
                N_("Publish for days that have passed, with a reason."),
            ),
            Permission(
                "sale_prices.view",
                N_("See sale tables"),
                N_("What final customers pay; acquisition only with its own permission."),
            ),
            Permission(
                "sale_prices.edit", N_("Edit sale tables"), N_("Tables, drafts and imports.")
            ),
            Permission(
                "sale_prices.publish",
                N_("Publish sale prices"),
                N_("Put what final customers pay into force."),
            ),
            Permission(
                "sale_prices.change_past",
                N_("Change past sale prices"),
                N_("Publish for days that have passed, with a reason."),
            ),
            Permission(
                "assignments.edit",
                N_("Assign price tables"),
                N_("Decide which tables a service point buys from."),
            ),
            Permission(
                "assignments.change_past",
                N_("Change past assignments"),
                N_("Change assignments for days that have passed, with a reason."),
            ),
        ),
    ),
    Group(
        N_("Shop and payments"),
        (
            Permission(
                "shop.edit", N_("Run the shop"), N_("Its address, looks, texts and opening.")
            ),
            Permission(
                "payments.view", N_("See payments"), N_("Charges of customers and what was paid.")
            ),
            Permission(
                "payments.confirm",
                N_("Confirm payments"),
                N_("Say by hand that money arrived, or that it was given back."),
            ),
            Permission(
                "payments.refund",
                N_("Return payments"),
                N_("Give money of a paid charge back, all of it or a part."),
            ),
            Permission(
                "payments.settings",
                N_("Set up payments"),
                N_("Pix keys and how customers pay."),
            ),
        ),
    ),
    Group(
        N_("Credit"),
        (
            Permission("credit.grant", N_("Grant credit"), N_("Paid credit and bonus.")),
            Permission("credit.debit", N_("Debit credit"), N_("Debit what is not an order.")),
            Permission("credit.reverse", N_("Reverse movements"), N_("Undo grants and debits.")),
            Permission(
                "policies.edit",
                N_("Set credit limits"),
                N_("Credit policies and which service point has which."),
            ),
        ),
    ),
    Group(
        N_("Registers"),
        (
            Permission("catalogue.view", N_("See the catalogue"), N_("Products and issuers.")),
            Permission("catalogue.edit", N_("Edit the catalogue"), N_("Products and issuers.")),
            Permission("partners.view", N_("See service points"), N_("The own ones, or all.")),
            Permission("partners.edit", N_("Edit service points"), N_("Data and sale policy.")),
        ),
    ),
    Group(
        N_("People and control"),
        (
            Permission("users.view", N_("See users"), N_("Of the own service points, or all.")),
            Permission(
                "users.edit",
                N_("Manage users"),
                N_("Users with at most one's own permissions and service points."),
            ),
            Permission("profiles.edit", N_("Edit profiles"), N_("Decide what profiles allow.")),
            Permission("audit.view", N_("See the audit trail"), N_("Who changed what, and when.")),
            Permission(
                "operations.view",
                N_("See jobs and mails"),
                N_("What runs by itself, what was sent, and what failed."),
            ),
            Permission(
                "operations.retry",
                N_("Repeat jobs and mails"),
                N_("Send again, or run now, what failed."),
            ),
        ),
    ),
)

PERMISSIONS = tuple(permission.name for group in CATALOGUE for permission in group.permissions)
ALL = frozenset(PERMISSIONS)
COMMAND_LINE = replace(PORTAL, permissions=ALL)
"""Whoever may run commands on the server may do everything."""


def as_text(permissions: Iterable[str]) -> str:
    """Return permissions as they are stored."""
    return " ".join(sorted(set(permissions)))


def as_set(text: str | None) -> frozenset[str]:
    """Return stored permissions as a set."""
    return frozenset((text or "").split())


def unknown(permissions: Iterable[str]) -> list[str]:
    """Return the names that are no permission."""
    return sorted(set(permissions) - ALL)


def allowed(profile: str, scopes: str | None) -> frozenset[str]:
    """Return what a token may: its user's permissions, less what its scopes leave out."""
    permissions = as_set(profile)
    return permissions if scopes is None else permissions & as_set(scopes)


def covers(by: Actor, permissions: frozenset[str], headquarters: bool) -> bool:
    """Whether the actor has all that is handed on; headquarters' profiles are headquarters' own."""
    return permissions <= by.permissions and (by.headquarters or not headquarters)
