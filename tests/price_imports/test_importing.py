"""A list becomes an edition whole, or nothing of it is stored."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.catalogue.models import Category, Product
from portal.errors import Forbidden, Refused
from portal.periods import Period
from portal.price_imports.errors import ImportRefused, NothingToImport
from portal.pricing.errors import NoSuchTable, WindowOverlap
from portal.pricing.models import Edition, EditionItem, EditionState
from tests.factories import make_actor, make_product, make_service_point
from tests.price_imports.lists import FROM, csv_file, found, import_file, prices_of, xlsx_file
from tests.pricing.factories import make_edition, make_table


def count(session: Session, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_list_becomes_a_draft(session: Session) -> None:
    make_product(session, "A1")
    make_product(session, "A3")
    table = make_table(session)
    content = csv_file("Código;Preço;A partir de", "A1;1.228,49;", "A1;1.100,00;10", "A3;80;")

    done = import_file(session, table, content)

    assert done.edition.state == EditionState.DRAFT
    assert done.edition.valid_from == FROM
    assert done.report.rows == 3
    assert prices_of(session, done.edition.id) == {
        ("A1", "0"): "1228.4900",
        ("A1", "10"): "1100.0000",
        ("A3", "0"): "80.0000",
    }


def test_a_list_is_published_and_the_open_edition_ends_the_day_before(session: Session) -> None:
    product = make_product(session, "A1")
    table = make_table(session)
    before = make_edition(session, table, "2026-01-01", items=[(product, "70")])

    done = import_file(session, table, csv_file("sku,price", "A1,80.00"), publish=True)

    session.expire_all()
    assert done.edition.state == EditionState.PUBLISHED
    assert str(before.valid_until) == "2026-12-31"


def test_publishing_over_a_later_edition_is_refused_unless_it_is_replaced(
    session: Session,
) -> None:
    product = make_product(session, "A1")
    table = make_table(session)
    later = make_edition(session, table, "2027-03-01", items=[(product, "70")])
    content = csv_file("sku;price", "A1;80")
    session.commit()

    with pytest.raises(WindowOverlap):
        import_file(session, table, content, publish=True)
    session.rollback()
    import_file(session, table, content, publish=True, replace=True)

    session.expire_all()
    assert later.state == EditionState.SUPERSEDED


def test_every_bad_row_is_named_and_nothing_is_stored(session: Session) -> None:
    make_product(session, "A1")
    make_product(session, "A2")
    table = make_table(session)
    lines = (
        "sku;price;min_quantity",
        "A1;12,50;",
        "GONE;10;",
        "A2;abc;",
        "A1;12,60;",
        ";;",
        "A2;-1;5",
    )

    with pytest.raises(ImportRefused) as refusal:
        import_file(session, table, csv_file(*lines))

    assert found(refusal.value.report.errors) == [
        (3, "sku", "unknown_product"),
        (4, "price", "invalid"),
        (5, "sku", "duplicate"),
        (6, "sku", "empty_row"),
        (7, "price", "invalid"),
    ]
    assert refusal.value.code == "unknown_product"
    session.rollback()
    assert count(session, Edition) == 0


def test_missing_products_are_put_on_file_with_name_and_category(session: Session) -> None:
    make_product(session, "A1", name="Stays")
    table = make_table(session)
    long = "x" * 250
    content = csv_file(
        "Código;Descrição;Categoria;Preço",
        "A1;Other;Certificados;10",
        "N1;Certificado A1;Certificados;20",
        f"N2;{long};Mídias;30",
        "N3;;;40",
    )

    done = import_file(session, table, content, create_products=True)

    assert (done.report.created, done.report.shortened) == (3, 1)
    products = {one.sku: one for one in session.scalars(select(Product))}
    assert products["A1"].name == "Stays"
    assert products["N1"].name == "Certificado A1"
    assert products["N1"].category is not None
    assert products["N1"].category.name == "Certificados"
    assert len(products["N2"].name) == 200
    assert products["N2"].name.endswith("…")
    assert products["N3"].name == "N3"
    assert {one.name for one in session.scalars(select(Category))} == {"Certificados", "Mídias"}
    assert len(prices_of(session, done.edition.id)) == 4


def test_new_products_with_impossible_codes_are_errors_of_their_rows(session: Session) -> None:
    table = make_table(session)
    content = csv_file("sku;price;category", "A/1;1,5;", "A2;2;", f"A3;3;{'c' * 81}", "new;4;")

    with pytest.raises(ImportRefused) as refusal:
        import_file(session, table, content, create_products=True)

    assert found(refusal.value.report.errors) == [
        (2, "sku", "invalid"),
        (4, "category", "invalid"),
        (5, "sku", "invalid"),
    ]


def test_a_table_of_percentages_takes_percentages(session: Session) -> None:
    make_product(session, "A1")
    table = make_table(session, calculation="percent_of_sale")

    done = import_file(session, table, csv_file("sku;percentual;grátis", "A1;62,5 %;não"))

    assert prices_of(session, done.edition.id) == {("A1", "0"): "62.5000 %"}


def test_a_percentage_has_no_place_in_a_table_of_prices(session: Session) -> None:
    make_product(session, "A1")
    table = make_table(session)

    with pytest.raises(ImportRefused) as refusal:
        import_file(session, table, csv_file("sku;price;percent", "A1;10;5"))

    assert found(refusal.value.report.errors) == [(2, "percent", "invalid")]


def test_zero_is_a_price_only_where_it_is_ticked_as_free(session: Session) -> None:
    for sku in ("A1", "A2", "A3", "A4"):
        make_product(session, sku)
    table = make_table(session)
    good = csv_file("sku;price;free", "A1;0;sim", "A2;;x", "A3;10;")
    bad = csv_file("sku;price;free", "A1;0;", "A2;;não", "A3;5;sim", "A4;5;talvez")

    done = import_file(session, table, good)
    with pytest.raises(ImportRefused) as refusal:
        import_file(session, table, bad)

    assert prices_of(session, done.edition.id) == {
        ("A1", "0"): "free",
        ("A2", "0"): "free",
        ("A3", "0"): "10.0000",
    }
    assert found(refusal.value.report.errors) == [
        (2, "price", "not_marked_free"),
        (3, "price", "required"),
        (4, "free", "invalid"),
        (5, "free", "invalid"),
    ]


def test_skus_are_told_apart_by_case_and_accents(session: Session) -> None:
    make_product(session, "a1")
    make_product(session, "A1")
    table = make_table(session)

    done = import_file(session, table, csv_file("sku;price", "a1;1", "A1;2"))
    with pytest.raises(ImportRefused) as refusal:
        import_file(session, table, csv_file("sku;price", "Á1;1"))

    assert prices_of(session, done.edition.id) == {("a1", "0"): "1.0000", ("A1", "0"): "2.0000"}
    assert found(refusal.value.report.errors) == [(2, "sku", "unknown_product")]


def test_a_list_without_rows_is_refused_but_for_an_adjusted_table(session: Session) -> None:
    base = make_table(session)
    adjusted = make_table(session, base=base)

    with pytest.raises(NothingToImport):
        import_file(session, base, csv_file("sku;price"))

    assert import_file(session, adjusted, csv_file("sku;price")).report.rows == 0


def test_the_deed_is_written_down(session: Session) -> None:
    make_product(session, "A1")
    table = make_table(session)

    import_file(session, table, csv_file("sku;price", "A1;10"), name="lista janeiro.csv")

    deed = session.scalars(select(Deed).where(Deed.action == "edition.imported")).one()
    assert '"file":"lista janeiro.csv"' in (deed.after or "")
    assert '"items":1' in (deed.after or "")


@pytest.mark.parametrize(
    ("lacking", "wanted"),
    [
        ("prices.edit", {}),
        ("prices.publish", {"publish": True}),
        ("catalogue.edit", {"create_products": True}),
    ],
)
def test_each_part_of_an_import_needs_its_permission(
    session: Session, lacking: str, wanted: dict[str, bool]
) -> None:
    make_product(session, "A1")
    table = make_table(session)
    content = csv_file("sku;price", "A1;10")

    with pytest.raises(Forbidden):
        import_file(session, table, content, by=make_actor(without=(lacking,)), **wanted)

    session.rollback()
    assert count(session, Edition) == 0


def test_people_of_service_points_import_nothing(session: Session) -> None:
    point = make_service_point(session)
    table = make_table(session, of=point)
    other = make_table(session)

    for one, error in ((table, Forbidden), (other, NoSuchTable)):
        with pytest.raises(error):
            import_file(session, one, csv_file("sku;price", "A;1"), by=make_actor(points=(point,)))


def test_days_that_end_before_they_begin_are_refused(session: Session) -> None:
    make_product(session, "A1")
    table = make_table(session)
    backwards = Period(FROM, FROM.replace(year=2026))

    with pytest.raises(Refused) as refusal:
        import_file(session, table, csv_file("sku;price", "A1;10"), period=backwards)

    assert [problem.field for problem in refusal.value.problems] == ["valid_until"]


def test_a_workbook_keeps_exact_figures(session: Session) -> None:
    make_product(session, "A1")
    make_product(session, "123")
    table = make_table(session)
    rows = [("SKU", "Preço", "Qtd mínima"), ("A1", 19.74, 0), ("A1", 0.1 + 0.2, 2.5), (123, 1e6, 1)]

    done = import_file(session, table, xlsx_file(*rows), name="precos.xlsx")

    assert prices_of(session, done.edition.id) == {
        ("A1", "0"): "19.7400",
        ("A1", "2.5"): "0.3000",
        ("123", "1"): "1000000.0000",
    }


def test_a_formula_is_neither_evaluated_nor_its_last_value_trusted(session: Session) -> None:
    make_product(session, "A1")
    make_product(session, "A2")
    table = make_table(session)
    rows = [("SKU", "Preço", "Nota"), ("A1", "=10+10", "x"), ("A2", 5, "=1+1")]

    with pytest.raises(ImportRefused) as refusal:
        import_file(session, table, xlsx_file(*rows), name="precos.xlsx")

    assert found(refusal.value.report.errors) == [(2, "price", "formula")]


def test_the_real_list_is_imported_whole(
    session: Session, real_price_list: Path, now: datetime
) -> None:
    table = make_table(session)

    done = import_file(
        session,
        table,
        real_price_list.read_bytes(),
        name=real_price_list.name,
        create_products=True,
        publish=True,
        at=now,
    )

    assert (done.report.rows, done.report.created) == (23_150, 23_150)
    assert done.report.shortened > 0
    assert count(session, EditionItem) == 23_150
    item = session.scalars(
        select(EditionItem)
        .join(Product, Product.id == EditionItem.product_id)
        .where(Product.sku == "MED09F7490C6")
    ).one()
    assert item.price == Decimal("1228.49")
    product = session.get_one(Product, item.product_id)
    assert product.name == "ABATACEPTE 125 MG/ML SOL INJ CT 1 SER PREENCHIDA"
    assert product.category is not None
    assert product.category.name == "Tarja Vermelha"
