"""Products with categories, and issuers."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261122_0905"
down_revision = '20261122_0900'
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table('categories',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories')),
    sa.UniqueConstraint('name', name=op.f('uq_categories_name'))
    )
    t.create_table('products',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('sku', t.CODE, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('category_id', t.BIG, nullable=True),
    sa.Column('active', sa.Boolean(create_constraint=True, name='active'), nullable=False),
    sa.Column('fractional', sa.Boolean(create_constraint=True, name='fractional'), nullable=False),
    sa.Column('credit_type', t.CODE, nullable=True),
    sa.Column('credit_units', t.BIG, nullable=True),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('updated_at', t.MOMENT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint("kind IN ('good', 'service')", name=op.f('ck_products_kind')),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_products_category_id_categories')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_products')),
    sa.UniqueConstraint('sku', name=op.f('uq_products_sku'))
    )
    op.create_index('ix_products_category', 'products', ['category_id', 'id'], unique=False)
    op.create_index('ix_products_name', 'products', ['name', 'id'], unique=False)
    t.create_table('issuers',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('code', t.CODE, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('active', sa.Boolean(create_constraint=True, name='active'), nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issuers')),
    sa.UniqueConstraint('code', name=op.f('uq_issuers_code'))
    )


def downgrade() -> None:
    op.drop_table('issuers')
    op.drop_table('products')
    op.drop_table('categories')
