"""Pages that stay put while rows come in."""

import base64
import contextlib
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.catalogue.models import Category, Product
from portal.errors import Invalid
from portal.partners.models import CreditPolicy
from portal.web.paging import count_up_to, page_of, page_of_all
from tests.factories import NOON

NAMES = ["a", "B", "b", "ç", "a", "", "z", "É", "e"]


def policies(session: Session, moneys: list[int | None]) -> None:
    for at, money in enumerate(moneys):
        name = NAMES[at % len(NAMES)]
        value = None if money is None else Decimal(money)
        session.add(CreditPolicy(code=f"p{at:03}", name=name, money=value))
    session.flush()


def walk(session: Session, wanted: Select[Any], order: Any, limit: int) -> list[Any]:
    """Go to the end page by page, and back, and insist that both ways show the same."""
    pages, cursor = [], None
    while True:
        page = page_of(session, wanted, order=order, cursor=cursor, limit=limit)
        pages.append(page.items)
        if page.next is None:
            break
        cursor = page.next
    forward = [item for items in pages for item in items]
    back, cursor = [list(page.items)], page.previous
    while cursor is not None:
        page = page_of(session, wanted, order=order, cursor=cursor, limit=limit)
        back.insert(0, page.items)
        cursor = page.previous
    assert [item for items in back for item in items] == forward
    return forward


ORDERS = {
    "number": (CreditPolicy.id,),
    "newest": (CreditPolicy.id.desc(),),
    "money": (CreditPolicy.money, CreditPolicy.id),
    "dearest": (CreditPolicy.money.desc(), CreditPolicy.id.desc()),
    "dearest, oldest": (CreditPolicy.money.desc(), CreditPolicy.id),
    "name": (CreditPolicy.name, CreditPolicy.id),
    "name and money": (CreditPolicy.name.desc(), CreditPolicy.money, CreditPolicy.id.desc()),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("limit", [1, 3, 7, 50])
def test_pages_show_each_row_once_in_order(order: Any, limit: int, session: Session) -> None:
    policies(session, [5, None, 3, 5, None, 0, 3, 5, 9, None, 1])
    wanted = select(CreditPolicy)

    seen = walk(session, wanted, order, limit)

    assert seen == list(session.scalars(wanted.order_by(*order)))


@pytest.mark.engines("sqlite")
@given(
    moneys=st.lists(st.none() | st.integers(0, 3), max_size=15),
    limit=st.integers(1, 6),
    name=st.sampled_from(sorted(ORDERS)),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_in_any_order_are_shown_once(
    moneys: list[int | None], limit: int, name: str, session: Session
) -> None:
    session.query(CreditPolicy).delete()
    policies(session, moneys)
    wanted = select(CreditPolicy)

    assert walk(session, wanted, ORDERS[name], limit) == list(
        session.scalars(wanted.order_by(*ORDERS[name]))
    )


def test_rows_that_come_in_do_not_move_the_next_page(session: Session) -> None:
    policies(session, [1, 2, 3, 4])
    newest = (CreditPolicy.id.desc(),)
    first = page_of(session, select(CreditPolicy), order=newest, limit=2)
    session.add(CreditPolicy(code="new", name="new"))
    session.flush()

    second = page_of(session, select(CreditPolicy), order=newest, cursor=first.next, limit=2)

    assert [one.code for one in second.items] == ["p001", "p000"]
    back = page_of(session, select(CreditPolicy), order=newest, cursor=second.previous, limit=9)
    assert [one.code for one in back.items] == ["new", "p003", "p002"]


def test_a_column_of_another_table_may_be_missing(session: Session) -> None:
    category = Category(name="c")
    session.add(category)
    session.flush()
    for at in range(6):
        session.add(
            Product(
                sku=f"s{at}",
                name="n",
                category_id=category.id if at % 2 else None,
                created_at=NOON,
                updated_at=NOON,
            )
        )
    session.flush()
    wanted = select(Product).outerjoin(Category, Category.id == Product.category_id)

    seen = walk(session, wanted, (Category.name, Product.id), 2)

    assert [one.sku for one in seen] == ["s0", "s2", "s4", "s1", "s3", "s5"]


def test_several_columns_come_as_rows(session: Session) -> None:
    policies(session, [1, 2, 3])
    wanted = select(CreditPolicy.code, CreditPolicy.money)

    page = page_of(session, wanted, order=(CreditPolicy.id,), limit=2)

    assert [tuple(row) for row in page.items] == [("p000", Decimal(1)), ("p001", Decimal(2))]


@pytest.mark.parametrize(
    "cursor",
    [
        "x", "????", "W10", "é", "A" * 2000, "bnVsbA", "WyJhYmNkZWYiLDAsMV0",
        "W1siYSJdLDAsMV0", "WzEsMiwzXQ",
    ],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(cursor: str, session: Session) -> None:
    with pytest.raises(Invalid):
        page_of(session, select(CreditPolicy), order=(CreditPolicy.id,), cursor=cursor)


def test_a_cursor_of_another_order_is_refused(session: Session) -> None:
    policies(session, [1, 2, 3])
    by_money = (CreditPolicy.money, CreditPolicy.id)
    page = page_of(session, select(CreditPolicy), order=by_money, limit=1)

    with pytest.raises(Invalid):
        page_of(session, select(CreditPolicy), order=ORDERS["dearest"], cursor=page.next)


@pytest.mark.parametrize("value", [2**70, "x", {"m": "2026-01-01T00:00:00"}, {"n": "9" * 25}, None])
def test_a_forged_cursor_is_refused_or_harmless(value: Any, session: Session) -> None:
    policies(session, [1, 2, 3])
    by_money = (CreditPolicy.money, CreditPolicy.id)
    page = page_of(session, select(CreditPolicy), order=by_money, limit=1)
    raw = base64.urlsafe_b64decode(str(page.next) + "==")
    mark = orjson.loads(raw)[0]
    forged = f'["{mark}",0,{"1" * 25 if value == 2**70 else orjson.dumps(value).decode()},1]'
    cursor = base64.urlsafe_b64encode(forged.encode()).decode().rstrip("=")

    with contextlib.suppress(Invalid):
        page = page_of(session, select(CreditPolicy), order=by_money, cursor=cursor)
        assert len(page.items) <= 3


def test_counting_stops_at_the_limit(session: Session) -> None:
    policies(session, [1, 2, 3])
    wanted = select(CreditPolicy).order_by(CreditPolicy.name)

    assert (count_up_to(session, wanted).number, count_up_to(session, wanted).more) == (3, False)
    assert (count_up_to(session, wanted, 2).number, count_up_to(session, wanted, 2).more) == (
        2,
        True,
    )
    assert not count_up_to(session, wanted, 3).more


def test_a_list_at_hand_is_paged_by_the_rows_own_names() -> None:
    rows = ["d", "a", "c", "b", "e"]

    first = page_of_all(rows, key=by_name, limit=2)
    second = page_of_all(["d", "new", "a", "c", "b", "e"], key=by_name, cursor=first.next, limit=2)
    last = page_of_all(rows, key=by_name, cursor=second.next, limit=2)

    assert [first.items, second.items, last.items] == [["d", "a"], ["c", "b"], ["e"]]
    assert last.next is None


def test_a_cursor_whose_row_is_gone_is_refused_rather_than_hide_one() -> None:
    first = page_of_all(["a", "b", "c"], key=by_name, limit=1)

    for rows in (["b", "c"], []):
        with pytest.raises(Invalid):
            page_of_all(rows, key=by_name, cursor=first.next, limit=1)


def by_name(row: str) -> tuple[str]:
    return (row,)
