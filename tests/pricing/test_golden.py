"""Every worked case of prices.json, through the one price function, on both engines."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer, Product
from portal.errors import Refused
from portal.partners.models import ServicePoint
from portal.pricing.models import PriceTable
from portal.pricing.queries import load_book
from portal.pricing.rules import price_line
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
    make_product,
    make_table,
)

CASES = json.loads(
    (Path(__file__).parent.parent / "golden" / "prices.json").read_text(encoding="utf-8")
)


class World:
    """A case as it is stored."""

    def __init__(self, session: Session, case: dict[str, Any]) -> None:
        self.session = session
        self.products: dict[str, Product] = {}
        self.issuers: dict[str, Issuer] = {}
        self.points: dict[str, ServicePoint] = {}
        self.tables: dict[int, PriceTable] = {}
        for table in case["tables"]:
            self.tables[table["id"]] = self._table(table)
        for point, assignments in case["assignments"].items():
            for assignment in assignments:
                self._assignment(point, assignment)
        session.flush()

    def product(self, sku: str) -> Product:
        if sku not in self.products:
            self.products[sku] = make_product(self.session, sku)
        return self.products[sku]

    def issuer(self, code: str | None) -> Issuer | None:
        if code is not None and code not in self.issuers:
            self.issuers[code] = make_issuer(self.session, code)
        return self.issuers[code] if code else None

    def point(self, code: str | None) -> ServicePoint | None:
        if code is not None and code not in self.points:
            self.points[code] = make_point(self.session, code)
        return self.points[code] if code else None

    def _table(self, facts: dict[str, Any]) -> PriceTable:
        how = dict(facts["calculation"])
        base = self.tables[how.pop("base_table")] if "base_table" in how else None
        numbers = {name: Decimal(value) for name, value in how.items() if name != "type"}
        table = make_table(
            self.session,
            facts["name"],
            of=self.point(facts.get("service_point")),
            issuer=self.issuer(facts["issuer"]),
            base=base,
            **({"calculation": how["type"]} | numbers),
        )
        for edition in facts["editions"]:
            make_edition(
                self.session,
                table,
                edition["valid_from"],
                edition["valid_until"],
                [self._item(item) for item in edition["items"]],
            )
        return table

    def _item(self, item: dict[str, Any]) -> tuple[Any, ...]:
        value = item.get("price", item.get("percent"))
        return self.product(item["sku"]), item["min_quantity"], value

    def _assignment(self, point: str, facts: dict[str, Any]) -> None:
        table = self.tables[facts["price_table"]] if "price_table" in facts else None
        owner = self.point(point)
        assert owner is not None
        make_assignment(self.session, owner, table, facts["valid_from"], facts["valid_until"])


def answers(world: World, queries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for query in queries:
        issuer, point = world.issuer(query["issuer"]), world.point(query["service_point"])
        product = world.product(query["sku"])
        assert point is not None
        book = load_book(
            world.session,
            service_point_id=point.id,
            issuer_id=issuer.id if issuer else None,
            day=date.fromisoformat(query["on"]),
            product_ids=[product.id],
        )
        quantity, sale = Decimal(query["quantity"]), Decimal(query["sale_unit_price"])
        try:
            price = price_line(book, product.id, product.sku, quantity, sale)
        except Refused as refusal:
            yield {"refused": refusal.code}
        else:
            yield {"unit_price": f"{price.unit_price}", "amount": f"{price.amount}"}


def expected(query: dict[str, Any]) -> dict[str, Any]:
    if "refused" in query:
        return {"refused": query["refused"]}
    return {"unit_price": query["unit_price"], "amount": query["amount"]}


@pytest.mark.parametrize("case", CASES, ids=[f"world-{number}" for number in range(len(CASES))])
def test_each_worked_case_comes_out_to_the_digit(session: Session, case: dict[str, Any]) -> None:
    world = World(session, case)

    found = list(answers(world, case["queries"]))

    assert found == [expected(query) for query in case["queries"]]


def test_there_are_worked_cases_of_every_outcome() -> None:
    outcomes = [query.get("refused", "price") for case in CASES for query in case["queries"]]

    assert len(outcomes) >= 300
    assert set(outcomes) == {"price", "no_price", "not_in_portfolio"}
