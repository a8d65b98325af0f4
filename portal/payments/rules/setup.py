"""How the installation is paid: said once, when the application starts."""

import hashlib
import hmac
from dataclasses import dataclass

from portal.payments.rules.pix_keys import Recipient, clean


@dataclass(frozen=True, slots=True)
class Setup:
    """`headquarters` is its Pix account unless one is on file; `secret` signs what is simulated."""

    simulated: bool = False
    secret: bytes = b""
    headquarters: Recipient | None = None


class _Now:
    setup = Setup()


def configure(
    *, provider: str, secret: str, key: str = "", holder: str = "", city: str = ""
) -> None:
    """Set how charges are made; done once when the application starts.

    The secret of the simulated firm follows from the installation's: it never leaves this program.
    """
    _Now.setup = Setup(
        simulated=provider == "simulated",
        secret=hmac.digest(secret.encode(), b"simulated payments", hashlib.sha256),
        headquarters=clean(Recipient(key, holder, city)) if key else None,
    )


def setup() -> Setup:
    """Return how the installation is paid."""
    return _Now.setup
