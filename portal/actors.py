"""Who is at work: a person at the screen, a token, or the portal itself."""

from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import InstrumentedAttribute


@dataclass(frozen=True, slots=True)
class Place:
    """A service point as its people know it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A user at work, with what the profile allows and the service points to be seen.

    Headquarters sees every service point. `address` and `request_id` say from where.
    """

    user_id: int | None
    email: str
    name: str
    profile_name: str
    headquarters: bool
    permissions: frozenset[str]
    service_points: tuple[Place, ...] = ()
    token_id: int | None = None
    session_id: str | None = None
    address: str = ""
    request_id: str = ""
    _ids: frozenset[int] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", frozenset(place.id for place in self.service_points))

    def may(self, permission: str) -> bool:
        """Whether the profile, and the token's scopes, allow it."""
        return permission in self.permissions

    @property
    def sees_costs(self) -> bool:
        """Whether acquisition prices, margins and balances may be shown."""
        return "costs.view" in self.permissions

    def sees(self, service_point_id: int) -> bool:
        """Whether the service point is one of the actor's."""
        return self.headquarters or service_point_id in self._ids

    def scope(self, column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Return the condition that keeps a select to what the actor may see."""
        if self.headquarters:
            return true()
        return column.in_(sorted(self._ids)) if self._ids else false()


PORTAL = Actor(
    user_id=None,
    email="portal",
    name="Repasse",
    profile_name="portal",
    headquarters=True,
    permissions=frozenset(),
)
