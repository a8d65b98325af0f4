"""The pages of wallets, as people use them."""

import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.credit.models import Entry
from portal.partners.models import ServicePoint
from portal.partners.services import change_service_point
from portal.people.models import User
from tests.factories import (
    NOON,
    make_actor,
    make_credit_policy,
    make_service_point,
    make_user,
    sign_in,
)
from tests.visitors import MovableClock, PortalClient

WALLET = "/credit/SP-0007/BRL"


@pytest.fixture
def point(session: Session) -> ServicePoint:
    return make_service_point(
        session, "SP-0007", name="Contábil Ipê", low_balance_threshold=Decimal(50)
    )


@pytest.fixture
def person(session: Session) -> User:
    return make_user(session, "finance")


@pytest.fixture
def finance(client: PortalClient, person: User, point: ServicePoint) -> PortalClient:
    assert point
    sign_in(client, person)
    return client


Later = Callable[[str], None]


@pytest.fixture
def later(client: PortalClient, person: User, clock: MovableClock) -> Later:
    """Return what lets time pass: the session ends with it, so one signs in again."""

    def go_on(moment: str) -> None:
        clock.move_to(moment)
        sign_in(client, person)

    return go_on


def text_of(answer: Any) -> str:
    """Return what a person reads."""
    bare = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"\s+", " ", bare.replace("&nbsp;", " ").replace("\u00a0", " "))


def key_in(answer: Any) -> str:
    """Return the key of the form on a page."""
    found = re.search(r'name="form_key"[^>]*value="([^"]+)"', answer.text)
    assert found
    return found[1]


def grant(client: PortalClient, **typed: str) -> Any:
    """Fill in the form of a grant and send it."""
    key = key_in(client.get(f"{WALLET}/grant"))
    values = {
        "kind": "paid", "amount": "1.000,00", "paid": "900,00", "expires_on": "", "reason": "Pix",
        "form_key": key,
    }  # fmt: skip
    return client.submit(f"{WALLET}/grant", values | typed)


def debit(client: PortalClient, amount: str, **typed: str) -> Any:
    """Fill in the form of a debit and send it."""
    key = key_in(client.get(f"{WALLET}/debit"))
    values = {"amount": amount, "source": "invoice", "reference": "", "form_key": key}
    return client.submit(f"{WALLET}/debit", values | typed)


def test_a_grant_shows_up_in_the_wallet(finance: PortalClient) -> None:
    sent = grant(finance, expires_on="2027-03-31")
    page = text_of(finance.get(sent.location))

    assert sent.status_code == 303
    assert sent.location == WALLET
    assert "O crédito foi concedido." in page
    assert "Saldo R$ 1.000,00" in page
    assert "o próximo, R$ 1.000,00, em 31/03/2027" in page
    assert "Pix, pago" in page
    assert "+1.000,00" in page


def test_a_second_click_grants_nothing_more(finance: PortalClient, session: Session) -> None:
    key = key_in(finance.get(f"{WALLET}/grant"))

    first, second = grant(finance, form_key=key), grant(finance, form_key=key)

    assert first.location == second.location == WALLET
    assert session.scalar(select(func.count()).select_from(Entry)) == 1


def test_what_was_typed_stays_when_it_is_refused(finance: PortalClient) -> None:
    refused = grant(finance, amount="mil", expires_on="2026-11-30", reason="Pix de hoje")
    past = grant(finance, expires_on="2026-11-30")
    gift = grant(finance, kind="bonus")

    assert (refused.status_code, past.status_code, gift.status_code) == (422, 422, 422)
    assert 'value="mil"' in refused.text
    assert "Pix de hoje" in refused.text
    assert "Este dia já passou" in text_of(past)
    assert "Por um bônus não se paga nada." in text_of(gift)
    assert "Ainda não houve movimentos" in text_of(finance.get(WALLET))


