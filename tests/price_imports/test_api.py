"""Lists of prices from other systems: one request, stored whole or not at all."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.catalogue.models import Product
from portal.pricing.models import Edition, EditionState, PriceTable
from tests.factories import bearer, make_user
from tests.price_imports.lists import csv_file, prices_of, xlsx_file
from tests.pricing.factories import make_edition


@pytest.fixture
def headers(session: Session) -> dict[str, str]:
    return bearer(session, make_user(session, "pricing"))


def send(
    client: FlaskClient,
    headers: dict[str, str],
    table_id: int,
    content: bytes,
    name: str = "precos.csv",
    **fields: str,
) -> TestResponse:
    data: dict[str, Any] = {"valid_from": "2027-01-01", "file": (io.BytesIO(content), name)}
    return client.post(
        f"/api/v1/price-tables/{table_id}/editions/import", data=data | fields, headers=headers
    )


def editions(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(Edition)) or 0


def test_a_list_becomes_an_edition(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    answer = send(
        client, headers, table.id, csv_file("sku;price;min_quantity", "A1;1.234,56;", "A2;80;2,5"),
        valid_until="2027-06-30", publish="true",
    )  # fmt: skip

    body = answer.get_json()
    assert answer.status_code == 201
    assert (body["rows"], body["created"], body["errors"]) == (2, 0, [])
    edition = session.get_one(Edition, body["edition"])
    assert (edition.state, str(edition.valid_until)) == (EditionState.PUBLISHED, "2027-06-30")
    assert prices_of(session, edition.id) == {("A1", "0"): "1234.5600", ("A2", "2.5"): "80.0000"}


def test_a_dry_run_lists_every_bad_row_and_stores_nothing(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    content = csv_file("sku;price", "A1;10,00", "NONE;abc")

    answer = send(client, headers, table.id, content, dry_run="true")

    body = answer.get_json()
    assert answer.status_code == 200
    assert body["rows"] == 2
    assert [(one["row"], one["field"], one["code"]) for one in body["errors"]] == [
        (3, "price", "invalid"),
        (3, "sku", "unknown_product"),
    ]
    assert body["errors"][0]["message"] == "abc não é um número como 1.234,56."
    assert "edition" not in body
    assert editions(session) == 0


def test_a_dry_run_that_would_go_well_stores_nothing_either(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    content = csv_file("sku;price", "A1;10", "NEW;20")

    answer = send(client, headers, table.id, content, dry_run="true", create_products="true")

    assert answer.status_code == 200
    assert answer.get_json() == {"rows": 2, "created": 1, "errors": [], "errors_found": 0}
    assert editions(session) == 0
    assert session.scalar(select(Product).where(Product.sku == "NEW")) is None


def test_a_list_with_errors_is_refused_with_the_same_members(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    content = csv_file("sku;price", "NEW;20", "A1;-1")

    answer = send(client, headers, table.id, content, create_products="true")

    body = answer.get_json()
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert (body["code"], body["rows"], body["created"], body["errors_found"]) == (
        "invalid",
        2,
        0,
        1,
    )
    assert body["errors"][0]["row"] == 3
    assert editions(session) == 0
    assert session.scalar(select(Product).where(Product.sku == "NEW")) is None


def test_the_errors_of_a_hopeless_list_are_counted_beyond_a_thousand(
    client: FlaskClient, table: PriceTable, headers: dict[str, str]
) -> None:
    content = csv_file("sku;price", *(f"X{number};1" for number in range(1_500)))

    body = send(client, headers, table.id, content).get_json()

    assert (len(body["errors"]), body["errors_found"]) == (1_000, 1_500)


def test_a_window_that_overlaps_is_told_by_a_dry_run_too(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    product = session.scalars(select(Product).where(Product.sku == "A1")).one()
    other = make_edition(session, table, "2027-03-01", items=[(product, "1")])
    content = csv_file("sku;price", "A1;10")

    for dry_run in ("true", "false"):
        answer = send(client, headers, table.id, content, publish="true", dry_run=dry_run)

        assert answer.status_code == 409
        assert answer.get_json()["code"] == "window_overlap"
        assert answer.get_json()["conflicts_with"] == other.id


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"valid_from": "amanhã"}, "valid_from"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_until": "2026-01-01"}, "valid_until"),
        ({"dry_run": "maybe"}, "dry_run"),
        ({"publishs": "true"}, "publishs"),
    ],
)
def test_fields_that_make_no_sense_are_named(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str],
    fields: dict[str, str], field: str,
) -> None:  # fmt: skip
    answer = send(client, headers, table.id, csv_file("sku;price", "A1;1"), **fields)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.get_json()["errors"]] == [field]
    assert editions(session) == 0


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "precos.csv", "empty_file"),
        (b"%PDF-1.7 \x00\x01\x02", "precos.csv", "unreadable_file"),
        (b"sku;price\nA1;1", "precos.xlsx", "unreadable_file"),
        (b"sku;price\nA1;1", "precos.exe", "unreadable_file"),
        (b"one;two\n1;2", "precos.csv", "columns_unknown"),
        (b"sku;price\n", "precos.csv", "empty_file"),
        (b'sku;price\n"A1;1\nA2;2', "precos.csv", "unreadable_file"),
        (b"sku;price\nA1;1.234\n", "precos.csv", "ambiguous_number"),
    ],
)
def test_a_file_that_is_no_list_says_why(
    client: FlaskClient, table: PriceTable, headers: dict[str, str],
    content: bytes, name: str, code: str,
) -> None:  # fmt: skip
    answer = send(client, headers, table.id, content, name)

    assert answer.status_code == 422
    assert answer.get_json()["code"] == code


def test_the_sender_may_say_which_mark_the_decimals_have(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    content = b"sku;price\nA1;1.234\n"

    point = send(client, headers, table.id, content, decimal="point").get_json()
    comma = send(client, headers, table.id, content, decimal="comma").get_json()

    assert prices_of(session, point["edition"]) == {("A1", "0"): "1.2340"}
    assert prices_of(session, comma["edition"]) == {("A1", "0"): "1234.0000"}


def test_a_file_too_large_is_refused_before_it_is_read(
    client: FlaskClient, table: PriceTable, headers: dict[str, str]
) -> None:
    answer = client.post(
        f"/api/v1/price-tables/{table.id}/editions/import",
        headers=headers | {"Content-Type": "multipart/form-data; boundary=x"},
        environ_overrides={"CONTENT_LENGTH": "200000000"},
    )

    assert answer.status_code == 413


def test_a_workbook_is_imported(
    client: FlaskClient, session: Session, table: PriceTable, headers: dict[str, str]
) -> None:
    answer = send(
        client, headers, table.id, xlsx_file(("sku", "price"), ("A1", 19.9)), "precos.xlsx"
    )

    assert prices_of(session, answer.get_json()["edition"]) == {("A1", "0"): "19.9000"}


def test_without_a_file_or_as_json_nothing_is_imported(
    client: FlaskClient, table: PriceTable, headers: dict[str, str]
) -> None:
    path = f"/api/v1/price-tables/{table.id}/editions/import"

    assert client.post(path, json={"valid_from": "2027-01-01"}, headers=headers).status_code == 400
    sent = client.post(
        path, data={"valid_from": "2027-01-01"}, headers=headers, content_type="multipart/form-data"
    )
    assert sent.status_code == 422
    assert [one["field"] for one in sent.get_json()["errors"]] == ["file"]


def test_strangers_and_readers_import_nothing(
    client: FlaskClient, session: Session, table: PriceTable
) -> None:
    content = csv_file("sku;price", "A1;1")
    auditor = bearer(session, make_user(session, "auditor"))
    editor = bearer(session, make_user(session, "pricing"), "prices.edit", "prices.view")

    assert send(client, {}, table.id, content).status_code == 401
    assert send(client, auditor, table.id, content).status_code == 403
    assert send(client, editor, table.id, content, publish="true").status_code == 403
    assert send(client, editor, table.id, content, create_products="1").status_code == 403
    assert send(client, editor, 999, content).status_code == 404
    assert editions(session) == 0
    assert send(client, editor, table.id, content).status_code == 201
