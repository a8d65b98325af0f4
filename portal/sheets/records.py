"""Records: the cells of a file row by row, whatever kind of file they come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

Record = list[str]

# Signs that no text holds and that are no blanks, so that nothing strips them.

NUMBER = "\x0e"
"""Stands before a cell that the workbook holds as a number, written with a point."""
FORMULA = "\x0f"
"""Is a cell that holds a formula: it is neither evaluated nor is its last value trusted."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was opened: how it is made, and its records, which may be read again."""

    kind: str
    """`csv` or `xlsx`."""
    chunks: Callable[[], Iterator[list[Record]]] = field(repr=False)
    """Reads the records from the first row on, some thousands at a time."""
    size: int = 0
    """About how many rows it has, for those who wait."""
    separator: str = ""
    encoding: str = ""
    names: tuple[str, ...] = ()
    """The sheets of a workbook."""
    name: str = ""

    def head(self, rows: int) -> list[Record]:
        """Return the first records."""
        return list(islice(chain.from_iterable(self.chunks()), rows))


def shown(cell: str) -> str:
    """Return a cell without the mark of its kind."""
    return cell[1:] if cell[:1] == NUMBER else "" if cell[:1] == FORMULA else cell
