import io
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from portal.catalogue.queries import product_of
from tests.factories import (
    make_issuer,
    make_product,
    make_service_point,
    make_user,
    sign_in,
)
from tests.visitors import PortalClient

TYPED = {
    "sku": "ECPF-A1",
    "name": "e-CPF A1",
    "kind": "service",
    "category": "Certificados",
    "active": "y",
    "credit_type": "",
    "credit_units": "",
}


@pytest.fixture
def keeper(client: PortalClient, session: Session) -> PortalClient:
    """Someone of headquarters who keeps the catalogue."""
    sign_in(client, make_user(session))
    return client


@pytest.fixture
def seller(app: Flask, session: Session) -> PortalClient:
    """Someone of a service point who only reads it."""
    visitor: Any = app.test_client()
    sign_in(visitor, make_user(session, "seller", make_service_point(session)))
    return visitor  # type: ignore[no-any-return] # the application's own client


def test_a_product_is_put_on_file_by_its_form(keeper: PortalClient) -> None:
    answer = keeper.submit("/products/new", TYPED)
    page = keeper.get(answer.location)

    assert (answer.status_code, answer.location) == (303, "/products/ECPF-A1")
    assert "e-CPF A1 foi cadastrado." in page.text
    assert "Certificados" in page.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sku": ""}, 'id="sku-error"'),
        ({"sku": "a/b"}, "Use caracteres visíveis, sem barras."),
        ({"name": " "}, 'id="name-error"'),
        ({"credit_type": "BRL"}, "Diga quantas unidades cada peça consome."),
        ({"credit_type": "BRL", "credit_units": "1.5"}, 'id="credit_units-error"'),
    ],
)
def test_a_bad_form_comes_back_with_what_was_typed_and_the_error_at_its_field(
    keeper: PortalClient, change: dict[str, str], said: str
) -> None:
    answer = keeper.submit("/products/new", TYPED | {"category": "Typed before"} | change)

    assert answer.status_code == 422
    assert said in answer.text
    assert "Typed before" in answer.text
    assert "errsum" in answer.text


def test_a_taken_sku_comes_back_at_its_field(keeper: PortalClient, session: Session) -> None:
    make_product(session, "ECPF-A1")

    answer = keeper.submit("/products/new", TYPED)

    assert answer.status_code == 422
    assert "Já existe um produto com o SKU ECPF-A1." in answer.text


def test_a_product_is_changed_and_its_history_says_what(
    keeper: PortalClient, session: Session
) -> None:
    make_product(session, "ECPF-A1", name="Old", category="Certificados")
    form = keeper.get("/products/ECPF-A1/edit")

    answer = keeper.submit("/products/ECPF-A1/edit", TYPED | {"name": "New", "version": "1"})
    page = keeper.get("/products/ECPF-A1")

    assert 'value="Old"' in form.text
    assert (answer.status_code, answer.location) == (303, "/products/ECPF-A1")
    assert "Nome: Old → New" in page.text


def test_who_edits_an_older_version_is_told_and_changes_nothing(
    keeper: PortalClient, session: Session
) -> None:
    make_product(session, "ECPF-A1", name="Theirs")
    keeper.submit("/products/ECPF-A1/edit", TYPED | {"name": "Newer", "version": "1"})

    answer = keeper.submit("/products/ECPF-A1/edit", TYPED | {"name": "Mine", "version": "1"})

    session.expire_all()
    assert answer.status_code == 422
    assert "Mine" in answer.text
    assert product_of(session, "ECPF-A1").name == "Newer"


def test_a_list_filters_sorts_and_tells_its_filters(keeper: PortalClient, session: Session) -> None:
    make_product(session, "TOKEN", name="Token USB", kind="good", category="Media")
    make_product(session, "ECPF", name="CPF", category="Certificados")
    make_product(session, "OLD", name="Antigo", active=False)

    def skus(query: str) -> list[str]:
        text = keeper.get(f"/products?{query}").text
        return sorted((sku for sku in ("TOKEN", "ECPF", "OLD") if sku in text), key=text.index)

    assert skus("") == ["OLD", "ECPF", "TOKEN"]
    assert skus("sort=-sku") == ["TOKEN", "OLD", "ECPF"]
    assert skus("sort=category") == ["OLD", "ECPF", "TOKEN"]
    assert skus("kind=good") == ["TOKEN"]
    assert skus("category=Certificados") == ["ECPF"]
    assert skus("active=0") == ["OLD"]
    assert skus("q=usb") == ["TOKEN"]
    assert 'class="chip"' in keeper.get("/products?kind=good").text


