import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.catalogue.errors import NoSuchProduct, SkuTaken, UnknownCreditType
from portal.catalogue.models import Category
from portal.catalogue.queries import (
    category_names,
    product_of,
    products,
    products_by_sku,
    suggested_products,
)
from portal.catalogue.rules import NewProduct
from portal.catalogue.services import add_missing_products, change_product, create_product
from portal.errors import Invalid, PreconditionFailed
from tests.factories import make_actor, make_product


def test_a_product_is_found_by_its_sku(session: Session) -> None:
    make_product(session, "ECPF-A1", name="e-CPF A1", category="Certificates")

    found = product_of(session, "ECPF-A1")

    assert (found.name, found.category and found.category.name) == ("e-CPF A1", "Certificates")


def test_skus_that_differ_in_case_are_two_products(session: Session) -> None:
    upper, lower = make_product(session, "ECPF"), make_product(session, "ecpf")

    assert product_of(session, "ECPF").id == upper.id
    assert product_of(session, "ecpf").id == lower.id


def test_an_absent_product_is_not_found(session: Session) -> None:
    with pytest.raises(NoSuchProduct):
        product_of(session, "NOTHING")


def test_a_sku_is_trimmed_and_its_name_gets_single_blanks(session: Session) -> None:
    product = make_product(session, "  ECPF A1  ", name=" e-CPF \t A1\u00a0")

    assert (product.sku, product.name) == ("ECPF A1", "e-CPF A1")


