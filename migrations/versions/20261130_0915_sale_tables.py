"""Sale tables, their editions and rows, and the stamp of what shops may show."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0915"
down_revision = "20261130_0920"
branch_labels = None
depends_on = None


def upgrade() -> None:
    stamps = t.create_table(
        "offer_stamps",
        sa.Column("id", t.BIG, autoincrement=False, nullable=False),
        sa.Column("version", t.BIG, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_offer_stamps_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_stamps")),
    )
    op.bulk_insert(stamps, [{"id": 1, "version": 1}])
    t.create_table(
        "sale_tables",
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("service_point_id", t.BIG, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("back_office", sa.Boolean(create_constraint=True, name="back_office"), nullable=False),
        sa.Column("site", sa.Boolean(create_constraint=True, name="site"), nullable=False),
        sa.Column("created_at", t.MOMENT, nullable=False),
        sa.Column("version", t.BIG, nullable=False),
        sa.CheckConstraint("back_office OR site", name=op.f("ck_sale_tables_a_channel")),
        sa.ForeignKeyConstraint(
            ["service_point_id"], ["service_points.id"],
            name=op.f("fk_sale_tables_service_point_id_service_points"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_tables")),
    )
    op.create_index(op.f("ix_sale_tables_name"), "sale_tables", ["name"])
    op.create_index(op.f("ix_sale_tables_service_point_id"), "sale_tables", ["service_point_id"])
    t.create_table(
        "sale_editions",
        sa.Column("id", t.BIG, nullable=False),
        sa.Column("sale_table_id", t.BIG, nullable=False),
        sa.Column("number", t.BIG, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("published_at", t.MOMENT, nullable=True),
        sa.Column("published_by", t.BIG, nullable=True),
        sa.Column("created_at", t.MOMENT, nullable=False),
        sa.Column("created_by", t.BIG, nullable=True),
        sa.Column("version", t.BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'superseded')", name=op.f("ck_sale_editions_state")
        ),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_sale_editions_window")),
        sa.ForeignKeyConstraint(
            ["sale_table_id"], ["sale_tables.id"],
            name=op.f("fk_sale_editions_sale_table_id_sale_tables"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_editions")),
    )
    op.create_index(
        "ix_sale_editions_in_force", "sale_editions",
        ["sale_table_id", "state", "valid_from", "valid_until"],
    )
    t.create_table(
        "sale_items",
        sa.Column("sale_edition_id", t.BIG, nullable=False),
        sa.Column("product_id", t.BIG, nullable=False),
        sa.Column("suggested_price", t.BIG, nullable=True),
        sa.Column("sale_price", t.BIG, nullable=True),
        sa.Column("on_site", sa.Boolean(create_constraint=True, name="on_site"), nullable=False),
        sa.Column("confirmed_acquisition", t.BIG, nullable=True),
        sa.Column("confirmed_at", t.MOMENT, nullable=True),
        sa.Column("confirmed_by", t.BIG, nullable=True),
        sa.CheckConstraint("suggested_price > 0", name=op.f("ck_sale_items_suggested_price")),
        sa.CheckConstraint("sale_price > 0", name=op.f("ck_sale_items_sale_price")),
        sa.CheckConstraint(
            "(confirmed_acquisition IS NULL) = (confirmed_at IS NULL)",
            name=op.f("ck_sale_items_confirmed"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_sale_items_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["sale_edition_id"], ["sale_editions.id"],
            name=op.f("fk_sale_items_sale_edition_id_sale_editions"),
        ),
        sa.PrimaryKeyConstraint("sale_edition_id", "product_id", name=op.f("pk_sale_items")),
    )
    op.create_index(op.f("ix_sale_items_product_id"), "sale_items", ["product_id"])


def downgrade() -> None:
    op.drop_table("sale_items")
    op.drop_table("sale_editions")
    op.drop_table("sale_tables")
    op.drop_table("offer_stamps")
