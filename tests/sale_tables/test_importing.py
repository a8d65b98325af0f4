"""Lists of sale prices: stored whole or not at all, tried before, and brought back unchanged."""

import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.errors import Forbidden
from portal.periods import Period
from portal.price_imports.errors import ColumnsUnknown, ImportRefused, NothingToImport, RowError
from portal.price_imports.services import Wanted
from portal.sale_tables import services
from portal.sale_tables.forms.files import HEAD, cells
from portal.sale_tables.models import SaleEdition, SaleTable
from portal.sale_tables.queries.editions import rows_by_sku
from portal.web.exports import csv_lines
from tests.factories import NOON, bearer, make_user
from tests.price_imports.lists import csv_file, xlsx_file
from tests.pricing.factories import make_product
from tests.sale_tables.factories import (
    DAVI,
    Shop,
    make_actor,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
)
from tests.visitors import PortalClient

DAYS = Period(NOON.date())
Rows = list[tuple[str, str | None, str | None, bool]]


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


@pytest.fixture
def table(session: Session, shop: Shop) -> SaleTable:
    return make_sale_table(session, shop)


def bring(
    session: Session, table: SaleTable, content: bytes, name: str = "vendas.csv", **facts: Any
) -> SaleEdition:
    checked = services.check_sales(services.open_sales(name, content))
    wanted = Wanted(DAYS, **facts)
    return services.import_sales(session, table.id, checked, wanted, by=DAVI, at=NOON).edition


def rows(session: Session, edition_id: int) -> Rows:
    """Return SKU, suggested and sale price, and whether it is on the site."""

    def plain(figure: Decimal | None) -> str | None:
        return None if figure is None else f"{figure.normalize():f}"

    return [
        (sku, plain(item.suggested_price), plain(item.sale_price), item.on_site)
        for item, sku, _ in rows_by_sku(session, edition_id)
    ]


def test_a_list_becomes_an_edition_and_the_rest_is_to_be_priced(
    session: Session, shop: Shop, table: SaleTable
) -> None:
    first, second, third = shop.skus
    content = csv_file(
        "Código;Descrição;Preço sugerido;Preço de venda;No site",
        f"{second};x;1.234,50;;sim", f"{first};x;;99,9;",
    )  # fmt: skip

    edition = bring(session, table, content, publish=True)

    assert edition.state == "published"
    assert rows(session, edition.id) == [
        (first, None, "99.9", False), (second, "1234.5", None, True), (third, None, None, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heads", "read"),
    [
        ("sku;preço", ("7", None)),
        ("sku;sugerido", (None, "7")),
        ("SKU;Sale price", ("7", None)),
        ("SKU;precio de venta", ("7", None)),
    ],
)
def test_headings_are_known_in_three_languages(
    session: Session, shop: Shop, table: SaleTable, heads: str, read: tuple[str | None, str | None]
) -> None:
    edition = bring(session, table, csv_file(heads, f"{shop.skus[0]};7,00"))

    _, suggested, sale, _ = rows(session, edition.id)[0]
    assert (sale, suggested) == read


def test_every_bad_row_is_listed_and_nothing_is_stored(
    session: Session, shop: Shop, table: SaleTable
) -> None:
    stranger = make_product(session).sku
    content = csv_file(
        "sku;preço sugerido;preço;no site",
        f"{shop.skus[0]};abc;1,00;", f"{shop.skus[1]};1,00;0,00;", f"{stranger};1,00;1,00;",
        "NOWHERE;1,00;1,00;", f"{shop.skus[0]};1,00;1,00;talvez", ";1,00;1,00;",
        f"{shop.skus[2]};-1,00;1,00001;x",
    )  # fmt: skip

    with pytest.raises(ImportRefused) as refusal:
        bring(session, table, content)

    found = [(one.row, one.field, one.code) for one in refusal.value.report.errors]
    assert sorted(found) == [
        (2, "suggested_price", "invalid"),
        (3, "sale_price", "invalid"),
        (4, "sku", "not_in_portfolio"),
        (5, "sku", "unknown_product"),
        (6, "on_site", "invalid"),
        (6, "sku", "duplicate"),
        (7, "sku", "required"),
        (8, "sale_price", "invalid"),
        (8, "suggested_price", "invalid"),
    ]
    assert isinstance(refusal.value.report.errors[0], RowError)
    drafts = select(func.count()).select_from(SaleEdition)
    assert session.scalar(drafts) == 1


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        (("sku;preço",), NothingToImport),
        (("sku;cor", "A1;azul"), ColumnsUnknown),
        (("cor;preço", "azul;1,00"), ColumnsUnknown),
    ],
)
def test_a_list_that_cannot_be_read_says_so(
    session: Session, table: SaleTable, lines: tuple[str, ...], refused: type[Exception]
) -> None:
    with pytest.raises(refused):
        bring(session, table, csv_file(*lines))


