"""The deed: one row is the audit line, the outbox message and the idempotent answer."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String
from sqlalchemy.dialects.mysql import BINARY
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import LONG_TEXT, Base, Key

DIGEST = LargeBinary(32).with_variant(BINARY(32), "mysql", "mariadb")


class Deed(Base):
    """Something that was done: who, when, from where, before and after.

    Only `send_state` ever changes; triggers refuse everything else. Its id is the number of the
    credit transaction that it carries, if it carries one (`account_id`, `first_seq`, `entries`).
    `idem_hash`, `fingerprint`, `status` and `answer` make it the record of an idempotency key.
    """

    __tablename__ = "deeds"
    __table_args__ = (
        Index("ix_deeds_entity", "entity_type", "entity_id", "id"),
        CheckConstraint("send_state BETWEEN 0 AND 3", name="send_state"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(index=True)
    token_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(45), default="")
    request_id: Mapped[str] = mapped_column(String(64), default="")
    action: Mapped[str] = mapped_column(String(48))
    entity_type: Mapped[str] = mapped_column(String(32), default="")
    entity_id: Mapped[str] = mapped_column(String(64), default="")
    service_point_id: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(500))
    before: Mapped[str | None] = mapped_column(LONG_TEXT)
    after: Mapped[str | None] = mapped_column(LONG_TEXT)
    account_id: Mapped[int | None]
    first_seq: Mapped[int | None]
    entries: Mapped[int | None]
    idem_hash: Mapped[bytes | None] = mapped_column(DIGEST, unique=True)
    fingerprint: Mapped[bytes | None] = mapped_column(DIGEST)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    answer: Mapped[str | None] = mapped_column(LONG_TEXT)
    send_state: Mapped[int] = mapped_column(SmallInteger, default=0)
