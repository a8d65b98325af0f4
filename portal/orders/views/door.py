"""The blueprint of the pages of orders, and the words they share."""

from typing import Any

from flask import Blueprint
from flask_babel import gettext

from portal.clock import now
from portal.i18n import N_
from portal.orders.forms import CHANNELS, DOCUMENT_TYPES, KINDS, METHODS
from portal.orders.models import Order, OrderState

bp = Blueprint("orders", __name__)

STATES = {
    "draft": N_("Draft"),
    "placed": N_("Placed"),
    "awaiting_approval": N_("Awaits approval"),
    "awaiting_payment": N_("Awaits payment"),
    "awaiting_credit": N_("Awaits credit"),
    "lapsed": N_("Lapsed"),
    "fulfilled": N_("Fulfilled"),
    "cancelled": N_("Cancelled"),
}
WAITING = {
    "insufficient_credit": N_("credit is missing"),
    "no_price": N_("there is no acquisition price"),
    "behind_others": N_("an older order comes first"),
}
LOOKS = {
    "draft": "next",
    "placed": "ok",
    "awaiting_approval": "warn",
    "awaiting_payment": "next",
    "awaiting_credit": "bad",
    "lapsed": "off",
    "fulfilled": "ok",
    "cancelled": "off",
}


@bp.app_template_filter()
def order_state(order: Order) -> OrderState:
    """Return where an order stands now, whatever job has run."""
    return order.state_at(now())


@bp.context_processor
def _words() -> dict[str, Any]:
    """Give the pages the words for states, channels, kinds, documents and methods."""
    named = {
        "states": STATES,
        "channels": CHANNELS,
        "kinds": KINDS,
        "document_types": DOCUMENT_TYPES,
        "methods": METHODS,
    }
    told = {
        name: {key: gettext(word) for key, word in words.items()} for name, words in named.items()
    }
    return told | {"looks": LOOKS}