def test_a_debit_that_is_not_covered_says_what_is_missing(finance: PortalClient) -> None:
    grant(finance)

    refused = debit(finance, "1.000,01")
    taken = debit(finance, "250,00", reference="NF 77", description="Mensalidade")

    assert refused.status_code == 422
    assert "Faltam R$ 0,01 de crédito; há R$ 1.000,00 disponíveis." in text_of(refused)
    assert taken.status_code == 303
    page = text_of(finance.get(WALLET))
    assert "Nota fiscal NF 77" in page
    assert "Mensalidade" in page
    assert "\u2212250,00" in page


def test_a_movement_shows_both_legs_and_is_reversed_once(finance: PortalClient) -> None:
    grant(finance)
    debit(finance, "100,00")
    (number,) = set(re.findall(r"/credit/transactions/(\d+)\"[^>]*>Nota", finance.get(WALLET).text))
    address = f"/credit/transactions/{number}"

    shown = text_of(finance.get(address))
    key = key_in(finance.get(f"{address}/reverse"))
    sent = finance.submit(f"{address}/reverse", {"reason": "Em dobro", "form_key": key})
    again = finance.submit(
        f"{address}/reverse",
        {"reason": "Em dobro", "form_key": key_in(finance.get(f"{address}/reverse"))},
    )

    assert "Crédito consumido +100,00" in shown
    assert sent.status_code == 303
    assert "Em dobro" in text_of(finance.get(sent.location))
    assert "Este movimento foi estornado." in text_of(finance.get(address))
    assert again.status_code == 422
    assert "Este movimento já foi estornado antes." in text_of(again)
    assert "Saldo R$ 1.000,00" in text_of(finance.get(WALLET))


def test_the_statement_is_narrowed_down_by_the_address(finance: PortalClient, later: Later) -> None:
    grant(finance)
    later("2026-12-05T12:00:00Z")
    debit(finance, "10,00", reference="UM")
    later("2026-12-06T12:00:00Z")
    debit(finance, "20,00", reference="DOIS")

    first = text_of(finance.get(f"{WALLET}?to=05/12/2026&way=out"))
    incoming = text_of(finance.get(f"{WALLET}?way=in"))
    nonsense = finance.get(f"{WALLET}?from=ontem")

    assert "Nota fiscal UM" in first
    assert "Nota fiscal DOIS" not in first
    assert "Crédito concedido" not in first
    assert "Crédito concedido" in incoming
    assert "Nota fiscal" not in incoming
    assert nonsense.status_code == 200


def test_the_statement_leaves_as_csv_and_xlsx(finance: PortalClient) -> None:
    grant(finance, reason="=cmd|' /C calc'!A0")
    debit(finance, "10,00", reference="NF 1")

    csv = finance.get(f"{WALLET}?format=csv").data.decode("utf-8-sig").splitlines()
    with finance.get(f"{WALLET}?format=xlsx") as sheet:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(sheet.data))
    rows = workbook.get_sheet_by_index(0).to_python()

    assert csv[0].startswith("Quando;Movimento;O quê;Descrição;Lotes;Valor;Saldo;Quem")
    assert ";-10,00;990,00;" in csv[1]
    assert "'=cmd" in csv[2]
    assert [row[5:7] for row in rows[1:]] == [[-10, 990], [1000, 1000]]


def test_a_past_instant_is_asked_for_on_the_page(finance: PortalClient, later: Later) -> None:
    grant(finance)
    later("2026-12-05T12:00:00Z")
    debit(finance, "10,00")

    before = text_of(finance.get(f"{WALLET}?at_day=05/12/2026&at_time=08:59"))
    whole_day = text_of(finance.get(f"{WALLET}?at_day=2026-12-05"))
    nonsense = text_of(finance.get(f"{WALLET}?at_day=31/02/2026&at_time=25:00"))

    assert "Em 05/12/2026 08:59 o saldo era R$ 1.000,00" in before
    assert "Em 05/12/2026 23:59 o saldo era R$ 990,00" in whole_day
    assert "Informe dia e hora" in nonsense


