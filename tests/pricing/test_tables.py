"""Price tables are put on file and changed; calculations that cannot be are refused."""

from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal.errors import Forbidden, Invalid
from portal.pricing.errors import (
    CalculationCycle,
    CalculationInUse,
    NoSuchTable,
    PastChange,
    TableExists,
)
from portal.pricing.queries.tables import table_of
from portal.pricing.rules.tables import HowCalculated, clean_calculation
from portal.pricing.services import NewTable, change_table, create_table
from tests.pricing.factories import (
    PAST,
    make_actor,
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
    make_product,
    make_table,
)

HELENA = make_actor()


def adjusted(base: int | None, percent: str = "5", **facts: str) -> HowCalculated:
    figures = {name: Decimal(value) for name, value in facts.items()}
    return HowCalculated("adjusted", base, Decimal(percent), **figures)


def test_an_own_table_is_the_only_one_of_its_pair(session: Session, now: datetime) -> None:
    point, issuer = make_point(session), make_issuer(session)
    facts = NewTable("Própria", "own", point.id)
    create_table(session, facts, by=HELENA, at=now)
    create_table(session, NewTable("Própria AC", "own", point.id, issuer.id), by=HELENA, at=now)

    with pytest.raises(TableExists):
        create_table(session, facts, by=HELENA, at=now)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        (HowCalculated("magic"), "calculation.type"),
        (HowCalculated("adjusted"), "calculation.base_table"),
        (adjusted(1, "-100"), "calculation.percent"),
        (adjusted(1, "1001"), "calculation.percent"),
        (adjusted(1, "0.00001"), "calculation.percent"),
        (adjusted(1, rounding_step="0"), "calculation.rounding_step"),
        (adjusted(1, rounding_step="-1"), "calculation.rounding_step"),
        (adjusted(1, rounding_step="0.00001"), "calculation.rounding_step"),
        (adjusted(1, rounding_ending="1"), "calculation.rounding_ending"),
        (adjusted(1, rounding_ending="0.999"), "calculation.rounding_ending"),
        (adjusted(1, rounding_step="1", rounding_ending="0.9"), "calculation.rounding_ending"),
        (HowCalculated("fixed", percent=Decimal(5)), "calculation.percent"),
        (HowCalculated("percent_of_sale", base_table_id=1), "calculation.base_table"),
    ],
)
def test_a_calculation_that_cannot_be_names_its_field(how: HowCalculated, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        clean_calculation(how)

    assert [problem.field for problem in refusal.value.problems] == [field]


@pytest.mark.parametrize("ending", ["0", "0.00", "0.99"])
def test_endings_go_from_nothing_to_99_hundredths(ending: str) -> None:
    assert clean_calculation(adjusted(1, rounding_ending=ending)).rounding_ending == Decimal(ending)


def test_a_base_must_be_a_general_table(session: Session, now: datetime) -> None:
    own = make_table(session, of=make_point(session))

    for base in (own.id, 999_999):
        with pytest.raises(Exception, match="invalid"):
            create_table(session, NewTable("x", calculation=adjusted(base)), by=HELENA, at=now)


def test_a_table_cannot_be_calculated_from_itself_by_any_way(
    session: Session, now: datetime
) -> None:
    first = make_table(session, "Primeira")
    second = make_table(session, "Segunda", base=first)
    third = make_table(session, "Terceira", base=second)

    for base in (first, second, third):
        with pytest.raises(CalculationCycle) as refusal:
            change_table(session, first.id, {"calculation": adjusted(base.id)}, by=HELENA, at=now)

    assert refusal.value.facts["way"] == "Terceira → Segunda → Primeira"
    assert (refusal.value.status, refusal.value.code) == (422, "calculation_cycle")


def test_another_calculation_of_past_days_takes_permission_and_reason(
    session: Session, now: datetime
) -> None:
    base = make_table(session)
    table = make_table(session, base=base)
    make_edition(session, table, "2026-01-01")
    changes = {"calculation": adjusted(base.id, "7")}

    with pytest.raises(PastChange):
        change_table(session, table.id, changes, by=HELENA, at=now, reason="why")  # type: ignore[arg-type] # the same keys
    change_table(session, table.id, changes, by=make_actor(*PAST), at=now, reason="why")  # type: ignore[arg-type] # as above

    assert table.percent == Decimal(7)


def test_a_table_without_past_days_may_be_calculated_otherwise(
    session: Session, now: datetime
) -> None:
    table = make_table(session, base=make_table(session))
    make_edition(session, table, "2026-12-01")

    change_table(session, table.id, {"calculation": HowCalculated("fixed")}, by=HELENA, at=now)

    assert (table.calculation, table.base_table_id, table.percent) == ("fixed", None, None)


def test_prices_do_not_turn_into_percentages(session: Session, now: datetime) -> None:
    table = make_table(session)
    make_edition(session, table, "2027-01-01", None, [(make_product(session), "10")])

    with pytest.raises(CalculationInUse):
        change_table(
            session,
            table.id,
            {"calculation": HowCalculated("percent_of_sale")},
            by=make_actor(*PAST),
            at=now,
            reason="why",
        )


def test_people_of_a_service_point_see_their_own_tables_and_those_they_use(
    session: Session,
) -> None:
    point, other = make_point(session), make_point(session)
    mine, used = make_table(session, of=point), make_table(session)
    hidden = [make_table(session, of=other), make_table(session)]
    make_assignment(session, point, used)
    make_assignment(session, other, hidden[1])
    ana = make_actor(at=point)

    assert table_of(session, ana, mine.id) is mine
    assert table_of(session, ana, used.id) is used
    for table in hidden:
        with pytest.raises(NoSuchTable):
            table_of(session, ana, table.id)
        assert table_of(session, HELENA, table.id) is table


def test_a_service_point_puts_no_table_on_file(session: Session, now: datetime) -> None:
    ana = make_actor(at=make_point(session))

    with pytest.raises(Forbidden):
        create_table(session, NewTable("x"), by=ana, at=now)
