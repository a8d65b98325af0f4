"""What a visitor is refused, and why."""

from datetime import timedelta

from portal.errors import Conflict, NotFound, Refused
from portal.i18n import N_


class NoSuchShop(NotFound):
    """No shop has this address."""

    text = N_("There is no shop at this address.")


class NoSuchItem(NotFound):
    """The shop does not sell it, or no longer."""

    text = N_("This shop does not sell this product, or no longer does.")


class NoSuchSiteOrder(NotFound):
    """No order of the shop has this link."""

    text = N_("There is no order at this address. Check that the link is whole.")


class ShopClosed(Conflict):
    """The shop takes no orders at present."""

    code = "shop_closed"
    text = N_("This shop is closed at the moment and takes no orders.")


class EmptyCart(Refused):
    """There is nothing to order."""

    code = "empty_cart"
    text = N_("Your cart is empty.")


class CartFull(Refused):
    """More different products than a cart holds."""

    code = "cart_full"
    text = N_("A cart holds up to %(most)s different products. Take one out first.")


class CartChanged(Conflict):
    """Something in the cart is no longer sold, or not in this quantity."""

    code = "cart_changed"
    text = N_("Something in your cart is no longer sold. Look at the cart and order again.")


class TooManyOrders(Refused):
    """More orders than the shop takes from one document, or from one address of the network."""

    status = 429
    code = "too_many_orders"

    def __init__(self, window: timedelta) -> None:
        super().__init__(seconds=int(window.total_seconds()))


class TooManyOfDocument(TooManyOrders):
    """The document has made enough orders for a day."""

    text = N_(
        "This CPF or CNPJ has made as many orders today as the shop takes. Pay one that is"
        " waiting, or talk to the shop and order again tomorrow."
    )


class TooManyOfAddress(TooManyOrders):
    """The network address has made enough orders for an hour."""

    text = N_(
        "Many orders came from your network within an hour. Wait a while and order again, or talk"
        " to the shop."
    )
