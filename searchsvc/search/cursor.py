"""Where a walk through all hits stands, as a text that nobody needs to understand.

A cursor is everything that the next page needs to go on as if nothing had happened meanwhile: the
last hit's key and id, the figures that scores depend on, when the walk began, whether all words were
asked for and the whole query, and a fingerprint of the search. The service keeps nothing, so a cursor
works in every worker, after a restart, and for as long as its search means the same.

It has a checksum, not a signature: who forges one gets another page of what everybody may read. But
whatever is in it has been checked before it is used.
"""

import json
import math
import zlib
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from searchsvc.engine import FIELDS, Place, Plan, Statistics
from searchsvc.errors import QueryError
from searchsvc.search.results import Matched

# What is in a cursor, and what scores are made of; one of another version is refused.
VERSION = b"2"
CHECKSUM_BYTES = 8
# A query has some hundred strings at most, each with a number of a few digits.
LONGEST, MOST_JSON, MOST_STRINGS = 8_000, 64_000, 4_000
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Cursor:
    """A walk: when it began (in seconds), and behind which hit it goes on; None is the start.

    ``short``: it is of as much of the query as takes no long time.
    ``of`` is the fingerprint of the search; the start has none yet.
    """

    began: int
    matched: Matched = "all"
    place: Place | None = None
    of: str = ""
    short: bool = False

    def of_search(self, of: str) -> "Cursor":
        """The cursor, for a search with this fingerprint. Raises QueryError when it is another's."""
        if self.place is not None and self.of != of:
            raise _bad("it is of another search; words, filters and sort must stay as they were")
        return replace(self, of=of)


def fingerprint(q: str, plan: Plan) -> str:
    """What a search is known by: two that find or order otherwise differ in it."""
    sources = None if plan.sources is None else sorted(plan.sources)
    filters = (plan.since, plan.before, sources, sorted(plan.excluded_sources), plan.author, plan.story)
    return _digest(repr((q, plan.query, filters, plan.order)).encode("utf-8", "surrogatepass")).hex()


def read_cursor(text: str, now: int) -> Cursor:
    """The cursor of a text; an empty one begins. Raises QueryError, ``bad_cursor``, for anything else."""
    if not text:
        return Cursor(now)
    try:
        cursor = _cursor(json.loads(_opened(text)))
    except (ValueError, zlib.error, RecursionError) as error:
        raise _bad("this service gave no such cursor") from error
    if not 0 < cursor.began <= now + DAY:
        raise _bad("it comes from another time")
    return cursor


def write_cursor(cursor: Cursor) -> str:
    """A cursor as a text for addresses: letters, digits, - and _."""
    place = cursor.place
    assert place is not None  # The start is written as nothing.
    given = place.statistics
    figures = [given.documents, given.averages, given.frequencies] if given else None
    values = [cursor.of, cursor.began, cursor.matched == "some", place.key, place.id, figures, cursor.short]
    packed = VERSION + zlib.compress(json.dumps(values, separators=(",", ":")).encode(), 9)
    return urlsafe_b64encode(_digest(packed) + packed).decode().rstrip("=")


def _opened(text: str) -> bytes:
    """The JSON in a cursor. Raises ValueError or zlib.error when it is not whole."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    raw = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    checksum, packed = raw[:CHECKSUM_BYTES], raw[CHECKSUM_BYTES:]
    whole = urlsafe_b64encode(raw).decode().rstrip("=") == text
    if not whole or checksum != _digest(packed) or not packed.startswith(VERSION):
        raise ValueError("changed on its way, or of another version")
    return zlib.decompressobj().decompress(packed[len(VERSION) :], MOST_JSON)


def _cursor(values: Any) -> Cursor:
    """The cursor of its values, each of which is what it has to be, else ValueError."""
    match values:
        case [
            str(of),
            int(began),
            bool(some),
            int() | float() as key,
            str(identifier),
            None | list() as given,
            bool(short),
        ]:
            # Times are whole numbers of 64 bits, scores are small.
            if not (abs(key) < 1 << 63 if isinstance(key, int) else math.isfinite(key) and abs(key) < 1e18):
                raise ValueError("no key")
            place = Place(key, identifier, None if given is None else _statistics(given))
            return Cursor(began, "some" if some else "all", place, of, short)
    raise ValueError("no cursor")


def _statistics(given: Sequence[Any]) -> Statistics:
    match given:
        case [int(documents), list(averages), list(frequencies)]:
            sound = (
                0 < documents < 1 << 40
                and len(averages) == len(FIELDS)
                and all(isinstance(average, float) and 1e-9 < average < 1e9 for average in averages)
                and len(frequencies) <= MOST_STRINGS
                and all(isinstance(count, int) and 0 <= count < 1 << 40 for count in frequencies)
            )
            if sound:
                return Statistics(documents, tuple(averages), tuple(frequencies))
    raise ValueError("no statistics")


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=CHECKSUM_BYTES, person=b"cursor").digest()


def _bad(reason: str) -> QueryError:
    return QueryError(
        f"cursor: {reason}; begin again with an empty one, cursor=", param="cursor", code="bad_cursor"
    )
