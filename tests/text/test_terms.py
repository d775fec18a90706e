"""Terms: what is a term, and that terms and offsets decide containment as a plain scan does."""

import re
from collections import defaultdict

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.fold import fold
from searchsvc.text.terms import LONGEST_WORD, classes, forms, needle, squeeze, terms, variants

ALPHABET = "石破茂后後乾干特朗普ab1２ -.，“·\n\u200b\u0301𠮷か가🎉"
texts = st.text(ALPHABET, max_size=40)


def placed(text: str) -> list[tuple[str, int]]:
    return [(term.text, term.place) for term in needle(text).terms()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("石破茂", [("石破", 0), ("破茂", 1)]),
        ("茂", [("茂", 0)]),
        ("G20 峰會", [("g20", 0), ("0峰", 2), ("峰会", 3)]),
        ("11月18日", [("11", 0), ("1月", 1), ("月1", 2), ("18", 3), ("8日", 4)]),
        ("Donald  Trump", [("donald", 0), ("trump", 6)]),
        ("covid-19", [("covid", 0), ("d-", 4), ("-1", 5), ("19", 6)]),
        ("𠮷野家", [("𠮷野", 0), ("野家", 1)]),
        ("，", [(",", 0)]),
        (" \u200b\n", []),
        ("", []),
    ],
)
def test_the_terms_of_a_string(text: str, expected: list[tuple[str, int]]) -> None:
    assert placed(text) == expected


@pytest.mark.parametrize("name", ["s2t", "s2tw", "s2hk", "t2s"])
def test_both_scripts_of_a_text_have_the_same_terms(name: str) -> None:
    text = "石破茂與川普通了五分钟的电话，後來在皇后大道乾燥的头发里发展干部关系。"
    assert terms(opencc.OpenCC(name).convert(text)) == terms(text)


@given(texts)
def test_a_folded_text_has_the_same_terms(text: str) -> None:
    assert terms(fold(text)) == terms(text)


def test_a_very_long_word_is_kept_short_and_apart_from_its_like() -> None:
    one, other = ("a" * 10_000 + end for end in "xy")
    assert len(needle(one).terms()[0].text) < LONGEST_WORD + 20
    assert needle(one).terms() != needle(other).terms()


def scan(text: str, string: str) -> bool:
    """Containment as the documentation defines it: one text in the other, units made plain."""
    wanted = plainly(string)
    return bool(wanted) and wanted in plainly(text)


def plainly(text: str) -> str:
    """Signs as ``X…``, whole words as ``W<…>``: no two of these run into each other."""
    runs: list[str] = []
    pieces = re.split(r"[\s\x00-\x1f]+", re.sub("[\u200b\u0301]", "", fold(text)))
    for piece in pieces:
        for run in re.findall(r"[a-z0-9]+|.", piece):
            runs.append(f"W<{run}>" if re.fullmatch("[a-z0-9]+", run) else f"X{run}")
    return "".join(runs)


def by_terms(text: str, string: str) -> bool:
    """Containment as an index decides it: terms at the right distances."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    for term in terms(text):
        places[term.text].add(term.place)
    wanted = needle(string).terms()
    if not wanted:
        return False
    starts = set.intersection(*({place - term.place for place in places[term.text]} for term in wanted))
    return bool(starts)


@given(texts, st.data())
def test_terms_and_offsets_decide_as_a_plain_scan_does(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    cut = text[start : start + data.draw(st.integers(1, 12))]
    string = data.draw(st.sampled_from([cut, cut[::-1]]) | texts)
    assert by_terms(text, string) == scan(text, string)


@given(texts | st.text(st.characters(codec=None)))
def test_a_string_is_taken_apart_as_a_text_is(text: str) -> None:
    squeezed, string = squeeze(text), needle(text)
    assert string.text == squeezed.text
    assert string.points.tolist() == squeezed.points.tolist()
    placed = [term for term in terms(text) if term.kind != "single"]
    wanted = sorted(placed or terms(text), key=lambda term: (term.place, term.length))
    assert string.terms() == wanted
    pairs = [term.place for term in placed if term.kind == "pair"]
    assert string.pairs.tolist() == pairs


@given(st.text(st.characters(codec=None)))
def test_any_text_has_terms_without_error(text: str) -> None:
    squeezed = squeeze(text)
    assert len(squeezed.text) == len(squeezed.offsets) == len(squeezed.is_word)
    terms(text)


def test_every_code_point_has_a_class() -> None:
    assert classes().shape == (0x110000,)


def test_forms_are_han_characters_that_do_not_represent_their_class() -> None:
    written = {char: chr(form) if (form := forms()[ord(char)]) else None for char in "國国后後干乾幹a中ａ"}
    assert written == {
        **dict.fromkeys("国后干a中ａ"),
        **{char: char for char in "國後乾幹"},
    }
    assert forms()[0xF904] == 0  # Compatibility form of 滑, which represents itself.
    assert set(variants()["干"]) >= set("乾幹") and "干" not in variants()["干"]