def test_importing_needs_the_permissions_of_what_it_does(
    session: Session, shop: Shop, table: SaleTable
) -> None:
    checked = services.check_sales(
        services.open_sales("a.csv", csv_file("sku;preço", f"{shop.skus[0]};9,00"))
    )
    editor = make_actor(without=["sale_prices.publish"])
    for by, publish in ((editor, True), (make_actor(without=["sale_prices.edit"]), False)):
        wanted = Wanted(DAYS, publish=publish)
        with pytest.raises(Forbidden):
            services.import_sales(session, table.id, checked, wanted, by=by, at=NOON)


# For other systems


def send(
    client: PortalClient, headers: dict[str, str], table: int, content: bytes, **fields: str
) -> Any:
    name = fields.pop("name", "vendas.csv")
    data: dict[str, Any] = {"valid_from": "2027-01-01", "file": (io.BytesIO(content), name)}
    path = f"/api/v1/sale-tables/{table}/editions/import"
    return client.post(path, data=data | fields, headers=headers)


def test_a_trial_stores_nothing_and_lists_all_errors(
    client: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    boss = bearer(session, make_user(session))
    good = csv_file("sku;preço", f"{shop.skus[0]};9,00")
    bad = csv_file("sku;preço", "X1;9,00", "X2;zero")

    tried = send(client, boss, table.id, good, dry_run="true", publish="true")
    failed = send(client, boss, table.id, bad, dry_run="true")
    refused = send(client, boss, table.id, bad)
    stored = send(client, boss, table.id, good, publish="true", valid_until="2027-06-30")

    assert (tried.status_code, tried.json["rows"], tried.json["errors"]) == (200, 1, [])
    assert "edition" not in tried.json
    assert failed.status_code == 200
    assert [(one["row"], one["code"]) for one in failed.json["errors"]] == [
        (2, "unknown_product"), (3, "invalid"), (3, "unknown_product"),
    ]  # fmt: skip
    assert (refused.status_code, refused.json["code"]) == (422, "unknown_product")
    assert refused.json["errors_found"] == 3
    assert stored.status_code == 201
    session.rollback()
    edition = session.get_one(SaleEdition, stored.json["edition"])
    assert (edition.state, edition.number, str(edition.valid_until)) == (
        "published", 2, "2027-06-30",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exported_edition_comes_back_unchanged(
    client: PortalClient, session: Session, shop: Shop, table: SaleTable, kind: str
) -> None:
    sent = [row(shop.skus[0], "1234.5678", suggested="1500"), row(shop.skus[1], suggested="0.01")]
    edition = make_sale_edition(session, table, "2027-01-01", rows=sent, publish=False)
    before = rows(session, edition.id)
    boss = bearer(session, make_user(session))
    path = f"/api/v1/sale-tables/{table.id}/editions"

    file = client.get(f"{path}/{edition.id}?format={kind}", headers=boss)
    back = send(client, boss, table.id, file.data, name=f"vendas.{kind}")
    file.close()

    assert back.status_code == 201, back.json
    session.rollback()
    assert rows(session, back.json["edition"]) == before


def test_a_workbook_is_read_like_a_list(session: Session, shop: Shop, table: SaleTable) -> None:
    content = xlsx_file(["SKU", "Preço de venda", "No site"], [shop.skus[0], 19.9, True])

    edition = bring(session, table, content, "vendas.xlsx")

    assert rows(session, edition.id)[0] == (shop.skus[0], None, "19.9", True)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    figures=st.lists(
        st.tuples(
            st.none() | st.integers(1, 10**9), st.none() | st.integers(1, 10**9), st.booleans()
        ),
        min_size=3,
        max_size=3,
    )
)
@example(figures=[(12_340, None, False), (None, 9_990_010, True), (None, None, False)])
def test_whatever_is_written_out_is_read_back(
    session: Session, shop: Shop, table: SaleTable, figures: list[tuple[Any, Any, bool]]
) -> None:
    sent = [
        row(
            sku,
            None if sale is None else Decimal(sale).scaleb(-4),
            suggested=None if suggested is None else Decimal(suggested).scaleb(-4),
            on_site=on_site,
        )
        for sku, (suggested, sale, on_site) in zip(shop.skus, figures, strict=True)
    ]
    edition = make_sale_edition(session, table, "2027-01-01", rows=sent, publish=False)
    text = "".join(csv_lines(HEAD, cells(rows_by_sku(session, edition.id))))

    back = bring(session, table, text.encode())

    assert rows(session, back.id) == rows(session, edition.id)
