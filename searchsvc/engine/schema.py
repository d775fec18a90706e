"""The fields of the index, as Whoosh is told of them.

``title`` and ``body`` carry the terms of ``text/terms.py`` with their places; ``published`` is a
column of seconds, ``source``, ``author`` and ``story`` are columns of names. Nothing of the text is
stored: the database has it.

Texts do not become postings here, one by one, as in Whoosh: ``invert`` does it for a whole batch.
Times are terms at full precision only (``shift_step=0``): Whoosh's sixteen coarser terms for each
article would serve range queries that the column answers sooner.
"""

from typing import Any, NoReturn

from whoosh import fields
from whoosh.formats import Positions

# The column's value for "nobody knows when"; every time that is kept is after 1990.
UNKNOWN_TIME = 0


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A field whose value is text and whose postings are our terms."""

    def __init__(self) -> None:
        super().__init__(format=Positions(), analyzer=None, scorable=True)

    def index(self, value: str, **_: Any) -> NoReturn:
        raise NotImplementedError("Articles are indexed in batches, by searchsvc.engine.writer")

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as the index keeps it."""
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")

    def from_bytes(self, bs: bytes) -> str:
        """A term as text."""
        return bs.decode("utf-8", "surrogatepass")


def schema() -> fields.Schema:
    """The schema of every index that this service writes."""
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        title=TermsField(),
        body=TermsField(),
        source=fields.ID(sortable=True),
        author=fields.ID(sortable=True),
        story=fields.ID(sortable=True),
        published=fields.NUMERIC(int, 64, signed=False, sortable=True, default=UNKNOWN_TIME, shift_step=0),
    )
