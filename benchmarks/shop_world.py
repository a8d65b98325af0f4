"""A shop to measure: fifty products on site of a thousand, a Pix key, and an owner who signs in."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from benchmarks import shop_floor, world
from portal.catalogue.models import Category, Product
from portal.catalogue.services import touch_offers
from portal.clock import now
from portal.partners.models import ServicePoint
from portal.payments.models import PixAccount
from portal.pricing.models import EditionState
from portal.sale_tables.models import SaleEdition, SaleItem, SaleTable
from portal.storefronts.models import Shop, ShopProduct
from portal.transactions import transact

OWNER, PASSWORD = "owner@example.com", "Long-enough-1"
PRODUCTS, CATEGORIES = 50, 5
PRICE = Decimal("150.00")
SUMMARY = "Para assinar documentos, notas e declarações, por doze meses"
FREELY = 100_000
"""So many orders of one document or address as a run may need."""


def fill(app: Flask) -> None:
    """Open the first service point's shop, and make a user of its owner."""
    with app.app_context():
        transact(_open)
    made = app.test_cli_runner().invoke(
        args=["users", "create", "--email", OWNER, "--password", PASSWORD, "--profile", "owner",
              "--service-point", "SP-00001"],
    )  # fmt: skip
    assert made.exit_code == 0, made.output


def _open(session: Session) -> None:
    at = now()
    shop = {"shop_slug": shop_floor.SLUG, "shop_enabled": True, "tax_id": shop_floor.TAX_ID}
    session.execute(update(ServicePoint).where(ServicePoint.id == 1).values(shop))
    session.add_all(
        [
            Shop(
                service_point_id=1, promises="\n".join(shop_floor.PROMISES), updated_at=at,
                orders_per_document=FREELY, orders_per_address=FREELY, **shop_floor.LOOKS,
            ),
            PixAccount(
                owner=1, service_point_id=1, key=shop_floor.TAX_ID, holder="Contábil Ipê",
                city="Campinas", changed_at=at,
            ),
        ]
    )  # fmt: skip
    _sell(session)
    touch_offers(session)


def _sell(session: Session) -> None:
    """Put the first products into a sale table for the counter and the site."""
    at = now()
    table = SaleTable(
        service_point_id=1, name="Balcão", back_office=True, site=True, created_at=at
    )  # fmt: skip
    edition = SaleEdition(
        sale_table=table, number=1, state=EditionState.PUBLISHED, valid_from=world.BEGINNING,
        created_at=at,
    )  # fmt: skip
    groups = [Category(name=f"Category {n}") for n in range(CATEGORIES)]
    session.add_all([table, edition, *groups])
    session.flush()
    for product in range(1, PRODUCTS + 1):
        category = groups[product % CATEGORIES].id
        session.execute(
            update(Product).where(Product.id == product).values(category_id=category)
        )  # fmt: skip
        session.add(ShopProduct(service_point_id=1, product_id=product, summary=SUMMARY))
        session.add(
            SaleItem(sale_edition_id=edition.id, product_id=product, sale_price=PRICE, on_site=True)
        )


def fill_floor(name: str) -> None:
    """Fill the floor's own table with as many products, called and priced the same."""
    with world.connect(name) as server, server.cursor() as cursor:
        cursor.execute(shop_floor.SCHEMA)
        cursor.executemany(
            "INSERT INTO f_offer (shop, sku, name, category, price, summary)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            list(_offers()),
        )


def _offers() -> Iterator[tuple[int, str, str, str, int, str]]:
    for product in range(1, PRODUCTS + 1):
        category = f"Category {product % CATEGORIES}"
        yield 1, f"SKU-{product}", f"Product {product}", category, 1_500_000, SUMMARY
