"""`make bench`: run the benchmarks, all or those named, and print one table.

`make bench ARGS="orders prices"`. MariaDB on 127.0.0.1 as root without password; `wrk` (Debian)
for what goes over HTTP. Databases are made for the run and dropped.
"""

import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    debits,
    imports,
    ledger,
    lists,
    orders_http,
    orders_inside,
    prices,
    shop,
    sqlite,
)
from benchmarks.table import Row, print_table

BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "orders": orders_http.run,
    "inside": orders_inside.run,
    "sqlite": sqlite.run,
    "prices": prices.run,
    "debits": debits.run,
    "imports": imports.run,
    "lists": lists.run,
    "ledger": ledger.run,
    "shop": shop.run,
}


def main(names: list[str]) -> int:
    """Run what is named; 1 when a target is missed, 2 for an unknown name."""
    if unknown := set(names) - set(BENCHMARKS):
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.")
        return 2
    rows: list[Row] = []

    def every() -> Iterator[Row]:
        for name in names or BENCHMARKS:
            for row in BENCHMARKS[name]():
                rows.append(row)
                yield row

    print_table(every())
    return 1 if any(row.holds is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
