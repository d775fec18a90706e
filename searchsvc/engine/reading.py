"""Packed posting lists, read by compiled loops; how they are packed is told in ``postings``.

A list is told by a *row* of numbers (``START`` and so on below). Documents are found without
unpacking what lies between: a block's count says how far to skip, and within a block the lower
bits are searched. Frequencies and places are reached by adding up the codes that are skipped, four
to a byte, so what is not needed costs a quarter of a byte's reading for each document.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.engine.compiled import (
    BYTES,
    COUNTS,
    DOCS,
    FLOAT,
    FLOATS,
    INT,
    NUMBERS,
    ROW,
    ROWS,
    SCORES,
    compiled,
    inlined,
    readonly,
)
from searchsvc.engine.postings import BYTE, FAR_HIGH, HALF, HAS_CODES, HAS_FAR, HAS_MORE, KIND, WIDE_MORE

Docs = NDArray[np.int32]
Rows = NDArray[np.int64]

# What a row says: where the list begins and ends in the file, its flags, documents, occurrences,
# and where its codes begin; of a term in a string also its place there and its length.
START, END, FLAGS, DF, CF, CODES, PLACE, LENGTH = range(8)
FIELDS = 8

# From so many values on, bisection is quicker than looking at one after the other.
MANY = 16


# Numbers of two and four bytes, at any offset.


@inlined
def _half(data: Any, at: Any) -> Any:
    return np.int64(data[at]) | np.int64(data[at + 1]) << 8


@inlined
def _wide(data: Any, at: Any) -> Any:
    return _half(data, at) | _half(data, at + 2) << 16


@inlined
def _blocks(flags: Any, documents: Any) -> Any:
    """How many counts a list begins with."""
    if flags & KIND == BYTE:
        return (documents + 255) >> 8
    if flags & KIND == HALF and documents > 65536:
        return (documents + 65535) >> 16
    return 0


@inlined
def _codes_at(start: Any, flags: Any, df: Any, documents: Any) -> Any:
    """Where a list's codes begin: behind its counts and documents."""
    blocks = _blocks(flags, documents)
    if flags & KIND == BYTE:
        return start + 2 * blocks + df
    if flags & KIND == HALF:
        return start + 4 * blocks + 2 * df
    return start + 4 * df


@compiled(INT, INT, INT, INT)
def codes_at(start: int, flags: int, df: int, documents: int) -> int:
    """Where a list's codes begin."""
    return _codes_at(start, flags, df, documents)  # type: ignore[no-any-return]


# Documents.


@inlined
def _unpack(data: Any, row: Any, documents: Any, out: Any) -> Any:
    """All documents of a list, into the beginning of ``out``."""
    flags, df = row[FLAGS], row[DF]
    blocks = _blocks(flags, documents)
    n = 0
    if flags & KIND == BYTE:
        at = row[START] + 2 * blocks
        for block in range(blocks):
            count = _half(data, row[START] + 2 * block)
            base = block << 8
            for low in data[at + n : at + n + count]:
                out[n] = base | low
                n += 1
    elif flags & KIND == HALF:
        at = row[START] + 4 * blocks
        for block in range(max(blocks, 1)):
            count = _wide(data, row[START] + 4 * block) if blocks else df
            base = block << 16
            for i in range(n, n + count):
                out[i] = base | _half(data, at + 2 * i)
            n += count
    else:
        for i in range(df):
            out[i] = _wide(data, row[START] + 4 * i)


@inlined
def _value(data: Any, at: Any, size: Any, i: Any) -> Any:
    if size == 1:
        return np.int64(data[at + i])
    if size == 2:
        return _half(data, at + 2 * i)
    return _wide(data, at + 4 * i)


@inlined
def _search(data: Any, at: Any, size: Any, i: Any, end: Any, wanted: Any) -> Any:
    """The first place from ``i`` to ``end`` whose value is not below what is wanted."""
    step = 1
    while i + step < end and _value(data, at, size, i + step) < wanted:
        i += step
        step <<= 1
    if i < end and _value(data, at, size, i) < wanted:
        i += 1
    end = min(end, i + step)
    while i < end:
        middle = (i + end) >> 1
        if _value(data, at, size, middle) < wanted:
            i = middle + 1
        else:
            end = middle
    return i


