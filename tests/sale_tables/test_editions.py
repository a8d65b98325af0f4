"""Editions of sale tables: drafted, published, replaced, moved, frozen, deleted."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.errors import Forbidden, Invalid, PreconditionFailed
from portal.periods import Period
from portal.pricing.errors import (
    AlreadyPublished,
    EditionFrozen,
    PastChange,
    ReasonMissing,
    WindowOverlap,
)
from portal.sale_tables import services
from portal.sale_tables.errors import (
    ChannelOverlap,
    NoSuchSaleEdition,
    NothingPriced,
    RowsNotInPortfolio,
)
from portal.sale_tables.models import SaleEdition
from portal.sale_tables.queries.editions import edition_of
from portal.sale_tables.rules import NewRow
from tests.factories import NOON
from tests.pricing.factories import make_product
from tests.sale_tables.factories import (
    DAVI,
    PAST,
    make_actor,
    make_sale_edition,
    make_sale_table,
    make_shop,
    row,
    stored,
)


def windows(session: Session, table: Any) -> list[tuple[str, str | None, str]]:
    """Return from, until and state of the table's editions, as the database has them."""
    session.expire_all()
    wanted = select(SaleEdition).where(SaleEdition.sale_table_id == table.id)
    found = session.scalars(wanted.order_by(SaleEdition.valid_from, SaleEdition.id))
    return [
        (
            one.valid_from.isoformat(),
            one.valid_until.isoformat() if one.valid_until else None,
            one.state,
        )
        for one in found
        if one.state != "draft"
    ]


def test_what_is_not_sent_is_to_be_priced(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    priced, suggested, _left = shop.products

    edition = make_sale_edition(
        session, table, "2026-12-01",
        rows=[row(priced.sku, "15.5"), row(suggested.sku, suggested="25", on_site=False)],
    )  # fmt: skip

    rows = stored(session, edition)
    assert [(rows[one.id].price, rows[one.id].on_site) for one in shop.products] == [
        (Decimal("15.5000"), True), (Decimal("25.0000"), False), (None, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "fault"),
    [("-1", "sale_price"), ("0", "sale_price"), ("1.00001", "sale_price"), ("1e12", "sale_price")],
)
def test_a_price_is_above_zero_with_at_most_four_decimals(
    session: Session, price: str, fault: str
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)

    with pytest.raises(Invalid) as refusal:
        make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], price)])

    assert [one.field for one in refusal.value.problems] == [f"items[0].{fault}"]


def test_nobody_adds_what_is_not_in_the_portfolio(session: Session) -> None:
    shop = make_shop(session)
    stranger = make_product(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], 50), row(stranger.sku, 50), row("NOWHERE", 50), row(shop.skus[0], 9)]

    with pytest.raises(RowsNotInPortfolio) as refusal:
        make_sale_edition(session, table, "2026-12-01", rows=rows)

    assert refusal.value.code == "not_in_portfolio"
    assert [(one.field, one.code) for one in refusal.value.problems] == [
        ("items[1].sku", "not_in_portfolio"),
        ("items[2].sku", "unknown_product"),
        ("items[3].sku", "duplicate"),
    ]


def test_the_portfolio_that_counts_is_that_of_the_first_day(session: Session) -> None:
    shop = make_shop(session, begin="2026-12-10")
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], 50)]

    with pytest.raises(RowsNotInPortfolio):
        make_sale_edition(session, table, "2026-12-09", rows=rows)
    edition = make_sale_edition(session, table, "2026-12-10", rows=rows)

    assert len(stored(session, edition)) == len(shop.products)


def test_an_edition_without_any_price_is_not_published(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)

    with pytest.raises(NothingPriced):
        make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0])])


def test_publishing_ends_the_open_edition_the_day_before(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 50)])

    make_sale_edition(session, table, "2026-12-15", rows=[row(shop.skus[0], 60)])

    assert windows(session, table) == [
        ("2026-12-01", "2026-12-14", "published"),
        ("2026-12-15", None, "published"),
    ]


