"""Wallets over HTTP, as other systems compute with them (API.md)."""

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.partners.models import ServicePoint
from tests.factories import bearer, make_credit_policy, make_service_point, make_user
from tests.visitors import MovableClock, PortalClient

_keys = count(1)


class Caller:
    """Another system with a token."""

    def __init__(self, client: PortalClient, headers: dict[str, str]) -> None:
        self.client, self.headers = client, headers

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> Any:
        headers = {**self.headers, "Idempotency-Key": key or f"key-{next(_keys)}"}
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)


@pytest.fixture
def point(session: Session) -> ServicePoint:
    return make_service_point(session, "SP-0007")


@pytest.fixture
def finance(client: PortalClient, session: Session, point: ServicePoint) -> Caller:
    assert point
    return Caller(client, bearer(session, make_user(session, "finance", email="f@example.com")))


BRL = "/service-points/SP-0007/accounts/BRL"
ZEROS = {
    "owner": {"service_point": "SP-0007"},
    "credit_type": "BRL",
    "balance": "0.00",
    "held": "0.00",
    "available": "0.00",
    "debt": "0.00",
    "overdraft": "0.00",
    "next_expiry": None,
}


def granted(caller: Caller, amount: str, **facts: Any) -> Any:
    body = {"amount": amount, "paid": amount, "kind": "paid", "reason": "Pix"} | facts
    answer = caller.post(f"{BRL}/grants", body)
    assert answer.status_code == 201, answer.json
    return answer.json


def debited(caller: Caller, amount: str, **facts: Any) -> Any:
    answer = caller.post(f"{BRL}/debits", {"amount": amount, "source": "manual"} | facts)
    assert answer.status_code == 201, answer.json
    return answer.json


def limit(caller: Caller, session: Session, path: str, **change: str) -> None:
    """Change a service point or a policy, as someone who may."""
    headers = bearer(session, make_user(session))
    answer = caller.client.patch(f"/api/v1{path}", json=change, headers=headers)
    assert answer.status_code == 200, answer.json


@pytest.mark.engines("sqlite", "mariadb")
def test_a_new_service_point_has_an_account_of_zeros(finance: Caller) -> None:
    assert finance.get(BRL).json == ZEROS
    assert finance.get(f"{BRL}/entries").json == {"items": [], "next": None}
    assert finance.get(f"{BRL}/lots").json == {"items": [], "next": None}


@pytest.mark.engines("sqlite", "mariadb")
def test_a_grant_answers_with_its_lot_and_the_account(finance: Caller) -> None:
    made = granted(finance, "1000.00", paid="900.00", expires_on="2027-03-31")

    lot = {
        "id": made["lot"]["id"],
        "kind": "paid",
        "face": "1000.00",
        "paid": "900.00",
        "remaining": "1000.00",
        "recognised": "0.00",
        "granted_at": "2026-12-01T12:00:00Z",
        "expires_on": "2027-03-31",
        "origin": "grant",
        "status": "live",
    }
    account = ZEROS | {
        "balance": "1000.00",
        "available": "1000.00",
        "next_expiry": {"on": "2027-03-31", "amount": "1000.00"},
    }
    assert made == {"transaction": made["transaction"], "lot": lot, "account": account}
    assert finance.get(BRL).json == account
    assert finance.get(f"{BRL}/lots").json == {"items": [lot], "next": None}


@pytest.mark.engines("sqlite", "mariadb")
def test_a_debit_says_which_lots_it_used_and_what_became_debt(
    finance: Caller, session: Session
) -> None:
    make_credit_policy(session, "LIMIT", money=Decimal(50))
    limit(finance, session, "/service-points/SP-0007", credit_policy="LIMIT")
    gift = granted(finance, "60.00", paid="0", kind="bonus", expires_on="2026-12-31")
    paid = granted(finance, "100.00")

    made = debited(
        finance, "180.00", source="invoice", reference="NF 12", description="Mensalidade"
    )

    assert made["lots"] == [
        {"lot": gift["lot"]["id"], "amount": "60.00"},
        {"lot": paid["lot"]["id"], "amount": "100.00"},
    ]
    assert made["debt"] == "20.00"
    assert made["account"] == ZEROS | {
        "balance": "-20.00",
        "available": "30.00",
        "debt": "20.00",
        "overdraft": "50.00",
    }
    (entry,) = finance.get(f"{BRL}/entries?kind=debit").json["items"]
    assert entry | {"hash": "", "id": 0} == {
        "id": 0,
        "at": "2026-12-01T12:00:00Z",
        "kind": "debit",
        "amount": "-180.00",
        "balance": "-20.00",
        "reference": {"type": "invoice", "id": "NF 12"},
        "lots": made["lots"],
        "description": "Mensalidade",
        "actor": "f@example.com",
        "hash": "",
    }
    assert entry["id"] == made["transaction"]


