"""Pages of shops are kept under a stamp: every deed that changes what they show moves it."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.catalogue import services as catalogue
from portal.catalogue.queries import stamp_of
from portal.partners import services as partners
from portal.periods import Period
from portal.price_imports import services as imports
from portal.price_imports.services.importing import Wanted
from portal.pricing import services as pricing
from portal.pricing.rules.assignments import NewAssignment
from portal.pricing.rules.items import NewItem
from portal.pricing.rules.tables import HowCalculated
from portal.sale_tables import services as sale
from tests import factories
from tests.factories import NOON
from tests.pricing.factories import make_edition, make_issuer, make_table
from tests.sale_tables.factories import (
    DAVI,
    Shop,
    buy_from,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
)

PACKAGES = ("catalogue", "partners", "pricing", "price_imports", "sale_tables")
HELENA = factories.make_actor()
LATER = Period(date(2026, 12, 20))
Story = Callable[[Session, Shop], Callable[[], Any]]
"""Stores what is needed, and returns the deed."""


def publishing_prices(session: Session, shop: Shop) -> Callable[[], Any]:
    items = [(shop.products[0], 11)]
    draft = make_edition(session, shop.bought, LATER.start, None, items, state="draft")
    return lambda: pricing.publish_edition(session, shop.bought.id, draft.id, by=HELENA, at=NOON)


def ending_prices(session: Session, shop: Shop) -> Callable[[], Any]:
    edition = buy_from(session, shop, "2026-12-01", [(shop.products[0], 11)])
    end: pricing.EditionChanges = {"period": Period(date(2026, 12, 1), date(2026, 12, 31))}
    return lambda: pricing.change_edition(
        session, shop.bought.id, edition.id, end, by=HELENA, at=NOON
    )


def making_prices(session: Session, shop: Shop) -> Callable[[], Any]:
    items = [NewItem(shop.skus[0], Decimal(12))]
    return lambda: pricing.create_and_publish(
        session, shop.bought.id, LATER, items, by=HELENA, at=NOON
    )


def recalculating(session: Session, shop: Shop) -> Callable[[], Any]:
    table = make_table(session, base=shop.bought)
    how = HowCalculated("adjusted", shop.bought.id, Decimal(5))
    return lambda: pricing.change_table(session, table.id, {"calculation": how}, by=HELENA, at=NOON)


def assigning(session: Session, shop: Shop) -> Callable[[], Any]:
    items = [NewAssignment("general", Period(date(2026, 1, 1)), shop.bought.id)]
    return lambda: pricing.set_assignments(session, shop.point.code, items, by=HELENA, at=NOON)


def importing(session: Session, shop: Shop) -> Callable[[], Any]:
    opened = imports.open_file("prices.csv", f"sku;price\n{shop.skus[0]};13,00\n".encode())
    checked = imports.check_file(opened, percentages=False)
    wanted = Wanted(LATER, publish=True)
    return lambda: imports.import_prices(
        session, shop.bought.id, checked, wanted, percentages=False, by=HELENA, at=NOON
    )


def importing_sales(session: Session, shop: Shop) -> Callable[[], Any]:
    table = make_sale_table(session, shop).id
    opened = sale.open_sales("vendas.csv", f"sku;price\n{shop.skus[0]};99,00\n".encode())
    checked = sale.check_sales(opened)
    wanted = Wanted(LATER, publish=True)
    return lambda: sale.import_sales(session, table, checked, wanted, by=DAVI, at=NOON)


def sold(session: Session, shop: Shop, price: int = 99) -> tuple[int, int]:
    """Put a table in force; returns its number and its edition's."""
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], price)])
    return table.id, edition.id


def publishing_sale(session: Session, shop: Shop) -> Callable[[], Any]:
    table = make_sale_table(session, shop)
    draft = make_sale_edition(
        session, table, "2026-12-01", rows=[row(shop.skus[0], 99)], publish=False
    )
    return lambda: sale.publish_edition(session, table.id, draft.id, by=DAVI, at=NOON)


def making_sale(session: Session, shop: Shop) -> Callable[[], Any]:
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], 99)]
    return lambda: sale.create_and_publish(session, table.id, LATER, rows, by=DAVI, at=NOON)


def ending_sale(session: Session, shop: Shop) -> Callable[[], Any]:
    table, edition = sold(session, shop)
    end: sale.EditionChanges = {"period": Period(date(2026, 12, 1), date(2026, 12, 31))}
    return lambda: sale.change_edition(session, table, edition, end, by=DAVI, at=NOON)


def renaming_sale(session: Session, shop: Shop) -> Callable[[], Any]:
    table = make_sale_table(session, shop)
    return lambda: sale.change_table(session, table.id, {"channels": ["site"]}, by=DAVI, at=NOON)


