"""What bad input gets: an error that names field or row, in Portuguese; nothing stored (T8)."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from portal.web.openapi import operations
from tests.safety.matrix import FILLED, KINDS, ROUTES, address_of, sent_to
from tests.safety.stage import API, Form, Stage, read_page

BY = "administrator"
NOTES = ("deeds",)
"""A refusal under a key is an answer, kept as a deed of its own."""
TABLE = f"{API}/price-tables/1/editions"
ORDERS = f"{API}/orders"


def line(**changes: Any) -> dict[str, Any]:
    return {"sku": "SKU-1", "quantity": "1", "unit_price": "950000"} | changes


def order(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"service_point": "SP-A", "channel": "api", "lines": list(lines)} | changes


def edition(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"valid_from": "2028-01-01", "items": list(items)} | changes


HUGE = "9" * 30
CASES: list[tuple[str, str, str, Any, int, str, str]] = [
    ("an unknown SKU", "POST", ORDERS, order(line(), line(sku="SKU-NADA")), 422,
     "unknown_product", "lines[1].sku"),
    ("an unknown SKU of an edition", "POST", TABLE, edition({"sku": "NADA", "price": "1"}), 422,
     "", "items[0].sku"),
    ("an empty row", "POST", TABLE, edition({}), 422, "invalid", "items[0].sku"),
    ("a row without a price", "POST", TABLE, edition({"sku": "SKU-1"}), 422, "", "items[0]."),
    ("a price with letters", "POST", TABLE, edition({"sku": "SKU-1", "price": "12a"}), 422,
     "invalid", "items[0].price"),
    ("a negative price", "POST", TABLE, edition({"sku": "SKU-1", "price": "-1"}), 422, "invalid",
     "items[0].price"),
    ("a price of thirty digits", "POST", TABLE, edition({"sku": "SKU-1", "price": HUGE}), 422,
     "invalid", "items[0].price"),
    ("an American price", "POST", TABLE, edition({"sku": "SKU-1", "price": "1,234.56"}), 422,
     "invalid", "items[0].price"),
    ("a Brazilian price", "POST", TABLE, edition({"sku": "SKU-1", "price": "1.234,56"}), 422,
     "invalid", "items[0].price"),
    ("a product twice", "POST", TABLE,
     edition({"sku": "SKU-1", "price": "1"}, {"sku": "SKU-1", "price": "2"}), 422, "", "items[1]"),
    ("a window that ends before it begins", "POST", TABLE,
     edition({"sku": "SKU-1", "price": "1"}, valid_until="2027-12-31"), 422, "", "valid_until"),
    ("an assignment that ends before it begins", "PUT",
     f"{API}/service-points/SP-A/price-assignments",
     {"items": [{"mode": "own", "valid_from": "2028-01-01", "valid_until": "2027-01-01"}]}, 422, "",
     "items[0].valid_until"),
    ("a day that is none", "POST", TABLE, edition(valid_from="2028-02-30"), 422, "invalid",
     "valid_from"),
    ("an unknown field", "POST", ORDERS, order(line(colour="red")), 422, "unknown_field",
     "lines[0].colour"),
    ("a negative quantity", "POST", ORDERS, order(line(quantity="-1")), 422, "invalid",
     "lines[0].quantity"),
    ("a quantity of nothing", "POST", ORDERS, order(line(quantity="0")), 422, "invalid",
     "lines[0].quantity"),
    ("no lines", "POST", ORDERS, order(), 422, "invalid", "lines"),
    ("a customer that cannot be", "POST", ORDERS, order(line(), customer=7), 422, "", "customer"),
    ("JSON that is none", "POST", ORDERS, b'{"lines": [', 400, "malformed", ""),
    ("JSON in another encoding", "POST", ORDERS, '{"service_point": "São"}'.encode("utf-16"), 400,
     "malformed", ""),
    ("a number that is none", "POST", ORDERS, b'{"lines": [{"quantity": NaN}]}', 400, "malformed",
     ""),
    ("a list instead of an object", "POST", ORDERS, [], 422, "invalid", ""),
    ("very deep JSON", "POST", ORDERS, b"[" * 100_000, 400, "malformed", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code", "field"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_api_names_what_is_wrong_and_stores_nothing(
    stage: Stage, method: str, path: str, sent: Any, status: int, code: str, field: str
) -> None:
    body: dict[str, Any] = {"json": sent}
    if isinstance(sent, bytes):
        body = {"data": sent, "content_type": "application/json"}

    with stage.nothing_stored(*NOTES):
        answer = stage.call(BY, method, path, **body)

    problem = answer.json
    assert problem is not None
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert not code or problem["code"] == code
    assert not field or any(one["field"].startswith(field) for one in problem["errors"]), problem
    assert all(one["message"] for one in problem["errors"])
    assert is_portuguese(problem["detail"])


ENGLISH = r"\b(the|is|are|must|not|expected|required|of|some|values)\b"


def is_portuguese(text: str) -> bool:
    """Whether no word gives an English sentence away."""
    return not re.search(
        r"\b(the|is|are|must|not|expected|required|of|some|values)\b", text, re.IGNORECASE
    )


def test_tables_that_build_on_each_other_in_a_circle_are_refused(stage: Stage) -> None:
    general = {"type": "adjusted", "base_table": 1, "percent": "5"}
    made = stage.call(
        BY, "POST", f"{API}/price-tables",
        json={"name": "Acima", "kind": "general", "calculation": general},
    ).json["id"]  # fmt: skip
    circle = {"type": "adjusted", "base_table": made, "percent": "5"}

    with stage.nothing_stored(*NOTES):
        answer = stage.call(BY, "PATCH", f"{API}/price-tables/1", json={"calculation": circle})

    assert answer.status_code in {409, 422}
    assert answer.json["code"] in {"calculation_cycle", "edition_frozen", "calculation_frozen"}


# Numbers that are none, on every numeric field


HOSTILE = ("1e308", "NaN", "Infinity", "1,5", HUGE, "-1000.0001", "0x10", "١٢", "1_000", " ", "abc")


def numeric_fields(stage: Stage) -> Iterator[tuple[str, str, Any, str, str]]:
    """List method, address, a good body, and the path of each field that takes a number."""
    document = stage.get(BY, f"{API}/openapi.json").json
    for rule, operation in operations(stage.app):
        route = ROUTES.get((operation.method, rule.endpoint))
        body = sent_to(route, stage.person(BY)) if route else None
        if route is None or operation.body is None or operation.upload is not None:
            continue
        path = address_of(rule.rule, KINDS[route.kind].own(stage.world, stage.person(BY)))
        shape = operation.body.__name__
        for field in numbers_of(document, {"$ref": f"#/components/schemas/{shape}"}, ""):
            yield operation.method, path, body or {}, field, shape


def numbers_of(document: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    """List the paths at which a schema takes an exact number."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"].get(name, {})
    kinds = [schema, *schema.get("anyOf", ())]
    if any("[0-9]{1," in one.get("pattern", "") or one.get("type") == "integer" for one in kinds):
        yield path
        return
    for one in kinds[1:]:
        yield from numbers_of(document, one, path)
    for name, one in schema.get("properties", {}).items():
        yield from numbers_of(document, one, f"{path}.{name}" if path else name)
    if isinstance(schema.get("items"), dict):
        yield from numbers_of(document, schema["items"], f"{path}[0]")


