"""The outbox of mails."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0905"
down_revision = "20261130_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table(
        "mails",
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("key", t.CODE, nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", t.LONG_TEXT, nullable=False),
        sa.Column("html", t.LONG_TEXT, nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("service_point_id", t.BIG, nullable=True),
        sa.Column("entity_type", sa.String(length=32), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", t.BIG, nullable=False),
        sa.Column("next_try_at", t.MOMENT, nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.Column("leased_until", t.MOMENT, nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.Column("created_at", t.MOMENT, nullable=False),
        sa.Column("sent_at", t.MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('queued', 'sent', 'dead')", name=op.f("ck_mails_state")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mails_attempts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mails_due", "mails", ["state", "next_try_at", "id"])
    op.create_index("ix_mails_service_point", "mails", ["service_point_id", "id"])
    op.create_index("ix_mails_entity", "mails", ["entity_type", "entity_id"])


def downgrade() -> None:
    op.drop_table("mails")
