"""Files of lists on their way into an edition."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.dialects.mysql import LONGBLOB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import LargeBinary

from portal.db import LONG_TEXT, Base, Key

STATE_RULE = "state IN ('uploaded', 'running', 'checked', 'failed', 'stored')"


class ImportState(StrEnum):
    """How far a file is: uploaded, being checked or stored, checked, given up, stored."""

    UPLOADED = "uploaded"
    RUNNING = "running"
    CHECKED = "checked"
    FAILED = "failed"
    STORED = "stored"


class Upload:
    """A file of any kind of list, how it is read and what for, how far it is, what came of it."""

    user_id: Mapped[int | None] = mapped_column(index=True)
    """Whose it is: nobody else sees it."""
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(
        LargeBinary().with_variant(LONGBLOB, "mysql", "mariadb"), deferred=True
    )
    """The file, packed; gone once it is stored."""
    options: Mapped[str] = mapped_column(LONG_TEXT)
    """How it is read (columns, decimal style) and what for (window, publish), as JSON."""
    state: Mapped[str] = mapped_column(String(10), default=ImportState.UPLOADED)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    report: Mapped[str | None] = mapped_column(LONG_TEXT, deferred=True)
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    """When the present run began; it marks the run, so that one given up stores nothing."""
    finished_at: Mapped[datetime | None]

    if TYPE_CHECKING:
        id: Mapped[Key]
        table_id: Mapped[int]
        """The table that it is a list for."""
        edition_id: Mapped[int | None]
        """What it became."""


class PriceImport(Upload, Base):
    """A file of acquisition prices."""

    __tablename__ = "price_imports"
    __table_args__ = (CheckConstraint(STATE_RULE, name="state"),)
    id: Mapped[Key]
    table_id: Mapped[int] = mapped_column(
        "price_table_id", ForeignKey("price_tables.id"), index=True
    )
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("editions.id", ondelete="SET NULL"))
