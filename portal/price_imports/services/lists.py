"""Kinds of lists: each says how its files are read and checked, and what becomes of them."""

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, NoReturn

from sqlalchemy.orm import Session

from portal.actors import Actor
from portal.errors import PortalError
from portal.price_imports.errors import Rehearsed
from portal.price_imports.errors.report import Report
from portal.price_imports.queries import Shelf
from portal.price_imports.rules.cells import Progress
from portal.price_imports.rules.columns import Layout
from portal.price_imports.rules.settings import Reading
from portal.price_imports.services.files import Opened, open_file
from portal.price_imports.services.importing import Wanted


class Stored(NamedTuple):
    """The edition that a list became, and what was in the list."""

    edition_id: int
    number: int
    report: Report


class Lists(Shelf):
    """A kind of list. `facts` is what has to be known of a table before its lists are read."""

    command: ClassVar[str]
    """The group of its commands."""
    layout: ClassVar[Layout]
    permission: ClassVar[str]
    publishing: ClassVar[str]
    """What one must be allowed to import, and to publish."""
    creates_products: ClassVar[bool] = False

    def open(self, file_name: str, content: bytes, given: Reading | None = None) -> Opened:
        """Open a file and find out how it is read; what is given stays."""
        return open_file(file_name, content, given, self.layout)

    def facts_of(self, table: Any) -> Any:
        """Return what its lists are read by."""
        return None

    @abstractmethod
    def check(self, opened: Opened, facts: Any, progress: Progress | None = None) -> Any:
        """Read and check all rows, as far as the list itself tells; ColumnsUnknown."""

    @abstractmethod
    def look(
        self, session: Session, table_id: int, checked: Any, wanted: Wanted, *, by: Actor
    ) -> Report:
        """Return what is wrong with a list beside what is on file; store nothing."""

    @abstractmethod
    def store(
        self,
        session: Session,
        table_id: int,
        checked: Any,
        wanted: Wanted,
        *,
        facts: Any,
        by: Actor,
        at: datetime,
    ) -> Stored:
        """Make a list an edition, and publish it if that is wanted; ImportRefused for its rows."""

    def note_refusal(self, refusal: PortalError) -> Callable[..., None] | None:
        """Return the deed that writes a refusal down, if it is one that is written down.

        It is done in a transaction of its own, with `by` and `at`: the refused one left nothing.
        """
        return None


def rehearse(
    session: Session,
    lists: Lists,
    table_id: int,
    checked: Any,
    wanted: Wanted,
    *,
    facts: Any,
    by: Actor,
    at: datetime,
) -> NoReturn:
    """Do all of it and undo it: Rehearsed says that it would go well."""
    done = lists.store(session, table_id, checked, wanted, facts=facts, by=by, at=at)
    raise Rehearsed(done.report)
