"""What search engines read: the shop and its products in schema.org's words, as JSON-LD.

A script element that holds data is not run, so the content policy, which runs no script that
stands in a page, has nothing to say about it.
"""

import json
from typing import Any

from flask import url_for
from markupsafe import Markup

from portal.money import plain
from portal.storefronts.queries.front import Front
from portal.storefronts.rules.offers import Item, Shelf
from portal.storefronts.views.public.door import base_url

_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def shop(front: Front, shown: Shelf) -> Markup:
    """Describe a shop and the products on a page of its catalogue."""
    items = [item for group in shown.groups for item in group.items]
    return _script(
        {
            **_seller(front),
            "hasOfferCatalog": {
                "@type": "OfferCatalog",
                "name": front.headline,
                "itemListElement": [_offer(front, item) for item in items],
            },
        }
    )


def product(front: Front, item: Item, details: str) -> Markup:
    """Describe one product with its price."""
    return _script(
        {
            "@type": "Product",
            "name": item.name,
            "sku": item.sku,
            "category": item.category or None,
            "description": item.summary or details or None,
            "offers": {**_offer(front, item), "seller": _seller(front)},
        }
    )


def _seller(front: Front) -> dict[str, Any]:
    return {
        "@type": "Store",
        "name": front.name,
        "legalName": front.legal_name,
        "taxID": front.tax_id,
        "url": base_url() + url_for("shop.catalogue"),
        "address": front.address or None,
        "telephone": front.phone or None,
        "email": front.email or None,
    }


def _offer(front: Front, item: Item) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "name": item.name,
        "url": base_url() + url_for("shop.product", slug=front.slug, sku=item.sku),
        "price": plain(item.price),
        "priceCurrency": "BRL",
        "availability": "https://schema.org/InStock",
    }


def _script(facts: dict[str, Any]) -> Markup:
    said = {"@context": "https://schema.org", **_without_nothing(facts)}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE)
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - every sign that could end the element is escaped


def _without_nothing(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
