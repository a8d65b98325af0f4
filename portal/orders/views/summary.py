"""The summary at the side of a new order: what it costs whom, and what stands against it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext

from portal.orders.rules.pricing import Fault
from portal.orders.services.quoting import Quote
from portal.web.problems import explain


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the order does to the account."""

    now: Decimal
    taken: Decimal

    @property
    def after(self) -> Decimal:
        """What would be available afterwards."""
        return self.now - self.taken

    @property
    def share(self) -> Decimal:
        """How much of what is available the order takes, in per cent."""
        if self.now <= 0:
            return Decimal(100) if self.taken else Decimal(0)
        return min(Decimal(100), self.taken * 100 / self.now)


@dataclass(slots=True)
class Summary:
    """Figures of what was typed; those of costs only for who may see them."""

    sale: Decimal | None = None
    pieces: int = 0
    amounts: dict[int, Decimal] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    listed: dict[int, Decimal] = field(default_factory=dict)
    """What the sale table says of a line, in rows of the form."""
    acquisition: Decimal | None = None
    margin: Decimal | None = None
    wallet: Wallet | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def margin_percent(self) -> Decimal | None:
        """The margin in per cent of the sale."""
        if not self.sale or self.margin is None:
            return None
        return (self.margin * 100 / self.sale).quantize(Decimal("0.1"))


def summary_of(look: Quote, at: Sequence[int], *, sees_costs: bool) -> Summary:
    """Sum up; `at` are the rows of the form where the lines stand."""
    totals, pricing = look.totals, look.pricing
    summary = Summary(sale=totals.sale, pieces=len(pricing.lines))
    left_out = {fault.line for fault in pricing.missing}
    priced = [row for number, row in enumerate(at) if number not in left_out]
    for row, line in zip(priced, pricing.lines, strict=True):
        summary.amounts[row] = line.sale.amount
        summary.names[row] = line.article.name
        if line.sale.list_price is not None:
            summary.listed[row] = line.sale.list_price
    summary.problems = [_told(fault, at) for fault in pricing.missing]
    summary.warnings = [_told(fault, at) for fault in look.warnings]
    if sees_costs:
        summary.acquisition, summary.margin = totals.acquisition, totals.margin
        if look.wallet is not None:
            summary.wallet = Wallet(look.wallet.available, totals.acquisition)
    return summary


def _told(fault: Fault, at: Sequence[int]) -> str:
    text = explain(fault.error)
    if fault.line is None:
        return text
    return gettext("Line %(line)s: %(text)s", line=at[fault.line] + 1, text=text)
