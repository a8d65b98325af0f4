"""The pages of editions: drafted, filled, compared, published, ended, copied."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pricing.models import Edition, EditionItem, EditionState
from tests.factories import make_user, sign_in
from tests.pricing.factories import (
    make_edition,
    make_product,
    make_table,
)
from tests.visitors import PortalClient


@pytest.fixture
def helena(client: PortalClient, session: Session) -> PortalClient:
    sign_in(client, make_user(session))
    return client


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_an_edition_is_drafted_filled_and_published(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    make_edition(session, table, "2026-01-01", None, [(product, "80")])
    make_product(session, "A3")
    path = f"/price-tables/{table.id}/editions"

    drafted = helena.submit(f"{path}/new", {"valid_from": "2026-12-10", "source": ""})
    edition = session.scalars(select(Edition).where(Edition.number == 2)).one()
    one = f"{path}/{edition.id}"
    rows = {
        "valid_from": "2026-12-10", "version": "1",
        "rows-0-sku": "A1", "rows-0-price": "82,00",
        "rows-1-sku": "A1", "rows-1-minimum": "10", "rows-1-price": "79,5",
        "rows-2-sku": "A3", "rows-2-free": "y",
        "rows-3-sku": "", "rows-3-price": "",
    }  # fmt: skip
    saved = helena.submit(one, rows)
    preview = helena.get(f"{one}/publish")
    published = helena.submit(f"{one}/publish", {"version": "2"})
    session.expire_all()

    assert [answer.status_code for answer in (drafted, saved, published)] == [303, 303, 303]
    stored = session.scalars(select(EditionItem).where(EditionItem.edition_id == edition.id))
    assert {(row.min_quantity, row.price, row.free) for row in stored} == {
        (Decimal(0), Decimal(82), False),
        (Decimal(10), Decimal("79.5"), False),
        (Decimal(0), Decimal(0), True),
    }
    assert "A vigência 1 termina em 09/12/2026." in text_of(preview)
    assert "+2,5" in text_of(preview)
    assert edition.state == EditionState.PUBLISHED


def test_a_page_of_rows_leaves_the_other_rows_alone(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    products = [make_product(session, f"P{number:03}") for number in range(60)]
    rows = [(one, "10") for one in products]
    draft = make_edition(session, table, "2026-12-10", None, rows, state="draft")
    page = helena.get(f"/price-tables/{table.id}/editions/{draft.id}")
    sent = {
        "valid_from": "2026-12-10", "version": "1",
        "rows-0-was": f"{products[0].id}:0", "rows-0-sku": "P000", "rows-0-price": "11",
        "gone-0": f"{products[1].id}:0",
    }  # fmt: skip

    saved = helena.submit(f"/price-tables/{table.id}/editions/{draft.id}", sent)

    assert "50 de 60 linhas" in text_of(page)
    assert saved.status_code == 303
    stored = session.scalars(select(EditionItem).where(EditionItem.edition_id == draft.id)).all()
    prices = {row.product_id: row.price for row in stored}
    assert len(prices) == 59
    assert prices[products[0].id] == Decimal(11)
    assert products[1].id not in prices


def test_rows_are_added_and_taken_out_without_script(
    helena: PortalClient, session: Session
) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    draft = make_edition(session, table, "2026-12-10", None, [(product, "10")], state="draft")
    path = f"/price-tables/{table.id}/editions/{draft.id}"
    sent = {
        "valid_from": "2026-12-10", "version": "1",
        "rows-0-was": f"{product.id}:0", "rows-0-sku": "A1", "rows-0-price": "99,99",
    }  # fmt: skip

    added = helena.submit(path, sent | {"add": "1"})
    dropped = helena.submit(path, sent | {"drop": "0"})

    assert 'value="99,99"' in text_of(added)
    assert "rows-3-sku" in text_of(added)
    assert "99,99" not in text_of(dropped)
    assert f'value="{product.id}:0"' in text_of(dropped)
    assert len(session.scalars(select(EditionItem)).all()) == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"sku": "NO", "price": "1"}, "Não existe produto com este SKU."),
        ({"sku": "A1"}, "A linha está vazia."),
        ({"sku": "A1", "price": "0"}, "precisa ser marcado como gratuito"),
        ({"sku": "A1", "price": "1.5"}, "1234,5"),
        ({"sku": "A1", "price": "1,234.56"}, "1234,5"),
        ({"sku": "A1", "price": "abc"}, "1234,5"),
        ({"sku": "A1", "price": "-1"}, "0 ou mais"),
    ],
)
def test_a_bad_row_says_so_keeps_what_was_typed_and_stores_nothing(
    helena: PortalClient, session: Session, row: dict[str, str], said: str
) -> None:
    table = make_table(session)
    make_product(session, "A1")
    draft = make_edition(session, table, "2026-12-10", state="draft")
    typed = {f"rows-0-{name}": value for name, value in row.items()}

    answer = helena.submit(
        f"/price-tables/{table.id}/editions/{draft.id}",
        {"valid_from": "2026-12-10", "version": "1"} | typed,
    )

    assert answer.status_code == 422
    assert said in text_of(answer)
    for value in row.values():
        assert f'value="{value}"' in text_of(answer)
    assert session.scalars(select(EditionItem)).all() == []


def test_the_summary_names_the_row_and_leads_to_its_cell(
    helena: PortalClient, session: Session
) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    edition = make_edition(session, table, "2027-01-01", None, [(product, "80")], state="draft")
    path = f"/price-tables/{table.id}/editions/{edition.id}"
    rows = {"valid_from": "2027-01-01", "version": "1", "rows-0-sku": "A1", "rows-0-price": "abc"}

    answer = helena.submit(path, rows)

    assert answer.status_code == 422
    assert '<li><a href="#rows-0-price">A1</a>: Digite um número' in text_of(answer)


def test_an_overlap_offers_to_replace_and_says_what_becomes_of_the_others(
    helena: PortalClient, session: Session
) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    make_edition(session, table, "2026-01-01", "2026-12-31", items)
    coming = make_edition(session, table, "2027-01-01", None, items)
    draft = make_edition(session, table, "2026-12-10", None, items, state="draft")
    path = f"/price-tables/{table.id}/editions/{draft.id}/publish"

    page = helena.get(path)
    refused = helena.submit(path, {"version": "1"})
    replaced = helena.submit(path, {"version": "1", "replace": "y"})
    session.expire_all()

    assert "A vigência 1 termina em 09/12/2026." in text_of(page)
    assert "A vigência 2 é substituída." in text_of(page)
    assert (refused.status_code, replaced.status_code) == (422, 303)
    assert coming.state == EditionState.SUPERSEDED


def test_the_past_asks_for_a_reason(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    make_edition(session, table, "2026-01-01", None, items)
    draft = make_edition(session, table, "2026-11-01", None, items, state="draft")
    path = f"/price-tables/{table.id}/editions/{draft.id}/publish"

    page = helena.get(path)
    unsaid = helena.submit(path, {"version": "1", "reason": ""})
    said = helena.submit(path, {"version": "1", "reason": "reajuste da AC"})

    assert 'name="reason"' in text_of(page)
    assert (unsaid.status_code, said.status_code) == (422, 303)


def test_warnings_stand_before_publishing(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    dear, slip = make_product(session, "DEAR"), make_product(session, "SLIP")
    make_edition(session, table, "2026-01-01", None, [(dear, "8"), (slip, "10")])
    rows = [(dear, "8"), (dear, 10, "9"), (slip, "100")]
    draft = make_edition(session, table, "2026-12-10", None, rows, state="draft")
    path = f"/price-tables/{table.id}/editions/{draft.id}"

    for page in (helena.get(f"{path}/publish"), helena.get(f"{path}/compare?show=warnings")):
        assert page.status_code == 200
        assert "Custa mais por unidade" in text_of(page)
        assert "vírgula fora do lugar" in text_of(page)


def test_a_boundary_is_moved_by_form(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    first = make_edition(session, table, "2026-01-01", "2026-12-09", items)
    second = make_edition(session, table, "2026-12-10", None, items)
    path = f"/price-tables/{table.id}/editions/{first.id}/end"
    sent = {"valid_until": "2026-12-20", "version": "1"}

    shown = helena.get(path)
    refused = helena.submit(path, sent)
    moved = helena.submit(path, sent | {"move_next": "y"})
    session.expire_all()

    assert "Depois vem a vigência 2" in text_of(shown)
    assert (refused.status_code, moved.status_code) == (422, 303)
    assert (first.valid_until, second.valid_from) == (date(2026, 12, 20), date(2026, 12, 21))


def test_a_copy_goes_up_by_a_percentage(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    source = make_edition(session, table, "2026-01-01", None, [(make_product(session), "10")])
    sent = {
        "percent": "4,5", "rounding": "ending", "rounding_ending": "0,90",
        "valid_from": "2027-01-01", "into": str(table.id),
    }  # fmt: skip

    copied = helena.submit(f"/price-tables/{table.id}/editions/{source.id}/copy", sent)
    compared = helena.get(copied.headers["Location"])

    assert copied.status_code == 303
    assert "10,90" in text_of(compared)
    assert "+9" in text_of(compared)


def test_a_draft_is_deleted_by_button(helena: PortalClient, session: Session) -> None:
    table = make_table(session)
    draft = make_edition(session, table, "2027-01-01", state="draft")

    answer = helena.submit(f"/price-tables/{table.id}/editions/{draft.id}/delete")

    assert answer.status_code == 303
    assert session.scalars(select(Edition)).all() == []
