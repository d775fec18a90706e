"""The versions of an article that was changed → what a page says of each, and how two of them differ.

A version stands between the one before it and the one that came after; the last is the article itself. What
is shown of two is the later one whole, with what was taken out where it was. Unchanged paragraphs far from
any change are folded away.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby, pairwise

from markupsafe import Markup

from searchsvc.article import Article
from searchsvc.store.articles import EarlierVersion
from searchsvc.text.changes import ChangeKind, changes, counted
from searchsvc.web.context import link
from searchsvc.web.parameters import Parameter
from searchsvc.web.times import Moment, local

# Versions that the article's page lists; each leads to the one before it.
MOST_LISTED = 10
# Unchanged paragraphs that are shown beside a changed one, and how many in a row are folded away.
BESIDE, FOLDED = 1, 2
BREAK = "¶"
LINE_BREAK = re.compile("(\n)")
TAGS: dict[ChangeKind, Markup] = {
    "same": Markup("{}"),
    "gone": Markup("<del>{}</del>"),
    "new": Markup("<ins>{}</ins>"),
}


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said until it was changed. ``title`` is the earlier one, where it was another;
    ``added`` and ``removed`` count the characters of the text that the change put in and took out."""

    href: str
    seen: Moment
    title: str | None
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs of a comparison, one after the other; folded ones are not shown at once."""

    lines: tuple[Markup, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A text, and how it is shown: in the reader's script, each character where it was."""

    text: str
    shown: str


@dataclass(frozen=True, slots=True)
class _Line:
    html: Markup
    changed: bool


def chain(article: Article, earlier: Iterable[EarlierVersion]) -> list[EarlierVersion]:
    """All versions, the oldest first and the one in force last; each says something else than the next."""
    last = EarlierVersion(article.digest, article.title, article.text, article.retrieved)
    kept = [last]
    for version in reversed([*earlier]):
        if (version.title, version.text) != (kept[-1].title, kept[-1].text):
            kept.append(version)
    return kept[::-1]


def listed(
    article: Article, versions: Sequence[EarlierVersion], zone: tzinfo, asked: tuple[Parameter, ...]
) -> list[Version]:
    """The earlier versions of a chain as the article's page lists them, the newest first."""
    pairs = list(pairwise(versions))[-MOST_LISTED:]
    return [_version(article, old, new, zone, asked) for old, new in reversed(pairs)]


def version_link(article: Article, digest: str, asked: tuple[Parameter, ...]) -> str:
    """The address of an earlier version."""
    return link(f"/article/{article.id}/versions/{digest}", asked)


def _version(
    article: Article, old: EarlierVersion, new: EarlierVersion, zone: tzinfo, asked: tuple[Parameter, ...]
) -> Version:
    added, removed = counted(changes(old.text, new.text))
    title = old.title if old.title != new.title else None
    return Version(
        version_link(article, old.digest, asked), local(old.retrieved, zone), title, added, removed
    )


def compared(old: Shown, new: Shown) -> list[Stretch]:
    """What became of an old text."""
    lines = list(_lines(old, new))
    near = [
        any(line.changed for line in lines[max(0, number - BESIDE) : number + BESIDE + 1])
        for number in range(len(lines))
    ]
    stretches = []
    for shown, group in groupby(zip(near, lines, strict=True), key=lambda pair: pair[0]):
        together = tuple(line.html for _, line in group)
        stretches.append(Stretch(together, folded=not shown and len(together) >= FOLDED))
    return stretches


def compared_line(old: Shown, new: Shown) -> Markup:
    """What became of an old title."""
    return Markup(" ").join(line.html for line in _lines(old, new))


def _lines(old: Shown, new: Shown) -> Iterator[_Line]:
    """The paragraphs of both that have something in them."""
    line: list[Markup] = []
    changed = False
    for kind, text in (*_pieces(old, new), ("same", "\n")):
        if text != "\n":
            line.append(TAGS[kind].format(text))
            changed = changed or kind != "same"
        elif line:
            yield _Line(Markup("").join(line), changed)
            line, changed = [], False


def _pieces(old: Shown, new: Shown) -> Iterator[tuple[ChangeKind, str]]:
    """What stayed, went and came, line breaks apart; a sign for one that came or went alone."""
    for change in changes(old.text, new.text):
        shown = (old if change.kind == "gone" else new).shown[change.start : change.end]
        if change.kind != "same" and not shown.strip("\n"):
            yield change.kind, BREAK
        for piece in LINE_BREAK.split(shown):
            if piece:
                yield change.kind, piece