@inlined
def _probe(data: Any, row: Any, documents: Any, docs: Any, kept: Any, index: Any) -> Any:
    """Which of some documents are in a list: their numbers in ``docs`` and their index in the list.

    Returns how many. ``kept`` and ``index`` are filled from the beginning.
    """
    flags = row[FLAGS]
    blocks = _blocks(flags, documents)
    found = 0
    if flags & KIND == BYTE:
        bits, size, head = 8, 1, 2
    elif flags & KIND == HALF and blocks:
        bits, size, head = 16, 2, 4
    else:
        bits, size, head = 31, (2 if flags & KIND == HALF else 4), 0
    at = row[START] + head * blocks
    block = np.int64(-1)
    i = end = np.int64(0)
    if bits == 31:
        block, end = np.int64(0), row[DF]
    mask = (1 << bits) - 1
    for number in range(len(docs)):
        doc = np.int64(docs[number])
        while block < doc >> bits:
            block += 1
            i = end
            end += _half(data, row[START] + 2 * block) if head == 2 else _wide(data, row[START] + 4 * block)
        wanted = doc & mask
        if size == 1:
            i = _search(data, at, 1, i, end, wanted)
        elif size == 2:
            i = _search(data, at, 2, i, end, wanted)
        else:
            i = _search(data, at, 4, i, end, wanted)
        if i < end and _value(data, at, size, i) == wanted:
            kept[found] = number
            index[found] = i
            found += 1
    return found


@inlined
def _gallop(docs: Any, i: Any, wanted: Any) -> Any:
    """The first place from ``i`` whose document is not before the one wanted."""
    end, step = len(docs), 1
    if i >= end or docs[i] >= wanted:
        return i
    while i + step < end and docs[i + step] < wanted:
        i += step
        step <<= 1
    i += 1
    end = min(end, i + step)
    while i < end:
        middle = (i + end) >> 1
        if docs[middle] < wanted:
            i = middle + 1
        else:
            end = middle
    return i


@inlined
def _common(few: Any, many: Any, out: Any) -> Any:
    """What is in both, into ``out``; returns how many."""
    n = j = 0
    for doc in few:
        j = _gallop(many, j, doc)
        if j == len(many):
            break
        if many[j] == doc:
            out[n] = doc
            n += 1
    return n


@compiled(BYTES, ROW, INT)
def unpacked(data: NDArray[np.uint8], row: Rows, documents: int) -> Docs:
    """All documents of a list, ascending, shape (df,)."""
    docs = np.empty(row[DF], np.int32)
    _unpack(data, row, documents, docs)
    return docs


@compiled(BYTES, ROW, INT, DOCS)
def kept(data: NDArray[np.uint8], row: Rows, documents: int, docs: Docs) -> Docs:
    """Those of some ascending documents that are in a list."""
    if row[DF] * 4 < len(docs):
        mine = np.empty(row[DF], np.int32)
        _unpack(data, row, documents, mine)
        out = np.empty(row[DF], np.int32)
        return out[: _common(mine, docs, out)]
    place = np.empty(len(docs), np.int32)
    index = np.empty(len(docs), np.int32)
    found = _probe(data, row, documents, docs, place, index)
    for i in range(found):
        index[i] = docs[place[i]]
    return index[:found]


# Frequencies.


@inlined
def _zeros(code: Any) -> Any:
    """How many of a byte's four codes are 0."""
    low = np.int64(code & 3 == 0) + np.int64(code & 12 == 0)
    return low + np.int64(code & 48 == 0) + np.int64(code & 192 == 0)


@inlined
def _total(code: Any) -> Any:
    """The sum of a byte's four codes."""
    return np.int64(code & 3) + np.int64(code >> 2 & 3) + np.int64(code >> 4 & 3) + np.int64(code >> 6)


@inlined
def _code(data: Any, at: Any, i: Any) -> Any:
    return np.int64(data[at + (i >> 2)]) >> ((i & 3) * 2) & 3


@inlined
def _zeros_before(data: Any, at: Any, i: Any, from_byte: Any, so_far: Any) -> Any:
    """How many codes before the ``i``-th are 0: from a byte on, up to where it was known already."""
    for code in data[at + from_byte : at + (i >> 2)]:
        so_far += _zeros(code)
    for k in range(i & ~3, i):
        so_far += _code(data, at, k) == 0
    return so_far


