"""Lists of pages: filters in the address, order, pages, files of the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from portal.i18n import N_
from portal.partners.models import CreditPolicy
from portal.web import lists
from portal.web.lists import Column, Filter, Listing, ListView, choice_filter, day_filter, like
from tests.web.site import PEOPLE


def _holds(text: str) -> ColumnElement[bool]:
    return CreditPolicy.name.like(like(text), escape="!")


def _of_kind(wanted: Select[Any], kind: str) -> Select[Any]:
    return wanted.where(CreditPolicy.documents == int(kind != "strict"))


def _since(day: date) -> ColumnElement[bool]:
    return CreditPolicy.version >= day.day


LIMITS = Listing(
    title=N_("Credit limits"),
    key=CreditPolicy.id,
    sort="-number",
    columns=(
        Column("number", N_("Number"), lambda row: row.id, sort=CreditPolicy.id, num=True),
        Column("name", N_("Name"), lambda row: row.name, sort=CreditPolicy.name),
        Column(
            "money",
            N_("Money"),
            lambda row: row.money,
            sort=CreditPolicy.money,
            permission="costs.view",
            num=True,
        ),
        Column("days", N_("Days"), lambda row: row.age_days),
    ),
    filters=(
        Filter("q", N_("Search"), lambda wanted, text: wanted.where(_holds(text))),
        choice_filter("kind", N_("Kind"), {"strict": "Strict", "none": "None"}, _of_kind),
        day_filter("since", N_("Since"), lambda wanted, day: wanted.where(_since(day))),
        Filter(
            "min_money",
            N_("From"),
            lambda wanted, money: wanted.where(CreditPolicy.money >= money),
            parse=Decimal,
            permission="costs.view",
        ),
    ),
)


@pytest.fixture
def limits(session: Session) -> None:
    for at, name in enumerate(["50% off", "b", "=1+1", "d", "e"]):
        session.add(
            CreditPolicy(
                code=f"c{at}", name=name, money=Decimal(at) if at else None, documents=at % 2
            )
        )
    session.commit()


@pytest.fixture
def look(app: Flask, limits: None) -> Callable[..., Any]:
    @contextmanager
    def at(address: str, who: str = "boss") -> Iterator[ListView]:
        with app.test_request_context(address):
            yield LIMITS.view(select(CreditPolicy), PEOPLE[who])

    return at


def names(view: ListView) -> list[str]:
    return [row.name for row in view.items]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/", ["e", "d", "=1+1", "b", "50% off"]),
        ("/?sort=name", ["50% off", "=1+1", "b", "d", "e"]),
        ("/?sort=-money", ["e", "d", "=1+1", "b", "50% off"]),
        ("/?sort=days", ["e", "d", "=1+1", "b", "50% off"]),
        ("/?sort=secret", ["e", "d", "=1+1", "b", "50% off"]),
        ("/?q=%25", ["50% off"]),
        ("/?q=_", []),
        ("/?kind=strict", ["e", "=1+1", "50% off"]),
        ("/?min_money=3", ["e", "d"]),
        ("/?kind=strict&min_money=3", ["e"]),
        ("/?after=nonsense", ["e", "d", "=1+1", "b", "50% off"]),
    ],
)
def test_the_address_says_what_is_shown(address: str, shown: list[str], look: Any) -> None:
    with look(address) as view:
        assert names(view) == shown


@pytest.mark.parametrize(
    ("argument", "name"),
    [("kind=x", "kind"), ("since=31/02/2026", "since"), ("min_money=x", "min_money")],
)
def test_a_filter_that_is_nonsense_is_told_and_left_out(
    argument: str, name: str, look: Any
) -> None:
    with look(f"/?{argument}") as view:
        assert len(view.items) == 5
        assert list(view.errors) == [name]
        assert view.chips == []


def test_costs_show_neither_as_column_nor_by_order_nor_by_filter(look: Any) -> None:
    with look("/?sort=money&min_money=3", "seller") as view:
        assert [column.key for column in view.columns] == ["number", "name", "days"]
        assert not view.has("money")
        assert view.sort == "-number"
        assert len(view.items) == 5
        assert view.chips == []


def test_chips_name_the_filters_in_force(look: Any) -> None:
    with look("/?kind=strict&since=01/02/2026&sort=name&after=x") as view:
        chips = view.chips

        assert [(label, value) for label, value, _ in chips][1][1] == "01/02/2026"
        assert chips[0][2] == "/?since=01%2F02%2F2026&sort=name"
        assert view.clear_url == "/?sort=name"
        assert view.text("since") == "01/02/2026"


def test_pages_lead_on_and_back(look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZES", (2,))
    seen: list[list[str]] = []
    address: str | None = "/?limit=2&sort=name"
    while address:
        with look(address) as view:
            seen.append(names(view))
            last, address = view.previous_url, view.next_url
    with look(last) as view:
        back = names(view)
        first_url = view.previous_url
    with look(first_url) as view:
        assert view.previous_url is None
        assert names(view) == seen[0]

    assert seen == [["50% off", "=1+1"], ["b", "d"], ["e"]]
    assert back == ["b", "d"]


def test_how_many_there_are_is_said(look: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with look("/?kind=strict") as view:
        assert view.count_text == "3"
    monkeypatch.setattr(lists, "count_up_to", lambda *_: lists.Count(10_000, more=True))
    with look("/") as view:
        assert view.count_text == "mais de 10.000"


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_a_file_holds_all_rows_of_the_same_filters(
    batch: int, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "BATCH", batch)

    with look("/?format=csv&sort=name&min_money=1&limit=25") as view:
        response = view.file()
        text = b"".join(response.iter_encoded()).decode()

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    named = response.headers["Content-Disposition"]
    assert named == 'attachment; filename="limites-de-credito-2026-12-01.csv"'
    assert [line.split(";")[1:3] for line in text.splitlines()[1:]] == [
        ["'=1+1", "2,00"],
        ["b", "1,00"],
        ["d", "3,00"],
        ["e", "4,00"],
    ]


def test_a_file_hides_costs_too(look: Any) -> None:
    with look("/?format=csv", "seller") as view:
        text = b"".join(view.file().iter_encoded()).decode()

    assert text.splitlines()[1] == "5;e;"


def test_a_workbook_comes_when_it_is_asked_for(look: Any) -> None:
    with look("/?format=xlsx") as view:
        response = view.file()
        response.direct_passthrough = False
        data = response.get_data()
        response.close()

    assert data.startswith(b"PK")


@pytest.mark.parametrize("address", ["/", "/?format=pdf"])
def test_a_page_is_no_file(address: str, look: Any) -> None:
    with look(address) as view:
        assert view.file() is None
        assert "format=csv" in view.file_url("csv")
