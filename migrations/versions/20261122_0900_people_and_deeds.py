"""People, their sessions and tokens, and the deeds that record what was done."""

import sqlalchemy as sa
from alembic import op

from migrations import tables as t

revision = "20261122_0900"
down_revision = None
branch_labels = None
depends_on = None

DEED_COLUMNS = (
    "id",
    "at",
    "actor_id",
    "token_id",
    "address",
    "request_id",
    "action",
    "entity_type",
    "entity_id",
    "service_point_id",
    "reason",
    "before",
    "after",
    "account_id",
    "first_seq",
    "entries",
    "idem_hash",
    "fingerprint",
    "status",
    "answer",
)


def upgrade() -> None:
    t.create_table('deeds',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('at', t.MOMENT, nullable=False),
    sa.Column('actor_id', t.BIG, nullable=True),
    sa.Column('token_id', t.BIG, nullable=True),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('request_id', sa.String(length=64), nullable=False),
    sa.Column('action', sa.String(length=48), nullable=False),
    sa.Column('entity_type', sa.String(length=32), nullable=False),
    sa.Column('entity_id', sa.String(length=64), nullable=False),
    sa.Column('service_point_id', t.BIG, nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('before', t.LONG_TEXT, nullable=True),
    sa.Column('after', t.LONG_TEXT, nullable=True),
    sa.Column('account_id', t.BIG, nullable=True),
    sa.Column('first_seq', t.BIG, nullable=True),
    sa.Column('entries', t.BIG, nullable=True),
    sa.Column('idem_hash', t.DIGEST, nullable=True),
    sa.Column('fingerprint', t.DIGEST, nullable=True),
    sa.Column('status', sa.SmallInteger(), nullable=True),
    sa.Column('answer', t.LONG_TEXT, nullable=True),
    sa.Column('send_state', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('send_state BETWEEN 0 AND 3', name=op.f('ck_deeds_send_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deeds')),
    sa.UniqueConstraint('idem_hash', name=op.f('uq_deeds_idem_hash')),
    sqlite_autoincrement=True
    )
    op.create_index('ix_deeds_account', 'deeds', ['account_id', 'first_seq'], unique=False)
    op.create_index(op.f('ix_deeds_actor_id'), 'deeds', ['actor_id'], unique=False)
    op.create_index(op.f('ix_deeds_at'), 'deeds', ['at'], unique=False)
    op.create_index('ix_deeds_entity', 'deeds', ['entity_type', 'entity_id', 'id'], unique=False)
    op.create_index('ix_deeds_send_state', 'deeds', ['send_state', 'id'], unique=False)
    t.create_table('profiles',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('code', t.CODE, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('headquarters', sa.Boolean(create_constraint=True, name='headquarters'), nullable=False),
    sa.Column('permissions', t.LONG_TEXT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profiles')),
    sa.UniqueConstraint('code', name=op.f('uq_profiles_code'))
    )
    t.create_table('users',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('password_hash', sa.String(length=255), nullable=False),
    sa.Column('profile_id', t.BIG, nullable=False),
    sa.Column('active', sa.Boolean(create_constraint=True, name='active'), nullable=False),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('password_changed_at', t.MOMENT, nullable=False),
    sa.Column('version', t.BIG, nullable=False),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_users_profile_id_profiles')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email'))
    )
    op.create_index(op.f('ix_users_profile_id'), 'users', ['profile_id'], unique=False)
    t.create_table('sessions',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('secret_hash', t.DIGEST, nullable=False),
    sa.Column('user_id', t.BIG, nullable=False),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('seen_at', t.MOMENT, nullable=False),
    sa.Column('expires_at', t.MOMENT, nullable=False),
    sa.Column('ended_at', t.MOMENT, nullable=True),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('browser', sa.String(length=255), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_sessions_secret_hash'))
    )
    op.create_index('ix_sessions_user', 'sessions', ['user_id', 'ended_at'], unique=False)
    t.create_table('api_tokens',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('user_id', t.BIG, nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('prefix', sa.String(length=12), nullable=False),
    sa.Column('secret_hash', t.DIGEST, nullable=False),
    sa.Column('scopes', t.LONG_TEXT, nullable=True),
    sa.Column('created_at', t.MOMENT, nullable=False),
    sa.Column('expires_at', t.MOMENT, nullable=True),
    sa.Column('revoked_at', t.MOMENT, nullable=True),
    sa.Column('used_at', t.MOMENT, nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_tokens_user_id_users')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_api_tokens_secret_hash'))
    )
    op.create_index(op.f('ix_api_tokens_user_id'), 'api_tokens', ['user_id'], unique=False)
    t.create_table('sign_in_attempts',
    sa.Column('id', t.BIG, nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('at', t.MOMENT, nullable=False),
    sa.CheckConstraint("email <> '' OR address <> ''", name=op.f('ck_sign_in_attempts_who')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempts'))
    )
    op.create_index('ix_sign_in_attempts_address', 'sign_in_attempts', ['address', 'at'], unique=False)
    op.create_index('ix_sign_in_attempts_email', 'sign_in_attempts', ['email', 'at'], unique=False)
    changed = " OR ".join(f"NOT (NEW.{name} <=> OLD.{name})" for name in DEED_COLUMNS)
    t.refuse("deeds", "UPDATE", "a deed never changes", when=changed)
    t.refuse("deeds", "DELETE", "a deed is never deleted")


def downgrade() -> None:
    op.drop_table('sign_in_attempts')
    op.drop_table('api_tokens')
    op.drop_table('sessions')
    op.drop_table('users')
    op.drop_table('profiles')
    op.drop_table('deeds')
