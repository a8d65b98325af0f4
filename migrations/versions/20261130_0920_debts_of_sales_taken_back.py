"""Debts that a cancelled site sale left are told from those of debits."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0920"
down_revision = "20261130_0925"
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.add_column(
        "debts", sa.Column("taken_back", sa.Boolean(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("debts", "taken_back")
