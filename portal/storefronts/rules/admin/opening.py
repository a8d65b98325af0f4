"""What a shop needs before visitors can buy, and how each is called."""

from enum import StrEnum

from portal.i18n import N_


class Need(StrEnum):
    """What a shop needs before visitors can buy."""

    ADDRESS = "address"
    TABLE = "table"
    PRODUCTS = "products"
    PAYMENT = "payment"
    TEXTS = "texts"


NEEDS = {
    Need.ADDRESS: (N_("An address"), N_("Where visitors find the shop.")),
    Need.TABLE: (N_("A sale table for the site"), N_("One that is in force today.")),
    Need.PRODUCTS: (N_("Products on site"), N_("At least one with a price, marked for the site.")),
    Need.PAYMENT: (N_("A Pix key"), N_("Where visitors' payments arrive.")),
    Need.TEXTS: (
        N_("Who sells"),
        N_("Company name, CNPJ, and a phone or an e-mail: the law asks for them."),
    ),
}
"""The name of each, and why."""
