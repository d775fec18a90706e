"""Inverting by arrays gives, to the letter, the terms of ``text/terms.py``; packing loses nothing."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.engine import invert as invert_module
from searchsvc.engine.invert import Inverted, Keyed, invert
from searchsvc.engine.postings import Lists, pack, unpack
from searchsvc.engine.table_writer import PAIR_BITS
from searchsvc.text.terms import forms, squeeze, terms
from tests.engine.corpus import texts

Occurrences = dict[tuple[str, str], list[tuple[int, int]]]


def wanted(articles: Sequence[str]) -> Occurrences:
    found: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for number, text in enumerate(articles):
        for term in terms(text):
            found[term.kind, term.text].append((number, 0 if term.kind == "single" else term.place))
        for char in text:
            if form := forms()[ord(char)]:
                found["single", chr(form)].append((number, 0))
    return {key: sorted(places) for key, places in found.items()}


def found(inverted: Inverted) -> Occurrences:
    pairs = [chr(n >> PAIR_BITS) + chr(n & (1 << PAIR_BITS) - 1) for n in inverted.pairs.numbers.tolist()]
    words = [inverted.vocabulary[n].decode("utf-8", "surrogatepass") for n in inverted.words.numbers.tolist()]
    singles = [chr(number) for number in inverted.singles.numbers.tolist()]
    return dict(
        [
            *_lists("pair", pairs, inverted.pairs),
            *_lists("word", words, inverted.words),
            *_lists("single", singles, inverted.singles),
        ]
    )


def _lists(kind: str, names: list[str], keyed: Keyed) -> list[tuple[tuple[str, str], list[tuple[int, int]]]]:
    lists = keyed.lists
    docs = np.repeat(lists.docs, lists.freqs)
    places = lists.places if lists.places is not None else np.zeros(len(docs), np.uint32)
    occurrences = list(zip(docs.tolist(), places.tolist(), strict=True))
    ends = np.cumsum(lists.cfs()).tolist()
    assert names == sorted(names)
    return [
        ((kind, name), occurrences[end - count : end])
        for name, end, count in zip(names, ends, lists.cfs().tolist(), strict=True)
    ]


@settings(max_examples=200)
@given(st.lists(texts | st.text(max_size=20), min_size=1, max_size=8))
def test_terms_are_the_same_as_one_by_one(articles: list[str]) -> None:
    inverted = invert(articles)
    assert found(inverted) == wanted(articles)
    assert inverted.lengths.tolist() == [len(squeeze(text).points) for text in articles]


@given(st.lists(texts, min_size=1, max_size=8))
def test_a_batch_too_large_for_64_bits_is_sorted_otherwise(articles: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(invert_module, "_bits", lambda count: 40 if count else 0)
        assert found(invert(articles)) == wanted(articles)


@st.composite
def lists(draw: st.DrawFn) -> tuple[Lists, int]:
    """Lists of every kind: few and many documents, often and rare, near and far places."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    documents = draw(st.sampled_from([1, 3, 300, 3_000, 70_000, 200_000]))
    most = draw(st.sampled_from([1, 3, 260, 5_000]))
    dfs, docs, freqs, places = [], [], [], []
    for _ in range(draw(st.integers(1, 12))):
        df = min(documents, int(rng.pareto(0.4)) + 1, 20_000)
        df = documents if df < 20_000 and rng.random() < 0.05 and documents < 20_000 else df
        dfs.append(df)
        docs.append(np.sort(rng.choice(documents, df, replace=False)))
        freqs.append(np.minimum(rng.pareto(1.5, df).astype(int) + 1, most if df < 100 else min(most, 5)))
        places += [
            np.sort(rng.choice(rng.choice([400, 70_000]), freq, replace=freq > 400)) for freq in freqs[-1]
        ]
    made = Lists(
        np.array(dfs),
        np.concatenate(docs).astype(np.uint32),
        np.concatenate(freqs).astype(np.uint32),
        np.concatenate(places).astype(np.uint32),
    )
    return made, documents


@settings(max_examples=60)
@given(lists(), st.booleans())
def test_packing_loses_nothing(made: tuple[Lists, int], has_places: bool) -> None:
    plain, documents = made
    if not has_places:
        plain = Lists(plain.dfs, plain.docs, plain.freqs, None)
    packed = pack(plain, documents)
    assert packed.sizes.sum() == len(packed.data)
    back = unpack(packed, plain.dfs, plain.cfs(), documents, has_places)
    for name in ("dfs", "docs", "freqs", *(["places"] if has_places else [])):
        assert np.array_equal(getattr(back, name), getattr(plain, name))
