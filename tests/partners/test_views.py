from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.partners.models import ServicePoint
from portal.partners.queries import service_point_of
from tests.factories import (
    make_actor,
    make_credit_policy,
    make_service_point,
    make_user,
    sign_in,
)
from tests.visitors import PortalClient

TYPED = {
    "code": "SP-0007",
    "name": "Centro",
    "tax_id": "12.abc.345/01de-35",
    "max_discount_percent": "12,5",
    "max_surcharge_percent": "0",
    "collects": "service_point",
    "shop_slug": "centro",
    "low_balance_threshold": "1.250,50",
    "credit_policy": "GOLD",
    "active": "y",
}
SECRETS = ("7.531,00", "7531", "GOLD", "Ouro", "8.642,00", "8642")


@pytest.fixture
def keeper(client: PortalClient, session: Session) -> PortalClient:
    """Someone of headquarters who keeps the service points."""
    make_credit_policy(session, "GOLD", name="Ouro", money=Decimal("7531.00"))
    sign_in(client, make_user(session))
    return client


@pytest.fixture
def visit(app: Flask, session: Session) -> Any:
    """Sign someone in by profile and service points, with a browser of their own."""

    def signed_in(profile: str, *points: ServicePoint) -> Any:
        visitor: Any = app.test_client()
        sign_in(visitor, make_user(session, profile, *points))
        return visitor

    return signed_in


def test_a_service_point_is_put_on_file_by_its_form(keeper: PortalClient, session: Session) -> None:
    answer = keeper.submit("/service-points/new", TYPED)
    page = keeper.get(answer.location)
    point = service_point_of(session, make_actor(), "SP-0007")

    assert (answer.status_code, answer.location) == (303, "/service-points/SP-0007")
    assert "12.ABC.345/01DE-35" in page.text
    assert point.max_discount_percent == Decimal("12.5")
    assert point.low_balance_threshold == Decimal("1250.50")
    assert (point.shop_slug, point.shop_enabled) == ("centro", False)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "a/b"}, "code"),
        ({"name": ""}, "name"),
        ({"tax_id": "111.111.111-11"}, "tax_id"),
        ({"max_discount_percent": "101"}, "max_discount_percent"),
        ({"max_discount_percent": "1.5"}, "max_discount_percent"),
        ({"shop_slug": "Não dá"}, "shop_slug"),
        ({"low_balance_threshold": "-1"}, "low_balance_threshold"),
        ({"credit_policy": "NONE"}, "credit_policy"),
    ],
)
def test_a_bad_form_comes_back_with_the_error_at_its_field(
    keeper: PortalClient, change: dict[str, str], field: str
) -> None:
    answer = keeper.submit("/service-points/new", TYPED | change)

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert keeper.get("/service-points/SP-0007").status_code == 404


def test_what_is_left_empty_is_nothing(keeper: PortalClient, session: Session) -> None:
    empty = {"code": "SP", "name": "Norte", "collects": "headquarters", "credit_policy": ""}

    answer = keeper.submit("/service-points/new", empty)
    point = service_point_of(session, make_actor(), "SP")

    assert answer.status_code == 303
    assert (point.tax_id, point.shop_slug, point.low_balance_threshold) == (None, None, None)
    assert (point.max_discount_percent, point.max_surcharge_percent) == (0, 0)
    assert not point.active


def test_a_change_is_told_in_the_history(keeper: PortalClient) -> None:
    keeper.submit("/service-points/new", TYPED)

    answer = keeper.submit(
        "/service-points/SP-0007/edit",
        TYPED | {"max_discount_percent": "5", "shop_slug": "", "version": "1"},
    )
    history = keeper.get("/service-points/SP-0007/history").text

    assert answer.status_code == 303
    assert "Desconto máximo: 12,5\u00a0% → 5\u00a0%" in history
    assert "Endereço da loja: centro → –" in history


