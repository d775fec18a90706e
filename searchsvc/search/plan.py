"""A request and its query tree → a plan: filters, order and page, each checked by name."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import get_args
from zoneinfo import ZoneInfo, available_timezones

from searchsvc.engine import FIELDS, Field, Order, Plan
from searchsvc.errors import QueryError
from searchsvc.search.dates import stretch
from searchsvc.search.request import Request
from searchsvc.search.results import DEEPEST
from searchsvc.search.syntax import Parsed
from searchsvc.search.timeline import fit
from searchsvc.text.terms import needle

PAGE_SIZE, LARGEST_PAGE = 20, 100
# A query beyond this is no question any more. Below it, search takes the beginning and says so.
LONGEST_QUERY = 2_000
FACETS = ("source", "timeline")
FIELD_NAMES: dict[str, Field] = {"title": "title", "content": "body"}


@dataclass(frozen=True, slots=True)
class Cut:
    """Which page of the hits is wanted."""

    number: int
    size: int


def zone_of(request: Request, default: ZoneInfo) -> ZoneInfo:
    """The time zone in which the request's dates are meant."""
    if request.tz is None or request.tz == "":
        return default
    if request.tz not in available_timezones():
        raise QueryError(f"tz: {request.tz[:60]!r} is not a time zone; one is 'Asia/Taipei'", param="tz")
    return ZoneInfo(request.tz)


def check_query(request: Request) -> str:
    """The query string, refused when it is absurdly long."""
    if len(request.q) > LONGEST_QUERY:
        raise QueryError(
            f"q: {len(request.q):,} characters are too many; at most {LONGEST_QUERY:,} are read",
            param="q",
            code="too_long",
        )
    return request.q


def fields_of(request: Request) -> tuple[Field, ...]:
    """The fields in which words are searched."""
    if not request.search_in:
        return FIELDS
    names = [name.strip() for name in request.search_in.split(",")]
    for name in names:
        if name not in FIELD_NAMES:
            raise QueryError(f"search_in: {name[:40]!r} is not one of title, content", param="search_in")
    return tuple(dict.fromkeys(FIELD_NAMES[name] for name in names))


def wants_variants(request: Request) -> bool:
    """Whether other forms of words are looked for too."""
    return _switched("variants", request.variants, usual="on")


def folds(request: Request) -> bool:
    """Whether of several hits that tell the same story only the first stands."""
    is_on = _switched("fold", request.fold, usual="off")
    if is_on and request.cursor is not None:
        raise QueryError(
            "fold: a walk by cursor has every article, folded pages have not; leave one of the two out",
            param="fold",
            code="bad_combination",
        )
    return is_on


def _switched(name: str, value: str | None, *, usual: str) -> bool:
    """Whether a parameter is on; not given, it is as ``usual``."""
    if value not in (None, "", "on", "off"):
        raise QueryError(f"{name}: {value[:40]!r} is not one of on, off", param=name)
    return (value or usual) == "on"


def facets_of(request: Request) -> frozenset[str]:
    """What of all hits is to be counted."""
    names = [name.strip() for name in (request.facets or "").split(",")] if request.facets else []
    for name in names:
        if name not in FACETS:
            raise QueryError(f"facets: {name[:40]!r} is not one of {', '.join(FACETS)}", param="facets")
    return frozenset(names)


def make_plan(
    request: Request, parsed: Parsed, zone: tzinfo, now: datetime, story: str | None = None
) -> tuple[Plan, Cut]:
    """The plan of a request; ``story`` is the one that it restricts hits to.

    Raises QueryError, which names the parameter.
    """
    since, before = range_of(request, zone, now)
    cut = _cut(request)
    facets = facets_of(request)
    plan = Plan(
        query=parsed.tree,
        since=since,
        before=before,
        sources=frozenset(filter(None, request.sources)) or None,
        excluded_sources=frozenset(filter(None, request.excluded_sources)),
        author=_author(request),
        story=story,
        order=_order(request, parsed),
        offset=(cut.number - 1) * cut.size,
        limit=cut.size,
        count_sources="source" in facets,
        fit_edges=(lambda first, last: fit(first, last, zone).edges()) if "timeline" in facets else None,
        fold=folds(request),
    )
    return plan, cut


def range_of(request: Request, zone: tzinfo, now: datetime) -> tuple[int | None, int | None]:
    """The first second of the dates asked for, and the one behind the last. Raises QueryError."""
    since = stretch(request.since, zone, now, param="from") if request.since else None
    until = stretch(request.until, zone, now, param="to") if request.until else None
    if since and until and since.start >= until.end:
        raise QueryError(
            f"from: {request.since!r} is after to: {request.until!r}; exchange the two",
            param="from",
            code="bad_range",
        )
    return (since.start if since else None), (until.end if until else None)


def _author(request: Request) -> str | None:
    """The part of a name that was asked for. Raises QueryError for one without a letter."""
    if request.author is None or not request.author.strip():
        return None
    if not needle(request.author[:LONGEST_QUERY]).text:
        raise QueryError(f"author: {request.author[:40]!r} has no letter in it", param="author")
    return request.author[:LONGEST_QUERY]


def _order(request: Request, parsed: Parsed) -> Order:
    """The order asked for; without words there is nothing to be relevant to, so newest first."""
    asked = request.sort or "relevance"
    for order in get_args(Order):
        if order == asked:
            return "newest" if not parsed.needles and order == "relevance" else order
    raise QueryError(f"sort: {asked[:40]!r} is not one of {', '.join(get_args(Order))}", param="sort")


def _cut(request: Request) -> Cut:
    size = _number(request.page_size, PAGE_SIZE, 1, LARGEST_PAGE, "page_size")
    if request.cursor is not None and request.page:
        raise QueryError(
            "cursor: page and cursor are two ways through the hits; leave one of them out",
            param="cursor",
            code="bad_combination",
        )
    number = _number(request.page, 1, 1, DEEPEST, "page")
    if number * size > DEEPEST:
        raise QueryError(
            f"page: page x page_size reaches {DEEPEST:,}, and {number} x {size} is beyond; "
            "narrow the search by words or dates",
            param="page",
            code="too_deep",
        )
    return Cut(number, size)


def _number(text: str | None, default: int, least: int, most: int, param: str) -> int:
    if text is None or text == "":
        return default
    # isdecimal() alone would take ٣; str.isascii() and a bound on the length keep int() cheap.
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise QueryError(
            f"{param}: {text[:40]!r} is not a whole number from {least} to {most:,}", param=param
        )
    return int(text)