def test_any_other_overlap_is_refused_and_replace_makes_room(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], 50)]
    make_sale_edition(session, table, "2026-12-01", "2026-12-20", rows)
    coming = make_sale_edition(session, table, "2026-12-21", "2026-12-31", rows)

    with pytest.raises(WindowOverlap) as refusal:
        make_sale_edition(session, table, "2026-12-10", rows=rows)
    make_sale_edition(session, table, "2026-12-10", rows=rows, replace=True)

    assert refusal.value.facts["conflicts_with"] in {coming.id, coming.id - 1}
    assert windows(session, table) == [
        ("2026-12-01", "2026-12-09", "published"),
        ("2026-12-10", None, "published"),
        ("2026-12-21", "2026-12-31", "superseded"),
    ]


@pytest.mark.parametrize(
    ("channels", "meets"),
    [
        (("back_office",), False),
        (("site",), True),
        (("back_office", "site"), True),
    ],
)
def test_tables_that_share_a_channel_never_hold_on_one_day(
    session: Session, channels: tuple[str, ...], meets: bool
) -> None:
    shop = make_shop(session)
    site = make_sale_table(session, shop, "site", name="Site")
    other = make_sale_table(session, shop, *channels)
    rows = [row(shop.skus[0], 50)]
    held = make_sale_edition(session, site, "2026-12-01", rows=rows)

    if not meets:
        make_sale_edition(session, other, "2026-12-10", rows=rows)
        return
    for replacing in (False, True):
        with pytest.raises(ChannelOverlap) as refusal:
            make_sale_edition(session, other, "2026-12-10", rows=rows, replace=replacing)
        assert refusal.value.facts["conflicts_with"] == held.id


def test_other_service_points_do_not_get_in_the_way(session: Session) -> None:
    for shop in (make_shop(session), make_shop(session)):
        table = make_sale_table(session, shop)

        edition = make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 50)])

        assert edition.state == "published"


def test_the_boundary_of_two_editions_moves_in_one_step(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], 50)]
    first = make_sale_edition(session, table, "2026-12-01", rows=rows)
    make_sale_edition(session, table, "2026-12-15", rows=rows)
    changes: services.EditionChanges = {
        "period": Period(date(2026, 12, 1), date(2026, 12, 19)), "move_next": True,
    }  # fmt: skip

    services.change_edition(session, table.id, first.id, changes, by=DAVI, at=NOON)

    assert windows(session, table) == [
        ("2026-12-01", "2026-12-19", "published"),
        ("2026-12-20", None, "published"),
    ]


def test_an_end_is_not_moved_into_another_table_of_the_channel(session: Session) -> None:
    shop = make_shop(session)
    one, other = make_sale_table(session, shop), make_sale_table(session, shop, name="Natal")
    rows = [row(shop.skus[0], 50)]
    first = make_sale_edition(session, one, "2026-12-01", "2026-12-19", rows)
    make_sale_edition(session, other, "2026-12-20", "2026-12-31", rows)

    with pytest.raises(ChannelOverlap):
        services.change_edition(
            session, one.id, first.id, {"period": Period(date(2026, 12, 1))}, by=DAVI, at=NOON
        )