def test_what_is_missing_is_said_and_nothing_changes(finance: Caller) -> None:
    granted(finance, "100.00")

    refused = finance.post(f"{BRL}/debits", {"amount": "100.01", "source": "event"})

    assert refused.status_code == 422
    assert refused.json["code"] == "insufficient_credit"
    assert (refused.json["shortfall"], refused.json["available"]) == ("0.01", "100.00")
    assert finance.get(BRL).json["balance"] == "100.00"
    assert len(finance.get(f"{BRL}/entries").json["items"]) == 1


@pytest.mark.engines("sqlite", "mariadb")
def test_a_debit_is_reversed_once_into_its_lots(finance: Caller) -> None:
    lot = granted(finance, "100.00")["lot"]["id"]
    taken = debited(finance, "40.00")["transaction"]

    made = finance.post(f"/transactions/{taken}/reverse", {"reason": "Engano"})
    again = finance.post(f"/transactions/{taken}/reverse", {"reason": "Engano"})

    assert made.status_code == 201
    assert made.json == {
        "transaction": made.json["transaction"],
        "reverses": taken,
        "lots": [{"lot": lot, "amount": "40.00"}],
        "account": ZEROS | {"balance": "100.00", "available": "100.00"},
    }
    assert (again.status_code, again.json["code"]) == (409, "already_reversed")
    newest = finance.get(f"{BRL}/entries").json["items"][-1]
    assert newest["reference"] == {"type": "transaction", "id": str(taken)}
    assert newest["description"] == "Engano"


def test_a_grant_is_taken_back_only_while_unused(finance: Caller) -> None:
    used, unused = granted(finance, "100.00"), granted(finance, "50.00")
    debited(finance, "1.00")

    refused = finance.post(f"/transactions/{used['transaction']}/reverse", {"reason": "x"})
    taken = finance.post(f"/transactions/{unused['transaction']}/reverse", {"reason": "x"})
    reversal = taken.json["transaction"]
    third = finance.post(f"/transactions/{reversal}/reverse", {"reason": "x"})

    assert (refused.status_code, refused.json["code"]) == (409, "lot_in_use")
    assert taken.status_code == 201
    assert taken.json["account"]["balance"] == "99.00"
    assert (third.status_code, third.json["code"]) == (409, "not_reversible")
    statuses = [lot["status"] for lot in finance.get(f"{BRL}/lots").json["items"]]
    assert statuses == ["live", "refunded"]


def test_a_transaction_that_is_not_there_or_moves_no_account_is_not_found(
    finance: Caller, session: Session
) -> None:
    stranger = make_user(session, "owner", make_service_point(session, "SP-0008"))
    other = Caller(finance.client, bearer(session, stranger))
    taken = granted(finance, "100.00")["transaction"]

    assert finance.post("/transactions/999999/reverse", {"reason": "x"}).status_code == 404
    assert other.get(BRL).status_code == 404
    assert other.get(f"{BRL}/entries").status_code == 404
    assert other.get(f"{BRL}/lots").status_code == 404
    assert other.post(f"/transactions/{taken}/reverse", {"reason": "x"}).status_code == 403


@pytest.mark.engines("sqlite", "mariadb")
def test_credit_past_its_day_is_gone_before_any_job_has_run(
    finance: Caller, clock: MovableClock
) -> None:
    granted(finance, "40.00", expires_on="2026-12-31")
    granted(finance, "60.00")

    clock.move_to("2027-01-01T02:59:59Z")
    last = finance.get(BRL).json
    clock.move_to("2027-01-01T03:00:00Z")
    gone = finance.get(BRL).json
    lots = finance.get(f"{BRL}/lots").json["items"]

    assert (last["balance"], last["next_expiry"]["amount"]) == ("100.00", "40.00")
    assert (gone["balance"], gone["available"], gone["next_expiry"]) == ("60.00", "60.00", None)
    assert [(lot["remaining"], lot["status"]) for lot in lots] == [
        ("0.00", "expired"),
        ("60.00", "live"),
    ]


