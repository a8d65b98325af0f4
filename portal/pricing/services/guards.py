"""What every deed on prices checks first: who may, on which version, and whether the past moves."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import Forbidden, PreconditionFailed
from portal.pricing.errors import HeadquartersOnly, NoSuchTable, PastChange, ReasonMissing
from portal.pricing.models import PriceTable
from portal.pricing.queries.tables import table_of

REASON_LENGTH = 500


def lock_table(
    session: Session, by: Actor, table_id: int, version: int | None = None
) -> PriceTable:
    """Return the table, which nobody else changes until the end.

    Its row is written before anything is looked at: of two who publish at once the second waits
    here, and then sees what the first has published, on a cluster of databases too.
    """
    table_of(session, by, table_id)
    if not by.headquarters:
        raise HeadquartersOnly
    write = update(PriceTable).where(PriceTable.id == table_id)
    write = write.values(version=PriceTable.version + 1)
    session.execute(write, execution_options={"synchronize_session": False})
    table = session.get(PriceTable, table_id, populate_existing=True)
    if table is None:
        raise NoSuchTable(table_id)
    check_version(table.version - 1, version)
    return table


def check_version(present: int, seen: int | None) -> None:
    """Refuse a change of what was changed since it was read."""
    if seen is not None and seen != present:
        raise PreconditionFailed


def need(by: Actor, permission: str) -> None:
    """Refuse what the profile does not allow."""
    if not by.may(permission):
        raise Forbidden


def allow_past(by: Actor, permission: str, reason: str | None) -> None:
    """Let the past be changed with permission and a reason."""
    if not by.may(permission):
        raise PastChange
    if not told(reason):
        raise ReasonMissing


def told(reason: str | None) -> str | None:
    """Return a reason as it is stored; None when nothing was said."""
    return " ".join((reason or "").split())[:REASON_LENGTH] or None
