"""Packed lists read back: every way of keeping documents, frequencies and places, whole and in part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from searchsvc.engine import reading
from searchsvc.engine.postings import BYTE, HALF, KIND, WIDE, Lists, pack
from searchsvc.engine.reading import Rows

SMALL, LARGE = 5_000, 200_000
List = dict[int, list[int]]


def packed(lists: list[List], documents: int) -> tuple[NDArray[np.uint8], Rows]:
    """Lists (document → places) as bytes, after a few that belong to nobody, and their rows."""
    docs = np.array([doc for one in lists for doc in one], np.int64)
    freqs = np.array([len(places) for one in lists for places in one.values()], np.int64)
    places = np.array([place for one in lists for at in one.values() for place in at], np.int64)
    made = pack(Lists(np.array([len(one) for one in lists]), docs, freqs, places), documents)
    ends = 7 + np.cumsum(made.sizes)
    rows = np.zeros((len(lists), reading.FIELDS), np.int64)
    for row, one, end, size, flags in zip(
        rows, lists, ends.tolist(), made.sizes.tolist(), made.flags.tolist(), strict=True
    ):
        start, df, cf = end - size, len(one), sum(map(len, one.values()))
        row[:6] = start, end, flags, df, cf, reading.codes_at(start, flags, df, documents)
    return np.concatenate([np.full(7, 255, np.uint8), made.data, np.full(7, 255, np.uint8)]), rows


def listed(docs: list[int], seed: int, far: bool = True) -> List:
    """A list with those documents: mostly one place, some with few, a few with hundreds."""
    chance = np.random.default_rng(seed)
    most = 6_000 if far else 3_000
    found: List = {}
    for doc in docs:
        count = int(chance.choice([1, 2, 3, 5, 400], p=[0.6, 0.2, 0.1, 0.097, 0.003]))
        found[doc] = sorted(chance.choice(most, count, replace=False).tolist())
    return found


@st.composite
def some(draw: st.DrawFn, documents: int) -> list[int]:
    """Ascending documents: a handful, or every so many-th, or a dense run."""
    few = draw(st.sets(st.integers(0, documents - 1), min_size=1, max_size=40))
    step = draw(st.sampled_from([0, 0, 3, 40, 700]))
    start = draw(st.integers(0, documents // 2))
    return sorted(few.union(range(start, min(documents, start + 900 * step), step) if step else ()))


@pytest.mark.parametrize("documents", [SMALL, LARGE])
@given(st.data())
def test_a_list_is_read_as_it_was_packed(documents: int, data: st.DataObject) -> None:
    one = listed(data.draw(some(documents)), data.draw(st.integers(0, 9)))
    octets, rows = packed([listed([1, 4], 3), one], documents)
    assert reading.unpacked(octets, rows[1], documents).tolist() == list(one)
    assert reading.frequencies(octets, rows[1]).tolist() == [len(places) for places in one.values()]
    assert reading.places(octets, rows[1]).tolist() == [place for at in one.values() for place in at]
    asked = data.draw(some(documents))
    kept = reading.kept(octets, rows[1], documents, np.array(asked, np.int32))
    assert kept.tolist() == [doc for doc in asked if doc in one]


def test_all_ways_to_keep_documents_are_tried() -> None:
    dense, middle, few = list(range(0, LARGE, 9)), list(range(0, LARGE, 400)), [3, 150_000]
    _, rows = packed([listed(docs, 1) for docs in (dense, middle, few)], LARGE)
    assert [int(flags) & KIND for flags in rows[:, reading.FLAGS]] == [BYTE, HALF, WIDE]


@pytest.mark.parametrize("documents", [SMALL, LARGE])
@given(st.data())
def test_a_list_scores_the_documents_it_has(documents: int, data: st.DataObject) -> None:
    one = listed(data.draw(some(documents)), data.draw(st.integers(0, 9)))
    asked = np.array(data.draw(some(documents)), np.int32)
    octets, rows = packed([one], documents)
    norms = np.linspace(0.5, 2, documents, dtype=np.float32)
    wanted = [
        2.5 * len(one[doc]) / (len(one[doc]) + norms[doc]) if doc in one else 0 for doc in asked.tolist()
    ]
    scores = np.ones(len(asked), np.float32)
    reading.score_list(octets, rows[0], documents, asked, norms, 2.5, scores)
    assert scores - 1 == pytest.approx(wanted, abs=1e-5)
    found, freqs = reading.unpacked(octets, rows[0], documents), reading.frequencies(octets, rows[0])
    reading.score_found(found, freqs, asked, norms, 2.5, scores)
    assert scores - 1 == pytest.approx([2 * score for score in wanted], abs=1e-5)
    table = np.zeros(documents, np.float32)
    reading.score_all(octets, rows[0], documents, norms, 2.5, table)
    assert table[asked] == pytest.approx(wanted, abs=1e-5)


def plain(lists: list[List], distances: list[int]) -> dict[int, int]:
    """Document → how often all lists have places at these distances."""
    counts = {}
    for doc in lists[0]:
        if all(doc in one for one in lists):
            begins = [{at - far for at in one[doc]} for one, far in zip(lists, distances, strict=True)]
            if agreed := set.intersection(*begins):
                counts[doc] = len(agreed)
    return counts


@pytest.mark.parametrize("documents", [SMALL, LARGE])
@given(st.data())
def test_a_string_is_where_the_places_of_its_terms_agree(documents: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    docs = data.draw(some(documents))
    lists = []
    for number in range(count):
        others = data.draw(some(documents))
        lists.append(listed(sorted({*docs[number % 3 :], *others}), number, data.draw(st.booleans())))
    lists.sort(key=len)
    distances = data.draw(st.permutations(range(count)))
    # Let the string really occur: a few places of the first list are taken over by the others.
    for doc, places in lists[0].items():
        for one, far in zip(lists[1:], distances[1:], strict=True):
            if doc % 3 and doc in one:
                moved = {place + far - distances[0] for place in places[:2]}
                one[doc] = sorted({*one[doc], *(place for place in moved if place >= 0)})
    octets, rows = packed(lists, documents)
    rows[:, reading.PLACE] = distances
    wanted = plain(lists, distances)
    none = np.zeros(0, np.int32)
    found, freqs = reading.string_in(octets, rows, documents, none, False)
    assert dict(zip(found.tolist(), freqs.tolist(), strict=True)) == wanted
    asked = np.array(data.draw(some(documents)), np.int32)
    found, freqs = reading.string_in(octets, rows, documents, asked, True)
    restricted = {doc: wanted[doc] for doc in asked.tolist() if doc in wanted}
    assert dict(zip(found.tolist(), freqs.tolist(), strict=True)) == restricted
