"""The pages of prices, as people open and send them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pricing.models import Edition, EditionItem, EditionState, PriceAssignment, PriceTable
from tests.factories import make_user, sign_in
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
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


def test_the_list_says_what_is_in_force_and_what_comes(
    helena: PortalClient, session: Session
) -> None:
    table = make_table(session, "Base 2026")
    items = [(make_product(session), "10")]
    make_edition(session, table, "2026-10-01", "2026-12-09", items)
    make_edition(session, table, "2026-12-10", None, items)
    for _ in range(3):
        make_assignment(session, make_point(session), table)
    make_table(session, "Vazia")

    page = helena.get("/price-tables")
    now = helena.get("/price-tables?state=now&q=base")
    none = helena.get("/price-tables?state=none")
    file = helena.get("/price-tables?format=csv")

    assert page.status_code == 200
    assert "desde 01/10/2026" in text_of(page)
    assert "10/12/2026" in text_of(page)
    assert "em 9 dias" in text_of(page)
    assert "Vazia" not in text_of(now)
    assert "Base 2026" not in text_of(none)
    lines = text_of(file).splitlines()
    assert lines[1].endswith("01/10/2026;09/12/2026;10/12/2026;3")


def test_a_table_is_put_on_file_and_changed(helena: PortalClient, session: Session) -> None:
    make_point(session, "SP-1")
    base = make_table(session, "Base")
    sent = {
        "name": "Ouro", "kind": "general", "type": "adjusted", "base_table": str(base.id),
        "percent": "-2,5", "rounding": "step", "rounding_step": "0,05",
    }  # fmt: skip

    made = helena.submit("/price-tables/new", sent)
    table = session.scalars(select(PriceTable).where(PriceTable.name == "Ouro")).one()
    edited = helena.submit(
        f"/price-tables/{table.id}/edit",
        sent | {"name": "Ouro 2", "rounding": "ending", "rounding_ending": "0,90", "version": "1"},
    )
    session.expire_all()

    assert (made.status_code, edited.status_code) == (303, 303)
    assert (table.name, table.percent) == ("Ouro 2", Decimal("-2.5"))
    assert (table.rounding_step, table.rounding_ending) == (None, Decimal("0.90"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": ""}, "Nome"),
        ({"percent": "1.5", "type": "adjusted"}, "Porcentagem"),
        ({"type": "adjusted"}, "Escolha a tabela da qual"),
        ({"kind": "own"}, "de qual ponto de atendimento"),
        ({"kind": "own", "service_point": "NO"}, "NO"),
    ],
)
def test_a_bad_table_comes_back_with_what_was_typed(
    helena: PortalClient, session: Session, sent: dict[str, str], said: str
) -> None:
    typed = {
        "name": "Minha tabela", "kind": "general", "type": "fixed", "rounding": "",
        "base_table": "", "issuer": "",
    } | sent  # fmt: skip

    answer = helena.submit("/price-tables/new", typed)

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert typed["name"] in text_of(answer)
    assert session.scalars(select(PriceTable)).all() == []


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

    for page in (helena.get(f"{path}/publish"), helena.get(f"{path}/compare?only=warnings")):
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


@pytest.mark.parametrize("part", ["items", "users", "history"])
def test_a_table_shows_its_parts(helena: PortalClient, session: Session, part: str) -> None:
    table = make_table(session, "Base")
    product = make_product(session, "A1", name="e-CPF A1")
    make_edition(session, table, "2026-01-01", "2026-06-30", [(product, "9")])
    make_edition(session, table, "2026-07-06", None, [(product, "10")])
    point = make_point(session, "SP-9")
    make_assignment(session, point, table)
    make_table(session, "Ouro", base=table, percent=Decimal(-2))

    page = helena.get(f"/price-tables/{table.id}?part={part}")

    assert page.status_code == 200
    assert "Vigência 2 · em vigor" in text_of(page)
    assert "De 01/07/2026 a 05/07/2026 nenhuma vigência vale" in text_of(page)
    assert "Ouro" in text_of(page)
    shown = {"items": "e-CPF A1", "users": "Ponto SP-9", "history": "Encerrada"}
    assert shown[part] in text_of(page)


@pytest.mark.parametrize("path", ["", "?edition=0", "?edition=x", "?after=nonsense"])
def test_an_empty_or_odd_address_of_a_table_is_still_a_page(
    helena: PortalClient, session: Session, path: str
) -> None:
    table = make_table(session)

    assert helena.get(f"/price-tables/{table.id}{path}").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_edition_is_handed_out_as_a_file(
    helena: PortalClient, session: Session, kind: str
) -> None:
    table = make_table(session)
    edition = make_edition(session, table, "2026-01-01", None, [(make_product(session), "10")])

    answer = helena.get(f"/price-tables/{table.id}/editions/{edition.id}/file?format={kind}")

    assert answer.status_code == 200
    assert f".{kind}" in answer.headers["Content-Disposition"]
    answer.close()


def test_assignments_are_changed_by_form(helena: PortalClient, session: Session) -> None:
    point = make_point(session, "SP-1")
    table = make_table(session, "Base")
    make_assignment(session, point, table, "2026-01-01")
    path = "/service-points/SP-1/prices"
    sent = {
        "version": "1",
        "rows-0-table": str(table.id), "rows-0-valid_from": "2026-01-01",
        "rows-0-valid_until": "2026-12-31",
        "rows-1-table": "own", "rows-1-valid_from": "2027-01-01",
    }  # fmt: skip

    shown = helena.get(path)
    added = helena.submit(f"{path}/edit", sent | {"add": "1"})
    mixed = helena.submit(f"{path}/edit", sent | {"rows-0-valid_until": ""})
    half = helena.submit(f"{path}/edit", sent | {"rows-1-valid_from": ""})
    saved = helena.submit(f"{path}/edit", sent)
    session.expire_all()

    assert "Base" in text_of(shown)
    assert "rows-2-table" in text_of(added)
    assert "Base (01/01/2026–)" in text_of(mixed)
    assert [one.status_code for one in (mixed, half, saved)] == [422, 422, 303]
    found = session.scalars(select(PriceAssignment).order_by(PriceAssignment.valid_from)).all()
    assert [(one.mode, one.valid_until) for one in found] == [
        ("general", date(2026, 12, 31)),
        ("own", None),
    ]


def test_why_shows_the_price_its_steps_and_what_lost(
    helena: PortalClient, session: Session
) -> None:
    point, issuer = make_point(session, "SP-1"), make_issuer(session, "AC-ONE")
    product = make_product(session, "A1")
    base, gold = make_table(session, "Base"), make_table(session, "Ouro", issuer=issuer)
    make_edition(session, base, "2026-01-01", None, [(product, "70")])
    make_edition(session, gold, "2026-01-01", "2026-12-31", [(product, "69"), (product, 10, "66")])
    make_edition(session, gold, "2027-01-01", None, [(product, "71")])
    make_assignment(session, point, None, "2025-01-01", "2025-12-31")
    make_assignment(session, point, base, "2026-01-01")
    make_assignment(session, point, gold, "2026-01-01")
    ask = "/why?service_point=SP-1&issuer=AC-ONE&product=A1&quantity=2&day="

    page = text_of(helena.get(f"{ask}2026-12-01"))
    early = text_of(helena.get(f"{ask}2019-01-01"))

    for said in (
        "69,00",
        "138,00",
        "A tabela da AC ONE tem vigência em vigor e vem primeiro.",
        "Só começa em 01/01/2027.",
        "Faltam 8 unidades para chegar a 10.",
        "O ponto deixou de usá-la em 31/12/2025.",
        "Este preço ao longo de um ano",
    ):
        assert said in page
    assert "nenhuma tabela de preço está atribuída" in early


@pytest.mark.parametrize(
    "ask",
    [
        "product=A1",
        "product=NO&service_point=SP-1",
        "product=A1&service_point=NO",
        "product=A1&service_point=SP-1&issuer=NO",
        "product=A1&service_point=SP-1&quantity=0",
        "product=A1&service_point=SP-1&quantity=abc",
        "product=A1&service_point=SP-1&day=31/02/2026",
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    helena: PortalClient, session: Session, ask: str
) -> None:
    make_point(session, "SP-1")
    make_product(session, "A1")

    answer = helena.get(f"/why?{ask}")

    assert answer.status_code == 422
    assert "A pergunta precisa de uma correção." in text_of(answer)


def test_people_of_a_service_point_ask_about_their_own_alone(app: Flask, session: Session) -> None:
    mine, other = make_point(session, "SP-1"), make_point(session, "SP-2")
    product, table = make_product(session, "A1"), make_table(session, "Base")
    make_edition(session, table, "2026-01-01", None, [(product, "70")])
    make_edition(session, table, "2027-01-01", None, [(product, "987.65")], state="draft")
    for point in (mine, other):
        make_assignment(session, point, table, "2026-01-01")
    ana, seller = app.test_client(), app.test_client()
    sign_in(ana, make_user(session, "owner", mine))
    sign_in(seller, make_user(session, "seller", mine))

    own = ana.get("/why?product=A1")
    foreign = ana.get("/why?product=A1&service_point=SP-2")

    assert own.status_code == 200
    assert "70,00" in text_of(own)
    assert "987,65" not in text_of(own)
    assert foreign.status_code == 422
    assert "70,00" not in text_of(foreign)
    assert ana.get("/service-points/SP-1/prices").status_code == 200
    assert ana.get("/service-points/SP-2/prices").status_code == 404
    for path in ("/why?product=A1", "/price-tables", "/service-points/SP-1/prices"):
        assert seller.get(path).status_code == 403
