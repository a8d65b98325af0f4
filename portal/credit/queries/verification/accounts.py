"""Accounts against what they follow from: their type, their policy, their lots."""

from sqlalchemy import Connection

from portal.credit.queries.verification.report import SHOWN, Check
from portal.db import Sql

_COUNT = Sql("SELECT COUNT(*) FROM accounts")
_LIMITS = Sql("""
    SELECT a.id, a.floor FROM accounts a JOIN credit_types t ON t.id = a.credit_type_id
    LEFT JOIN service_points s ON s.id = a.service_point_id
    LEFT JOIN credit_policies p ON p.id = s.credit_policy_id
    LEFT JOIN account_floors f ON f.account_id = a.id AND f.since = (
        SELECT MAX(l.since) FROM account_floors l WHERE l.account_id = a.id)
    WHERE a.floor <> CASE WHEN t.code = 'BRL' THEN -COALESCE(p.money, 0) ELSE 0 END
       OR f.floor IS NULL OR f.floor <> a.floor
""")
_SHAPES = Sql("""
    SELECT a.id FROM accounts a JOIN credit_types t ON t.id = a.credit_type_id
    WHERE a.held <> 0 OR a.scale <> t.scale
""")
_FIRST_LOTS = Sql("""
    SELECT a.id, a.current_lot_id FROM accounts a LEFT JOIN lots c ON c.id = a.current_lot_id
    WHERE a.current_lot_id IS NOT NULL AND (c.id IS NULL OR c.account_id <> a.id OR c.id <> (
        SELECT l.id FROM lots l WHERE l.account_id = a.id AND l.is_open = 1
        ORDER BY l.expires_on, l.kind_rank, l.id LIMIT 1))
""")


def check_accounts(connection: Connection) -> list[Check]:
    """Check limits, holds and the lot that burns first."""
    count = int(_COUNT.run(connection).scalar() or 0)
    limits = Check("I4", "limits are what the policies say", count)
    for account, floor in _LIMITS.run(connection).fetchmany(SHOWN):
        limits.fault(f"account {account}: limit {floor} is not its policy's")
    for (account,) in _SHAPES.run(connection).fetchmany(SHOWN):
        limits.fault(f"account {account}: held or scale is not what it must be")
    first = Check("I3", "the lot that burns first is known rightly", count)
    for account, lot in _FIRST_LOTS.run(connection).fetchmany(SHOWN):
        first.fault(f"account {account}: lot {lot} does not burn first")
    return [limits, first]
