"""How often a feed says that it is worth asking: ``<ttl>``, ``sy:updatePeriod``, skipHours, skipDays.

In: the feed's text, before parsing. Out: a Rhythm, empty when nothing sensible is said. RSS 2.0 and
the RSS 1.0 syndication module; hours and days are in GMT by both.
"""

import re
from collections.abc import Iterator

from searchsvc.store.feeds import Rhythm

# Feeds state nonsense: a ttl of 10 years copied from an example. More than this is not believed,
# since a feed that shows twenty items loses some in the meantime.
LONGEST_SECONDS = 86_400
PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

START = re.compile(r"<(?:\w+:)?(?:item|entry)[\s>]", re.IGNORECASE)
END = re.compile(r"</(?:\w+:)?(?:item|entry)>", re.IGNORECASE)
TTL = re.compile(r"<ttl>\s*(\d{1,9})\s*</ttl>", re.IGNORECASE)
PERIOD = re.compile(r"<(?:\w+:)?updatePeriod>\s*(\w+)\s*</", re.IGNORECASE)
FREQUENCY = re.compile(r"<(?:\w+:)?updateFrequency>\s*(\d{1,6})\s*</", re.IGNORECASE)
HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
DAY = re.compile(r"<day>\s*(\w+)\s*</day>", re.IGNORECASE)


def rhythm(text: str) -> Rhythm:
    """What a feed says about itself, not what its items do."""
    about = "".join(_outside_items(text))
    hours = {int(hour) % 24 for hour in HOUR.findall(about) if int(hour) <= 24}
    days = {DAYS.index(day.lower()) for day in DAY.findall(about) if day.lower() in DAYS}
    return Rhythm(
        every=min(max(_ttl(about), _period(about)), LONGEST_SECONDS),
        # Whoever skips all hours or days does not mean it.
        skip_hours=tuple(sorted(hours)) if len(hours) < 24 else (),
        skip_days=tuple(sorted(days)) if len(days) < 7 else (),
    )


def _outside_items(text: str) -> Iterator[str]:
    """What stands before the first item and behind the last one."""
    first = START.search(text)
    yield text[: first.start()] if first else text
    last = max((match.end() for match in END.finditer(text)), default=len(text))
    yield text[last:] if first else ""


def _ttl(text: str) -> int:
    found = TTL.search(text)
    return int(found[1]) * 60 if found else 0


def _period(text: str) -> int:
    """An update period, divided by how many updates there are in it; once where nothing is said."""
    found, times = PERIOD.search(text), FREQUENCY.search(text)
    seconds = PERIODS.get(found[1].lower(), 0) if found else 0
    return seconds // max(1, int(times[1])) if times else seconds
