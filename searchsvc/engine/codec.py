"""Our segments as Whoosh knows them: a codec, so that ``whoosh.index.open_dir`` opens the index.

Any stock Whoosh query runs on these readers: terms in order, a leaf matcher for each, stored fields,
columns, exact field lengths. Searching as the service does it goes past all this, straight to the
arrays (``searcher``); this is for what the array searcher does not know, for looking into an index
with Whoosh's own tools, and as the reference in tests.

Five fields keep no postings, since a column says the same: the terms of ``id``, ``source``, ``author``,
``story`` and ``published`` are read off their columns. An article whose time nobody knows has no
``published`` term, so that no range finds it. A single keeps no places; its matcher numbers its
occurrences, which is all that counting them needs.

A field's length is its number of squeezed characters, exact, not rounded to a byte as in Whoosh's
own codec: stock scoring and ours read the same numbers.
"""

from bisect import bisect_left
from collections.abc import Iterator
from heapq import merge
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from whoosh.codec.base import FieldCursor, TermsReader
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.matching import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from searchsvc.engine import NAMES
from searchsvc.engine.perdocument import ArrayPerDocumentReader
from searchsvc.engine.schema import UNKNOWN_TIME, schema
from searchsvc.engine.segment import EXTENSION, FieldFile, SegmentFile, kind_of
from searchsvc.engine.table_writer import ENCODING

FIELD_NAMES = ("author", "body", "id", "published", "source", "story", "title")


class ArrayCodec(W3Codec):  # type: ignore[misc]
    """Reads segments of arrays. They are written a batch at a time, by ``merging``."""

    length_stats = False

    def new_segment(self, storage: Any, indexname: str) -> "ArraySegment":
        return ArraySegment(self, indexname)

    def per_document_writer(self, storage: Any, segment: Any) -> Any:
        raise NotImplementedError("Segments of arrays are written whole, by searchsvc.engine.writer")

    field_writer = per_document_writer

    def terms_reader(self, storage: Any, segment: "ArraySegment") -> "ArrayTermsReader":
        return ArrayTermsReader(segment.file(Path(storage.folder)))

    def per_document_reader(self, storage: Any, segment: "ArraySegment") -> ArrayPerDocumentReader:
        return ArrayPerDocumentReader(segment, segment.file(Path(storage.folder)))


class ArraySegment(W3Segment):  # type: ignore[misc]
    """A segment in the table of contents: its name, its number of documents, those deleted."""

    _file: SegmentFile | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_file"}

    def should_assemble(self) -> bool:
        return False

    def path(self, folder: Path) -> Path:
        return folder / self.make_filename(EXTENSION)

    def file(self, folder: Path) -> SegmentFile:
        """The segment's file, opened once. Raises IndexUnavailable."""
        if self._file is None:
            self._file = SegmentFile(self.path(folder), self.segment_id(), self.doc_count_all())
        return self._file

    def copy(self) -> "ArraySegment":
        """The same segment, with deletions of its own."""
        twin = ArraySegment(self._codec, self.indexname, self._doccount, self.segid, set(self._deleted or ()))
        twin._file = self._file
        return twin


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Steps through one posting list that is in memory as a whole."""

    def __init__(self, term: Any, posting: "Posting", format_: Any, scorer: Any) -> None:
        self._term, self._posting, self.format, self.scorer = term, posting, format_, scorer
        self._i = 0

    def is_active(self) -> bool:
        return self._i < len(self._posting.docs)

    def copy(self) -> "ArrayMatcher":
        twin = ArrayMatcher(self._term, self._posting, self.format, self.scorer)
        twin._i = self._i
        return twin

    def reset(self) -> None:
        self._i = 0

    def id(self) -> int:
        return self._posting.docs[self._i]

    def all_ids(self) -> Iterator[int]:
        return iter(self._posting.docs[self._i :])

    def next(self) -> None:
        if not self.is_active():
            raise ReadTooFar
        self._i += 1

    def skip_to(self, id: int) -> None:  # noqa: A002
        if not self.is_active():
            raise ReadTooFar
        self._i = bisect_left(self._posting.docs, id, self._i)

    def weight(self) -> float:
        return float(self._posting.freqs[self._i])

    def value(self) -> bytes:
        return bytes(self.format.encode(self.value_as("positions")))

    def value_as(self, astype: str) -> Any:
        if astype == "positions":
            return self._posting.places_of(self._i)
        return super().value_as(astype)

    def supports_block_quality(self) -> bool:
        return False


class Posting:
    """A posting list as Python's own lists."""

    def __init__(self, docs: list[int], freqs: list[int], places: list[int] | None = None) -> None:
        self.docs, self.freqs, self._places = docs, freqs, places
        self._ends: list[int] | None = None

    def places_of(self, number: int) -> list[int]:
        if self._places is None:
            return list(range(self.freqs[number]))
        if self._ends is None:
            self._ends = np.cumsum(self.freqs).tolist()
        assert self._ends is not None
        return self._places[self._ends[number] - self.freqs[number] : self._ends[number]]


