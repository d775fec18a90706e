"""Nodes for the query tree: a field contains a string, exactly; a name contains one.

Whoosh's own phrase query counts words; a string is terms at given distances in characters, and
scores as if it were one term: how often it occurs here, in how many articles it occurs at all.

``matcher`` is the plain evaluation, on any Whoosh reader: it reads the terms' postings, keeps the
documents that have all of them, and compares places. It is the reference that faster evaluations
are tested against.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from math import log
from typing import Any

from whoosh.matching import ListMatcher, NullMatcher, WrappingMatcher
from whoosh.query import Query
from whoosh.reading import TermNotFound
from whoosh.scoring import BaseScorer, bm25

from searchsvc.text.fold import fold
from searchsvc.text.terms import Term, is_han, needle, variants

# Robertson and Walker's usual values; Whoosh's BM25F has the same defaults.
B, K1 = 0.75, 1.2


class ExactString(Query):  # type: ignore[misc]
    """A field's text contains a string, as ``text/terms.py`` defines containing.

    ``text`` is the string squeezed; two strings that fold alike are equal nodes.
    """

    def __init__(self, fieldname: str, text: str, boost: float = 1.0) -> None:
        self.fieldname = fieldname
        self.typed = text
        self.needle = needle(text)
        self.text = self.needle.text
        self.boost = boost

    @cached_property
    def parts(self) -> list[Term]:
        """The terms a text must have, with their places relative to each other."""
        return self.needle.terms()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ExactString) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        placed = tuple((part.text, part.place) for part in self.parts)
        return self.fieldname, placed, self.boost

    def __repr__(self) -> str:
        return f"ExactString({self.fieldname!r}, {self.typed!r}, boost={self.boost!r})"

    def __str__(self) -> str:
        return f'{self.fieldname}:"{self.text}"'

    def field(self) -> str:
        return self.fieldname

    def has_terms(self) -> bool:
        return True

    def terms(self, phrases: bool = False) -> Iterator[tuple[str, str]]:
        for part in self.parts:
            yield self.fieldname, part.text

    def with_boost(self, boost: float) -> "ExactString":
        return ExactString(self.fieldname, self.typed, boost)

    def normalize(self) -> Query:
        return self

    def simplify(self, ixreader: Any) -> Query:
        return self

    def is_leaf(self) -> bool:
        return True

    def estimate_size(self, ixreader: Any) -> int:
        encoded = (part.text.encode("utf-8", "surrogatepass") for part in self.parts)
        return min((int(ixreader.doc_frequency(self.fieldname, term)) for term in encoded), default=0)

    def estimate_min_size(self, ixreader: Any) -> int:
        return 0

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The documents of one reader that contain the string, weighted by how often they do."""
        counts = self.right(searcher.reader(), self.counts(searcher.reader()))
        if not counts:
            return NullMatcher()
        scorer = None
        if context is None or context.weighting is not None:
            scorer = StringScorer(self, searcher)
        ids = sorted(counts)
        weights = [float(counts[number]) for number in ids]
        found = ListMatcher(
            ids, weights, scorer=scorer, term=(self.fieldname, self.text.encode("utf-8", "surrogatepass"))
        )
        return found if self.boost == 1.0 else WrappingMatcher(found, boost=self.boost)

    def counts(self, reader: Any) -> dict[int, int]:
        """Document number → how often the string occurs there; deleted documents are left out."""
        if not self.parts:
            return {}
        starts = self._starts(reader, self.parts[0])
        for part in self.parts[1:]:
            shifted = self._starts(reader, part)
            starts = {number: at & shifted[number] for number, at in starts.items() if number in shifted}
        return {number: len(at) for number, at in starts.items() if at}

    def right(self, reader: Any, counts: dict[int, int]) -> dict[int, int]:
        """Of the documents that contain the string, those that are meant: all of them."""
        return counts

    def _starts(self, reader: Any, part: Term) -> dict[int, set[int]]:
        """Where the string would have to start, going by one of its terms alone."""
        try:
            postings = reader.postings(self.fieldname, part.text.encode("utf-8", "surrogatepass"))
        except TermNotFound:
            return {}
        found = {}
        while postings.is_active():
            places = postings.value_as("positions")
            found[postings.id()] = {place - part.place for place in places}
            postings.next()
        return found


