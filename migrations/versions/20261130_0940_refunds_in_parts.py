"""A payment may go back in parts: a refund is no longer the only one of its payment.

Going back, the parts of a payment become one refund again, as far on its way as the slowest.
"""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0940"
down_revision = "20261130_0916"
branch_labels = None
depends_on = None

ONCE = sa.UniqueConstraint("payment_id", name="uq_refunds_payment_id")
COLUMNS = (
    "id, charge_id, payment_id, amount, reason, status, requested_at, requested_by, attempts, "
    "lease_until, last_error, done_at, done_by"
)
PARTS = "SELECT payment_id FROM refunds GROUP BY payment_id HAVING COUNT(*) > 1"


def upgrade() -> None:
    if t.is_sqlite():
        _rebuild()
        _index("payment_id")
    else:
        _index("payment_id")  # before the other goes: the foreign key stands on it
        op.drop_constraint("uq_refunds_payment_id", "refunds", type_="unique")


def downgrade() -> None:
    _join_parts()
    if t.is_sqlite():
        _rebuild(ONCE)
    else:
        op.create_unique_constraint("uq_refunds_payment_id", "refunds", ["payment_id"])
        op.drop_index("ix_refunds_payment_id", "refunds")


def _rebuild(*more: sa.schema.SchemaItem) -> None:
    """Make the table anew on SQLite, which takes no constraint from a table that is there."""
    op.execute("ALTER TABLE refunds RENAME TO refunds_before")
    for name in ("charge_id", "payment_id", "status"):
        op.execute(f"DROP INDEX IF EXISTS ix_refunds_{name}")
    t.create_table(
        "refunds",
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("charge_id", t.BIG, nullable=False),
        sa.Column("payment_id", t.BIG, nullable=False),
        sa.Column("amount", t.BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("requested_at", t.MOMENT, nullable=False),
        sa.Column("requested_by", t.BIG, nullable=True),
        sa.Column("attempts", t.BIG, nullable=False),
        sa.Column("lease_until", t.MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("done_at", t.MOMENT, nullable=True),
        sa.Column("done_by", t.BIG, nullable=True),
        sa.CheckConstraint("status IN ('pending', 'sent', 'done')", name=op.f("ck_refunds_status")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_refunds_charge_id_charges")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        *more,
    )
    op.execute(f"INSERT INTO refunds ({COLUMNS}) SELECT {COLUMNS} FROM refunds_before")
    op.execute("DROP TABLE refunds_before")
    _index("charge_id")
    op.create_index("ix_refunds_status", "refunds", ["status", "id"])


def _index(column: str) -> None:
    op.create_index(f"ix_refunds_{column}", "refunds", [column])


def _join_parts() -> None:
    """Let the first refund of a payment stand for all."""
    connection = op.get_bind()
    refunds = sa.table("refunds", *(sa.column(name) for name in COLUMNS.split(", ")))
    for (payment_id,) in connection.execute(sa.text(PARTS)).all():
        of = refunds.c.payment_id == payment_id
        rows = connection.execute(sa.select(refunds).where(of).order_by(refunds.c.id)).all()
        slowest = min(rows, key=lambda row: ("pending", "sent", "done").index(row.status))
        whole = {"amount": sum(row.amount for row in rows), "status": slowest.status}
        whole |= {"done_at": slowest.done_at, "done_by": slowest.done_by}
        connection.execute(refunds.update().where(refunds.c.id == rows[0].id).values(whole))
        connection.execute(refunds.delete().where(of, refunds.c.id != rows[0].id))
