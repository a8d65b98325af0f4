"""Why charges, payments and Pix accounts are refused."""

from decimal import Decimal

from portal.errors import Conflict, Forbidden, NotFound, Problem, Refused
from portal.i18n import N_


class NoSuchCharge(NotFound):
    """No charge has this number, or it is not one of those the asker sees."""

    text = N_("There is no charge with this number.")


class NoSuchRefund(NotFound):
    """No refund has this number, or it is not one of those the asker sees."""

    text = N_("There is no refund with this number.")


class NoSuchPixAccount(NotFound):
    """Nobody has said yet where Pix is received."""

    text = N_("No Pix key is on file here.")


class AlreadyConfirmed(Conflict):
    """The money of this charge has been counted."""

    code = "already_confirmed"
    text = N_("This payment was already confirmed.")


class ChargeNotPending(Conflict):
    """Only what nobody has paid can be cancelled."""

    code = "charge_not_pending"
    text = N_("This charge no longer waits for a payment.")


class NotPaid(Conflict):
    """Nothing has arrived that could go back."""

    code = "charge_not_paid"
    text = N_("Nothing was paid on this charge that could be returned.")


class AlreadyRefunded(Conflict):
    """The money has gone back, or is on its way."""

    code = "already_refunded"
    text = N_("This payment was already returned.")


class RefundTooLarge(Refused):
    """More than what was paid and has not gone back yet."""

    code = "refund_too_large"
    text = N_("At most %(left)s can be returned.")

    def __init__(self, left: Decimal) -> None:
        facts = {"left": left}
        problem = Problem("amount", self.code, self.text, facts)
        super().__init__(problems=(problem,), **facts)


class ReturnedByHeadquarters(Forbidden):
    """Money that headquarters has received is not the service point's to return."""

    text = N_("This money was paid to headquarters: only headquarters returns it.")


class PaidToHeadquarters(Forbidden):
    """Who would gain by the word that money arrived at headquarters does not give it."""

    text = N_("This money is paid to headquarters: only headquarters confirms it.")


class ForgedNotice(Refused):
    """Not signed by the payment firm, too old, or not what it signs."""

    status = 401
    code = "forged_notification"
    text = N_("The notification is not signed by the payment firm.")


class UnknownCharge(Refused):
    """The firm tells of a charge that is not ours."""

    code = "unknown_charge"
    text = N_("The notification names no charge of this portal.")


class NoticeDiffers(Refused):
    """What the firm tells is not what is on file, or not what it answers when asked."""

    code = "notification_differs"
    text = N_("The notification does not fit the charge.")


class ProviderUnreachable(Exception):
    """The payment firm did not answer; what is to be done there is tried again."""
