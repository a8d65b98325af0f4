"""Sale tables: put on file with the portfolio, renamed, sold in other channels."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.catalogue.models import Issuer
from portal.errors import Forbidden, Invalid
from portal.partners.errors import NoSuchServicePoint
from portal.pricing.errors import PastChange, ReasonMissing
from portal.sale_tables import services
from portal.sale_tables.errors import ChannelOverlap, NoSuchSaleTable, SoldBelowAcquisition
from portal.sale_tables.models import SaleEdition
from portal.sale_tables.queries.tables import table_of
from tests.factories import NOON
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
    make_table,
)
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


def test_a_new_table_begins_with_all_that_the_service_point_may_buy(session: Session) -> None:
    shop = make_shop(session)
    shop.products[2].active = False
    wanted = services.NewSaleTable("  Balcão  ", shop.point.code, ["site"])

    opened = services.create_table(session, wanted, by=DAVI, at=NOON)

    assert opened.table.name == "Balcão"
    assert [str(channel) for channel in opened.table.channels] == ["site"]
    assert (opened.draft.number, opened.draft.state) == (1, "draft")
    assert opened.draft.valid_from == date(2026, 12, 1)
    rows = stored(session, opened.draft)
    assert set(rows) == {product.id for product in shop.products[:2]}
    assert all(item.price is None and not item.on_site for item in rows.values())


def test_the_portfolio_is_that_of_all_issuers(session: Session) -> None:
    shop = make_shop(session, products=3)
    own = make_point(session)
    make_assignment(session, own, None)
    for at, product in enumerate(shop.products[:2]):
        issuer = make_issuer_of(session, active=at == 0)
        table = make_table(session, of=own, issuer=issuer)
        make_edition(session, table, "2026-01-01", None, [(product, 5)])
    plain = make_table(session, of=own)
    make_edition(session, plain, "2026-01-01", "2026-11-30", [(shop.products[2], 5)])
    wanted = services.NewSaleTable("Site", own.code, ["site"])

    today = services.create_table(session, wanted, by=DAVI, at=NOON).draft
    before = services.NewSaleTable("Site", own.code, ["site"], date(2026, 11, 30))
    yesterday = services.create_table(session, before, by=DAVI, at=NOON).draft

    one, _unused_issuer, ended = (product.id for product in shop.products)
    assert set(stored(session, today)) == {one}
    assert set(stored(session, yesterday)) == {one, ended}


def test_a_table_that_is_calculated_from_another_brings_its_products(session: Session) -> None:
    shop = make_shop(session, products=2)
    above = make_table(session, base=shop.bought, percent=Decimal(10))
    make_edition(session, above, "2026-01-01")
    point = make_point(session)
    make_assignment(session, point, above)
    wanted = services.NewSaleTable("Balcão", point.code, ["back_office"])

    opened = services.create_table(session, wanted, by=DAVI, at=NOON)

    assert set(stored(session, opened.draft)) == {product.id for product in shop.products}


@pytest.mark.parametrize(("channels", "code"), [([], "required"), (["shop"], "invalid")])
def test_a_table_needs_channels_that_there_are(
    session: Session, channels: list[str], code: str
) -> None:
    shop = make_shop(session)

    with pytest.raises(Invalid) as refusal:
        make_table_of(session, shop.point.code, channels)

    assert [(one.field, one.code) for one in refusal.value.problems] == [("channels", code)]


def test_who_may_edit_sale_prices_keeps_those_of_the_own_service_point(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session)
    davi = make_actor(at=shop.point)
    table = make_sale_table(session, shop, by=davi)
    strange = make_sale_table(session, other)

    assert table_of(session, davi, table.id) is table
    with pytest.raises(NoSuchSaleTable):
        table_of(session, davi, strange.id)
    with pytest.raises(NoSuchServicePoint):
        make_sale_table(session, other, by=davi)
    with pytest.raises(Forbidden):
        make_sale_table(session, shop, by=make_actor(without=["sale_prices.edit"]))


def test_a_table_is_renamed_and_the_trail_says_so(session: Session) -> None:
    table = make_sale_table(session, make_shop(session))

    services.change_table(session, table.id, {"name": "Loja"}, by=DAVI, at=NOON)

    deed = session.query(Deed).order_by(Deed.id.desc()).first()
    assert deed is not None
    assert (deed.action, deed.entity_type, deed.entity_id) == (
        "sale_table.changed", "sale_table", str(table.id),
    )  # fmt: skip
    assert (deed.before, deed.after) == ('{"name":"Balcão"}', '{"name":"Loja"}')
    assert deed.service_point_id == table.service_point_id


def test_another_channel_must_not_meet_a_table_that_has_it(session: Session) -> None:
    shop = make_shop(session)
    counter = make_sale_table(session, shop, "back_office")
    site = make_sale_table(session, shop, "site", name="Site")
    make_sale_edition(session, counter, "2026-12-01", rows=[row(shop.skus[0], 50)])
    sold = make_sale_edition(session, site, "2026-12-10", rows=[row(shop.skus[0], 50)])

    with pytest.raises(ChannelOverlap) as refusal:
        services.change_table(
            session, counter.id, {"channels": ["back_office", "site"]}, by=DAVI, at=NOON
        )

    assert refusal.value.facts["conflicts_with"] == sold.id
    assert refusal.value.facts["table"] == "Site"


def test_another_channel_for_days_gone_by_needs_permission_and_a_reason(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "back_office")
    make_sale_edition(session, table, "2026-11-01", rows=[row(shop.skus[0], 50)])
    wanted = {"channels": ["site"]}

    with pytest.raises(PastChange):
        services.change_table(session, table.id, wanted, by=DAVI, at=NOON)
    with pytest.raises(ReasonMissing):
        services.change_table(session, table.id, wanted, by=make_actor(PAST), at=NOON)
    changed = services.change_table(
        session, table.id, wanted, by=make_actor(PAST), at=NOON, reason="Engano no cadastro"
    )

    assert [str(channel) for channel in changed.channels] == ["site"]


def test_a_table_does_not_come_onto_the_site_below_acquisition_unanswered(session: Session) -> None:
    shop = make_shop(session)
    table = make_sale_table(session, shop, "back_office")
    make_sale_edition(session, table, "2026-12-02", rows=[row(shop.skus[0], "9.99")])

    with pytest.raises(SoldBelowAcquisition):
        services.change_table(
            session, table.id, {"channels": ["site"]}, at=NOON,
            by=make_actor(without=["orders.sell_below_acquisition"]),
        )  # fmt: skip


def make_issuer_of(session: Session, *, active: bool) -> Issuer:
    issuer = make_issuer(session)
    issuer.active = active
    session.flush()
    return issuer


def make_table_of(session: Session, code: str, channels: list[str]) -> SaleEdition:
    wanted = services.NewSaleTable("Balcão", code, channels)
    return services.create_table(session, wanted, by=DAVI, at=NOON).draft
