"""Small corpora and trees for the engine's tests, and a plain scan that answers as it ought to.

The scan is written from the definition in ``text/terms.py``: squeeze the text, look for the squeezed
string at every place, and see that words begin and end where the string says. It shares nothing
with the engine but ``squeeze``.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from whoosh.matching import AndMaybeMatcher, AndNotMatcher
from whoosh.query import And, AndMaybe, AndNot, Every, Not, NumericRange, Or, Prefix, Query, Term

from searchsvc.engine import Document
from searchsvc.engine.local import LocalEngine
from searchsvc.engine.strings import CheckedString, ExactString, NameLike
from searchsvc.text.terms import is_han, squeeze

# Both scripts, words, numbers, marks, signs beyond the BMP, what is invisible, a lone surrogate.
PIECES = [
    *"中国中國经济經濟石破茂乾干发髮发展台臺，。「」",
    "G20", "covid", "Covid-19", "a", "b", "ab", "11", "月", "18", "日", " ", "\n", "\u3000", "\u200b", "é", "ｅ",
    "𠀀", "𠮷", "\ud800", "x" * 45, "カ", "한", "AT&T", "!", "3.14",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
# Seconds, some of them equal, some unknown.
times = st.sampled_from([None, 1_700_000_000, 1_700_000_000, 1_700_003_600, 1_700_090_000, 1_600_000_000])
sources = st.sampled_from(["voachinese.com", "联合早报", "cna.com.tw"])
authors = st.sampled_from([None, "", "张三", "張三丰", "John Smith", "李四、王五"])


@st.composite
def corpora(draw: st.DrawFn, most: int = 12) -> list[Document]:
    """Articles with ids of their own."""
    rows = draw(st.lists(st.tuples(texts, texts, sources, times, authors), min_size=1, max_size=most))
    return [Document(str(number), *row) for number, row in enumerate(rows)]


@st.composite
def strings(draw: st.DrawFn) -> ExactString:
    text = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))
    return ExactString(draw(st.sampled_from(["title", "body"])), text, draw(st.sampled_from([1.0, 3.0])))


def terms() -> st.SearchStrategy[Query]:
    words = st.sampled_from(["covid", "g20", "ab", "a", "中国", "国", "经济", "19", "日", "不在", "𠀀"])
    return st.builds(Term, st.sampled_from(["title", "body"]), words, st.sampled_from([1.0, 2.0]))


# The articles of the engine made last: a check looks at them.
KNOWN: dict[str, Document] = {}


def checked(one: ExactString) -> CheckedString:
    """The string in exactly this script."""

    def check(ids: Sequence[str]) -> list[bool]:
        return [as_written(getattr(KNOWN[name], one.fieldname), one.typed) for name in ids]

    return CheckedString(one.fieldname, one.typed, check, one.boost)


def as_written(text: str, string: str) -> bool:
    """Whether a text contains a string with the same Han characters."""
    chars, typed = squeeze(text), list(filter(is_han, string))
    length = len(squeeze(string).points)
    spans = [chars.offsets[place : place + length].tolist() for place in starts(text, string)]
    return any(list(filter(is_han, (text[offset] for offset in span))) == typed for span in spans)


def leaves() -> st.SearchStrategy[Query]:
    spans = st.tuples(
        st.sampled_from([None, 1_600_000_001, 1_700_000_000]), st.sampled_from([None, 1_700_003_600])
    )
    return st.one_of(
        strings(),
        strings(),
        strings().map(checked),
        terms(),
        st.builds(Every, st.sampled_from([None, "title", "body"])),
        st.builds(Term, st.just("source"), sources),
        st.builds(NameLike, st.just("author"), st.sampled_from(["张三", "丰", "smith", "J", "、", " "])),
        spans.filter(lambda span: span != (None, None)).map(lambda span: NumericRange("published", *span)),
    )


def trees() -> st.SearchStrategy[Query]:
    """Random query trees of everything that both evaluations score alike."""

    def compound(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
        several = st.lists(parts, min_size=1, max_size=3)
        boosts = st.sampled_from([1.0, 1.0, 2.0])
        return st.one_of(
            st.builds(And, several, boosts),
            st.builds(Or, several, boosts),
            st.builds(AndNot, parts, parts),
            st.builds(AndMaybe, parts, parts),
            st.builds(Not, parts),
        )

    return st.recursive(leaves(), compound, max_leaves=6)


def _find_first(self: AndNotMatcher) -> None:
    if self.a.is_active() and self.b.is_active():
        self._find_next()


def _skip_to(self: AndNotMatcher, id: int) -> None:  # noqa: A002
    self.a.skip_to(id)
    self._find_first()


def stock(engine: LocalEngine, query: Query) -> dict[str, float]:
    """What stock Whoosh matching finds on the same index: id → score.

    With three lines of Whoosh 2.7.4 mended: its AndNotMatcher lets a first document through when
    what is to be excluded begins before it (1 not in {0, 1} is 1), and steps beyond the end when one
    stands in another; its AndMaybeMatcher skips the optional side to where it was asked to go, not
    to where the other side came to, and then leaves that side's score out.
    """
    mended = patch.multiple(AndNotMatcher, _find_first=_find_first, skip_to=_skip_to)
    with mended, patch.object(AndMaybeMatcher, "skip_to", _skip_both):
        return _stock(engine, query)


def _skip_both(matcher: Any, number: int) -> bool:
    moved = matcher.a.skip_to(number)
    if matcher.a.is_active() and matcher.b.is_active():
        moved = matcher.b.skip_to(matcher.a.id()) or moved
    return bool(moved)


def _stock(engine: LocalEngine, query: Query) -> dict[str, float]:
    searcher = engine.snapshot().stock()
    found = {}
    for leaf, _ in searcher.leaf_searchers():
        matcher = query.matcher(leaf, leaf.context())
        while matcher.is_active():
            found[leaf.stored_fields(matcher.id())["id"]] = matcher.score()
            matcher.next()
    return found


def scan(documents: Sequence[Document], query: Query) -> set[str]:
    """The ids of the documents that a query means."""
    return {document.id for document in documents if holds(document, query)}


def holds(document: Document, query: Any) -> bool:
    """Whether a document is what a query asks for."""
    if isinstance(query, And):
        return all(holds(document, part) for part in query.subqueries)
    if isinstance(query, Or):
        return any(holds(document, part) for part in query.subqueries)
    if isinstance(query, AndNot):
        return holds(document, query.a) and not holds(document, query.b)
    if isinstance(query, AndMaybe):
        return holds(document, query.a)
    if isinstance(query, Not):
        return not holds(document, query.query)
    if isinstance(query, Every):
        return query.fieldname is None or bool(squeezed(getattr(document, query.fieldname))[0])
    if isinstance(query, NumericRange):
        low = query.start if query.start is not None else 1
        high = query.end if query.end is not None else 1 << 60
        return document.published is not None and low <= document.published <= high
    if isinstance(query, Term) and query.fieldname == "source":
        return document.source == query.text
    if isinstance(query, NameLike):
        wanted = squeezed(query.text)[0]
        return bool(wanted) and wanted in squeezed(document.author or "")[0]
    if isinstance(query, Prefix):
        chars, word_starts = squeezed(getattr(document, query.fieldname))
        return any(chars.startswith(query.text, place) for place in word_starts)
    if isinstance(query, CheckedString):
        return as_written(getattr(document, query.fieldname), query.typed)
    text = query.typed if isinstance(query, ExactString) else query.text
    return occurrences(getattr(document, query.fieldname), text) > 0


@cache
def squeezed(text: str) -> tuple[str, tuple[int, ...]]:
    """The squeezed characters, and the places where words begin."""
    found = squeeze(text)
    return found.text, tuple(place for place, starts in enumerate(found.starts_word.tolist()) if starts)


def occurrences(text: str, string: str) -> int:
    """How often a text contains a string, in the sense of ``text/terms.py``."""
    return len(list(starts(text, string)))


def starts(text: str, string: str) -> Iterator[int]:
    """The places in a squeezed text where a string stands."""
    chars, word_starts = squeezed(text)
    wanted, wanted_starts = squeezed(string)
    is_word = squeeze(text).is_word.tolist()
    for place in range(len(chars) - len(wanted) + 1 if wanted else 0):
        end = place + len(wanted)
        if chars[place:end] != wanted:
            continue
        inner = tuple(start - place for start in word_starts if place <= start < end)
        cut = end < len(chars) and is_word[end] and end not in word_starts and is_word[end - 1]
        if inner == wanted_starts and not cut:
            yield place


def engine_of(folder: Path, *batches: Sequence[Document]) -> LocalEngine:
    """An index in use, with a commit for each batch."""
    engine = LocalEngine(folder, processes=2, memory_mb=100)
    KNOWN.clear()
    KNOWN.update((document.id, document) for batch in batches for document in batch)
    engine.switch(engine.build(batches[0], 1).name)
    for change, batch in enumerate(batches[1:], 2):
        engine.write(batch, change)
    return engine
