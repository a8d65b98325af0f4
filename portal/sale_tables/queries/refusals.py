"""How often sale prices were refused to those who could learn acquisition prices that way."""

from datetime import datetime

from sqlalchemy import Connection

from portal.db import Sql, as_moment

REFUSED_PRICE = "refused_price"
"""What deeds that count refused sale prices are about: by the user's id."""
REFUSALS_AN_HOUR = 5
LAST_REFUSED = f"""(SELECT r.at FROM deeds r WHERE r.entity_type = '{REFUSED_PRICE}'
    AND r.entity_id = :user ORDER BY r.id DESC LIMIT 1 OFFSET {REFUSALS_AN_HOUR - 1})"""  # noqa: S608 - constants
_GUESSED_AT = Sql(f"SELECT {LAST_REFUSED}")


def guessed_at(connection: Connection, user_id: int | None) -> datetime | None:
    """Return when somebody's fifth last sale price was refused."""
    row = _GUESSED_AT.run(connection, user=str(user_id)).first()
    return as_moment(row[0]) if row is not None and row[0] is not None else None
