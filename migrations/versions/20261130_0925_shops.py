"""Shops: looks and texts, logos, counters, limits, and what is kept of a checkout."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0925"
down_revision = "20261130_0910"
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table('shops',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('issuer_id', t.BIG, nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('tagline', sa.String(length=120), nullable=False),
    sa.Column('headline', sa.String(length=120), nullable=False),
    sa.Column('intro', sa.String(length=500), nullable=False),
    sa.Column('promises', sa.String(length=500), nullable=False),
    sa.Column('advice', sa.String(length=2000), nullable=False),
    sa.Column('colour', sa.String(length=7), nullable=False),
    sa.Column('legal_name', sa.String(length=160), nullable=False),
    sa.Column('address', sa.String(length=255), nullable=False),
    sa.Column('hours', sa.String(length=160), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('returns_text', t.LONG_TEXT, nullable=False),
    sa.Column('privacy_text', t.LONG_TEXT, nullable=False),
    sa.Column('closed_text', sa.String(length=500), nullable=False),
    sa.Column('orders_per_document', t.BIG, nullable=True),
    sa.Column('orders_per_address', t.BIG, nullable=True),
    sa.Column('updated_at', t.MOMENT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint('orders_per_document BETWEEN 1 AND 100000', name=op.f('ck_shops_per_document')),
    sa.CheckConstraint('orders_per_address BETWEEN 1 AND 100000', name=op.f('ck_shops_per_address')),
    sa.CheckConstraint('length(colour) = 7', name=op.f('ck_shops_colour')),
    sa.ForeignKeyConstraint(['issuer_id'], ['issuers.id'], name=op.f('fk_shops_issuer_id_issuers')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_shops_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shops')),
    sa.UniqueConstraint('service_point_id', name=op.f('uq_shops_service_point_id'))
    )
    op.create_index(op.f('ix_shops_issuer_id'), 'shops', ['issuer_id'], unique=False)
    t.create_table('shop_logos',
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('digest', sa.String(length=16), nullable=False),
    sa.Column('media_type', sa.String(length=20), nullable=False),
    sa.Column('width', t.BIG, nullable=False),
    sa.Column('height', t.BIG, nullable=False),
    sa.Column('content', t.LONG_BLOB, nullable=False),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_shop_logos_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('service_point_id', name=op.f('pk_shop_logos'))
    )
    t.create_table('shop_products',
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('product_id', t.BIG, autoincrement=False, nullable=False),
    sa.Column('summary', sa.String(length=200), nullable=False),
    sa.Column('details', t.LONG_TEXT, nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_shop_products_product_id_products')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_shop_products_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('service_point_id', 'product_id', name=op.f('pk_shop_products'))
    )
    op.create_index(op.f('ix_shop_products_product_id'), 'shop_products', ['product_id'], unique=False)
    t.create_table('shop_days',
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('visits', t.BIG, nullable=False),
    sa.Column('carts', t.BIG, nullable=False),
    sa.Column('checkouts', t.BIG, nullable=False),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_shop_days_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('service_point_id', 'day', name=op.f('pk_shop_days'))
    )
    t.create_table('shop_limits',
    sa.Column('key_hash', t.DIGEST, nullable=False),
    sa.Column('began_at', t.MOMENT, nullable=False),
    sa.Column('taken', t.BIG, nullable=False),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_shop_limits'))
    )
    t.create_table('shop_checkouts',
    sa.Column('order_id', t.BIG, autoincrement=False, nullable=False),
    sa.Column('consented_at', t.MOMENT, nullable=False),
    sa.Column('consent', t.LONG_TEXT, nullable=False),
    sa.Column('base_url', sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_shop_checkouts_order_id_orders')),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_shop_checkouts'))
    )


def downgrade() -> None:
    for table in ('shop_checkouts', 'shop_limits', 'shop_days', 'shop_products', 'shop_logos'):
        op.drop_table(table)
    op.drop_table('shops')
