"""Who may give money of a paid charge back.

The shipped profiles that confirm payments get it; profiles that were made by hand are left alone.
Going back takes it from every profile: nobody understands it there.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0945"
down_revision = "20261130_0940"
branch_labels = None
depends_on = None

PERMISSION = "payments.refund"
GRANTED = ("administrator", "finance", "owner")

profiles = sa.table("profiles", sa.column("code"), sa.column("permissions"))


def upgrade() -> None:
    _change(profiles.c.code.in_(GRANTED), lambda held: held | {PERMISSION})


def downgrade() -> None:
    _change(sa.true(), lambda held: held - {PERMISSION})


def _change(where, change) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(profiles.c.code, profiles.c.permissions).where(where)).all()
    for code, held in rows:
        permissions = " ".join(sorted(change(set((held or "").split()))))
        connection.execute(
            profiles.update().where(profiles.c.code == code).values(permissions=permissions)
        )