def test_people_of_a_service_point_see_their_own_pages_alone(visit: Any, session: Session) -> None:
    own = make_service_point(session, "OWN", name="Nosso ponto")
    make_service_point(session, "OTHER", name="Ponto alheio", tax_id="12ABC34501DE35")
    owner = visit("owner", own)

    listed = owner.get("/service-points").text

    assert "Nosso ponto" in listed
    assert "Ponto alheio" not in listed
    for path in ("", "/history", "/edit"):
        strange = owner.get(f"/service-points/OTHER{path}").status_code
        assert strange == owner.get(f"/service-points/NOTHING{path}").status_code
        assert strange in {403, 404}
    assert owner.get("/service-points/OTHER").status_code == 404
    assert owner.get("/service-points/suggest?q=12abc34501de35").json == []
    assert "Ponto alheio" not in owner.get("/service-points?format=csv").text


def test_who_sees_no_balances_finds_threshold_and_limit_nowhere(
    keeper: PortalClient, visit: Any, session: Session
) -> None:
    own = make_service_point(
        session, "OWN", credit_policy="GOLD", low_balance_threshold=Decimal("8642.00")
    )
    seller = visit("seller", own)

    paths = ("/service-points", "/service-points/OWN", "/service-points?format=csv")
    for path in (*paths, "/service-points?policy=GOLD", "/service-points?sort=credit_policy"):
        text = seller.get(path).text.replace("policy=GOLD", "")
        assert not [secret for secret in SECRETS if secret in text]
    assert "Ouro" in keeper.get("/service-points/OWN").text


def test_a_list_filters_by_limit_and_finds_a_cnpj_with_marks(
    keeper: PortalClient, session: Session
) -> None:
    make_service_point(session, name="Centro", tax_id="12ABC34501DE35", credit_policy="GOLD")
    make_service_point(session, name="Norte", collects="headquarters")

    def names(query: str) -> list[str]:
        text = keeper.get(f"/service-points?{query}").text
        return [name for name in ("Centro", "Norte") if f">{name}</a>" in text]

    assert names("") == ["Centro", "Norte"]
    assert names("q=12.ABC.345/01DE-35") == ["Centro"]
    assert names("policy=GOLD") == ["Centro"]
    assert names("collects=headquarters") == ["Norte"]
    assert names("active=0") == []


def test_a_limit_is_put_on_file_and_changed_for_all_it_serves(
    keeper: PortalClient, session: Session
) -> None:
    make_service_point(session, credit_policy="GOLD")
    typed = {"code": "SILVER", "name": "Prata", "money": "100,00", "documents": "", "age_days": "0"}

    made = keeper.submit("/credit-policies/new", typed)
    twice = keeper.submit("/credit-policies/new", typed)
    form = keeper.get("/credit-policies/GOLD/edit").text
    changed = keeper.submit("/credit-policies/GOLD/edit", typed | {"name": "Ouro", "version": "1"})

    assert (made.status_code, twice.status_code, changed.status_code) == (303, 422, 303)
    assert "1 ponto de atendimento tem este limite" in form
    history = keeper.get("/credit-policies/GOLD/edit").text
    assert "Valor em dinheiro: R$\u00a07.531,00 → R$\u00a0100,00" in history
    assert "Dias de atraso: – → 0" in history


@pytest.mark.parametrize("field", ["documents", "age_days", "money"])
@pytest.mark.parametrize("typed", ["-1", "x", "1.5", "99999999999999999999"])
def test_a_limit_that_is_no_number_comes_back(keeper: PortalClient, field: str, typed: str) -> None:
    values = {"code": "SILVER", "name": "Prata", "money": "", "documents": "", "age_days": ""}

    answer = keeper.submit("/credit-policies/new", values | {field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_sellers_open_no_forms(visit: Any, session: Session) -> None:
    seller = visit("seller", make_service_point(session, "OWN"))

    for path in (
        "/service-points/new",
        "/service-points/OWN/edit",
        "/service-points/OWN/history",
        "/credit-policies",
        "/credit-policies/new",
        "/credit-policies/GOLD/edit",
    ):
        assert seller.get(path).status_code == 403


def test_an_empty_list_says_what_to_do(keeper: PortalClient) -> None:
    assert "Novo ponto de atendimento" in keeper.get("/service-points").text
    empty = keeper.get("/service-points?q=nada").text
    assert "Nenhum ponto de atendimento com estes filtros" in empty
