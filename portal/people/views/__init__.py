"""The pages about people: signing in, the own account, users, profiles."""

from portal.people.views import account, profiles, sign_in, users
from portal.people.views.door import bp

__all__ = ["account", "bp", "profiles", "sign_in", "users"]
