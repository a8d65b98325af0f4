"""The doors of pages: who gets in, what strangers' forms meet, what a refusal looks like."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.web import access
from portal.web.access import local_target
from tests.web.site import PEOPLE


@pytest.fixture
def visit(site: Callable[..., Flask]) -> Callable[[str | None], Any]:
    """Come as one of PEOPLE, or as nobody."""

    def come(who: str | None) -> Any:
        app = site()
        access.load_with(lambda: PEOPLE[who] if who else None, lambda _token: None)(app)
        return app.test_client()

    return come


def test_an_open_page_asks_for_nobody(visit: Any) -> None:
    assert visit(None).get("/open-page").text == "open"


def test_nobody_is_led_to_the_sign_in_form_and_back(visit: Any) -> None:
    answer = visit(None).get("/orders-page?status=placed")

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/orders-page?status%3Dplaced"


def test_a_part_of_a_page_leads_the_whole_page_to_sign_in(visit: Any) -> None:
    answer = visit(None).get("/orders-page", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_who_may_gets_in_and_who_may_not_is_told(visit: Any) -> None:
    assert visit("boss").get("/orders-page").text == "orders"
    refused = visit("nobody").get("/orders-page")
    assert refused.status_code == 403
    assert "Seu perfil não permite isto" in refused.text


def test_a_form_without_its_token_is_refused(visit: Any) -> None:
    answer = visit("boss").post("/coin", data={"purse": "x"})

    assert answer.status_code == 403
    assert "O formulário" in answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 400),
        ("https://localhost", 400),
        ("http://evil.test", 403),
        ("null", 403),
        ("http://localhost.evil.test", 403),
        ("http://localhost:81", 403),
    ],
)
def test_a_form_of_another_site_is_refused_even_with_a_token(
    origin: str, status: int, visit: Any
) -> None:
    answer = visit("boss").submit("/coin", {"purse": "x"}, headers={"Origin": origin})

    assert answer.status_code == status


def test_a_page_that_is_not_there_says_so_in_a_page(visit: Any) -> None:
    answer = visit(None).get("/nowhere")

    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")
    assert answer.headers["X-Request-ID"] in answer.text


def test_a_page_whose_frame_breaks_still_answers(
    visit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object, **_values: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("portal.web.problems.render_template", breaks)

    answer = visit(None).get("/nowhere")

    assert answer.status_code == 404
    assert "404" in answer.text


def test_a_loader_that_fails_is_a_fault_and_no_loop(site: Callable[..., Flask]) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    app = site()
    access.load_with(fails, lambda _token: None)(app)

    assert app.test_client().get("/orders-page").status_code == 500


@pytest.mark.parametrize("address", ["/orders", "/orders?a=1&b=//x", "/"])
def test_one_goes_on_to_own_pages(address: str) -> None:
    assert local_target(address) == address


@pytest.mark.parametrize(
    "address",
    [None, "", "//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "orders",
     "/a\nb", "/\t/evil"],
)  # fmt: skip
def test_one_never_goes_on_to_elsewhere(address: str | None) -> None:
    assert local_target(address) is None
