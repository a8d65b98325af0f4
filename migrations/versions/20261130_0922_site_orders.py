"""Orders of shops: until when they are paid, why paid ones wait, and who buys."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0922"
down_revision = "20261130_0935"
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.add_column("orders", sa.Column("pay_until", t.MOMENT, nullable=True))
    t.add_column("orders", sa.Column("waiting_since", t.MOMENT, nullable=True))
    t.add_column("orders", sa.Column("waiting_reason", sa.String(length=24), nullable=True))
    t.create_table(
        "buyers",
        sa.Column("order_id", t.BIG, autoincrement=False, nullable=False),
        sa.Column("charge_id", t.BIG, nullable=False),
        sa.Column("link", t.CODE, nullable=False),
        sa.Column("kind", sa.String(length=7), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tax_id", sa.String(length=14), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("consented_at", t.MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('person', 'company')", name=op.f("ck_buyers_kind")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_buyers_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_buyers_charge_id_charges")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_buyers")),
        sa.UniqueConstraint("charge_id", name=op.f("uq_buyers_charge_id")),
        sa.UniqueConstraint("link", name=op.f("uq_buyers_link")),
    )
    op.create_index("ix_buyers_email", "buyers", ["email", "order_id"])
    op.create_index("ix_buyers_tax_id", "buyers", ["tax_id", "order_id"])


def downgrade() -> None:
    op.drop_table("buyers")
    for column in ("waiting_reason", "waiting_since", "pay_until"):
        op.drop_column("orders", column)
