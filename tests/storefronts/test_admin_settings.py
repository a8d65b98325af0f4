"""What those who run a shop decide: texts, looks, address, opening, what is said of products."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.catalogue.queries import stamp_of
from portal.errors import Forbidden, Invalid, PreconditionFailed
from portal.partners.errors import NoSuchServicePoint, SlugTaken
from portal.partners.rules import Shop as Opened
from portal.partners.services import change_service_point
from portal.storefronts.errors.admin import ShopNotReady, UnknownIssuerOfShop
from portal.storefronts.models import Shop, ShopProduct
from portal.storefronts.queries.admin.shops import missing_to_open, run_shop
from portal.storefronts.queries.front import load_front
from portal.storefronts.rules.admin.opening import Need
from portal.storefronts.rules.admin.settings import ShopFacts, clean
from portal.storefronts.services import settings
from tests.factories import NOON, make_actor, make_issuer, make_service_point
from tests.payments.factories import make_pix_account
from tests.storefronts.factories import make_stall

TODAY = date(2026, 12, 1)
TYPED = ShopFacts(
    name="  Contábil   Ipê ",
    tagline="Certificado digital",
    promises="ICP-Brasil\r\n\r\nAtendimento humano",
    colour="#FFCC00",
    legal_name="Contábil Ipê Serviços Ltda",
    phone="(19) 3000-1234",
    email="LOJA@ipe.example ",
    orders_per_document=3,
)


def facts(**changes: Any) -> ShopFacts:
    return ShopFacts(**({"name": "Loja", "colour": "#123456"} | changes))


def test_a_shop_is_set_up_and_changed_and_visitors_see_it(session: Session) -> None:
    point, by = make_service_point(session), make_actor()
    issuer = make_issuer(session, "AC-UM")
    before = stamp_of(session)

    settings.change_shop(session, point.code, TYPED, by=by, at=NOON, version=0)
    changed = facts(name="Ipê", issuer=issuer.code)
    shop = settings.change_shop(session, point.code, changed, by=by, at=NOON, version=1)
    front = load_front(session, point.id)

    assert shop is not None
    assert (shop.version, shop.issuer_id, shop.orders_per_document) == (2, issuer.id, None)
    assert (front.name, front.colour, front.promises) == ("Ipê", "#123456", ())
    assert stamp_of(session) > before
    deeds = session.scalars(select(Deed).where(Deed.action == "shop.updated")).all()
    assert [(deed.entity_type, deed.entity_id) for deed in deeds] == [("shop", str(point.id))] * 2
    assert json.loads(deeds[0].after or "")["name"] == "Contábil Ipê"
    assert json.loads(deeds[0].after or "")["promises"] == "ICP-Brasil\n\nAtendimento humano"
    assert json.loads(deeds[0].after or "")["email"] == "loja@ipe.example"
    assert json.loads(deeds[1].before or "")["issuer"] == ""


def test_what_is_typed_twice_changes_nothing(session: Session) -> None:
    point, by = make_service_point(session), make_actor()
    settings.change_shop(session, point.code, TYPED, by=by, at=NOON)
    stamp = stamp_of(session)

    settings.change_shop(session, point.code, TYPED, by=by, at=NOON, version=1)

    assert stamp_of(session) == stamp
    assert len(session.scalars(select(Deed).where(Deed.action == "shop.updated")).all()) == 1


def test_who_has_read_an_older_state_is_told_so(session: Session) -> None:
    point, by = make_service_point(session), make_actor()
    settings.change_shop(session, point.code, TYPED, by=by, at=NOON, version=0)

    with pytest.raises(PreconditionFailed):
        settings.change_shop(session, point.code, facts(), by=by, at=NOON, version=0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "x" * 121}, "name"),
        ({"tagline": "x" * 121}, "tagline"),
        ({"intro": "x" * 501}, "intro"),
        ({"promises": "a\nb\nc\nd\ne"}, "promises"),
        ({"returns_text": "x" * 20_001}, "returns_text"),
        ({"name": "Loja\x00"}, "name"),
        ({"headline": "a\u202eb"}, "headline"),
        ({"colour": "red"}, "colour"),
        ({"colour": "#12345"}, "colour"),
        ({"colour": "#12345g"}, "colour"),
        ({"colour": "#123456;}"}, "colour"),
        ({"email": "loja"}, "email"),
        ({"email": "a@b\r\nBcc: c@d"}, "email"),
        ({"orders_per_document": 0}, "orders_per_document"),
        ({"orders_per_address": 100_001}, "orders_per_address"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(facts(**change))

    assert [one.field for one in refused.value.problems] == [field]


def test_what_is_refused_is_not_stored(session: Session) -> None:
    point = make_service_point(session)

    with pytest.raises(Invalid):
        settings.change_shop(session, point.code, facts(colour="red"), by=make_actor(), at=NOON)

    assert session.scalars(select(Shop)).all() == []


def test_an_issuer_that_does_not_exist_is_refused(session: Session) -> None:
    point = make_service_point(session)

    with pytest.raises(UnknownIssuerOfShop):
        settings.change_shop(session, point.code, facts(issuer="AC-NADA"), by=make_actor(), at=NOON)


def test_a_shop_gets_an_address_another_one_and_none(session: Session) -> None:
    point, by = make_service_point(session), make_actor()
    make_service_point(session, shop=Opened("ocupado"))

    def move(slug: str) -> str | None:
        return settings.change_address(session, point.code, slug, by=by, at=NOON).shop_slug

    assert [move(slug) for slug in ("ipe", " ipe-centro ", "")] == ["ipe", "ipe-centro", None]
    with pytest.raises(SlugTaken):
        move("ocupado")
    with pytest.raises(Invalid):
        move("Não dá")
    with pytest.raises(PreconditionFailed):
        settings.change_address(session, point.code, "ipe", by=by, at=NOON, version=1)


def test_a_new_address_leaves_the_shop_open(session: Session) -> None:
    stall = make_stall(session)

    settings.change_address(session, stall.point.code, "ipe", by=make_actor(), at=NOON)

    assert (stall.point.shop_slug, stall.point.shop_enabled) == ("ipe", True)


def test_a_shop_opens_once_nothing_is_missing(session: Session) -> None:
    by, stall = make_actor(), make_stall(session, is_open=False)

    settings.open_shop(session, stall.point.code, by=by, at=NOON, day=TODAY)
    is_open = stall.point.shop_enabled
    settings.close_shop(session, stall.point.code, by=by, at=NOON)

    assert is_open
    assert not stall.point.shop_enabled
    assert stall.point.shop_slug == "contabil-ipe"


def test_what_a_bare_service_point_lacks_is_named_and_its_shop_stays_shut(
    session: Session,
) -> None:
    point, by = make_service_point(session), make_actor()

    with pytest.raises(ShopNotReady):
        settings.open_shop(session, point.code, by=by, at=NOON, day=TODAY)
    settings.close_shop(session, point.code, by=by, at=NOON)

    assert missing_to_open(session, by, point.code, TODAY) == tuple(Need)
    assert (point.shop_slug, point.shop_enabled) == (None, False)


def test_each_thing_that_is_taken_away_is_missing(session: Session) -> None:
    by, stall = make_actor(), make_stall(session)
    code = stall.point.code

    def missing() -> tuple[Need, ...]:
        session.flush()
        return missing_to_open(session, by, code, TODAY)

    assert missing() == ()
    assert missing_to_open(session, by, code, date(2025, 12, 31)) == (Need.TABLE, Need.PRODUCTS)
    stall.shop.phone, stall.shop.email = "", ""
    assert missing() == (Need.TEXTS,)
    stall.shop.email, stall.point.tax_id = "loja@ipe.example", None
    assert missing() == (Need.TEXTS,)
    stall.point.tax_id = "12ABC34501DE35"
    change_service_point(session, code, {"collects": "headquarters"}, by=by, at=NOON)
    assert missing() == (Need.PAYMENT,)
    make_pix_account(session, None)
    assert missing() == ()


def test_what_is_said_of_a_product_is_kept_per_service_point(session: Session) -> None:
    by, stall = make_actor(), make_stall(session)
    other = make_service_point(session)
    before = stamp_of(session)

    def say(code: str, summary: str, details: str = "") -> None:
        settings.describe_product(
            session, code, "TOKEN", summary=summary, details=details, by=by, at=NOON
        )

    say(stall.point.code, "Para o A3", "Linha um\r\n\r\nLinha dois")
    say(other.code, "Outro texto")
    say(other.code, "Outro texto")
    product = stall.products["TOKEN"].id
    said = session.get_one(ShopProduct, (stall.point.id, product))

    assert (said.summary, said.details) == ("Para o A3", "Linha um\n\nLinha dois")
    assert session.get_one(ShopProduct, (other.id, product)).summary == "Outro texto"
    assert stamp_of(session) > before
    wanted = select(Deed).where(Deed.action == "shop.product_described")
    assert [json.loads(deed.after or "")["sku"] for deed in session.scalars(wanted)] == [
        "TOKEN",
        "TOKEN",
    ]
    with pytest.raises(Invalid):
        say(other.code, "x" * 201)


def test_only_those_who_run_the_shop_change_it(session: Session) -> None:
    stall, other = make_stall(session), make_service_point(session)
    code, said = stall.point.code, {"summary": "x", "details": ""}
    deeds: tuple[Any, ...] = (
        lambda by: settings.change_shop(session, code, TYPED, by=by, at=NOON),
        lambda by: settings.change_address(session, code, "x", by=by, at=NOON),
        lambda by: settings.open_shop(session, code, by=by, at=NOON, day=TODAY),
        lambda by: settings.close_shop(session, code, by=by, at=NOON),
        lambda by: settings.describe_product(session, code, "TOKEN", **said, by=by, at=NOON),
    )
    stranger = make_actor(points=(other,))
    seller = make_actor(without=("shop.edit",), points=(stall.point,))

    for deed in deeds:
        with pytest.raises(NoSuchServicePoint):
            deed(stranger)
        with pytest.raises(Forbidden):
            deed(seller)
        deed(make_actor("shop.edit", points=(stall.point,)))


def test_settings_that_were_never_stored_say_nothing(session: Session) -> None:
    point = make_service_point(session)

    run = run_shop(session, make_actor(), point.code)

    assert (run.version, run.issuer_id, run.facts, run.logo) == (0, None, ShopFacts(), None)
