"""Why orders are refused."""

from decimal import Decimal
from typing import Any

from portal.errors import Conflict, Forbidden, NotFound, Problem, Refused
from portal.i18n import N_
from portal.money import AMOUNT_SCALE, round_half_up
from portal.sale_tables.errors import TooManyPrices as TooManyPrices


class NoSuchOrder(NotFound):
    """No order has this number, or it is of a service point that the asker does not see."""

    text = N_("There is no order %(number)s.")

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class _OfField(Refused):
    """A refusal that belongs to one field of the order."""

    field = ""

    def __init__(self, **facts: Any) -> None:
        problem = Problem(self.field, self.code, self.text, facts)
        super().__init__(problems=(problem,), **facts)


class UnknownCustomer(_OfField):
    """Customers come later: until then every one is unknown."""

    code = "unknown_customer"
    text = N_("There is no such customer.")
    field = "customer"


class UnknownReferrer(_OfField):
    """Referrers come later: until then every one is unknown."""

    code = "unknown_referrer"
    text = N_("There is no such referrer.")
    field = "referrer"


class UnknownSalesCondition(_OfField):
    """Sales conditions come later: until then every one is unknown."""

    code = "unknown_sales_condition"
    text = N_("There is no such sales condition.")
    field = "sales_condition"


class UnknownIssuer(_OfField):
    """The order names an issuer that is not on file."""

    code = "unknown_issuer"
    text = N_("There is no issuer with the code %(issuer)s.")
    field = "issuer"


class IssuerInactive(_OfField):
    """Nothing goes through this issuer any more."""

    code = "issuer_inactive"
    text = N_("The issuer %(issuer)s is no longer in use.")
    field = "issuer"


class ServicePointInactive(_OfField):
    """The service point no longer orders."""

    code = "service_point_inactive"
    text = N_("The service point %(service_point)s is no longer active.")
    field = "service_point"


class OnNotAllowed(_OfField):
    """The day of an order is the day it is placed (DESIGN 5.3)."""

    code = "on_not_allowed"
    text = N_("An order takes the prices of the day it is placed; only quotes name a day.")
    field = "on"


class BalanceNotAllowed(_OfField):
    """Leaving a balance comes later: what is paid is what is sold."""

    code = "balance_not_allowed"
    text = N_("The payments add up to %(paid)s and the sale to %(total)s: no balance may be left.")
    field = "payments"


class WalletNeedsCustomer(_OfField):
    """A wallet belongs to a customer."""

    code = "wallet_needs_customer"
    text = N_("Payment from a wallet needs a customer.")
    field = "payments"


class FinalTotalNotAllowed(_OfField):
    """The service point's sale policy does not let a total be typed."""

    code = "final_price_not_allowed"
    text = N_("The sale policy of this service point does not allow typing the total.")
    field = "final_total"


class LineRefused(Refused):
    """A refusal of one line; the line's place is filled in where all lines are gathered."""

    field = "sku"


class UnknownProduct(LineRefused):
    """No product has this SKU."""

    code = "unknown_product"
    text = N_("There is no product with the SKU %(sku)s.")


class ProductInactive(LineRefused):
    """The product is no longer sold."""

    code = "product_inactive"
    text = N_("%(sku)s is no longer sold.")


class QuantityNotWhole(LineRefused):
    """The product does not come in fractions."""

    code = "quantity_not_whole"
    text = N_("%(sku)s is sold in whole pieces only.")
    field = "quantity"


class SalePriceMissing(LineRefused):
    """Without a sale table, a line needs a typed price."""

    code = "sale_price_missing"
    text = N_("%(sku)s has no sale price: type one.")
    field = "unit_price"


class NotOnSite(LineRefused):
    """The shop does not sell it: not marked, or fallen below acquisition and not confirmed."""

    code = "not_on_site"
    text = N_("%(sku)s is not sold on the site.")


class FinalPriceNotAllowed(LineRefused):
    """The service point's sale policy does not let a price be typed."""

    code = "final_price_not_allowed"
    text = N_("The sale policy of this service point does not allow typing the price of %(sku)s.")
    field = "unit_price"


class DiscountWithTypedPrice(LineRefused):
    """A typed price stands as it is, so a discount beside it would do nothing."""

    code = "invalid"
    text = N_("The typed price of %(sku)s is final: leave the discount out.")
    field = "discount_percent"


class DiscountAbovePolicy(LineRefused):
    """The seller's discount goes beyond the service point's sale policy."""

    code = "discount_above_policy"
    text = N_("A discount of %(percent)s %% is above the %(most_percent)s %% allowed here.")
    field = "discount_percent"


class SurchargeAbovePolicy(LineRefused):
    """The seller's surcharge goes beyond the service point's sale policy."""

    code = "surcharge_above_policy"
    text = N_("A surcharge of %(percent)s %% is above the %(most_percent)s %% allowed here.")
    field = "discount_percent"


class BelowAcquisition(LineRefused):
    """The sale price is below the acquisition price; told only to those who may see that one."""

    code = "below_acquisition"
    text = N_("The sale price of %(sku)s is below its acquisition price.")
    field = "unit_price"


class PriceNotAllowed(LineRefused):
    """What others are told instead of `below_acquisition`; audited, and counted."""

    code = "price_not_allowed"
    text = N_("The sale price of %(sku)s is not allowed.")
    field = "unit_price"


class PriceChanged(Conflict):
    """The sale costs more than whoever ordered expected; both are amounts, however typed."""

    code = "price_changed"
    text = N_(
        "The total rose from %(old)s to %(new)s. Nothing was stored; order again if it is right."
    )
    members = ("old", "new")

    def __init__(self, old: Decimal, new: Decimal) -> None:
        super().__init__(old=round_half_up(old, AMOUNT_SCALE), new=new)


class NothingToPay(_OfField):
    """What costs nothing cannot be paid for."""

    code = "nothing_to_pay"
    text = N_("This order costs nothing: nobody could pay it.")
    field = "lines"


class AlreadyCancelled(Conflict):
    """An order is cancelled once."""

    code = "already_cancelled"
    text = N_("Order %(number)s is cancelled already.")


class NotADraft(Conflict):
    """It has been placed, or cancelled, before."""

    code = "not_a_draft"
    text = N_("Order %(number)s is no draft any more.")


class NotPlaced(Conflict):
    """Only what is placed can be fulfilled."""

    code = "not_placed"
    text = N_("Order %(number)s is not placed, or fulfilled already.")


class MoveNotAllowed(Conflict):
    """There is no such move from the state in which the order stands."""

    code = "move_not_allowed"
    text = N_("Order %(number)s cannot do this in its present state.")


class CancelFulfilledNotAllowed(Forbidden):
    """What is fulfilled needs a permission of its own to be cancelled."""

    code = "forbidden"
    text = N_("Order %(number)s is fulfilled; your profile does not allow cancelling it.")


class SitePriceKept(Conflict):
    """What a visitor has paid is what the order is sold at (DESIGN 5.2)."""

    code = "site_price_kept"
    text = N_("Order %(number)s was made in the shop: its prices and payment stay as they are.")


class MoneyIsNeeded(Conflict):
    """A paid order waits to be placed: its money goes back with the order, not before."""

    code = "cancel_the_order"
    text = N_(
        "Order %(number)s is paid and waits to be placed: cancel it, and all of its money goes"
        " back."
    )


class UnknownLine(_OfField):
    """A correction names a line that the order does not have."""

    code = "unknown_line"
    text = N_("The order has no line %(position)s.")
    field = "lines"
