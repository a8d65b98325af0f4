"""What of a deed is shown, and to whom."""

import json
from decimal import Decimal
from typing import Any

import pytest

from portal.audit.rules import as_json, changes, difference, shown_facts


@pytest.mark.parametrize(
    "entity", ["order", "account", "price_table", "edition", "credit_policy", "anything_new"]
)
def test_facts_of_things_with_figures_are_hidden_whole(entity: str) -> None:
    text = json.dumps({"acquisition_total": "1234.56"})

    assert shown_facts(entity, text, sees_costs=False) is None
    assert shown_facts(entity, text, sees_costs=True) == {"acquisition_total": "1234.56"}


@pytest.mark.parametrize("entity", ["user", "profile", "product", "issuer", "token"])
def test_facts_of_things_without_figures_are_shown_to_all(entity: str) -> None:
    assert shown_facts(entity, '{"name":"A"}', sees_costs=False) == {"name": "A"}


def test_what_a_service_point_keeps_about_credit_is_left_out() -> None:
    text = json.dumps({"name": "A", "low_balance_threshold": "50.00", "credit_policy": "GOLD"})

    assert shown_facts("service_point", text, sees_costs=False) == {"name": "A"}
    assert len(shown_facts("service_point", text, sees_costs=True) or {}) == 3


@pytest.mark.parametrize("sees_costs", [True, False])
def test_no_facts_are_no_facts(sees_costs: bool) -> None:
    assert shown_facts("order", None, sees_costs=sees_costs) == {}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({}, {"a": 1}, [("a", None, 1)]),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({"p": {"x": 1, "y": 2}}, {"p": {"x": 1, "y": 3}}, [("p.y", 2, 3)]),
    ],
)
def test_changes_are_what_differs(
    before: dict[str, Any], after: dict[str, Any], found: list[tuple[str, Any, Any]]
) -> None:
    assert changes(before, after) == found


def test_only_what_differs_is_kept() -> None:
    old, new = difference({"a": 1, "b": 2}, {"a": 1, "b": 3})

    assert (old, new) == ({"b": 2}, {"b": 3})


def test_facts_are_written_exactly() -> None:
    assert as_json({"amount": Decimal("10.50"), "names": {"b", "a"}}) == (
        '{"amount":"10.50","names":["a","b"]}'
    )
    assert as_json(None) is None
