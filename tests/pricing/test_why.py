"""Why a price is what it is, and who may ask."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

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