@pytest.mark.parametrize(
    "sku", ["", "   ", "A" * 65, "A/B", "A\\B", "A\nB", "A\u200bB", "A\u0000", ".", "..", "\ud800"]
)
def test_a_sku_that_could_not_stand_in_an_address_is_refused(session: Session, sku: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make_product(session, NewProduct(sku, "x").sku or " ")

    assert [problem.field for problem in refusal.value.problems] == ["sku"]


def test_a_sku_of_64_signs_with_accents_is_taken(session: Session) -> None:
    sku = "çã😀" + "x" * 61

    assert make_product(session, sku).sku == sku


def test_a_taken_sku_is_refused_and_says_so_at_the_field(session: Session) -> None:
    make_product(session, "ECPF")

    with pytest.raises(SkuTaken) as refusal:
        make_product(session, " ECPF ")

    assert refusal.value.code == "already_exists"
    assert refusal.value.problems[0].field == "sku"


def test_a_new_category_begins_with_its_product_and_serves_the_next(session: Session) -> None:
    make_product(session, category="Certificates")
    make_product(session, category="certificates")
    make_product(session, category="Media")
    make_product(session, "KIT", category="Mídia")
    make_product(session, category="MIDIA")

    def of(category: str) -> int:
        return len(session.scalars(products(category=category)).all())

    assert sorted(category_names(session)) == ["Certificates", "Media", "Mídia"]
    assert [of("CERTIFICATES"), of("mídia"), of("midia"), of("med")] == [2, 2, 2, 0]
    assert len(session.scalars(select(Category)).all()) == 3


@pytest.mark.parametrize(
    ("credit_type", "units", "field"),
    [
        ("BRL", None, "credit_units"),
        (None, Decimal(1), "credit_type"),
        ("BRL", Decimal(0), "credit_units"),
        ("BRL", Decimal(-1), "credit_units"),
        ("BRL", Decimal("0.001"), "credit_units"),
    ],
)
def test_credit_type_and_units_come_together_and_fit(
    session: Session, credit_type: str | None, units: Decimal | None, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        make_product(session, credit_type=credit_type, credit_units=units)

    assert refusal.value.problems[0].field == field


def test_an_unknown_credit_type_is_refused(session: Session) -> None:
    with pytest.raises(UnknownCreditType):
        make_product(session, credit_type="HOURS", credit_units=Decimal(1))


def test_a_product_may_consume_credit(session: Session) -> None:
    product = make_product(session, credit_type="BRL", credit_units=Decimal("2.50"))

    assert (product.credit_type, product.credit_units) == ("BRL", Decimal("2.50"))


def test_only_what_is_told_changes_and_the_trail_keeps_before_and_after(
    session: Session, now: datetime
) -> None:
    by = make_actor()
    product = make_product(session, "ECPF", name="Old", category="Certificates")
    later = now + timedelta(hours=1)

    change_product(session, "ECPF", {"name": "New", "active": False}, by=by, at=later)

    deed = session.scalars(select(Deed).where(Deed.action == "product.updated")).one()
    assert (product.name, product.active, product.version) == ("New", False, 2)
    assert product.category is not None
    assert json.loads(deed.before or "") == {"name": "Old", "active": True}
    assert json.loads(deed.after or "") == {"name": "New", "active": False}
    assert (deed.actor_id, deed.entity_type, deed.entity_id) == (
        by.user_id, "product", str(product.id),
    )  # fmt: skip


def test_a_change_that_changes_nothing_leaves_no_trace(session: Session, now: datetime) -> None:
    product = make_product(session, "ECPF", name="Same")

    change_product(session, "ECPF", {"name": " Same "}, by=make_actor(), at=now)

    assert product.version == 1
    assert not session.scalars(select(Deed).where(Deed.action == "product.updated")).all()


def test_a_category_can_be_taken_off(session: Session, now: datetime) -> None:
    product = make_product(session, "ECPF", category="Certificates")

    change_product(session, "ECPF", {"category": None}, by=make_actor(), at=now)

    assert product.category is None


def test_who_saw_an_older_version_changes_nothing(session: Session, now: datetime) -> None:
    product = make_product(session, "ECPF", name="Old")
    change_product(session, "ECPF", {"name": "Theirs"}, by=make_actor(), at=now, version=1)

    with pytest.raises(PreconditionFailed):
        change_product(session, "ECPF", {"name": "Mine"}, by=make_actor(), at=now, version=1)

    assert product.name == "Theirs"


def test_units_are_checked_against_what_is_stored_already(session: Session, now: datetime) -> None:
    make_product(session, "ECPF", credit_type="BRL", credit_units=Decimal(1))

    with pytest.raises(Invalid):
        change_product(session, "ECPF", {"credit_type": None}, by=make_actor(), at=now)


def test_missing_products_of_a_list_are_added_and_known_ones_stay(
    session: Session, now: datetime
) -> None:
    known = make_product(session, "KNOWN", name="Known")
    names = {"KNOWN": "Other name"} | {f"NEW-{number}": f"New {number}" for number in range(1200)}

    ids = add_missing_products(session, names, by=make_actor(), at=now)

    assert len(ids) == 1201
    assert ids["KNOWN"] == known.id
    assert products_by_sku(session, names)["KNOWN"].name == "Known"
    assert products_by_sku(session, ["NEW-7", "NOTHING"])["NEW-7"].id == ids["NEW-7"]


def test_a_list_with_an_impossible_sku_adds_nothing(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid):
        add_missing_products(session, {"GOOD": "x", "BAD/SKU": "y"}, by=make_actor(), at=now)

    assert products_by_sku(session, ["GOOD"]) == {}


def test_a_search_finds_words_in_name_or_sku_whatever_their_case(session: Session) -> None:
    make_product(session, "ECPF-A1", name="Certificado digital", kind="service")
    make_product(session, "TOKEN", name="Token USB", kind="good", active=False)

    def found(**wanted: object) -> list[str]:
        return [product.sku for product in session.scalars(products(**wanted))]  # type: ignore[arg-type] # filters by name

    assert found(search="DIGITAL ecpf") == ["ECPF-A1"]
    assert found(search="usb digital") == []
    assert found(search="%") == []
    assert found(kind="good") == ["TOKEN"]
    assert found(active=True) == ["ECPF-A1"]


@pytest.mark.parametrize(
    "typed", ["validacao", "VALIDAÇÃO", "validação", "Validacão video", "ação-9", "AÇÃO", "_ Ação"]
)
def test_a_search_finds_words_whatever_their_accents(session: Session, typed: str) -> None:
    make_product(session, "AÇÃO-9", name="VALIDAÇÃO por vídeo_")
    make_product(session, "OTHER", name="Validade")

    found = [product.sku for product in session.scalars(products(search=typed))]

    assert found == ["AÇÃO-9"]


def test_suggestions_put_skus_that_begin_so_first_and_leave_out_what_is_not_sold(
    session: Session,
) -> None:
    make_product(session, "X-1", name="A1 something")
    make_product(session, "A1", name="Zeta")
    make_product(session, "A1-OLD", name="Old", active=False)

    assert [product.sku for product in suggested_products(session, "a1")] == ["A1", "X-1"]
    assert suggested_products(session, "  ") == []


def test_the_creation_of_a_product_is_in_the_trail(session: Session, now: datetime) -> None:
    product = create_product(session, NewProduct("ECPF", "e-CPF"), by=make_actor(), at=now)

    deed = session.scalars(select(Deed).where(Deed.action == "product.created")).one()
    assert deed.entity_id == str(product.id)
    assert json.loads(deed.after or "")["sku"] == "ECPF"