@pytest.mark.parametrize("query", ["kind=thing", "sort=price", "after=zzz", "limit=7", "q=%25%27"])
def test_a_list_asked_for_nonsense_still_answers(
    keeper: PortalClient, session: Session, query: str
) -> None:
    make_product(session)

    assert keeper.get(f"/products?{query}").status_code == 200


def test_pages_of_a_list_follow_each_other_and_back(keeper: PortalClient, session: Session) -> None:
    for number in range(60):
        make_product(session, f"P-{number:02}", name=f"Product {number:02}")

    first = keeper.get("/products?limit=25&sort=sku")
    next_url = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = keeper.get(next_url)
    back_url = second.text.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")

    assert "P-24" in first.text
    assert "P-25" not in first.text
    assert "P-25" in second.text
    assert "P-24" not in second.text
    assert "P-24" in keeper.get(back_url).text


def test_a_list_without_products_says_what_to_do(
    keeper: PortalClient, seller: PortalClient
) -> None:
    assert "Novo produto" in keeper.get("/products").text
    assert "Ainda não há produto cadastrado" in seller.get("/products").text
    assert "Novo produto" not in seller.get("/products").text
    assert "Nenhum produto com estes filtros" in keeper.get("/products?q=nada").text


def test_a_list_comes_as_csv_and_xlsx_with_its_filters_and_never_as_a_formula(
    keeper: PortalClient, session: Session
) -> None:
    make_product(session, "=1+1", name="@SUM(A1)", category="+x")
    make_product(session, "OTHER", kind="good")

    csv = keeper.get("/products?kind=service&format=csv")
    xlsx = keeper.get("/products?kind=service&format=xlsx")
    content = xlsx.data
    xlsx.close()
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    assert csv.data.startswith("\ufeffSKU;Produto;Categoria".encode())
    assert "'=1+1;'@SUM(A1);'+x;Serviço" in csv.text
    assert "OTHER" not in csv.text
    assert rows[1][:3] == ["=1+1", "@SUM(A1)", "+x"]
    assert len(rows) == 2


def test_suggestions_fit_the_field_that_looks_up_while_typing(
    seller: PortalClient, session: Session
) -> None:
    product = make_product(session, "ECPF-A1", name="e-CPF A1")

    answer = seller.get("/products/suggest?q=ecpf")

    assert answer.json == [
        {"id": product.id, "value": "ECPF-A1", "label": "e-CPF A1", "detail": "ECPF-A1"}
    ]
    assert seller.get("/products/suggest").json == []


def test_at_most_ten_are_suggested(seller: PortalClient, session: Session) -> None:
    for _ in range(12):
        make_product(session, name="Same")

    assert len(seller.get("/products/suggest?q=same").json) == 10


def test_an_issuer_is_put_on_file_and_taken_out_of_use(keeper: PortalClient) -> None:
    made = keeper.submit("/issuers/new", {"code": "AC-ONE", "name": "AC One", "active": "y"})
    twice = keeper.submit("/issuers/new", {"code": "AC-ONE", "name": "AC One", "active": "y"})
    ended = keeper.submit("/issuers/AC-ONE/edit", {"name": "AC One", "version": "1"})

    assert (made.status_code, twice.status_code, ended.status_code) == (303, 422, 303)
    assert "Inativo" in keeper.get("/issuers?active=0").text
    assert "Ativo: sim → não" in keeper.get("/issuers/AC-ONE/edit").text


def test_who_only_reads_gets_no_form_and_no_history(seller: PortalClient, session: Session) -> None:
    make_product(session, "ECPF-A1", name="e-CPF A1")
    make_issuer(session, "AC-ONE")

    page = seller.get("/products/ECPF-A1")

    assert "e-CPF A1" in page.text
    assert "Histórico" not in page.text
    for path in ("/products/new", "/products/ECPF-A1/edit", "/issuers/new", "/issuers/AC-ONE/edit"):
        assert path not in page.text
        assert seller.get(path).status_code == 403
        assert seller.submit(path, TYPED).status_code == 403


def test_nobody_is_led_to_the_sign_in_form(client: PortalClient) -> None:
    for path in ("/products", "/products/X", "/products/suggest?q=x", "/issuers"):
        assert client.get(path).location.startswith("/sign-in?next=")


def test_a_product_that_is_not_there_is_404(keeper: PortalClient) -> None:
    assert keeper.get("/products/NOTHING").status_code == 404
    assert keeper.get("/products/NOTHING/edit").status_code == 404
    assert keeper.get("/issuers/NOTHING/edit").status_code == 404


def test_a_form_offers_the_credit_types_in_the_reader_s_language(keeper: PortalClient) -> None:
    page = keeper.get("/products/new").text

    assert ">nenhum</option>" in page
    assert 'value="BRL"' in page
