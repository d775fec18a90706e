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
    MARKS,
    NUMBERS,
    ROW,
    ROWS,
    SCORES,
    compiled,
    inlined,
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


# Of a byte of four codes: their sum, and how many of them are 0.
_CODES = np.arange(256)[:, None] >> np.array([0, 2, 4, 6]) & 3
TOTALS = _CODES.sum(1)
ZEROS = (_CODES == 0).sum(1)


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
    at: int = _codes_at(start, flags, df, documents)
    return at


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

    Returns how many. ``kept`` and ``index`` are filled from the beginning, and have one place more
    than there are documents.
    """
    flags = row[FLAGS]
    blocks = _blocks(flags, documents)
    if flags & KIND == BYTE:
        if len(docs) * MANY > row[DF]:
            return _probe_blocks(data, row, blocks, docs, kept, index)
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
    found = 0
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
def _probe_blocks(data: Any, row: Any, blocks: Any, docs: Any, kept: Any, index: Any) -> Any:
    """``_probe`` for many documents: block after block, by a table of the block's places.

    The table is not cleared between blocks: an entry counts if it points into the block and what is
    there points back.
    """
    table = np.zeros(256, np.int64)
    first = row[START] + 2 * blocks
    lows = data[first : first + row[DF]]
    found, begin, number = 0, np.int64(0), 0
    for block in range(blocks):
        if number == len(docs):
            break
        count = _half(data, row[START] + 2 * block)
        end = begin + count
        if docs[number] >> 8 == block:
            for i in range(begin, end):
                table[lows[i]] = i
            while number < len(docs) and docs[number] >> 8 == block:
                low = docs[number] & 255
                i = table[low]
                kept[found] = number
                index[found] = i
                found += (i >= begin) & (i < end) and lows[i] == low
                number += 1
        begin = end
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
    place = np.empty(len(docs) + 1, np.int32)
    index = np.empty(len(docs) + 1, np.int32)
    found = _probe(data, row, documents, docs, place, index)
    for i in range(found):
        index[i] = docs[place[i]]
    return index[:found]


# Frequencies.


@inlined
def _code(data: Any, at: Any, i: Any) -> Any:
    return np.int64(data[at + (i >> 2)]) >> ((i & 3) * 2) & 3


@inlined
def _zeros_before(data: Any, at: Any, i: Any, from_byte: Any, so_far: Any) -> Any:
    """How many codes before the ``i``-th are 0: from a byte on, up to where it was known already."""
    for code in data[at + from_byte : at + (i >> 2)]:
        so_far += ZEROS[code]
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
                zeros += ZEROS[code]
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


@inlined
def _score_blocks(
    data: Any, row: Any, documents: Any, docs: Any, norms: Any, factor: Any, scores: Any
) -> Any:
    """Add the scores of a list to those of many documents: block after block, by a table of how often.

    A document that is not in the list has a frequency of 0, and so a score of 0: nothing branches.
    """
    blocks = _blocks(row[FLAGS], documents)
    freqs = np.empty(row[DF], np.int32)
    _all_freqs(data, row, freqs)
    table = np.zeros(256, np.float32)
    at = row[START] + 2 * blocks
    lows = data[at : at + row[DF]]
    begin, number = np.int64(0), 0
    for block in range(blocks):
        if number == len(docs):
            break
        end = begin + _half(data, row[START] + 2 * block)
        if docs[number] >> 8 == block:
            for i in range(begin, end):
                table[lows[i]] = freqs[i]
            first = number
            while number < len(docs) and docs[number] >> 8 == block:
                number += 1
            for k in range(first, number):
                tf = table[docs[k] & 255]
                scores[k] += factor * tf / (tf + norms[docs[k]])
            for i in range(begin, end):
                table[lows[i]] = 0
        begin = end


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
    if row[FLAGS] & KIND == BYTE and len(docs) * 4 > df:
        _score_blocks(data, row, documents, docs, norms, factor, scores)
        return
    if df * 4 < len(docs):
        mine = np.empty(df, np.int32)
        freqs = np.empty(df, np.int32)
        _unpack(data, row, documents, mine)
        _all_freqs(data, row, freqs)
        _score(mine, freqs, docs, norms, factor, scores)
        return
    place = np.empty(len(docs) + 1, np.int32)
    index = np.empty(len(docs) + 1, np.int32)
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


# Arrays are handed to helpers once for each list, not once for each document: Numba counts references
# to an array around every call that it cannot inline, at 5 ns each.


@inlined
def _spans(data: Any, row: Any, index: Any, count: Any, begins: Any, freqs: Any) -> Any:
    """The first occurrence in some documents of a list, by their ascending index, and how many follow.

    Returns how many there are in all.
    """
    if not row[FLAGS] & HAS_CODES:
        for k in range(count):
            begins[k], freqs[k] = index[k], 1
        return count
    codes, more, wide = row[CODES], _more_at(row), row[FLAGS] & WIDE_MORE
    byte = occurred = zeros = all_ = np.int64(0)
    for k in range(count):
        i = np.int64(index[k])
        whole = i >> 2
        for at in range(codes + byte, codes + whole):
            code = data[at]
            occurred += TOTALS[code]
            for _ in range(ZEROS[code]):
                occurred += _wide(data, more + 4 * zeros) if wide else np.int64(data[more + zeros])
                zeros += 1
        byte = whole
        begin, number = occurred, zeros
        code = np.int64(data[codes + whole])
        for _ in range(i & 3):
            freq = code & 3
            if freq == 0:
                freq = _wide(data, more + 4 * number) if wide else np.int64(data[more + number])
                number += 1
            begin += freq
            code >>= 2
        freq = code & 3
        if freq == 0:
            freq = _wide(data, more + 4 * number) if wide else np.int64(data[more + number])
        begins[k], freqs[k] = begin, freq
        all_ += freq
    return all_


@inlined
def _high(data: Any, highs: Any, i: Any) -> Any:
    return np.int64(data[highs + (i >> 1)]) >> ((i & 1) * 4) & 15


@inlined
def _gather(data: Any, row: Any, begins: Any, freqs: Any, count: Any, out: Any) -> Any:
    """The places of some ascending occurrences, document after document, less the term's own place."""
    lows = _lows_at(data, row)
    highs = lows + row[CF]
    fars = highs + ((row[CF] + 1) >> 1)
    shift = row[PLACE]
    # How many places before ``upto`` are far: they are numbered by that.
    n = upto = seen = np.int64(0)
    for k in range(count):
        for i in range(begins[k], begins[k] + freqs[k]):
            high = _high(data, highs, i)
            place = high << 8 | np.int64(data[lows + i])
            if high == FAR_HIGH:
                if upto & 1 and upto < i:
                    seen += _high(data, highs, upto) == FAR_HIGH
                    upto += 1
                for at in range(highs + (upto >> 1), highs + (i >> 1)):
                    two = data[at]
                    seen += np.int64(two & 15 == FAR_HIGH) + np.int64(two >> 4 == FAR_HIGH)
                if i & 1 and upto < i:
                    seen += _high(data, highs, i - 1) == FAR_HIGH
                upto = np.int64(i)
                place = _wide(data, fars + 4 * seen)
            out[n] = place - shift
            n += 1


