"""Text and spans → markup with ``<mark>``; the one place where article text becomes HTML.

Everything that is not a ``<mark>`` written here is escaped, so markup in a title or a text stays
the text that it is. Spans that are out of order, overlap or reach outside are clipped, never
trusted: a bad span may mark too little, it cannot lose or double a character.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from markupsafe import Markup, escape

from searchsvc.search.matches import Match
from searchsvc.search.results import Span, Why

PLAIN = "<mark>"
# The attribute of a mark by why it matched; the pages' legend says what each means.
CLASSES: Mapping[Why, str] = {"typed": "", "script": ' class="script"', "variant": ' class="variant"'}


def marked(
    text: str,
    spans: Sequence[Span],
    start: int = 0,
    end: int | None = None,
    tags: Mapping[int, str] | None = None,
) -> Markup:
    """``text[start:end]``, escaped, with the spans of ``text`` that fall into it marked.

    ``tags``: the opening tags of the spans that begin at these offsets, where they are not plain.
    """
    stop = len(text) if end is None else end
    opening = tags or {}
    pieces: list[str] = []
    for low, high in clipped(spans, start, stop):
        pieces += (escape(text[start:low]), opening.get(low, PLAIN), escape(text[low:high]), "</mark>")
        start = high
    # Every piece is markup already; Markup.join would look at each again.
    return Markup("".join((*pieces, escape(text[start:stop]))))  # noqa: S704


def tags_of(matches: Iterable[Match], numbered: bool = True) -> dict[int, str]:
    """The opening tags of matches: why each matched, and its number from 1, to which a link can lead."""
    tags: dict[int, str] = {}
    for number, match in enumerate(matches, 1):
        identifier = f' id="m{number}"' if numbered else ""
        tags[match.start] = f"<mark{identifier}{CLASSES[match.why]}>"
    return tags


def clipped(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """The parts of spans that lie between two offsets, in order, apart and not empty."""
    for first, last in sorted(spans):
        low, high = max(first, start), min(last, end)
        if low < high:
            yield low, high
            start = high