class CheckedString(ExactString):
    """A string that more is asked of than the index knows: that it stands there in this script.

    ``check``: ids of articles that contain the string → for each, whether it is as asked. It is asked
    only where the forms of ``characters`` (``text/terms.py``) that an article has do not tell.
    """

    def __init__(
        self, fieldname: str, text: str, check: Callable[[Sequence[str]], Sequence[bool]], boost: float = 1.0
    ) -> None:
        super().__init__(fieldname, text, boost)
        self.check = check
        # Sign by sign: ㍿ is one, and has no 会 in it.
        written = dict.fromkeys(unicodedata.normalize("NFKC", char) for char in text)
        self.characters = [
            char for char in written if len(char) == 1 and is_han(char) and fold(char) in variants()
        ]

    def _key(self) -> tuple[Any, ...]:
        return *super()._key(), self.typed, id(self.check)

    def __repr__(self) -> str:
        return f"CheckedString({self.fieldname!r}, {self.typed!r}, boost={self.boost!r})"

    def __str__(self) -> str:
        return f'{self.fieldname}:="{self.typed}"'

    def with_boost(self, boost: float) -> "CheckedString":
        return CheckedString(self.fieldname, self.typed, self.check, boost)

    def right(self, reader: Any, counts: dict[int, int]) -> dict[int, int]:
        """Of the documents that contain the string, those that are as asked."""
        kept = self.check([reader.stored_fields(number)["id"] for number in counts])
        return {number: count for (number, count), keep in zip(counts.items(), kept, strict=True) if keep}


class NameLike(Query):  # type: ignore[misc]
    """The name in a column (``source``, ``author``) contains a string, in either script."""

    def __init__(self, fieldname: str, text: str, boost: float = 1.0) -> None:
        self.fieldname, self.text, self.boost = fieldname, text, boost

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NameLike) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.fieldname, self.text, self.boost))

    def __repr__(self) -> str:
        return f"NameLike({self.fieldname!r}, {self.text!r}, boost={self.boost!r})"

    def __str__(self) -> str:
        return f"{self.fieldname}:*{needle(self.text).text}*"

    def is_leaf(self) -> bool:
        return True

    def normalize(self) -> Query:
        return self

    def estimate_size(self, ixreader: Any) -> int:
        return int(ixreader.doc_count())

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """The documents of one reader whose name contains the string, each weighing the boost."""
        wanted, reader = needle(self.text).text, searcher.reader()
        names = (name for name in reader.lexicon(self.fieldname) if wanted)
        found = [name for name in names if wanted in needle(name.decode("utf-8", "surrogatepass")).text]
        ids = sorted(doc for name in found for doc in reader.postings(self.fieldname, name).all_ids())
        return ListMatcher(ids, [self.boost] * len(ids)) if ids else NullMatcher()


class StringScorer(BaseScorer):  # type: ignore[misc]
    """BM25 of a string: frequency and document frequency are those of the string as a whole."""

    def __init__(self, string: ExactString, searcher: Any) -> None:
        parent = searcher.get_parent()
        leaves = [leaf for leaf, _ in parent.leaf_searchers()]
        frequency = sum(len(string.counts(leaf.reader())) for leaf in leaves)
        self.idf = idf(parent.doc_count_all(), frequency)
        self.average = parent.avg_field_length(string.fieldname) or 1.0
        self.length: Callable[[int], float] = lambda number: searcher.doc_field_length(
            number, string.fieldname, 1
        )

    def supports_block_quality(self) -> bool:
        return False

    def max_quality(self) -> float:
        """No score is above this: BM25 approaches it as the frequency grows."""
        return float(self.idf * (K1 + 1.0))

    def block_quality(self, matcher: Any) -> float:
        return self.max_quality()

    def score(self, matcher: Any) -> float:
        length = self.length(matcher.id())
        return float(bm25(self.idf, matcher.weight(), length, self.average, B, K1))


def idf(documents: int, frequency: int) -> float:
    """Whoosh's inverse document frequency, ``ln(N / (n + 1)) + 1``."""
    return log(documents / (frequency + 1)) + 1.0
