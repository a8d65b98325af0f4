"""Why a job cannot be asked for."""

from portal.errors import Conflict, NotFound
from portal.i18n import N_


class NoSuchJob(NotFound):
    """The portal has no job of this name."""

    text = N_("There is no job %(job)s.")

    def __init__(self, job: str) -> None:
        super().__init__(job=job)


class AskedAlready(Conflict):
    """Somebody asked for it, and it has not begun."""

    code = "asked_already"
    text = N_("This job is already asked for and begins in a moment.")
