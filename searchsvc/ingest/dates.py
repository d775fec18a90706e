"""What articles, feeds and files say for a time → seconds.

In: RFC 822 (``Thu, 07 Nov 2024 16:49:47 GMT``), ISO 8601, RFI's ``31/12/2020 - 22:14``, Chinese
(``2024年11月7日 下午4:49``). Out: seconds since 1970, or None for what cannot be: a 30th of February,
or a time before 1990 or after tomorrow (feeds contain the years 0 and 10000).
"""

import re
import time
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime, parsedate_tz
from zoneinfo import ZoneInfo

from searchsvc.text.fold import fold

EARLIEST = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
DAY_SECONDS = 86_400
# A mirror's clock and an outlet's differ; a time this little after the sighting is still before it.
SLACK_SECONDS = 900

# China's standard time; to the rest of the world CST is Chicago's.
CHINA = timezone(timedelta(hours=8))
# Outlets whose date lines are local time, without saying so.
HOST_ZONES = {"rfi.fr": ZoneInfo("Europe/Paris"), "cn.nytimes.com": CHINA, "dw.com": UTC}

NUMBERS = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"|(?P<day2>\d{1,2})/(?P<month2>\d{1,2})/(?P<year2>\d{4})"
)
CLOCK = re.compile(
    r"[\s,T-]*(?:[(（]?(?:星期|周|週)[一二三四五六日天][)）]?)?\s*(?P<half>上午|下午|晚上|凌晨|早上|中午|am|pm)?\s*"
    r"(?P<hour>\d{1,2})[:时時点點](?P<minute>\d{1,2})?(?:[:分](?P<second>\d{1,2})?秒?)?(?:\.\d+)?\s*"
    r"(?P<half2>am|pm)?\s*(?P<zone>z|utc|gmt|cst|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
AFTERNOON = {"下午", "晚上", "pm"}


def parse_moment(text: str, *, zone: tzinfo, seen: int | None = None, host: str | None = None) -> int | None:
    """The time that a text states, or None.

    A time without a zone is local to somebody. When a mirror saw the item, it is read as UTC, as
    ``zone`` or as the zone of the outlet ``host``, whichever comes nearest before the sighting
    (``2020-07-29T07:47:48`` seen at 07:53:53Z is UTC); otherwise as the outlet's or ``zone``.
    """
    plain = text.strip()[:200]
    try:
        found = _numbers(fold(plain)) or _rfc822(plain)
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    if found.tzinfo is None:
        found = _placed(found, zone, seen, host)
    seconds = int(found.timestamp())
    return seconds if EARLIEST <= seconds <= time.time() + DAY_SECONDS else None


def _placed(local: datetime, zone: tzinfo, seen: int | None, host: str | None) -> datetime:
    """A time without a zone, put where it most likely belongs."""
    own = HOST_ZONES.get(host or "")
    if seen is None:
        return local.replace(tzinfo=own or zone)
    if own:
        return local.replace(tzinfo=own)
    readings = [local.replace(tzinfo=each) for each in (UTC, zone)]
    before = [each for each in readings if each.timestamp() <= seen + SLACK_SECONDS]
    return max(before, default=readings[0], key=datetime.timestamp)


def _rfc822(text: str) -> datetime | None:
    """RFC 822 and what passes for it."""
    text = re.sub(r"\bCST\b", "+0800", text)
    parts = parsedate_tz(text)
    if parts is None or re.search(r"(?<![+-])\b0\d{3}\b", text):  # It makes 2000 of the year 0000.
        return None
    year, month, day, hour, minute, second = parts[:6]
    local = _exact(year, month, day, hour, minute, second)
    # parsedate_tz says 0 also where no zone is stated; its sister tells the two apart.
    if parsedate_to_datetime(re.sub(r":60\b", ":59", text)).tzinfo is None:
        return local
    return local.replace(tzinfo=timezone(timedelta(seconds=parts[9] or 0)))


def _numbers(text: str) -> datetime | None:
    """A date in figures, the year or the day first, with or without a time of day."""
    match = NUMBERS.match(text)
    if not match:
        return None
    year, month, day = (int(match[name] or match[f"{name}2"]) for name in ("year", "month", "day"))
    clock = CLOCK.match(text, match.end())
    if not clock:
        # A date alone, unless something follows that is no time we know.
        return _exact(year, month, day) if not text[match.end() :].strip() else None
    hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
    half = (clock["half"] or clock["half2"] or "").lower()
    if half in AFTERNOON and hour < 12:
        hour += 12
    if half in ("上午", "凌晨", "am") and hour == 12:
        hour = 0
    return _exact(year, month, day, hour, minute, second).replace(tzinfo=_offset(clock["zone"]))


def _exact(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A time that exists; 2024-02-30 does not, 23:59:60 is the second after 23:59:59."""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(max(year, 1), month)[1]):
        raise ValueError("no such day")
    leap = second == 60
    return datetime(year, month, day, hour, minute, 59 if leap else second) + timedelta(seconds=leap)


def _offset(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if text.lower() in ("z", "utc", "gmt"):
        return UTC
    if text.lower() == "cst":
        return CHINA
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


def first_moment(texts: Iterable[object], *, zone: tzinfo, seen: int | None = None) -> int | None:
    """The first of several statements that is a time."""
    for text in texts:
        if isinstance(text, str) and (found := parse_moment(text, zone=zone, seen=seen)) is not None:
            return found
    return None
