"""Sources → one segment file, by arrays, a slice of the terms at a time.

The terms of all sources are put in one order; then, slice by slice, the lists are read from every
source, their documents renumbered, those of one term put one behind the other (sources come in
the order of their documents, so that is all there is to merging two lists), and packed. A slice
has at most some two million occurrences: it fits in the caches, and memory does not grow with the
index.

Several processes can share the work: each merges every n-th part of the slices into a file of its
own (``write_part``), and one of them puts these together (``write_segment``), which is copying.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import FIELDS, NAMES
from searchsvc.engine.container import Container, Writer
from searchsvc.engine.postings import Ints, Lists, ragged, starts, sums
from searchsvc.engine.sources import KINDS, Source, TableSource, tight
from searchsvc.engine.table_writer import ENCODING, Columns, TableWriter, write_pairs, write_words

SLICE = 1 << 21
# Peak memory of merging, for each occurrence of a slice (measured: 90 to 100 bytes).
BYTES_PER_OCCURRENCE = 100
# Terms of a source that are looked at as one when slices are cut.
GRAIN = 64

Merged = Iterator[tuple[NDArray[np.uint64], Lists]]


def slice_limit(memory_mb: int) -> int:
    """How many occurrences to merge at once."""
    return min(SLICE, memory_mb * 1_000_000 // BYTES_PER_OCCURRENCE)


def write_segment(
    path: Path, segment: str, sources: Sequence[Source], parts: Sequence[Path] = (), limit: int = SLICE
) -> int:
    """Write a segment file, synced; how many articles are in it. ``segment`` is its name.

    ``parts`` are files of ``write_part``, all there are, in order; without them, all is done here.
    """
    maps = list(_renumberings(sources))
    count = sum(int((numbers >= 0).sum()) for numbers in maps)
    opened = [Container(part) for part in parts]
    with Writer(path) as writer:
        for field in FIELDS:
            _write_lengths(writer, field, sources, maps)
            for kind in KINDS:
                tables, vocabulary = _tables(field, kind, sources)
                table_writer = TableWriter(writer, f"{field}.{kind}")
                if parts:
                    numbers = _joined_parts(table_writer, f"{field}.{kind}", opened)
                else:
                    numbers = _packed(table_writer, merged(tables, maps, _slices(tables, limit)), count)
                table_writer.finish()
                _write_keys(writer, f"{field}.{kind}", kind, numbers, vocabulary)
        _write_columns(writer, sources, maps)
        writer.meta |= {"segment": segment, "documents": count}
    return count


def write_part(path: Path, sources: Sequence[Source], number: int, of: int, limit: int = SLICE) -> None:
    """Write what is one process's share of the tables, so many occurrences at a time."""
    maps = list(_renumberings(sources))
    count = sum(int((numbers >= 0).sum()) for numbers in maps)
    with Writer(path, passing=True) as writer:
        for name, field, kind in ((f"{field}.{kind}", field, kind) for field in FIELDS for kind in KINDS):
            tables, _ = _tables(field, kind, sources)
            slices = _slices(tables, limit)
            share = slices[len(slices) * number // of : len(slices) * (number + 1) // of]
            table_writer = TableWriter(writer, name)
            numbers = _packed(table_writer, merged(tables, maps, share), count)
            columns = table_writer.columns()
            writer.add(f"{name}.numbers", numbers)
            for part in ("sizes", "dfs", "cfs"):
                writer.add(f"{name}.{part}", tight(getattr(columns, part)))
            writer.add(f"{name}.flags", columns.flags)


def _joined_parts(table_writer: TableWriter, name: str, parts: Sequence[Container]) -> NDArray[np.uint64]:
    """Copy a table from its parts; the numbers of its terms."""
    for part in parts:
        for piece in part.pieces(f"{name}.data"):
            table_writer.append_data(piece)
        sizes, flags, dfs, cfs = (part.array(f"{name}.{one}") for one in ("sizes", "flags", "dfs", "cfs"))
        table_writer.append_columns(Columns(sizes, flags, dfs, cfs))
    return np.concatenate([part.array(f"{name}.numbers") for part in parts])


def _packed(table_writer: TableWriter, slices: Merged, count: int) -> NDArray[np.uint64]:
    """Write slices; the numbers of their terms."""
    written = [np.zeros(0, np.uint64)]
    for numbers, lists in slices:
        table_writer.append(lists, count)
        written.append(numbers)
    return np.concatenate(written)


def _renumberings(sources: Sequence[Source]) -> Iterator[Ints]:
    """For each source, the new number of each of its documents; -1 for those left out."""
    base = 0
    for source in sources:
        live = np.ones(len(source.ids), bool) if source.live is None else source.live
        numbers = np.where(live, base - 1 + np.cumsum(live), -1)
        base += int(live.sum())
        yield numbers


def _write_lengths(writer: Writer, field: str, sources: Sequence[Source], maps: Sequence[Ints]) -> None:
    lengths = [
        source.fields[field].lengths[numbers >= 0] for source, numbers in zip(sources, maps, strict=True)
    ]
    total = np.concatenate(lengths)
    writer.add(f"{field}.lengths", tight(total))
    writer.meta[f"{field}.length"] = int(total.sum(dtype=np.intp))


def _write_keys(
    writer: Writer, name: str, kind: str, numbers: NDArray[np.uint64], vocabulary: list[bytes]
) -> None:
    if kind == "word":
        write_words(writer, name, [vocabulary[number] for number in numbers.tolist()])
    elif kind == "pair":
        write_pairs(writer, name, numbers)
    else:
        writer.add(f"{name}.points", numbers.astype(np.uint32))


def _tables(field: str, kind: str, sources: Sequence[Source]) -> tuple[list[TableSource], list[bytes]]:
    """The tables of all sources, words numbered alike, and the words. Characters are numbers already."""
    tables = [source.fields[field].tables[kind] for source in sources]
    vocabularies = [source.fields[field].vocabulary for source in sources]
    if kind != "word" or len(tables) == 1:
        return tables, vocabularies[0]
    vocabulary = sorted(set().union(*vocabularies))
    ranks = {word: rank for rank, word in enumerate(vocabulary)}
    same = []
    for table, words in zip(tables, vocabularies, strict=True):
        rank = np.fromiter(map(ranks.__getitem__, words), np.uint64, len(words))
        same.append(TableSource(rank[table.numbers.astype(np.intp)], table.dfs, table.cfs, table.read))
    return same, vocabulary


def merged(
    tables: Sequence[TableSource], maps: Sequence[Ints], slices: Sequence[tuple[np.uint64, np.uint64]]
) -> Merged:
    """The terms of all tables in order, and their lists, by slices."""
    for low, high in slices:
        numbers, lists = [], []
        for table, new in zip(tables, maps, strict=True):
            begin, end = (int(np.searchsorted(table.numbers, edge)) for edge in (low, high))
            if begin < end:
                numbers.append(np.asarray(table.numbers[begin:end]))
                lists.append(renumbered(table.read(begin, end), new))
        if numbers:
            merged_numbers, merged_lists = _joined(np.concatenate(numbers), _behind(lists))
            if len(merged_numbers):
                yield merged_numbers, merged_lists


def _slices(tables: Sequence[TableSource], limit: int) -> list[tuple[np.uint64, np.uint64]]:
    """Ranges of terms, half open, with about ``limit`` occurrences each."""
    numbers = np.concatenate([table.numbers[::GRAIN] for table in tables])
    if not len(numbers):
        return []
    counts = np.concatenate(
        [
            np.add.reduceat(table.cfs, np.arange(0, len(table.cfs), GRAIN), dtype=np.intp)
            for table in tables
            if len(table.cfs)
        ]
    )
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    until = np.cumsum(counts[order])
    cuts = np.searchsorted(until, np.arange(0, until[-1], limit), side="right")
    edges = np.append(np.unique(numbers[cuts]), np.uint64(1 << 63))
    edges[0] = 0
    return list(pairwise(edges))


def renumbered(lists: Lists, new: Ints) -> Lists:
    """Lists with other document numbers; documents whose number is -1 are dropped."""
    docs = new[lists.docs]
    kept = docs >= 0
    if kept.all():
        return Lists(lists.dfs, docs.astype(np.uint32), lists.freqs, lists.places)
    places = lists.places[np.repeat(kept, lists.freqs)] if lists.places is not None else None
    return Lists(sums(kept, lists.dfs), docs[kept].astype(np.uint32), lists.freqs[kept], places)


def _behind(lists: Sequence[Lists]) -> Lists:
    """Lists of several sources, one source behind the other."""
    if len(lists) == 1:
        return lists[0]
    places = [part.places for part in lists if part.places is not None]
    return Lists(
        np.concatenate([part.dfs for part in lists]),
        np.concatenate([part.docs for part in lists]),
        np.concatenate([part.freqs for part in lists]),
        np.concatenate(places) if places else None,
    )


def _joined(numbers: NDArray[np.uint64], lists: Lists) -> tuple[NDArray[np.uint64], Lists]:
    """Bring the lists of equal terms together; terms that no document has any more are dropped."""
    cfs = lists.cfs()
    order = np.argsort(numbers, kind="stable")
    order = order[lists.dfs[order] > 0]
    if not len(order):
        return numbers[:0], lists
    numbers, dfs = numbers[order], lists.dfs[order]
    docs, freqs, places = lists.docs, lists.freqs, lists.places
    if len(dfs) != len(lists.dfs) or (np.diff(order) != 1).any():
        postings = ragged(starts(lists.dfs)[order], dfs)
        docs, freqs = docs[postings], freqs[postings]
        if places is not None:
            places = places[ragged(starts(cfs)[order], cfs[order])]
    first = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    return numbers[first], Lists(np.add.reduceat(dfs, first), docs, freqs, places)


def _write_columns(writer: Writer, sources: Sequence[Source], maps: Sequence[Ints]) -> None:
    """Ids, names and times, by document."""
    ids: list[bytes] = []
    names: dict[str, list[str]] = {column: [] for column in NAMES}
    times: list[NDArray[np.int64]] = []
    for source, numbers in zip(sources, maps, strict=True):
        kept = np.flatnonzero(numbers >= 0).tolist()
        ids += [source.ids[number] for number in kept]
        for column in NAMES:
            names[column] += [source.names[column][number] for number in kept]
        times.append(source.times[kept])
    write_words(writer, "id", ids)
    writer.add("id.order", np.array(sorted(range(len(ids)), key=ids.__getitem__), np.uint32))
    for column, values in names.items():
        distinct_names = sorted({name.encode(*ENCODING) for name in values})
        ordinals = {name.decode(*ENCODING): number for number, name in enumerate(distinct_names)}
        write_words(writer, column, distinct_names)
        writer.add(f"{column}.ordinals", np.array([ordinals[name] for name in values], np.uint32))
    distinct, ranks = np.unique(np.concatenate(times), return_inverse=True)
    writer.add("published.times", distinct)
    writer.add("published.ranks", ranks.astype(np.uint32))
