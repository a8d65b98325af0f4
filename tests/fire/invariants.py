"""The invariants of SAFETY.md, computed anew from the rows, with nothing of `ledger verify`.

I15 needs several nodes and belongs to their tests; I11 comes with payments. I6 to I8 speak of what
clients were told, so they are held against answers.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tests.fire.books import Books, Row, half_up, local_day, read_at
from tests.fire.crowd import Answer
from tests.fire.prices import Prices

HEADQUARTERS = {"received", "consumed", "breakage", "debt"}
SPENDS = {"debit", "settlement", "hold_capture"}
SEALED = (
    "account_id", "seq", "line", "deed_id", "book", "credit_type_id", "qty", "value", "lot_id",
    "debt_id", "kind", "order_id", "reverses_id", "actor_id", "booked_at", "balance_after",
    "floor", "opens",
)  # fmt: skip
HELD = {"placed", "fulfilled"}
A_MOMENT = timedelta(seconds=5)
Faults = Iterator[str]


def faults_at(url: str) -> list[str]:
    """Return what is broken in a database: texts that begin with the invariant's name."""
    return faults_in(read_at(url))


def faults_in(books: Books) -> list[str]:
    """Return what is broken in what was read."""
    return [f"{name} {what}" for name, look in CHECKS.items() for what in look(books)]


def legs_add_up(books: Books) -> Faults:
    """I1: what accounts have, headquarters' books lack, in credit and in money."""
    for row in books["entries"]:
        if row["book"] not in HEADQUARTERS:
            yield f"entry {_name(row)} stands in no book"
    held = sum(account["balance"] for account in books["accounts"])
    given = sum(-row["qty"] for row in books["entries"])
    if held + given:
        yield f"accounts hold {held}, books {given}"
    for deed, rows in books.by("entries", "deed_id").items():
        if rows[0]["kind"] == "settlement" and sum(row["qty"] for row in rows):
            yield f"settlement {deed} moves the balance"
    yield from _money_adds_up(books)


def _money_adds_up(books: Books) -> Faults:
    values: dict[int, int] = defaultdict(int)
    opened: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in books["entries"]:
        values[row["lot_id"] or 0] += row["value"]
        if row["opens"] is not None:
            opened[row["lot_id"]].append((row["qty"], row["value"]))
    for lot in books["lots"]:
        if opened[lot["id"]] != [(lot["face"], lot["paid"])]:
            yield f"lot {lot['id']}: came in as {opened[lot['id']]}"
        if values[lot["id"]] != _deferred(lot):
            yield f"lot {lot['id']}: {values[lot['id']]} of money deferred, not {_deferred(lot)}"
    if values[0]:
        yield "money moved without a lot"


def balances_are_sums(books: Books) -> Faults:
    """I2: each balance is the sum of its entries, and so is each on the way."""
    entries = books.by("entries", "account_id")
    for account in books["accounts"]:
        running = 0
        for row in entries.pop(account["id"], []):
            running += row["qty"]
            if row["balance_after"] != running:
                yield f"entry {_name(row)}: {row['balance_after']} instead of {running}"
        if account["balance"] != running:
            yield f"account {account['id']}: {account['balance']} instead of {running}"
    for strange in entries:
        yield f"account {strange} has entries and is not there"


def balances_are_lots(books: Books) -> Faults:
    """I3: each balance is what open lots hold less what is owed."""
    lots, debts = books.by("lots", "account_id"), books.by("debts", "account_id")
    for account in books["accounts"]:
        mine = sum(lot["remaining"] for lot in lots.get(account["id"], []))
        owed = sum(debt["remaining"] for debt in debts.get(account["id"], []))
        if (account["balance"], account["debt"]) != (mine - owed, owed):
            yield f"account {account['id']}: {account['balance']} is not {mine} less {owed}"
        if mine and owed and not _waits_for_expiry(lots[account["id"]], account):
            yield f"account {account['id']}: credit and debt side by side"
    rest: dict[int, int] = defaultdict(int)
    for row in books["entries"]:
        rest[row["lot_id"] or 0] += row["qty"]
    for lot in books["lots"]:
        if lot["remaining"] != rest[lot["id"]]:
            yield f"lot {lot['id']}: {lot['remaining']} left, entries say {rest[lot['id']]}"


