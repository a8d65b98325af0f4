"""Reading what service points may buy on a day: a constant number of statements, however many.

One finds the general tables in force and one more their own tables; a table that is calculated
from another adds one for each table below it, whatever the number of routes; one reads the items.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from portal.catalogue.models import Issuer
from portal.db import Sql, connection_of
from portal.pricing.queries.prices import (
    BASE_COLUMNS,
    CANDIDATE_COLUMNS,
    IN_FORCE,
    ITEM_COLUMNS,
    candidate_of,
    hand_over,
    items_statement,
    level_of,
)
from portal.pricing.rules.book import Candidate, InForce, Level, choose
from portal.pricing.rules.portfolio import Portfolio, Route

_MANY = 2_000
"""From so many products on, whole editions are read."""
_FOUND = f"json_array({CANDIDATE_COLUMNS}, a.service_point_id, i.active)"
_ASSIGNED = "FROM price_assignments a JOIN service_points s ON s.id = a.service_point_id"
_WHEN = "a.valid_from <= :day AND a.valid_until >= :day AND a.service_point_id IN"
_GENERAL = f"""{_ASSIGNED} JOIN price_tables t ON t.id = a.price_table_id {IN_FORCE}
    LEFT JOIN issuers i ON i.id = t.issuer_id WHERE {_WHEN}"""
_OWN = f"""{_ASSIGNED} JOIN price_tables t ON t.service_point_id = a.service_point_id {IN_FORCE}
    LEFT JOIN issuers i ON i.id = t.issuer_id WHERE a.mode = 'own' AND {_WHEN}"""


class _Found(NamedTuple):
    """A table that an assignment allows, whose, and through which issuer."""

    candidate: Candidate
    service_point_id: int
    issuer: str
    in_use: bool


def load_portfolio(
    connection_or_session: Connection | Session,
    *,
    service_point_id: int,
    day: date,
    product_ids: Collection[int] | None = None,
) -> Portfolio:
    """Read all that a service point may buy on a day, by whichever issuer in use.

    With `product_ids` no other products are looked at.
    """
    return load_portfolios(
        connection_or_session,
        service_point_ids=[service_point_id],
        day=day,
        product_ids=product_ids,
    )[service_point_id]


def load_portfolios(
    connection_or_session: Connection | Session,
    *,
    service_point_ids: Collection[int],
    day: date,
    product_ids: Collection[int] | None = None,
    supposing: Mapping[int, InForce] | None = None,
) -> dict[int, Portfolio]:
    """Read what each of some service points may buy on a day.

    `supposing` puts other editions in force, by table: what would be if they were published.
    """
    connection = connection_of(connection_or_session)
    found = _candidates(connection, service_point_ids, day, supposing or {})
    found = [one for one in found if one.in_use]
    routes: dict[int, list[Route]] = defaultdict(list)
    chains = _chains(connection, [one.candidate for one in found], day, supposing or {})
    _fill(connection, [level for chain in chains for level in chain], product_ids)
    for one, chain in zip(found, chains, strict=True):
        route = Route(one.candidate.table.issuer_id, one.issuer, chain)
        routes[one.service_point_id].append(route)
    return {number: Portfolio(day, routes[number]) for number in service_point_ids}


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
    found = _candidates(connection, [service_point_id], day, {})
    chosen = choose([one.candidate for one in found], issuer_id)
    if chosen is None or not _is_in_use(connection, issuer_id):
        return None
    (chain,) = _chains(connection, [chosen], day, {})
    _fill(connection, chain, product_ids)
    return Route(issuer_id, next(one.issuer for one in found if one.candidate == chosen), chain)


def _is_in_use(connection: Connection, issuer_id: int | None) -> bool:
    if issuer_id is None:
        return True
    return bool(connection.scalar(select(Issuer.active).where(Issuer.id == issuer_id)))


def _candidates(
    connection: Connection,
    service_point_ids: Collection[int],
    day: date,
    supposing: Mapping[int, InForce],
) -> list[_Found]:
    """Return the tables in force that the service points use."""
    points = {f"s{at}": number for at, number in enumerate(service_point_ids)}
    if not points:
        return []
    general, own = _candidate_statements(len(points))
    found: list[_Found] = []
    for statement in (general, own):
        for row in statement.packed(connection, day=day, **points):
            one = candidate_of(row)
            edition = supposing.get(one.table.id, one.edition)
            if edition is not None:
                candidate = Candidate(one.assignment, one.table, edition)
                in_use = one.table.issuer_id is None or bool(row[19])
                found.append(_Found(candidate, row[18], row[5] or "", in_use))
    return found


@lru_cache(maxsize=64)
def _candidate_statements(points: int) -> tuple[Sql, Sql]:
    marks = ", ".join(f":s{at}" for at in range(points))
    general = f"SELECT {_FOUND} {_GENERAL} ({marks})"
    own = f"SELECT {_FOUND} {_OWN} ({marks})"
    return Sql(general), Sql(own)


def _chains(
    connection: Connection,
    candidates: Sequence[Candidate],
    day: date,
    supposing: Mapping[int, InForce],
) -> list[list[Level]]:
    """Return each table with those that it is calculated from."""
    chains = [[Level(one.table, one.edition)] for one in candidates]
    while any(map(_goes_on, chains)):
        _go_down(connection, chains, day, supposing)
    return chains


def _goes_on(chain: Sequence[Level]) -> bool:
    last = chain[-1]
    return last.edition is not None and last.table.base_table_id not in {
        None,
        *(level.table.id for level in chain),
    }


def _go_down(
    connection: Connection,
    chains: Sequence[list[Level]],
    day: date,
    supposing: Mapping[int, InForce],
) -> None:
    """Put the base below each chain that goes on."""
    wanted = {chain[-1].table.base_table_id for chain in chains if _goes_on(chain)}
    marks = {f"t{at}": number for at, number in enumerate(wanted)}
    rows = _bases(len(wanted)).packed(connection, day=day, **marks)
    bases = {row[0]: row for row in rows}
    for chain in filter(_goes_on, chains):
        row = bases[chain[-1].table.base_table_id]
        level = level_of(row)
        level.edition = supposing.get(level.table.id, level.edition)
        chain.append(level)


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
