"""pypinyin's dictionary → ``sounds.tsv``: the syllables of Chinese and the characters read so.

``python -m searchsvc.suggest.make_sounds`` writes the file. It is kept beside the code, so that the
running service needs neither the library nor the 57 MB that it takes in memory.

The characters are those of GB 2312: what people type is among them, and its first level, the 3,755
common ones, comes first in a line. Folded, so that either script is looked up in one table. Tones are
left out. Of a character's readings the first two are taken: further ones are names of rivers.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from searchsvc.text.fold import fold

SOUNDS = Path(__file__).parent / "sounds.tsv"
HEAD = """\
# The syllables of Chinese, without tones, and the characters that are read so, the common ones first.
#
# Made by `python -m searchsvc.suggest.make_sounds` from pypinyin {version} (MIT), do not edit.
# Parted by tabs: a syllable, the characters of which it is the first reading, those of which it is the
# second. Characters are those of GB 2312, folded.
"""
# GB 2312 has its common characters in rows 16 to 55, by sound, the others in rows 56 to 87, by radical.
ROWS = range(16, 88)
READINGS = 2


def characters() -> Iterator[str]:
    """The Han characters of GB 2312, the common ones first."""
    for row in ROWS:
        for cell in range(1, 95):
            try:
                yield bytes((row + 0xA0, cell + 0xA0)).decode("gb2312")
            except UnicodeDecodeError:
                continue  # A few cells at the end of the common ones are empty.


def plain(syllable: str) -> str:
    """A syllable without its tone; ü stays apart from u, as v: lǜ is lv."""
    marked = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(char for char in marked if char.isascii())


def readings(dictionary: dict[int, str]) -> dict[str, tuple[str, ...]]:
    """Syllable → the folded characters of which it is the first reading, then those of which it is the
    second; of a dictionary of code point → syllables joined by commas."""
    found: defaultdict[str, tuple[dict[str, None], ...]] = defaultdict(lambda: ({}, {}))
    for char in characters():
        syllables = dict.fromkeys(plain(each) for each in dictionary[ord(char)].split(","))
        for place, syllable in enumerate(list(filter(None, syllables))[:READINGS]):
            found[syllable][place].setdefault(fold(char))
    return {syllable: tuple(map("".join, found[syllable])) for syllable in sorted(found)}


def main() -> None:
    """Write the file."""
    import pypinyin
    from pypinyin.constants import PINYIN_DICT

    lines = ["\t".join([syllable, *chars]) + "\n" for syllable, chars in readings(PINYIN_DICT).items()]
    SOUNDS.write_text(HEAD.format(version=pypinyin.__version__) + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
