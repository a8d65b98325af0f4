"""Editions are drafted, published, ended and deleted; what was in force stays."""

import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Forbidden, Invalid, PreconditionFailed
from portal.periods import Period
from portal.pricing.errors import (
    AlreadyPublished,
    EditionEmpty,
    EditionFrozen,
    NoSuchEdition,
    NoSuchTable,
    PastChange,
    ReasonMissing,
    WindowOverlap,
)
from portal.pricing.models import Edition, EditionItem, EditionState
from portal.pricing.rules.items import NewItem
from portal.pricing.services import (
    Change,
    change_edition,
    copy_edition,
    create_edition,
    delete_draft,
    publish_edition,
)
from tests.pricing.factories import (
    PAST,
    make_actor,
    make_edition,
    make_point,
    make_product,
    make_table,
)

HELENA = make_actor()
TODAY = date(2026, 12, 1)


def item(
    sku: str, price: str | None = None, minimum: str | None = None, **facts: object
) -> NewItem:
    figures = {
        "price": Decimal(price) if price is not None else None,
        "min_quantity": Decimal(minimum) if minimum else None,
    }
    return NewItem(sku, **(figures | facts))  # type: ignore[arg-type] # facts of the test


def problems_of(refusal: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {problem.field: problem.code for problem in refusal.value.problems}


def last_deed(session: Session) -> Deed:
    return session.scalars(select(Deed).order_by(Deed.id.desc()).limit(1)).one()


def test_a_draft_keeps_its_rows_and_is_numbered(session: Session, now: datetime) -> None:
    table = make_table(session)
    make_product(session, "A1")
    make_edition(session, table, "2026-01-01")

    made = create_edition(
        session,
        table.id,
        Period(date(2026, 12, 10)),
        [item("A1", "80"), item("A1", "72.5", "10")],
        by=HELENA,
        at=now,
    )

    stored = session.scalars(select(EditionItem).where(EditionItem.edition_id == made.id)).all()
    assert (made.number, made.state) == (2, EditionState.DRAFT)
    assert {(row.min_quantity, row.price) for row in stored} == {
        (Decimal(0), Decimal(80)),
        (Decimal(10), Decimal("72.5")),
    }


def test_every_bad_row_is_named_and_nothing_is_stored(session: Session, now: datetime) -> None:
    table = make_table(session)
    make_product(session, "A1")
    rows = [
        item("A1", "80"),
        item("A1", "81"),
        item("NOPE", "1"),
        item("A1", None, "2"),
        item("A1", "-1", "3"),
        item("A1", "0", "4"),
        item("A1", "5", "5", free=True),
        item("A1", "5", "-6"),
        item("A1", "1000000000000", "7"),
        item("A1", None, "8", percent=Decimal(5)),
        item("A1", "0.00001", "9"),
    ]

    with pytest.raises(Invalid) as refusal:
        create_edition(session, table.id, Period(TODAY), rows, by=HELENA, at=now)

    assert problems_of(refusal) == {
        "items[1].sku": "duplicate",
        "items[2].sku": "unknown_product",
        "items[3].price": "required",
        "items[4].price": "invalid",
        "items[5].price": "not_marked_free",
        "items[6].free": "invalid",
        "items[7].min_quantity": "invalid",
        "items[8].price": "invalid",
        "items[9].percent": "invalid",
        "items[10].price": "invalid",
    }
    assert session.scalars(select(Edition)).all() == []


def test_a_table_of_percentages_takes_percentages(session: Session, now: datetime) -> None:
    table = make_table(session, calculation="percent_of_sale")
    make_product(session, "A1")

    with pytest.raises(Invalid) as refusal:
        create_edition(session, table.id, Period(TODAY), [item("A1", "80")], by=HELENA, at=now)

    assert problems_of(refusal) == {"items[0].price": "invalid"}


def test_what_is_free_needs_no_price(session: Session, now: datetime) -> None:
    table = make_table(session)
    make_product(session, "A1")

    made = create_edition(
        session, table.id, Period(TODAY), [item("A1", free=True)], by=HELENA, at=now
    )

    row = session.scalars(select(EditionItem).where(EditionItem.edition_id == made.id)).one()
    assert (row.price, row.free) == (Decimal(0), True)


def test_publishing_ends_the_open_edition_and_says_so_in_the_trail(
    session: Session, now: datetime
) -> None:
    table = make_table(session)
    product = make_product(session)
    running = make_edition(session, table, "2026-01-01", None, [(product, "10")])
    draft = make_edition(session, table, "2026-12-10", None, [(product, "11")], state="draft")

    publish_edition(session, table.id, draft.id, by=HELENA, at=now)

    assert draft.state == EditionState.PUBLISHED
    assert running.valid_until == date(2026, 12, 9)
    deed = last_deed(session)
    assert deed.action == "edition.published"
    assert json.loads(deed.before or "")["edition 1"]["valid_until"] is None
    assert json.loads(deed.after or "")["edition 1"]["valid_until"] == "2026-12-09"


def test_an_overlap_is_refused_and_replaced_on_request(session: Session, now: datetime) -> None:
    table = make_table(session)
    product = make_product(session)
    first = make_edition(session, table, "2026-01-01", "2026-12-31", [(product, "10")])
    second = make_edition(session, table, "2027-01-01", None, [(product, "10")])
    draft = make_edition(session, table, "2026-12-10", None, [(product, "11")], state="draft")

    with pytest.raises(WindowOverlap) as refusal:
        publish_edition(session, table.id, draft.id, by=HELENA, at=now)
    publish_edition(session, table.id, draft.id, by=HELENA, at=now, replace=True)

    assert refusal.value.facts["conflicts_with"] == first.id
    assert first.valid_until == date(2026, 12, 9)
    assert second.state == EditionState.SUPERSEDED


def test_what_is_published_is_not_published_again(session: Session, now: datetime) -> None:
    table = make_table(session)
    edition = make_edition(session, table, "2026-01-01", None, [(make_product(session), "10")])

    with pytest.raises(AlreadyPublished):
        publish_edition(session, table.id, edition.id, by=HELENA, at=now)


def test_an_empty_edition_is_published_only_where_prices_are_calculated(
    session: Session, now: datetime
) -> None:
    fixed = make_table(session)
    adjusted = make_table(session, base=fixed)
    nothing = make_edition(session, fixed, "2026-12-10", state="draft")
    calculated = make_edition(session, adjusted, "2026-12-10", state="draft")

    with pytest.raises(EditionEmpty):
        publish_edition(session, fixed.id, nothing.id, by=HELENA, at=now)
    publish_edition(session, adjusted.id, calculated.id, by=HELENA, at=now)

    assert calculated.state == EditionState.PUBLISHED


def test_published_days_of_the_past_change_only_with_permission_and_reason(
    session: Session, now: datetime
) -> None:
    table = make_table(session)
    product = make_product(session)
    make_edition(session, table, "2026-01-01", None, [(product, "10")])
    draft = make_edition(session, table, "2026-11-30", None, [(product, "11")], state="draft")
    allowed = make_actor(*PAST)

    with pytest.raises(PastChange):
        publish_edition(session, table.id, draft.id, by=HELENA, at=now, reason="typing error")
    with pytest.raises(ReasonMissing):
        publish_edition(session, table.id, draft.id, by=allowed, at=now, reason="  ")
    publish_edition(session, table.id, draft.id, by=allowed, at=now, reason="typing error")

    assert draft.state == EditionState.PUBLISHED
    assert last_deed(session).reason == "typing error"


def test_the_first_edition_may_begin_on_any_day(session: Session, now: datetime) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    draft = make_edition(session, table, "2020-01-01", None, items, state="draft")

    publish_edition(session, table.id, draft.id, by=HELENA, at=now)

    assert draft.state == EditionState.PUBLISHED


def test_items_freeze_once_the_edition_is_in_force_and_its_end_does_not(
    session: Session, now: datetime
) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    edition = make_edition(session, table, "2026-12-01", None, [(product, "10")])

    with pytest.raises(EditionFrozen):
        change_edition(
            session, table.id, edition.id, {"items": [item("A1", "9")]}, by=HELENA, at=now
        )
    ended = Period(edition.valid_from, date(2026, 12, 20))
    change_edition(session, table.id, edition.id, {"period": ended}, by=HELENA, at=now)

    assert edition.valid_until == date(2026, 12, 20)


def test_items_of_an_edition_still_to_come_may_change(session: Session, now: datetime) -> None:
    table = make_table(session)
    product = make_product(session, "A1")
    edition = make_edition(session, table, "2026-12-02", None, [(product, "10")])

    change_edition(session, table.id, edition.id, {"items": [item("A1", "9")]}, by=HELENA, at=now)

    row = session.scalars(select(EditionItem).where(EditionItem.edition_id == edition.id)).one()
    assert row.price == Decimal(9)
    trail = json.loads(last_deed(session).after or "")
    assert trail["rows"] == {f"{product.id}:0": "9"}


def test_a_boundary_moves_with_the_next_edition(session: Session, now: datetime) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    first = make_edition(session, table, "2026-01-01", "2026-12-09", items)
    second = make_edition(session, table, "2026-12-10", None, items)
    moved = Period(first.valid_from, date(2026, 12, 14))

    with pytest.raises(WindowOverlap):
        change_edition(session, table.id, first.id, {"period": moved}, by=HELENA, at=now)
    change_edition(
        session, table.id, first.id, {"period": moved, "move_next": True}, by=HELENA, at=now
    )

    assert (first.valid_until, second.valid_from) == (date(2026, 12, 14), date(2026, 12, 15))


def test_an_end_moved_into_the_past_needs_permission_and_reason(
    session: Session, now: datetime
) -> None:
    table = make_table(session)
    edition = make_edition(session, table, "2026-01-01", None, [(make_product(session), "10")])
    past = {"period": Period(edition.valid_from, date(2026, 11, 29))}
    yesterday = {"period": Period(edition.valid_from, date(2026, 11, 30))}

    with pytest.raises(PastChange):
        change_edition(session, table.id, edition.id, past, by=HELENA, at=now)  # type: ignore[arg-type] # the same keys
    change_edition(session, table.id, edition.id, yesterday, by=HELENA, at=now)  # type: ignore[arg-type] # as above

    assert edition.valid_until == date(2026, 11, 30)


def test_only_drafts_are_deleted(session: Session, now: datetime) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    published = make_edition(session, table, "2027-01-01", None, items)
    draft = make_edition(session, table, "2027-02-01", None, items, state="draft")

    with pytest.raises(EditionFrozen):
        delete_draft(session, table.id, published.id, by=HELENA, at=now)
    delete_draft(session, table.id, draft.id, by=HELENA, at=now)

    assert [one.id for one in session.scalars(select(Edition))] == [published.id]
    assert last_deed(session).action == "edition.deleted"


def test_an_edition_is_found_only_in_its_own_table(session: Session, now: datetime) -> None:
    table, other = make_table(session), make_table(session)
    edition = make_edition(session, table, "2027-01-01", state="draft")

    with pytest.raises(NoSuchEdition):
        delete_draft(session, other.id, edition.id, by=HELENA, at=now)
    with pytest.raises(NoSuchTable):
        delete_draft(session, 999_999, edition.id, by=HELENA, at=now)


def test_who_read_an_older_version_does_not_overwrite(session: Session, now: datetime) -> None:
    table = make_table(session)
    edition = make_edition(session, table, "2027-01-01", state="draft")
    later = {"period": Period(date(2027, 2, 1))}
    change_edition(session, table.id, edition.id, later, by=HELENA, at=now, version=1)  # type: ignore[arg-type] # the same keys

    with pytest.raises(PreconditionFailed):
        change_edition(session, table.id, edition.id, later, by=HELENA, at=now, version=1)  # type: ignore[arg-type] # as above


def test_a_copy_changes_every_price_but_the_free_ones(session: Session, now: datetime) -> None:
    table = make_table(session)
    one, free = make_product(session), make_product(session)
    source = make_edition(
        session, table, "2026-01-01", None, [(one, "10.10"), (one, 10, "9"), (free, "0")]
    )
    change = Change(Decimal("4.5"), rounding_ending=Decimal("0.90"))

    copy = copy_edition(
        session, table.id, source.id, Period(date(2027, 1, 1)), change, by=HELENA, at=now
    )

    rows = session.scalars(select(EditionItem).where(EditionItem.edition_id == copy.id)).all()
    assert {(row.product_id, row.min_quantity, row.price) for row in rows} == {
        (one.id, Decimal(0), Decimal("10.90")),
        (one.id, Decimal(10), Decimal("9.90")),
        (free.id, Decimal(0), Decimal(0)),
    }


def test_a_copy_that_would_give_things_away_is_refused(session: Session, now: datetime) -> None:
    table = make_table(session)
    source = make_edition(session, table, "2026-01-01", None, [(make_product(session), "0.40")])
    change = Change(Decimal(-50), rounding_step=Decimal(1))

    with pytest.raises(Invalid):
        copy_edition(session, table.id, source.id, Period(TODAY), change, by=HELENA, at=now)


def test_a_service_point_changes_no_prices(session: Session, now: datetime) -> None:
    point = make_point(session)
    table = make_table(session, of=point)
    ana = make_actor(at=point)

    with pytest.raises(Forbidden):
        create_edition(session, table.id, Period(TODAY), by=ana, at=now)


def test_a_stranger_does_not_learn_that_an_own_table_exists(
    session: Session, now: datetime
) -> None:
    table = make_table(session, of=make_point(session))
    stranger = make_actor(at=make_point(session))

    with pytest.raises(NoSuchTable):
        create_edition(session, table.id, Period(TODAY), by=stranger, at=now)


def test_publishing_takes_its_own_permission(session: Session, now: datetime) -> None:
    table = make_table(session)
    items = [(make_product(session), "10")]
    draft = make_edition(session, table, "2027-01-01", None, items, state="draft")

    with pytest.raises(Forbidden):
        publish_edition(
            session, table.id, draft.id, by=make_actor(without=["prices.publish"]), at=now
        )
