"""How often someone may fail to sign in (SAFETY T14).

Ten failures of an account in a quarter of an hour, fifty of an address. Where the account's owner
has been signed in before, only failures from that very address count: strangers cannot lock him
out from afar. Refused attempts are not counted, so that a block ends by itself.
"""

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

WINDOW = timedelta(minutes=15)
ACCOUNT_LIMIT = 10
ADDRESS_LIMIT = 50
KNOWN_FOR = timedelta(days=90)
"""How long an address counts as the account owner's after signing in there."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts in the window, the present one included.

    `account` those of the account from anywhere, `here` those of it from this address,
    `address` those of this address for any account; `known` whether the owner signed in here.
    """

    account: int
    here: int
    address: int
    known: bool


def must_wait(failures: Failures) -> bool:
    """Whether the present attempt is one too many."""
    of_account = failures.here if failures.known else failures.account
    return of_account > ACCOUNT_LIMIT or failures.address > ADDRESS_LIMIT


def origin_of(address: str) -> str:
    """Return what an address is counted as: IPv6 by its /64, which one subscriber has whole."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:45]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
