"""Texts, looks, logo, address and poster, as those who run a shop change them."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import segno
from PIL import Image
from sqlalchemy.orm import Session

from portal.partners.rules import Shop as Opened
from portal.storefronts.models import Shop, ShopLogo
from tests.factories import PASSWORD, make_service_point, make_user, sign_in
from tests.storefronts.factories import Stall
from tests.storefronts.test_admin_poster import drawing, modules

Visit = Callable[..., Any]
TYPED = {
    "name": "Ipê Certificados",
    "tagline": "Em Campinas",
    "headline": "Pronto hoje",
    "colour": "#ffcc00",
    "legal_name": "Contábil Ipê Serviços Ltda",
    "phone": "(19) 3000-1234",
    "version": "1",
}


def logo(kind: str = "PNG", size: tuple[int, int] = (300, 100)) -> BytesIO:
    content = BytesIO()
    Image.new("RGB", size, (220, 20, 30)).save(content, kind)
    return BytesIO(content.getvalue())


def upload(client: Any, path: str, file: BytesIO, name: str = "logo.png") -> Any:
    sent = {"file": (file, name)}
    return client.submit(path, sent, content_type="multipart/form-data", follow_redirects=True)


# Texts and looks


def test_settings_are_saved_and_visitors_see_them(owner: Any, stall: Stall, path: str) -> None:
    saved = owner.submit(f"{path}/settings", TYPED, follow_redirects=True).text
    shop = owner.get(stall.path).text

    assert "Salvo. Os visitantes já veem." in saved
    assert 'value="Ipê Certificados"' in saved
    assert "Ipê Certificados" in shop
    assert "cores-ffcc00.css" in shop
    assert "Textos e aparência alterados" in owner.get(path).text


def test_a_bright_colour_is_kept_and_its_darker_shade_is_told(owner: Any, path: str) -> None:
    saved = owner.submit(f"{path}/settings", TYPED, follow_redirects=True).text

    (shade,) = re.findall(r"tom mais escuro dela, (#[0-9a-f]{6})", saved)
    assert shade != "#ffcc00"
    assert 'value="#ffcc00"' in saved


def test_a_bad_form_comes_back_with_its_errors_and_an_old_one_is_refused(
    owner: Any, path: str, session: Session, stall: Stall
) -> None:
    bad = owner.submit(f"{path}/settings", TYPED | {"colour": "red", "email": "x"})
    zero = owner.submit(f"{path}/settings", TYPED | {"orders_per_document": "0"})
    old = owner.submit(f"{path}/settings", TYPED | {"version": "7"})

    assert (bad.status_code, zero.status_code, old.status_code) == (422, 422, 422)
    assert 'id="colour-error"' in bad.text
    assert 'id="orders_per_document-error"' in zero.text
    session.expire_all()
    assert session.get_one(Shop, stall.shop.id).name == "Contábil Ipê"


def test_a_preview_shows_what_is_typed_and_stores_nothing(
    owner: Any, stall: Stall, path: str, session: Session
) -> None:
    whole = owner.submit(f"{path}/preview", TYPED)
    part = owner.submit(f"{path}/preview", TYPED, headers={"HX-Request": "true"})
    bad = owner.submit(f"{path}/preview", TYPED | {"colour": "red"})
    bad_part = owner.submit(
        f"{path}/preview", TYPED | {"colour": "red"}, headers={"HX-Request": "true"}
    )

    for page in (whole.text, part.text):
        assert "Pronto hoje" in page
        assert "cores-ffcc00.css" in page
    assert "e-CPF A1, 12 meses" in whole.text
    assert "Nada disso foi salvo" in whole.text
    assert "<html" not in part.text
    assert (bad.status_code, bad_part.status_code) == (422, 204)
    session.expire_all()
    assert session.get_one(Shop, stall.shop.id).headline == "Seu certificado digital pronto hoje"


def test_a_preview_works_before_there_is_an_address(visit: Visit, session: Session) -> None:
    point = make_service_point(session)

    page = visit("owner", point).submit(
        f"/service-points/{point.code}/shop/preview", TYPED | {"version": "0"}
    )

    assert page.status_code == 200
    assert "Ipê Certificados" in page.text


def test_texts_are_shown_as_texts_wherever_they_stand(owner: Any, stall: Stall, path: str) -> None:
    payload = '"><script>alert(1)</script>{{7*7}}'
    texts = dict.fromkeys(("name", "tagline", "headline", "intro", "promises", "advice"), payload)
    sent = TYPED | texts | {"returns_text": payload, "address": payload, "hours": payload}

    owner.submit(f"{path}/settings", sent)
    owner.submit(f"{path}/products/TOKEN", {"summary": payload, "details": payload})

    pages = [path, f"{path}/settings", f"{path}/products", f"{path}/products/TOKEN", stall.path]
    for page in (*pages, f"{stall.path}/p/TOKEN", f"{stall.path}/trocas", "/shops"):
        text = owner.get(page, follow_redirects=True).text
        assert "<script>alert" not in text, page
        assert "49" not in text.partition("<main")[2].partition("alert(1)")[2][:60], page
    assert owner.get(f"{path}/poster").status_code == 200


# The logo


def test_a_logo_is_put_up_and_taken_down(owner: Any, stall: Stall, path: str) -> None:
    put = upload(owner, f"{path}/logo", logo("JPEG"), "../../etc/passwd.svg")
    shown, shop = owner.get(f"{path}/logo-file"), owner.get(stall.path).text
    taken = owner.submit(f"{path}/logo", {"remove": "1"}, follow_redirects=True)

    assert "O logotipo está no ar." in put.text
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert re.search(r'<img src="/loja/contabil-ipe/logo-[0-9a-f]{16}"', shop)
    assert "O logotipo foi removido." in taken.text
    assert owner.get(f"{path}/logo-file").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG ou WebP"),
        ("logo.svg", b"<?xml version='1.0'?><svg/>", "PNG, JPEG ou WebP"),
        ("logo.png", b"", "PNG, JPEG ou WebP"),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + bytes(2 * 1024 * 1024), "no máximo 2 MB"),
        ("logo.png", bytes(9 * 1024 * 1024), "no máximo 2 MB"),
    ],
)
def test_what_is_no_logo_is_refused_in_words(
    owner: Any, path: str, session: Session, stall: Stall, name: str, content: bytes, said: str
) -> None:
    page = upload(owner, f"{path}/logo", BytesIO(content), name)

    assert said in page.text.partition("flashes")[2]
    assert session.get(ShopLogo, stall.point.id) is None


# The address and the poster


def test_the_address_is_changed_with_checks(owner: Any, path: str, session: Session) -> None:
    make_service_point(session, shop=Opened("ocupada"))
    version = re.findall(r'name="version"[^>]*value="(\d+)"', owner.get(f"{path}/address").text)

    def move(slug: str) -> Any:
        return owner.submit(f"{path}/address", {"shop_slug": slug, "version": version[0]})

    taken, bad = move("ocupada"), move("Não dá")
    moved = move("ipe-centro")
    page = owner.get(f"{path}/address").text

    assert (taken.status_code, bad.status_code, moved.status_code) == (422, 422, 303)
    for answer in (taken, bad):
        assert 'id="shop_slug-error"' in answer.text
    assert "http://localhost/loja/ipe-centro" in page
    assert "<svg" in page.partition("QR code")[2]
    assert owner.get("/loja/ipe-centro").status_code == 200
    assert owner.get("/loja/contabil-ipe").status_code == 404
    assert "Endereço da loja: contabil-ipe → ipe-centro" in owner.get(path).text


def test_the_poster_is_a_pdf_that_carries_the_public_address(
    make_app: Any, session: Session, stall: Stall, path: str
) -> None:
    client = make_app(public_url="https://repasse.example").test_client()
    sign_in(client, make_user(session, "owner", stall.point))

    answer = client.get(f"{path}/poster")

    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=contabil-ipe.pdf"
    code = segno.make("https://repasse.example/loja/contabil-ipe", error="q", micro=False)
    assert modules(drawing(answer.data)) == [list(row) for row in code.matrix]


def test_without_an_address_there_is_no_poster(visit: Visit, session: Session) -> None:
    point = make_service_point(session)

    answer = visit("owner", point).get(f"/service-points/{point.code}/shop/poster")

    assert answer.status_code == 404
    assert "escolha primeiro o endereço" in answer.text


# In a browser


def test_the_preview_follows_what_is_typed(
    page: Any, stall: Stall, path: str, session: Session
) -> None:
    make_user(session, "owner", stall.point, email="dona@ipe.example")
    session.commit()
    page.goto("/sign-in")
    page.fill("input[name=email]", "dona@ipe.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/")
    page.goto(f"{path}/settings")

    page.fill("#headline", "Assine hoje mesmo")
    page.fill("#colour", "#00aa55")
    page.keyboard.press("Tab")
    page.wait_for_selector(".look-day .look-head:has-text('Assine hoje mesmo')")
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.look-day .look-btn')).backgroundColor"
        " !== 'rgb(107, 44, 127)'"
    )
    with page.context.expect_page() as opened:
        page.click("text=Ver a página inteira")
    whole = opened.value
    whole.wait_for_selector("h1:has-text('Assine hoje mesmo')")

    assert "Nada disso foi salvo" in whole.content()
    page.click("text=Salvar")
    page.wait_for_selector("text=Salvo. Os visitantes já veem.")
