"""A row of the battery: what is done, the figure asked for, and what a run of it found."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Trial:
    """How a row is run: its quick form or its whole one, in an empty folder of its own."""

    folder: Path
    quick: bool = False

    def of(self, quick: int, whole: int) -> int:
        """How often something is done, in either form."""
        return quick if self.quick else whole


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figure reached, and every violation in words that say how to see it again."""

    figure: str
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One promise. ``name`` is what it is called on the command line."""

    name: str
    what: str
    asked: str
    run: Callable[[Trial], Outcome]