def nothing_below_its_limit(books: Books) -> Faults:
    """I4: no lot below zero, no debit below the limit of its time, which the entry keeps."""
    for lot in books["lots"]:
        parts = [lot[name] for name in ("remaining", "used", "expired", "gone")]
        if min(parts) < 0 or sum(parts) != lot["face"]:
            yield f"lot {lot['id']}: {parts} of {lot['face']}"
        if bool(lot["is_open"]) != (lot["remaining"] > 0):
            yield f"lot {lot['id']}: open or not"
    floors = books.by("account_floors", "account_id")
    for account, rows in books.by("entries", "account_id").items():
        running = 0
        for row in rows:
            running += row["qty"]
            if row["floor"] not in _limits_around(row["booked_at"], floors[account]):
                yield f"entry {_name(row)}: its limit {row['floor']} was never in force then"
            if row["kind"] == "debit" and running < row["floor"]:
                yield f"entry {_name(row)}: {running} is below {row['floor']}"


def _limits_around(moment: datetime, floors: Sequence[Row]) -> set[int]:
    """Return the limits in force about then: a request's instant is older than what it locks."""
    before = [one["floor"] for one in floors if one["since"] <= moment - A_MOMENT]
    around = [one["floor"] for one in floors if abs(one["since"] - moment) < A_MOMENT]
    return {*before[-1:], *around}


def keys_have_one_effect(books: Books) -> Faults:
    """I5: a key stands once, with its answer; nothing was done twice under one name."""
    keys = Counter(deed["idem_hash"] for deed in books["deeds"] if deed["idem_hash"])
    yield from (f"key {key.hex()} stands {many} times" for key, many in keys.items() if many > 1)
    for deed in books["deeds"]:
        if deed["idem_hash"] and not (deed["fingerprint"] and deed["status"] and deed["answer"]):
            yield f"deed {deed['id']}: a key without its answer"
    done = Counter(
        (deed["action"], deed["entity_id"])
        for deed in books["deeds"]
        if deed["action"] in {"order.placed", "order.cancelled"}
    )
    yield from (f"{what} {many} times" for what, many in done.items() if many > 1)
    named = Counter(
        (order["service_point_id"], order["external_reference"])
        for order in books["orders"]
        if order["external_reference"]
    )
    yield from (f"{what} {many} orders" for what, many in named.items() if many > 1)


def chains_are_whole(books: Books) -> Faults:
    """I9: entries are those that were written: numbered, chained by hash, carried by deeds."""
    entries, deeds = books.by("entries", "account_id"), {row["id"]: row for row in books["deeds"]}
    for account in books["accounts"]:
        last, seq = bytes(32), 0
        for row in entries.get(account["id"], []):
            seq += 1
            last = sha256(last + _form(row)).digest()
            if (row["seq"], row["hash"]) != (seq, last):
                yield f"entry {_name(row)}: number or hash is not what was written"
                last, seq = row["hash"], row["seq"]
        if (account["seq"], account["last_hash"]) != (seq, last):
            yield f"account {account['id']}: ends elsewhere than its chain"
    carried = Counter(row["deed_id"] for row in books["entries"])
    for number, many in carried.items():
        deed = deeds.get(number)
        if deed is None or deed["entries"] != many:
            yield f"transaction {number}: {many} entries, not those of its deed"
    for number, deed in deeds.items():
        if deed["account_id"] is not None and number not in carried:
            yield f"deed {number}: none of its entries is there"


