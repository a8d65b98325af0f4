"""How much a visitor's browser has to fetch: so little that a slow telephone shows it at once."""

import re

import pytest
from sqlalchemy.orm import Session

from portal.storefronts.models import ShopProduct
from tests.storefronts.factories import Stall, Visitor, make_stall

LIMIT = 60_000
MANY = tuple(
    (
        f"CERTIFICADO-{number:03}",
        f"Certificado digital e-CNPJ A1 para nota fiscal, {number} meses",
        f"Certificados para empresas, grupo {number % 8}",
        "62.37",
        "1169.90",
    )
    for number in range(1, 51)
)
_FILES = re.compile(r'(?:<link rel="stylesheet" href|<script src)="([^"]+)"')


@pytest.fixture
def stall(session: Session) -> Stall:
    """A shop whose first page is full: fifty products with long names, each with its line."""
    stall = make_stall(session, goods=MANY, advice="Para nota fiscal: e-CNPJ.\n" * 10)
    session.add_all(
        ShopProduct(
            service_point_id=stall.point.id,
            product_id=product.id,
            summary="Para assinar notas, declarações e contratos sem sair do escritório",
        )
        for sku, product in stall.products.items()
        if sku != MANY[0][0]
    )
    session.flush()
    return stall


def test_a_full_first_page_is_small_before_it_is_packed(visitor: Visitor) -> None:
    page = visitor.see()

    assert page.text.count('class="card"') == 50
    assert len(page.data) <= LIMIT


def test_styles_and_scripts_of_the_whole_way_are_small(visitor: Visitor) -> None:
    order = visitor.buy(MANY[0][0])
    visitor.put(MANY[1][0])
    pages = [visitor.see(rest).text for rest in ("", f"/p/{MANY[0][0]}", "/carrinho", "/dados")]
    pages.append(visitor.client.get(order).text)

    files = {path for page in pages for path in _FILES.findall(page)}

    assert any(path.endswith(".js") for path in files)
    assert sum(_fetched(visitor, path) for path in files) <= LIMIT


def _fetched(visitor: Visitor, path: str) -> int:
    with visitor.client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        return len(answer.data)