@compiled(BYTES, ROW)
def places(data: NDArray[np.uint8], row: Rows) -> NDArray[np.int32]:
    """Every place of a list, document after document, shape (cf,)."""
    out = np.empty(row[CF], np.int32)
    if row[CF]:
        begins, freqs = np.zeros(1, np.int64), np.full(1, row[CF])
        _gather(data, row, begins, freqs, 1, out)
    return out


@inlined
def _agree(begins: Any, freqs: Any, others: Any, other_freqs: Any, count: Any) -> Any:
    """Keep of each document's ascending begins those that are among its others."""
    read = other = written = np.int64(0)
    for k in range(count):
        end, other_end = read + freqs[k], other + other_freqs[k]
        first = written
        while read < end and other < other_end:
            left, right = begins[read], others[other]
            begins[written] = left
            written += left == right
            read += left <= right
            other += right <= left
        read, other = end, other_end
        freqs[k] = written - first


@inlined
def _where_places_agree(data: Any, rows: Any, docs: Any, indices: Any, count: Any) -> Any:
    """The documents in which all terms point to the same beginning, and how often they do."""
    freqs = np.empty(count, np.int64)
    if not count:
        return docs[:0], np.empty(0, np.int32)
    first = np.empty(count, np.int64)
    begins = np.empty(_spans(data, rows[0], indices[0], count, first, freqs) + 1, np.int32)
    _gather(data, rows[0], first, freqs, count, begins)
    other_freqs = np.empty(count, np.int64)
    for term in range(1, len(rows)):
        total = _spans(data, rows[term], indices[term], count, first, other_freqs)
        others = np.empty(total, np.int32)
        _gather(data, rows[term], first, other_freqs, count, others)
        _agree(begins, freqs, others, other_freqs, count)
    kept = np.empty(count + 1, np.int32)
    n = 0
    for k in range(count):
        docs[n], kept[n] = docs[k], freqs[k]
        n += freqs[k] > 0
    return docs[:n], kept[:n]


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
    place = np.empty(count + 1, np.int32)
    index = np.empty(count + 1, np.int32)
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


# Terms: found in their table, and their rows made. A table is told by where its parts begin in the
# file (see ``tables``): of any table, where each term's list is; of a table of pairs, its keys as well.
OFFSETS, BASES, TERM_FLAGS, DFS, REPEATS, BIG, BIG_DFS, BIG_CFS, BIGS, LISTS = range(10)
ALPHABET, SIGNS, FIRST, SECOND, SECOND_SIZE = range(10, 15)


@inlined
def _end(data: Any, ends: Any, size: Any, number: Any) -> Any:
    at = ends + size * number
    return _wide(data, at) | _wide(data, at + 4) << 32 if size == 8 else _wide(data, at)


