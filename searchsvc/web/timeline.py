"""The timeline of all hits, as the results page shows it: a picture, its links, and ranges to go to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from searchsvc.search.dates import stretch
from searchsvc.search.plan import range_of
from searchsvc.search.results import Page, Timeline
from searchsvc.text.fold import fold
from searchsvc.web import messages
from searchsvc.web.axis import WIDEST_BUCKET_PX, Label, labels, words_between
from searchsvc.web.bars import Ends, bars, rules, spans
from searchsvc.web.context import reader, same_page, say, short_link
from searchsvc.web.parameters import Parameter, lenient, placed, without

# Ranges back from now, by the message that names them.
RANGES = (
    ("range.today", "today"),
    ("range.week", "P7D"),
    ("range.month", "P30D"),
    ("range.year", "P1Y"),
)
# What the script puts a date in place of. Values have no equals sign that is not encoded: from=~ is unique.
DATE = "~"
# Other ways to say the same.
TODAY = ("today", "今天", "今日", "p0d")


@dataclass(frozen=True, slots=True)
class RangeLink:
    """A range to go to; ``here`` when it is the one that is asked for."""

    words: str
    href: str
    here: bool


@dataclass(frozen=True, slots=True)
class BarLink:
    """A stretch of the picture that is a link: its area as an SVG path, and what it leads to."""

    path: str
    href: str
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The timeline, drawn. ``size``: how many buckets; ``width_px``: as wide as it may get.

    ``ends``, ``counts`` and ``href`` are for the script: what to say for the first and the last bucket,
    the count of each, and the address of a range, with DATE for both of its dates.
    """

    interval: str
    size: int
    width_px: int
    bars: str
    rules: str
    labels: tuple[Label, ...]
    locale: str
    links: tuple[BarLink, ...]
    rows: tuple[tuple[str, int], ...]
    first: str
    ends: Ends
    counts: str
    href: str


@dataclass(frozen=True, slots=True)
class TimelineView:
    """All of it. ``picture`` None: the hits are of one day, month or year, or none has a date.

    ``summary``: when they are, in words. ``undated``: how many have no date.
    """

    summary: str
    picture: Picture | None
    undated: int
    ranges: tuple[RangeLink, ...]
    widen: str | None
    compare: str


def timeline_view(page: Page, asked: tuple[Parameter, ...], zone: tzinfo) -> TimelineView:
    """The timeline of a page of hits."""
    timeline = page.facets.timeline or Timeline("day", ())
    anytime = without(asked, "from", "to")
    return TimelineView(
        summary=_summary(timeline) if timeline.buckets else "",
        picture=_picture(timeline, asked, anytime, zone) if len(timeline.buckets) > 1 else None,
        undated=page.total + page.folded - sum(count for _, count in timeline.buckets),
        ranges=tuple(_ranges(asked, anytime)),
        widen=same_page(anytime) if _is_ranged(asked) else None,
        compare=short_link("/trends", without(asked, "sort", "variants", "page_size", "story", "fold")),
    )


def _picture(
    timeline: Timeline, asked: tuple[Parameter, ...], anytime: tuple[Parameter, ...], zone: tzinfo
) -> Picture:
    names, counts = zip(*timeline.buckets, strict=True)
    ends = ends_asked(asked, names, zone)
    places = labels(reader().language, timeline.interval, names)
    return Picture(
        interval=timeline.interval,
        size=len(names),
        width_px=len(names) * WIDEST_BUCKET_PX,
        bars=bars(counts),
        rules=rules(label.bucket for label in places if label.wide and label.bucket),
        labels=places,
        locale=messages.LOCALES[reader().language].replace("_", "-"),
        links=_links(timeline, ends, anytime),
        rows=tuple((name, count) for name, count in timeline.buckets if count),
        first=names[0],
        ends=ends,
        counts=" ".join(map(str, counts)),
        href=same_page(dated(anytime, DATE, DATE)),
    )


def _links(timeline: Timeline, ends: Ends, anytime: tuple[Parameter, ...]) -> tuple[BarLink, ...]:
    return tuple(
        BarLink(
            path=span.path,
            href=same_page(dated(anytime, span.since, span.until)),
            words=_count(span.first, span.last, span.count),
        )
        for span in spans(timeline, ends)
    )


def dated(anytime: tuple[Parameter, ...], since: str, until: str) -> tuple[Parameter, ...]:
    """A search without dates, within some."""
    return placed(anytime, Parameter("from", since), Parameter("to", until))


def _count(first: str, last: str, count: int) -> str:
    return say("timeline.count", when=words_between(reader().language, first, last), count=count)


def _summary(timeline: Timeline) -> str:
    """From when to when the hits are, and when there are the most."""
    first, last = timeline.buckets[0][0], timeline.buckets[-1][0]
    if first == last:
        return _count(first, last, timeline.buckets[0][1])
    name, count = max(timeline.buckets, key=lambda bucket: bucket[1])
    when = words_between(reader().language, first, last)
    return say("timeline.summary", when=when, most=_count(name, name, count))


def ends_asked(asked: tuple[Parameter, ...], names: Sequence[str], zone: tzinfo) -> Ends:
    """Where the dates asked for begin after the first bucket does, or end before the last one does."""
    request, now = lenient(asked), datetime.now(UTC)
    since, before = range_of(request, zone, now)
    first, last = (stretch(names[place], zone, now, param="timeline") for place in (0, -1))
    return Ends(
        request.since if since is not None and since > first.start else None,
        request.until if before is not None and before < last.end else None,
    )


def _is_ranged(asked: tuple[Parameter, ...]) -> bool:
    return any(each.name in ("from", "to") for each in asked)


def _ranges(asked: tuple[Parameter, ...], anytime: tuple[Parameter, ...]) -> Iterator[RangeLink]:
    """Ranges to go to, and all of time; the one that is asked for is marked."""
    request = lenient(asked)
    since = fold(request.since or "").strip() if not request.until else None
    for message, back in RANGES:
        here = since in (TODAY if back == TODAY[0] else (fold(back),))
        yield RangeLink(say(message), same_page(placed(anytime, Parameter("from", back))), here)
    yield RangeLink(say("range.all"), same_page(anytime), not _is_ranged(asked))
