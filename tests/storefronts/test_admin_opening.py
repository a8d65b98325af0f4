"""A shop opens in the same way whoever asks: its own page, the service point's form, the API."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.partners.models import ServicePoint
from portal.storefronts.rules.admin.opening import Need
from tests.factories import bearer, make_service_point, make_user
from tests.storefronts.factories import CNPJ, Stall, make_stall
from tests.visitors import PortalClient

API = "/api/v1/service-points"
OPEN = {"shop": {"slug": "ipe", "enabled": True}}


@pytest.fixture
def admin(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session))


@pytest.mark.engines("sqlite", "mariadb")
def test_the_api_opens_no_shop_that_lacks_something(
    client: PortalClient, session: Session, admin: dict[str, str]
) -> None:
    point = make_service_point(session)
    session.commit()

    refused = client.patch(f"{API}/{point.code}", json=OPEN | {"name": "Ipê"}, headers=admin)
    read = client.get(f"{API}/{point.code}", headers=admin).json

    lacking = [need.value for need in Need if need != Need.ADDRESS]
    assert (refused.status_code, refused.json["code"]) == (409, "shop_not_ready")
    assert [one["code"] for one in refused.json["errors"]] == lacking
    assert {one["field"] for one in refused.json["errors"]} == {"shop.enabled"}
    assert (read["shop"], read["name"]) == (None, point.name)


@pytest.mark.engines("sqlite", "mariadb")
def test_the_api_opens_a_shop_once_nothing_is_missing(
    client: PortalClient, session: Session, admin: dict[str, str]
) -> None:
    stall = make_stall(session, is_open=False)
    stall.point.tax_id = None
    session.commit()
    path = f"{API}/{stall.point.code}"

    early = client.patch(path, json=OPEN, headers=admin)
    opened = client.patch(path, json=OPEN | {"tax_id": CNPJ}, headers=admin)

    assert [one["code"] for one in early.json["errors"]] == [Need.TEXTS]
    assert (opened.status_code, opened.json["shop"]) == (200, OPEN["shop"])
    assert client.get("/loja/ipe").status_code == 200


def test_an_open_shop_that_lacks_something_may_be_saved_moved_and_closed(
    client: PortalClient, session: Session, stall: Stall, admin: dict[str, str]
) -> None:
    stall.shop.phone, stall.shop.email = "", ""
    session.commit()

    def change(**changes: Any) -> tuple[int, bool]:
        answer = client.patch(f"{API}/{stall.point.code}", json=changes, headers=admin)
        return answer.status_code, answer.json.get("shop", {}).get("enabled")

    assert change(name="Ipê", shop={"slug": "contabil-ipe", "enabled": True}) == (200, True)
    assert change(shop={"slug": "ipe", "enabled": True}) == (200, True)
    assert change(shop={"enabled": False}) == (200, False)
    assert change(shop={"enabled": True}) == (409, None)


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