def planted(body: Any, path: str, value: Any) -> Any:
    """Return a body with a value at a path; lists and objects on the way are made."""
    name, _, rest = path.partition(".")
    bare = name.removesuffix("[0]")
    changed = dict(body) if isinstance(body, dict) else {}
    if bare != name:
        first = (changed.get(bare) or [{}])[0]
        changed[bare] = [planted(first, rest, value) if rest else value]
    else:
        changed[bare] = planted(changed.get(bare), rest, value) if rest else value
    return changed


def test_every_numeric_field_of_the_api_refuses_what_is_no_number(stage: Stage) -> None:
    fields = list(numeric_fields(stage))
    wrong = []
    with stage.nothing_stored(*NOTES):
        for method, path, body, field, _ in fields:
            for value in HOSTILE:
                answer = stage.call(BY, method, path, json=planted(body, field, value))
                named = {one["field"] for one in (answer.json or {}).get("errors", ())}
                if answer.status_code != 422 or not any(one.startswith(field) for one in named):
                    wrong.append(f"{method} {path} {field}={value}: {answer.status_code} {named}")

    assert len(fields) > 30
    assert not wrong, "\n".join(["", *wrong[:30]])


# Pages


def pages_with_numbers(stage: Stage) -> Iterator[tuple[str, dict[str, str], list[str]]]:
    """List the forms that take numbers: address, what is filled in, the fields."""
    for (method, endpoint), route in sorted(ROUTES.items()):
        rule = next(iter(stage.app.url_map.iter_rules(endpoint))).rule
        if method == "GET" or rule.startswith(API):
            continue
        path = address_of(rule, KINDS[route.kind].own(stage.world, stage.person(BY)))
        page = stage.get(BY, path)
        if page.status_code != 200:
            continue
        tags = re.findall(r'<input[^>]*inputmode="(?:decimal|numeric)"[^>]*>', page.text)
        names = [name for tag in tags for name in re.findall(r'\bname="([^"_][^"]+)"', tag)]
        names = [name for name in names if "__index__" not in name]
        filled = read_page(page.text).forms.get(path) or read_page(page.text).forms.get("") or {}
        filled.pop("csrf_token", None)
        if names:
            yield path, filled | FILLED.get(route.name, {}), names


