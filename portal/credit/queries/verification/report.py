"""What a check looked at, and what it found wrong."""

from dataclasses import dataclass, field

SHOWN = 20


@dataclass(slots=True)
class Check:
    """One statement about the ledger: how much was looked at, and where it does not hold."""

    name: str
    says: str
    looked_at: int = 0
    failed: int = 0
    faults: list[str] = field(default_factory=list)

    def fault(self, text: str) -> None:
        """Note one place where it does not hold; only the first ones are told in words."""
        self.failed += 1
        if len(self.faults) < SHOWN:
            self.faults.append(text)

    @property
    def holds(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.failed
