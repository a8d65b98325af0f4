"""Names as long as people give them: pages keep within their window, on a desk and on a phone."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.orders.models import Order
from tests.factories import PASSWORD, make_product, make_service_point, make_user
from tests.pricing.factories import make_assignment, make_edition, make_table
from tests.story.windows import PHONE, WIDE, Window, sign_in, window
from tests.trade import make_trade

POINT = "Serra Gaúcha Digital Certificados, Caxias do Sul/RS"
PRODUCT = "CLORIDRATO_DE_PIRIDOXINA;NICOTINAMIDA;SULFATO_DE_COBRE;CIANOCOBALAMINA;ACIDO_ASCORBICO"
RING = """() => {
  const tab = document.activeElement, box = tab.getBoundingClientRect();
  const style = getComputedStyle(tab), all = tab.closest(".tabs").getBoundingClientRect();
  const ring = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
  const sides = [all.left - box.left, box.right - all.right];
  const over = [...sides, all.top - box.top, box.bottom - all.bottom];
  return [tab.textContent.trim(), ...over.map((one) => Math.floor(one + ring))];
}"""
"""By how many pixels the ring around the tab with the focus is cut off, on each side."""
CURRENT = ".tabs [aria-current]"


def a_table_used(session: Session) -> str:
    """A price table of a product and a service point with long names; returns its address."""
    table = make_table(session, "Tabela de certificados e mídias")
    product = make_product(session, "SKU-DE-PRODUTO-COM-NOME-LONGO-001", name=PRODUCT)
    make_edition(session, table, "2026-01-01", None, [(product, "1234.56")])
    make_edition(session, table, "2027-01-01", None, [(product, "1300")], state="draft")
    make_assignment(session, make_service_point(session, name=POINT), table)
    return f"/price-tables/{table.id}"


def needed(seen: Window, size: dict[str, int]) -> int:
    """Return how wide the open page is, and how far its table reaches, in a window."""
    seen.page.set_viewport_size(size)
    return int(
        seen.page.evaluate(
            "Math.max(document.documentElement.scrollWidth,"
            " ...Array.from(document.querySelectorAll('main .tbl, main .kv'),"
            " one => Math.ceil(one.getBoundingClientRect().left + one.scrollWidth)))"
        )
    )


def test_a_price_table_fits_whatever_its_products_and_users_are_called(
    session: Session, browser: Any, served: str
) -> None:
    address = a_table_used(session)
    email = make_user(session).email
    session.commit()
    wide = {}

    with window(browser, served) as seen:
        sign_in(seen, email, PASSWORD)
        for path in (address, f"{address}?part=users", f"{address}/editions/2/compare"):
            seen.open(path)
            for size in (WIDE, PHONE):
                wide[path, size["width"]] = needed(seen, size)

    assert {path: width for path, width in wide.items() if width > path[1]} == {}


@pytest.mark.parametrize("width", [768, 1024, 1280])
def test_lists_fit_small_laptops_and_tablets(
    session: Session, browser: Any, served: str, width: int
) -> None:
    trading = make_trade(session)
    trading.name = POINT
    make_service_point(session, name=POINT)
    point, email = trading.code, make_user(session).email
    for order in session.scalars(select(Order)):
        order.sale_total = Decimal("12345.67")
    session.commit()
    wide = {}

    with window(browser, served, viewport={"width": width, "height": 800}) as seen:
        sign_in(seen, email, PASSWORD)
        for path in ("/orders", "/charges", f"/credit/{point}/BRL/lots", "/price-tables", "/users"):
            seen.open(path)
            wide[path] = needed(seen, {"width": width, "height": 800})

    assert {path: found for path, found in wide.items() if found > width} == {}


def test_the_current_tab_is_in_sight_on_a_phone(
    session: Session, browser: Any, served: str
) -> None:
    point, email = make_service_point(session).code, make_user(session).email
    session.commit()

    with window(browser, served, viewport=PHONE) as seen:
        sign_in(seen, email, PASSWORD)
        seen.open(f"/service-points/{point}/history")
        last = seen.page.locator(CURRENT).bounding_box()
        seen.open(f"/service-points/{point}")
        first = seen.page.locator(CURRENT).bounding_box()

    assert last["x"] >= 0
    assert last["x"] + last["width"] <= PHONE["width"]
    assert first["x"] >= 0


def test_whoever_walks_tabs_by_keyboard_sees_which_one_is_chosen(
    session: Session, browser: Any, served: str
) -> None:
    point, email = make_service_point(session).code, make_user(session).email
    session.commit()
    cut = {}

    with window(browser, served, viewport=PHONE) as seen:
        sign_in(seen, email, PASSWORD)
        seen.open(f"/service-points/{point}")
        tabs = seen.page.locator(".tabs a")
        tabs.first.focus()
        for _ in range(tabs.count() - 1):
            seen.page.keyboard.press("Tab")
            name, *over = seen.page.evaluate(RING)
            cut[name] = max(over)

    assert len(cut) > 4
    assert {name: over for name, over in cut.items() if over > 0} == {}