class TextTerms:
    """The terms of a text field: words, pairs and singles, in one order."""

    def __init__(self, field: FieldFile) -> None:
        self._field = field

    def terms_from(self, prefix: bytes) -> Iterator[bytes]:
        return merge(*(self._from(kind, prefix) for kind in self._field.keys))

    def _from(self, kind: str, prefix: bytes) -> Iterator[bytes]:
        keys = self._field.keys[kind]
        return (keys.encoded(number) for number in range(keys.lower_bound(prefix), len(keys)))

    def posting(self, term: bytes) -> Posting | None:
        text = term.decode(*ENCODING)
        kind = kind_of(text)
        found = kind and self._field.list(kind, text)
        if not found:
            return None
        freqs = found.freqs()
        counts = [1] * found.df if freqs is None else freqs.tolist()
        return Posting(found.docs().tolist(), counts, None if kind == "single" else found.places().tolist())


class ColumnTerms:
    """The terms of a column: each of its values, ascending, with the documents that have it."""

    def __init__(self, values: list[bytes], ordinals: Any, documents: int) -> None:
        self._values, self._ordinals, self._documents = values, ordinals, documents

    def terms_from(self, prefix: bytes) -> Iterator[bytes]:
        return iter(self._values[bisect_left(self._values, prefix) :])

    def posting(self, term: bytes) -> Posting | None:
        place = bisect_left(self._values, term)
        if place == len(self._values) or self._values[place] != term:
            return None
        docs = np.flatnonzero(np.asarray(self._ordinals) == place).tolist()
        return Posting(docs, [1] * len(docs))


class ArrayTermsReader(TermsReader):  # type: ignore[misc]
    """All terms of a segment."""

    def __init__(self, file: SegmentFile) -> None:
        self._file = file
        self._fields: dict[str, TextTerms | ColumnTerms] = {}

    def _terms(self, fieldname: str) -> TextTerms | ColumnTerms:
        if fieldname not in self._fields:
            self._fields[fieldname] = self._opened(fieldname)
        return self._fields[fieldname]

    def _opened(self, fieldname: str) -> TextTerms | ColumnTerms:
        file = self._file
        if fieldname in file.fields:
            return TextTerms(file.fields[fieldname])
        if fieldname in NAMES:
            # Who has no author has no term of that field either.
            column = file.columns[fieldname]
            nameless = column.keys.find("") == 0
            ordinals = column.ordinals.astype(np.int64) - nameless
            return ColumnTerms(column.keys.all()[nameless:], ordinals, file.documents)
        if fieldname == "published":
            known = file.times[file.times > UNKNOWN_TIME]
            encode = schema()["published"].to_bytes
            unknown = len(file.times) - len(known)
            return ColumnTerms(
                [encode(time) for time in known.tolist()],
                file.ranks.astype(np.int64) - unknown,
                file.documents,
            )
        order = file.container.array("id.order")
        ranks = np.empty(file.documents, np.intp)
        ranks[order] = np.arange(file.documents)
        return ColumnTerms([file.ids.encoded(number) for number in order.tolist()], ranks, file.documents)

    def _posting(self, fieldname: str, text: bytes) -> Posting:
        posting = self._terms(fieldname).posting(text) if fieldname in FIELD_NAMES else None
        if posting is None:
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return posting

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return term[0] in FIELD_NAMES and self._terms(term[0]).posting(term[1]) is not None

    def cursor(self, fieldname: str, fieldobj: Any) -> "ArrayCursor":
        return ArrayCursor(self._terms(fieldname), fieldobj)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        return self.terms_from(FIELD_NAMES[0], b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        for name in FIELD_NAMES[bisect_left(FIELD_NAMES, fieldname) :]:
            for term in self._terms(name).terms_from(prefix if name == fieldname else b""):
                yield name, term

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return self.items_from(FIELD_NAMES[0], b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        posting = self._posting(fieldname, text)
        field = self._file.fields.get(fieldname)
        lengths = field.lengths[posting.docs] if field else np.ones(1)
        return TermInfo(
            weight=float(sum(posting.freqs)),
            df=len(posting.docs),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(max(posting.freqs)),
            minid=posting.docs[0],
            maxid=posting.docs[-1],
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        try:
            return float(sum(self._posting(fieldname, text).freqs))
        except TermNotFound:
            return 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        try:
            return len(self._posting(fieldname, text).docs)
        except TermNotFound:
            return 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        return ArrayMatcher((fieldname, text), self._posting(fieldname, text), format_, scorer)

    def indexed_field_names(self) -> tuple[str, ...]:
        return FIELD_NAMES


class Walked(Protocol):
    """What a cursor walks: the terms of one field, in order."""

    def terms_from(self, prefix: bytes) -> Iterator[bytes]: ...

    def posting(self, term: bytes) -> Any: ...


class ArrayCursor(FieldCursor):  # type: ignore[misc]
    """Steps through the terms of a field, or jumps among them."""

    def __init__(self, terms: Walked, fieldobj: Any) -> None:
        self._terms, self._fieldobj = terms, fieldobj
        self._text: str | None = None
        self.first()

    def first(self) -> str | None:
        return self.find(b"")

    def find(self, term: str | bytes) -> str | None:
        self._rest = self._terms.terms_from(self._fieldobj.to_bytes(term) if isinstance(term, str) else term)
        return self.next()

    def next(self) -> str | None:
        term = next(self._rest, None)
        self._text = None if term is None else self._fieldobj.from_bytes(term)
        return self._text

    def text(self) -> str | None:
        return self._text

    def is_valid(self) -> bool:
        return self._text is not None