@inlined
def _more(data: Any, row: Any, at: Any, number: Any) -> Any:
    """A greater frequency, by its number."""
    return _wide(data, at + 4 * number) if row[FLAGS] & WIDE_MORE else np.int64(data[at + number])


@inlined
def _more_at(row: Any) -> Any:
    return row[CODES] + ((row[DF] + 3) >> 2)


@inlined
def _freqs_at(data: Any, row: Any, index: Any, count: Any, out: Any) -> Any:
    """How often, for some documents by their ascending index in the list."""
    if not row[FLAGS] & HAS_CODES:
        for k in range(count):
            out[k] = 1
        return
    codes, more = row[CODES], _more_at(row)
    byte, zeros = np.int64(0), np.int64(0)
    for k in range(count):
        i = np.int64(index[k])
        freq = _code(data, codes, i)
        if freq == 0:
            whole = i >> 2
            for code in data[codes + byte : codes + whole]:
                zeros += _zeros(code)
            byte = whole
            number = zeros
            for before in range(i & ~3, i):
                number += _code(data, codes, before) == 0
            freq = _more(data, row, more, number)
        out[k] = freq


@inlined
def _all_freqs(data: Any, row: Any, out: Any) -> Any:
    """How often, for every document of a list."""
    df = row[DF]
    if not row[FLAGS] & HAS_CODES:
        for i in range(df):
            out[i] = 1
        return
    codes, more, zeros = row[CODES], _more_at(row), 0
    for i in range(df):
        out[i] = _code(data, codes, i)
    if row[FLAGS] & HAS_MORE:
        for i in range(df):
            if out[i] == 0:
                out[i] = _more(data, row, more, zeros)
                zeros += 1


@compiled(BYTES, ROW)
def frequencies(data: NDArray[np.uint8], row: Rows) -> NDArray[np.int32]:
    """How often the term occurs in each document of its list, shape (df,)."""
    out = np.empty(row[DF], np.int32)
    _all_freqs(data, row, out)
    return out


# Scores: BM25 is factor * tf / (tf + norm), where norm depends on the document's length only.


@inlined
def _score(found: Any, freqs: Any, docs: Any, norms: Any, factor: Any, scores: Any) -> Any:
    """Add the scores of documents found to those of some documents."""
    if len(found) == len(docs) and len(docs) and found[0] == docs[0] and found[-1] == docs[-1]:
        same = True
        for k in range(len(docs)):
            same &= found[k] == docs[k]
        if same:
            for k in range(len(docs)):
                tf = np.float32(freqs[k])
                scores[k] += factor * tf / (tf + norms[docs[k]])
            return
    at = 0
    if len(found) > 8 * len(docs):
        for k in range(len(docs)):
            at = _gallop(found, at, docs[k])
            if at == len(found):
                return
            if found[at] == docs[k]:
                tf = np.float32(freqs[at])
                scores[k] += factor * tf / (tf + norms[docs[k]])
        return
    for k in range(len(found)):
        doc = found[k]
        if len(docs) > 8 * len(found):
            at = _gallop(docs, at, doc)
        else:
            while at < len(docs) and docs[at] < doc:
                at += 1
        if at == len(docs):
            return
        if docs[at] == doc:
            tf = np.float32(freqs[k])
            scores[at] += factor * tf / (tf + norms[doc])


@compiled(BYTES, ROW, INT, DOCS, FLOATS, FLOAT, SCORES)
def score_list(
    data: NDArray[np.uint8],
    row: Rows,
    documents: int,
    docs: Docs,
    norms: NDArray[np.float32],
    factor: float,
    scores: NDArray[np.float32],
) -> None:
    """Add what a term's list gives to the scores of some ascending documents."""
    df = row[DF]
    if df * 4 < len(docs) or df == len(docs):
        mine = np.empty(df, np.int32)
        freqs = np.empty(df, np.int32)
        _unpack(data, row, documents, mine)
        _all_freqs(data, row, freqs)
        _score(mine, freqs, docs, norms, factor, scores)
        return
    place = np.empty(len(docs), np.int32)
    index = np.empty(len(docs), np.int32)
    found = _probe(data, row, documents, docs, place, index)
    freqs = np.empty(found, np.int32)
    _freqs_at(data, row, index, found, freqs)
    for k in range(found):
        at = place[k]
        tf = np.float32(freqs[k])
        scores[at] += factor * tf / (tf + norms[docs[at]])


