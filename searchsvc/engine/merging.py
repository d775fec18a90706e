"""Sources → one segment file, by arrays, a slice of the terms at a time.

The terms of all sources are put in one order; then, slice by slice, the lists are read from every
source, their documents renumbered, those of one term put one behind the other (sources come in
the order of their documents, so that is all there is to merging two lists), and packed. A slice
has some two million occurrences: it fits in the caches, and memory does not grow with the index.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import FIELDS
from searchsvc.engine.container import Writer
from searchsvc.engine.postings import Ints, Lists, ragged, starts, sums
from searchsvc.engine.sources import KINDS, Source, TableSource, tight
from searchsvc.engine.tables import ENCODING, TableWriter, write_pairs, write_words

SLICE = 1 << 21


def write_segment(path: Path, segment: str, sources: Sequence[Source]) -> int:
    """Write a segment file, synced; how many articles are in it. ``segment`` is its name."""
    maps = list(_renumberings(sources))
    count = sum(int((numbers >= 0).sum()) for numbers in maps)
    with Writer(path) as writer:
        for field in FIELDS:
            lengths = [
                _kept(source.fields[field].lengths, numbers)
                for source, numbers in zip(sources, maps, strict=True)
            ]
            total = np.concatenate(lengths)
            writer.add(f"{field}.lengths", tight(total))
            writer.meta[f"{field}.length"] = int(total.sum())
            for kind in KINDS:
                _write_table(writer, field, kind, sources, maps, count)
        _write_columns(writer, sources, maps)
        writer.meta |= {"segment": segment, "documents": count}
    return count


def _renumberings(sources: Sequence[Source]) -> Iterator[Ints]:
    """For each source, the new number of each of its documents; -1 for those left out."""
    base = 0
    for source in sources:
        live = np.ones(len(source.ids), bool) if source.live is None else source.live
        numbers = np.where(live, base - 1 + np.cumsum(live), -1)
        base += int(live.sum())
        yield numbers


def _kept(values: NDArray[np.generic], numbers: Ints) -> NDArray[np.generic]:
    return values if numbers.all() and (numbers >= 0).all() else values[numbers >= 0]


def _write_table(
    writer: Writer, field: str, kind: str, sources: Sequence[Source], maps: Sequence[Ints], count: int
) -> None:
    name = f"{field}.{kind}"
    tables, vocabulary = _one_numbering(
        kind,
        [source.fields[field].tables[kind] for source in sources],
        [source.fields[field].vocabulary for source in sources],
    )
    table_writer = TableWriter(writer, name, count)
    written = [np.zeros(0, np.uint64)]
    for numbers, lists in merged(tables, maps):
        table_writer.append(lists)
        written.append(numbers)
    table_writer.finish()
    numbers = np.concatenate(written)
    if kind == "word":
        write_words(writer, name, [vocabulary[number] for number in numbers.tolist()])
    elif kind == "pair":
        write_pairs(writer, name, numbers)
    else:
        writer.add(f"{name}.points", numbers.astype(np.uint32))


def _one_numbering(
    kind: str, tables: list[TableSource], vocabularies: list[list[bytes]]
) -> tuple[list[TableSource], list[bytes]]:
    """Tables whose words are numbered alike, and the words. Characters are numbers already."""
    if kind != "word" or len(tables) == 1:
        return tables, vocabularies[0]
    vocabulary = sorted(set().union(*vocabularies))
    ranks = {word: rank for rank, word in enumerate(vocabulary)}
    same = []
    for table, words in zip(tables, vocabularies, strict=True):
        rank = np.fromiter(map(ranks.__getitem__, words), np.uint64, len(words))
        same.append(TableSource(rank[table.numbers.astype(np.intp)], table.dfs, table.cfs, table.read))
    return same, vocabulary


def merged(tables: Sequence[TableSource], maps: Sequence[Ints]) -> Iterator[tuple[NDArray[np.uint64], Lists]]:
    """The terms of all tables in order, and their lists, by slices."""
    for low, high in _slices(tables):
        numbers, lists = [], []
        for table, new in zip(tables, maps, strict=True):
            begin, end = (int(np.searchsorted(table.numbers, edge)) for edge in (low, high))
            if begin < end:
                numbers.append(table.numbers[begin:end])
                lists.append(renumbered(table.read(begin, end), new))
        merged_numbers, merged_lists = _joined(np.concatenate(numbers), _behind(lists))
        if len(merged_numbers):
            yield merged_numbers, merged_lists


def _slices(tables: Sequence[TableSource]) -> list[tuple[np.uint64, np.uint64]]:
    """Ranges of terms, half open, with about SLICE occurrences each."""
    numbers = np.concatenate([table.numbers for table in tables])
    if not len(numbers):
        return []
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    until = np.cumsum(np.concatenate([table.cfs for table in tables])[order])
    cuts = np.searchsorted(until, np.arange(0, until[-1], SLICE), side="right")
    edges = np.append(np.unique(numbers[cuts]), numbers[-1] + np.uint64(1))
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
    """Ids, names of sources and times, by document."""
    ids, outlets, times = [], [], []
    for source, numbers in zip(sources, maps, strict=True):
        kept = np.flatnonzero(numbers >= 0).tolist()
        ids += [source.ids[number] for number in kept]
        outlets += [source.outlets[number] for number in kept]
        times.append(source.times[kept])
    write_words(writer, "id", ids)
    writer.add("id.order", np.array(sorted(range(len(ids)), key=ids.__getitem__), np.uint32))
    names = sorted({outlet.encode(*ENCODING) for outlet in outlets})
    ordinals = {name.decode(*ENCODING): number for number, name in enumerate(names)}
    write_words(writer, "source", names)
    writer.add("source.ordinals", np.array([ordinals[outlet] for outlet in outlets], np.uint32))
    distinct, ranks = np.unique(np.concatenate(times), return_inverse=True)
    writer.add("published.times", distinct)
    writer.add("published.ranks", ranks.astype(np.uint32))
