"""The profiles that come with the portal; from here on they are the installation's own.

Going back leaves those that somebody has: users never lose their profile on the way.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0930"
down_revision = "20261122_0925"
branch_labels = None
depends_on = None

EVERY_ONE = (
    "assignments.change_past assignments.edit audit.view catalogue.edit catalogue.view costs.view "
    "credit.debit credit.grant credit.reverse orders.cancel orders.cancel_fulfilled orders.edit_sale "
    "orders.fulfill orders.place orders.sell_below_acquisition orders.view partners.edit partners.view "
    "policies.edit prices.change_past prices.edit prices.publish prices.view profiles.edit users.edit "
    "users.view"
)
PRICING = (
    "assignments.change_past assignments.edit audit.view catalogue.edit catalogue.view costs.view "
    "orders.view partners.view prices.change_past prices.edit prices.publish prices.view"
)
FINANCE = (
    "audit.view catalogue.view costs.view credit.debit credit.grant credit.reverse orders.cancel "
    "orders.cancel_fulfilled orders.view partners.edit partners.view policies.edit prices.view"
)
AUDITOR = "audit.view catalogue.view costs.view orders.view partners.view prices.view users.view"
OWNER = (
    "catalogue.view costs.view orders.cancel orders.fulfill orders.place orders.view partners.view "
    "users.edit users.view"
)
SELLER = "catalogue.view orders.place orders.view partners.view"

SHIPPED = (
    ("administrator", "Administrador", True, EVERY_ONE),
    ("pricing", "Preços", True, PRICING),
    ("finance", "Financeiro", True, FINANCE),
    ("auditor", "Auditor", True, AUDITOR),
    ("owner", "Proprietário", False, OWNER),
    ("seller", "Vendedor", False, SELLER),
)

profiles = sa.table(
    "profiles",
    sa.column("id"),
    sa.column("code"),
    sa.column("name"),
    sa.column("headquarters", sa.Boolean()),
    sa.column("permissions"),
    sa.column("version"),
)
users = sa.table("users", sa.column("profile_id"))


def upgrade() -> None:
    present = set(op.get_bind().scalars(sa.select(profiles.c.code)))
    for code, name, headquarters, permissions in SHIPPED:
        if code not in present:
            row = {
                "code": code,
                "name": name,
                "headquarters": headquarters,
                "permissions": permissions,
                "version": 1,
            }
            op.execute(profiles.insert().values(row))


def downgrade() -> None:
    in_use = sa.select(users.c.profile_id)
    shipped = profiles.c.code.in_([code for code, *_ in SHIPPED])
    op.execute(profiles.delete().where(shipped, profiles.c.id.not_in(in_use)))