@compiled(DOCS, COUNTS, DOCS, FLOATS, FLOAT, SCORES)
def score_found(
    found: Docs,
    freqs: NDArray[np.int32],
    docs: Docs,
    norms: NDArray[np.float32],
    factor: float,
    scores: NDArray[np.float32],
) -> None:
    """Add what occurrences give to the scores of some ascending documents."""
    _score(found, freqs, docs, norms, factor, scores)


@compiled(BYTES, ROW, INT, FLOATS, FLOAT, SCORES)
def score_all(
    data: NDArray[np.uint8],
    row: Rows,
    documents: int,
    norms: NDArray[np.float32],
    factor: float,
    table: NDArray[np.float32],
) -> None:
    """Add what a term's list gives to a table of the scores of all documents."""
    docs = np.empty(row[DF], np.int32)
    freqs = np.empty(row[DF], np.int32)
    _unpack(data, row, documents, docs)
    _all_freqs(data, row, freqs)
    for k in range(len(docs)):
        tf = np.float32(freqs[k])
        table[docs[k]] += factor * tf / (tf + norms[docs[k]])


# Places.


@inlined
def _lows_at(data: Any, row: Any) -> Any:
    """Where the lower bits of the places begin: behind the greater frequencies, however many."""
    flags, at = row[FLAGS], _more_at(row)
    if not flags & HAS_CODES:
        return row[CODES]
    if not flags & HAS_MORE:
        return at
    if not flags & HAS_FAR:
        return row[END] - row[CF] - ((row[CF] + 1) >> 1)
    more = _zeros_before(data, row[CODES], row[DF], 0, 0)
    return at + (4 * more if flags & WIDE_MORE else more)


# The state of stepping through a list's places: whole bytes of codes behind it, the occurrences
# and zeros in them; occurrences whose highs were looked at, and how many of them are far.
BYTE_AT, OCCURRED, ZEROS, FAR_TO, FAR_SEEN, LOWS_AT = range(6)


@inlined
def _span(data: Any, row: Any, state: Any, i: Any) -> Any:
    """The first occurrence in the ``i``-th document of a list, and how many there are."""
    if not row[FLAGS] & HAS_CODES:
        return i, np.int64(1)
    codes, more = row[CODES], _more_at(row)
    whole = i >> 2
    total, zeros = np.int64(0), np.int64(0)
    for code in data[codes + state[BYTE_AT] : codes + whole]:
        total += _total(code)
        zeros += _zeros(code)
    if zeros and row[FLAGS] & HAS_MORE:
        for number in range(state[ZEROS], state[ZEROS] + zeros):
            total += _more(data, row, more, number)
    state[BYTE_AT] = whole
    state[OCCURRED] += total
    state[ZEROS] += zeros
    begin, number = state[OCCURRED], state[ZEROS]
    for before in range(whole << 2, i):
        freq = _code(data, codes, before)
        if freq == 0:
            freq = _more(data, row, more, number)
            number += 1
        begin += freq
    freq = _code(data, codes, i)
    if freq == 0:
        freq = _more(data, row, more, number)
    return begin, freq


@inlined
def _high(data: Any, highs: Any, i: Any) -> Any:
    return np.int64(data[highs + (i >> 1)]) >> ((i & 1) * 4) & 15


@inlined
def _place(data: Any, row: Any, state: Any, i: Any) -> Any:
    """The place of the ``i``-th occurrence in a list."""
    lows = state[LOWS_AT]
    highs = lows + row[CF]
    high = _high(data, highs, i)
    if high < FAR_HIGH:
        return high << 8 | np.int64(data[lows + i])
    # How many places before this one are far as well.
    if i < state[FAR_TO]:
        state[FAR_TO], state[FAR_SEEN] = 0, 0
    seen = state[FAR_SEEN]
    at = state[FAR_TO]
    if at & 1 and at < i:
        seen += _high(data, highs, at) == FAR_HIGH
        at += 1
    for two in data[highs + (at >> 1) : highs + (i >> 1)]:
        seen += np.int64(two & 15 == FAR_HIGH) + np.int64(two >> 4 == FAR_HIGH)
    if i & 1 and at < i:
        seen += _high(data, highs, i - 1) == FAR_HIGH
    state[FAR_TO], state[FAR_SEEN] = i, seen
    return _wide(data, highs + ((row[CF] + 1) >> 1) + 4 * seen)


