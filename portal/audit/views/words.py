"""What was done, and to what, in words."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import gettext

from portal.i18n import N_
from portal.web import filters
from portal.web.forms import parse_day

ACTIONS = {
    "assignments.changed": N_("Price assignments changed"),
    "credit.debited": N_("Credit debited"),
    "credit.expired": N_("Credit expired"),
    "credit.granted": N_("Credit granted"),
    "credit.reversed": N_("Movement reversed"),
    "credit.sale_taken_back": N_("Credit of a site sale taken back"),
    "charge.cancelled": N_("Charge cancelled"),
    "charge.created": N_("Charge made"),
    "charge.paid": N_("Charge paid"),
    "charge.refund_requested": N_("Refund asked for"),
    "charge.refunded": N_("Money given back"),
    "credit.settled": N_("Debt paid from credit"),
    "credit_policy.created": N_("Credit limit created"),
    "credit_policy.updated": N_("Credit limit changed"),
    "credit_type.created": N_("Credit type created"),
    "demo.loaded": N_("Demonstration loaded"),
    "edition.changed": N_("Edition changed"),
    "edition.created": N_("Edition created"),
    "edition.deleted": N_("Draft of an edition deleted"),
    "edition.imported": N_("Edition imported"),
    "edition.moved": N_("Edition moved"),
    "edition.published": N_("Edition published"),
    "issuer.created": N_("Issuer created"),
    "issuer.updated": N_("Issuer changed"),
    "job.asked": N_("Job asked for"),
    "mail.resent": N_("Mail sent again"),
    "order.awaiting_credit": N_("Order paid, waits for credit"),
    "order.begun": N_("Order begun in the shop"),
    "order.cancelled": N_("Order cancelled"),
    "order.drafted": N_("Order saved as draft"),
    "order.fulfilled": N_("Order fulfilled"),
    "order.lapsed": N_("Order lapsed unpaid"),
    "order.placed": N_("Order placed"),
    "order.price_refused": N_("Sale price refused"),
    "order.redrafted": N_("Draft changed"),
    "order.sale_changed": N_("Sale side of the order changed"),
    "order.updated": N_("Order changed"),
    "pix_account.changed": N_("Pix key changed"),
    "pix_account.removed": N_("Pix key removed"),
    "price_table.changed": N_("Price table changed"),
    "price_table.created": N_("Price table created"),
    "product.created": N_("Product created"),
    "product.updated": N_("Product changed"),
    "products.created": N_("Products created"),
    "profile.created": N_("Profile created"),
    "profile.updated": N_("Profile changed"),
    "sale_edition.changed": N_("Sale edition changed"),
    "sale_edition.confirmed": N_("Sale below acquisition confirmed"),
    "sale_edition.created": N_("Sale edition created"),
    "sale_edition.deleted": N_("Draft of a sale edition deleted"),
    "sale_edition.filled": N_("Sale prices filled"),
    "sale_edition.imported": N_("Sale edition imported"),
    "sale_edition.moved": N_("Sale edition moved"),
    "sale_edition.price_refused": N_("Sale price on the site refused"),
    "sale_edition.published": N_("Sale edition published"),
    "sale_table.changed": N_("Sale table changed"),
    "sale_table.created": N_("Sale table created"),
    "service_point.created": N_("Service point created"),
    "service_point.updated": N_("Service point changed"),
    "session.ended": N_("Session ended"),
    "session.others_ended": N_("Other sessions ended"),
    "shop.logo_changed": N_("Logo of the shop changed"),
    "shop.product_described": N_("Text of a product in the shop changed"),
    "shop.updated": N_("Shop changed"),
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
    "charge": N_("Charge"),
    "credit_policy": N_("Credit limit"),
    "credit_type": N_("Credit type"),
    "demo": N_("Demonstration"),
    "edition": N_("Edition"),
    "issuer": N_("Issuer"),
    "job": N_("Job"),
    "mail": N_("Mail"),
    "order": N_("Order"),
    "pix_account": N_("Pix key"),
    "price_table": N_("Price table"),
    "product": N_("Product"),
    "profile": N_("Profile"),
    "refused_price": N_("Refused price"),
    "request": N_("Request"),
    "sale_table": N_("Sale table"),
    "service_point": N_("Service point"),
    "session": N_("Session"),
    "shop": N_("Shop"),
    "token": N_("Token"),
    "user": N_("User"),
}

FACTS = {
    "active": N_("Active"),
    "address": N_("Street address"),
    "advice": N_("Help to choose"),
    "age_days": N_("Age in days"),
    "amount": N_("Amount"),
    "balance": N_("Balance"),
    "base_table": N_("Base table"),
    "basis": N_("Filled from"),
    "calculation": N_("Calculation"),
    "category": N_("Category"),
    "channels": N_("Channels"),
    "city": N_("City"),
    "closed_text": N_("While the shop is closed"),
    "code": N_("Code"),
    "collects": N_("Who receives the customer's money"),
    "colour": N_("Colour"),
    "confirmed_below": N_("Confirmed below acquisition"),
    "credit_policy": N_("Credit limit"),
    "credit_type": N_("Credit type"),
    "credit_units": N_("Units of credit"),
    "debt_enabled": N_("May leave a balance"),
    "description": N_("Description"),
    "details": N_("In full"),
    "documents": N_("Documents"),
    "edition": N_("Edition"),
    "email": N_("E-mail"),
    "enabled": N_("Enabled"),
    "expires_at": N_("Good until"),
    "expires_on": N_("Expires on"),
    "file": N_("File"),
    "fractional": N_("Sold in fractions"),
    "headline": N_("Headline"),
    "headquarters": N_("Headquarters"),
    "holder": N_("Account holder"),
    "hours": N_("Opening hours"),
    "into": N_("Filled price"),
    "intro": N_("Introduction"),
    "issuer": N_("Issuer"),
    "items": N_("Items"),
    "key": N_("Pix key"),
    "kind": N_("Kind"),
    "legal_name": N_("Company name"),
    "lines": N_("Lines"),
    "logo": N_("Logo"),
    "lot": N_("Lot"),
    "low_balance_threshold": N_("Warn below"),
    "max_discount_percent": N_("Largest discount, %"),
    "max_surcharge_percent": N_("Largest surcharge, %"),
    "may_edit_final_price": N_("May type the sale price"),
    "method": N_("Way of payment"),
    "mode": N_("Model"),
    "money": N_("Money limit"),
    "name": N_("Name"),
    "orders_per_address": N_("Orders per IP address in an hour"),
    "orders_per_document": N_("Orders per CPF or CNPJ in a day"),
    "paid": N_("Paid"),
    "paid_on": N_("Paid on"),
    "percent": N_("Percent"),
    "permissions": N_("Permissions"),
    "phone": N_("Phone"),
    "price_table": N_("Price table"),
    "privacy_text": N_("Privacy of visitors"),
    "products_created": N_("Products put on file"),
    "profile": N_("Profile"),
    "promises": N_("Promises"),
    "provider": N_("By way of"),
    "quantity": N_("Quantity"),
    "reference": N_("Reference"),
    "returned": N_("Goes back"),
    "returns_text": N_("Returns and refunds"),
    "reverses": N_("Reverses"),
    "rounding_ending": N_("Rounded to an ending"),
    "rounding_step": N_("Rounded to a step"),
    "rows": N_("Rows"),
    "rows_changed": N_("Rows changed"),
    "sale": N_("Sale"),
    "sale_policy": N_("Sale policy"),
    "scopes": N_("What it may do"),
    "service_point": N_("Service point"),
    "service_points": N_("Service points"),
    "shop": N_("Shop"),
    "sku": N_("SKU"),
    "skus": N_("SKUs"),
    "slug": N_("Address"),
    "sold_below_acquisition": N_("Sold below acquisition"),
    "source": N_("Source"),
    "state": N_("State"),
    "status": N_("State"),
    "summary": N_("In one line"),
    "tagline": N_("Below the name"),
    "tax_id": N_("CPF or CNPJ"),
    "unit_price": N_("Unit price"),
    "user": N_("User"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "waiting_reason": N_("Why it waits"),
}

VALUES = {
    "adjusted": N_("adjusted"),
    "awaiting_credit": N_("waits for credit"),
    "awaiting_payment": N_("waits for payment"),
    "behind_others": N_("older orders come first"),
    "bonus": N_("bonus"),
    "cancelled": N_("cancelled"),
    "card": N_("card"),
    "cash": N_("cash"),
    "cheque": N_("cheque"),
    "draft": N_("draft"),
    "fixed": N_("fixed"),
    "fulfilled": N_("fulfilled"),
    "general": N_("general"),
    "good": N_("good"),
    "headquarters": N_("headquarters"),
    "insufficient_credit": N_("credit is missing"),
    "lapsed": N_("lapsed"),
    "manual": N_("by hand"),
    "no_price": N_("no acquisition price"),
    "own": N_("own"),
    "paid": N_("paid"),
    "pending": N_("waits for payment"),
    "percent_of_sale": N_("percentage of the sale"),
    "pix": N_("Pix"),
    "pix_static": N_("own Pix key"),
    "placed": N_("placed"),
    "published": N_("published"),
    "refund_pending": N_("to be returned"),
    "refunded": N_("returned"),
    "service": N_("service"),
    "service_point": N_("service point"),
    "simulated": N_("simulation"),
    "site": N_("site"),
    "superseded": N_("superseded"),
    "transfer": N_("bank transfer"),
}
_CODED = "calculation collects kind method mode provider source state status"
_WORDED = frozenset(_CODED.split())
"""Facts whose values are codes, not texts that someone typed."""
_EDITION = re.compile(r"edition ([0-9]{1,9})\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,6}\Z")


def action_word(action: str) -> str:
    """Return what was done."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action


