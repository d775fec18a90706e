"""A run of text → its phrases that have other forms.

Of all phrases of the tables that begin and end at borders of words, or are the whole run, the longest
is taken first, then the next that does not overlap. A phrase to be left whole is taken and not told:
软体动物 has no 软体 in it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from searchsvc.text.fold import fold
from searchsvc.variants import tables
from searchsvc.variants.borders import borders
from searchsvc.variants.tables import Kind, Phrase

# A name of this length is one even where the dictionary cuts otherwise: 密歇根州 is one word of it, and
# 洛兴雅人 is 洛|兴|雅人.
SURELY_A_NAME = 3
# Words of one character that stand beside a name. The dictionary may have one grown together with it:
# 习近平和普京 is 习近平|和普|京.
PARTICLES = frozenset(fold("和与同跟及向对在于是将被给从由让令访赴抵驻就说称批会晤谈"))


@dataclass(frozen=True, slots=True)
class Replacement:
    """A span of a run, ``start`` to ``end`` in code points, and its other forms.

    ``forms``: as the tables write them, to be shown. ``alternatives``: the same folded.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    kind: Kind

    @property
    def alternatives(self) -> tuple[str, ...]:
        return tuple(map(fold, self.forms))


class Variants:
    """The phrases of two tables, ready to be looked for."""

    def __init__(self, phrases: dict[str, Phrase]) -> None:
        self.phrases = phrases
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for phrase in phrases:
            lengths[phrase[0]].add(len(phrase))
        self._lengths = dict(lengths)

    def find(self, run: str) -> tuple[Replacement, ...]:
        """What of a run has other forms: spans apart and in order. ``run``: as typed, any script."""
        folded = fold(run)
        hits = list(self._hits(folded))
        if not hits:
            return ()
        cuts = borders(folded)
        hits = [hit for hit in hits if self._stands(folded, hit, cuts)]
        taken = sorted(_apart(hits))
        found = ((start, end, self.phrases[folded[start:end]]) for start, end in taken)
        return tuple(Replacement(start, end, p.forms, p.kind) for start, end, p in found if p.forms)

    def _hits(self, folded: str) -> Iterator[tuple[int, int]]:
        """Every phrase in a run, wherever it stands."""
        for start, char in enumerate(folded):
            for length in self._lengths.get(char, ()):
                end = start + length
                if end <= len(folded) and folded[start:end] in self.phrases:
                    yield start, end

    def _stands(self, folded: str, hit: tuple[int, int], cuts: set[int]) -> bool:
        """Whether a phrase stands as words of the run: whole words, the whole run, or surely a name."""
        start, end = hit
        if (start in cuts and end in cuts) or (start, end) == (0, len(folded)):
            return True
        if self.phrases[folded[start:end]].kind != "name":
            return False
        begins = start in cuts or (start - 1 in cuts and folded[start - 1] in PARTICLES)
        ends = end in cuts or (end + 1 in cuts and folded[end] in PARTICLES)
        return end - start >= SURELY_A_NAME or (begins and ends)


def _apart(hits: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Hits that do not overlap, the longest first, then the one further left."""
    used: set[int] = set()
    for start, end in sorted(hits, key=lambda hit: (hit[0] - hit[1], hit[0])):
        if used.isdisjoint(range(start, end)):
            used.update(range(start, end))
            yield start, end


@cache
def load_variants(names: Path = tables.NAMES) -> Variants:
    """The tables in force, read once. Raises SettingsError for a table of names that is wrong."""
    return Variants(tables.load(names))