@pytest.mark.engines("sqlite", "mariadb")
def test_a_past_instant_shows_what_stood_then(finance: Caller, clock: MovableClock) -> None:
    granted(finance, "40.00", expires_on="2026-12-05")
    clock.move_to("2026-12-02T12:00:00Z")
    granted(finance, "60.00", expires_on="2027-06-30")
    clock.move_to("2026-12-03T12:00:00Z")
    debited(finance, "10.00")
    clock.move_to("2026-12-20T12:00:00Z")
    debited(finance, "5.00")

    def shown(at: str) -> tuple[str, Any]:
        account = finance.get(f"{BRL}?at={at}").json
        return account["balance"], account["next_expiry"]

    december, june = "2026-12-05", "2027-06-30"
    assert shown("2026-12-01T11:59:59Z") == ("0.00", None)
    assert shown("2026-12-01T12:00:00Z") == ("40.00", {"on": december, "amount": "40.00"})
    assert shown("2026-12-02T23:00:00Z") == ("100.00", {"on": december, "amount": "40.00"})
    assert shown("2026-12-04T12:00:00Z") == ("90.00", {"on": december, "amount": "30.00"})
    assert shown("2026-12-06T02:59:59Z") == ("90.00", {"on": december, "amount": "30.00"})
    assert shown("2026-12-06T03:00:00Z") == ("60.00", {"on": june, "amount": "60.00"})
    assert shown("2026-12-20T11:59:59Z") == ("60.00", {"on": june, "amount": "60.00"})
    assert shown("2026-12-20T12:00:00Z") == ("55.00", {"on": june, "amount": "55.00"})
    assert shown("2027-07-01T03:00:00Z") == ("0.00", None)


def test_the_statement_is_read_page_by_page_in_either_order(
    finance: Caller, clock: MovableClock
) -> None:
    granted(finance, "100.00")
    for day in range(2, 8):
        clock.move_to(f"2026-12-0{day}T12:00:00Z")
        debited(finance, "1.00")

    def walk(arguments: str) -> list[str]:
        balances, cursor = [], ""
        while True:
            page = finance.get(f"{BRL}/entries?limit=3{arguments}{cursor}").json
            balances += [item["balance"] for item in page["items"]]
            if page["next"] is None:
                return balances
            cursor = f"&cursor={page['next']}"

    falling = ["100.00", "99.00", "98.00", "97.00", "96.00", "95.00", "94.00"]
    assert walk("") == falling
    assert walk("&order=newest") == falling[::-1]
    assert walk("&from=2026-12-03&to=2026-12-04") == ["98.00", "97.00"]
    assert walk("&from=2026-12-07T12:00:00Z") == ["94.00"]
    assert walk("&kind=grant") == ["100.00"]


def test_credit_that_arrives_pays_debt_and_says_so(finance: Caller, session: Session) -> None:
    make_credit_policy(session, "LIMIT", money=Decimal(100))
    limit(finance, session, "/service-points/SP-0007", credit_policy="LIMIT")
    debited(finance, "30.00")

    made = granted(finance, "50.00", paid="40.00")

    assert made["account"]["balance"] == "20.00"
    assert made["account"]["debt"] == "0.00"
    assert (made["lot"]["remaining"], made["lot"]["recognised"]) == ("20.00", "24.00")
    _, before, newest = finance.get(f"{BRL}/entries").json["items"]
    assert (newest["kind"], newest["amount"], newest["balance"]) == ("settlement", "0.00", "20.00")
    assert newest["lots"] == [{"lot": made["lot"]["id"], "amount": "30.00"}]
    assert (before["kind"], before["amount"], before["balance"]) == ("grant", "50.00", "20.00")


