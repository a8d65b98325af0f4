"""What happened to a thing, and who did it: the trail that a record's page shows."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import Deed
from portal.people.models import User

RECENT = 30


@dataclass(frozen=True, slots=True)
class Happening:
    """One deed; `who` None is the portal itself."""

    action: str
    at: datetime
    who: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str | None


def history_of(
    session: Session, kind: str, key: int | str, *, limit: int = RECENT
) -> list[Happening]:
    """Return the latest deeds about one thing, newest first; who may see it is asked before."""
    wanted = (
        select(Deed, User.name)
        .outerjoin(User, User.id == Deed.actor_id)
        .where(Deed.entity_type == kind, Deed.entity_id == str(key))
        .order_by(Deed.id.desc())
        .limit(limit)
    )
    return [_happening(deed, who) for deed, who in session.execute(wanted).tuples()]


def _happening(deed: Deed, who: str | None) -> Happening:
    before, after = (json.loads(text) if text else {} for text in (deed.before, deed.after))
    return Happening(deed.action, deed.at, who, before, after, deed.reason)
