"""Orders against their lines, prices and debits: the part of `flask ledger verify` about orders."""

from sqlalchemy import Connection

from portal.credit.queries.verification.report import SHOWN, Check
from portal.db import Sql

_PLACED = Sql("SELECT COUNT(*) FROM orders WHERE placed_at IS NOT NULL")
_TOTALS = Sql("""
    SELECT o.id FROM orders o LEFT JOIN (
        SELECT order_id, SUM(acquisition_amount) AS cost, SUM(sale_amount) AS sale
        FROM order_lines GROUP BY order_id) l ON l.order_id = o.id
    WHERE o.placed_at IS NOT NULL AND (COALESCE(l.cost, -1) <> COALESCE(o.acquisition_total, -2)
       OR COALESCE(l.sale, -1) <> COALESCE(o.sale_total, -2))
""")
_LINES = Sql("""
    SELECT l.order_id, l.position FROM order_lines l JOIN orders o ON o.id = l.order_id
    LEFT JOIN editions e ON e.id = l.edition_id AND e.price_table_id = l.price_table_id
        AND e.state <> 'draft' AND e.valid_from <= o.day
    WHERE o.placed_at IS NOT NULL AND (e.id IS NULL
       OR l.acquisition_amount * 100000 - l.quantity * l.acquisition_unit_price <= -50000
       OR l.acquisition_amount * 100000 - l.quantity * l.acquisition_unit_price > 50000)
""")
"""A line is its unit price (4 decimals) times its quantity (3), half up, and its edition had begun.

Ends of editions may be moved later; orders keep theirs.
"""
_DEBITS = Sql("""
    SELECT o.id, o.status, o.acquisition_total, e.taken, e.back FROM orders o LEFT JOIN (
        SELECT order_id, MIN(account_id) AS account, MAX(account_id) AS other,
               SUM(CASE WHEN kind = 'debit' THEN -qty ELSE 0 END) AS taken,
               SUM(CASE WHEN kind = 'reversal' AND (book = 'consumed' OR book = 'debt' AND qty > 0)
                        THEN qty ELSE 0 END) AS back,
               MIN(CASE WHEN kind = 'debit' THEN deed_id END) AS deed,
               MAX(CASE WHEN kind = 'debit' THEN deed_id END) AS last_deed
        FROM entries WHERE order_id IS NOT NULL GROUP BY order_id) e ON e.order_id = o.id
    LEFT JOIN deeds d ON d.id = e.deed AND d.action = 'order.placed'
    LEFT JOIN accounts a ON a.id = e.account
    WHERE COALESCE(e.taken, 0) <> CASE WHEN o.placed_at IS NULL THEN 0
          ELSE COALESCE(o.acquisition_total, -1) END
       OR COALESCE(e.back, 0) <> CASE WHEN o.status = 'cancelled' THEN COALESCE(e.taken, 0)
          ELSE 0 END
       OR (e.deed IS NOT NULL AND (d.id IS NULL OR d.entity_id <> o.id OR a.id IS NULL
           OR e.deed <> e.last_deed OR e.account <> e.other
           OR a.service_point_id <> o.service_point_id))
""")
_SALES = Sql("""
    SELECT o.id, o.status, o.sale_total, e.brought, e.taken FROM orders o
    LEFT JOIN buyers b ON b.order_id = o.id LEFT JOIN charges c ON c.id = b.charge_id
    LEFT JOIN (
        SELECT order_id,
               SUM(CASE WHEN kind = 'grant' THEN qty ELSE 0 END) AS brought,
               SUM(CASE WHEN kind = 'reversal' AND (book = 'received' OR book = 'debt' AND qty < 0)
                        THEN -qty ELSE 0 END) AS taken,
               SUM(CASE WHEN kind = 'grant' AND (book <> 'received' OR value <> qty
                        OR opens IS NULL OR opens <> 'paid 9999-12-31') THEN 1 ELSE 0 END) AS wrong
        FROM entries WHERE order_id IS NOT NULL GROUP BY order_id) e ON e.order_id = o.id
    WHERE COALESCE(e.wrong, 0) <> 0
       OR COALESCE(e.brought, 0) <> CASE WHEN c.payee = 'headquarters' AND o.placed_at IS NOT NULL
          THEN COALESCE(o.sale_total, -1) ELSE 0 END
       OR COALESCE(e.taken, 0) <> CASE WHEN o.status = 'cancelled' THEN COALESCE(e.brought, 0)
          ELSE 0 END
""")
"""What headquarters collected for an order is credited whole, and taken back if it is cancelled."""
_MONEY = Sql("""
    SELECT o.id, o.status, c.status FROM buyers b JOIN orders o ON o.id = b.order_id
    JOIN charges c ON c.id = b.charge_id
    WHERE (o.status IN ('awaiting_payment', 'lapsed') AND c.status NOT IN ('pending', 'cancelled'))
       OR (o.status = 'awaiting_credit' AND c.status <> 'paid')
       OR (o.status IN ('placed', 'fulfilled') AND c.status <> 'paid' AND NOT EXISTS (
           SELECT 1 FROM refunds r WHERE r.charge_id = c.id AND r.requested_by IS NOT NULL))
       OR (o.status = 'cancelled' AND c.status = 'paid')
       OR c.amount <> COALESCE(o.sale_total, -1) OR c.service_point_id <> o.service_point_id
       OR c.subject_type <> 'order' OR c.subject_id <> o.id
""")
"""The money of an order that stands is there, unless somebody of the portal gave it back."""
_RETURNED = Sql("""
    SELECT b.order_id, p.amount, SUM(r.amount) FROM buyers b
    JOIN payments p ON p.charge_id = b.charge_id JOIN refunds r ON r.payment_id = p.id
    GROUP BY b.order_id, p.id, p.amount HAVING SUM(r.amount) > p.amount
""")
_PAID = Sql("SELECT COUNT(*) FROM buyers")
_ORPHANS = Sql("""
    SELECT e.order_id FROM entries e LEFT JOIN orders o ON o.id = e.order_id
    WHERE e.order_id IS NOT NULL AND o.id IS NULL
""")
_DEEDS = Sql("SELECT COUNT(*), COUNT(DISTINCT entity_id) FROM deeds WHERE action = 'order.placed'")


