"""The ways to be paid, and which one a new charge takes."""

from portal.payments.rules.pix_keys import Recipient
from portal.payments.rules.setup import setup
from portal.payments.services.providers.by_hand import Manual, PixStatic
from portal.payments.services.providers.protocol import (
    Arrived,
    Kind,
    Notification,
    Provider,
    Return,
    Returned,
    Standing,
)
from portal.payments.services.providers.simulated import Simulated

__all__ = [
    "FIRMS",
    "Arrived",
    "Kind",
    "Notification",
    "Provider",
    "Return",
    "Returned",
    "Standing",
    "choose",
    "firm_named",
    "provider_named",
]

_PROVIDERS: dict[str, Provider] = {one.name: one for one in (Manual(), PixStatic(), Simulated())}
FIRMS = tuple(one.name for one in _PROVIDERS.values() if one.is_firm)


def choose(recipient: Recipient | None) -> Provider:
    """Return how a new charge is paid: by the payee's Pix key, by hand without one."""
    if setup().simulated:
        return _PROVIDERS[Simulated.name]
    return _PROVIDERS[Manual.name if recipient is None else PixStatic.name]


def provider_named(name: str) -> Provider:
    """Return the provider of a charge."""
    return _PROVIDERS[name]


def firm_named(name: str) -> Provider | None:
    """Return the firm that is heard here; the simulated one only where it is used."""
    if name == Simulated.name and not setup().simulated:
        return None
    found = _PROVIDERS.get(name)
    return found if found is not None and found.is_firm else None
