"""What is marked is what was asked for: spans, cut out of the article and folded, are terms or variants."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.support.levenshtein import levenshtein

from searchsvc.search.meaning import Scope
from searchsvc.search.needles import Needle
from searchsvc.search.syntax import parse
from searchsvc.text.fold import fold
from searchsvc.text.terms import squeeze
from searchsvc.variants.find import load_variants
from tests.build import spans
from tests.engine.corpus import as_written, starts

PLAIN = [
    "石破茂", "特朗普", "川普", "軟體", "软件", "后", "後", "乾", "干", "多數位置", "日美关系", "的", "G20峰會", "𠮷野家",
    "biden", "Bidens", "boden", "vol", "Volvo", "café", "covid-19", "11月18日",
]  # fmt: skip
texts = st.lists(
    st.sampled_from(
        [
            *PLAIN,
            *PLAIN,
            "cafe\u0301",
            "石破\n茂",
            "川\u200b普",
            "，",
            "。",
            " ",
            "\n",
            "𠀀",
            "\ufe0f",
            "x",
            "1",
        ]
    ),
    max_size=25,
).map("".join)
ASKED = [
    *PLAIN, *PLAIN, "“川普”", '"石破 茂"', "=乾", "=干", "=後", "vol*", "bid*", "biden~", "Volvo～", "intitle:石破茂",
    "-川普", "OR", "NOT", "(", ")", "date:2024", "特朗普和川普", "石破茂，後", "石", "a*",
]  # fmt: skip
queries = st.lists(st.sampled_from(ASKED), min_size=1, max_size=6).map(" ".join)


def scope() -> Scope:
    return Scope(
        ZoneInfo("Asia/Taipei"),
        datetime(2024, 11, 8, tzinfo=UTC),
        variants=load_variants(),
        in_script=lambda text, field: lambda ids: [True] * len(ids),
    )


def is_what_was_asked(cut: str, needle: Needle) -> bool:
    """Whether a marked stretch is a needle: spaces and what nobody sees aside, folded."""
    found, wanted = squeeze(cut).text, squeeze(needle.text).text
    if needle.prefix:
        return found.startswith(wanted)
    if needle.distance:
        return levenshtein(found, wanted) <= needle.distance
    return found == wanted and (not needle.as_typed or as_written(cut, needle.text))


def occurs(text: str, needle: Needle) -> set[int]:
    """The places in a squeezed text where a plain scan finds a needle."""
    if needle.prefix or needle.distance:
        return set()
    places = set(starts(text, needle.text))
    if needle.as_typed:
        offsets, length = squeeze(text).offsets, len(squeeze(needle.text).points)
        cuts = {place: text[offsets[place] : offsets[place + length - 1] + 1] for place in places}
        places = {place for place, cut in cuts.items() if as_written(cut, needle.text)}
    return places


@settings(max_examples=300)
@given(texts, queries)
def test_a_span_cut_out_and_folded_is_a_term_or_a_variant(text: str, q: str) -> None:
    parsed = parse(q, scope())
    terms = {fold(needle.text) for needle in parsed.needles if needle.form_of is None}
    variants = {fold(form) for forms in parsed.variants.values() for form in forms}
    assert {fold(needle.text) for needle in parsed.needles} <= terms | variants
    for needles in (parsed.needles, parsed.loose_needles):
        for start, end in spans(text, needles):
            cut = text[start:end]
            assert any(is_what_was_asked(cut, needle) for needle in needles if not needle.quiet), cut
            assert cut == cut.strip()


@settings(max_examples=300)
@given(texts, queries)
def test_nothing_that_was_asked_for_is_left_unmarked(text: str, q: str) -> None:
    needles = parse(q, scope()).needles
    offsets = squeeze(text).offsets
    marked = {place for start, end in spans(text, needles) for place in range(start, end)}
    for needle in needles:
        if not needle.quiet:
            for place in occurs(text, needle):
                # Where two overlap, the one that begins first is marked, so a part of the other is.
                length = len(squeeze(needle.text).points)
                assert marked & set(offsets[place : place + length].tolist()), (needle, place)


@settings(max_examples=300)
@given(texts, queries)
def test_no_span_ends_within_a_sign_or_a_word(text: str, q: str) -> None:
    squeezed = squeeze(text)
    begins = set(squeezed.offsets.tolist())
    inside = {
        offset
        for offset, word, starts_word in zip(
            squeezed.offsets.tolist(), squeezed.is_word.tolist(), squeezed.starts_word.tolist(), strict=True
        )
        if word and not starts_word
    }
    for start, end in spans(text, parse(q, scope()).needles):
        assert start in begins - inside
        assert end == len(text) or end in begins - inside or text[end].isspace()
