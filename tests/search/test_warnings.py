"""Every kind of warning: a query that gets it, and the sentence that programs and the terminal are told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

import pytest

from searchsvc.search.meaning import MOST_TERMS
from searchsvc.search.syntax import DEEPEST, LONGEST, parse
from searchsvc.search.warnings import SENTENCES, Kind
from searchsvc.text.terms import LONGEST_WORD
from tests.search.test_syntax import SCOPE

MANY = " ".join(chr(0x4E00 + number) for number in range(MOST_TERMS + 1))
QUERIES: Mapping[Kind, tuple[str, str]] = {
    "cut": ("甲" * (LONGEST + 1), "The query was cut to its first 400 characters"),
    "no_text": ("甲\x00", "Characters that no text can have were left out"),
    "too_deep": ("(" * (DEEPEST + 1) + "甲", "Parentheses deeper than 8 were left out"),
    "close": ("甲)", "A ) without its ( was left out"),
    "open": ("(甲", "A ( without its ) was closed at the end"),
    "empty": ("甲 ()", "Parentheses with nothing in them were left out"),
    "alone": ("甲 OR", "OR with nothing beside it was left out"),
    "quote": ('"甲', "A quotation mark without its pair was closed at the end"),
    "nothing": ("，", "There is nothing to search for in this query; all articles are shown"),
    "left_out": ('甲 ""', '"" was left out: there is nothing in it to look for'),
    "not_understood": ("date:x", "date:x was not understood and is searched as text"),
    "no_operator": ("site:x", "site: is no operator; site:x is searched as text"),
    "star": ("v*l", "* and ~ mean something only at the end of letters; v*l is searched as text"),
    "few": (MANY, "Only the first 64 words were searched"),
    "few_in_time": (MANY, "Only the first 8 words were searched: more of them would take too long"),
    "either_script": ("=乾", "=乾 is searched in either script: to tell them apart would take too long"),
    "beginning": ("x" * (LONGEST_WORD + 1) + "*", "Of a word's beginning, 40 letters are looked for"),
    "long_fuzzy": ("x" * LONGEST_WORD + "~", f"{'x' * 40} is too long for ~ and is searched as it stands"),
    "no_source": ("source:x", "No source is called x"),
    "exchanged": (
        "date:2024-11/2024-10",
        "date:2024-11/2024-10 ends before it begins; the two were exchanged",
    ),
}
WHOLE = replace(SCOPE, in_script=lambda string, name: lambda ids: [True] * len(ids), sources=lambda name: ())
SHORT = replace(WHOLE, short=True)


def test_every_kind_has_its_sentence_and_its_query() -> None:
    assert set(get_args(Kind)) == SENTENCES.keys() == QUERIES.keys()


@pytest.mark.parametrize("kind", get_args(Kind))
def test_a_query_gets_its_warning_once(kind: Kind) -> None:
    q, sentence = QUERIES[kind]
    warnings = parse(q, SHORT if kind in ("few_in_time", "either_script") else WHOLE).warnings
    assert [str(each) for each in warnings if each.kind == kind] == [sentence]
