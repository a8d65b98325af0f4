"""Prices of a day are read in a constant number of statements, however much is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from portal import clock
from portal.pricing.errors import NoEditionInForce, NoPrice, NotInPortfolio, SalePriceMissing
from portal.pricing.queries import load_book
from portal.pricing.queries.prices import ASSIGNED, OWN, items_statement
from portal.pricing.rules import price_line, told
from portal.pricing.rules.items import ItemRow
from portal.pricing.services import store_items
from tests.pricing.factories import (
    make_assignment,
    make_edition,
    make_issuer,
    make_point,
    make_product,
    make_table,
)

TODAY = date(2026, 12, 1)
ONE = Decimal(1)


def book_of(
    session: Session, point: Any, products: list[Any], day: date = TODAY, issuer: Any = None
):  # type: ignore[no-untyped-def] # a PriceBook
    return load_book(
        session,
        service_point_id=point.id,
        issuer_id=issuer.id if issuer else None,
        day=day,
        product_ids=[product.id for product in products],
    )


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("depth", "allowed"), [(0, 2), (1, 3), (2, 4)])
def test_fifty_lines_take_no_more_statements_than_one(
    session: Session, depth: int, allowed: int
) -> None:
    point = make_point(session)
    products = [make_product(session) for _ in range(50)]
    table = make_table(session)
    make_edition(session, table, "2026-01-01", None, [(one, "10") for one in products])
    for _ in range(depth):
        table = make_table(session, base=table)
        make_edition(session, table, "2026-01-01")
    make_assignment(session, point, table)
    session.flush()

    with statements(session) as for_one:
        book_of(session, point, products[:1])
    with statements(session) as for_fifty:
        book = book_of(session, point, products)

    assert len(for_fifty) == len(for_one) == allowed
    prices = [price_line(book, one.id, one.sku, ONE, None).unit_price for one in products]
    assert prices == [Decimal(10)] * 50


@pytest.mark.engines("mariadb")
def test_the_database_reads_only_the_rows_that_the_lines_need(session: Session) -> None:
    point, issuer = make_point(session), make_issuer(session)
    products = [make_product(session) for _ in range(100)]
    rows = [
        ItemRow(one.id, minimum, 10_000, None, False) for one in products for minimum in (0, 10)
    ]
    tables = [make_table(session, issuer=issuer if at else None) for at in range(40)]
    for table in tables:
        for month in range(1, 13):
            edition = make_edition(session, table, date(2026, month, 1), date(2026, month, 20))
            store_items(session, edition.id, rows)
    for other in range(60):
        make_assignment(session, make_point(session), tables[other % 40])
    make_assignment(session, point, tables[0])
    make_assignment(session, point, tables[1])
    session.commit()
    session.execute(text("ANALYZE TABLE price_tables, editions, edition_items, price_assignments"))

    lookup = explained(session, ASSIGNED, service_point=point.id, issuer=issuer.id, day=TODAY)
    wanted = {"e0": edition.id} | {f"p{at}": one.id for at, one in enumerate(products[:3])}
    items = explained(session, items_statement(1, 3), **wanted)

    assert all(row["type"] != "ALL" for row in lookup if row["table"] != "<union1,2>"), lookup
    assert sum(int(row["rows"] or 0) for row in lookup if row["table"] == "e") <= 24
    assert [row["key"] for row in items] == ["PRIMARY"]
    assert int(items[0]["rows"]) <= 3 * 2


def explained(session: Session, statement: Any, **values: Any) -> list[dict[str, Any]]:
    found = session.connection().exec_driver_sql(f"EXPLAIN {statement.pyformat}", values)
    return [dict(row) for row in found.mappings()]


@pytest.mark.engines("sqlite")
def test_on_sqlite_too_no_table_is_read_whole(session: Session) -> None:
    plans = [
        (ASSIGNED, {"service_point": 1, "issuer": 1, "day": "2026-12-01"}),
        (OWN, {"service_point": 1, "issuer": 1, "day": "2026-12-01"}),
        (items_statement(1, 3), {"e0": 1, "p0": 1, "p1": 2, "p2": 3}),
    ]

    for statement, values in plans:
        found = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.text}", values)
        assert [
            row[3] for row in found if row[3].startswith("SCAN") and "CONSTANT" not in row[3]
        ] == []


@pytest.mark.parametrize(
    ("instant", "price"),
    [
        ("2026-11-30T23:59:59.999999-03:00", "10"),
        ("2026-12-01T00:00:00-03:00", "11"),
        ("2026-12-31T23:59:59.999999-03:00", "11"),
        ("2027-01-01T00:00:00-03:00", None),
        ("2026-12-01T02:59:59+00:00", "10"),
        ("2026-12-01T03:00:00+00:00", "11"),
    ],
)
def test_a_window_ends_with_its_last_day_in_sao_paulo(
    session: Session, instant: str, price: str | None
) -> None:
    point, product, table = make_point(session), make_product(session), make_table(session)
    make_edition(session, table, "2026-01-01", "2026-11-30", [(product, "10")])
    make_edition(session, table, "2026-12-01", "2026-12-31", [(product, "11")])
    make_assignment(session, point, table)
    moment = datetime.fromisoformat(instant).astimezone(UTC)

    book = book_of(session, point, [product], clock.day_of(moment))

    if price is None:
        with pytest.raises(NoEditionInForce):
            price_line(book, product.id, product.sku, ONE, None)
    else:
        assert price_line(book, product.id, product.sku, ONE, None).unit_price == Decimal(price)


@pytest.mark.parametrize(
    ("instant", "table"),
    [("2026-06-30T23:59:59-03:00", "Geral"), ("2026-07-01T00:00:00-03:00", "Própria")],
)
def test_an_assignment_ends_with_its_last_day_too(
    session: Session, instant: str, table: str
) -> None:
    point, product = make_point(session), make_product(session)
    general, own = make_table(session, "Geral"), make_table(session, "Própria", of=point)
    for one in (general, own):
        make_edition(session, one, "2026-01-01", None, [(product, "10")])
    make_assignment(session, point, general, "2026-01-01", "2026-06-30")
    make_assignment(session, point, None, "2026-07-01")
    day = clock.day_of(datetime.fromisoformat(instant).astimezone(UTC))

    assert book_of(session, point, [product], day).levels[0].table.name == table


def test_drafts_and_superseded_editions_price_nothing(session: Session) -> None:
    point, product, table = make_point(session), make_product(session), make_table(session)
    make_edition(session, table, "2026-01-01", None, [(product, "10")], state="draft")
    make_edition(session, table, "2026-01-01", None, [(product, "11")], state="superseded")
    make_assignment(session, point, table)

    with pytest.raises(NoEditionInForce):
        price_line(book_of(session, point, [product]), product.id, product.sku, ONE, None)


def test_a_missing_price_is_refused_and_never_another_tables(session: Session) -> None:
    point, issuer = make_point(session), make_issuer(session)
    known, missing = make_product(session), make_product(session)
    plain, special = make_table(session), make_table(session, issuer=issuer)
    make_edition(session, plain, "2026-01-01", None, [(known, "10"), (missing, "10")])
    make_edition(session, special, "2026-01-01", None, [(known, "9")])
    make_assignment(session, point, plain)
    make_assignment(session, point, special)

    book = book_of(session, point, [known, missing], issuer=issuer)

    assert price_line(book, known.id, known.sku, ONE, None).unit_price == Decimal(9)
    with pytest.raises(NotInPortfolio):
        price_line(book, missing.id, missing.sku, ONE, None)


def test_nothing_assigned_is_no_price(session: Session) -> None:
    product = make_product(session)

    book = book_of(session, make_point(session), [product])

    with pytest.raises(NoPrice) as refusal:
        price_line(book, product.id, product.sku, ONE, None)

    assert refusal.value.facts == {"sku": product.sku, "day": TODAY}


def test_a_percentage_of_the_sale_needs_a_sale_price(session: Session) -> None:
    point, product = make_point(session), make_product(session)
    table = make_table(session, calculation="percent_of_sale")
    make_edition(session, table, "2026-01-01", None, [(product, "62.5")])
    make_assignment(session, point, table)
    book = book_of(session, point, [product])

    price = price_line(book, product.id, product.sku, Decimal(2), Decimal("100.01"))

    assert (price.unit_price, price.amount) == (Decimal("62.51"), Decimal("125.02"))
    with pytest.raises(SalePriceMissing):
        price_line(book, product.id, product.sku, ONE, None)


def test_a_base_without_an_edition_that_day_leaves_nothing_but_own_prices(
    session: Session,
) -> None:
    point = make_point(session)
    own, inherited = make_product(session), make_product(session)
    base = make_table(session)
    make_edition(session, base, "2026-01-01", "2026-11-30", [(inherited, "10")])
    table = make_table(session, base=base)
    make_edition(session, table, "2026-01-01", None, [(own, "7")])
    make_assignment(session, point, table)

    book = book_of(session, point, [own, inherited])

    assert price_line(book, own.id, own.sku, ONE, None).unit_price == Decimal(7)
    with pytest.raises(NotInPortfolio):
        price_line(book, inherited.id, inherited.sku, ONE, None)


def test_what_is_ticked_as_free_is_free_and_says_so(session: Session) -> None:
    point, product, table = make_point(session), make_product(session), make_table(session)
    make_edition(session, table, "2026-01-01", None, [(product, "0")])
    make_assignment(session, point, table)

    price = price_line(book_of(session, point, [product]), product.id, product.sku, ONE, None)

    assert (price.free, price.amount) == (True, Decimal(0))


def test_a_price_says_in_portuguese_how_it_came_about(session: Session) -> None:
    point, issuer = make_point(session, "SP-IPE"), make_issuer(session, "AC-AURORA")
    product = make_product(session, "ECNPJ-A1")
    base = make_table(session, "Base 2026")
    make_edition(session, base, "2026-01-01", None, [(product, "70.55"), (product, 10, "69.80")])
    gold = make_table(
        session, "Ouro", issuer=issuer, base=base,
        percent=Decimal(-2), rounding_step=Decimal("0.05"),
    )  # fmt: skip
    make_edition(session, gold, "2026-10-01", "2026-12-31")
    make_assignment(session, point, gold, "2026-03-01")

    book = book_of(session, point, [product], issuer=issuer)
    price = price_line(book, product.id, product.sku, Decimal(12), None)

    assert price.unit_price == Decimal("68.40")
    assert [one["step"] for one in told(price.because)] == [
        "assignment", "table", "edition", "item", "calculation", "amount",
    ]  # fmt: skip
    texts = [one["text"].replace("\u00a0", " ") for one in told(price.because)]
    assert texts == [
        "Em 01/12/2026, Ponto SP-IPE usa tabelas gerais. Atribuição de 01/03/2026, sem fim.",
        "O pedido é pela AC AURORA, e a tabela geral dessa AC atribuída ao ponto é Ouro. "
        "Ela tem vigência em vigor neste dia; por isso vale antes da tabela sem AC.",
        "Vale a vigência 1, de 01/10/2026 a 31/12/2026.",
        "Para 12 vale o preço a partir de 10: em Base 2026, ECNPJ-A1 está a R$ 69,80. "
        "Ouro não tem preço próprio para ele; vale a vigência 1 de Base 2026.",
        "Ouro é calculada: Base 2026 −2 %, ao múltiplo de R$ 0,05 mais próximo. "
        "R$ 69,80 × 0,98 = R$ 68,404, que vira R$ 68,40.",
        "12 × R$ 68,40 = R$ 820,80.",
    ]


@pytest.mark.parametrize("scale", [10_000])
def test_a_hundred_thousand_rows_are_stored_as_sets(session: Session, scale: int) -> None:
    table = make_table(session)
    edition = make_edition(session, table, "2026-01-01", state="draft")
    products = [make_product(session) for _ in range(10)]
    rows = [
        ItemRow(one.id, at * 1000, 10_000, None, False) for one in products for at in range(scale)
    ]
    session.flush()

    with statements(session) as sent:
        stored = store_items(session, edition.id, rows)

    assert stored == 10 * scale
    assert len(sent) <= 10 * scale / 4_000
