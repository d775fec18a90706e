"""Times as pages show them: local words, how long ago, and the instant for machines."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from time import time

from searchsvc.errors import QueryError
from searchsvc.present import moment
from searchsvc.search.plan import zone_of
from searchsvc.web import messages
from searchsvc.web.context import reader, service
from searchsvc.web.parameters import Parameter, lenient


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as shown. ``age``: how long ago that is (3小时前)."""

    words: str
    instant: str
    zone: str
    age: str


def local(seconds: int, zone: tzinfo) -> Moment:
    """A time in a zone, in the reader's language."""
    there = datetime.fromtimestamp(seconds, zone)
    language = reader().language
    words, age = messages.moment(language, there), messages.age(language, time() - seconds)
    return Moment(words, moment(seconds), _zone_name(there, zone), age)


def local_day(seconds: int, zone: tzinfo) -> str:
    """The day of a time in a zone, in the reader's language."""
    return messages.moment(reader().language, datetime.fromtimestamp(seconds, zone), "time.day")


def zone_asked(asked: tuple[Parameter, ...]) -> tzinfo:
    """The zone that times are shown in: the one asked for, if there is such a one."""
    default = service().settings.timezone
    try:
        return zone_of(lenient(asked), default)
    except QueryError:
        return default


def _zone_name(there: datetime, zone: tzinfo) -> str:
    offset = there.isoformat(timespec="seconds")[19:25]
    return f"{zone} (UTC{offset})"
