"""The pages about people: signing in, the own account, users, profiles."""

from portal.people.views import sign_in
from portal.people.views.door import bp

__all__ = ["bp", "sign_in"]
