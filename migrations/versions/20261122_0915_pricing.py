"""Price tables, editions, items and assignments."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261122_0915"
down_revision = '20261122_0910'
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table('price_tables',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=True),
    sa.Column('issuer_id', t.BIG, nullable=True),
    sa.Column('own_key', t.CODE, nullable=True),
    sa.Column('calculation', sa.String(length=20), nullable=False),
    sa.Column('base_table_id', t.BIG, nullable=True),
    sa.Column('percent', t.BIG, nullable=True),
    sa.Column('rounding_step', t.BIG, nullable=True),
    sa.Column('rounding_ending', t.BIG, nullable=True),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint("(calculation = 'adjusted') = (base_table_id IS NOT NULL)", name=op.f('ck_price_tables_base')),
    sa.CheckConstraint("(kind = 'own') = (own_key IS NOT NULL)", name=op.f('ck_price_tables_own_key')),
    sa.CheckConstraint("(kind = 'own') = (service_point_id IS NOT NULL)", name=op.f('ck_price_tables_owner')),
    sa.CheckConstraint("calculation IN ('fixed', 'percent_of_sale', 'adjusted')", name=op.f('ck_price_tables_calculation')),
    sa.CheckConstraint("kind IN ('general', 'own')", name=op.f('ck_price_tables_kind')),
    sa.CheckConstraint('rounding_step IS NULL OR rounding_ending IS NULL', name=op.f('ck_price_tables_rounding')),
    sa.ForeignKeyConstraint(['base_table_id'], ['price_tables.id'], name=op.f('fk_price_tables_base_table_id_price_tables')),
    sa.ForeignKeyConstraint(['issuer_id'], ['issuers.id'], name=op.f('fk_price_tables_issuer_id_issuers')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_price_tables_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_tables')),
    sa.UniqueConstraint('own_key', name=op.f('uq_price_tables_own_key'))
    )
    op.create_index(op.f('ix_price_tables_base_table_id'), 'price_tables', ['base_table_id'], unique=False)
    op.create_index(op.f('ix_price_tables_issuer_id'), 'price_tables', ['issuer_id'], unique=False)
    op.create_index(op.f('ix_price_tables_name'), 'price_tables', ['name'], unique=False)
    op.create_index('ix_price_tables_service_point', 'price_tables', ['service_point_id', 'issuer_id'], unique=False)
    t.create_table('editions',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('price_table_id', t.BIG, nullable=False),
    sa.Column('number', t.BIG, nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('published_at', t.MOMENT, nullable=True),
    sa.Column('published_by', t.BIG, nullable=True),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('created_by', t.BIG, nullable=True),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint("state IN ('draft', 'published', 'superseded')", name=op.f('ck_editions_state')),
    sa.CheckConstraint('valid_from <= valid_until', name=op.f('ck_editions_window')),
    sa.ForeignKeyConstraint(['price_table_id'], ['price_tables.id'], name=op.f('fk_editions_price_table_id_price_tables')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_editions'))
    )
    op.create_index('ix_editions_in_force', 'editions', ['price_table_id', 'state', 'valid_from', 'valid_until'], unique=False)
    t.create_table('edition_items',
    sa.Column('edition_id', t.BIG, nullable=False),
    sa.Column('product_id', t.BIG, nullable=False),
    sa.Column('min_quantity', t.BIG, nullable=False),
    sa.Column('price', t.BIG, nullable=True),
    sa.Column('percent', t.BIG, nullable=True),
    sa.Column('free', sa.Boolean(create_constraint=True, name='free'), nullable=False),
    sa.CheckConstraint('(price IS NULL) <> (percent IS NULL)', name=op.f('ck_edition_items_one_of_both')),
    sa.CheckConstraint('min_quantity >= 0', name=op.f('ck_edition_items_min_quantity')),
    sa.CheckConstraint('percent >= 0', name=op.f('ck_edition_items_percent')),
    sa.CheckConstraint('price <> 0 OR free', name=op.f('ck_edition_items_zero_is_ticked')),
    sa.CheckConstraint('price >= 0', name=op.f('ck_edition_items_price')),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_edition_items_edition_id_editions')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_edition_items_product_id_products')),
    sa.PrimaryKeyConstraint('edition_id', 'product_id', 'min_quantity', name=op.f('pk_edition_items'))
    )
    op.create_index(op.f('ix_edition_items_product_id'), 'edition_items', ['product_id'], unique=False)
    t.create_table('price_assignments',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('mode', sa.String(length=10), nullable=False),
    sa.Column('price_table_id', t.BIG, nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('created_by', t.BIG, nullable=True),
    sa.CheckConstraint("(mode = 'general') = (price_table_id IS NOT NULL)", name=op.f('ck_price_assignments_table')),
    sa.CheckConstraint("mode IN ('own', 'general')", name=op.f('ck_price_assignments_mode')),
    sa.CheckConstraint('valid_from <= valid_until', name=op.f('ck_price_assignments_window')),
    sa.ForeignKeyConstraint(['price_table_id'], ['price_tables.id'], name=op.f('fk_price_assignments_price_table_id_price_tables')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_price_assignments_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_assignments'))
    )
    op.create_index('ix_price_assignments_in_force', 'price_assignments', ['service_point_id', 'valid_from', 'valid_until'], unique=False)
    op.create_index(op.f('ix_price_assignments_price_table_id'), 'price_assignments', ['price_table_id'], unique=False)
    t.create_table('price_imports',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('price_table_id', t.BIG, nullable=False),
    sa.Column('edition_id', t.BIG, nullable=True),
    sa.Column('user_id', t.BIG, nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('content', t.LONG_BLOB, nullable=True),
    sa.Column('options', t.LONG_TEXT, nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('rows_total', t.BIG, nullable=False),
    sa.Column('rows_done', t.BIG, nullable=False),
    sa.Column('report', t.LONG_TEXT, nullable=True),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('started_at', t.MOMENT, nullable=True),
    sa.Column('finished_at', t.MOMENT, nullable=True),
    sa.CheckConstraint("state IN ('uploaded', 'running', 'checked', 'failed', 'stored')", name=op.f('ck_price_imports_state')),
    sa.ForeignKeyConstraint(['edition_id'], ['editions.id'], name=op.f('fk_price_imports_edition_id_editions'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['price_table_id'], ['price_tables.id'], name=op.f('fk_price_imports_price_table_id_price_tables')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_imports'))
    )
    op.create_index(op.f('ix_price_imports_price_table_id'), 'price_imports', ['price_table_id'], unique=False)
    op.create_index(op.f('ix_price_imports_user_id'), 'price_imports', ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_table('price_imports')
    op.drop_table('price_assignments')
    op.drop_table('edition_items')
    op.drop_table('editions')
    op.drop_table('price_tables')
