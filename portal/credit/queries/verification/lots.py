"""Lots, debts and headquarters' books against the entries that name them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from portal.clock import day_of, start_of
from portal.credit.models import Book, EntryKind, LotOrigin
from portal.credit.queries.verification.report import Check
from portal.credit.rules.lots import RANKS, recognised
from portal.db import Sql, as_day, as_moment

_GROUPS = Sql("""
    SELECT account_id, lot_id, debt_id, book, kind, opens, COUNT(*), SUM(qty), SUM(value),
           MIN(booked_at), MAX(booked_at), SUM(CASE WHEN qty < 0 THEN 1 ELSE 0 END)
    FROM entries GROUP BY account_id, lot_id, debt_id, book, kind, opens
""")
_LOT_COLUMNS = (
    "id", "account_id", "kind", "kind_rank", "face", "paid", "remaining", "used", "expired", "gone",
    "moved", "expires_on", "origin", "granted_at", "from_lot_id", "is_open",
)  # fmt: skip
_LOTS = Sql(f"SELECT {', '.join(_LOT_COLUMNS)} FROM lots")  # noqa: S608 - names from code
_DEBTS = Sql("SELECT id, account_id, amount, remaining, is_open FROM debts")
_PAYMENTS = Sql("""
    SELECT COUNT(*) FROM debt_payments p JOIN debts d ON d.id = p.debt_id
    JOIN entries e ON e.account_id = d.account_id AND e.seq = p.seq
    WHERE e.kind = 'settlement' AND e.lot_id IS NOT NULL AND e.debt_id = p.debt_id
""")
_ARISEN = Sql("""
    SELECT COUNT(*) FROM debts b JOIN deeds d ON d.id = b.deed_id
    JOIN entries e ON e.account_id = d.account_id
     AND e.seq BETWEEN d.first_seq AND d.first_seq + d.entries - 1
    WHERE e.debt_id = b.id AND e.qty < 0
      AND e.kind = CASE WHEN b.taken_back = 1 THEN 'reversal' ELSE 'debit' END
      AND COALESCE(e.order_id, 0) = COALESCE(b.order_id, 0)
""")
_ALL_PAYMENTS = Sql("SELECT COUNT(*) FROM debt_payments")
_ACCOUNTS = Sql("SELECT id, balance, debt FROM accounts")
_PAID_AS_USE = Sql("""
    SELECT COUNT(*) FROM entries e JOIN debts d ON d.id = e.debt_id
    WHERE e.kind = 'settlement' AND e.lot_id IS NOT NULL
      AND e.book <> CASE WHEN d.taken_back = 1 THEN 'received' ELSE 'consumed' END
""")
_SPENT_AS = {EntryKind.DEBIT, EntryKind.SETTLEMENT, EntryKind.HOLD_CAPTURE, EntryKind.REVERSAL}
_OPENED_AS = {
    LotOrigin.REVERSAL: EntryKind.REVERSAL,
    LotOrigin.SITE_SALE: EntryKind.GRANT,
}
"""The kind of the entry that opens a lot, where it is not called like the lot's origin."""
_ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Tally:
    """What entries say about one lot."""

    accounts: set[int] = field(default_factory=set)
    rest: int = 0
    value: int = 0
    consumed: int = 0
    consumed_value: int = 0
    expired: int = 0
    breakage: int = 0
    expiries: int = 0
    taken_back: int = 0
    taken_back_value: int = 0
    openings: list[tuple[str, int, int, str, datetime]] = field(default_factory=list)
    last_use: datetime | None = None
    first_expiry: datetime | None = None


@dataclass(slots=True)
class _Owed:
    """What entries say about one debt."""

    accounts: set[int] = field(default_factory=set)
    arose: int = 0
    paid: int = 0


@dataclass(slots=True)
class _Heirs:
    """The reversal lots that stand in for a dead one."""

    face: int = 0
    paid: int = 0


@dataclass(slots=True)
class _Sums:
    """All entries, added up by what they name."""

    lots: dict[int, _Tally] = field(default_factory=lambda: defaultdict(_Tally))
    debts: dict[int, _Owed] = field(default_factory=lambda: defaultdict(_Owed))
    books: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    entries: int = 0
    settled_rows: int = 0
    nameless: int = 0


def check_lots(connection: Connection) -> list[Check]:
    """Add the entries up once, and hold lots, debts and books against the sums."""
    sums = _add_up(_GROUPS.run(connection))
    lots = [_read_lot(row) for row in _LOTS.run(connection)]
    debts = list(_DEBTS.run(connection))
    accounts = list(_ACCOUNTS.run(connection))
    return [
        _check_lots(lots, sums),
        _check_balances(lots, debts, accounts),
        _check_expiry(lots, sums),
        _check_debts(connection, debts, sums),
        _check_books(lots, accounts, sums),
    ]


