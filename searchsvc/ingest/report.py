"""What came of an ingest: every item of every source counted once, those left out with the reason."""

from dataclasses import dataclass, field

from searchsvc.ingest.identify import Outcome
from searchsvc.ingest.items import Failed, Skipped


@dataclass
class SourceReport:
    """What came of one source."""

    source: str
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)

    @property
    def items(self) -> int:
        """How many items were read, whatever came of them."""
        return self.new + self.updated + self.unchanged + len(self.skipped)

    def count(self, outcome: Outcome) -> None:
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)


@dataclass
class Report:
    """What came of a whole ingest, and how many articles were indexed at its end."""

    sources: list[SourceReport] = field(default_factory=list)
    indexed: int = 0

    @property
    def failed(self) -> bool:
        """Whether some source failed."""
        return any(source.failed for source in self.sources)