def check_orders(connection: Connection) -> list[Check]:
    """Check that totals are their lines, and that orders and debits carry each other."""
    placed = int(_PLACED.run(connection).scalar() or 0)
    return [
        _check_totals(connection, placed),
        _check_debits(connection, placed),
        _check_sales(connection),
    ]


def _check_totals(connection: Connection, placed: int) -> Check:
    says = "totals of orders are the sums of their rounded lines, at prices in force"
    check = Check("I13", says, placed)
    for (number,) in _TOTALS.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number}: its totals are not the sums of its lines")
    for number, position in _LINES.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number} line {position}: amount or edition is not what it must be")
    return check


def _check_debits(connection: Connection, placed: int) -> Check:
    check = Check("I14", "orders carry their debits, and debits their orders", placed)
    for number, status, cost, taken, back in _DEBITS.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number}: {status}, cost {cost}, taken {taken}, given back {back}")
    for (number,) in _ORPHANS.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number}: entries name it, but it is not there")
    deeds, different = _DEEDS.run(connection).one()
    if not deeds == different == placed:
        check.fault(f"{placed} orders were placed, {deeds} deeds say so of {different}")
    return check


def _check_sales(connection: Connection) -> Check:
    bought = int(_PAID.run(connection).scalar() or 0)
    says = "orders of shops carry their payments and the credit of their sales"
    check = Check("I14", says, bought)
    for number, status, sale, brought, taken in _SALES.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number}: {status}, sale {sale}, credited {brought}, taken {taken}")
    for number, status, charge in _MONEY.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number}: {status}, its charge {charge}, or of another amount")
    for number, paid, back in _RETURNED.run(connection).fetchmany(SHOWN):
        check.fault(f"order {number}: {paid} was paid, {back} went back")
    return check
