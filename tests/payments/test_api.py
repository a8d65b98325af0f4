from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.payments import services as payments
from tests.factories import NOON, bearer, make_actor, make_service_point, make_user
from tests.payments.factories import make_charge, make_pix_account

PAID = {"paid_on": "2026-12-01", "method": "pix"}
PIX = {"key": "Caixa@Example.com", "holder": "Ponto da Praça", "city": "Recife"}


@pytest.mark.engines("sqlite", "mariadb")
def test_a_charge_is_read_and_confirmed(client: FlaskClient, session: Session) -> None:
    point = make_service_point(session, "SP-1")
    make_pix_account(session, point)
    charge = make_charge(session, point, "1234.50", subject=("test", 7))
    headers = bearer(session, make_user(session))
    path = f"/api/v1/charges/{charge.id}"

    before = client.get(path, headers=headers)
    after = client.post(f"{path}/confirm", json=PAID, headers=headers)
    again = client.post(f"{path}/confirm", json=PAID, headers=headers)

    assert before.json | {"txid": "", "br_code": ""} == {
        "id": charge.id,
        "provider": "pix_static",
        "subject": {"type": "test", "id": 7},
        "service_point": "SP-1",
        "payee": "service_point",
        "amount": "1234.50",
        "description": "A test",
        "txid": "",
        "br_code": "",
        "status": "pending",
        "created_at": "2026-12-01T12:00:00Z",
        "expires_at": None,
        "paid_on": None,
        "paid_at": None,
        "paid_amount": None,
        "method": None,
        "refunds": [],
    }
    assert before.json["txid"] in before.json["br_code"]
    assert charge.token not in before.text
    assert (after.status_code, after.json["status"]) == (200, "paid")
    assert (after.json["paid_on"], after.json["method"]) == ("2026-12-01", "pix")
    assert after.json["paid_amount"] == "1234.50"
    assert after.headers["ETag"] != before.headers["ETag"]
    assert (again.status_code, again.json["code"]) == (409, "already_confirmed")


@pytest.mark.parametrize(
    ("sent", "status", "field"),
    [
        ({"paid_on": "2026-12-02", "method": "pix"}, 422, "paid_on"),
        ({"paid_on": "01/12/2026", "method": "pix"}, 422, "paid_on"),
        ({"paid_on": "2026-12-01", "method": "gold"}, 422, "method"),
        ({"method": "pix"}, 422, "paid_on"),
        (PAID | {"amount": "1.00"}, 422, "amount"),
    ],
)
def test_a_confirmation_that_means_nothing_is_refused_at_its_field(
    client: FlaskClient, session: Session, sent: dict[str, Any], status: int, field: str
) -> None:
    charge = make_charge(session)
    headers = bearer(session, make_user(session))

    answer = client.post(f"/api/v1/charges/{charge.id}/confirm", json=sent, headers=headers)

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (status, field)


def test_people_of_a_point_do_not_confirm_what_headquarters_receives(
    client: FlaskClient, session: Session
) -> None:
    point = make_service_point(session)
    charge = make_charge(session, point, payee="headquarters")
    headers = bearer(session, make_user(session, "owner", point))

    answer = client.post(f"/api/v1/charges/{charge.id}/confirm", json=PAID, headers=headers)

    assert answer.status_code == 403


def test_a_list_holds_ones_own_newest_first_and_narrows_down(
    client: FlaskClient, session: Session
) -> None:
    here, there = make_service_point(session, "SP-1"), make_service_point(session, "SP-2")
    charges = [make_charge(session, point) for point in (here, there, here)]
    paid = charges[0]
    payments.confirm_charge(
        session, paid.id, paid_on=NOON.date(), method="cash", by=make_actor(), at=NOON
    )
    everywhere = bearer(session, make_user(session))
    own = bearer(session, make_user(session, "owner", here))

    def ids(headers: dict[str, str], query: str = "") -> list[int]:
        answer = client.get(f"/api/v1/charges{query}", headers=headers)
        assert answer.status_code == 200
        return [one["id"] for one in answer.json["items"]]

    newest = [charge.id for charge in reversed(charges)]
    assert ids(everywhere) == newest
    assert ids(own) == [newest[0], newest[2]]
    assert ids(everywhere, "?status=paid") == [paid.id]
    assert ids(everywhere, "?service_point=SP-2") == [newest[1]]
    assert ids(own, "?service_point=SP-2") == []
    assert ids(everywhere, "?from=2026-12-01&to=2026-12-01") == newest
    assert ids(everywhere, "?from=2026-12-02") == []


def test_a_refund_is_confirmed_once_and_shows_on_its_charge(
    client: FlaskClient, session: Session
) -> None:
    charge = make_charge(session)
    by = make_actor()
    payments.confirm_charge(session, charge.id, paid_on=NOON.date(), method="cash", by=by, at=NOON)
    refund = payments.request_refund(
        session, charge, amount=charge.amount, reason="Cancelled", by=by, at=NOON
    )
    headers = bearer(session, make_user(session))

    answers = [
        client.post(f"/api/v1/refunds/{refund.id}/confirm", headers=headers) for _ in range(2)
    ]

    first, second = answers
    assert (first.status_code, first.json["status"]) == (200, "refunded")
    assert first.json["refunds"] == [
        {
            "id": refund.id,
            "amount": "150.00",
            "status": "done",
            "reason": "Cancelled",
            "requested_at": "2026-12-01T12:00:00Z",
            "done_at": "2026-12-01T12:00:00Z",
        }
    ]
    assert (second.status_code, second.json["code"]) == (409, "already_refunded")


@pytest.mark.parametrize("whose", ["/service-points/SP-1/pix-account", "/pix-account"])
def test_a_pix_account_is_put_on_file_and_changed_by_who_has_read_it(
    client: FlaskClient, session: Session, whose: str
) -> None:
    make_service_point(session, "SP-1")
    headers = bearer(session, make_user(session))
    path = f"/api/v1{whose}"

    missing = client.get(path, headers=headers)
    made = client.put(path, json=PIX, headers=headers)
    read = client.get(path, headers=headers)
    changed = client.put(
        path, json=PIX | {"city": "Olinda"}, headers=headers | {"If-Match": read.headers["ETag"]}
    )
    stale = client.put(path, json=PIX, headers=headers | {"If-Match": read.headers["ETag"]})

    assert missing.status_code == 404
    assert (made.status_code, made.json) == (200, read.json)
    assert read.json == {
        "key": "caixa@example.com",
        "holder": "Ponto da Praça",
        "city": "Recife",
        "tax_id": None,
        "changed_at": "2026-12-01T12:00:00Z",
    }
    assert changed.json["city"] == "Olinda"
    assert stale.status_code == 412


def test_a_wrong_pix_key_is_named(client: FlaskClient, session: Session) -> None:
    make_service_point(session, "SP-1")
    headers = bearer(session, make_user(session))

    answer = client.put(
        "/api/v1/service-points/SP-1/pix-account", json=PIX | {"key": "x"}, headers=headers
    )

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "key")
