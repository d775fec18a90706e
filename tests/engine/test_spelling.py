"""Words that are nearly alike, against Levenshtein's distance written out, and against stock Whoosh."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.query import FuzzyTerm
from whoosh.support.levenshtein import levenshtein

from searchsvc.engine import Document, Plan, spelling
from searchsvc.text.terms import encode
from tests.engine.corpus import engine_of, stock

# Letters of one, two, three and four bytes.
LETTERS = "abé\u0628\u1e9e\U00010428"
words = st.text(LETTERS, min_size=1, max_size=8)


@given(st.lists(words, max_size=12), words, st.integers(0, 3), st.integers(0, 5))
def test_words_are_near_when_their_distance_is_no_greater(
    others: list[str], word: str, most: int, offset: int
) -> None:
    encoded = [other.encode() for other in others]
    data = np.frombuffer(b"." * offset + b"".join(encoded), np.uint8)
    ends = np.cumsum([offset, *map(len, encoded)], dtype=np.int64)
    found = spelling.near(data, ends, encode(word), most).tolist()
    assert found == [place for place, other in enumerate(others) if levenshtein(word, other) <= most]


@settings(max_examples=30)
@given(
    st.lists(st.text("abcdé", min_size=1, max_size=6), min_size=1, max_size=20),
    st.text("abcde", min_size=1, max_size=6),
    st.integers(1, 2),
    st.integers(0, 2),
)
def test_any_fuzzy_term_finds_what_stock_whoosh_finds(
    others: list[str], word: str, distance: int, prefix: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        documents = [Document(str(n), "", text, "", None) for n, text in enumerate(others)]
        engine = engine_of(Path(folder), documents)
        query = FuzzyTerm("body", word, maxdist=distance, prefixlength=min(prefix, len(word)))
        found = engine.run(Plan(query, limit=100))
        assert {hit.id for hit in found.hits} == set(stock(engine, query))
