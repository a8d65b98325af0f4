"""Indexes that no query reads are not written with every order any more."""

from alembic import op

from migrations import tables as t

revision = "20261130_0950"
down_revision = "20261130_0945"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_deeds_send_state", table_name="deeds")
    if t.is_sqlite():
        op.drop_index("ix_order_lines_product_id", table_name="order_lines")
    else:  # the foreign key needs one, and then keeps it under its own name
        _rename("ix_order_lines_product_id", "fk_order_lines_product_id_products")


def downgrade() -> None:
    op.create_index("ix_deeds_send_state", "deeds", ["send_state", "id"])
    if t.is_sqlite():
        op.create_index("ix_order_lines_product_id", "order_lines", ["product_id"])
    else:
        _rename("fk_order_lines_product_id_products", "ix_order_lines_product_id")


def _rename(old: str, new: str) -> None:
    op.execute(f"ALTER TABLE order_lines RENAME INDEX {old} TO {new}")