@pytest.mark.engines("sqlite", "mariadb")
def test_the_same_key_grants_once(finance: Caller) -> None:
    body = {"amount": "10", "paid": "10", "kind": "paid", "reason": "Pix"}

    first = finance.post(f"{BRL}/grants", body, key="once")
    second = finance.post(f"{BRL}/grants", body, key="once")
    other = finance.post(f"{BRL}/grants", body | {"amount": "11"}, key="once")

    assert second.json == first.json
    assert second.headers["Idempotent-Replayed"] == "true"
    assert other.json["code"] == "idempotency_key_reused"
    assert finance.get(BRL).json["balance"] == "10.00"


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "1,00"}, "amount"),
        ({"amount": "99999999999999"}, "amount"),
        ({"kind": "bonus"}, "paid"),
        ({"paid": "-1"}, "paid"),
        ({"expires_on": "2026-11-30"}, "expires_on"),
        ({"expires_on": "2026-02-30"}, "expires_on"),
        ({"kind": "gift"}, "kind"),
        ({"reason": ""}, "reason"),
        ({"note": "x"}, "note"),
    ],
)
def test_a_grant_that_makes_no_sense_names_the_field(
    finance: Caller, facts: dict[str, str], field: str
) -> None:
    body = {"amount": "10", "paid": "10", "kind": "paid", "reason": "Pix"} | facts

    refused = finance.post(f"{BRL}/grants", body)

    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == [field]
    assert finance.get(BRL).json == ZEROS


def test_a_service_point_sees_its_wallet_but_moves_nothing(
    client: PortalClient, session: Session, point: ServicePoint, finance: Caller
) -> None:
    granted(finance, "10.00")
    owner = Caller(client, bearer(session, make_user(session, "owner", point)))
    seller = Caller(client, bearer(session, make_user(session, "seller", point)))
    grant = {"amount": "10", "paid": "0", "kind": "bonus", "reason": "x"}

    assert owner.get(BRL).json["balance"] == "10.00"
    assert owner.post(f"{BRL}/grants", grant).status_code == 403
    assert owner.post(f"{BRL}/debits", {"amount": "1", "source": "manual"}).status_code == 403
    assert [seller.get(BRL + part).status_code for part in ("", "/entries", "/lots")] == [403] * 3


def test_credit_is_counted_in_other_things_than_money(finance: Caller) -> None:
    hours = {"code": "HOURS", "name": "Horas", "scale": 1, "unit_value": "80.00"}
    made = finance.post("/credit-types", hours)
    again = finance.post("/credit-types", hours)
    account = "/service-points/SP-0007/accounts/HOURS"
    before = finance.get(account).json
    grant = {"amount": "7.5", "paid": "600.00", "kind": "paid", "reason": "Contrato"}
    given = finance.post(f"{account}/grants", grant).json
    finer = finance.post(f"{account}/grants", grant | {"amount": "7.55"})
    taken = finance.post(f"{account}/debits", {"amount": "0.5", "source": "helpdesk"}).json

    assert made.status_code == 201
    assert made.json == hours | {"id": made.json["id"], "unit_value": "80.0000"}
    assert (again.status_code, again.json["code"]) == (409, "already_exists")
    assert (before["balance"], before["credit_type"]) == ("0.0", "HOURS")
    assert given["account"]["balance"] == "7.5"
    assert finer.status_code == 422
    assert taken["account"]["balance"] == "7.0"
    (lot,) = finance.get(f"{account}/lots").json["items"]
    assert (lot["remaining"], lot["recognised"]) == ("7.0", "40.00")
    codes = [item["code"] for item in finance.get("/credit-types").json["items"]]
    assert codes == ["BRL", "HOURS"]
    assert finance.get("/service-points/SP-0007/accounts/COPIES").status_code == 404


def test_a_raised_and_a_lowered_limit_move_the_available_credit(
    finance: Caller, session: Session, clock: MovableClock
) -> None:
    make_credit_policy(session, "LIMIT", money=Decimal(100))
    limit(finance, session, "/service-points/SP-0007", credit_policy="LIMIT")
    debited(finance, "80.00")
    clock.advance(hours=1)
    limit(finance, session, "/credit-policies/LIMIT", money="50.00")
    after = finance.get(BRL).json
    refused = finance.post(f"{BRL}/debits", {"amount": "0.01", "source": "manual"})
    before = finance.get(f"{BRL}?at=2026-12-01T12:30:00Z").json

    assert (after["balance"], after["available"]) == ("-80.00", "-30.00")
    assert (refused.json["shortfall"], refused.json["available"]) == ("30.01", "-30.00")
    assert (before["available"], before["overdraft"]) == ("20.00", "100.00")
