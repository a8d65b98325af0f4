"""Charges of customers, what was paid for them and went back, and where Pix is received."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261130_0910"
down_revision = "20261130_0905"
branch_labels = None
depends_on = None


def upgrade() -> None:
    t.create_table('pix_accounts',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('owner', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=True),
    sa.Column('key', sa.String(length=77), nullable=False),
    sa.Column('holder', sa.String(length=120), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('tax_id', sa.String(length=14), nullable=True),
    sa.Column('changed_at', t.MOMENT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_pix_accounts_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pix_accounts')),
    sa.UniqueConstraint('owner', name=op.f('uq_pix_accounts_owner'))
    )
    op.create_index(op.f('ix_pix_accounts_service_point_id'), 'pix_accounts', ['service_point_id'], unique=False)
    t.create_table('charges',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('token', t.CODE, nullable=False),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('subject_type', sa.String(length=32), nullable=False),
    sa.Column('subject_id', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=False),
    sa.Column('payee', sa.String(length=16), nullable=False),
    sa.Column('holder', sa.String(length=120), nullable=True),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('description', sa.String(length=140), nullable=False),
    sa.Column('txid', t.CODE, nullable=False),
    sa.Column('br_code', sa.String(length=512), nullable=True),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('expires_at', t.MOMENT, nullable=True),
    sa.Column('paid_at', t.MOMENT, nullable=True),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.Column('paid_amount', t.BIG, nullable=True),
    sa.Column('method', sa.String(length=12), nullable=True),
    sa.Column('confirmed_by', t.BIG, nullable=True),
    sa.Column('cancelled_at', t.MOMENT, nullable=True),
    sa.Column('cancel_reason', sa.String(length=500), nullable=True),
    sa.Column('version', t.BIG, nullable=False),
    sa.CheckConstraint("payee IN ('service_point', 'headquarters')", name=op.f('ck_charges_payee')),
    sa.CheckConstraint("status IN ('pending', 'cancelled') OR paid_on IS NOT NULL", name=op.f('ck_charges_paid')),
    sa.CheckConstraint("status IN ('pending', 'paid', 'cancelled', 'refund_pending', 'refunded')", name=op.f('ck_charges_status')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_charges_amount')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_charges_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_charges')),
    sa.UniqueConstraint('token', name=op.f('uq_charges_token')),
    sa.UniqueConstraint('txid', name=op.f('uq_charges_txid'))
    )
    op.create_index(op.f('ix_charges_created_at'), 'charges', ['created_at'], unique=False)
    op.create_index('ix_charges_service_point', 'charges', ['service_point_id', 'id'], unique=False)
    op.create_index('ix_charges_status', 'charges', ['status', 'id'], unique=False)
    op.create_index('ix_charges_subject', 'charges', ['subject_type', 'subject_id', 'id'], unique=False)
    t.create_table('payments',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('charge_id', t.BIG, nullable=False),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('end_to_end_id', t.CODE, nullable=False),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('at', t.MOMENT, nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_payments_amount')),
    sa.ForeignKeyConstraint(['charge_id'], ['charges.id'], name=op.f('fk_payments_charge_id_charges')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments'))
    )
    op.create_index(op.f('ix_payments_charge_id'), 'payments', ['charge_id'], unique=False)
    op.create_index('uq_payments_end_to_end', 'payments', ['provider', 'end_to_end_id'], unique=True)
    t.create_table('refunds',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('charge_id', t.BIG, nullable=False),
    sa.Column('payment_id', t.BIG, nullable=False),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('status', sa.String(length=8), nullable=False),
    sa.Column('requested_at', t.MOMENT, nullable=False),
    sa.Column('requested_by', t.BIG, nullable=True),
    sa.Column('attempts', t.BIG, nullable=False),
    sa.Column('lease_until', t.MOMENT, nullable=True),
    sa.Column('last_error', sa.String(length=200), nullable=True),
    sa.Column('done_at', t.MOMENT, nullable=True),
    sa.Column('done_by', t.BIG, nullable=True),
    sa.CheckConstraint("status IN ('pending', 'sent', 'done')", name=op.f('ck_refunds_status')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_refunds_amount')),
    sa.ForeignKeyConstraint(['charge_id'], ['charges.id'], name=op.f('fk_refunds_charge_id_charges')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_refunds_payment_id_payments')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_refunds_payment_id'))
    )
    op.create_index(op.f('ix_refunds_charge_id'), 'refunds', ['charge_id'], unique=False)
    op.create_index('ix_refunds_status', 'refunds', ['status', 'id'], unique=False)
    t.create_table('payment_notices',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('event_id', t.CODE, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('charge_id', t.BIG, nullable=False),
    sa.Column('end_to_end_id', t.CODE, nullable=False),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('received_at', t.MOMENT, nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.CheckConstraint("outcome IN ('counted', 'parked', 'differs')", name=op.f('ck_payment_notices_outcome')),
    sa.ForeignKeyConstraint(['charge_id'], ['charges.id'], name=op.f('fk_payment_notices_charge_id_charges')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_notices'))
    )
    op.create_index('ix_payment_notices_charge', 'payment_notices', ['charge_id', 'outcome'], unique=False)
    op.create_index('uq_payment_notices_event', 'payment_notices', ['provider', 'event_id'], unique=True)
    t.create_table('simulated_charges',
    sa.Column('txid', t.CODE, nullable=False),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('open', sa.Boolean(create_constraint=True, name='open'), nullable=False),
    sa.PrimaryKeyConstraint('txid', name=op.f('pk_simulated_charges'))
    )
    t.create_table('simulated_moves',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('event_id', t.CODE, nullable=False),
    sa.Column('txid', t.CODE, nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('end_to_end_id', t.CODE, nullable=False),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('at', t.MOMENT, nullable=False),
    sa.Column('key', t.CODE, nullable=True),
    sa.CheckConstraint("kind IN ('paid', 'refunded')", name=op.f('ck_simulated_moves_kind')),
    sa.ForeignKeyConstraint(['txid'], ['simulated_charges.txid'], name=op.f('fk_simulated_moves_txid_simulated_charges')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_simulated_moves')),
    sa.UniqueConstraint('event_id', name=op.f('uq_simulated_moves_event_id')),
    sa.UniqueConstraint('key', name=op.f('uq_simulated_moves_key'))
    )
    op.create_index(op.f('ix_simulated_moves_txid'), 'simulated_moves', ['txid'], unique=False)


def downgrade() -> None:
    op.drop_table('simulated_moves')
    op.drop_table('simulated_charges')
    op.drop_table('payment_notices')
    op.drop_table('refunds')
    op.drop_table('payments')
    op.drop_table('charges')
    op.drop_table('pix_accounts')