def refunds_are_what_was_paid(books: Books) -> Faults:
    """I10: what an order gave back is what it took, once."""
    taken: dict[int, int] = defaultdict(int)
    back: dict[int, int] = defaultdict(int)
    for row in books["entries"]:
        if row["kind"] == "debit":
            taken[row["deed_id"]] -= row["qty"]
        elif row["kind"] == "reversal" and row["reverses_id"]:
            back[row["reverses_id"]] += row["qty"]
    marked = {row["deed_id"] for row in books["reversals"]}
    for original, amount in back.items():
        if original in taken and taken[original] != amount:
            yield f"transaction {original} took {taken[original]}, {amount} came back"
    if marked != set(back):
        yield f"reversals marked {sorted(marked ^ set(back))} otherwise than booked"


def the_dead_spend_nothing(books: Books) -> Faults:
    """I12: no lot is spent past its day; what is left leaves once, and not before."""
    lots = {lot["id"]: lot for lot in books["lots"]}
    expiries: Counter[int] = Counter()
    for row in books["entries"]:
        lot = lots.get(row["lot_id"])
        if lot is None:
            continue
        past = local_day(row["booked_at"]) > lot["expires_on"]
        if past and row["kind"] in SPENDS and row["qty"] < 0:
            yield f"entry {_name(row)}: lot {lot['id']} was past its day"
        if row["kind"] == "expiry":
            expiries[lot["id"]] += 1
            if not past:
                yield f"entry {_name(row)}: lot {lot['id']} was alive"
    yield from (f"lot {lot} expired {many} times" for lot, many in expiries.items() if many > 1)


def totals_are_lines(books: Books) -> Faults:
    """I13: totals are sums of rounded lines, at the price of the table on the day of the order."""
    lines = books.by("order_lines", "order_id")
    answers = {
        deed["entity_id"]: json.loads(deed["answer"].split("\n", 1)[1])
        for deed in books["deeds"]
        if deed["action"] == "order.placed" and deed["answer"]
    }
    corrected = {
        int(deed["entity_id"]) for deed in books["deeds"] if deed["action"] == "order.sale_changed"
    }
    prices = Prices(books)
    for order in books["orders"]:
        if order["placed_at"] is None:
            continue
        number, mine = order["id"], lines.get(order["id"], [])
        totals = [sum(line[f"{side}_amount"] for line in mine) for side in ("acquisition", "sale")]
        if totals != [order["acquisition_total"], order["sale_total"]]:
            yield f"order {number}: {totals} is not what its lines add up to"
        if local_day(order["placed_at"]) != order["day"]:
            yield f"order {number}: placed on another day than {order['day']}"
        told = answers.get(str(number))
        if told and _told_otherwise(told["totals"], totals, number in corrected):
            yield f"order {number}: it was answered with other totals"
        for line in mine:
            yield from prices.faults_of(order, line)


def _told_otherwise(told: dict[str, str], totals: Sequence[int], corrected: bool) -> bool:
    """Whether an answer had other totals; the sale may be corrected, the acquisition never."""
    cost, sale = totals
    return _cents(told["acquisition"]) != cost or (not corrected and _cents(told["sale"]) != sale)