def confirming(session: Session, shop: Shop) -> Callable[[], Any]:
    table, edition = sold(session, shop, 15)
    buy_from(session, shop, "2026-12-01", [(shop.products[0], 16)])
    return lambda: sale.confirm_below(session, table, edition, [shop.skus[0]], by=DAVI, at=NOON)


def changing_product(session: Session, shop: Shop) -> Callable[[], Any]:
    return lambda: catalogue.change_product(
        session, shop.skus[0], {"active": False}, by=HELENA, at=NOON
    )


def changing_issuer(session: Session, _: Shop) -> Callable[[], Any]:
    code = make_issuer(session).code
    return lambda: catalogue.change_issuer(session, code, {"active": False}, by=HELENA, at=NOON)


def changing_point(session: Session, shop: Shop) -> Callable[[], Any]:
    return lambda: partners.change_service_point(
        session, shop.point.code, {"active": False}, by=HELENA, at=NOON
    )


TOUCHING: dict[str, Story] = {
    "catalogue.change_product": changing_product,
    "catalogue.change_issuer": changing_issuer,
    "partners.change_service_point": changing_point,
    "pricing.create_and_publish": making_prices,
    "pricing.publish_edition": publishing_prices,
    "pricing.change_edition": ending_prices,
    "pricing.change_table": recalculating,
    "pricing.set_assignments": assigning,
    "price_imports.import_prices": importing,
    "sale_tables.publish_edition": publishing_sale,
    "sale_tables.create_and_publish": making_sale,
    "sale_tables.change_edition": ending_sale,
    "sale_tables.change_table": renaming_sale,
    "sale_tables.confirm_below": confirming,
    "sale_tables.import_sales": importing_sales,
}
QUIET = {
    "catalogue.create_product": "sold only once a table holds it",
    "catalogue.add_missing_products": "the same",
    "catalogue.create_issuer": "used only once a table or a shop names it",
    "partners.create_service_point": "sells only once it has tables",
    "partners.create_credit_policy": "credit is no matter of shops",
    "partners.change_credit_policy": "the same",
    "pricing.create_table": "in force once an edition is published",
    "pricing.create_edition": "a draft",
    "pricing.draft": "a draft",
    "pricing.copy_edition": "a draft",
    "pricing.change_rows": "a draft",
    "pricing.delete_draft": "a draft",
    "pricing.lock_table": "no deed",
    "pricing.publish": "done by publish_edition of either kind",
    "pricing.move": "done by change_edition of either kind",
    "price_imports.rehearse": "undone again",
    "price_imports.upload": "a file that waits",
    "price_imports.read_anew": "a file that waits",
    "price_imports.begin": "a file that waits",
    "price_imports.look": "stores nothing",
    "price_imports.store": "done by import_prices and import_sales",
    "sale_tables.create_table": "a draft",
    "sale_tables.create_edition": "a draft",
    "sale_tables.draft": "a draft",
    "sale_tables.copy_edition": "a draft",
    "sale_tables.fill_edition": "a draft",
    "sale_tables.delete_draft": "a draft",
    "sale_tables.look_at_sales": "stores nothing",
    "sale_tables.lock_table": "no deed",
    "sale_tables.note_refused_site_price": "a refusal",
    "sale_tables.answer_for": "done by publish_edition and the like",
}
"""Deeds that leave the stamp alone, and why."""


def deeds() -> set[str]:
    """Return the public services that take a session and whoever does it."""
    found: set[str] = set()
    for package in PACKAGES:
        for module in modules(f"portal.{package}.services"):
            for name, function in inspect.getmembers(module, inspect.isfunction):
                own = function.__module__ == module.__name__ and not name.startswith("_")
                if own and {"session", "by"} <= set(inspect.signature(function).parameters):
                    found.add(f"{package}.{name}")
    return found


def modules(name: str) -> list[ModuleType]:
    """Return a module, and those inside it."""
    found = importlib.import_module(name)
    inside = pkgutil.iter_modules(getattr(found, "__path__", ()))
    return [found, *(importlib.import_module(f"{name}.{one.name}") for one in inside)]


def test_every_deed_is_known_to_move_the_stamp_or_to_leave_it() -> None:
    helpers = {name for name in deeds() if name.rpartition(".")[2] == "note"}

    assert deeds() - helpers == TOUCHING.keys() | QUIET.keys()


@pytest.mark.parametrize("name", TOUCHING)
def test_what_changes_a_shop_moves_the_stamp(session: Session, name: str) -> None:
    shop = make_shop(session)
    deed = TOUCHING[name](session, shop)
    before = stamp_of(session)

    deed()

    assert stamp_of(session) > before


def test_a_draft_leaves_the_stamp_alone(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    before = stamp_of(session)

    draft = make_sale_edition(session, table, "2026-12-01", publish=False)
    sale.change_edition(
        session, table.id, draft.id, {"some": [row(shop.skus[0], 5)]}, by=DAVI, at=NOON
    )

    assert stamp_of(session) == before
