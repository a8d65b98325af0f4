"""On screen a shop opens once nothing is missing; the API stores what it is sent."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.partners.models import ServicePoint
from tests.factories import bearer, make_service_point, make_user
from tests.storefronts.factories import CNPJ, Stall, make_stall
from tests.visitors import PortalClient

API = "/api/v1/service-points"
OPEN = {"shop": {"slug": "ipe", "enabled": True}}


@pytest.fixture
def admin(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session))


@pytest.mark.engines("sqlite", "mariadb")
def test_the_api_stores_whether_a_shop_is_open_as_it_is_sent(
    client: PortalClient, session: Session, admin: dict[str, str]
) -> None:
    point = make_service_point(session)
    session.commit()
    path = f"{API}/{point.code}"

    opened = client.patch(path, json=OPEN | {"name": "Ipê"}, headers=admin)
    read = client.get(path, headers=admin).json
    shut = client.patch(path, json={"shop": {"enabled": False}}, headers=admin)

    assert (opened.status_code, read["shop"], read["name"]) == (200, OPEN["shop"], "Ipê")
    assert (shut.status_code, shut.json["shop"]["enabled"]) == (200, False)


def test_an_open_shop_that_lacks_something_may_be_saved_and_closed_on_screen(
    visit: Callable[..., Any], session: Session, stall: Stall
) -> None:
    stall.shop.phone, stall.shop.email = "", ""
    session.commit()
    path, typed = f"/service-points/{stall.point.code}/edit", _typed(stall.point)

    saved = visit("administrator").submit(path, typed | {"shop_enabled": "y", "name": "Ipê"})
    session.refresh(stall.point)
    closed = visit("administrator").submit(path, typed | {"version": str(stall.point.version)})
    session.refresh(stall.point)
    again = typed | {"version": str(stall.point.version), "shop_enabled": "y"}
    refused = visit("administrator").submit(path, again)

    assert [one.status_code for one in (saved, closed, refused)] == [303, 303, 422]
    session.refresh(stall.point)
    assert not stall.point.shop_enabled


def test_the_form_of_a_service_point_says_what_its_shop_lacks(
    visit: Callable[..., Any], session: Session
) -> None:
    stall = make_stall(session, is_open=False)
    stall.point.tax_id = None
    session.commit()
    path, typed = f"/service-points/{stall.point.code}/edit", _typed(stall.point)

    refused = visit("administrator").submit(path, typed | {"shop_enabled": "y"})
    saved = visit("administrator").submit(path, typed | {"shop_enabled": "y", "tax_id": CNPJ})

    session.refresh(stall.point)
    assert refused.status_code == 422
    assert 'id="shop_enabled-error"' in refused.text
    assert "Falta: Quem vende." in refused.text
    assert (saved.status_code, stall.point.shop_enabled) == (303, True)


def test_a_new_service_point_is_put_on_file_with_its_shop_shut(visit: Callable[..., Any]) -> None:
    page = visit("administrator").get("/service-points/new").text

    assert 'name="shop_slug"' in page
    assert 'name="shop_enabled"' not in page


def _typed(point: ServicePoint) -> dict[str, str]:
    """Return what the form of a service point holds."""
    return {
        "name": point.name,
        "shop_slug": point.shop_slug or "",
        "collects": point.collects,
        "max_discount_percent": "0",
        "max_surcharge_percent": "0",
        "active": "y",
        "version": str(point.version),
    }
