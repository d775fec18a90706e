"""A folded run → the places where a word may begin or end.

The cuts are those of jieba's dictionary without its guesses for unknown words: 和川普见面 is guessed to
begin with a word 和川普, while the dictionary leaves 和|川|普|见面 loose, and a name can begin after 和.
A cut never falls inside a word the dictionary chose (in 多数|位置 there is none before 位), but where
that is made of two words of two characters or more: 手机芯片 is 手机|芯片, 发布会 stays whole.
"""

from collections.abc import Iterator

import rjieba

# A joint is only between parts that are words in earnest; single characters nearly all are.
SHORTEST_PART = 2


def borders(run: str) -> set[int]:
    """Offsets in code points between words of a folded run; its beginning and end are among them."""
    found = {0}
    place = 0
    for piece in rjieba.cut(run, False):
        found.update(place + joint for joint in _joints(piece))
        place += len(piece)
        found.add(place)
    return found


def _joints(word: str) -> Iterator[int]:
    """Where a word of the dictionary is two words of it put together."""
    for joint in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        if rjieba.has_word(word[:joint]) and rjieba.has_word(word[joint:]):
            yield joint
