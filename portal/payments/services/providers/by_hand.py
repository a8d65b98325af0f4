"""Being paid without a payment firm: a person sees the money and says so."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.payments.errors import ForgedNotice
from portal.payments.models import Charge
from portal.payments.rules.br_code import br_code
from portal.payments.rules.pix_keys import Recipient
from portal.payments.services.providers.protocol import Notification, Return, Standing


class Manual:
    """Nothing but the amount: cash, a transfer, whatever was agreed."""

    name = "manual"
    is_firm = False

    def create_charge(self, session: Session, charge: Charge, recipient: Recipient | None) -> None:
        """Ask for nothing more: there is no code to show."""

    def cancel_charge(self, session: Session, txid: str) -> None:
        """Tell nobody: who pays all the same is seen by a person."""

    def get_charge(self, session: Session, txid: str) -> Standing | None:
        """Know nothing: there is nobody to ask."""
        return None

    def refund(self, session: Session, wanted: Return) -> None:
        """Leave it to a person, who confirms it."""

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> Notification:
        """Refuse: nobody notifies."""
        raise ForgedNotice

    def reconcile(self, session: Session, day: date) -> Sequence[Standing]:
        """Know nothing: there is nobody to ask."""
        return ()


class PixStatic(Manual):
    """A BR Code of the payee's own key: the txid tells the charge on the bank statement."""

    name = "pix_static"

    def create_charge(self, session: Session, charge: Charge, recipient: Recipient | None) -> None:
        """Write the code that is shown, copied and pasted."""
        if recipient is None:
            raise ValueError("a Pix charge needs a key")
        charge.holder = recipient.holder
        charge.br_code = br_code(
            key=recipient.key,
            name=recipient.holder,
            city=recipient.city,
            txid=charge.txid,
            amount=charge.amount,
        )
