"""Why a price is not to be had, and why a change of prices is refused."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from portal.errors import AlreadyExists, Conflict, Forbidden, NotFound, Problem, Refused
from portal.i18n import N_


class NoPrice(Refused):
    """No assignment, or no edition in force, on the day."""

    code = "no_price"
    text = N_("%(sku)s has no price on %(day)s: no price table is assigned for that day.")

    def __init__(self, sku: str, day: date) -> None:
        super().__init__(sku=sku, day=day)


class NoEditionInForce(NoPrice):
    """Tables are assigned, but none has an edition in force."""

    text = N_("%(sku)s has no price on %(day)s: no assigned table has an edition in force.")


class NotInPortfolio(Refused):
    """The chosen edition does not hold the product; no other table is asked."""

    code = "not_in_portfolio"
    text = N_("%(sku)s is not in the price table %(table)s on %(day)s.")

    def __init__(self, sku: str, table: str, day: date) -> None:
        super().__init__(sku=sku, table=table, day=day)


class SalePriceMissing(Refused):
    """The table takes a percentage of a sale price that nobody gave."""

    code = "sale_price_missing"
    text = N_("%(sku)s is priced as a percentage of the sale price: give the sale price.")

    def __init__(self, sku: str) -> None:
        super().__init__(sku=sku)


class NoSuchTable(NotFound):
    """No price table has this number, or it is not yours to see."""

    text = N_("There is no price table %(table)s.")

    def __init__(self, table_id: int) -> None:
        super().__init__(table=table_id)


class NoSuchEdition(NotFound):
    """The price table has no such edition."""

    text = N_("This price table has no edition %(edition)s.")

    def __init__(self, edition_id: int) -> None:
        super().__init__(edition=edition_id)


class TableExists(AlreadyExists):
    """The service point has an own table for the issuer already."""

    text = N_("The service point already has its own table for this issuer: %(table)s.")

    def __init__(self, name: str) -> None:
        problem = Problem("issuer", self.code, self.text, {"table": name})
        super().__init__(problems=(problem,), table=name)


class CalculationCycle(Refused):
    """The table would build on itself."""

    code = "calculation_cycle"
    text = N_("%(table)s would be calculated from itself, by way of %(way)s.")

    def __init__(self, table: str, way: str) -> None:
        field = "calculation.base_table"
        facts = {"table": table, "way": way}
        super().__init__(problems=(Problem(field, self.code, self.text, facts),), **facts)


class CalculationInUse(Conflict):
    """Editions hold prices of the other kind."""

    code = "calculation_in_use"
    text = N_(
        "The table's editions hold prices of the present calculation. Create another table instead."
    )


class WindowOverlap(Conflict):
    """Two editions would be in force on one day."""

    code = "window_overlap"
    text = N_(
        "Edition %(number)s, from %(valid_from)s, is published for some of these days. "
        "Choose other days, or replace from that day."
    )
    members = ("conflicts_with",)

    def __init__(self, edition_id: int, number: int, valid_from: date) -> None:
        super().__init__(conflicts_with=edition_id, number=number, valid_from=valid_from)


class AssignmentOverlap(Conflict):
    """Two assignments of a service point do not go together on some day."""

    code = "window_overlap"
    text = N_("On %(day)s this meets %(other)s. On one day only one of them can hold.")
    members = ("conflicts_with",)

    def __init__(
        self, field: str, day: date, other: str, conflicts_with: Mapping[str, Any]
    ) -> None:
        facts = {"day": day, "other": other}
        problem = Problem(field, self.code, self.text, facts)
        super().__init__(problems=(problem,), conflicts_with=dict(conflicts_with), **facts)


class EditionFrozen(Conflict):
    """The edition has been in force, or is published: its items and its beginning stay."""

    code = "edition_frozen"
    text = N_("Edition %(number)s is frozen. Only its end can be moved; publish another edition.")

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class AlreadyPublished(Conflict):
    """The edition is no draft any more."""

    code = "already_published"
    text = N_("Edition %(number)s is published already.")

    def __init__(self, number: int) -> None:
        super().__init__(number=number)


class EditionEmpty(Refused):
    """Nothing would have a price."""

    code = "edition_empty"
    text = N_("The edition has no items. Add products before publishing it.")


class PastChange(Forbidden):
    """Days in the past would change their prices."""

    code = "change_past_not_allowed"
    text = N_("This changes prices of days in the past, which your profile does not allow.")


class ReasonMissing(Refused):
    """A change of the past needs a reason."""

    code = "reason_required"
    text = N_("This changes days in the past. Say why.")

    def __init__(self) -> None:
        super().__init__(problems=(Problem("reason", self.code, self.text),))


class HeadquartersOnly(Forbidden):
    """Acquisition prices are headquarters' to set."""

    text = N_("Price tables are changed by headquarters.")
