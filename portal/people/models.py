"""Users, profiles, sessions and tokens."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import DIGEST
from portal.db import CODE, LONG_TEXT, Base, Code, Key


class Profile(Base):
    """An editable set of permissions, for people of headquarters or of service points."""

    __tablename__ = "profiles"
    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(CODE, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    headquarters: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="headquarters"))
    permissions: Mapped[str] = mapped_column(LONG_TEXT, default="")
    """Names of permissions, sorted, parted by one blank."""
    version: Mapped[int] = mapped_column(default=1)


class User(Base):
    """A person who signs in."""

    __tablename__ = "users"
    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(255))
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id"), index=True)
    active: Mapped[bool] = mapped_column(
        Boolean(create_constraint=True, name="active"), default=True
    )
    locale: Mapped[str] = mapped_column(String(8), default="pt_BR")
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    profile: Mapped[Profile] = relationship(lazy="joined", innerjoin=True)


class Membership(Base):
    """A user works for a service point."""

    __tablename__ = "memberships"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    service_point_id: Mapped[int] = mapped_column(
        ForeignKey("service_points.id"), primary_key=True, index=True
    )


class SignedInSession(Base):
    """A browser in which a user is signed in; the cookie holds only a secret that hashes to it."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user", "user_id", "ended_at"),)
    id: Mapped[Key]
    secret_hash: Mapped[bytes] = mapped_column(DIGEST, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(45), default="")
    browser: Mapped[str] = mapped_column(String(255), default="")


class ApiToken(Base):
    """A token for other systems, known only by its hash."""

    __tablename__ = "api_tokens"
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    prefix: Mapped[str] = mapped_column(String(12))
    secret_hash: Mapped[bytes] = mapped_column(DIGEST, unique=True)
    scopes: Mapped[str | None] = mapped_column(LONG_TEXT)
    """Names of permissions parted by blanks; None allows all that the user may."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """A failed sign-in, counted by account and by address in the shared database."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_email", "email", "at"),
        Index("ix_sign_in_attempts_address", "address", "at"),
        CheckConstraint("email <> '' OR address <> ''", name="who"),
    )
    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(254))
    address: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime]
