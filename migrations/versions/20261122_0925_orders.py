"""Orders and their lines."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261122_0925"
down_revision = '20261122_0920'
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table('orders',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('issuer_id', t.BIG, nullable=True),
    sa.Column('channel', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('document_type', sa.String(length=16), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('external_reference', sa.String(length=64), nullable=True),
    sa.Column('final_total', t.BIG, nullable=True),
    sa.Column('payments', t.LONG_TEXT, nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('acquisition_total', t.BIG, nullable=True),
    sa.Column('sale_total', t.BIG, nullable=True),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('created_by', t.BIG, nullable=True),
    sa.Column('placed_at', t.MOMENT, nullable=True),
    sa.Column('placed_by', t.BIG, nullable=True),
    sa.Column('fulfilled_at', t.MOMENT, nullable=True),
    sa.Column('cancelled_at', t.MOMENT, nullable=True),
    sa.Column('cancel_reason', sa.String(length=500), nullable=True),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint("channel IN ('back_office', 'site', 'api')", name=op.f('ck_orders_channel')),
    sa.CheckConstraint("document_type IN ('cash_sale', 'credit_sale', 'delivery_note')", name=op.f('ck_orders_document_type')),
    sa.CheckConstraint("kind IN ('sale', 'subscription', 'internal')", name=op.f('ck_orders_kind')),
    sa.CheckConstraint("status IN ('draft', 'placed', 'awaiting_approval', 'awaiting_payment', 'awaiting_credit', 'lapsed', 'fulfilled', 'cancelled')", name=op.f('ck_orders_status')),
    sa.CheckConstraint("status NOT IN ('placed', 'fulfilled') OR placed_at IS NOT NULL", name=op.f('ck_orders_placed_at')),
    sa.ForeignKeyConstraint(['issuer_id'], ['issuers.id'], name=op.f('fk_orders_issuer_id_issuers')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_orders_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_orders_day', 'orders', ['day', 'id'], unique=False)
    op.create_index('ix_orders_external_reference', 'orders', ['external_reference'], unique=False)
    op.create_index('ix_orders_service_point', 'orders', ['service_point_id', 'id'], unique=False)
    op.create_index('ix_orders_status', 'orders', ['status', 'id'], unique=False)
    t.create_table('order_lines',
    sa.Column('order_id', t.BIG, nullable=False),
    sa.Column('position', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('product_id', t.BIG, nullable=False),
    sa.Column('sku', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('quantity', t.BIG, nullable=False),
    sa.Column('typed_unit_price', t.BIG, nullable=True),
    sa.Column('discount_percent', t.BIG, nullable=True),
    sa.Column('acquisition_unit_price', t.BIG, nullable=True),
    sa.Column('acquisition_amount', t.BIG, nullable=True),
    sa.Column('price_table_id', t.BIG, nullable=True),
    sa.Column('edition_id', t.BIG, nullable=True),
    sa.Column('acquisition_because', t.LONG_TEXT, nullable=True),
    sa.Column('list_price', t.BIG, nullable=True),
    sa.Column('sale_unit_price', t.BIG, nullable=True),
    sa.Column('sale_amount', t.BIG, nullable=True),
    sa.Column('sale_because', t.LONG_TEXT, nullable=True),
    sa.Column('free', sa.Boolean(create_constraint=True, name='free'), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_lines_quantity')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_lines_order_id_orders')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_order_lines_product_id_products')),
    sa.PrimaryKeyConstraint('order_id', 'position', name=op.f('pk_order_lines'))
    )
    op.create_index(op.f('ix_order_lines_product_id'), 'order_lines', ['product_id'], unique=False)


def downgrade() -> None:
    op.drop_table('order_lines')
    op.drop_table('orders')