@inlined
def _bisect(data: Any, at: Any, size: Any, low: Any, high: Any, wanted: Any) -> Any:
    """The first of some values from ``low`` to ``high`` that is not below what is wanted."""
    while low < high:
        middle = (low + high) >> 1
        if _value(data, at, size, middle) < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def _list_at(data: Any, table: Any, number: Any) -> Any:
    """Where the list of a term begins."""
    base = table[BASES] + 8 * (number >> 8)
    far = _wide(data, base) | _wide(data, base + 4) << 32
    return table[LISTS] + far + _wide(data, table[OFFSETS] + 4 * number)


@inlined
def _fill(data: Any, table: Any, number: Any, documents: Any, row: Any) -> Any:
    """A term's row, by its number in the table."""
    df, repeats = np.int64(data[table[DFS] + number]), np.int64(data[table[REPEATS] + number])
    cf = df + repeats
    if df == 255 or repeats == 255:
        place = _bisect(data, table[BIG], 4, 0, table[BIGS], number)
        if place < table[BIGS] and _wide(data, table[BIG] + 4 * place) == number:
            df = _wide(data, table[BIG_DFS] + 4 * place)
            cf = _wide(data, table[BIG_CFS] + 4 * place)
    flags = np.int64(data[table[TERM_FLAGS] + number])
    row[START] = _list_at(data, table, number)
    row[END] = _list_at(data, table, number + 1)
    row[FLAGS], row[DF], row[CF] = flags, df, cf
    row[CODES] = _codes_at(row[START], flags, df, documents)


@compiled(BYTES, ROW, INT, INT)
def row_of(data: NDArray[np.uint8], table: Rows, number: int, documents: int) -> Rows:
    """The row of a term, by its number in its table, shape (8,)."""
    row = np.zeros(FIELDS, np.int64)
    _fill(data, table, number, documents, row)
    return row


@compiled(BYTES, ROW, DOCS, INT, MARKS)
def mark_lists(
    data: NDArray[np.uint8],
    table: Rows,
    numbers: NDArray[np.int32],
    documents: int,
    marks: NDArray[np.bool_],
) -> None:
    """Mark the documents that have any of some terms, by their numbers in their table."""
    row = np.zeros(FIELDS, np.int64)
    docs = np.empty(documents, np.int32)
    for number in numbers:
        _fill(data, table, number, documents, row)
        _unpack(data, row, documents, docs)
        for k in range(row[DF]):
            marks[docs[k]] = True


@compiled(BYTES, INT, INT, INT, DOCS)
def texts_of(
    data: NDArray[np.uint8], text: int, ends: int, size: int, numbers: NDArray[np.int32]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Some of the texts of a table, one after the other, and where each ends.

    ``text`` and ``ends``: where the table's texts begin, and their ends of ``size`` bytes each.
    """
    begins, stops = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.int64)
    total: Any = np.int64(0)
    for k in range(len(numbers)):
        number: Any = np.int64(numbers[k])
        begins[k] = _end(data, ends, size, number - 1) if number else 0
        total += _end(data, ends, size, number) - begins[k]
        stops[k] = total
    out = np.empty(total, np.uint8)
    n: Any = np.int64(0)
    for k in range(len(numbers)):
        at = text + begins[k] - n
        while n < stops[k]:
            out[n] = data[at + n]
            n += 1
    return out, stops


@inlined
def _find_pair(data: Any, table: Any, left_point: Any, right_point: Any) -> Any:
    """The number of a pair in its table, or -1."""
    signs = table[SIGNS]
    left = _bisect(data, table[ALPHABET], 4, 0, signs, left_point)
    right = _bisect(data, table[ALPHABET], 4, 0, signs, right_point)
    if left == signs or right == signs:
        return -1
    if (
        _wide(data, table[ALPHABET] + 4 * left) != left_point
        or _wide(data, table[ALPHABET] + 4 * right) != right_point
    ):
        return -1
    number, end = _wide(data, table[FIRST] + 4 * left), _wide(data, table[FIRST] + 4 * left + 4)
    number = _bisect(data, table[SECOND], table[SECOND_SIZE], number, end, right)
    if number < end and _value(data, table[SECOND], table[SECOND_SIZE], number) == right:
        return number
    return -1


@compiled(BYTES, ROW, INT, NUMBERS, DOCS, ROWS)
def rows_of(
    data: NDArray[np.uint8],
    table: Rows,
    documents: int,
    points: NDArray[np.uint32],
    pairs: NDArray[np.int32],
    words: Rows,
) -> Rows:
    """The rows of the terms that decide whether a string is there, the rarest first; none if a pair
    occurs nowhere.

    ``points``: the string's characters; ``pairs``: where its pairs begin; ``words``: the rows of its
    words. Of the pairs only as many are taken, rarest first, as leave no character out: places are
    compared, so the others follow. 中华人民共和国 needs four of its six.
    """
    rows = np.zeros((len(pairs), FIELDS), np.int64)
    for k in range(len(pairs)):
        at = pairs[k]
        number = _find_pair(data, table, np.int64(points[at]), np.int64(points[at + 1]))
        if number < 0:
            return rows[:0]
        _fill(data, table, number, documents, rows[k])
        rows[k, PLACE], rows[k, LENGTH] = at, 2
    if len(pairs) == 1 and not len(words):
        return rows
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
