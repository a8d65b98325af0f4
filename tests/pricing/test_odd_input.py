"""Whatever is sent is answered with a reason, never with a failure, and stores nothing."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.pricing.models import Edition, PriceAssignment
from tests.factories import bearer, make_user, sign_in
from tests.pricing.factories import make_point, make_product, make_table
from tests.visitors import PortalClient

ODD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 2**70, 1.5, "", " ", "abc", "1,5", "1.234,56", "1e5", "NaN",
    "Infinity",
    "-0.0001", "0.00001", "99999999999999999999", "9" * 400, "\u0661", [], {}, "2026-02-30",
    "0000-00-00", "10000-01-01", "9999-12-31T00:00:00Z", "'; DROP TABLE editions", "\ud83d\ude00",
)  # fmt: skip
REFUSED = {400, 409, 422}


@pytest.fixture
def boss(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session))


def count(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.engines("sqlite", "mariadb")
def test_odd_editions_are_refused(
    client: PortalClient, session: Session, boss: dict[str, str]
) -> None:
    table = make_table(session).id
    make_product(session, "A1")
    good = {"valid_from": "2027-01-01", "items": [{"sku": "A1", "price": "1"}]}
    sent = [good | {"valid_from": odd} for odd in ODD]
    sent += [good | {"valid_until": odd} for odd in ODD if odd is not None]
    sent += [good | {"items": odd} for odd in ODD if odd != []]
    sent += [good | {"items": [{"sku": odd, "price": "1"}]} for odd in ODD]
    sent += [good | {"items": [{"sku": "A1", "price": odd}]} for odd in ODD if odd != 1.5]
    sent += [good | {"items": [{"sku": "A1", "price": "1", "free": odd}]} for odd in ODD]

    answers = [client.post(f"/api/v1/price-tables/{table}/editions", json=one, headers=boss)
               for one in sent]  # fmt: skip

    assert {answer.status_code for answer in answers} <= REFUSED
    assert count(session, Edition) == 0


@pytest.mark.engines("sqlite", "mariadb")
def test_odd_assignments_are_refused(
    client: PortalClient, session: Session, boss: dict[str, str]
) -> None:
    make_point(session, "SP-1")
    table = make_table(session).id
    good = {"mode": "general", "price_table": table, "valid_from": "2027-01-01"}
    sent = [good | {name: odd} for name in ("mode", "price_table", "valid_from") for odd in ODD
            if odd is not True]  # fmt: skip
    sent += [good | {"valid_until": odd} for odd in ODD if odd is not None]

    answers = [
        client.put(
            "/api/v1/service-points/SP-1/price-assignments", json={"items": [one]}, headers=boss
        )
        for one in sent
    ]

    assert {answer.status_code for answer in answers} <= REFUSED
    assert count(session, PriceAssignment) == 0


@pytest.mark.parametrize("number", ["0", "999999", str(2**63 - 1), str(2**64), "x", "1.5"])
def test_numbers_of_nothing_are_not_found(
    client: PortalClient, boss: dict[str, str], number: str
) -> None:
    paths = [
        f"/api/v1/price-tables/{number}",
        f"/api/v1/price-tables/{number}/editions",
        f"/api/v1/price-tables/{number}/editions/{number}",
    ]

    assert {client.get(path, headers=boss).status_code for path in paths} == {404}


def test_odd_forms_come_back(client: PortalClient, session: Session) -> None:
    sign_in(client, make_user(session))
    point, table = make_point(session, "SP-1"), make_table(session).id
    make_product(session, "A1")
    days = ["", "abc", "31/02/2026", "2026-02-30", "0001-01-01", "9999-12-31", "99999-01-01"]

    for day in days:
        new = {"valid_from": day, "source": ""}
        asked = f"/why?service_point={point.code}&product=A1&day={day}"
        row = {"rows-0-table": "999999999999999999999", "rows-0-valid_from": day}
        answers = [
            client.submit(f"/price-tables/{table}/editions/new", new),
            client.submit("/service-points/SP-1/prices/edit", row | {"version": "1"}),
        ]
        assert {answer.status_code for answer in answers} == {422}, day
        assert client.get(asked).status_code in {200, 422}
    assert count(session, Edition) == count(session, PriceAssignment) == 0
