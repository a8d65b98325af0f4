"""What every deed on prices checks first (who may, on which version, whether the past moves), and
how it is written down; of acquisition and of sale prices.
"""

from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.audit.services import record
from portal.errors import Forbidden, PreconditionFailed
from portal.partners.models import ServicePoint
from portal.pricing.errors import EditionFrozen, HeadquartersOnly, PastChange, ReasonMissing
from portal.pricing.models import Dated, EditionState, Priced, PriceTable
from portal.pricing.queries.tables import table_of

AnyTable = TypeVar("AnyTable", bound=Priced)
REASON_LENGTH = 500


def lock_table(
    session: Session, by: Actor, table_id: int, version: int | None = None
) -> PriceTable:
    """Return the table, which nobody else changes until the end.

    Of two who publish at once the second waits here, and then sees what the first has published.
    """
    table_of(session, by, table_id)
    if not by.headquarters:
        raise HeadquartersOnly
    return held_table(session, PriceTable, table_id, version)


def held_table(
    session: Session, kind: type[AnyTable], table_id: int, version: int | None
) -> AnyTable:
    """Return a table that is known to be there, held until the end, as it stands."""
    hold(session, kind, table_id)
    table = session.get_one(kind, table_id, populate_existing=True)
    check_version(table.version - 1, version)
    return table


def hold(session: Session, kind: type[Priced | ServicePoint], number: int) -> None:
    """Let nobody else change a table or a service point until the end.

    Its row is written before anything is looked at, which holds on a cluster of databases too.
    """
    write = update(kind).where(kind.id == number).values(version=kind.version + 1)
    session.execute(write, execution_options={"synchronize_session": False})


def check_version(present: int, seen: int | None) -> None:
    """Refuse a change of what was changed since it was read."""
    if seen is not None and seen != present:
        raise PreconditionFailed


def check_draft(edition: Dated, seen: int | None) -> None:
    """Refuse a change of what was changed since it was read, or is no draft any more."""
    check_version(edition.version, seen)
    if edition.state != EditionState.DRAFT:
        raise EditionFrozen(edition.number)


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


def note(
    session: Session,
    action: str,
    table: Priced,
    edition: Dated | None = None,
    *,
    by: Actor,
    at: datetime,
    **facts: Any,
) -> None:
    """Write a deed on a table, or on one of its editions, down under the table."""
    if edition is not None:
        for name in ("before", "after"):
            if facts.get(name):
                facts[name] = {"edition": edition.number} | facts[name]
    record(
        session,
        by=by,
        action=action,
        entity=(table.entity, table.id),
        at=at,
        service_point_id=table.service_point_id,
        **facts,
    )