def _read_lot(row: Any) -> dict[str, Any]:
    lot = dict(zip(_LOT_COLUMNS, row, strict=True))
    lot["expires_on"] = as_day(lot["expires_on"])
    lot["granted_at"] = as_moment(lot["granted_at"])
    return lot


def _add_up(groups: Iterable[Any]) -> _Sums:
    sums = _Sums()
    for account, lot, debt, book, kind, opens, count, qty, value, first, last, takes in groups:
        qty, value, count = int(qty), int(value), int(count)
        sums.entries += count
        total = sums.books[book]
        total[0] -= qty
        total[1] -= value
        if lot is not None:
            _add_to_lot(
                sums.lots[lot], account, book, kind, opens, count, qty, value,
                as_moment(first), as_moment(last), int(takes),
            )  # fmt: skip
            sums.settled_rows += count if kind == EntryKind.SETTLEMENT else 0
        elif debt is not None:
            owed = sums.debts[debt]
            owed.accounts.add(account)
            if qty < 0:
                owed.arose -= qty
            else:
                owed.paid += qty
        else:
            sums.nameless += count
    return sums


def _add_to_lot(  # noqa: PLR0913 - a row of sums, taken apart once
    tally: _Tally, account: int, book: str, kind: str, opens: str | None, count: int, qty: int,
    value: int, first: datetime, last: datetime, takes: int,
) -> None:  # fmt: skip
    tally.accounts.add(account)
    tally.rest += qty
    tally.value += value
    if opens is not None:
        tally.openings += [(opens, qty, value, kind, first)] * count
    elif book == Book.CONSUMED:
        tally.consumed -= qty
        tally.consumed_value -= value
    elif book == Book.BREAKAGE:
        tally.expired -= qty
        tally.breakage -= value
        tally.expiries += count
        tally.first_expiry = min(first, tally.first_expiry or first)
    elif book == Book.RECEIVED:
        tally.taken_back -= qty
        tally.taken_back_value -= value
    if takes and kind in _SPENT_AS:
        tally.last_use = max(last, tally.last_use or last)


def _check_lots(lots: list[dict[str, Any]], sums: _Sums) -> Check:
    check = Check("I4", "no lot is below zero, and each is what its entries say", len(lots))
    heirs: dict[int, _Heirs] = defaultdict(_Heirs)
    for lot in lots:
        if lot["from_lot_id"] is not None:
            heirs[lot["from_lot_id"]].face += lot["face"]
            heirs[lot["from_lot_id"]].paid += lot["paid"]
    known = {lot["id"] for lot in lots}
    for number in sums.lots.keys() - known | heirs.keys() - known:
        check.fault(f"lot {number}: entries name it, but it is not there")
    for lot in lots:
        tally = sums.lots.get(lot["id"], _Tally())
        for what in _wrong_with(lot, tally, heirs.get(lot["id"], _Heirs())):
            check.fault(f"lot {lot['id']}: {what}")
    return check


def _wrong_with(lot: dict[str, Any], tally: _Tally, heirs: _Heirs) -> Iterable[str]:
    """Name each figure of a lot that its entries do not bear out."""
    earned = recognised(lot["paid"], max(lot["used"], 0), max(lot["face"], 1))
    opened_as = _OPENED_AS.get(lot["origin"], lot["origin"])
    facts: dict[str, tuple[object, object]] = {
        "account": ({lot["account_id"]}, tally.accounts),
        "remaining": (lot["remaining"], tally.rest),
        "open": (bool(lot["is_open"]), lot["remaining"] > 0),
        "below zero": (min(lot["remaining"], lot["used"], lot["expired"], lot["gone"], 0), 0),
        "used": (lot["used"], tally.consumed - heirs.face),
        "expired": (lot["expired"], tally.expired),
        "gone": (lot["gone"], heirs.face + tally.taken_back),
        "moved": (lot["moved"], heirs.paid + tally.taken_back_value),
        "recognised": (earned, tally.consumed_value - heirs.paid),
        "breakage": (
            lot["paid"] - earned - lot["moved"] if tally.expiries else 0,
            tally.breakage,
        ),
        "kind": (lot["kind_rank"], RANKS.get(lot["kind"])),
        "origin": (lot["origin"] == LotOrigin.REVERSAL, lot["from_lot_id"] is not None),
        "opening": (
            [(f"{lot['kind']} {lot['expires_on']}", lot["face"], lot["paid"], opened_as,
              lot["granted_at"])],
            tally.openings,
        ),
    }  # fmt: skip
    for name, (stored, found) in facts.items():
        if stored != found:
            yield f"{name} is {stored}, its entries say {found}"


