"""Who finds what at the side, and where one is."""

from pathlib import Path

import pytest
from flask import Blueprint, Flask

from portal.actors import Actor, Place
from portal.web.navigation import (
    NAVIGATION,
    Item,
    Section,
    address,
    current_item,
    register_navigation,
    visible,
    with_arguments,
    without,
)

EVERYTHING = frozenset(item.permission for item in NAVIGATION if item.permission)


def make_actor(*, headquarters: bool = True, permissions: frozenset[str] = EVERYTHING) -> Actor:
    return Actor(
        1,
        "rita@example.org",
        "Rita Teles",
        "Clerk",
        headquarters,
        permissions,
        (Place(1, "P1", "Ipê"),),
    )


@pytest.fixture
def portal() -> Flask:
    """Return an application that has every page of the navigation."""
    app = Flask(__name__)
    blueprints: dict[str, Blueprint] = {}
    for endpoint in {item.endpoint for item in NAVIGATION} | {
        "orders.show",
        "catalogue.product_edit",
    }:
        name, _, view = endpoint.partition(".")
        blueprint = blueprints.setdefault(name, Blueprint(name, __name__, url_prefix=f"/{name}"))
        blueprint.add_url_rule(f"/{view}", view, lambda: "")
    for blueprint in blueprints.values():
        app.register_blueprint(blueprint)
    register_navigation(app)
    return app


def words(sections: list[Section]) -> list[str]:
    return [link.label for section in sections for link in section.links]


def test_headquarters_sees_wallets_and_a_service_point_sees_credits(portal: Flask) -> None:
    with portal.test_request_context("/home/index"):
        at_headquarters = words(visible(NAVIGATION, make_actor()))
        at_the_point = words(visible(NAVIGATION, make_actor(headquarters=False)))

    assert "Wallets" in at_headquarters
    assert "Credits" not in at_headquarters
    assert "Credits" in at_the_point
    assert "Wallets" not in at_the_point


def test_without_a_permission_its_pages_are_not_offered(portal: Flask) -> None:
    with portal.test_request_context("/home/index"):
        offered = words(visible(NAVIGATION, make_actor(permissions=frozenset({"orders.view"}))))

    assert offered == ["Home", "Orders", "My account"]


def test_a_visitor_is_offered_nothing(portal: Flask) -> None:
    with portal.test_request_context("/home/index"):
        assert visible(NAVIGATION, None) == []


def test_pages_that_do_not_exist_are_not_offered() -> None:
    app = Flask(__name__)
    home = Blueprint("home", __name__)
    home.add_url_rule("/", "index", lambda: "")
    app.register_blueprint(home)
    register_navigation(app)

    with app.test_request_context("/"):
        assert words(visible(NAVIGATION, make_actor())) == ["Home"]
        assert address("home.index") == "/"
        assert address("orders.index") is None


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ("/orders/new", "New order"),
        ("/orders/show", "Orders"),
        ("/catalogue/product_edit", "Products"),
        ("/pricing/why", "Why this price"),
    ],
)
def test_the_present_page_is_marked_once(portal: Flask, path: str, marked: str) -> None:
    with portal.test_request_context(path):
        sections = visible(NAVIGATION, make_actor())

    assert [link.label for section in sections for link in section.links if link.current] == [
        marked
    ]


def test_a_page_that_belongs_nowhere_marks_nothing() -> None:
    items = [Item("", "Products", "catalogue.products", "box")]

    assert current_item(items, "catalogue.issuers") is None
    assert current_item(items, None) is None


def test_sections_keep_their_order_and_headings(portal: Flask) -> None:
    with portal.test_request_context("/home/index"):
        headings = [section.label for section in visible(NAVIGATION, make_actor())]

    assert headings == ["", "Prices", "Credit", "Registers", "Settings"]


def test_sorting_keeps_the_other_arguments_and_starts_the_pages_anew(portal: Flask) -> None:
    with portal.test_request_context("/orders/index?state=done&state=open&after=x"):
        sorted_anew = with_arguments(sort="-total", after=None)
        unfiltered = without("state")

    assert sorted_anew == "/orders/index?state=done&state=open&sort=-total"
    assert unfiltered == "/orders/index"


def test_every_icon_of_the_navigation_is_in_the_sprite() -> None:
    sprite = (Path(__file__).resolve().parents[2] / "static" / "icons.svg").read_text(
        encoding="utf-8"
    )

    assert [item.icon for item in NAVIGATION if f'id="{item.icon}"' not in sprite] == []
