"""An order writes less: what its lines share stands once, and indexes and checks cost less.

The reasons that all lines share stand with the order; lines placed before keep them, each its own.
No query asks for the deeds of an account. On SQLite the index of references holds only those that
there are, and a list of more than two values makes a table of its own each time it is checked.
"""

import re

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_1000"
down_revision = "20261130_0955"
branch_labels = None
depends_on = None

REFERENCE = "ix_orders_external_reference"
LISTED = re.compile(r"\bCHECK \((\w+) IN \(('\w+'(?:, '\w+'){2,})\)\)")
CHAINED = re.compile(r"\bCHECK \((\w+) = '\w+'(?: OR \1 = '\w+'){2,}\)")
TOGETHER = """UPDATE order_lines l JOIN orders o ON o.id = l.order_id SET l.acquisition_because =
    CONCAT(LEFT(o.because, CHAR_LENGTH(o.because) - 1), ',', SUBSTR(l.acquisition_because, 2))
    WHERE o.because IS NOT NULL AND l.acquisition_because IS NOT NULL"""
TOGETHER_ON_SQLITE = """UPDATE order_lines SET acquisition_because =
    substr(o.because, 1, length(o.because) - 1) || ',' || substr(acquisition_because, 2)
    FROM orders o WHERE o.id = order_lines.order_id
    AND o.because IS NOT NULL AND acquisition_because IS NOT NULL"""
"""What all lines share goes back before what each has of its own: two lists that are not empty."""


def upgrade() -> None:
    t.add_column("orders", sa.Column("because", t.LONG_TEXT, nullable=True))
    op.drop_index("ix_deeds_account", table_name="deeds")
    if t.is_sqlite():
        t.rebuild("orders", lambda made: LISTED.sub(_chained, made))
        there = sa.text("external_reference IS NOT NULL")
        op.drop_index(REFERENCE, table_name="orders")
        op.create_index(REFERENCE, "orders", ["external_reference"], sqlite_where=there)


def downgrade() -> None:
    op.create_index("ix_deeds_account", "deeds", ["account_id", "first_seq"])
    if t.is_sqlite():
        t.rebuild("orders", lambda made: CHAINED.sub(_listed, made))
        op.drop_index(REFERENCE, table_name="orders")
        op.create_index(REFERENCE, "orders", ["external_reference"])
    op.execute(sa.text(TOGETHER_ON_SQLITE if t.is_sqlite() else TOGETHER))
    op.drop_column("orders", "because")


def _chained(listed: re.Match[str]) -> str:
    name, values = listed.groups()
    return f"CHECK ({' OR '.join(f'{name} = {value}' for value in values.split(', '))})"


def _listed(chained: re.Match[str]) -> str:
    values = re.findall(r"'\w+'", chained.group())
    return f"CHECK ({chained.group(1)} IN ({', '.join(values)}))"