@compiled(BYTES, ROW)
def places(data: NDArray[np.uint8], row: Rows) -> NDArray[np.int32]:
    """Every place of a list, document after document, shape (cf,)."""
    state = np.zeros(6, np.int64)
    state[LOWS_AT] = _lows_at(data, row)
    out = np.empty(row[CF], np.int32)
    for i in range(row[CF]):
        out[i] = _place(data, row, state, i)
    return out


@inlined
def _where_places_agree(data: Any, rows: Any, docs: Any, indices: Any, count: Any) -> Any:
    terms = len(rows)
    freqs = np.empty(count, np.int32)
    states = np.zeros((terms, 6), np.int64)
    at = np.empty(terms, np.int64)
    end = np.empty(terms, np.int64)
    if count:
        for term in range(terms):
            states[term, LOWS_AT] = _lows_at(data, rows[term])
    n = 0
    for k in range(count):
        for term in range(terms):
            at[term], freq = _span(data, rows[term], states[term], np.int64(indices[term, k]))
            end[term] = at[term] + freq
        agreed = 0
        for i in range(at[0], end[0]):
            begin = _place(data, rows[0], states[0], i) - rows[0, PLACE]
            term = 1
            while term < terms:
                wanted = begin + rows[term, PLACE]
                found = np.int64(-1)
                while at[term] < end[term]:
                    found = _place(data, rows[term], states[term], at[term])
                    if found >= wanted:
                        break
                    at[term] += 1
                if at[term] == end[term] or found != wanted:
                    break
                term += 1
            agreed += term == terms
        if agreed:
            docs[n] = docs[k]
            freqs[n] = agreed
            n += 1
    return docs[:n], freqs[:n]


@compiled(BYTES, ROWS, INT, DOCS, types.boolean)
def string_in(
    data: NDArray[np.uint8], rows: Rows, documents: int, among: Docs, restricted: bool
) -> tuple[Docs, NDArray[np.int32]]:
    """Where a string is, given the lists of its terms, the rarest first.

    Returns its documents, ascending, and how often it is in each: of all documents, or, if
    ``restricted``, of some ascending ones. Documents that have all terms come first, and of those
    the places: an occurrence of the rarest term says where the string would begin, and there all
    others have to agree.
    """
    terms = len(rows)
    if restricted:
        docs = among.copy()
        first = 0
    else:
        docs = np.empty(rows[0, DF], np.int32)
        _unpack(data, rows[0], documents, docs)
        first = 1
    count = len(docs)
    indices = np.empty((terms, count), np.int32)
    if first:
        for k in range(count):
            indices[0, k] = k
    place = np.empty(count, np.int32)
    index = np.empty(count, np.int32)
    for term in range(first, terms):
        found = _probe(data, rows[term], documents, docs[:count], place, index)
        if found < count:
            for k in range(found):
                docs[k] = docs[place[k]]
            for other in range(term):
                for k in range(found):
                    indices[other, k] = indices[other, place[k]]
        indices[term, :found] = index[:found]
        count = found
        if not count:
            break
    if terms == 1:
        freqs = np.empty(count, np.int32)
        _freqs_at(data, rows[0], indices[0], count, freqs)
        return docs[:count], freqs
    return _where_places_agree(data, rows, docs, indices, count)


# Pairs: found in their table, and their rows made.

_TABLE = (readonly(types.uint32), readonly(types.uint64), BYTES, BYTES, BYTES, NUMBERS, NUMBERS, NUMBERS)


