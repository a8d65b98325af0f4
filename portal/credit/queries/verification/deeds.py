"""Transactions: carried by one deed each, one effect per key, one reversal per original."""

from sqlalchemy import Connection

from portal.credit.queries.verification.report import SHOWN, Check
from portal.db import Sql

_TORN = Sql("""
    SELECT e.account_id, e.seq, e.deed_id FROM entries e LEFT JOIN deeds d ON d.id = e.deed_id
    WHERE d.id IS NULL OR d.account_id IS NULL OR d.account_id <> e.account_id
       OR e.seq <> d.first_seq + e.line OR e.line >= d.entries
""")
_ENTRIES = Sql("SELECT COUNT(*) FROM entries")
_CARRIED = Sql("SELECT COUNT(*), SUM(entries) FROM deeds WHERE account_id IS NOT NULL")
_STRANGE = Sql("""
    SELECT d.id, d.account_id FROM deeds d LEFT JOIN accounts a ON a.id = d.account_id
    WHERE d.account_id IS NOT NULL AND (a.id IS NULL OR a.service_point_id <> d.service_point_id)
""")
_KEYS = Sql("""
    SELECT COUNT(idem_hash), COUNT(DISTINCT idem_hash),
           SUM(CASE WHEN idem_hash IS NOT NULL AND (fingerprint IS NULL OR status IS NULL)
               THEN 1 ELSE 0 END)
    FROM deeds
""")
_REVERSED = Sql("""
    SELECT e.reverses_id, e.deed_id, r.reversed_by, SUM(e.qty), MIN(e.account_id), MAX(e.account_id)
    FROM entries e LEFT JOIN reversals r ON r.deed_id = e.reverses_id
    WHERE e.reverses_id IS NOT NULL GROUP BY e.reverses_id, e.deed_id, r.reversed_by
""")
_TAKEN = Sql("""
    SELECT SUM(e.qty) FROM deeds d
    JOIN entries e ON e.account_id = d.account_id AND e.deed_id = d.id
     AND e.seq BETWEEN d.first_seq AND d.first_seq + d.entries - 1
    WHERE d.id = :deed AND d.account_id = :account AND e.kind IN ('debit', 'grant')
""")
_REVERSALS = Sql("SELECT COUNT(*) FROM reversals")


def check_deeds(connection: Connection) -> list[Check]:
    """Hold transactions against the deeds that carry them."""
    return [_check_carried(connection), _check_keys(connection), _check_reversals(connection)]


def _check_carried(connection: Connection) -> Check:
    check = Check("I9", "each transaction is carried by one deed, whole")
    deeds, carried = _CARRIED.run(connection).one()
    check.looked_at = int(deeds)
    entries = int(_ENTRIES.run(connection).scalar() or 0)
    if entries != int(carried or 0):
        check.fault(f"deeds carry {int(carried or 0)} entries, there are {entries}")
    for account, seq, deed in _TORN.run(connection).fetchmany(SHOWN):
        check.fault(f"account {account} entry {seq}: deed {deed} does not carry it")
    for deed, account in _STRANGE.run(connection).fetchmany(SHOWN):
        check.fault(f"deed {deed}: account {account} is another service point's")
    return check


def _check_keys(connection: Connection) -> Check:
    check = Check("I5", "each idempotency key has one effect and its answer")
    keys, different, bare = _KEYS.run(connection).one()
    check.looked_at = int(keys)
    if keys != different:
        check.fault(f"{keys - different} keys stand twice")
    if int(bare or 0):
        check.fault(f"{bare} keys lack their answer")
    return check


def _check_reversals(connection: Connection) -> Check:
    check = Check("I10", "each reversal gives back what was taken, once")
    marked = int(_REVERSALS.run(connection).scalar() or 0)
    found = _REVERSED.run(connection).fetchall()
    check.looked_at = len(found)
    if marked != len(found):
        check.fault(f"{marked} reversals are marked, {len(found)} stand in the journal")
    for original, deed, marked_by, qty, account, other in found:
        taken = _TAKEN.run(connection, deed=original, account=account).scalar()
        if marked_by != deed or account != other or taken is None or int(qty) != -int(taken):
            check.fault(f"transaction {deed}: it gives back {qty} of {taken} of {original}")
    return check
