"""All that an order needs to know before prices: one statement, whatever the number of lines.

The service point with its sale policy and account, the issuer, the products, and what the
idempotency key was answered with before: all by unique keys.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from portal.actors import Actor
from portal.audit.queries import answer_of
from portal.db import Sql, as_moment
from portal.keys import AnsweredBefore, Key
from portal.money import PERCENT_SCALE, from_minor
from portal.orders.errors import UnknownIssuer
from portal.orders.rules import Article, SalePolicy
from portal.partners.errors import NoSuchServicePoint
from portal.pricing.queries import FEW_LINES, assignment_by_code
from portal.sale_tables.queries.refusals import LAST_REFUSED
from portal.wire import Carrier, Ran, send_together, unpacked

_FIRST = """s.id, s.name, s.active, s.max_discount_percent, s.max_surcharge_percent,
    s.may_edit_final_price, a.id"""
_THEN = """hex(d.fingerprint), d.status, d.answer, d.service_point_id, d.action, d.id,
    p.id, p.sku, p.name, p.active, p.fractional"""
_TABLES = """service_points s
    LEFT JOIN accounts a ON a.service_point_id = s.id
        AND a.credit_type_id = (SELECT t.id FROM credit_types t WHERE t.code = 'BRL')
    LEFT JOIN deeds d ON d.idem_hash = :key"""
_ISSUER = "LEFT JOIN issuers i ON i.code = :issuer"
_HAS_SALE_TABLES = "EXISTS(SELECT 1 FROM sale_tables st WHERE st.service_point_id = s.id)"


@lru_cache(maxsize=2048)
def _statement(products: int, *, counts: bool, issued: bool) -> Sql:
    """Return the statement; it is given the user where it counts, the key, the issuer where there
    is one, the products and the service point, in this order.
    """
    marks = ", ".join(f":s{number}" for number in range(products))
    last = LAST_REFUSED if counts else "NULL"
    issuer, joined = ("i.id, i.active", _ISSUER) if issued else ("NULL, NULL", "")
    return Sql(
        f"SELECT json_array({_FIRST}, {issuer}, {_THEN}, {last}, {_HAS_SALE_TABLES}) "  # noqa: S608 - names from code
        f"FROM {_TABLES} {joined} "
        f"LEFT JOIN products p ON p.sku IN ({marks}) WHERE s.code = :service_point",
        prepare=products <= FEW_LINES,
    )


class Setting(NamedTuple):
    """A service point about to order. `guessed_at` is when its seller's fifth last price fell."""

    service_point_id: int
    code: str
    name: str
    active: bool
    policy: SalePolicy
    account_id: int | None
    issuer_id: int | None
    issuer_active: bool
    articles: Mapping[str, Article]
    guessed_at: datetime | None
    assigned: Ran | None = None
    """The price assignment on the day asked for, if one was: `load_book` reads it."""
    has_sale_tables: bool = False
    """Whether its list prices are worth asking for."""


class Asked(NamedTuple):
    """What a setting is looked up by."""

    service_point: str
    issuer: str | None
    skus: Sequence[str]
    day: date | None = None
    """On which prices will be asked for: the assignment then comes in the same packet."""


def setting_of(
    connection: Carrier, asked: Asked, *, by: Actor, key: Key | None = None, counts: bool = False
) -> Setting:
    """Look up where an order is placed, and what with; `counts` asks for refused prices too.

    Raises AnsweredBefore, NoSuchServicePoint (a stranger's too), UnknownIssuer.
    """
    skus = sorted(set(asked.skus))
    issued = asked.issuer is not None
    values = [
        *([str(by.user_id)] if counts else ()),
        key.hash if key else None,
        *([asked.issuer] if issued else ()),
        *skus,
        asked.service_point,
    ]
    statements = [_statement(len(skus), counts=counts, issued=issued).given(connection, values)]
    if asked.day is not None:
        statements.append(
            assignment_by_code(connection, asked.service_point, asked.issuer, asked.day)
        )
    found, *assigned = send_together(connection, statements)
    rows = unpacked(found)
    if not rows:
        raise NoSuchServicePoint(asked.service_point)
    first = rows[0]
    if key is not None and first[14] is not None:
        raise AnsweredBefore(answer_of([bytes.fromhex(first[9]), *first[10:15]], key))
    if not by.sees(first[0]):
        raise NoSuchServicePoint(asked.service_point)
    if asked.issuer is not None and first[7] is None:
        raise UnknownIssuer(issuer=asked.issuer)
    return _setting(asked.service_point, first, rows, *assigned)


def _setting(
    code: str,
    first: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    assigned: Ran | None = None,
) -> Setting:
    policy = SalePolicy(
        from_minor(first[3], PERCENT_SCALE), from_minor(first[4], PERCENT_SCALE), bool(first[5])
    )
    articles = {
        row[16]: Article(row[15], row[16], row[17], bool(row[18]), bool(row[19]))
        for row in rows
        if row[15] is not None
    }
    return Setting(
        first[0],
        code,
        first[1],
        bool(first[2]),
        policy,
        first[6],
        first[7],
        bool(first[8]),
        articles,
        as_moment(first[20]) if first[20] is not None else None,
        assigned,
        bool(first[21]),
    )
