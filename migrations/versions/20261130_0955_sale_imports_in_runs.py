"""Files of sale prices are checked and stored in runs, as those of acquisition prices are.

Files that wait keep waiting, as they were read; those that are stored lie on no older shelf.
"""

import json
from datetime import date

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0955"
down_revision = "20261130_0950"
branch_labels = None
depends_on = None

NEVER = date(9999, 12, 31)
KEPT = ("id", "sale_table_id", "user_id", "file_name", "content", "created_at")


def upgrade() -> None:
    waiting = _taken("reading", "valid_from", "valid_until")
    rows = [_kept(row) | {"options": _options(row), "state": "uploaded"} for row in waiting]
    for row in rows:
        row |= {"rows_total": 0, "rows_done": 0}
    made = t.create_table(
        "sale_imports",
        *_common(),
        sa.Column("edition_id", t.BIG, nullable=True),
        sa.Column("content", t.LONG_BLOB, nullable=True),
        sa.Column("options", t.LONG_TEXT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows_total", t.BIG, nullable=False),
        sa.Column("rows_done", t.BIG, nullable=False),
        sa.Column("report", t.LONG_TEXT, nullable=True),
        sa.Column("started_at", t.MOMENT, nullable=True),
        sa.Column("finished_at", t.MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('uploaded', 'running', 'checked', 'failed', 'stored')",
            name=op.f("ck_sale_imports_state"),
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["sale_editions.id"],
            name=op.f("fk_sale_imports_edition_id_sale_editions"),
            ondelete="SET NULL",
        ),
    )
    _fill(made, rows)


def downgrade() -> None:
    rows = []
    for row in _taken("options"):
        if row.content is not None:
            order = json.loads(row.options)
            until = order["valid_until"]
            rows.append(
                _kept(row)
                | {
                    "reading": json.dumps(order["reading"]),
                    "valid_from": date.fromisoformat(order["valid_from"]),
                    "valid_until": date.fromisoformat(until) if until else NEVER,
                }
            )
    made = t.create_table(
        "sale_imports",
        *_common(),
        sa.Column("content", t.LONG_BLOB, nullable=False),
        sa.Column("reading", t.LONG_TEXT, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_sale_imports_window")),
    )
    _fill(made, rows)


def _taken(*columns):
    """Return the files that there are, and let go of their table."""
    dates = {"valid_from": sa.Date(), "valid_until": sa.Date(), "created_at": t.MOMENT}
    names = (*KEPT, *columns)
    old = sa.table("sale_imports", *(sa.column(name, dates.get(name)) for name in names))
    rows = op.get_bind().execute(sa.select(old)).all()
    op.drop_table("sale_imports")
    return rows


def _kept(row):
    return {name: getattr(row, name) for name in KEPT}


def _options(row) -> str:
    """Return how a file is read and for which days, as runs keep it."""
    until = None if row.valid_until == NEVER else row.valid_until.isoformat()
    return json.dumps(
        {
            "valid_from": row.valid_from.isoformat(),
            "valid_until": until,
            "reading": json.loads(row.reading),
            "create_products": False,
            "deed": "check",
            "publish": False,
            "replace": False,
            "reason": None,
            "address": "",
            "request_id": "",
        }
    )


def _common():
    return (
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("sale_table_id", t.BIG, nullable=False),
        sa.Column("user_id", t.BIG, nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", t.MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["sale_table_id"],
            ["sale_tables.id"],
            name=op.f("fk_sale_imports_sale_table_id_sale_tables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_imports")),
    )


def _fill(made, rows) -> None:
    op.create_index(op.f("ix_sale_imports_sale_table_id"), "sale_imports", ["sale_table_id"])
    op.create_index(op.f("ix_sale_imports_user_id"), "sale_imports", ["user_id"])
    if rows:
        op.bulk_insert(made, rows)
