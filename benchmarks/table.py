"""What a benchmark reports, and how the table is printed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import quantiles
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement beside its floor; `at_least` says which way the target points."""

    name: str
    ours: float
    floor: float
    unit: str
    target: float | None
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Ours over the floor."""
        return self.ours / self.floor if self.floor else float("inf")

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    def line(self) -> str:
        """Write the row of the Markdown table."""
        sign = "≥" if self.at_least else "≤"
        target = "" if self.target is None else f"{sign} {self.target:g}"
        verdict = {True: "yes", False: "**no**", None: ""}[self.holds]
        return (
            f"| {self.name} | {self.ours:,.3g} {self.unit} | {self.floor:,.3g} {self.unit} "
            f"| {self.ratio:.2f} | {target} | {verdict} |"
        )


HEAD = """| measurement | ours | floor | ratio | target | met |
| --- | ---: | ---: | ---: | ---: | --- |"""


def print_table(rows: Iterable[Row]) -> None:
    """Print rows as a Markdown table, each as it comes."""
    print(HEAD, flush=True)
    for row in rows:
        print(row.line(), flush=True)


def interleaved(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int, each: int
) -> tuple[list[float], list[float]]:
    """Time two deeds in turns, so that what disturbs the machine disturbs both; seconds a call."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for deed, taken in zip((first, second), times, strict=True):
            for _ in range(each):
                begun = perf_counter()
                deed()
                taken.append(perf_counter() - begun)
    return times


def p50(times: list[float]) -> float:
    """The median."""
    return quantiles(times, n=100)[49]


def p99(times: list[float]) -> float:
    """What one in a hundred exceeds."""
    return quantiles(times, n=100)[98]
