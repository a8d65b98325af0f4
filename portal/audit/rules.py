"""What is written down about a deed."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict

import orjson

from portal.keys import Key, Seal

__all__ = ["Facts", "Key", "Seal", "as_json", "difference"]


class Facts(TypedDict, total=False):
    """What may be known about a deed beyond who, what and when."""

    service_point_id: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str | None
    account_id: int | None
    first_seq: int | None
    entries: int | None
    idem_hash: bytes | None
    fingerprint: bytes | None
    status: int | None
    answer: str | None
    send_state: int


def as_json(values: Mapping[str, Any] | None) -> str | None:
    """Write what was before or after; amounts and days as text."""
    return None if values is None else _encode(values)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def _encode(values: Mapping[str, Any]) -> str:
    return orjson.dumps(values, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what changed: the old and the new values of the names whose values differ."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


OPEN_ENTITIES = frozenset(
    [
        "user",
        "profile",
        "token",
        "session",
        "product",
        "category",
        "issuer",
        "service_point",
        "sale_table",
    ]
)
"""What deeds about these change holds no figure of acquisition or credit, but for `_FIGURES`."""
_FIGURES = frozenset(
    [
        "low_balance_threshold",
        "credit_policy",
        "money",
        "floor",
        "overdraft",
        "confirmed_below",
        "sold_below_acquisition",
    ]
)


def shown_facts(entity_type: str, text: str | None, *, sees_costs: bool) -> dict[str, Any] | None:
    """Return what was before or after, as far as the reader may see it; None hides it whole.

    Whoever may not see acquisition prices and balances sees the facts of things that have none.
    """
    if text is None:
        return {}
    facts: dict[str, Any] = json.loads(text)
    if sees_costs:
        return facts
    if entity_type not in OPEN_ENTITIES:
        return None
    return {name: value for name, value in facts.items() if name not in _FIGURES}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Return name, old and new value of what differs; facts inside others as `outer.inner`."""
    old, new = _flat(before), _flat(after)
    names = list(dict.fromkeys((*old, *new)))
    return [
        (name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    ]


def _flat(facts: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping) and value:
            flat |= _flat(value, f"{path}{name}.")
        else:
            flat[path + name] = value
    return flat
