"""How shops write prices, moments and telephone links, in the visitor's language."""

from datetime import datetime
from decimal import Decimal

from flask_babel import gettext
from markupsafe import Markup

from portal import clock
from portal.payments.rules.qr import qr_svg
from portal.storefronts.rules.mails import moment
from portal.storefronts.views.public.door import shop
from portal.web import filters
from portal.web.language import spoken_or_own


@shop.app_template_filter()
def shop_price(value: Decimal) -> str:
    """Write a price with its currency: two decimals, up to four where they say something."""
    return f"R${filters.NO_BREAK}{filters.price(value)}"


@shop.app_template_filter()
def shop_moment(value: datetime) -> str:
    """Write a moment in the installation's time."""
    local = clock.local(value)
    if local.date() == clock.today():
        return gettext("today, %(time)s", time=f"{local:%H:%M}")
    return moment(local, spoken_or_own())


@shop.app_template_filter()
def phone_link(value: str) -> str:
    """Return the address that calls a number, with Brazil's code if it has none."""
    digits = "".join(sign for sign in value if sign.isdigit() or sign == "+")
    return f"tel:{digits}" if digits.startswith("+") else f"tel:+55{digits.lstrip('0')}"


@shop.app_template_filter()
def qr_code(text: str, title: str) -> Markup:
    """Draw a QR code, in place."""
    return Markup(qr_svg(text, title=title))  # noqa: S704 - segno's own drawing; it escapes the title