def test_what_has_begun_keeps_its_rows_and_its_beginning(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-12-01", rows=[row(shop.skus[0], 50)])
    begun: list[services.EditionChanges] = [
        {"rows": [row(shop.skus[0], 60)]},
        {"some": [row(shop.skus[0], 60)]},
        {"period": Period(date(2026, 12, 2))},
    ]

    for changes in begun:
        with pytest.raises(EditionFrozen):
            services.change_edition(session, table.id, edition.id, changes, by=DAVI, at=NOON)
    with pytest.raises(EditionFrozen):
        services.delete_draft(session, table.id, edition.id, by=DAVI, at=NOON)
    with pytest.raises(AlreadyPublished):
        services.publish_edition(session, table.id, edition.id, by=DAVI, at=NOON)


def test_what_has_not_begun_may_change_its_rows_and_days(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-12-10", rows=[row(shop.skus[0], 50)])
    changes: services.EditionChanges = {
        "period": Period(date(2026, 12, 5), date(2026, 12, 24)),
        "some": [row(shop.skus[1], 70)],
    }

    services.change_edition(session, table.id, edition.id, changes, by=DAVI, at=NOON)

    assert windows(session, table) == [("2026-12-05", "2026-12-24", "published")]
    prices = [stored(session, edition)[one.id].price for one in shop.products]
    assert prices == [Decimal(50), Decimal(70), None]


def test_a_change_of_the_past_needs_permission_and_a_reason(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    rows = [row(shop.skus[0], 50)]
    make_sale_edition(session, table, "2026-11-01", rows=rows)
    late = make_sale_edition(session, table, "2026-11-20", rows=rows, publish=False)

    with pytest.raises(PastChange):
        services.publish_edition(session, table.id, late.id, by=DAVI, at=NOON)
    with pytest.raises(ReasonMissing):
        services.publish_edition(session, table.id, late.id, by=make_actor(PAST), at=NOON)
    services.publish_edition(
        session, table.id, late.id, by=make_actor(PAST), at=NOON, reason="Tabela do fornecedor"
    )

    assert windows(session, table) == [
        ("2026-11-01", "2026-11-19", "published"), ("2026-11-20", None, "published"),
    ]  # fmt: skip


def test_the_first_edition_may_begin_on_any_day(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)

    edition = make_sale_edition(session, table, "2026-02-01", rows=[row(shop.skus[0], 50)])

    assert edition.state == "published"


def test_a_draft_goes_away_with_its_rows(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-12-10", publish=False)
    number = edition.id

    services.delete_draft(session, table.id, number, by=DAVI, at=NOON)

    with pytest.raises(NoSuchSaleEdition):
        edition_of(session, DAVI, table.id, number)


def test_publishing_and_editing_are_two_permissions(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(
        session, table, "2026-12-10", rows=[row(shop.skus[0], 50)], publish=False
    )
    editor = make_actor(without=["sale_prices.publish"])
    reader = make_actor(without=["sale_prices.edit"])

    with pytest.raises(Forbidden):
        services.publish_edition(session, table.id, edition.id, by=editor, at=NOON)
    for deed in (
        lambda: services.create_edition(
            session, table.id, Period(date(2026, 12, 20)), by=reader, at=NOON
        ),
        lambda: services.change_edition(session, table.id, edition.id, {}, by=reader, at=NOON),
        lambda: services.delete_draft(session, table.id, edition.id, by=reader, at=NOON),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_drafts_are_hidden_from_a_service_points_people_who_do_not_write_them(
    session: Session,
) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    draft = make_sale_edition(session, table, "2026-12-10", publish=False)
    seller = make_actor(at=shop.point, without=["sale_prices.edit"])

    with pytest.raises(NoSuchSaleEdition):
        edition_of(session, seller, table.id, draft.id)
    assert edition_of(session, make_actor(at=shop.point), table.id, draft.id) is draft


def test_a_change_of_what_another_changed_meanwhile_is_refused(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(session, table, "2026-12-10", publish=False)

    services.change_edition(
        session, table.id, edition.id, {"some": [row(shop.skus[0], 1)]}, by=DAVI, at=NOON, version=1
    )

    with pytest.raises(PreconditionFailed):
        services.change_edition(session, table.id, edition.id, {}, by=DAVI, at=NOON, version=1)


def test_the_trail_keeps_the_rows_that_changed(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop)
    edition = make_sale_edition(
        session, table, "2026-12-10", rows=[row(shop.skus[0], 50)], publish=False
    )
    changed = [row(shop.skus[0], "49.9"), NewRow(shop.skus[1])]

    services.change_edition(
        session, table.id, edition.id, {"some": changed}, by=DAVI, at=NOON, reason=" Natal "
    )

    deed = session.scalars(select(Deed).order_by(Deed.id.desc())).first()
    assert deed is not None
    assert deed.action == "sale_edition.changed"
    first = shop.products[0].id
    assert f'"rows":{{"{first}":"- / 50 / site"}},"rows_changed":1' in (deed.before or "")
    assert f'"rows":{{"{first}":"- / 49.9 / site"}},"rows_changed":1' in (deed.after or "")
    assert deed.reason == "Natal"
