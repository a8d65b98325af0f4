"""One family of errors: a code for systems, a text for people, facts for both.

Doors map the family to a status once: NotFound 404, Forbidden 403, Conflict 409, Refused 422.
"""

import dataclasses
from typing import Any, ClassVar

from portal.i18n import N_


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field; `field` is a path such as `lines[2].quantity`."""

    field: str
    code: str
    text: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


class PortalError(Exception):
    """What the portal refuses to do, and why.

    `facts` fill in `text`; those named in `members` also stand as members of the answer.
    Facts named in `costly` are shown only to those who may see acquisition prices.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    text: ClassVar[str] = N_("Something went wrong.")
    plain_text: ClassVar[str | None] = None
    members: ClassVar[tuple[str, ...]] = ()
    costly: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, problems: tuple[Problem, ...] = (), **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts
        self.problems = problems

    def __str__(self) -> str:
        return f"{self.code} {self.facts}"


class NotFound(PortalError):
    """It is not there, or not yours to see."""

    status = 404
    code = "not_found"
    text = N_("There is nothing here, or it is not yours to see.")


class Forbidden(PortalError):
    """Known, but not allowed."""

    status = 403
    code = "forbidden"
    text = N_("Your profile does not allow this.")


class Conflict(PortalError):
    """The state of things does not allow it now."""

    status = 409
    code = "conflict"
    text = N_("This no longer fits what is stored.")


class AlreadyExists(Conflict):
    """Something with the same key is there."""

    code = "already_exists"
    text = N_("%(what)s is there already.")


class Refused(PortalError):
    """Understood, and refused by a rule."""

    status = 422
    code = "refused"
    text = N_("This is not allowed.")


class Invalid(Refused):
    """Values that are malformed or out of range; `problems` names each."""

    code = "invalid"
    text = N_("Some values need a correction.")


class PreconditionFailed(PortalError):
    """It was changed by someone else since it was read."""

    status = 412
    code = "precondition_failed"
    text = N_("It was changed since you read it. Load it again and repeat.")


class Busy(PortalError):
    """Too much at once; the same request may be repeated."""

    status = 503
    code = "busy"
    text = N_("The portal is busy. Repeat the same request in a moment.")


def invalid(field_path: str, text: str, code: str = "invalid", **facts: Any) -> Invalid:
    """Return the refusal of one field."""
    return Invalid(problems=(Problem(field_path, code, text, facts),))