def _check_balances(lots: list[dict[str, Any]], debts: list[Any], accounts: list[Any]) -> Check:
    check = Check("I3", "balances are the sums of open lots less debt", len(accounts))
    rest: dict[int, int] = defaultdict(int)
    owed: dict[int, int] = defaultdict(int)
    for lot in lots:
        rest[lot["account_id"]] += lot["remaining"]
    for _number, account, _amount, remaining, _open in debts:
        owed[account] += remaining
    for account, balance, debt in accounts:
        if balance != rest[account] - debt:
            check.fault(f"account {account}: balance {balance}, lots {rest[account]}, debt {debt}")
        if debt != owed[account]:
            check.fault(f"account {account}: debt {debt}, debts {owed[account]}")
    return check


def _check_expiry(lots: list[dict[str, Any]], sums: _Sums) -> Check:
    check = Check("I12", "no lot was used past its day, and each expired once", len(lots))
    for lot in lots:
        tally = sums.lots.get(lot["id"])
        if tally is None:
            continue
        if lot["expires_on"] < day_of(lot["granted_at"]):
            check.fault(f"lot {lot['id']}: past its day when it was granted")
        if lot["expires_on"].year >= datetime.max.replace(tzinfo=UTC).year:
            over = datetime.max.replace(tzinfo=UTC)
        else:
            over = start_of(lot["expires_on"] + _ONE_DAY)
        if tally.last_use and tally.last_use >= over:
            check.fault(f"lot {lot['id']}: used after its day")
        if tally.expiries > 1 or (tally.first_expiry and tally.first_expiry < over):
            check.fault(f"lot {lot['id']}: expired twice or too early")
    return check


def _check_debts(connection: Connection, debts: list[Any], sums: _Sums) -> Check:
    check = Check("I3", "debts are what their entries say", len(debts))
    for number in sums.debts.keys() - {debt[0] for debt in debts}:
        check.fault(f"debt {number}: entries name it, but it is not there")
    for number, account, amount, remaining, is_open in debts:
        owed = sums.debts.get(number, _Owed())
        said = (amount, amount - remaining, {account}, bool(is_open))
        if said != (owed.arose, owed.paid, owed.accounts, remaining > 0):
            check.fault(f"debt {number}: {said}, its entries say {owed}")
    named, known = _ALL_PAYMENTS.run(connection).scalar(), _PAYMENTS.run(connection).scalar()
    if not named == known == sums.settled_rows:
        check.fault(f"payments of debts: {named}, known {known}, entries {sums.settled_rows}")
    arisen = _ARISEN.run(connection).scalar()
    if arisen != len(debts):
        check.fault(f"{len(debts)} debts, {arisen} of them where they say they arose")
    if strange := _PAID_AS_USE.run(connection).scalar():
        check.fault(f"{strange} payments of debts stand in the wrong book")
    if sums.nameless:
        check.fault(f"{sums.nameless} entries name neither a lot nor a debt")
    return check


def _check_books(lots: list[dict[str, Any]], accounts: list[Any], sums: _Sums) -> Check:
    """Headquarters' books are summed, and proven by what lots and accounts say."""
    says = "each posting has two legs: accounts and headquarters' books add up to zero"
    check = Check("I1", says, sums.entries)
    given = sum(lot["face"] for lot in lots if lot["from_lot_id"] is None)
    paid = sum(lot["paid"] for lot in lots if lot["from_lot_id"] is None)
    taken = sum(tally.taken_back for tally in sums.lots.values())
    money = sum(tally.taken_back_value for tally in sums.lots.values())
    earned = sum(recognised(lot["paid"], max(lot["used"], 0), max(lot["face"], 1)) for lot in lots)
    expected = {
        Book.RECEIVED: (taken - given, money - paid),
        Book.CONSUMED: (sum(lot["used"] for lot in lots), earned),
        Book.BREAKAGE: (
            sum(lot["expired"] for lot in lots),
            sum(tally.breakage for tally in sums.lots.values()),
        ),
        Book.DEBT: (sum(account[2] for account in accounts), 0),
    }
    for name in sums.books.keys() - {book.value for book in expected}:
        check.fault(f"there is no book {name}")
    for book, figures in expected.items():
        if tuple(sums.books[book.value]) != figures:
            check.fault(f"book {book}: {sums.books[book.value]}, expected {list(figures)}")
    if sum(total[0] for total in sums.books.values()) != -sum(account[1] for account in accounts):
        check.fault("accounts and books do not add up to zero")
    return check
