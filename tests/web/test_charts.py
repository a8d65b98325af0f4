"""Drawings say what the figures say."""

from datetime import date
from decimal import Decimal

import pytest

from portal.web.charts import Bar, Piece, Span, bar_chart, edition_timeline, step_chart
from portal.web.charts.plot import scale_of
from portal.web.filters import money

TODAY = date(2026, 11, 19)


def span(first: str, last: str | None, kind: str = "old", label: str = "Edition") -> Span:
    until = date.fromisoformat(last) if last else None
    return Span(date.fromisoformat(first), until, kind, (label, label[0]), url=f"/{first}")


@pytest.mark.parametrize(
    "values",
    [["0"], ["7", "43"], ["66.20", "71.05"], ["-415.15", "534.10"], ["12", "12"], ["0.004"]],
)
@pytest.mark.parametrize("from_zero", [True, False])
def test_a_scale_holds_every_value(values: list[str], from_zero: bool) -> None:
    amounts = [Decimal(value) for value in values]

    scale = scale_of(amounts, 20, 180, from_zero=from_zero)

    assert scale.low <= min(amounts) <= max(amounts) <= scale.high
    assert all(20 <= scale.y(amount) <= 180 for amount in amounts)
    assert len(scale.grid(0, 100, str)[0]) <= 7


def test_a_bar_twice_as_large_is_twice_as_high() -> None:
    chart = bar_chart(
        "c", "t", "s", bars=[Bar("1", Decimal(10)), Bar("2", Decimal(20))], written=money
    )

    one, two = chart.wide.boxes
    assert two.height == pytest.approx(one.height * 2, abs=0.3)
    assert chart.rows == (("1", "10,00"), ("2", "20,00"))


def test_a_negative_amount_hangs_below_zero() -> None:
    bars = [Bar("1", Decimal(10)), Bar("2", Decimal(-10))]

    above, below = bar_chart("c", "t", "s", bars=bars, written=money).wide.boxes

    assert below.y == pytest.approx(above.y + above.height, abs=0.2)
    assert below.height == pytest.approx(above.height, abs=0.2)


def test_days_to_come_stay_empty_and_last_month_goes_on() -> None:
    bars = [Bar("1", Decimal(3), Decimal(4)), Bar("2", None, Decimal(5))]

    chart = bar_chart("c", "t", "s", bars=bars, written=money)

    assert len(chart.wide.boxes) == 1
    assert chart.wide.over[0].d.count("H") == 2
    assert chart.rows[1] == ("2", "", "5,00")


def test_a_chart_without_anything_is_drawn_all_the_same() -> None:
    chart = bar_chart("c", "t", "s", bars=[], written=money)

    assert chart.wide.boxes == ()
    assert chart.rows == ()


def test_days_between_two_editions_are_a_gap() -> None:
    spans = [span("2026-07-06", "2026-11-30", "now"), span("2026-04-01", "2026-06-30")]

    chart = edition_timeline("e", "t", "s", spans=spans, today=TODAY)

    assert [gap.days for gap in chart.wide.gaps] == [5]
    assert [box.look for box in chart.wide.boxes] == ["e-old", "e-now"]


def test_editions_that_follow_each_other_leave_no_gap() -> None:
    spans = [span("2026-04-01", "2026-06-30"), span("2026-07-01", None, "now")]

    chart = edition_timeline("e", "t", "s", spans=spans, today=TODAY)

    assert chart.wide.gaps == chart.narrow.gaps == ()


def test_the_present_day_stands_inside_the_edition_in_force() -> None:
    spans = [span("2026-10-01", "2026-11-30", "now"), span("2026-12-01", None, "draft")]

    plot = edition_timeline("e", "t", "s", spans=spans, today=TODAY).wide

    now = plot.boxes[0]
    assert plot.today is not None
    assert now.x < plot.today < now.x + now.width


def test_a_name_that_does_not_fit_is_shortened() -> None:
    spans = [
        span("2026-11-15", "2026-11-20", "now", "Edition 7, in force"),
        span("2026-11-21", None, "draft"),
    ]

    plot = edition_timeline("e", "t", "s", spans=spans, today=TODAY).wide

    assert plot.boxes[0].label is None or plot.boxes[0].label.text == "E"
    assert plot.boxes[0].tip == "Edition 7, in force"


def test_a_name_keeps_out_of_what_a_later_edition_covers() -> None:
    spans = [
        span("2026-01-01", "2026-11-09"),
        span("2026-11-10", None, "now", "Edition 7, in force"),
        span("2026-11-30", None, "draft", "Edition 8"),
    ]

    plot = edition_timeline("e", "t", "s", spans=spans, today=TODAY).wide

    _, covered, covering = plot.boxes
    assert covered.label is None or covered.label.text == "E"
    assert covered.width > covering.width
    assert covering.label is not None
    assert covering.label.text == "Edition 8"


def test_an_edition_of_long_ago_does_not_squeeze_the_present_ones() -> None:
    spans = [span("2019-01-01", "2019-12-31"), span("2026-10-01", None, "now")]

    plot = edition_timeline("e", "t", "s", spans=spans, today=TODAY).wide

    assert [box.look for box in plot.boxes] == ["e-now"]


def test_a_price_over_time_breaks_where_there_is_none() -> None:
    pieces = [
        Piece(date(2026, 4, 1), date(2026, 6, 30), Decimal("67.10")),
        Piece(date(2026, 7, 1), date(2026, 7, 5), None),
        Piece(date(2026, 7, 6), date(2026, 11, 30), Decimal("68.40")),
        Piece(date(2026, 12, 1), date(2026, 12, 31), Decimal("71.05"), planned=True),
    ]

    chart = step_chart("p", "t", "s", pieces=pieces, today=TODAY, written=money)

    solid, dashed = chart.wide.over
    assert (solid.look, dashed.look) == ("l-now", "l-next")
    assert solid.d.count("M") == 2
    assert [gap.days for gap in chart.wide.gaps] == [5]
    assert "68,40" in [text.text for text in chart.wide.texts]
    assert chart.rows[1] == ("01/07/2026", "05/07/2026", "\u2013")
