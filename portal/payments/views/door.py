"""The blueprint of payments' pages, and the words they share."""

from datetime import datetime
from typing import Any

from flask import Blueprint
from flask_babel import gettext

from portal.clock import now
from portal.i18n import N_
from portal.payments.forms import METHODS
from portal.payments.models import Charge

bp = Blueprint("payments", __name__)

STATES = {
    "pending": N_("Awaits payment"),
    "paid": N_("Paid"),
    "cancelled": N_("Cancelled"),
    "refund_pending": N_("To be returned"),
    "refunded": N_("Returned"),
}
EXPIRED = N_("Expired")
LOOKS = {
    "pending": "next",
    "paid": "ok",
    "cancelled": "off",
    "refund_pending": "warn",
    "refunded": "off",
}
PROVIDERS = {
    "manual": N_("By hand"),
    "pix_static": N_("Own Pix key"),
    "simulated": N_("Simulation"),
}
PAYEES = {"service_point": N_("The service point"), "headquarters": N_("Headquarters")}
REFUNDS = {"pending": N_("To be returned"), "sent": N_("On its way"), "done": N_("Returned")}
REFUND_LOOKS = {"pending": "warn", "sent": "next", "done": "ok"}


def state_said(charge: Charge, at: datetime | None = None) -> str:
    """Write how a charge stands; one that waits in vain has expired."""
    return gettext(EXPIRED if charge.has_expired(at or now()) else STATES[charge.status])


def _look(charge: Charge) -> str:
    return "off" if charge.has_expired(now()) else LOOKS[charge.status]


@bp.context_processor
def _words() -> dict[str, Any]:
    """Give the pages the words for states, providers, payees and methods."""
    named = {
        "methods": METHODS,
        "providers": PROVIDERS,
        "payees": PAYEES,
        "refund_states": REFUNDS,
    }
    told = {
        name: {key: gettext(word) for key, word in words.items()} for name, words in named.items()
    }
    return told | {"state_said": state_said, "look": _look, "refund_looks": REFUND_LOOKS}