def orders_carry_their_debits(books: Books) -> Faults:
    """I14: order, lines, deed and debit are there together, or none of them is."""
    entries, lines = books.by("entries", "order_id"), books.by("order_lines", "order_id")
    deeds = {row["id"]: row for row in books["deeds"]}
    points = {row["id"]: row["service_point_id"] for row in books["accounts"]}
    placed = {row["entity_id"]: row for row in books["deeds"] if row["action"] == "order.placed"}
    orders = {order["id"]: order for order in books["orders"]}
    yield from (
        f"entries name order {number}, which is not there"
        for number in set(entries) - set(orders) - {None}
    )
    yield from (f"deed of {number}, which is not there" for number in set(placed) - _texts(orders))
    for number, order in orders.items():
        mine = [row for row in entries.get(number, []) if row["kind"] == "debit"]
        taken = -sum(row["qty"] for row in mine)
        if order["placed_at"] is None:
            if mine or str(number) in placed:
                yield f"order {number}: never placed, and yet it took {taken}"
            continue
        if not lines.get(number) or str(number) not in placed:
            yield f"order {number}: half of it is missing"
            continue
        if taken != order["acquisition_total"]:
            yield f"order {number}: it cost {order['acquisition_total']} and took {taken}"
        carriers = {row["deed_id"] for row in mine}
        if carriers - {placed[str(number)]["id"]}:
            yield f"order {number}: its debit is carried by {sorted(carriers)}"
        if {points.get(row["account_id"]) for row in mine} - {order["service_point_id"]}:
            yield f"order {number}: another service point paid"
        yield from _cancelled_or_not(order, entries.get(number, []), deeds)


def _cancelled_or_not(order: Row, rows: Sequence[Row], deeds: dict[int, Row]) -> Faults:
    back = sum(row["qty"] for row in rows if row["kind"] == "reversal")
    wanted = 0 if order["status"] in HELD else order["acquisition_total"]
    if back != wanted:
        yield f"order {order['id']}: {order['status']}, and {back} came back"
    for row in rows:
        if row["kind"] == "reversal" and deeds[row["deed_id"]]["action"] != "order.cancelled":
            yield f"order {order['id']}: reversed by something else than its cancellation"


CHECKS: dict[str, Callable[[Books], Iterable[str]]] = {
    "I1": legs_add_up,
    "I2": balances_are_sums,
    "I3": balances_are_lots,
    "I4": nothing_below_its_limit,
    "I5": keys_have_one_effect,
    "I9": chains_are_whole,
    "I10": refunds_are_what_was_paid,
    "I12": the_dead_spend_nothing,
    "I13": totals_are_lines,
    "I14": orders_carry_their_debits,
}


def broken_promises(books: Books, answers: Iterable[Answer]) -> list[str]:
    """I7, I8: what was acknowledged is stored as it was told, what was refused left nothing.

    The orders' references are the keys that clients sent.
    """
    by_key = books.by("orders", "external_reference")
    found: list[str] = []
    for answer in answers:
        stored = by_key.get(answer.key, [])
        if answer.status == 201:
            told = (answer.number, _cents(answer.body["credit"]["debited"]))
            if [(order["id"], order["acquisition_total"]) for order in stored] != [told]:
                found.append(f"I7 {answer.key}: told {told}, stored {stored}")
        elif answer.status and stored:
            found.append(f"I8 {answer.key}: refused as {answer.outcome}, stored {stored}")
    return found


def digest(books: Books, *tables: str) -> str:
    """Return a text that changes with any row of the tables, by default of all."""
    rows = [[table, books[table]] for table in tables or books.rows]
    return sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest()


def _deferred(lot: Row) -> int:
    """What was paid for a lot and is neither recognised nor gone nor lost."""
    if lot["expired"]:
        return 0
    return int(lot["paid"] - half_up(lot["paid"] * lot["used"], lot["face"]) - lot["moved"])


def _waits_for_expiry(lots: Sequence[Row], account: Row) -> bool:
    today = local_day(account["moved_at"])
    return all(lot["expires_on"] < today for lot in lots if lot["remaining"])


def _form(row: Row) -> bytes:
    return "|".join(_sealed(name, row[name]) for name in SEALED).encode()


def _sealed(name: str, value: Any) -> str:
    if value is None:
        return "" if name == "opens" else "0"
    if name == "booked_at":
        return str(value.strftime("%Y-%m-%d %H:%M:%S.%f"))
    return str(value)


def _cents(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def _texts(numbers: Iterable[int]) -> set[str]:
    return {str(number) for number in numbers}


def _name(row: Row) -> str:
    return f"{row['account_id']}/{row['seq']}"