def test_the_list_finds_who_is_short_of_credit(finance: PortalClient, session: Session) -> None:
    make_service_point(session, "SP-0008", name="Certifica Sul")
    grant(finance, amount="49,99", paid="0", kind="bonus")

    everyone = text_of(finance.get("/credit"))
    short = text_of(finance.get("/credit?show=short"))
    found = text_of(finance.get("/credit?q=certifica"))
    rising = text_of(finance.get("/credit?sort=balance"))
    falling = text_of(finance.get("/credit?sort=-balance"))
    csv = finance.get("/credit?format=csv").data.decode("utf-8-sig")

    assert "Contábil Ipê" in everyone
    assert "Certifica Sul" in everyone
    assert "Contábil Ipê" in short
    assert "Certifica Sul" not in short
    assert "Contábil Ipê" not in found
    assert rising.index("Certifica Sul") < rising.index("Contábil Ipê")
    assert falling.index("Contábil Ipê") < falling.index("Certifica Sul")
    assert "SP-0007;Contábil Ipê;BRL;49,99;49,99;0,00;0,00;50,00" in csv


def test_lots_are_listed_with_what_became_of_them(finance: PortalClient, later: Later) -> None:
    grant(finance, amount="10,00", paid="10,00", expires_on="2026-12-02")
    grant(finance, amount="20,00", paid="20,00")
    later("2026-12-03T12:00:00Z")

    page = text_of(finance.get(f"{WALLET}/lots"))
    csv = finance.get(f"{WALLET}/lots?format=csv").data.decode("utf-8-sig")

    assert "Vencido" in page
    assert "Vivo" in page
    assert "02/12/2026;10,00;10,00;0,00;0,00;0,00;Vencido" in csv


def test_who_has_one_service_point_goes_straight_to_its_wallet(
    client: PortalClient, session: Session, point: ServicePoint
) -> None:
    make_service_point(session, "SP-0008")
    sign_in(client, make_user(session, "owner", point))

    landed = client.get("/credit")
    page = client.get(WALLET)

    assert landed.location == WALLET
    assert page.status_code == 200
    assert "Conceder crédito" not in page.text
    assert client.get("/credit/SP-0008/BRL").status_code == 404
    assert client.get("/credit/SP-0008/BRL/lots").status_code == 404
    assert client.get(f"{WALLET}/grant").status_code == 403


def test_who_sees_no_costs_sees_no_wallet(
    client: PortalClient, session: Session, point: ServicePoint
) -> None:
    sign_in(client, make_user(session, "seller", point))

    paths = ("/credit", WALLET, f"{WALLET}/lots", "/credit/transactions/1", "/credit/types")

    assert [client.get(path).status_code for path in paths] == [403] * len(paths)


def test_a_limit_lets_the_wallet_go_below_zero_and_says_so(
    finance: PortalClient, session: Session
) -> None:
    make_credit_policy(session, "LIMIT", money=Decimal(100))
    change_service_point(
        session, "SP-0007", {"credit_policy": "LIMIT"}, by=make_actor(user_id=None), at=NOON
    )

    debit(finance, "60,00")
    page = text_of(finance.get(WALLET))

    assert "limite R$ 100,00" in page
    assert "R$ \u221260,00" in page
    assert "R$ 60,00 a cobrir com o próximo crédito" in page
    assert "O crédito paga primeiro a dívida de R$ 60,00." in text_of(
        finance.get(f"{WALLET}/grant")
    )


def test_a_credit_type_is_added_and_its_wallet_opens_with_the_first_grant(
    finance: PortalClient,
) -> None:
    hours = {"code": "HORAS", "name": "Horas", "scale": "1", "unit_value": "80,00"}
    made = finance.submit("/credit/types", hours)
    again = finance.submit("/credit/types", hours)
    empty = finance.get("/credit/SP-0007/HORAS")
    key = key_in(finance.get("/credit/SP-0007/HORAS/grant"))
    given = {"kind": "paid", "amount": "7,5", "paid": "600,00", "reason": "x", "form_key": key}
    sent = finance.submit("/credit/SP-0007/HORAS/grant", given)
    page = text_of(finance.get(sent.location))

    assert made.status_code == 303
    assert again.status_code == 422
    assert empty.status_code == 200
    assert "Saldo 7,5" in page
    assert "Horas" in text_of(finance.get(WALLET))
