"""Why something about people is refused."""

from portal.errors import AlreadyExists, Conflict, Forbidden, NotFound, PortalError, Refused
from portal.i18n import N_


class SignInRefused(Refused):
    """The same answer for an unknown e-mail, a wrong password and a disabled user."""

    code = "sign_in_refused"
    text = N_("E-mail or password is wrong.")


class TooManyAttempts(PortalError):
    """The account or the address has to wait; the block ends by itself."""

    status = 429
    code = "too_many_attempts"
    text = N_("Too many attempts. Wait %(minutes)s minutes and repeat.")
    members = ("retry_after",)

    def __init__(self, seconds: int) -> None:
        super().__init__(minutes=max(1, -(-seconds // 60)), retry_after=seconds)


class WrongPassword(Refused):
    """Whoever changes the own password has to know it."""

    code = "wrong_password"
    text = N_("The current password is wrong.")


class NoSuchUser(NotFound):
    """Not there, or of other service points."""

    text = N_("This user does not exist.")


class NoSuchProfile(NotFound):
    """Not there."""

    text = N_("This profile does not exist.")


class NoSuchToken(NotFound):
    """Not there, or someone else's."""

    text = N_("This token does not exist.")


class NoSuchSession(NotFound):
    """Not there, ended, or someone else's."""

    text = N_("This session does not exist or has ended.")


class EmailTaken(AlreadyExists):
    """Two users never share an e-mail."""

    def __init__(self, email: str) -> None:
        super().__init__(what=email)


class ProfileTaken(AlreadyExists):
    """Two profiles never share a code."""

    def __init__(self, code: str) -> None:
        super().__init__(what=code)


class GrantTooWide(Forbidden):
    """Nobody gives, takes or manages what goes beyond what he may himself."""

    code = "grant_too_wide"
    text = N_("Nobody grants or manages more than the own profile allows.")


class NotYourServicePoint(Forbidden):
    """Who works for service points manages people of those alone."""

    code = "not_your_service_point"
    text = N_(
        "This user also works for service points that are not yours; headquarters manages it."
    )


class OwnAccount(Forbidden):
    """Nobody changes the own profile, or shuts himself out."""

    code = "own_account"
    text = N_("Nobody changes the own profile, service points or state; ask someone else.")


class Changed(Conflict):
    """Someone changed the password in the meantime."""

    text = N_("It was changed in the meantime. Repeat.")
