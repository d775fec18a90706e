"""Query string → tokens: words, quoted strings, parentheses, and what stands between and before them.

Every token keeps its original characters; what it means is read off its ``plain`` ones, in which
full-width forms (：“”（）－＝ＯＲ and so on) and the ideographic space are their ASCII ones.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

FULL_WIDTH = {chr(point): chr(point - 0xFEE0) for point in range(0xFF01, 0xFF5F)}
MARKS = dict(zip("\u3000\u2212\ufe63", " --", strict=True))
QUOTED = dict.fromkeys("“”„‟「」『』", '"')
# ASCII forms: of all but quotation marks, each of which has to be found with its own, and of all.
WIDE = str.maketrans(FULL_WIDTH | MARKS | {"＂": "＂"})
PLAIN = str.maketrans(FULL_WIDTH | MARKS | QUOTED)

Kind = Literal["open", "close", "and", "or", "not", "quote", "word"]
# What a tree's part can begin with.
BEGINS = frozenset({"open", "not", "quote", "word"})
KINDS: dict[str, Kind] = {"(": "open", ")": "close", "AND": "and", "OR": "or", "NOT": "not", "-": "not"}
QUOTES = '"＂“”„‟「」『』'
# What is quoted ends with the mark that belongs to the first one, so others may stand in it; if there is
# none, with any quotation mark, else with the query.
QUOTATION = (
    '["＂][^"＂]*["＂]|[“”„‟][^“”„‟]*[“”„‟]|「[^」]*」|『[^』]*』'
    rf"|[{QUOTES}][^{QUOTES}]*(?:[{QUOTES}]|$)"
)
# A plus before a word says that the word has to be there, which it has anyway; +86 is a number.
TOKEN = re.compile(
    rf"\s+|(?P<mark>[()])|(?P<minus>-)(?=[^\s)])|(?<![^\s(])\+(?=[^\s)+\d])|(?P<quote>{QUOTATION})"
    rf"|(?P<word>[^\s(){QUOTES}]+)"
)


@dataclass(frozen=True)
class Token:
    """A piece of a query string. ``glued``: nothing parts it from the piece before."""

    kind: Kind
    text: str
    glued: bool = field(default=False, compare=False)

    @cached_property
    def plain(self) -> str:
        """The text with full-width forms as ASCII ones, character for character."""
        return self.text.translate(PLAIN)


def tokens(q: str) -> Iterator[Token]:
    """The pieces of a query string."""
    plain = q.translate(WIDE)
    before = None
    for match in TOKEN.finditer(plain):
        if match.lastgroup:
            yield Token(_kind(match), q[match.start() : match.end()], before is not None)
        before = match.lastgroup


def _kind(match: re.Match[str]) -> Kind:
    # A minus with nothing behind it is a dash.
    if match.lastgroup == "quote" or match["word"] == "-":
        return "quote" if match.lastgroup == "quote" else "word"
    return KINDS.get(match[0], "word")


def within_depth(pieces: Iterable[Token], deepest: int) -> list[Token]:
    """The pieces without the parentheses that stand in more than so many others."""
    kept: list[Token] = []
    depth = 0
    for piece in pieces:
        deeper = depth + (piece.kind == "open")
        if piece.kind not in ("open", "close") or deeper <= deepest:
            kept.append(piece)
        depth = max(0, deeper - (piece.kind == "close"))
    return kept