def entity_word(entity_type: str) -> str:
    """Return what it was done to."""
    return gettext(ENTITIES[entity_type]) if entity_type in ENTITIES else entity_type


def fact_word(name: str) -> str:
    """Return how a stored fact is called; one inside others by its way there."""
    return ", ".join(_part(part) for part in name.split("."))


def _part(name: str) -> str:
    if name in FACTS:
        return gettext(FACTS[name])
    if edition := _EDITION.match(name):
        return gettext("Edition %(number)s", number=edition[1])
    return name.replace("_", " ")


def value_word(name: str, value: Any, *, most: int | None = None) -> str:
    """Write a stored value; of a list no more than `most`, and how many there are besides."""
    if value is None or value in ("", []):
        return filters.DASH
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return _listed(name, value, most)
    if isinstance(value, dict):
        parts = (f"{_part(inner)} {value_word(inner, fact)}" for inner, fact in value.items())
        return ", ".join(parts)
    if name.startswith("rows."):
        return " / ".join(_cell(part) for part in str(value).split(" / "))
    return _written(name.rpartition(".")[2], str(value))


def _cell(text: str) -> str:
    """Write a part of a sale table's row: a price, or that the product is on the site."""
    if _NUMBER.match(text):
        return filters.price(Decimal(text))
    return gettext(VALUES[text]) if text in VALUES else text.replace("-", filters.DASH)


def _listed(name: str, values: list[Any], most: int | None) -> str:
    said = ", ".join(value_word(name, one) for one in values[:most])
    if not most or len(values) <= most:
        return said
    rest = filters.quantity(len(values) - most)
    return gettext("%(first)s and %(num)s more", first=said, num=rest)


def _written(name: str, text: str) -> str:
    if name in _WORDED and text in VALUES:
        return gettext(VALUES[text])
    if _DAY.match(text):
        return filters.day(parse_day(text))
    return filters.price(Decimal(text)) if _DECIMAL.match(text) else text
