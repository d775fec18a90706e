"""What a segment keeps by document, as Whoosh's searchers ask for it: ids, columns, lengths."""

from collections.abc import Iterator
from typing import Any

from whoosh.codec.base import PerDocumentReader
from whoosh.codec.whoosh3 import W3Segment
from whoosh.columns import ColumnReader

from searchsvc.engine import NAMES
from searchsvc.engine.segment import SegmentFile
from searchsvc.engine.table_writer import ENCODING


class ArrayColumnReader(ColumnReader):  # type: ignore[misc]
    """A column that is in memory; times sort backwards too."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values
        self._sign = 1

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def sort_key(self, docnum: int) -> Any:
        return self._values[docnum] if self._sign > 0 else -self._values[docnum]

    def set_reverse(self) -> None:
        self._sign = -1


class ArrayPerDocumentReader(PerDocumentReader):  # type: ignore[misc]
    """Everything kept by document."""

    def __init__(self, segment: W3Segment, file: SegmentFile) -> None:
        self._segment, self._file = segment, file

    def doc_count(self) -> int:
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        return self._file.documents

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._segment.deleted_docs())

    def supports_columns(self) -> bool:
        return True

    def has_column(self, fieldname: str) -> bool:
        return fieldname in (*NAMES, "published")

    def column_reader(self, fieldname: str, column: Any) -> ArrayColumnReader:
        file = self._file
        if fieldname in NAMES:
            names, ordinals = file.columns[fieldname].keys.all(), file.columns[fieldname].ordinals
            return ArrayColumnReader([names[ordinal] for ordinal in ordinals.tolist()])
        return ArrayColumnReader(file.times[file.ranks].tolist())

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        field = self._file.fields.get(fieldname)
        return int(field.lengths[docnum]) if field else default

    def field_length(self, fieldname: str) -> int:
        field = self._file.fields.get(fieldname)
        return field.length if field else 0

    def min_field_length(self, fieldname: str) -> int:
        return int(self._file.fields[fieldname].lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        return int(self._file.fields[fieldname].lengths.max())

    def stored_fields(self, docnum: int) -> dict[str, str]:
        return {"id": self._file.ids.encoded(docnum).decode(*ENCODING)}
