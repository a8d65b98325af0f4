"""What was done, and to what, in words."""

from typing import Any

from flask_babel import gettext

from portal.i18n import N_

ACTIONS = {
    "assignments.changed": N_("Price assignments changed"),
    "credit.debited": N_("Credit debited"),
    "credit.expired": N_("Credit expired"),
    "credit.granted": N_("Credit granted"),
    "credit.reversed": N_("Movement reversed"),
    "credit.settled": N_("Debt paid from credit"),
    "credit_policy.created": N_("Credit limit created"),
    "credit_policy.updated": N_("Credit limit changed"),
    "credit_type.created": N_("Credit type created"),
    "edition.changed": N_("Edition changed"),
    "edition.created": N_("Edition created"),
    "edition.deleted": N_("Draft of an edition deleted"),
    "edition.imported": N_("Edition imported"),
    "edition.moved": N_("Edition moved"),
    "edition.published": N_("Edition published"),
    "issuer.created": N_("Issuer created"),
    "issuer.updated": N_("Issuer changed"),
    "order.cancelled": N_("Order cancelled"),
    "order.drafted": N_("Order saved as draft"),
    "order.fulfilled": N_("Order fulfilled"),
    "order.placed": N_("Order placed"),
    "order.price_refused": N_("Sale price refused"),
    "order.sale_changed": N_("Sale side of the order changed"),
    "order.updated": N_("Order changed"),
    "price_table.changed": N_("Price table changed"),
    "price_table.created": N_("Price table created"),
    "product.created": N_("Product created"),
    "product.updated": N_("Product changed"),
    "products.created": N_("Products created"),
    "profile.created": N_("Profile created"),
    "profile.updated": N_("Profile changed"),
    "service_point.created": N_("Service point created"),
    "service_point.updated": N_("Service point changed"),
    "session.ended": N_("Session ended"),
    "session.others_ended": N_("Other sessions ended"),
    "token.created": N_("Token created"),
    "token.revoked": N_("Token revoked"),
    "user.created": N_("User created"),
    "user.disabled": N_("User disabled"),
    "user.enabled": N_("User enabled"),
    "user.password_changed": N_("Password changed"),
    "user.password_set": N_("Password set by someone else"),
    "user.signed_in": N_("Signed in"),
    "user.updated": N_("User changed"),
}

ENTITIES = {
    "account": N_("Wallet"),
    "credit_policy": N_("Credit limit"),
    "credit_type": N_("Credit type"),
    "edition": N_("Edition"),
    "issuer": N_("Issuer"),
    "order": N_("Order"),
    "price_table": N_("Price table"),
    "product": N_("Product"),
    "profile": N_("Profile"),
    "service_point": N_("Service point"),
    "session": N_("Session"),
    "token": N_("Token"),
    "user": N_("User"),
}

FACTS = {
    "active": N_("Active"),
    "code": N_("Code"),
    "email": N_("E-mail"),
    "expires_at": N_("Good until"),
    "headquarters": N_("Headquarters"),
    "name": N_("Name"),
    "permissions": N_("Permissions"),
    "profile": N_("Profile"),
    "scopes": N_("What it may do"),
    "service_points": N_("Service points"),
    "user": N_("User"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
}


def action_word(action: str) -> str:
    """Return what was done."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action


def entity_word(entity_type: str) -> str:
    """Return what it was done to."""
    return gettext(ENTITIES[entity_type]) if entity_type in ENTITIES else entity_type


def fact_word(name: str) -> str:
    """Return how a stored fact is called."""
    return gettext(FACTS[name]) if name in FACTS else name


def value_word(value: Any) -> str:
    """Write a stored value."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(map(value_word, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {value_word(inner)}" for name, inner in value.items())
    return str(value)
