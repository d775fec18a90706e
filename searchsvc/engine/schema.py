"""The fields of the index, and how an article's text becomes postings in Whoosh's own writer.

``title`` and ``body`` carry the terms of ``text/terms.py`` with their places; ``published`` is a
sortable column of seconds, ``source`` one of names. Nothing of the text is stored: the database
has it.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from whoosh import fields
from whoosh.formats import Positions

from searchsvc.engine import Document
from searchsvc.text.terms import terms

# The column's value for "nobody knows when"; every time that is kept is after 1990.
UNKNOWN_TIME = 0


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A field whose value is text and whose postings are our terms."""

    def __init__(self) -> None:
        super().__init__(format=Positions(), analyzer=None, scorable=True)

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Each term of a text as (term, frequency, weight, encoded places), in Whoosh's order."""
        places: defaultdict[str, list[int]] = defaultdict(list)
        for term in terms(value):
            places[term.text].append(term.place)
        for text, at in places.items():
            encoded = text.encode("utf-8", "surrogatepass")
            yield encoded, len(at), float(len(at)), self.format.encode(sorted(at))

    def to_bytes(self, value: str | bytes) -> bytes:
        """A term as the index keeps it."""
        return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def schema() -> fields.Schema:
    """The schema of every index that this service writes."""
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        title=TermsField(),
        body=TermsField(),
        source=fields.ID(sortable=True),
        published=fields.NUMERIC(int, 64, signed=False, sortable=True, default=UNKNOWN_TIME),
    )


def row(document: Document) -> dict[str, Any]:
    """A document as the arguments of Whoosh's ``update_document``."""
    values: dict[str, Any] = {"id": document.id, "source": document.source}
    values |= {name: text for name, text in (("title", document.title), ("body", document.body)) if text}
    values["published"] = UNKNOWN_TIME if document.published is None else document.published
    return values
