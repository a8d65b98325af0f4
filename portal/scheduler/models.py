"""Who leads, and what was run."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import LONG_TEXT, Base, Key

LEADER = "scheduler"
"""The name of the one lease there is."""


class RunState(StrEnum):
    """Asked for by somebody, at work, ended well, or not."""

    WANTED = "wanted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Lease(Base):
    """Who may do what only one may do, until when; all times are the database's own.

    `fence` rises with every new holder, so that what an old one still does can be told apart.
    `beats` is written by whoever relies on holding it: a look alone would not be seen by another
    node of a cluster.
    """

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    fence: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str] = mapped_column(String(100), default="")
    beats: Mapped[int] = mapped_column(default=0)
    taken_at: Mapped[datetime]
    until: Mapped[datetime]


class JobRun(Base):
    """One run of a job: at most one for each slot of its timetable."""

    __tablename__ = "job_runs"
    __table_args__ = (
        Index("uq_job_runs_slot", "job", "slot", unique=True),
        Index("ix_job_runs_job", "job", "id"),
        Index("ix_job_runs_state", "state", "id"),
        CheckConstraint("state IN ('wanted', 'running', 'done', 'failed')", name="state"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    job: Mapped[str] = mapped_column(String(40))
    slot: Mapped[str] = mapped_column(String(48))
    state: Mapped[str] = mapped_column(String(8))
    fence: Mapped[int] = mapped_column(default=0)
    asked_by: Mapped[int | None]
    started_at: Mapped[datetime]
    """When it began, or was asked for."""
    finished_at: Mapped[datetime | None]
    """None while it runs, and for ever where its process died."""
    result: Mapped[str | None] = mapped_column(LONG_TEXT)
    """What the job told, as JSON: a text and its facts, so that it can be said in any language."""
