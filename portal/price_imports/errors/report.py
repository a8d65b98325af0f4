"""What is wrong with the rows of a file, and what came of an import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LISTED_ERRORS = 1_000
"""Rows named in one answer; beyond them they are counted."""
KEPT_ERRORS = 20_000
"""Rows named in the report of a file that was uploaded by a page."""


class RowError(NamedTuple):
    """What is wrong with a cell: the row as a spreadsheet counts it, column, code, reason."""

    row: int
    field: str
    code: str
    text: str
    facts: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Report:
    """How many rows were read, how many products are new, and every error."""

    rows: int = 0
    created: int = 0
    errors: Sequence[RowError] = field(default_factory=tuple)
    shortened: int = 0
    """Names longer than a product's may be, which are cut."""
    found: int | None = None
    """How many errors there are, where not all are kept."""
    refusal: Mapping[str, Any] | None = None
    """Why a run came to nothing: a text and its facts."""

    @property
    def error_count(self) -> int:
        """How many errors there are."""
        return len(self.errors) if self.found is None else self.found

    @property
    def bad_rows(self) -> int:
        """How many rows have an error."""
        return len({error.row for error in self.errors})

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "rows": self.rows,
            "created": self.created,
            "shortened": self.shortened,
            "found": self.error_count,
            "refusal": dict(self.refusal) if self.refusal else None,
            "errors": [
                [error.row, error.field, error.code, error.text, dict(error.facts)]
                for error in self.errors[:KEPT_ERRORS]
            ],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Report":
        """Return what was kept."""
        errors = [RowError(*one) for one in kept.get("errors", ())]
        numbers = {name: kept.get(name, 0) for name in ("rows", "created", "shortened")}
        found, refusal = kept.get("found"), kept.get("refusal")
        return cls(errors=errors, found=found, refusal=refusal, **numbers)