def test_every_numeric_field_of_the_pages_refuses_what_is_no_number(stage: Stage) -> None:
    seen, wrong = 0, []
    with stage.nothing_stored(*NOTES):
        for path, filled, names in pages_with_numbers(stage):
            for name in names:
                seen += 1
                for value in ("1e308", "NaN", "1.5", "1,234.56", HUGE, "abc", "--1"):
                    answer = stage.ask(BY, "POST", path, filled | {name: value})
                    if answer.status_code != 422 or not marks(answer.text, name):
                        wrong.append(f"{path} {name}={value}: {answer.status_code}")

    assert seen > 12
    assert not wrong, "\n".join(["", *wrong[:30]])


def marks(html: str, name: str) -> bool:
    """Whether a page marks a field as wrong."""
    tags = re.findall(rf'<(?:input|textarea|select)[^>]*name="{re.escape(name)}"[^>]*>', html)
    return any("aria-invalid" in tag or "is-invalid" in tag for tag in tags)


# Files


def upload(stage: Stage, content: Any, name: str, **more: str) -> Any:
    form = Form(valid_from="2028-01-01", file=(io.BytesIO(content), name), **more)
    return stage.ask(BY, "POST", f"{TABLE}/import", form)


@pytest.mark.parametrize(
    ("rows", "row", "field"),
    [
        ("SKU-1;12a", 2, "price"),
        ("SKU-1;-5", 2, "price"),
        (f"SKU-1;{HUGE}", 2, "price"),
        ("SKU-1;1\r\nSKU-NADA;2", 3, "sku"),
        ("SKU-1;1\r\nSKU-1;2", 3, "sku"),
        ("SKU-1;", 2, "price"),
        (";1", 2, "sku"),
        ("SKU-1;0", 2, "price"),
    ],
)
def test_a_bad_row_of_a_list_is_named_by_its_number(
    stage: Stage, rows: str, row: int, field: str
) -> None:
    with stage.nothing_stored(*NOTES):
        answer = upload(stage, f"SKU;Preço\r\n{rows}\r\n".encode(), "lista.csv")

    assert answer.status_code == 422
    found = answer.json["errors"][0]
    assert (found["row"], found["field"]) == (row, field)
    assert is_portuguese(found["message"])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04nonsense", "lista.xlsx"),
        (b"SKU;Valor\r\nSKU-1;1,00\r\n", "lista.xlsx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "lista.csv"),
        (b"%PDF-1.7", "lista.csv"),
        (b"", "lista.csv"),
        (bytes(1000), "lista.csv"),
        (b"<html></html>", "lista.xls"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    stage: Stage, content: bytes, name: str
) -> None:
    with stage.nothing_stored(*NOTES):
        answer = upload(stage, content, name)

    assert answer.status_code == 422
    assert is_portuguese(answer.json["detail"])
