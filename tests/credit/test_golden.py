"""Every story of credit.json through the real services, on both engines (DESIGN 4)."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portal.clock import day_of
from portal.credit.errors import InsufficientCredit
from portal.errors import PortalError
from tests.credit.conftest import TellStory
from tests.credit.stories import Story, amount, cents, shown_lot

STORIES = json.loads((Path(__file__).parents[1] / "golden" / "credit.json").read_text("utf-8"))


class Telling:
    """A worked case, step by step."""

    def __init__(self, story: Story, grace_days: int) -> None:
        self.story, self.grace_days = story, grace_days
        self.debits: dict[str, int] = {}
        self.expired = 0

    def do(self, step: dict[str, Any]) -> str | None:
        """Take a step; return the code of its refusal."""
        self.story.on(date.fromisoformat(step["on"]))
        try:
            getattr(self, "do_" + step["do"])(step)
        except PortalError as refusal:
            return refusal.code
        return None

    def do_grant(self, step: dict[str, Any]) -> None:
        until = date.fromisoformat(step["expires_on"]) if step["expires_on"] else None
        self.story.grant(cents(step["amount"]), cents(step["paid"]), step["kind"], until)

    def do_debit(self, step: dict[str, Any]) -> None:
        self.debits[step["name"]] = self.story.debit(cents(step["amount"]))

    def do_reverse(self, step: dict[str, Any]) -> None:
        self.story.reverse(self.debits[step["name"]], self.grace_days)

    def do_expire(self, step: dict[str, Any]) -> None:
        self.story.expire()
        gone = sum(lot.expired for lot in self.story.lots())
        assert str(amount(gone - self.expired)) == step["expired"]
        self.expired = gone

    def stands(self) -> dict[str, Any]:
        """Return what stands now, as the worked case writes it."""
        today = day_of(self.story.at)
        account, lots = self.story.account(), self.story.lots()
        shown = [shown_lot(lot, number, today) for number, lot in enumerate(lots, 1)]
        live = sum((Decimal(lot["remaining"]) for lot in shown), Decimal(0))
        balance = live - amount(account.debt)
        available = balance - amount(account.held + account.floor)
        return {
            "balance": str(balance),
            "debt": str(amount(account.debt)),
            "available": str(available),
            "lots": shown,
        }


@pytest.mark.parametrize("case", STORIES, ids=[f"story {n}" for n in range(1, len(STORIES) + 1)])
def test_a_worked_story_of_credit_comes_out(tell_story: TellStory, case: dict[str, Any]) -> None:
    telling = Telling(tell_story(case["overdraft"]), case["grace_days"])

    for step in case["steps"]:
        refused = telling.do(step)

        assert refused == step.get("refused"), step
        assert telling.stands() == step["then"], step


def test_the_stories_refuse_what_is_not_covered() -> None:
    refusals = {step["refused"] for case in STORIES for step in case["steps"] if "refused" in step}

    assert refusals == {InsufficientCredit.code, "already_reversed"} & refusals
    assert len(STORIES) == 25
