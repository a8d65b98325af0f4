"""The pages of price tables and assignments, as people open and send them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.pricing.models import PriceAssignment, PriceTable
from portal.pricing.rules.items import NewItem
from portal.pricing.services import change_edition
from tests.factories import NOON, make_actor, make_user, sign_in
from tests.pricing.factories import (
    make_assignment,
    make_edition,
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


def test_the_history_says_of_changed_rows_how_many_and_of_days_nothing(
    helena: PortalClient, session: Session
) -> None:
    table, product = make_table(session), make_product(session, "A1")
    edition = make_edition(session, table, "2027-01-01", None, [(product, "9")])
    items = {"items": [NewItem("A1", Decimal(10))]}
    change_edition(session, table.id, edition.id, items, by=make_actor(), at=NOON)

    history = text_of(helena.get(f"/price-tables/{table.id}?part=history"))

    assert "Linhas alteradas: 1" in history
    assert "Primeiro dia: 01/01/2027 → –" not in history


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
    named = answer.headers["Content-Disposition"]
    assert f"tabela-de-preco-{table.id}-{edition.number}-2026-12-01.{kind}" in named
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
