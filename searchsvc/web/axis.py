"""The days, months or years of a picture → what stands below them, and what each is called.

A picture is as wide as its window. So a label says where it stands as a share of the width, and whether
there is room for it on a wide screen, on a phone, or on both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from searchsvc.search.results import Interval
from searchsvc.web import messages
from searchsvc.web.messages import Language

# A bucket is never drawn wider than this, so that three of them do not look like a flag.
WIDEST_BUCKET_PX = 96
WIDE_PX, NARROW_PX = 1_040, 330
# Buckets from one label to the next; days by weeks beyond two, which begin on Mondays.
STEPS: dict[Interval, tuple[int, ...]] = {
    "day": (1, 2, 7, 14, 28),
    "month": (1, 2, 3, 6, 12, 24, 60, 120),
    "year": (1, 2, 5, 10, 20, 50, 100),
}
# Room that a label needs, in the language whose labels are the longest.
DAY_PX, MONTH_PX, YEAR_PX = 56, 72, 46
PATTERNS = {4: "time.year", 7: "time.month", 10: "time.day"}


@dataclass(frozen=True, slots=True)
class Label:
    """``place``: its left edge, in per cent of the width; ``bucket``: the one that begins there."""

    place: float
    bucket: int
    words: str
    wide: bool
    narrow: bool


@lru_cache(maxsize=8_192)
def words_of(language: Language, name: str) -> str:
    """What a bucket is called: 2024年11月 for 2024-11."""
    return messages.moment(language, _first_moment(name), PATTERNS[len(name)])


def words_between(language: Language, first: str, last: str) -> str:
    """What a stretch from one bucket to another is called."""
    ends = words_of(language, first), words_of(language, last)
    return ends[0] if first == last else " – ".join(ends)


@lru_cache(maxsize=256)
def labels(language: Language, interval: Interval, names: tuple[str, ...]) -> tuple[Label, ...]:
    """The labels of neighbouring buckets, from left to right."""
    wide = _told(language, interval, names, WIDE_PX)
    narrow = _told(language, interval, names, NARROW_PX)
    return tuple(
        Label(
            place=round(bucket * 100 / len(names), 2),
            bucket=bucket,
            words=words,
            wide=(bucket, words) in wide,
            narrow=(bucket, words) in narrow,
        )
        for bucket, words in sorted(wide | narrow)
    )


def _told(
    language: Language, interval: Interval, names: Sequence[str], width_px: int
) -> set[tuple[int, str]]:
    """The labels of a screen, each with its bucket; only the first of the months tells its year."""
    chosen = _labelled(interval, names, width_px)
    return {(bucket, _short_words(language, names[bucket], bucket == min(chosen))) for bucket in chosen}


def _labelled(interval: Interval, names: Sequence[str], width_px: int) -> set[int]:
    """The buckets that get a label: as many as there is room for, at round numbers."""
    bucket_px = min(WIDEST_BUCKET_PX, width_px / len(names))
    step = next((step for step in STEPS[interval] if step * bucket_px >= _room_px(interval, step)), 1_000)
    last = len(names) - _room_px(interval, step) / bucket_px
    chosen = {
        bucket
        for bucket, name in enumerate(names)
        if _ordinal(interval, name) % step == 0 and (bucket <= last or bucket_px == WIDEST_BUCKET_PX)
    }
    return chosen or {0}


def _room_px(interval: Interval, step: int) -> int:
    if interval == "day":
        return DAY_PX
    return MONTH_PX if interval == "month" and step % 12 else YEAR_PX


def _ordinal(interval: Interval, name: str) -> int:
    """Which day, month or year it is, counted so that Mondays, Januaries and decades divide evenly."""
    first = _first_moment(name)
    if interval == "day":
        return first.toordinal() - date.min.toordinal()
    return first.year * 12 + first.month - 1 if interval == "month" else first.year


@lru_cache(maxsize=8_192)
def _short_words(language: Language, name: str, whole: bool) -> str:
    """A label: Januaries tell the year, the months after them do not."""
    first = _first_moment(name)
    if len(name) == 7 and (first.month == 1 or not whole):
        return (
            words_of(language, name[:4])
            if first.month == 1
            else messages.moment(language, first, "axis.month")
        )
    return messages.moment(language, first, "axis.day") if len(name) == 10 else words_of(language, name)


def _first_moment(name: str) -> datetime:
    """The midnight with which a bucket begins."""
    return datetime.fromisoformat(name + "0001-01-01"[len(name) :])
