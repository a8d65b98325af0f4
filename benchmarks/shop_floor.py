"""The floor of a shop's catalogue: a bare Flask view, one SELECT, and the shop's own template.

No rules, no visits counted, no cart, no shop looked for: what the shop says of itself is a
constant. It keeps nothing between requests but its connection. Served by the same gunicorn as
the portal: `benchmarks.shop_floor:app`.
"""

from __future__ import annotations

import json
import os
import threading
from decimal import Decimal
from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from markupsafe import Markup

from benchmarks import floor
from portal.config import ROOT
from portal.storefronts.queries.front import Front
from portal.storefronts.rules.offers import Item, categories, shelf

SCHEMA = """CREATE TABLE f_offer (id BIGINT PRIMARY KEY AUTO_INCREMENT, shop BIGINT NOT NULL,
    sku VARCHAR(64) NOT NULL, name VARCHAR(120) NOT NULL, category VARCHAR(80) NOT NULL,
    price BIGINT NOT NULL, summary VARCHAR(200) NOT NULL, KEY (shop))"""
OFFERS = """SELECT id, sku, name, category, price, summary FROM f_offer
    WHERE shop = %s ORDER BY category, price, name"""
SLUG = "sp-00001"
LOOKS = {
    "name": "Contábil Ipê",
    "tagline": "Certificado digital em Campinas",
    "headline": "Seu certificado digital pronto hoje",
    "intro": "Escolha, pague com Pix e instale no mesmo dia, com ajuda de gente da cidade.",
    "advice": "Para nota fiscal: e-CNPJ.\nPara imposto de renda: e-CPF.",
    "colour": "#6b2c7f",
    "legal_name": "Contábil Ipê Serviços Ltda",
    "address": "Rua das Flores, 100, Campinas",
    "hours": "De segunda a sexta, das 9h às 18h",
    "phone": "(19) 3000-1234",
    "email": "loja@ipe.example",
    "returns_text": "",
    "privacy_text": "",
    "closed_text": "",
}
PROMISES = ("Atendimento de gente de Campinas", "ICP-Brasil")
TAX_ID = "12345678000195"
FRONT = Front(
    service_point_id=1, slug=SLUG, issuer_id=None, tax_id=TAX_ID, logo=None, promises=PROMISES,
    orders_per_document=1, orders_per_address=1, **LOOKS,
)  # fmt: skip
LANGUAGES = {"": "Português", "es": "Español", "en": "English"}

app = Flask(__name__, template_folder=str(ROOT / "templates"))
app.jinja_env.add_extension("jinja2.ext.i18n")
app.jinja_env.install_null_translations(newstyle=True)  # type: ignore[attr-defined] # the extension's
app.jinja_env.globals |= {
    "get_locale": lambda: "pt_BR",
    "asset_url": lambda name: f"/static/{name}",
}
app.jinja_env.filters |= {
    "shop_price": lambda price: f"R$ {price:.2f}",
    "tax_id": str,
    "phone_link": lambda phone: f"tel:{phone}",
    "wired": dict,  # named by macros that the catalogue does not call
    "flat": list,
}
shop = Blueprint("shop", __name__, url_prefix=f"/loja/{SLUG}")
_local = threading.local()


@shop.get("")
def catalogue() -> str:
    """Show what the shop sells."""
    items = _items()
    return render_template(
        "storefronts/catalogue.html",
        front=FRONT, is_open=True, languages=LANGUAGES, language="", in_language=_in_language,
        base_url=_base_url, shelf=shelf(items), words="", category="",
        categories=categories(items), described=_described(items),
    )  # fmt: skip


@shop.get("/pedidos", endpoint="mine")
@shop.get("/cores-<colour>.css", endpoint="colours")
@shop.get("/p/<sku>", endpoint="product")
@shop.get("/<text>", endpoint="about")
@shop.post("/carrinho", endpoint="change_cart")
def elsewhere(**_: str) -> str:
    """Stand where the catalogue's links lead."""
    return ""


app.register_blueprint(shop)


def _items() -> list[Item]:
    if not hasattr(_local, "connection"):
        _local.connection = floor.connect(os.environ["BENCH_DATABASE"])
        _local.connection.autocommit(True)
    cursor = _local.connection.cursor()
    cursor.execute(OFFERS, (1,))
    return [
        Item(number, sku, name, category, False, Decimal(price).scaleb(-4), summary)
        for number, sku, name, category, price, summary in cursor.fetchall()
    ]


def _base_url() -> str:
    return request.host_url.rstrip("/")


def _in_language(code: str) -> str:
    return url_for("shop.catalogue", language=code or None)


def _described(items: list[Item]) -> Markup:
    base = _base_url()
    offers: list[dict[str, Any]] = [
        {
            "@type": "Offer",
            "name": item.name,
            "url": base + url_for("shop.product", sku=item.sku),
            "price": str(item.price),
            "priceCurrency": "BRL",
            "availability": "https://schema.org/InStock",
        }
        for item in items
    ]
    told = {"@context": "https://schema.org", "@type": "Store", "name": FRONT.name}
    text = json.dumps(told | {"hasOfferCatalog": {"itemListElement": offers}})
    return Markup(f'<script type="application/ld+json">{text}</script>')  # noqa: S704 - the benchmark's own words
