"""The pages of sale editions: drafted, filled in, copied, compared, thrown away."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.extensions import db
from portal.sale_tables.models import SaleEdition, SaleTable
from tests.factories import make_user, sign_in
from tests.pricing.factories import make_product
from tests.sale_tables.factories import (
    Shop,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
    stored,
)
from tests.sale_tables.pages import newest, path_of, text_of
from tests.visitors import PortalClient


def test_a_new_edition_begins_with_the_prices_of_another(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    first = make_sale_edition(session, table, "2026-01-01", None, [row(shop.skus[0], 15)])
    path = f"/sale-tables/{table.id}/editions/new"

    copied = helena.submit(path, {"valid_from": "2026-12-10", "source": str(first.id)})
    made = newest(session)
    empty = helena.submit(path, {"valid_from": "2027-01-10", "source": ""})
    backwards = helena.submit(
        path, {"valid_from": "2026-12-10", "valid_until": "2026-12-01", "source": ""}
    )

    assert (copied.status_code, empty.status_code, backwards.status_code) == (303, 303, 422)
    assert copied.location == path_of(made)
    assert stored(session, made)[shop.products[0].id].price == Decimal(15)
    assert len(stored(session, newest(session))) == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"sale": "1.5"}, "1234,5"),
        ({"sale": "abc"}, "1234,5"),
        ({"suggested": "-1"}, "0 ou mais"),
        ({"sale": "0"}, "acima de zero"),
        ({"sku": "NADA", "sale": "1"}, "Não existe produto com este SKU."),
    ],
)
def test_a_bad_row_says_so_keeps_what_was_typed_and_stores_nothing(
    helena: PortalClient,
    session: Session,
    shop: Shop,
    table: SaleTable,
    typed: dict[str, str],
    said: str,
) -> None:
    draft = newest(session)
    sent = {"sku": shop.skus[0]} | typed
    fields = {f"rows-0-{name}": value for name, value in sent.items()}

    answer = helena.submit(
        path_of(draft), {"valid_from": "2026-12-10", "version": str(draft.version)} | fields
    )

    assert answer.status_code == 422
    assert said in text_of(answer)
    for value in sent.values():
        assert f'value="{value}"' in text_of(answer)
    assert all(item.price is None for item in stored(session, draft).values())


def test_a_draft_that_changed_meanwhile_is_not_overwritten(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    draft = newest(session)
    sent = {
        "valid_from": "2026-12-10", "version": "1",
        "rows-0-sku": shop.skus[0], "rows-0-sale": "12",
    }  # fmt: skip

    first = helena.submit(path_of(draft), sent)
    second = helena.submit(path_of(draft), sent | {"rows-0-sale": "13"})

    assert (first.status_code, second.status_code) == (303, 422)
    assert stored(session, draft)[shop.products[0].id].price == Decimal(12)


def test_a_page_of_rows_and_its_filters_leave_the_others_alone(
    helena: PortalClient, session: Session
) -> None:
    shop = make_shop(session, products=60)
    make_sale_table(session, shop)
    draft = newest(session)
    sold = shop.products[7]

    page = helena.get(path_of(draft))
    found = helena.get(f"{path_of(draft)}?q={sold.sku}&show=unpriced")
    saved = helena.submit(
        f"{path_of(draft)}?q={sold.sku}&show=unpriced",
        {"valid_from": "2026-12-10", "version": "1", "rows-0-sku": sold.sku, "rows-0-sale": "90"},
    )
    none = helena.get(f"{path_of(draft)}?q={sold.sku}&show=unpriced")

    assert "50 de 60 linhas" in text_of(page)
    assert text_of(found).count('name="rows-0-sku"') == 1
    assert "rows-1-sku" not in text_of(found)
    assert saved.location == f"{path_of(draft)}?q={sold.sku}&show=unpriced"
    assert "Nenhum produto deste rascunho corresponde" in text_of(none)
    prices = [item.price for item in stored(session, draft).values() if item.price is not None]
    assert prices == [Decimal(90)]


def test_prices_are_filled_in_by_a_percentage_and_rounded(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    draft = newest(session)
    sent = {
        "basis": "acquisition", "into": "sale_price", "percent": "45,5", "rounding": "ending",
        "rounding_ending": "0,90", "only_empty": "y", "version": "1",
    }  # fmt: skip

    form = helena.get(f"{path_of(draft)}/fill")
    filled = helena.submit(f"{path_of(draft)}/fill", sent)
    wrong = helena.submit(
        f"{path_of(draft)}/fill", sent | {"rounding": "step", "rounding_step": "0", "version": ""}
    )
    itself = helena.submit(
        f"{path_of(draft)}/fill", sent | {"basis": "suggested", "into": "suggested_price"}
    )

    assert "o valor de aquisição" in text_of(form)
    assert filled.status_code == 303
    prices = {number: item.price for number, item in stored(session, draft).items()}
    wanted = [Decimal("14.9"), Decimal("28.9"), Decimal("43.9")]
    assert [prices[product.id] for product in shop.products] == wanted
    assert (wrong.status_code, itself.status_code) == (422, 422)
    history = text_of(helena.get(f"/sale-tables/{table.id}?part=history"))
    assert "Rascunho preenchido" in history
    assert "Linhas alteradas: 3" in history


def test_who_sees_no_acquisition_cannot_fill_from_it(
    client: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    owner = make_user(session, "owner", shop.point)
    without = set(owner.profile.permissions.split()) - {"costs.view"}
    owner.profile.permissions = " ".join(sorted(without))
    sign_in(client, owner)
    draft = newest(session)

    form = client.get(f"{path_of(draft)}/fill")
    sent = {"basis": "acquisition", "into": "sale_price", "percent": "0", "rounding": ""}
    refused = client.submit(f"{path_of(draft)}/fill", sent | {"version": "1"})

    assert "o valor de aquisição" not in text_of(form)
    assert refused.status_code in {403, 422}
    assert all(item.price is None for item in stored(session, draft).values())
    assert "10,00" not in text_of(client.get(path_of(draft)))


def test_an_edition_is_copied_compared_and_handed_on(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], 15), row(shop.skus[1], 29, on_site=False)]
    first = make_sale_edition(session, table, "2026-01-01", None, rows)

    copied = helena.submit(
        f"{path_of(first)}/copy",
        {"valid_from": "2026-12-10", "percent": "10", "rounding": ""},
    )
    made = newest(session)
    page = helena.get(f"{path_of(made)}/compare?other={first.id}")
    none = helena.get(f"{path_of(made)}/compare?show=dropped&other=")

    assert copied.location == f"{path_of(made)}/compare?other={first.id}"
    assert "16,50" in text_of(page)
    assert "+10" in text_of(page)
    assert "Nada a mostrar" in text_of(none)


def test_a_draft_is_thrown_away_and_what_is_published_is_not(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    draft = newest(session)
    published = make_sale_edition(session, table, "2026-01-01", None, [row(shop.skus[0], 15)])
    at = f"/sale-tables/{table.id}/editions"
    draft_id = draft.id

    gone = helena.submit(f"{at}/{draft_id}/delete")
    kept = helena.submit(f"{at}/{published.id}/delete")
    typed = helena.submit(f"{at}/{published.id}", {"valid_from": "2026-01-01"})
    shown = helena.get(f"{at}/{published.id}")

    assert gone.status_code == 303
    assert (kept.status_code, typed.status_code) == (409, 409)
    assert shown.location == f"/sale-tables/{table.id}?edition={published.id}"
    assert session.scalars(select(SaleEdition.id)).all() == [published.id]


def statements_of(app: Flask, client: PortalClient, path: str) -> int:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("part", ["", "?part=unpriced"])
def test_a_table_asks_as_often_with_many_products_as_with_few(
    app: Flask, helena: PortalClient, session: Session, part: str
) -> None:
    counts = []
    for products in (2, 30):
        shop = make_shop(session, products=products)
        table = make_sale_table(session, shop)
        rows = [row(sku, 900) for sku in shop.skus[1:]]
        make_sale_edition(session, table, "2026-11-01", None, rows)
        counts.append(statements_of(app, helena, f"/sale-tables/{table.id}{part}"))

    assert counts[0] == counts[1] < 20


def test_the_list_and_the_editor_ask_as_often_with_many_rows_as_with_few(
    app: Flask, helena: PortalClient, session: Session
) -> None:
    few, many = make_shop(session, products=2), make_shop(session, products=30)
    make_sale_table(session, few)
    small, listed = path_of(newest(session)), statements_of(app, helena, "/sale-tables")
    for _ in range(5):
        make_sale_table(session, many)
    large = path_of(newest(session))

    assert statements_of(app, helena, "/sale-tables") == listed
    assert statements_of(app, helena, small) == statements_of(app, helena, large)


@pytest.mark.engines("mariadb")
def test_a_table_is_made_filled_published_and_shown_on_mariadb(
    helena: PortalClient, session: Session, shop: Shop
) -> None:
    make_product(session, "FORA-1")
    sent = {"name": "Balcão", "service_point": shop.point.code, "channels": ["back_office"]}
    made = helena.submit("/sale-tables/new", sent | {"begins": "2026-12-01"})
    draft = newest(session)
    fill = {
        "basis": "acquisition", "into": "suggested_price", "percent": "50", "rounding": "",
        "version": "1",
    }  # fmt: skip
    filled = helena.submit(f"{path_of(draft)}/fill", fill)
    published = helena.submit(f"{path_of(draft)}/publish", {"version": "2"})
    table = helena.get(f"/sale-tables/{draft.sale_table_id}")
    listed = helena.get("/sale-tables?state=now")
    below = helena.get(f"{path_of(draft)}/below?margin=40")

    assert [one.status_code for one in (made, filled, published)] == [303, 303, 303]
    assert "15,00" in text_of(table)
    assert "33,3" in text_of(table)
    assert "FORA-1" not in text_of(table)
    assert "Balcão" in text_of(listed)
    assert shop.skus[0] in text_of(below)
