"""Reading what a service point may buy on a day: a constant number of statements.

One finds the general tables in force, one more its own tables; a table that is calculated from
another adds one for each table below it, whatever the number of routes; one reads the items.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.db import Sql, connection_of
from portal.pricing.models import TableKind
from portal.pricing.queries.prices import (
    ASSIGNED_TO_ALL,
    BASE_COLUMNS,
    IN_FORCE,
    ITEM_COLUMNS,
    OWN_OF_ALL,
    candidate_of,
    hand_over,
    items_statement,
    level_of,
)
from portal.pricing.rules.book import Candidate, Level, choose
from portal.pricing.rules.portfolio import Portfolio, Route

_MANY = 2_000
"""From so many products on, the whole editions are read."""


def load_portfolio(
    connection_or_session: Connection | Session,
    *,
    service_point_id: int,
    day: date,
    product_ids: Collection[int] | None = None,
) -> Portfolio:
    """Read all that a service point may buy on a day, by whichever issuer.

    With `product_ids` no other products are looked at.
    """
    connection = connection_of(connection_or_session)
    found = _candidates(connection, service_point_id, day)
    return _filled(connection, [one for one, _ in found], day, product_ids, dict(found))


def load_route(
    connection_or_session: Connection | Session,
    *,
    service_point_id: int,
    issuer_id: int | None,
    day: date,
    product_ids: Collection[int] | None = None,
) -> Route | None:
    """Read what a service point may buy through one issuer, or none; None when that is nothing."""
    connection = connection_of(connection_or_session)
    found = _candidates(connection, service_point_id, day)
    chosen = choose([one for one, _ in found], issuer_id)
    if chosen is None:
        return None
    return _filled(connection, [chosen], day, product_ids, dict(found)).routes[0]


def _candidates(
    connection: Connection, service_point_id: int, day: date
) -> list[tuple[Candidate, str]]:
    """Return the tables in force, each with the name of its issuer; those of issuers in use."""
    asked = {"service_point": service_point_id, "day": day}
    rows = ASSIGNED_TO_ALL.packed(connection, **asked)
    if rows and rows[0][1] == TableKind.OWN:
        rows = OWN_OF_ALL.packed(connection, **asked)
    return [
        (candidate_of(row), row[5] or "")
        for row in rows
        if row[6] is not None and row[14] is not None
    ]


def _filled(
    connection: Connection,
    candidates: Sequence[Candidate],
    day: date,
    product_ids: Collection[int] | None,
    issuers: dict[Candidate, str],
) -> Portfolio:
    chains = [[Level(one.table, one.edition)] for one in candidates]
    while any(map(_goes_on, chains)):
        _go_down(connection, chains, day)
    _fill(connection, [level for chain in chains for level in chain], product_ids)
    routes = [
        Route(one.table.issuer_id, issuers[one], chain)
        for one, chain in zip(candidates, chains, strict=True)
    ]
    return Portfolio(day, routes)


def _goes_on(chain: Sequence[Level]) -> bool:
    last = chain[-1]
    return last.edition is not None and last.table.base_table_id not in {
        None,
        *(level.table.id for level in chain),
    }


def _go_down(connection: Connection, chains: Sequence[list[Level]], day: date) -> None:
    """Put the base below each chain that goes on."""
    wanted = {chain[-1].table.base_table_id for chain in chains if _goes_on(chain)}
    marks = {f"t{at}": number for at, number in enumerate(wanted)}
    rows = _bases(len(wanted)).packed(connection, day=day, **marks)
    bases = {row[0]: row for row in rows}
    for chain in filter(_goes_on, chains):
        row = bases[chain[-1].table.base_table_id]
        chain.append(level_of(row))


@lru_cache(maxsize=64)
def _bases(count: int) -> Sql:
    marks = ", ".join(f":t{at}" for at in range(count))
    return Sql(
        f"SELECT json_array({BASE_COLUMNS}) FROM price_tables t {IN_FORCE} "  # noqa: S608 - names from code, values bound
        f"WHERE t.id IN ({marks})"
    )


def _fill(
    connection: Connection, levels: Sequence[Level], product_ids: Collection[int] | None
) -> None:
    by_edition: dict[int, list[Level]] = {}
    for level in levels:
        if level.edition is not None:
            by_edition.setdefault(level.edition.id, []).append(level)
    if not by_edition or (product_ids is not None and not product_ids):
        return
    values = {f"e{at}": edition for at, edition in enumerate(by_edition)}
    if product_ids is None or len(product_ids) > _MANY:
        statement = _all_items(len(by_edition))
    else:
        statement = items_statement(len(by_edition), len(product_ids))
        values |= {f"p{at}": product for at, product in enumerate(sorted(product_ids))}
    hand_over(statement.packed(connection, **values), by_edition)


@lru_cache(maxsize=64)
def _all_items(editions: int) -> Sql:
    marks = ", ".join(f":e{at}" for at in range(editions))
    return Sql(f"SELECT {ITEM_COLUMNS} FROM edition_items WHERE edition_id IN ({marks})")  # noqa: S608 - as above
