"""The checkout: who buys, consent, prices that moved, once, and within limits."""

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.catalogue import services as catalogue
from portal.mail.models import Mail
from portal.orders.models import Order, OrderLine, SiteBuyer
from portal.partners import services as partners
from portal.payments.models import Charge
from portal.storefronts.errors.visitors import TooManyOfDocument
from portal.storefronts.jobs import forget_shop_limits
from portal.storefronts.models import ShopCheckout, ShopLimit
from portal.storefronts.queries.front import load_front
from portal.storefronts.rules.buyers import Buyer
from portal.storefronts.rules.cart import CartLine
from portal.storefronts.services.checkout import Wish, order_from_cart
from tests.factories import NOON, make_actor
from tests.sale_tables.factories import make_sale_edition, row
from tests.storefronts.factories import CNPJ, TYPED, Stall, Visitor
from tests.visitors import MovableClock


def count(session: Session, what: Any) -> int:
    return session.scalar(select(func.count()).select_from(what)) or 0


def reprice(session: Session, stall: Stall, price: str) -> None:
    rows = [row("ECPF-A1", price), row("TOKEN", "99.90"), row("ECNPJ-A1", "219")]
    make_sale_edition(session, stall.sold, "2026-12-01", None, rows, replace=True)


@pytest.mark.engines("sqlite", "mariadb")
def test_an_order_waits_for_its_payment_with_all_that_was_agreed(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.put("TOKEN", "2")
    path = visitor.buy("ECPF-A1")

    order, buyer = session.scalars(select(Order)).one(), session.scalars(select(SiteBuyer)).one()
    checkout, charge = (
        session.get_one(ShopCheckout, order.id),
        session.scalars(select(Charge)).one(),
    )

    assert (order.channel, order.status, order.sale_total) == (
        "site",
        "awaiting_payment",
        Decimal("368.80"),
    )
    assert order.service_point_id == stall.point.id
    assert order.acquisition_total is None
    assert (buyer.kind, buyer.name, buyer.tax_id) == ("person", "Maria das Dores", "52998224725")
    assert (buyer.email, buyer.phone, buyer.language) == (
        "maria@example.com",
        "+5519991234567",
        "pt_BR",
    )
    assert checkout.consented_at == buyer.consented_at == NOON
    assert checkout.consent.startswith("Concordo que Contábil Ipê Serviços Ltda use meu nome")
    assert (charge.amount, charge.status) == (Decimal("368.80"), "pending")
    assert path == f"{stall.path}/pedido/{buyer.link}"
    assert len(buyer.link) >= 22
    assert "Seu carrinho está vazio" in visitor.see("/carrinho").text


def test_a_company_orders_in_spanish(session: Session, client: Any, stall: Stall) -> None:
    visitor = Visitor(client, f"{stall.path}/es")

    path = visitor.buy("ECPF-A1", tax_id=CNPJ, name="Ipê Ltda")

    buyer = session.scalars(select(SiteBuyer)).one()
    assert (buyer.kind, buyer.tax_id, buyer.language) == ("company", "12ABC34501DE35", "es")
    assert path.startswith(f"{stall.path}/es/pedido/")
    assert session.scalars(select(ShopCheckout)).one().consent.startswith("Acepto que")


def test_an_empty_cart_leads_back(visitor: Visitor, stall: Stall) -> None:
    answer = visitor.see("/dados")

    assert (answer.status_code, answer.location) == (303, f"{stall.path}/carrinho")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", " ", "Digite seu nome completo"),
        ("tax_id", "529.982.247-26", "Este CPF ou CNPJ não é válido"),
        ("tax_id", "12.ABC.345/01DE-36", "Este CPF ou CNPJ não é válido"),
        ("email", "maria", "Digite um e-mail"),
        ("phone", "123", "Digite um telefone"),
        ("consent", "", "Precisamos da sua concordância"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_ordered(
    session: Session, visitor: Visitor, field: str, typed: str, said: str
) -> None:
    visitor.put("ECPF-A1")

    answer = visitor.order(**{field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert said in answer.text
    assert TYPED["phone"] in answer.text or field == "phone"
    assert count(session, Order) == count(session, ShopLimit) == count(session, Mail) == 0


@pytest.mark.engines("sqlite", "mariadb")
def test_two_clicks_make_one_order(session: Session, visitor: Visitor) -> None:
    visitor.put("ECPF-A1")
    sent = visitor.checkout() | TYPED

    first, second = visitor.send("/dados", sent), visitor.send("/dados", sent)

    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert count(session, Order) == count(session, Charge) == 1


def test_a_form_that_was_sent_and_changed_is_not_sent_again(
    session: Session, visitor: Visitor
) -> None:
    visitor.put("ECPF-A1")
    sent = visitor.checkout() | TYPED
    visitor.send("/dados", sent)

    answer = visitor.send("/dados", sent | {"name": "Outra Pessoa"})

    assert answer.status_code == 422
    assert "já foi enviado" in answer.text
    assert count(session, Order) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "a b c d e f g h i j k"])
def test_a_form_without_its_key_orders_nothing(
    session: Session, visitor: Visitor, key: str
) -> None:
    visitor.put("ECPF-A1")

    answer = visitor.order(form_key=key)

    assert answer.status_code in {400, 422}
    assert count(session, Order) == 0


# Prices that moved


def test_a_price_that_fell_is_passed_on(session: Session, visitor: Visitor, stall: Stall) -> None:
    visitor.put("ECPF-A1")
    sent = visitor.checkout() | TYPED
    reprice(session, stall, "149")

    answer = visitor.send("/dados", sent)

    assert answer.status_code == 303
    assert session.scalars(select(Order)).one().sale_total == Decimal("149.00")


def test_a_price_that_rose_is_shown_old_and_new_and_asked_again(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.put("ECPF-A1")
    sent = visitor.checkout() | TYPED
    reprice(session, stall, "189")

    asked = visitor.send("/dados", sent)

    assert asked.status_code == 409
    assert "Era R$\u00a0169,00 e agora é R$\u00a0189,00" in asked.text
    assert 'name="seen_total" value="189.00"' in asked.text
    assert "Maria das Dores" in asked.text
    assert count(session, Order) == 0

    agreed = visitor.send("/dados", sent | {"seen_total": "189.00"})

    assert agreed.status_code == 303
    assert session.scalars(select(Order)).one().sale_total == Decimal("189.00")


@pytest.mark.parametrize("seen", ["", "x", "NaN", "-1", "1e99", "Infinity", "0"])
def test_a_total_that_makes_no_sense_is_asked_again(
    session: Session, visitor: Visitor, seen: str
) -> None:
    visitor.put("ECPF-A1")

    answer = visitor.order(seen_total=seen)

    assert answer.status_code == 409
    assert count(session, Order) == 0


def test_a_cart_cannot_be_made_cheaper(session: Session, visitor: Visitor) -> None:
    visitor.put("ECPF-A1")

    visitor.order(price="0.01", unit_price="0.01", total="0.01", sale_price="0.01")

    assert session.scalars(select(OrderLine)).one().sale_unit_price == Decimal("169.0000")


def test_what_left_while_ordering_is_said_before_anything_is_ordered(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.put("ECPF-A1")
    visitor.put("TOKEN")
    sent = visitor.checkout() | TYPED
    catalogue.change_product(session, "TOKEN", {"active": False}, by=make_actor(), at=NOON)

    answer = visitor.send("/dados", sent)

    assert (answer.status_code, answer.location) == (303, f"{stall.path}/carrinho?mudou=1")
    assert "não é mais vendido" in visitor.see("/carrinho?mudou=1").text
    assert count(session, Order) == 0


def test_a_shop_that_closed_takes_no_order(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    visitor.put("ECPF-A1")
    sent = visitor.checkout() | TYPED
    change: Any = {"shop": {"slug": stall.point.shop_slug, "enabled": False}}
    partners.change_service_point(session, stall.point.code, change, by=make_actor(), at=NOON)

    assert "fechada" in visitor.send("/dados", sent).text
    assert count(session, Order) == 0


def test_a_checkout_asks_the_database_as_little_as_it_can(
    visitor: Visitor, statements: list[str]
) -> None:
    for sku in ("ECPF-A1", "TOKEN"):
        visitor.put(sku)
    form = visitor.checkout() | TYPED
    statements.clear()

    visitor.send("/dados", form)

    assert len(statements) <= 21, "\n".join(statements)


def test_the_order_and_the_answer_to_its_form_are_one_deed(
    session: Session, visitor: Visitor
) -> None:
    visitor.put("ECPF-A1")
    form = visitor.checkout() | TYPED

    first, second = (visitor.send("/dados", form) for _ in range(2))

    assert (first.status_code, second.location) == (303, first.location)
    made = select(Deed.action).where(Deed.idem_hash.is_not(None))
    assert session.scalars(made).all() == ["order.begun"]


# Limits


@pytest.mark.engines("sqlite", "mariadb")
def test_a_document_orders_so_often_a_day(
    session: Session, visitor: Visitor, stall: Stall, clock: MovableClock
) -> None:
    stall.shop.orders_per_document = 2
    catalogue.touch_offers(session)
    for _ in range(2):
        visitor.buy("ECPF-A1")
    visitor.put("ECPF-A1")

    refused = visitor.order()
    other = visitor.order(tax_id=CNPJ)

    assert refused.status_code == 429
    assert "já fez hoje tantos pedidos" in refused.text
    assert "fale com a loja" in refused.text
    assert other.status_code == 303
    visitor.put("ECPF-A1")
    clock.advance(hours=24)
    assert visitor.order().status_code == 303


def test_an_address_orders_so_often_an_hour(
    session: Session, visitor: Visitor, stall: Stall, clock: MovableClock
) -> None:
    stall.shop.orders_per_address = 2
    catalogue.touch_offers(session)
    for _ in range(2):
        visitor.buy("ECPF-A1")
    visitor.put("ECPF-A1")

    refused = visitor.order(tax_id=CNPJ)

    assert refused.status_code == 429
    assert "Muitos pedidos vieram da sua rede" in refused.text
    clock.advance(hours=1)
    assert visitor.order(tax_id=CNPJ).status_code == 303


def test_a_refused_order_takes_no_place(session: Session, visitor: Visitor, stall: Stall) -> None:
    stall.shop.orders_per_document = 1
    catalogue.touch_offers(session)
    visitor.put("ECPF-A1")

    visitor.order(seen_total="1.00")

    assert visitor.order().status_code == 303


@pytest.mark.engines("sqlite", "mariadb")
def test_who_ordered_how_often_is_not_to_be_read_and_is_forgotten(
    app: Flask, session: Session, visitor: Visitor, clock: MovableClock
) -> None:
    visitor.buy("ECPF-A1")
    rows = session.scalars(select(ShopLimit)).all()
    assert [len(row.key_hash) for row in rows] == [32, 32]
    session.commit()

    clock.advance(days=3)
    with app.app_context():
        told = [str(forget_shop_limits()) for _ in range(2)]

    assert told == ["2 counts of orders forgotten", "0 counts of orders forgotten"]


def wish(session: Session, stall: Stall, **changes: Any) -> Wish:
    """What a visitor asks for, as the checkout hands it on."""
    made = Wish(
        front=load_front(session, stall.point.id),
        cart=(CartLine("ECPF-A1", Decimal(1)),),
        buyer=Buyer("person", "Maria", "52998224725", "maria@example.com", "+551930001234"),
        seen_total=Decimal("169.00"),
        consent="Concordo",
        language="pt_BR",
        base_url="http://localhost",
        address="192.0.2.7",
    )
    return replace(made, **changes)


@pytest.mark.engines("sqlite", "mariadb")
def test_of_many_at_one_instant_no_more_than_the_limit_get_through(
    session: Session, stall: Stall, engine: Engine
) -> None:
    asked = wish(
        session, stall, front=replace(load_front(session, stall.point.id), orders_per_document=3)
    )
    session.commit()
    outcomes = at_once(8, lambda: order_in(engine, asked))

    assert sorted(outcomes) == ["ordered"] * 3 + ["refused"] * 5
    assert count(session, Order) == 3


def order_in(engine: Engine, asked: Wish) -> str:
    """Order in a transaction of its own, repeated when the database lost it."""
    from sqlalchemy.exc import DBAPIError

    for _ in range(20):
        with Session(engine) as own:
            try:
                order_from_cart(own, asked, secret="s", at=NOON)
                own.commit()
            except TooManyOfDocument:
                return "refused"
            except DBAPIError:
                continue
            return "ordered"
    return "lost"


def at_once(many: int, deed: Callable[[], str]) -> list[str]:
    """Let so many do the deed together; return what came of each."""
    outcomes: list[str] = []
    gate = threading.Barrier(many)

    def run() -> None:
        gate.wait()
        outcomes.append(deed())

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
