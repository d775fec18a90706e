"""A segment file opened: tables by field and kind, and the columns of its articles."""

from bisect import bisect_left, bisect_right
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engine import FIELDS, NAMES, reading
from searchsvc.engine.container import Container
from searchsvc.engine.listing import List
from searchsvc.engine.reading import DF, LENGTH, PLACE, Rows
from searchsvc.engine.sources import KINDS, FieldSource, Source, TableSource
from searchsvc.engine.table_writer import ENCODING
from searchsvc.engine.tables import PairKeys, SingleKeys, Table, WordKeys
from searchsvc.text.terms import WORD, Kind, Needle, classes, needle, squeeze

EXTENSION = ".arrays"
NO_ROWS: Rows = np.zeros((0, reading.FIELDS), np.int64)
Keys = WordKeys | PairKeys | SingleKeys
KEYS: dict[str, type[Keys]] = {"word": WordKeys, "pair": PairKeys, "single": SingleKeys}


def kind_of(text: str) -> Kind | None:
    """The kind that a term's text is of; None if no term looks like this."""
    signs = [classes()[ord(char)] != WORD for char in text[:2]]
    if len(text) == 1 and signs[0]:
        return "single"
    if len(text) == 2 and any(signs) and text[1] != "\0":
        return "pair"
    return "word" if signs and not signs[0] else None


class FieldFile:
    """One field of a segment. ``length``: the sum of its ``lengths``, in squeezed characters."""

    def __init__(self, container: Container, name: str, documents: int) -> None:
        self.length: int = container.meta[f"{name}.length"]
        self.lengths = container.array(f"{name}.lengths")
        self.tables = {
            kind: Table(container, f"{name}.{kind}", documents, kind != "single") for kind in KINDS
        }
        self.keys: dict[str, Keys] = {kind: KEYS[kind](container, f"{name}.{kind}") for kind in KINDS}
        pairs = self.keys["pair"]
        assert isinstance(pairs, PairKeys)
        self._pairs = np.array([*self.tables["pair"].layout, *pairs.layout], np.int64)
        self._octets, self._documents = container.octets, documents

    def list(self, kind: str, text: str) -> List | None:
        """The posting list of a term, None if it does not occur."""
        number = self.keys[kind].find(text)
        return None if number < 0 else self.tables[kind].list(number)

    def rows(self, needle: Needle) -> Rows:
        """The rows of the terms that decide whether a string is there, the rarest first.

        None, shape (0, 8), if one of them does not occur. What the rows point to has been checked.
        """
        if len(needle.points) == 1 and not needle.words:
            return self.rows_of_term(needle.text)
        words = np.zeros((len(needle.words), reading.FIELDS), np.int64) if needle.words else NO_ROWS
        for row, word in zip(words, needle.words, strict=True):
            number = self.keys["word"].find(word.text)
            if number < 0:
                return NO_ROWS
            row[:] = self.tables["word"].row(number)
            row[PLACE], row[LENGTH] = word.place, word.length
        self.tables["word"].touch(words)
        if not len(needle.pairs):
            return words[np.argsort(words[:, DF], kind="stable")]
        found: Rows = reading.rows_of(
            self._octets, self._pairs, self._documents, needle.points, needle.pairs, words
        )
        self.tables["pair"].touch(found)
        return found

    def rows_of_term(self, text: str) -> Rows:
        """The row of a term by itself, shape (1, 8); (0, 8) if it does not occur."""
        kind = kind_of(text)
        number = self.keys[kind].find(text) if kind else -1
        if kind is None or number < 0:
            return NO_ROWS
        rows = self.tables[kind].row(number)[None]
        self.tables[kind].touch(rows)
        return rows

    def source(self) -> FieldSource:
        words = self.keys["word"]
        assert isinstance(words, WordKeys)
        return FieldSource(self.lengths, {kind: self._table(kind) for kind in KINDS}, words.all())

    def _table(self, kind: str) -> TableSource:
        table, keys = self.tables[kind], self.keys[kind]
        dfs, cfs = table.counts()
        numbers = np.arange(len(table), dtype=np.uint64) if isinstance(keys, WordKeys) else keys.numbers()
        return TableSource(
            numbers, dfs, cfs, lambda begin, end: table.slice(begin, end, dfs[begin:end], cfs[begin:end])
        )


class NameColumn:
    """A name for each article: the distinct ones in order, and for each article the number of its own."""

    def __init__(self, container: Container, column: str) -> None:
        self.keys = WordKeys(container, column)
        self.ordinals: NDArray[np.uint32] = container.array(f"{column}.ordinals")
        self._like: tuple[str, NDArray[np.bool_]] = ("", np.zeros(0, bool))

    @cached_property
    def texts(self) -> list[str]:
        """The distinct names, by their numbers; articles without one have the empty one."""
        return [name.decode(*ENCODING) for name in self.keys.all()]

    def like(self, part: str) -> NDArray[np.bool_]:
        """Which of the distinct names contain a string, as an article's text would; kept for the last."""
        if self._like[0] != part:
            wanted = needle(part).text
            found = [bool(wanted) and wanted in squeezed for squeezed in self._squeezed]
            self._like = part, np.array(found, bool)
        return self._like[1]

    @cached_property
    def _squeezed(self) -> list[str]:
        return [squeeze(text).text for text in self.texts]


class SegmentFile:
    """A segment file. Raises IndexUnavailable, naming the file, when it is not what was written."""

    def __init__(self, path: Path, segment: str, documents: int) -> None:
        self.container = container = Container(path)
        self.octets = container.octets
        self.segment, self.documents = segment, documents
        if container.meta.get("segment") != segment or container.meta.get("documents") != documents:
            raise container.damaged("it is another segment's file")
        self.fields: dict[str, FieldFile] = {name: FieldFile(container, name, documents) for name in FIELDS}
        self.ids = WordKeys(container, "id")
        self._id_order = container.numbers("id.order")
        self._order = container.array("id.order")
        self.columns = {column: NameColumn(container, column) for column in NAMES}
        # The distinct times, ascending, and for each article the rank of its own among them.
        self.times: NDArray[np.int64] = container.array("published.times")
        self.ranks: NDArray[np.uint32] = container.array("published.ranks")

    def document(self, encoded_id: bytes) -> int:
        """The number of the article with this id, or -1."""
        place = bisect_left(self._id_order, encoded_id, key=self.ids.encoded)
        if place < self.documents and self.ids.encoded(self._id_order[place]) == encoded_id:
            return self._id_order[place]
        return -1

    def ids_up_to(self, encoded_id: bytes) -> int:
        """How many ids are not after this one."""
        return bisect_right(self._id_order, encoded_id, key=self.ids.encoded)

    @cached_property
    def id_ranks(self) -> NDArray[np.int32]:
        """The rank of each article's id among all of them, for orders by id."""
        ranks = np.empty(self.documents, np.int32)
        ranks[self._order] = np.arange(self.documents, dtype=np.int32)
        return ranks

    def source(self, live: NDArray[np.bool_] | None) -> Source:
        """This segment as material for another."""
        return Source(
            self.ids.all(),
            {
                name: [column.texts[ordinal] for ordinal in column.ordinals.tolist()]
                for name, column in self.columns.items()
            },
            self.times[self.ranks],
            {name: field.source() for name, field in self.fields.items()},
            live,
        )
