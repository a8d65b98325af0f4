"""What profiles may do with sale tables, shops, payments, jobs and mails.

The shipped profiles get what suits them; profiles that were made by hand are left alone. Going
back takes the permissions from every profile: nobody understands them there.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_0900"
down_revision = "20261122_0930"
branch_labels = None
depends_on = None

SALE = "sale_prices.change_past sale_prices.edit sale_prices.publish sale_prices.view"
PAYMENTS = "payments.confirm payments.settings payments.view"
OPERATIONS = "operations.retry operations.view"
EVERY_ONE = f"{SALE} {PAYMENTS} {OPERATIONS} shop.edit"
GRANTED = {
    "administrator": EVERY_ONE,
    "pricing": SALE,
    "finance": f"{PAYMENTS} sale_prices.view",
    "auditor": "operations.view payments.view sale_prices.view",
    "owner": f"{PAYMENTS} sale_prices.edit sale_prices.publish sale_prices.view shop.edit",
    "seller": "payments.view sale_prices.view",
}

profiles = sa.table("profiles", sa.column("code"), sa.column("permissions"))


def upgrade() -> None:
    for code, permissions in GRANTED.items():
        _change(profiles.c.code == code, lambda held, more=permissions: held | set(more.split()))


def downgrade() -> None:
    _change(sa.true(), lambda held: held - set(EVERY_ONE.split()))


def _change(where, change) -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(profiles.c.code, profiles.c.permissions).where(where)).all()
    for code, held in rows:
        permissions = " ".join(sorted(change(set((held or "").split()))))
        connection.execute(
            profiles.update().where(profiles.c.code == code).values(permissions=permissions)
        )
