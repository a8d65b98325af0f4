"""Why mails are not found, not sent, or not sent again."""

from portal.errors import Conflict, NotFound, PortalError
from portal.i18n import N_


class NoSuchMail(NotFound):
    """No mail has this number, or it is none of those the asker sees."""

    text = N_("There is no mail %(number)s.")

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class BeingSent(Conflict):
    """Somebody is sending it at this moment."""

    code = "being_sent"
    text = N_("This mail is being sent at this moment.")


class MailServerAway(PortalError):
    """The mail server takes nothing now: nobody answers, or the sign-in is refused."""

    status = 503
    code = "mail_server_away"
    text = N_("The mail server takes no mails: %(reason)s")
