"""The names of the table, by how they begin and by what may have been meant by them."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

from searchsvc.suggest.confusable import load_confusable
from searchsvc.text.fold import fold
from searchsvc.variants.tables import read_names

# In a name of two characters, any other character makes another name: 马云, 马龙.
SHORTEST_WITH_ANY = 3


class Names:
    """Names, folded → as the table writes them."""

    def __init__(self, written: dict[str, str]) -> None:
        self.written = written
        self._ordered = sorted(written)
        self._lengths: defaultdict[int, list[str]] = defaultdict(list)
        for name in self._ordered:
            self._lengths[len(name)].append(name)

    def beginning(self, start: str, limit: int) -> list[str]:
        """Up to so many folded names that begin with a folded string, and go on."""
        first = bisect_left(self._ordered, start)
        found = takewhile(lambda name: name.startswith(start), self._ordered[first : first + limit + 1])
        return [name for name in found if name != start][:limit]

    def near(self, word: str) -> Iterator[str]:
        """The names that may have been meant by a folded word of their length: read alike, or with one
        character another."""
        confusable = load_confusable()
        for name in self._lengths.get(len(word), ()):
            wrong = sum(map(str.__ne__, name, word))
            if wrong == 0:
                continue
            if (wrong == 1 and len(word) >= SHORTEST_WITH_ANY) or confusable.sound_alike(name, word):
                yield name


@cache
def load_names(path: Path) -> Names:
    """The names of a table, read once. Raises SettingsError for a table that is wrong."""
    return Names({folded: form for entry in read_names(path) for folded, form in entry.forms.items()})


def is_name(text: str, path: Path) -> bool:
    """Whether a string is a name of the table, in whatever script."""
    return fold(text) in load_names(path).written
