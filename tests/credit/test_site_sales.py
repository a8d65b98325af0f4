"""The sale of a shop whose money headquarters takes in: credited, and taken back (DESIGN 7.3)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from portal.credit.errors import AlreadyReversed, CancelTheOrder
from portal.credit.models import Lot
from tests.credit.conftest import TellStory
from tests.credit.ledger import faults_of_credit
from tests.credit.stories import Story

ORDER = 77
DAY = date(2026, 3, 1)


@pytest.fixture
def story(tell_story: TellStory, engine: Engine) -> Story:
    """An account without credit and without overdraft."""
    told = tell_story()
    told.on(DAY)
    return told


def whole(story: Story) -> list[str]:
    """What is wrong with the ledger."""
    return faults_of_credit(story.engine)


def books(story: Story) -> dict[str, int]:
    """What headquarters' books add up to in money, less what is nothing."""
    asked = text("SELECT book, -SUM(value) FROM entries GROUP BY book")
    with story.engine.connect() as connection:
        return {book: int(value) for book, value in connection.execute(asked) if value}


def own(story: Story) -> Lot:
    """The lot of the sale."""
    return next(lot for lot in story.lots() if lot.origin == "site_sale")


def test_a_sale_comes_as_a_paid_lot_that_never_expires(story: Story) -> None:
    story.sell(ORDER, 28_500)

    (lot,) = story.lots()
    assert (lot.kind, lot.face, lot.paid, lot.remaining) == ("paid", 28_500, 28_500, 28_500)
    assert (lot.origin, lot.expires_on) == ("site_sale", None)
    assert story.account().balance == 28_500
    assert whole(story) == []


def test_an_untouched_sale_goes_back_as_it_came(story: Story) -> None:
    story.sell(ORDER, 28_500)

    story.take_sale_back(ORDER)

    assert story.account().balance == 0
    assert own(story).gone == 28_500
    assert books(story) == {}
    assert whole(story) == []


def test_what_was_used_of_it_comes_from_others_in_burning_order(story: Story) -> None:
    story.sell(ORDER, 10_000)
    story.debit(7_000)
    story.grant(2_000, 1_500, "paid", DAY + timedelta(days=90))
    story.grant(3_000, 0, "bonus", DAY + timedelta(days=30))
    story.grant(9_000, 9_000)

    story.take_sale_back(ORDER)

    rest = [(lot.origin, lot.remaining, lot.used, lot.gone, lot.moved) for lot in story.lots()]
    assert rest == [
        ("site_sale", 0, 7_000, 3_000, 3_000),
        ("grant", 0, 0, 2_000, 1_500),
        ("grant", 0, 0, 3_000, 0),
        ("grant", 7_000, 0, 2_000, 2_000),
    ]
    assert story.account().balance == 7_000
    assert whole(story) == []


def test_what_nothing_covers_becomes_debt_whatever_the_overdraft(story: Story) -> None:
    story.sell(ORDER, 10_000)
    story.debit(7_000)

    story.take_sale_back(ORDER)

    account = story.account()
    assert (account.balance, account.debt, account.floor) == (-7_000, 7_000, 0)
    assert whole(story) == []


def test_what_pays_that_debt_is_nobody_s_revenue(story: Story) -> None:
    story.sell(ORDER, 10_000)
    story.debit(7_000)
    story.take_sale_back(ORDER)

    story.grant(8_000, 8_000)

    assert story.account().balance == 1_000
    assert books(story) == {"received": -8_000, "consumed": 7_000}
    assert story.lots()[-1].used == 0
    assert story.lots()[-1].gone == 7_000
    assert whole(story) == []


def test_what_comes_back_to_a_sale_that_is_gone_pays_its_debt(story: Story) -> None:
    story.sell(ORDER, 10_000)
    spent = story.debit(7_000)
    story.take_sale_back(ORDER)

    story.reverse(spent)

    account = story.account()
    assert (account.balance, account.debt) == (0, 0)
    assert books(story) == {}
    assert (own(story).used, own(story).gone, own(story).moved) == (0, 10_000, 10_000)
    assert whole(story) == []


def test_a_sale_pays_older_debt_first(tell_story: TellStory) -> None:
    story = tell_story("50.00")
    story.on(DAY)
    story.debit(4_000)

    story.sell(ORDER, 10_000)
    assert (story.account().balance, story.account().debt) == (6_000, 0)
    story.take_sale_back(ORDER)

    assert (story.account().balance, story.account().debt) == (-4_000, 4_000)
    assert whole(story) == []


def test_a_sale_is_taken_back_once(story: Story) -> None:
    story.sell(ORDER, 10_000)
    story.take_sale_back(ORDER)

    with pytest.raises(AlreadyReversed):
        story.take_sale_back(ORDER)

    assert story.account().balance == 0
    assert whole(story) == []


def test_an_order_without_such_a_sale_takes_nothing_back(story: Story) -> None:
    assert story.take_sale_back(ORDER) is None
    assert story.account().seq == 0


def test_a_sale_is_not_reversed_by_hand(story: Story) -> None:
    deed = story.sell(ORDER, 10_000)

    with pytest.raises(CancelTheOrder):
        story.reverse(deed)

    assert story.account().balance == 10_000


def test_credit_past_its_day_does_not_pay_for_a_sale_taken_back(story: Story) -> None:
    story.grant(5_000, 5_000, "paid", DAY)
    story.sell(ORDER, 10_000)
    story.debit(9_000)
    story.on(DAY + timedelta(days=1))

    story.take_sale_back(ORDER)

    assert (story.account().balance, story.account().debt) == (-4_000, 4_000)
    assert whole(story) == []


@pytest.mark.parametrize(("face", "paid"), [(3, 1), (2, 1), (7, 5), (10, 9)])
def test_parts_of_what_was_paid_add_up_whatever_is_rounded(
    story: Story, face: int, paid: int
) -> None:
    story.sell(ORDER, 1)
    story.debit(1)
    story.grant(face, paid)
    story.take_sale_back(ORDER)
    left = face - 1

    while left:
        story.debit(1)
        left -= 1

    (lot,) = [lot for lot in story.lots() if lot.origin == "grant"]
    of_the_sale = 1
    assert books(story).get("consumed", 0) - of_the_sale + lot.moved == paid
    assert whole(story) == []
