"""Who does the timed work, and what was run."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0935"
down_revision = "20261130_0915"
branch_labels = None
depends_on = None

LONG_AGO = datetime(2000, 1, 1)


def upgrade() -> None:
    leases = t.create_table(
        "leases",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("fence", t.BIG, nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("beats", t.BIG, nullable=False),
        sa.Column("taken_at", t.MOMENT, nullable=False),
        sa.Column("until", t.MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    nobody = {"name": "scheduler", "fence": 0, "holder": "", "beats": 0}
    op.execute(leases.insert().values(**nobody, taken_at=LONG_AGO, until=LONG_AGO))
    t.create_table(
        "job_runs",
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=48), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("fence", t.BIG, nullable=False),
        sa.Column("asked_by", t.BIG, nullable=True),
        sa.Column("started_at", t.MOMENT, nullable=False),
        sa.Column("finished_at", t.MOMENT, nullable=True),
        sa.Column("result", t.LONG_TEXT, nullable=True),
        sa.CheckConstraint(
            "state IN ('wanted', 'running', 'done', 'failed')", name=op.f("ck_job_runs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_job_runs_slot", "job_runs", ["job", "slot"], unique=True)
    op.create_index("ix_job_runs_job", "job_runs", ["job", "id"])
    op.create_index("ix_job_runs_state", "job_runs", ["state", "id"])


def downgrade() -> None:
    op.drop_table("job_runs")
    op.drop_table("leases")
