"""The parts of a service point, each a page of another feature, as tabs on all of them."""

from flask_babel import gettext

from portal.web.access import actor
from portal.web.navigation import address

Tab = tuple[str, str, bool]
"""A word, an address, whether it is the present page."""


def point_tabs(code: str, here: str) -> list[Tab]:
    """Return the parts that the reader may open; `here` names the present one."""
    by = actor()
    parts = (
        ("data", gettext("Data"), address("partners.show", code=code), by.may("partners.view")),
        ("prices", gettext("Prices"), address("pricing.point_prices", code=code), by.sees_costs),
        ("sale_tables", gettext("Sale tables"),
         address("sale_tables.point_tables", code=code), by.may("sale_prices.view")),
        ("shop", gettext("Shop"), address("storefronts.show", code=code), by.may("shop.edit")),
        ("wallet", gettext("Wallet"),
         address("credit.account", code=code, credit_type="BRL"), by.sees_costs),
        ("orders", gettext("Orders"), address("orders.index", service_point=code),
         by.may("orders.view")),
        ("pix", gettext("Pix"),
         address("payments.point_pix", code=code), by.may("payments.settings")),
        ("users", gettext("Users"), address("people.users", point=code), by.may("users.view")),
        ("history", gettext("History"), address("partners.history", code=code),
         by.may("audit.view") or by.may("partners.edit")),
    )  # fmt: skip
    return [(word, url, name == here) for name, word, url, may in parts if url and may]
