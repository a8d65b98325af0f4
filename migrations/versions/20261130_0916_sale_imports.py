"""Files of sale prices on their way into an edition."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0916"
down_revision = "20261130_0922"
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table(
        "sale_imports",
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("sale_table_id", t.BIG, nullable=False),
        sa.Column("user_id", t.BIG, nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", t.LONG_BLOB, nullable=False),
        sa.Column("reading", t.LONG_TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("created_at", t.MOMENT, nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_sale_imports_window")),
        sa.ForeignKeyConstraint(
            ["sale_table_id"], ["sale_tables.id"],
            name=op.f("fk_sale_imports_sale_table_id_sale_tables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_imports")),
    )
    op.create_index(op.f("ix_sale_imports_sale_table_id"), "sale_imports", ["sale_table_id"])
    op.create_index(op.f("ix_sale_imports_user_id"), "sale_imports", ["user_id"])


def downgrade() -> None:
    op.drop_table("sale_imports")
