"""What people type for dates → instants.

In: 2024, 2024-11, 2024-11-07 (also with / or . and in Chinese: 2024年11月7日), an RFC 3339 time,
P7D back from now, today, yesterday, 今天, 昨天; full-width digits too. Out: the half-open stretch of
seconds it names. A day is a day of the given zone, however long daylight saving makes it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from searchsvc.errors import QueryError
from searchsvc.text.fold import fold

DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月)?|年)?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
# A plus that nobody escaped in an address arrives as a space.
LOST_PLUS = re.compile(r"(:\d{2}(?:\.\d+)?) (?=\d{2}:\d{2}$)")
LEAP = re.compile(r"(:\d{2}):60(?!\d)")
DURATION = re.compile(
    r"p(?=\d|t\d)(?:(\d{1,4})y)?(?:(\d{1,4})m)?(?:(\d{1,4})w)?(?:(\d{1,5})d)?"
    r"(?:t(?=\d)(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?)?"
)
DAYS_AGO = {"today": 0, "今天": 0, "今日": 0, "yesterday": 1, "昨天": 1, "昨日": 1, "前天": 2}
# What stands for an end that is open, as in ISO 8601.
OPEN = {"", ".."}
FORMS = "2024, 2024-11, 2024-11-07, 2024-11-07T16:49:47Z or P7D (seven days back)"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, in seconds: ``start <= t < end``."""

    start: int
    end: int


def stretch(text: str, zone: tzinfo, now: datetime, *, param: str) -> Stretch:
    """The time that a text names. Raises QueryError, which names ``param``."""
    plain = LOST_PLUS.sub(r"\1+", LEAP.sub(r"\1:59", fold(text).strip()))
    plain = plain.replace(" ", "t" if "t" not in plain and ":" in plain else "")
    try:
        found = (
            _day(plain, zone) or _named(plain, zone, now) or _back(plain, zone, now) or _instant(plain, zone)
        )
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise QueryError(f"{param}: {text[:60]!r} is not a date; write {FORMS}", param=param, code="bad_date")
    return found


def between(text: str, zone: tzinfo, now: datetime, *, param: str) -> tuple[Stretch | None, Stretch | None]:
    """The first and the last of the time that a text names: one date, or two with a / between them.

    None where nothing or .. stands for one of the two. Raises QueryError, which names ``param``.
    """
    try:
        whole = stretch(text, zone, now, param=param)
        return whole, whole  # 2024/11/7 is one.
    except QueryError:
        ends = [end.strip() for end in fold(text).split("/")]
        if len(ends) != 2 or set(ends) <= OPEN:
            raise
    first, last = (None if end in OPEN else stretch(end, zone, now, param=param) for end in ends)
    return first, last


def _day(plain: str, zone: tzinfo) -> Stretch | None:
    """A year, a month or a day."""
    match = DAY.fullmatch(plain) or COMPACT.fullmatch(plain)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None  # The pattern has it.
    start = datetime(year, month or 1, day or 1, tzinfo=zone)
    if day:
        return _between(start, start + timedelta(days=1))
    if month:
        return _between(start, datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone))
    return _between(start, datetime(year + 1, 1, 1, tzinfo=zone))


def _named(plain: str, zone: tzinfo, now: datetime) -> Stretch | None:
    if plain not in DAYS_AGO:
        return None
    start = _midnight(now.astimezone(zone) - timedelta(days=DAYS_AGO[plain]))
    return _between(start, start + timedelta(days=1))


def _back(plain: str, zone: tzinfo, now: datetime) -> Stretch | None:
    """A duration back from now. Whole days begin at midnight; PT6H is six hours to the second."""
    match = DURATION.fullmatch(plain)
    if not match:
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    local = now.astimezone(zone)
    total = local.year * 12 + local.month - 1 - years * 12 - months
    first = local.replace(year=total // 12, month=total % 12 + 1, day=1)
    start = first + timedelta(days=min(local.day, _month_length(first)) - 1 - weeks * 7 - days)
    if not (hours or minutes or seconds):
        return _between(_midnight(start), now)
    exact = start.astimezone(UTC) - timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return _between(exact, now)


def _instant(plain: str, zone: tzinfo) -> Stretch | None:
    """A time of day, to the second; in the zone, unless it says its own."""
    if "t" not in plain:
        return None  # Python reads 2024-W45 too, as the first second of a week.
    time = datetime.fromisoformat(plain.upper())
    seconds = int((time if time.tzinfo else time.replace(tzinfo=zone)).timestamp())
    return Stretch(seconds, seconds + 1)


def _midnight(time: datetime) -> datetime:
    return time.replace(hour=0, minute=0, second=0, microsecond=0)


def _month_length(first: datetime) -> int:
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return (following.date() - first.date()).days


def _between(start: datetime, end: datetime) -> Stretch:
    return Stretch(int(start.timestamp()), int(end.timestamp()))
