"""Why the service point's side of its shop is refused."""

from collections.abc import Mapping

from portal.errors import Conflict, NotFound, Problem, Refused
from portal.i18n import N_


class LogoRefused(Refused):
    """An uploaded logo is none: what it is, how large it is, or how many dots it has."""

    code = "logo_refused"
    text = N_("This file is no logo that the shop can show.")

    def __init__(self, said: str, **facts: int) -> None:
        super().__init__(problems=(Problem("file", self.code, said, facts),))


class NoShopYet(NotFound):
    """The service point has given its shop no address."""

    text = N_("This service point has no shop yet: choose its address first.")


class ShopNotReady(Conflict):
    """Something is missing before visitors can buy."""

    code = "shop_not_ready"
    text = N_("The shop cannot open yet: look at what is missing.")

    def __init__(self, missing: Mapping[str, str]) -> None:
        """Name what is missing, each need by its key and by its word."""
        super().__init__(
            problems=tuple(
                Problem("shop.enabled", need, N_("Missing: %(what)s."), {"what": word})
                for need, word in missing.items()
            )
        )


class UnknownIssuerOfShop(Refused):
    """A shop names an issuer that does not exist."""

    code = "unknown_issuer"
    text = N_("There is no issuer with the code %(issuer)s.")

    def __init__(self, code: str) -> None:
        facts = {"issuer": code}
        problem = Problem("issuer", self.code, self.text, facts)
        super().__init__(problems=(problem,), **facts)
