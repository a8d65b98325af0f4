"""Publishing sale prices on screen, and what falls below acquisition before and after it."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.pricing.models import EditionState
from portal.sale_tables.models import SaleTable
from tests.factories import make_user, sign_in
from tests.pricing.factories import make_edition
from tests.sale_tables.factories import (
    Shop,
    buy_from,
    make_sale_edition,
    make_sale_table,
    row,
    stored,
)
from tests.sale_tables.pages import path_of, text_of
from tests.visitors import PortalClient


def test_publishing_says_what_ends_and_what_stands_in_the_way(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], 15)]
    make_sale_edition(session, table, "2026-01-01", "2026-12-31", rows)
    coming = make_sale_edition(session, table, "2027-01-01", None, rows)
    draft = make_sale_edition(session, table, "2026-12-10", None, rows, publish=False)

    preview = helena.get(f"{path_of(draft)}/publish")
    plain = helena.submit(f"{path_of(draft)}/publish", {"version": "1"})
    replaced = helena.submit(f"{path_of(draft)}/publish", {"version": "1", "replace": "y"})
    session.expire_all()

    assert "já está publicada para parte destes dias" in text_of(preview)
    assert "A vigência 2 termina em 09/12/2026." in text_of(preview)
    assert (plain.status_code, replaced.status_code) == (422, 303)
    assert coming.state == EditionState.SUPERSEDED
    assert draft.state == EditionState.PUBLISHED


def test_another_table_in_the_same_channel_is_named(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    make_sale_edition(session, table, "2026-01-01", None, [row(shop.skus[0], 15)])
    second = make_sale_table(session, shop, "site", name="Loja")
    draft = make_sale_edition(
        session, second, "2026-12-10", None, [row(shop.skus[0], 15)], publish=False
    )

    answer = helena.submit(f"{path_of(draft)}/publish", {"version": "1"})

    assert answer.status_code == 422
    assert "Balcão" in text_of(answer)


def test_selling_below_acquisition_on_the_site_is_ticked_by_who_may(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[2], 25), row(shop.skus[0], 15)]
    draft = make_sale_edition(session, table, "2026-12-10", None, rows, publish=False)
    path = f"{path_of(draft)}/publish"

    preview = helena.get(path)
    unticked = helena.submit(path, {"version": "1"})
    ticked = helena.submit(path, {"version": "1", "confirm_below": "y"})

    assert "Abaixo da aquisição no primeiro dia" in text_of(preview)
    assert "30,00" in text_of(preview)
    assert unticked.status_code == 422
    assert "Marque aqui" in text_of(unticked)
    assert ticked.status_code == 303
    assert stored(session, draft)[shop.products[2].id].confirmed_acquisition == Decimal(30)


def test_who_may_not_sell_below_acquisition_is_told_so(
    client: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    owner = make_user(session, "owner", shop.point)
    without = set(owner.profile.permissions.split()) - {"orders.sell_below_acquisition"}
    owner.profile.permissions = " ".join(sorted(without))
    sign_in(client, owner)
    draft = make_sale_edition(
        session, table, "2026-12-10", None, [row(shop.skus[2], 25)], publish=False
    )

    preview = client.get(f"{path_of(draft)}/publish")
    refused = client.submit(f"{path_of(draft)}/publish", {"version": "1", "confirm_below": "y"})

    assert "Seu perfil não permite isso" in text_of(preview)
    assert refused.status_code == 422
    session.expire_all()
    assert draft.state == EditionState.DRAFT


def test_what_fell_below_is_listed_and_put_back_on_the_site(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], 15), row(shop.skus[1], 29), row(shop.skus[2], 50)]
    edition = make_sale_edition(session, table, "2026-11-01", None, rows)
    dearer = [(shop.products[0], 17), (shop.products[1], 20), (shop.products[2], 30)]
    buy_from(session, shop, "2026-11-20", dearer)
    path = f"{path_of(edition)}/below"

    page = helena.get(path)
    shown = helena.get(f"/sale-tables/{table.id}")
    margin = helena.get(f"{path}?margin=35")
    odd = helena.get(f"{path}?margin=muito")
    again = helena.submit(path, {"sku": shop.skus[0]})
    nothing = helena.submit(path, {"sku": "NADA"})

    assert "17,00" in text_of(page)
    assert "10,00" in text_of(page), "what it was on the edition's first day"
    assert "saiu do site" in text_of(page)
    assert "saiu do site" in text_of(shown)
    assert shop.skus[1] not in text_of(page)
    assert shop.skus[1] in text_of(margin)
    assert "Digite uma margem de 0 a 99,99." in text_of(odd)
    assert (again.status_code, nothing.status_code) == (303, 303)
    assert stored(session, edition)[shop.products[0].id].confirmed_acquisition == Decimal(17)
    assert "saiu do site" not in text_of(helena.get(path))


def test_the_end_moves_and_the_next_edition_begins_the_day_after(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], 15)]
    first = make_sale_edition(session, table, "2026-01-01", "2026-12-31", rows)
    second = make_sale_edition(session, table, "2027-01-01", None, rows)
    sent = {"valid_until": "2026-12-20", "version": str(first.version)}

    page = helena.get(f"{path_of(first)}/end")
    moved = helena.submit(f"{path_of(first)}/end", sent | {"move_next": "y"})
    past = helena.submit(f"{path_of(first)}/end", {"valid_until": "2026-11-01", "version": "3"})
    session.expire_all()

    assert "Depois vem a vigência 3" in text_of(page)
    assert moved.status_code == 303
    assert (first.valid_until, second.valid_from) == (date(2026, 12, 20), date(2026, 12, 21))
    assert past.status_code == 422


def test_publishing_dearer_acquisition_lists_the_sale_prices_that_fall_below(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    rows = [row(shop.skus[0], 15), row(shop.skus[1], 29)]
    make_sale_edition(session, table, "2026-11-01", None, rows)
    raised = [(shop.products[0], "16.66"), (shop.products[1], 20), (shop.products[2], 30)]
    draft = make_edition(session, shop.bought, "2026-12-10", None, raised, state="draft")
    at = f"/price-tables/{shop.bought.id}/editions/{draft.id}"

    preview = helena.get(f"{at}/publish")
    published = helena.submit(f"{at}/publish", {"version": "1"})
    listed = helena.get(f"{at}/sale-prices")
    margin = helena.get(f"{at}/sale-prices?margin=60")

    assert "1 preço de venda fica abaixo da aquisição" in text_of(preview)
    assert "16,66" in text_of(preview)
    assert published.location == f"{at}/sale-prices"
    for page in (preview, listed):
        assert shop.point.name in text_of(page)
        assert shop.skus[0] in text_of(page)
    assert shop.skus[1] not in text_of(listed)
    assert shop.skus[1] not in text_of(margin), "what did not become dearer did not fall"


def test_acquisition_that_troubles_no_sale_price_is_published_as_ever(
    helena: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    make_sale_edition(session, table, "2026-11-01", None, [row(shop.skus[0], 15)])
    items = [(product, 11) for product in shop.products]
    draft = make_edition(session, shop.bought, "2026-12-10", None, items, state="draft")
    at = f"/price-tables/{shop.bought.id}/editions/{draft.id}"

    preview = helena.get(f"{at}/publish")
    published = helena.submit(f"{at}/publish", {"version": "1"})

    assert "abaixo da aquisição" not in text_of(preview)
    assert published.location == f"/price-tables/{shop.bought.id}?edition={draft.id}"


def test_owners_see_on_their_start_page_what_waits_for_a_price(
    client: PortalClient, session: Session, shop: Shop, table: SaleTable
) -> None:
    make_sale_edition(session, table, "2026-11-01", None, [row(shop.skus[0], 15)])
    sign_in(client, make_user(session, "owner", shop.point))

    page = text_of(client.get("/"))

    assert "Produtos sem preço" in page
    assert f"/sale-tables/{table.id}?part=unpriced" in page


def test_a_table_that_is_not_for_the_site_says_nothing_of_it(
    helena: PortalClient, session: Session, shop: Shop
) -> None:
    table = make_sale_table(session, shop, "back_office", name="Só balcão")
    rows = [row(shop.skus[0], 9), row(shop.skus[1], 29)]
    edition = make_sale_edition(session, table, "2026-11-01", None, rows)

    page = text_of(helena.get(f"/sale-tables/{table.id}"))
    below = text_of(helena.get(f"{path_of(edition)}/below"))

    assert shop.skus[0] in below
    for shown in (page, below):
        assert "saiu do site" not in shown
        assert "confirmado" not in shown
