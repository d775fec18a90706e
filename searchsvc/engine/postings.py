"""Posting lists ↔ bytes: many lists packed by arrays at once, one list read by a few array calls.

A list says in which documents a term occurs, how often in each, and at which places. Packed, it is
seven runs of bytes, one after the other, most of them empty for most terms::

    counts     how many documents fall in each block, where documents are kept by blocks
    documents  4 bytes each; or the lower 2, in blocks of 65,536; or the lower 1, in blocks of 256
    codes      how often, 2 bits each: 1, 2, 3, or 0 for "more, see below"; none if always once
    more       the greater frequencies, a byte each, or 4 if one of them needs it
    lows       the lower 8 bits of each place
    highs      the next 4 bits of each place, two to a byte; 15 says "see below"
    far        the places that do not fit in 12 bits, 4 bytes each (1 % of all in news articles)

The smallest of the three ways to keep documents is taken. With blocks of 256 no gap is ever too
wide for its byte, as it would be with differences, since articles of one source come in bursts;
and reading is a repeat and an addition, cheaper than a cumulative sum (29 µs against 47 for 90,000
documents). Frequencies are mostly 1: two bits instead of a byte save a tenth of the index.

Packing many lists makes each of the runs for all lists at once, and then shuffles them together,
by a mask for each.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]

# Bits of a list's flags: how documents are kept (2 bits), and what else there is.
WIDE, HALF, BYTE = range(3)
KIND, HAS_CODES, HAS_MORE, WIDE_MORE, HAS_FAR = 3, 4, 8, 16, 32
COUNTS, WIDES, HALVES, BYTES, CODES, MORES, LOWS, HIGHS, FAR = range(9)
STREAMS = 9
FAR_HIGH = 15

# A byte of four codes → those codes.
_FOUR = (np.arange(256)[:, None] >> np.array([0, 2, 4, 6]) & 3).astype(np.uint8)
FOUR = _FOUR.view(np.uint32).ravel()
# A byte of two highs → those highs, already shifted by 8.
_TWO = ((np.arange(256)[:, None] >> np.array([0, 4]) & 15) << 8).astype(np.uint16)
TWO = _TWO.view(np.uint32).ravel()


@dataclass(frozen=True, slots=True)
class Lists:
    """Plain posting lists, one term after the other.

    ``dfs``: documents per term, shape (t,). ``docs`` and ``freqs``: shape (sum of dfs,). ``places``:
    shape (sum of freqs,), or None where they are not kept.
    """

    dfs: Ints
    docs: NDArray[Any]
    freqs: NDArray[Any]
    places: NDArray[Any] | None

    def cfs(self) -> Ints:
        """Occurrences per term, shape (t,)."""
        return sums(self.freqs, self.dfs)


@dataclass(frozen=True, slots=True)
class Packed:
    """Packed posting lists: their bytes, and per term the number of bytes and the flags."""

    data: NDArray[np.uint8]
    sizes: Ints
    flags: NDArray[np.uint8]


def sums(values: NDArray[Any], lengths: Ints) -> Ints:
    """The sum of each group of consecutive values. Groups may be empty."""
    ends = np.cumsum(lengths)
    total = np.concatenate(([0], np.cumsum(values, dtype=np.intp)))
    return total[ends] - total[ends - lengths]


def starts(lengths: Ints) -> Ints:
    """Where each group starts."""
    return np.cumsum(lengths) - lengths


def ragged(begin: Ints, lengths: Ints) -> Ints:
    """The indices begin[0], begin[0] + 1, …, for ``lengths[0]`` of them, then begin[1], …"""
    return np.repeat(begin - starts(lengths), lengths) + np.arange(int(lengths.sum()))


def block_counts(documents: int) -> tuple[int, int]:
    """How many counts are kept for blocks of 65,536 and of 256. A single block needs no count."""
    halves = -(-documents // 65536)
    return (0 if halves == 1 else halves), -(-documents // 256)


def pack(lists: Lists, documents: int) -> Packed:
    """Pack lists of a segment that has this many documents."""
    kinds = _kinds(lists.dfs, documents)
    lengths = np.zeros((len(lists.dfs), STREAMS), np.intp)
    streams: list[NDArray[Any]] = [np.zeros(0, np.uint8)] * STREAMS
    flags = kinds.astype(np.uint8)
    _pack_documents(lists, kinds, documents, lengths, streams)
    flags |= _pack_frequencies(lists, lengths, streams)
    if lists.places is not None:
        flags |= _pack_places(lists, lengths, streams)
    return Packed(_interleave(lengths, streams), lengths.sum(1), flags)


def _kinds(dfs: Ints, documents: int) -> NDArray[np.uint8]:
    """The smallest way to keep the documents of each term."""
    halves, bytes_ = block_counts(documents)
    costs = np.stack([4 * dfs, 2 * dfs + 4 * halves, dfs + 4 * bytes_ // 2])
    return np.argmin(costs, axis=0).astype(np.uint8)


def _pack_documents(
    lists: Lists, kinds: NDArray[np.uint8], documents: int, lengths: Ints, streams: list[NDArray[Any]]
) -> None:
    halves, bytes_ = block_counts(documents)
    of_posting = np.repeat(kinds, lists.dfs)
    counts = np.zeros(len(kinds), np.intp)
    for kind, stream, dtype in ((WIDE, WIDES, "<u4"), (HALF, HALVES, "<u2"), (BYTE, BYTES, "u1")):
        chosen = kinds == kind
        lengths[chosen, stream] = lists.dfs[chosen] * np.dtype(dtype).itemsize
        streams[stream] = lists.docs[of_posting == kind].astype(dtype)
    counts[kinds == HALF], counts[kinds == BYTE] = 4 * halves, 2 * bytes_
    lengths[:, COUNTS] = counts
    parts = [
        _blocks(lists, kinds == HALF, of_posting == HALF, 16, halves).astype("<u4").view(np.uint8),
        _blocks(lists, kinds == BYTE, of_posting == BYTE, 8, bytes_).astype("<u2").view(np.uint8),
    ]
    which = np.repeat(kinds, counts)
    streams[COUNTS] = np.zeros(len(which), np.uint8)
    for kind, part in ((HALF, parts[0]), (BYTE, parts[1])):
        streams[COUNTS][which == kind] = part


def _blocks(
    lists: Lists, terms: NDArray[np.bool_], postings: NDArray[np.bool_], bits: int, blocks: int
) -> Ints:
    """For each of some terms, how many of its documents are in each block."""
    count = int(terms.sum())
    if not count or not blocks:
        return np.zeros(0, np.intp)
    term = np.repeat(np.arange(count) * blocks, lists.dfs[terms])
    return np.bincount(term + (lists.docs[postings] >> bits), minlength=count * blocks)


def _pack_frequencies(lists: Lists, lengths: Ints, streams: list[NDArray[Any]]) -> NDArray[np.uint8]:
    """Fill in CODES and MORES; the flags that say so."""
    flags = np.zeros(len(lists.dfs), np.uint8)
    coded = lists.cfs() > lists.dfs
    if not coded.any():
        return flags
    dfs = lists.dfs[coded]
    freqs = lists.freqs[np.repeat(coded, lists.dfs)]
    # Every list begins at a whole byte, so it is padded to a multiple of four.
    padded = -(-dfs // 4) * 4
    codes = np.zeros(int(padded.sum()), np.uint8)
    codes[ragged(starts(padded), dfs)] = np.where(freqs > 3, 0, freqs)
    streams[CODES] = codes.reshape(-1, 4) @ np.array([1, 4, 16, 64], np.uint8)
    lengths[coded, CODES] = padded // 4
    great = freqs > 3
    wide = np.zeros(len(flags), bool)
    if great.any():
        counts = sums(great, dfs)
        wide[coded] = sums(freqs > 255, dfs) > 0
        streams[MORES] = _mixed(freqs[great], np.repeat(wide[coded], counts))
        lengths[coded, MORES] = counts * np.where(wide[coded], 4, 1)
        flags[coded] |= np.where(counts > 0, HAS_MORE, 0).astype(np.uint8)
    flags[coded] |= HAS_CODES
    flags[wide] |= WIDE_MORE
    return flags


def _mixed(values: NDArray[Any], wide: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Values as bytes: 4 where ``wide``, else 1."""
    where = np.repeat(wide, np.where(wide, 4, 1))
    out = np.zeros(len(where), np.uint8)
    out[where] = values[wide].astype("<u4").view(np.uint8)
    out[~where] = values[~wide].astype(np.uint8)
    return out


