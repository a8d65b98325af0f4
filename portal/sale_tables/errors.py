"""Why a change of sale prices is refused."""

from collections.abc import Sequence
from datetime import date

from portal.errors import Conflict, Forbidden, NotFound, PortalError, Problem, Refused
from portal.i18n import N_
from portal.pricing.errors import EditionEmpty


class NoSuchSaleTable(NotFound):
    """No sale table has this number, or it is not yours to see."""

    text = N_("There is no sale table %(table)s.")

    def __init__(self, table_id: int) -> None:
        super().__init__(table=table_id)


class NoSuchSaleEdition(NotFound):
    """The sale table has no such edition."""

    text = N_("This sale table has no edition %(edition)s.")

    def __init__(self, edition_id: int) -> None:
        super().__init__(edition=edition_id)


class ChannelOverlap(Conflict):
    """Another sale table of the service point holds on some of the days, in the same channel."""

    code = "window_overlap"
    text = N_(
        "Edition %(number)s of the sale table %(table)s, from %(valid_from)s, is published for "
        "some of these days in the same channel. Choose other days, or end that edition first."
    )
    members = ("conflicts_with",)

    def __init__(self, edition_id: int, number: int, valid_from: date, table: str) -> None:
        super().__init__(
            conflicts_with=edition_id, number=number, valid_from=valid_from, table=table
        )


class RowsNotInPortfolio(Refused):
    """The products are those that the service point may buy; nobody adds others."""

    code = "not_in_portfolio"
    text = N_("Some products are not in the service point's portfolio on %(day)s.")

    def __init__(self, problems: Sequence[Problem], day: date) -> None:
        super().__init__(problems=tuple(problems), day=day)


class NothingPriced(EditionEmpty):
    """Nothing could be sold."""

    text = N_("No product of the edition has a price. Price some before publishing it.")


class SoldBelowAcquisition(Refused):
    """Rows on the site are below acquisition, and who publishes may not decide that."""

    code = "below_acquisition"
    text = N_("%(count)s products on the site are priced below acquisition.")

    def __init__(self, problems: Sequence[Problem], count: int) -> None:
        super().__init__(problems=tuple(problems), count=count)


class SitePriceNotAllowed(Refused):
    """What those are told instead who may not see acquisition prices; audited, and counted."""

    code = "price_not_allowed"
    text = N_("Some prices on the site are not allowed. Ask someone who sees acquisition prices.")

    def __init__(self, table_id: int) -> None:
        super().__init__()
        self.table_id = table_id


class BelowNotAllowed(Forbidden):
    """Selling below acquisition is not this profile's to decide."""

    text = N_("Your profile does not allow selling below acquisition.")


class TooManyPrices(PortalError):
    """Prices were refused so often that going on would be guessing."""

    status = 429
    code = "too_many_requests"
    text = N_(
        "Too many sale prices were refused in the last hour. Wait, or ask someone who may see "
        "acquisition prices."
    )

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
