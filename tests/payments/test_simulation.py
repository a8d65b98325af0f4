"""The bank of demos and tests: it pays, and tells the portal over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.payments.models import PaymentNotice
from tests.payments.factories import make_charge
from tests.visitors import PortalClient


@pytest.fixture
def app(simulated: None, make_app: Callable[..., Flask]) -> Flask:
    return make_app(payments_provider="simulated")


def test_where_payments_are_not_simulated_there_is_no_bank(
    make_app: Callable[..., Flask], session: Session
) -> None:
    client: Any = make_app(payments_provider="").test_client()
    path = f"/simulation/{make_charge(session).token}"

    assert client.get(path).status_code == 404
    assert client.submit(path, {"told": "once"}).status_code == 404


@pytest.mark.parametrize(
    ("told", "status", "notices"),
    [("once", "paid", 1), ("twice", "paid", 1), ("never", "pending", 0)],
)
def test_what_is_paid_is_told_of_over_http(
    client: PortalClient,
    served: str,
    session: Session,
    told: str,
    status: str,
    notices: int,
) -> None:
    charge = make_charge(session)
    path = f"/simulation/{charge.token}"
    here = {"SERVER_PORT": served.rpartition(":")[2]}

    page = client.get(path).text
    answer = client.submit(f"{path}?next=/loja/centro", {"told": told}, environ_overrides=here)
    again = client.submit(path, {"told": told}, environ_overrides=here)

    assert "Aqui nenhum dinheiro se move" in page
    assert (answer.status_code, answer.location) == (303, "/loja/centro")
    assert (again.status_code, "Não pode mais ser pago." in again.text) == (422, True)
    session.refresh(charge)
    assert charge.status == status
    assert len(session.scalars(select(PaymentNotice)).all()) == notices


def test_it_leads_nobody_elsewhere(client: FlaskClient, session: Session) -> None:
    path = f"/simulation/{make_charge(session).token}"

    assert 'href="/loja/centro"' in client.get(f"{path}?next=/loja/centro").text
    assert "elsewhere" not in client.get(f"{path}?next=https://elsewhere.example.com").text
    assert "elsewhere" not in client.get(f"{path}?next=//elsewhere.example.com").text


def test_only_who_has_the_secret_sees_a_charge_there(client: FlaskClient, session: Session) -> None:
    charge = make_charge(session)
    number = charge.id

    assert client.get(f"/simulation/{number}").status_code == 404
    assert client.get("/simulation/another").status_code == 404
