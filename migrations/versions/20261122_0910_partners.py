"""Service points with their policies, and who works for them."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261122_0910"
down_revision = '20261122_0905'
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table('credit_policies',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('code', t.CODE, nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('money', t.BIG, nullable=True),
    sa.Column('documents', t.BIG, nullable=True),
    sa.Column('age_days', t.BIG, nullable=True),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint('age_days >= 0', name=op.f('ck_credit_policies_age_days')),
    sa.CheckConstraint('documents >= 0', name=op.f('ck_credit_policies_documents')),
    sa.CheckConstraint('money >= 0', name=op.f('ck_credit_policies_money')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_policies')),
    sa.UniqueConstraint('code', name=op.f('uq_credit_policies_code'))
    )
    t.create_table('service_points',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('code', t.CODE, nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('tax_id', sa.String(length=14), nullable=True),
    sa.Column('max_discount_percent', t.BIG, nullable=False),
    sa.Column('max_surcharge_percent', t.BIG, nullable=False),
    sa.Column('may_edit_final_price', sa.Boolean(create_constraint=True, name='may_edit_final_price'), nullable=False),
    sa.Column('debt_enabled', sa.Boolean(create_constraint=True, name='debt_enabled'), nullable=False),
    sa.Column('collects', sa.String(length=16), nullable=False),
    sa.Column('shop_slug', t.CODE, nullable=True),
    sa.Column('shop_enabled', sa.Boolean(create_constraint=True, name='shop_enabled'), nullable=False),
    sa.Column('low_balance_threshold', t.BIG, nullable=True),
    sa.Column('credit_policy_id', t.BIG, nullable=True),
    sa.Column('active', sa.Boolean(create_constraint=True, name='active'), nullable=False),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint("collects IN ('service_point', 'headquarters')", name=op.f('ck_service_points_collects')),
    sa.CheckConstraint('max_discount_percent BETWEEN 0 AND 1000000', name=op.f('ck_service_points_discount')),
    sa.CheckConstraint('max_surcharge_percent BETWEEN 0 AND 10000000', name=op.f('ck_service_points_surcharge')),
    sa.ForeignKeyConstraint(['credit_policy_id'], ['credit_policies.id'], name=op.f('fk_service_points_credit_policy_id_credit_policies')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_points')),
    sa.UniqueConstraint('code', name=op.f('uq_service_points_code')),
    sa.UniqueConstraint('shop_slug', name=op.f('uq_service_points_shop_slug'))
    )
    op.create_index(op.f('ix_service_points_credit_policy_id'), 'service_points', ['credit_policy_id'], unique=False)
    op.create_index('ix_service_points_name', 'service_points', ['name', 'id'], unique=False)
    op.create_index(op.f('ix_service_points_tax_id'), 'service_points', ['tax_id'], unique=False)
    t.create_table('memberships',
    sa.Column('user_id', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_memberships_service_point_id_service_points')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_memberships_user_id_users')),
    sa.PrimaryKeyConstraint('user_id', 'service_point_id', name=op.f('pk_memberships'))
    )
    op.create_index(op.f('ix_memberships_service_point_id'), 'memberships', ['service_point_id'], unique=False)


def downgrade() -> None:
    op.drop_table('memberships')
    op.drop_table('service_points')
    op.drop_table('credit_policies')
