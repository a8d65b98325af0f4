"""Work that follows a commit: noted in the session, done by `transact` once all is stored.

For what may be tried sooner than its job would: it is done in a transaction of its own, and when
it fails, nobody is told but the log.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

Work = tuple[Callable[..., bool], tuple[Any, ...]]
"""A deed that says whether there is more of it to do, and what it is handed after its session."""
_NOTED = "afterwards"


def after_commit(session: Session, deed: Callable[..., bool], *given: Any) -> None:
    """Note a deed to be done once the session is committed."""
    noted = session.info.setdefault(_NOTED, [])
    if (deed, given) not in noted:
        noted.append((deed, given))


def noted_in(session: Session) -> list[Work]:
    """Return what was noted, in its order."""
    noted: list[Work] = session.info.get(_NOTED, [])
    return noted
