"""Which pages are open to whom: by what the route asks for, and by what stands in the address."""

from dataclasses import dataclass
from string import Formatter

from portal.people.models import User
from portal.people.rules.permissions import as_set
from tests.safety.routes import Route

EVERYBODY = frozenset({"public", "signed_in"})
MAKERS = dict.fromkeys(("import", "right", "wrong"), "pricing") | dict.fromkeys(
    ("sale_import", "sale_right", "sale_wrong"), "owner"
)
"""Who sent the lists of the scene: an import is found by whoever sent it, and nobody else."""


@dataclass(frozen=True)
class Looker:
    """Who looks at the pages."""

    profile: str
    email: str
    permissions: frozenset[str]
    headquarters: bool

    @classmethod
    def of(cls, user: User) -> "Looker":
        """Return a user with all that the profile allows."""
        profile = user.profile
        return cls(profile.code, user.email, as_set(profile.permissions), profile.headquarters)

    def may_open(self, route: Route, pattern: str) -> bool:
        """Whether a page is open; the pattern is its address with the names of what is in it."""
        if not set(route.permissions) <= self.permissions | EVERYBODY:
            return False
        if "hq" in route.conditions and not self.headquarters:
            return False
        return all(self._finds(name) for _, name, _, _ in Formatter().parse(pattern) if name)

    def _finds(self, name: str) -> bool:
        if name in MAKERS:
            return self.profile == MAKERS[name]
        if name == "draft":
            return self.headquarters
        if name == "sale_draft":
            return self.headquarters or "sale_prices.edit" in self.permissions
        return True
