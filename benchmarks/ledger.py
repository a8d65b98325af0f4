"""`flask ledger verify`: postings a second over a million entries; two postings an entry."""

import time
from collections.abc import Iterator

from benchmarks import world
from benchmarks.debits import age
from benchmarks.table import Row
from portal.credit.cli import verified
from portal.extensions import db
from portal.transactions import transact

NAME = "repasse_bench_ledger"
POINTS, ENTRIES = 20, 1_000_000
WANTED_A_SECOND = 200_000


def run() -> Iterator[Row]:
    """Verify everything, once warm."""
    app = world.portal_on(world.fresh(NAME))
    world.fill(app, world.Size(points=POINTS, tables=1, products=10))
    with app.app_context():
        for point in range(1, POINTS + 1):
            transact(age, point, 0, ENTRIES // POINTS)
        engine = db.engine
        verified(engine)
        begun = time.perf_counter()
        verified(engine)
        taken = time.perf_counter() - begun
    world.drop(NAME)
    rate = 2 * ENTRIES / taken
    yield Row("ledger verify", rate, WANTED_A_SECOND, "postings/s", 1, at_least=True)
