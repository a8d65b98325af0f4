"""What is read of a shop: by people in three languages, by search engines, by browsers."""

import gzip
import json
import re
from typing import Any
from xml.parsers import expat

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.catalogue import services as catalogue
from portal.catalogue.models import ProductKind
from portal.catalogue.services import touch_offers
from portal.storefronts.models import ShopLogo
from tests.factories import NOON, make_actor
from tests.storefronts.factories import Stall, Visitor, make_stall


def described(page: str) -> Any:
    """Return what search engines read in a page."""
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    return json.loads(text)


# Languages


@pytest.mark.parametrize(
    ("rest", "language", "said"),
    [
        ("", "pt-BR", "Buscar produto"),
        ("/es", "es", "Buscar un producto"),
        ("/en", "en", "Search for a product"),
        ("/es/p/ECPF-A1", "es", "Poner en el carrito"),
        ("/en/carrinho", "en", "Your cart is empty."),
        ("/es/privacidade", "es", "Sus datos"),
    ],
)
def test_a_shop_speaks_three_languages(
    visitor: Visitor, rest: str, language: str, said: str
) -> None:
    page = visitor.see(rest).text

    assert f'<html lang="{language}">' in page
    assert said in page


def test_links_stay_in_the_language_and_lead_to_the_others(visitor: Visitor, stall: Stall) -> None:
    page = visitor.see("/es/p/ECPF-A1").text

    assert (
        f'href="{stall.path}/es/carrinho"' in page or f'action="{stall.path}/es/carrinho"' in page
    )
    assert f'href="{stall.path}/en/p/ECPF-A1"' in page
    assert f'hreflang="pt-BR" href="http://localhost{stall.path}/p/ECPF-A1"' in page


def test_a_refusal_is_said_in_the_language(visitor: Visitor) -> None:
    assert "ya no lo vende" in visitor.see("/es/p/NADA").text
    assert "or no longer does" in visitor.see("/en/p/NADA").text


# What machines read


def test_search_engines_read_products_and_prices(visitor: Visitor) -> None:
    shop, product = described(visitor.see().text), described(visitor.see("/p/ECPF-A1").text)

    offers = shop["hasOfferCatalog"]["itemListElement"]
    assert (offers[0]["name"], offers[0]["price"]) == ("e-CPF A1, 12 meses", "169")
    assert shop["telephone"] == "(19) 3000-1234"
    assert product["offers"]["priceCurrency"] == "BRL"
    assert product["offers"]["availability"].endswith("/InStock")


@pytest.mark.parametrize("name", ["</script><b>x", "<!--", "a & b", 'aspas "duplas"'])
def test_a_name_cannot_leave_what_machines_read(
    session: Session, visitor: Visitor, name: str
) -> None:
    catalogue.change_product(session, "ECPF-A1", {"name": name}, by=make_actor(), at=NOON)

    page = visitor.see("/p/ECPF-A1").text

    assert described(page)["name"] == name
    assert name not in page or name == "a & b"


def test_robots_and_sitemaps_name_what_is_open(session: Session, client: Any, stall: Stall) -> None:
    make_stall(session, "fechada", goods=(("X-1", "X", "Y", "1", "2"),), is_open=False)

    robots = client.get("/robots.txt").text
    index = client.get("/sitemap.xml").text
    pages_named = client.get(f"{stall.path}/sitemap.xml").text

    assert "Disallow: /\n" in robots
    assert "Allow: /loja/" in robots
    assert "Sitemap: http://localhost/sitemap.xml" in robots
    assert re.findall("<loc>(.*?)</loc>", index) == [f"http://localhost{stall.path}/sitemap.xml"]
    for text in (index, pages_named):
        expat.ParserCreate().Parse(text, True)
    assert f"<loc>http://localhost{stall.path}/es/p/TOKEN</loc>" in pages_named


def test_the_portals_own_address_comes_from_the_settings(
    make_app: Any, session: Session, stall: Stall
) -> None:
    client = make_app(public_url="https://loja.example").test_client()

    page = client.get(stall.path, headers={"Host": "evil.example"}).text

    assert 'rel="canonical" href="https://loja.example/loja/contabil-ipe"' in page
    assert "evil.example" not in page


def test_colours_and_logos_are_kept_for_ever(
    session: Session, visitor: Visitor, stall: Stall
) -> None:
    session.add(
        ShopLogo(
            service_point_id=stall.point.id, digest="0123456789abcdef", media_type="image/png",
            width=120, height=40, content=b"\x89PNG",
        )
    )  # fmt: skip
    touch_offers(session)

    page = visitor.see().text
    colours, logo = visitor.see("/cores-6b2c7f.css"), visitor.see("/logo-0123456789abcdef")

    assert f"{stall.path}/logo-0123456789abcdef" in page
    assert colours.headers["Content-Type"].startswith("text/css")
    assert "--s-brand:light-dark(#6b2c7f," in colours.text
    assert (logo.data, logo.headers["Content-Type"]) == (b"\x89PNG", "image/png")
    assert all("immutable" in one.headers["Cache-Control"] for one in (colours, logo))
    assert visitor.see("/cores-vermelho.css").status_code == 404


def fetched(client: Any, path: str) -> bytes:
    with client.get(path) as answer:
        return bytes(answer.data)


def test_the_first_page_is_light(session: Session, client: Any, app: Flask) -> None:
    goods = tuple(
        (
            f"P-{number:02}",
            f"Certificado {number}, doze meses",
            f"G{number % 5}",
            "10",
            "199",
        )
        for number in range(50)
    )
    stall = make_stall(session, goods=goods)

    page = client.get(stall.path)
    files = re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page.text)
    contents = [fetched(client, one) for one in files]

    assert page.text.count('class="card"') == 50
    assert len(page.data) + sum(map(len, contents)) <= 60_000
    assert sum(len(gzip.compress(one)) for one in contents) <= 15_000


def test_units_of_a_product_of_a_kind_are_shown_alike(session: Session, visitor: Visitor) -> None:
    catalogue.change_product(
        session, "TOKEN", {"kind": ProductKind.GOOD, "fractional": True}, by=make_actor(), at=NOON
    )

    assert 'inputmode="decimal"' in visitor.see("/p/TOKEN").text
