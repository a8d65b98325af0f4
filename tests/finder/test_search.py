from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.finder.queries import find
from portal.orders.models import Order
from portal.partners.models import ServicePoint
from portal.payments.models import Payment
from tests.factories import (
    NOON,
    make_actor,
    make_issuer,
    make_product,
    make_service_point,
    make_user,
    sign_in,
)
from tests.payments.factories import make_charge
from tests.visitors import PortalClient


def make_draft(session: Session, point: ServicePoint, reference: str | None = None) -> Order:
    order = Order(
        service_point_id=point.id,
        channel="back_office",
        status="draft",
        external_reference=reference,
        created_at=NOON,
    )
    session.add(order)
    session.flush()
    return order


def test_one_search_finds_each_kind_by_what_people_know_of_it(session: Session) -> None:
    point = make_service_point(session, "SP-9", name="Centro", tax_id="12ABC34501DE35")
    product, issuer = make_product(session, "ECPF", name="e-CPF"), make_issuer(session, "AC-ONE")
    order = make_draft(session, point, "ERP-77")
    by = make_actor()

    assert find(session, by, str(order.id)).orders == [order]
    assert find(session, by, f"#{order.id}").orders == [order]
    assert find(session, by, "ERP-77").orders == [order]
    assert find(session, by, "12.ABC.345/01DE-35").service_points == [point]
    assert find(session, by, "centro").service_points == [point]
    assert find(session, by, "ecpf").products == [product]
    assert find(session, by, "ac-one").issuers == [issuer]


def test_a_pix_is_found_by_its_whole_id_and_by_the_number_of_its_payment(session: Session) -> None:
    point = make_service_point(session)
    charge, other = make_charge(session, point), make_charge(session, point)
    payment = Payment(
        charge_id=charge.id,
        provider="simulated",
        end_to_end_id="E77",
        amount=charge.amount,
        at=NOON,
    )
    session.add(payment)
    session.flush()
    by, stranger = make_actor(), make_actor(points=(make_service_point(session),))

    assert find(session, by, charge.txid.lower()).charges == [charge]
    assert find(session, by, f" {other.txid} ").charges == [other]
    assert find(session, by, "E77").charges == [charge]
    assert find(session, by, charge.txid[:12]).charges == []
    assert find(session, stranger, charge.txid).charges == []
    assert find(session, make_actor("orders.view"), charge.txid).charges == []


def test_a_stranger_s_things_are_not_found(session: Session) -> None:
    own, other = make_service_point(session, "OWN"), make_service_point(session, "OTHER")
    order = make_draft(session, other, "ERP-77")
    owner = make_actor(points=(own,))

    for text in ("OTHER", str(order.id), "ERP-77"):
        found = find(session, owner, text)
        assert found.orders == []
        assert other not in found.service_points


def test_only_what_the_profile_opens_is_searched(session: Session) -> None:
    order = make_draft(session, make_service_point(session, "SAME"), "SAME")
    make_product(session, "SAME")
    make_issuer(session, "SAME")

    assert find(session, make_actor("orders.view"), "SAME").orders == [order]
    assert len(find(session, make_actor("orders.view"), "SAME")) == 1
    assert len(find(session, make_actor("partners.view"), "SAME")) == 1
    assert len(find(session, make_actor("catalogue.view"), "SAME")) == 2
    assert len(find(session, make_actor("users.view"), "SAME")) == 0


def test_at_most_five_of_a_kind_are_found(session: Session) -> None:
    for _ in range(7):
        make_product(session, name="Same")

    assert len(find(session, make_actor(), "same").products) == 5


@pytest.mark.parametrize("text", ["", "  ", "%", "_", "'", "9" * 40, "\x00", "١٢", "²", "#"])
def test_nonsense_finds_nothing_and_breaks_nothing(session: Session, text: str) -> None:
    make_draft(session, make_service_point(session, "SP", name="Centro"))

    assert len(find(session, make_actor(), text)) == 0


@pytest.fixture
def owner(app: Flask, session: Session) -> Any:
    visitor: Any = app.test_client()
    sign_in(visitor, make_user(session, "owner", make_service_point(session, "OWN")))
    return visitor


def test_a_single_find_opens_at_once(owner: Any, session: Session) -> None:
    make_product(session, "ECPF A1", name="e-CPF")

    answer = owner.get("/search?q=ecpf")

    assert (answer.status_code, answer.location) == (303, "/products/ECPF%20A1")


def test_several_finds_are_listed_and_none_says_so(owner: Any, session: Session) -> None:
    make_product(session, "A-1", name="Same <b>one</b>")
    make_product(session, "A-2", name="Same two", active=False)

    page = owner.get("/search?q=same").text

    assert "Same &lt;b&gt;one" in page
    assert "Inativo" in page
    assert "Nada foi encontrado" in owner.get("/search?q=nada").text
    assert "O que você procura?" in owner.get("/search").text


def test_every_page_offers_the_search(owner: Any) -> None:
    assert 'action="/search"' in owner.get("/products").text


def test_nobody_searches_nothing(client: PortalClient) -> None:
    assert client.get("/search?q=x").location.startswith("/sign-in?next=")
