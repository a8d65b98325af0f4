"""Accounts, lots and the append-only journal."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261122_0920"
down_revision = '20261122_0915'
branch_labels = None
depends_on = None

POSTINGS = """
CREATE VIEW postings AS
SELECT deed_id, account_id, seq, credit_type_id, NULL AS book, qty, value FROM entries
UNION ALL
SELECT deed_id, account_id, seq, credit_type_id, book, -qty, -value FROM entries
"""


def upgrade() -> None:
    t.create_table('credit_types',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('code', t.CODE, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('scale', sa.SmallInteger(), nullable=False),
    sa.Column('unit_value', t.BIG, nullable=False),
    sa.CheckConstraint('scale BETWEEN 0 AND 4', name=op.f('ck_credit_types_scale')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_types')),
    sa.UniqueConstraint('code', name=op.f('uq_credit_types_code'))
    )
    t.create_table('accounts',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=True),
    sa.Column('credit_type_id', t.BIG, nullable=False),
    sa.Column('scale', sa.SmallInteger(), nullable=False),
    sa.Column('balance', t.BIG, nullable=False),
    sa.Column('held', t.BIG, nullable=False),
    sa.Column('debt', t.BIG, nullable=False),
    sa.Column('floor', t.BIG, nullable=False),
    sa.Column('seq', t.BIG, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.Column('last_hash', t.DIGEST, nullable=False),
    sa.Column('moved_at', t.MOMENT, nullable=True),
    sa.Column('current_lot_id', t.BIG, nullable=True),
    sa.CheckConstraint('debt >= 0', name=op.f('ck_accounts_debt')),
    sa.CheckConstraint('floor <= 0', name=op.f('ck_accounts_floor')),
    sa.CheckConstraint('held >= 0', name=op.f('ck_accounts_held')),
    sa.ForeignKeyConstraint(['credit_type_id'], ['credit_types.id'], name=op.f('fk_accounts_credit_type_id_credit_types')),
    sa.ForeignKeyConstraint(['service_point_id'], ['service_points.id'], name=op.f('fk_accounts_service_point_id_service_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts'))
    )
    op.create_index(op.f('ix_accounts_credit_type_id'), 'accounts', ['credit_type_id'], unique=False)
    op.create_index('uq_accounts_service_point_id', 'accounts', ['service_point_id', 'credit_type_id'], unique=True)
    t.create_table('lots',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('account_id', t.BIG, nullable=False),
    sa.Column('kind', sa.String(length=5), nullable=False),
    sa.Column('kind_rank', sa.SmallInteger(), nullable=False),
    sa.Column('face', t.BIG, nullable=False),
    sa.Column('paid', t.BIG, nullable=False),
    sa.Column('remaining', t.BIG, nullable=False),
    sa.Column('used', t.BIG, nullable=False),
    sa.Column('expired', t.BIG, nullable=False),
    sa.Column('gone', t.BIG, nullable=False),
    sa.Column('moved', t.BIG, nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.Column('origin', sa.String(length=12), nullable=False),
    sa.Column('granted_at', t.MOMENT, nullable=False),
    sa.Column('from_lot_id', t.BIG, nullable=True),
    sa.Column('is_open', sa.Boolean(create_constraint=True, name='is_open_bool'), nullable=False),
    sa.CheckConstraint("kind IN ('paid', 'bonus')", name=op.f('ck_lots_kind')),
    sa.CheckConstraint('face > 0', name=op.f('ck_lots_face')),
    sa.CheckConstraint('is_open = (remaining > 0)', name=op.f('ck_lots_is_open')),
    sa.CheckConstraint('paid >= 0', name=op.f('ck_lots_paid')),
    sa.CheckConstraint('remaining >= 0 AND remaining <= face', name=op.f('ck_lots_remaining')),
    sa.CheckConstraint('used >= 0 AND expired >= 0 AND gone >= 0', name=op.f('ck_lots_parts')),
    sa.CheckConstraint('remaining + used + expired + gone = face', name=op.f('ck_lots_whole')),
    sa.CheckConstraint('moved >= 0 AND moved <= paid', name=op.f('ck_lots_moved')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lots')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_lots_account', 'lots', ['account_id', 'id'], unique=False)
    op.create_index('ix_lots_burning', 'lots', ['account_id', 'is_open', 'expires_on', 'kind_rank', 'id'], unique=False)
    op.create_index('ix_lots_expiring', 'lots', ['is_open', 'expires_on', 'account_id'], unique=False)
    t.create_table('entries',
    sa.Column('account_id', t.BIG, nullable=False),
    sa.Column('seq', t.BIG, nullable=False),
    sa.Column('line', t.BIG, nullable=False),
    sa.Column('deed_id', t.BIG, nullable=False),
    sa.Column('book', sa.String(length=10), nullable=False),
    sa.Column('credit_type_id', t.BIG, nullable=False),
    sa.Column('qty', t.BIG, nullable=False),
    sa.Column('value', t.BIG, nullable=False),
    sa.Column('lot_id', t.BIG, nullable=True),
    sa.Column('debt_id', t.BIG, nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('order_id', t.BIG, nullable=True),
    sa.Column('reverses_id', t.BIG, nullable=True),
    sa.Column('actor_id', t.BIG, nullable=True),
    sa.Column('booked_at', t.MOMENT, nullable=False),
    sa.Column('balance_after', t.BIG, nullable=False),
    sa.Column('floor', t.BIG, nullable=False),
    sa.Column('opens', sa.String(length=20), nullable=True),
    sa.Column('hash', t.DIGEST, nullable=False),
    sa.PrimaryKeyConstraint('account_id', 'seq', name=op.f('pk_entries'))
    )
    op.create_index('ix_entries_booked_at', 'entries', ['account_id', 'booked_at'], unique=False)
    op.create_index('ix_entries_order', 'entries', ['order_id'], unique=False)
    t.create_table('debts',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('account_id', t.BIG, nullable=False),
    sa.Column('deed_id', t.BIG, nullable=False),
    sa.Column('order_id', t.BIG, nullable=True),
    sa.Column('amount', t.BIG, nullable=False),
    sa.Column('remaining', t.BIG, nullable=False),
    sa.Column('is_open', sa.Boolean(create_constraint=True, name='debt_open_bool'), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_debts_amount')),
    sa.CheckConstraint('is_open = (remaining > 0)', name=op.f('ck_debts_is_open')),
    sa.CheckConstraint('remaining >= 0 AND remaining <= amount', name=op.f('ck_debts_remaining')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_debts')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_debts_deed', 'debts', ['deed_id'], unique=False)
    op.create_index('ix_debts_open', 'debts', ['account_id', 'is_open', 'id'], unique=False)
    t.create_table('debt_payments',
    sa.Column('debt_id', t.BIG, autoincrement=False, nullable=False),
    sa.Column('seq', t.BIG, autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('debt_id', 'seq', name=op.f('pk_debt_payments'))
    )
    t.create_table('reversals',
    sa.Column('deed_id', t.BIG, autoincrement=False, nullable=False),
    sa.Column('reversed_by', t.BIG, nullable=False),
    sa.PrimaryKeyConstraint('deed_id', name=op.f('pk_reversals'))
    )
    t.create_table('account_floors',
    sa.Column('account_id', t.BIG, autoincrement=False, nullable=False),
    sa.Column('since', t.MOMENT, nullable=False),
    sa.Column('floor', t.BIG, nullable=False),
    sa.CheckConstraint('floor <= 0', name=op.f('ck_account_floors_floor')),
    sa.PrimaryKeyConstraint('account_id', 'since', name=op.f('pk_account_floors'))
    )
    t.refuse("entries", "UPDATE", "an entry never changes")
    t.refuse("entries", "DELETE", "an entry is never deleted")
    op.execute(POSTINGS)
    op.execute("INSERT INTO credit_types (code, name, scale, unit_value) VALUES ('BRL', 'Real', 2, 10000)")


def downgrade() -> None:
    op.execute("DROP VIEW postings")
    op.drop_table('account_floors')
    op.drop_table('reversals')
    op.drop_table('debt_payments')
    op.drop_table('debts')
    op.drop_table('entries')
    op.drop_table('lots')
    op.drop_table('accounts')
    op.drop_table('credit_types')