def _pack_places(lists: Lists, lengths: Ints, streams: list[NDArray[Any]]) -> NDArray[np.uint8]:
    """Fill in LOWS, HIGHS and FAR; the flags that say so."""
    assert lists.places is not None
    cfs, places = lists.cfs(), lists.places
    far = places >= FAR_HIGH << 8
    streams[LOWS] = places.astype(np.uint8)
    highs = np.where(far, FAR_HIGH, places >> 8).astype(np.uint8)
    padded = -(-cfs // 2) * 2
    pairs = np.zeros(int(padded.sum()), np.uint8)
    if len(pairs) == len(highs):
        pairs = highs
    else:
        pairs[ragged(starts(padded), cfs)] = highs
    streams[HIGHS] = pairs[0::2] | pairs[1::2] << 4
    lengths[:, LOWS], lengths[:, HIGHS] = cfs, padded // 2
    if not far.any():
        return np.zeros(len(cfs), np.uint8)
    counts = sums(far, cfs)
    streams[FAR] = places[far].astype("<u4")
    lengths[:, FAR] = 4 * counts
    return np.where(counts > 0, HAS_FAR, 0).astype(np.uint8)


def _interleave(lengths: Ints, streams: list[NDArray[Any]]) -> NDArray[np.uint8]:
    """Shuffle runs together: for each term its part of every stream, in the order of streams."""
    which = np.repeat(np.tile(np.arange(STREAMS, dtype=np.uint8), len(lengths)), lengths.ravel())
    out = np.empty(len(which), np.uint8)
    for number, stream in enumerate(streams):
        if len(stream):
            out[which == number] = stream.view(np.uint8)
    return out


def _split(data: NDArray[np.uint8], lengths: Ints) -> list[NDArray[np.uint8]]:
    """Undo ``_interleave``."""
    count = lengths.shape[1]
    which = np.repeat(np.tile(np.arange(count, dtype=np.uint8), len(lengths)), lengths.ravel())
    return [data[which == number] if lengths[:, number].any() else data[:0] for number in range(count)]


def unpack(packed: Packed, dfs: Ints, cfs: Ints, documents: int, has_places: bool) -> Lists:
    """Undo ``pack``."""
    halves, bytes_ = block_counts(documents)
    kinds = packed.flags & KIND
    coded = packed.flags & HAS_CODES > 0
    front = np.zeros((len(dfs), CODES + 2), np.intp)
    for kind, stream, width in ((WIDE, WIDES, 4), (HALF, HALVES, 2), (BYTE, BYTES, 1)):
        front[:, stream] = np.where(kinds == kind, dfs * width, 0)
    front[:, COUNTS] = np.where(kinds == HALF, 4 * halves, np.where(kinds == BYTE, 2 * bytes_, 0))
    front[:, CODES] = np.where(coded, -(-dfs // 4), 0)
    front[:, CODES + 1] = packed.sizes - front.sum(1)
    *streams, rest = _split(packed.data, front)
    docs = _unpack_documents(streams, kinds, dfs, front[:, COUNTS], (halves, bytes_))
    freqs = np.ones(int(dfs.sum()), np.uint32)
    if coded.any():
        codes = FOUR[streams[CODES]].view(np.uint8)
        padded = front[coded, CODES] * 4
        freqs[np.repeat(coded, dfs)] = codes[ragged(starts(padded), dfs[coded])]
    return _unpack_rest(
        rest, front[:, CODES + 1], packed.flags, Lists(dfs, docs, freqs, None), cfs, has_places
    )


def _unpack_documents(
    streams: list[NDArray[np.uint8]],
    kinds: NDArray[np.integer[Any]],
    dfs: Ints,
    counts: Ints,
    blocks: tuple[int, int],
) -> NDArray[np.uint32]:
    docs = np.empty(int(dfs.sum()), np.uint32)
    of_posting, which = np.repeat(kinds, dfs), np.repeat(kinds, counts)
    docs[of_posting == WIDE] = streams[WIDES].view("<u4")
    for kind, stream, dtype, count_dtype, bits, count in (
        (HALF, HALVES, "<u2", "<u4", 16, blocks[0]),
        (BYTE, BYTES, "u1", "<u2", 8, blocks[1]),
    ):
        terms = int((kinds == kind).sum())
        low = streams[stream].view(dtype).astype(np.uint32)
        if count and terms:
            bases = np.tile(np.arange(count, dtype=np.uint32) << bits, terms)
            low += np.repeat(bases, streams[COUNTS][which == kind].view(count_dtype))
        docs[of_posting == kind] = low
    return docs


def _unpack_rest(
    rest: NDArray[np.uint8], sizes: Ints, flags: NDArray[np.uint8], lists: Lists, cfs: Ints, has_places: bool
) -> Lists:
    """The runs whose lengths are known only once the codes before them are read."""
    great = lists.freqs == 0
    counts = sums(great, lists.dfs)
    wide = flags & WIDE_MORE > 0
    back = np.zeros((len(cfs), 4), np.intp)
    back[:, 0] = counts * np.where(wide, 4, 1)
    if has_places:
        back[:, 1], back[:, 2] = cfs, -(-cfs // 2)
        back[:, 3] = sizes - back[:, :3].sum(1)
    mores, lows, highs, far = _split(rest, back)
    if len(mores):
        where, is_wide = np.repeat(wide, back[:, 0]), np.repeat(wide, counts)
        values = np.empty(len(is_wide), np.uint32)
        values[is_wide], values[~is_wide] = mores[where].view("<u4"), mores[~where]
        lists.freqs[great] = values
    if not has_places:
        return lists
    high = TWO[highs].view(np.uint16)
    if len(high) != len(lows):
        high = high[ragged(starts(back[:, 2] * 2), cfs)]
    places = high.astype(np.uint32) | lows
    places[high == FAR_HIGH << 8] = far.view("<u4")
    return Lists(lists.dfs, lists.docs, lists.freqs, places)
