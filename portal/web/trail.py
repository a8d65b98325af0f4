"""The trail of a record in words: what changed from what to what, who did it, and when."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from flask_babel import gettext

from portal.web import filters


class Happened(Protocol):
    """A deed about a record, as `people.queries.history` returns it."""

    @property
    def action(self) -> str:
        """Its name, such as `product.updated`."""

    @property
    def at(self) -> datetime:
        """When."""

    @property
    def who(self) -> str | None:
        """Who; None is the portal itself."""

    @property
    def before(self) -> dict[str, Any]:
        """What was."""

    @property
    def after(self) -> dict[str, Any]:
        """What is."""

    @property
    def reason(self) -> str | None:
        """Why, if someone said so."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline (macro `timeline`)."""

    title: str
    text: str
    who: str
    at: datetime


def said(value: Any) -> str:
    """Write a stored value: yes and no for truth, a dash for none."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return filters.DASH if value is None or value == "" else str(value)


def said_amount(value: Any) -> str:
    """Write an amount of money."""
    return said(value) if value is None else filters.money_brl(Decimal(value))


def said_percent(value: Any) -> str:
    """Write a percentage."""
    return said(value) if value is None else filters.percent(Decimal(value))


def said_day(value: Any) -> str:
    """Write a day, which is stored as an ISO date."""
    return said(value) if value is None else filters.day(date.fromisoformat(value))


def said_choice(words: Mapping[str, str]) -> Callable[[Any], str]:
    """Return what writes one of few values by its N_ word."""
    return lambda value: gettext(words[value]) if value in words else said(value)


@dataclass(frozen=True, slots=True)
class Fact:
    """How a stored fact is called, and how its values are written.

    A count says how many changed: it stands on both sides and is news all the same.
    """

    label: str
    say: Callable[[Any], str] = said
    is_count: bool = False


def told(
    happenings: Iterable[Happened],
    titles: Mapping[str, str],
    facts: Mapping[str, Fact],
    *,
    hidden: Collection[str] = (),
) -> list[Entry]:
    """Return the lines of a timeline; facts inside others are named `sale_policy.max_…`.

    `hidden` names facts that this reader may not see. A line that says nothing else is left out.
    """
    shown = {name: fact for name, fact in facts.items() if name.split(".")[0] not in hidden}
    entries = []
    for one in happenings:
        text = _changes(one, shown)
        if text or not one.before:
            title = gettext(titles[one.action]) if one.action in titles else one.action
            who = one.who or gettext("The portal")
            entries.append(Entry(title, _with_reason(text, one.reason), who, one.at))
    return entries


def _changes(one: Happened, facts: Mapping[str, Fact]) -> str:
    if not one.before:
        return ""
    before, after = _flat(one.before), _flat(one.after)
    parts = [
        f"{gettext(fact.label)}: {_change(fact, before.get(name), after.get(name))}"
        for name, fact in facts.items()
        if before.get(name) != after.get(name) or (fact.is_count and after.get(name))
    ]
    return "; ".join(parts)


def _change(fact: Fact, before: Any, after: Any) -> str:
    return fact.say(after) if fact.is_count else f"{fact.say(before)} → {fact.say(after)}"


def _with_reason(text: str, reason: str | None) -> str:
    if not reason:
        return text
    because = gettext("Reason: %(reason)s", reason=reason)
    return f"{text}. {because}" if text else because


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": fact for inner, fact in value.items()}
        else:
            flat[name] = value
    return flat