@inlined
def _bisect(values: Any, low: Any, high: Any, wanted: Any) -> Any:
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _fill(
    row: Any,
    number: Any,
    offsets: Any,
    bases: Any,
    flags: Any,
    dfs: Any,
    repeats: Any,
    big: Any,
    big_dfs: Any,
    big_cfs: Any,
    begin: Any,
    documents: Any,
) -> Any:
    """A term's row, by its number in the table."""
    df, cf = np.int64(dfs[number]), np.int64(repeats[number])
    cf += df
    if dfs[number] == 255 or repeats[number] == 255:
        place = _bisect(big, 0, len(big), number)
        if place < len(big) and big[place] == number:
            df, cf = np.int64(big_dfs[place]), np.int64(big_cfs[place])
    start = begin + np.int64(bases[number >> 8]) + np.int64(offsets[number])
    row[START] = start
    row[END] = begin + np.int64(bases[(number + 1) >> 8]) + np.int64(offsets[number + 1])
    row[FLAGS], row[DF], row[CF] = flags[number], df, cf
    row[CODES] = _codes_at(start, np.int64(flags[number]), df, documents)


@compiled(INT, *_TABLE, INT, INT)
def row_of(
    number: int,
    offsets: Any,
    bases: Any,
    flags: Any,
    dfs: Any,
    repeats: Any,
    big: Any,
    big_dfs: Any,
    big_cfs: Any,
    begin: int,
    documents: int,
) -> Rows:
    """The row of a term, by its number in its table (see ``tables``), shape (8,)."""
    row = np.zeros(FIELDS, np.int64)
    _fill(row, number, offsets, bases, flags, dfs, repeats, big, big_dfs, big_cfs, begin, documents)
    return row


@inlined
def _find_pairs(points: Any, at: Any, alphabet: Any, first: Any, second: Any) -> Any:
    """The number of a pair in its table, or -1. ``at``: where it is in the string."""
    left = _bisect(alphabet, 0, len(alphabet), points[at])
    right = _bisect(alphabet, 0, len(alphabet), points[at + 1])
    if left == len(alphabet) or right == len(alphabet):
        return -1
    if alphabet[left] != points[at] or alphabet[right] != points[at + 1]:
        return -1
    end = np.int64(first[left + 1])
    number = _bisect(second, np.int64(first[left]), end, right)
    return number if number < end and second[number] == right else -1


def _pair_rows(
    points: NDArray[np.uint32],
    pairs: NDArray[np.int32],
    words: Rows,
    alphabet: Any,
    first: Any,
    second: Any,
    offsets: Any,
    bases: Any,
    flags: Any,
    dfs: Any,
    repeats: Any,
    big: Any,
    big_dfs: Any,
    big_cfs: Any,
    begin: int,
    documents: int,
) -> Rows:
    """The rows of the terms that decide whether a string is there, the rarest first; none if a pair
    occurs nowhere.

    ``points``: the string's characters; ``pairs``: where its pairs begin; ``words``: the rows of its
    words. Of the pairs only as many are taken, rarest first, as leave no character out: places are
    compared, so the others follow. 中华人民共和国 needs four of its six.
    """
    rows = np.zeros((len(pairs), FIELDS), np.int64)
    for k in range(len(pairs)):
        number = _find_pairs(points, pairs[k], alphabet, first, second)
        if number < 0:
            return np.zeros((0, FIELDS), np.int64)
        _fill(rows[k], number, offsets, bases, flags, dfs, repeats, big, big_dfs, big_cfs, begin, documents)
        rows[k, PLACE], rows[k, LENGTH] = pairs[k], 2
    open_ = np.zeros(len(points), np.bool_)
    for k in range(len(pairs)):
        open_[pairs[k]] = open_[pairs[k] + 1] = True
    for k in range(len(words)):
        open_[words[k, PLACE] : words[k, PLACE] + words[k, LENGTH]] = False
    order = np.argsort(rows[:, DF])
    chosen = np.empty((len(words) + len(rows), FIELDS), np.int64)
    chosen[: len(words)] = words
    count = len(words)
    for k in order:
        place = rows[k, PLACE]
        if open_[place] or open_[place + 1]:
            open_[place] = open_[place + 1] = False
            chosen[count] = rows[k]
            count += 1
    chosen = chosen[:count]
    return chosen[np.argsort(chosen[:, DF])] if len(words) else chosen


_PAIRS = (NUMBERS, DOCS, ROWS, NUMBERS, NUMBERS)
pair_rows_narrow = compiled(*_PAIRS, readonly(types.uint16), *_TABLE, INT, INT)(_pair_rows)
pair_rows_wide = compiled(*_PAIRS, readonly(types.uint32), *_TABLE, INT, INT)(_pair_rows)
