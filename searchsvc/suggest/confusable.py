"""A character → those that may have been meant by it: read alike, read nearly alike, looking alike.

Two tables: ``sounds.tsv`` is made by ``make_sounds``, ``shapes.txt`` is ours and may be edited.
Characters in and out are folded.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from searchsvc.suggest.make_sounds import SOUNDS
from searchsvc.text.fold import fold

SHAPES = Path(__file__).parent / "shapes.txt"
# What speakers of many regions do not keep apart: beginnings, then endings of a syllable.
BEGINNINGS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("r", "n"), ("h", "f"))
ENDINGS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("ong", "un"))


class Confusable:
    """Which characters are taken for which.

    ``readings``: a syllable without tone → the characters of which it is the first reading, and those of
    which it is another, the common ones first. ``groups``: characters that look alike.
    """

    def __init__(self, readings: dict[str, tuple[str, ...]], groups: list[str]) -> None:
        self.alike = {syllable: "".join(chars) for syllable, chars in readings.items()}
        self.syllables: defaultdict[str, list[str]] = defaultdict(list)
        near: defaultdict[str, list[str]] = defaultdict(list)
        for syllable in readings:
            near[_blurred(syllable)].append(syllable)
        self._near = dict(near)
        for rank in range(max(map(len, readings.values()))):
            for syllable, chars in readings.items():
                for char in chars[rank] if rank < len(chars) else "":
                    self.syllables[char].append(syllable)
        self.shapes: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for group in groups:
            for char in group:
                self.shapes[char].update(dict.fromkeys(other for other in group if other != char))

    def sounding_like(self, char: str) -> Iterator[str]:
        """The characters of the same syllables, tones aside, the common ones first."""
        return self._others(char, self.syllables.get(char, ()))

    def sounding_near(self, char: str) -> Iterator[str]:
        """The characters of syllables that many do not keep apart from this one's: 陈 and 程."""
        own = self.syllables.get(char, ())
        near = dict.fromkeys(near for syllable in own for near in self._near[_blurred(syllable)])
        return self._others(char, [syllable for syllable in near if syllable not in own])

    def looking_like(self, char: str) -> Iterator[str]:
        """The characters that look like it."""
        return iter(self.shapes.get(char, ()))

    def sound_alike(self, left: str, right: str) -> bool:
        """Whether two strings of equal length are read alike, tones aside."""
        return all(map(self._read_alike, left, right))

    def _read_alike(self, one: str, other: str) -> bool:
        return one == other or not set(self.syllables.get(one, ())).isdisjoint(self.syllables.get(other, ()))

    def _others(self, char: str, syllables: Iterator[str] | list[str] | tuple[str, ...]) -> Iterator[str]:
        return (other for syllable in syllables for other in self.alike[syllable] if other != char)


def _blurred(syllable: str) -> str:
    """A syllable with what is often confused made one."""
    for beginning, plain in BEGINNINGS:
        if syllable.startswith(beginning):
            syllable = plain + syllable.removeprefix(beginning)
            break
    for ending, plain in ENDINGS:
        if syllable.endswith(ending):
            return syllable.removesuffix(ending) + plain
    return syllable


@cache
def load_confusable() -> Confusable:
    """The tables, read once."""
    rows = [line.split("\t") for line in _lines(SOUNDS)]
    groups = ["".join(dict.fromkeys(fold(group))) for line in _lines(SHAPES) for group in line.split()]
    return Confusable({syllable: tuple(chars) for syllable, *chars in rows}, groups)


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
