"""Lists: pages of a million orders, of a hundred thousand entries, against those of a thousand."""

from collections.abc import Callable, Iterator

from flask import Flask
from sqlalchemy.orm import Session

from benchmarks import world
from benchmarks.debits import age
from benchmarks.table import Row, interleaved, p50
from portal.transactions import transact

SMALL, LARGE = "repasse_bench_lists_1k", "repasse_bench_lists_1m"
SIZE = world.Size(points=20, tables=1, products=10)
ORDERS, FEW = 1_000_000, 1_000
ENTRIES = 100_000
PAGE, LONG_PAGE = 50, 500
ROUNDS, EACH = 15, 10
ACCOUNT = "/api/v1/service-points/SP-00001/accounts/BRL/entries"

_ORDER = (
    "service_point_id", "channel", "kind", "document_type", "status", "day", "acquisition_total",
    "sale_total", "created_at", "placed_at", "version",
)  # fmt: skip


def run() -> Iterator[Row]:
    """Measure the first page and the thousandth, through the API."""
    small, large = (world.portal_on(world.fresh(name)) for name in (SMALL, LARGE))
    for app, orders, entries in ((small, FEW, FEW), (large, ORDERS, ENTRIES)):
        world.fill(app, SIZE)
        with app.app_context():
            for first in range(0, orders, 50_000):
                transact(_fill_orders, first, min(50_000, orders - first))
            transact(age, 1, 0, entries)
    few, many = _Reader(small), _Reader(large)
    for path, what in (("/api/v1/orders", "1,000,000 orders"), (ACCOUNT, "100,000 entries")):
        deep = many.cursor_of_page(path, 1_000)
        for cursor, which in (("", "first"), (deep, "1,000th")):
            ours, floor = interleaved(
                many.reading(path, cursor), few.reading(path, ""), rounds=ROUNDS, each=EACH
            )
            yield Row(f"{what}, {which} page", p50(ours) * 1e3, p50(floor) * 1e3, "ms", 3)
    world.drop(SMALL)
    world.drop(LARGE)


class _Reader:
    """Reads lists as another system does."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {world.token_for(app)}"}

    def reading(self, path: str, cursor: str) -> Callable[[], None]:
        """Return what reads one page."""
        query = {"limit": PAGE, "cursor": cursor} if cursor else {"limit": PAGE}

        def ask() -> None:
            answer = self.client.get(path, headers=self.headers, query_string=query)
            assert answer.status_code == 200, answer.text
            assert len(answer.json["items"]) == PAGE

        return ask

    def cursor_of_page(self, path: str, number: int) -> str:
        """Return where a page begins, walking there by longer pages."""
        cursor = None
        for _ in range((number - 1) * PAGE // LONG_PAGE):
            query = {"limit": LONG_PAGE} | ({"cursor": cursor} if cursor else {})
            cursor = self.client.get(path, headers=self.headers, query_string=query).json["next"]
        return str(cursor)


def _fill_orders(session: Session, first: int, many: int) -> None:
    connection = session.connection()
    at = world.moment(connection)
    world.rows(
        connection, "orders", _ORDER,
        ((1 + number % SIZE.points, "back_office", "sale", "cash_sale", "placed", at.date(), 8000,
          15000, at, at, 1) for number in range(first, first + many)),
    )  # fmt: skip
