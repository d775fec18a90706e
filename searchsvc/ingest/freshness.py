"""What an answer's headers say of time: how long it stays good, when to come back. Pure.

RFC 9111 (Cache-Control, Expires, Age) and RFC 9110, section 10.2.3 (Retry-After). A header that
makes no sense says nothing.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

DELTA = re.compile(r"\s*(\d{1,10})\s*")
MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
UNSTORED = re.compile(r"(?:^|[\s,])(?:no-store|no-cache)\s*(?:,|$)", re.IGNORECASE)


def fresh_seconds(headers: Mapping[str, str], now: int) -> int:
    """For how many more seconds an answer is good, by its own word; 0 when it does not say."""
    control = headers.get("cache-control", "")
    if UNSTORED.search(control):
        return 0
    if stated := MAX_AGE.search(control):
        age = DELTA.fullmatch(headers.get("age", ""))
        return max(0, int(stated[1]) - (int(age[1]) if age else 0))
    expires = _moment(headers.get("expires", ""))
    # Against the server's own clock, which may be hours off.
    sent = _moment(headers.get("date", ""))
    return 0 if expires is None else max(0, expires - (now if sent is None else sent))


def retry_at(headers: Mapping[str, str], now: int) -> int | None:
    """When a server wants to be asked again: Retry-After in seconds or as a date."""
    text = headers.get("retry-after", "")
    if delta := DELTA.fullmatch(text):
        return now + int(delta[1])
    return _moment(text)


def _moment(text: str) -> int | None:
    try:
        stated = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated
    return int(aware.timestamp())
