"""One search from a request to a page of hits; every door comes through here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from time import perf_counter, time
from zoneinfo import ZoneInfo

from searchsvc.article import Article, Source, SourceCount
from searchsvc.engine import FIELDS, Answering, Field, Found, Plan
from searchsvc.errors import BudgetExceeded
from searchsvc.search.cursor import Cursor, fingerprint, read_cursor, write_cursor
from searchsvc.search.display import hit_in, read_script
from searchsvc.search.highlight import Highlighter
from searchsvc.search.matches import Match, matches
from searchsvc.search.needles import Needle
from searchsvc.search.plan import (
    Cut,
    check_query,
    facets_of,
    fields_of,
    make_plan,
    wants_variants,
    zone_of,
)
from searchsvc.search.request import Request
from searchsvc.search.results import Asked, Facets, Hit, Matched, Page, Timeline
from searchsvc.search.scripts import InScript
from searchsvc.search.sources import named
from searchsvc.search.syntax import Parsed, Scope, parse
from searchsvc.search.timeline import fit
from searchsvc.store.articles import ArticleStore
from searchsvc.store.stories import story_counts, story_of
from searchsvc.variants.find import Variants, load_variants

# A query string that found little, its words as typed, how many articles have all of them, and how many
# have all words of another query string → the query strings to offer beside it.
Corrector = Callable[[str, Sequence[str], int, Callable[[str], int]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A request understood, and what the engine found: all words, or only some of them.

    ``scope`` and ``plan`` are those that it was understood by: another query string under the same
    filters is parsed in the one and put into the other.
    """

    scope: Scope
    parsed: Parsed
    plan: Plan
    cut: Cut
    found: Found
    matched: Matched
    cursor: str | None = None

    @property
    def needles(self) -> tuple[Needle, ...]:
        """What was looked for."""
        return self.parsed.needles if self.matched == "all" else self.parsed.loose_needles


class Search:
    """Searches an engine and shows what the store has of the hits.

    ``correct`` knows what may have been meant by a query; without it nothing is offered.
    """

    def __init__(
        self,
        store: ArticleStore,
        engine: Answering,
        zone: ZoneInfo,
        names: Path,
        correct: Corrector | None = None,
    ) -> None:
        self.store = store
        self.engine = engine
        self.zone = zone
        self.names = names
        self.correct = correct

    def search(self, request: Request) -> Page:
        """The page of hits that a request asks for.

        Raises QueryError for what cannot be, naming the parameter; IndexUnavailable.
        """
        began = perf_counter()
        script = read_script(request.script)
        answer = self.find(request)
        parsed, found, cut, needles = answer.parsed, answer.found, answer.cut, answer.needles
        hits = tuple(hit_in(hit, script) for hit in self._hits(found, needles))
        # Lone surrogates cannot be sent back to anybody.
        raw = request.q.encode("utf-8", "replace").decode()
        meant = self._did_you_mean(raw, answer) if request.cursor is None and cut.number == 1 else ()
        asked = Asked(raw, _terms(needles), answer.matched, parsed.warnings, parsed.variants, meant)
        facets = self._facets(found, request)
        took_ms = (perf_counter() - began) * 1000
        return Page(
            asked, found.total, hits, cut.number, cut.size, took_ms, facets, answer.cursor, found.folded
        )

    def find(self, request: Request, places: range | None = None) -> Answer:
        """What the engine finds for a request: ids and scores, without the articles themselves.

        ``places``: the hits at these places, from 0, instead of a page. Raises what ``search`` raises.
        """
        try:
            return self._find(request, places, short=False)
        except BudgetExceeded:
            # Whatever can be typed is answered: by a part of the query, which says so.
            return self._find(request, places, short=True)

    def _find(self, request: Request, places: range | None, short: bool) -> Answer:
        """What is found for a request, or for as much of its query as surely takes no long time."""
        cursor = None if request.cursor is None else read_cursor(request.cursor, int(time()))
        # In a walk, P7D means the same days on every page.
        now = datetime.fromtimestamp(cursor.began, UTC) if cursor else datetime.now(UTC)
        if cursor and cursor.place:
            short = cursor.short
        zone = zone_of(request, self.zone)
        variants = load_variants(self.names) if wants_variants(request) else None
        scope = self._scope(zone, now, fields_of(request), variants, short)
        parsed = parse(check_query(request), scope)
        plan, cut = make_plan(request, parsed, zone, now, self._story(request))
        # A walk goes on as it began, and so does what was cut short.
        plan = replace(plan, unhurried=short or bool(cursor and cursor.place))
        if places is not None:
            plan = replace(plan, offset=places.start, limit=len(places))
        if cursor is None:
            return Answer(scope, parsed, plan, cut, *self._run(plan, parsed))
        cursor = cursor.of_search(fingerprint(request.q, plan))
        found, matched = self._walk(plan, parsed, cursor)
        if found.after is None:
            return Answer(scope, parsed, plan, cut, found, matched)
        following = replace(cursor, place=found.after, matched=matched, short=short)
        return Answer(scope, parsed, plan, cut, found, matched, write_cursor(following))

    def _scope(
        self,
        zone: tzinfo,
        now: datetime,
        fields: tuple[Field, ...] = FIELDS,
        variants: Variants | None = None,
        short: bool = False,
    ) -> Scope:
        sources = partial(named, self.store.named_sources)
        return Scope(zone, now, fields, variants, InScript(self.store), sources, short)

    def sources(self, request: Request) -> tuple[SourceCount, ...]:
        """The sources that a search could choose from: its hits by source, as if it chose none yet.

        Raises what ``search`` raises.
        """
        # One hit, by time: nothing has to be scored.
        one = replace(request, page=None, page_size="1", sort="newest", cursor=None)
        found = self.find(replace(one, sources=(), excluded_sources=(), facets="source")).found
        return self._counted(found)

    def marks(
        self, article: Article, q: str, answer: Answer | None = None
    ) -> tuple[list[Match], list[Match]]:
        """The places in an article's title and text that a query asks for.

        ``answer``: what the search found, if it was run; it knows whether all words were looked for.
        """
        parsed = answer.parsed if answer else self._parsed(q)
        first = answer.needles if answer else parsed.needles
        for needles in (first, parsed.loose_needles):
            in_title = matches(article.title, needles, "title")
            in_text = matches(article.text, needles, "body")
            if in_title or in_text:
                break
        return in_title, in_text

    def _parsed(self, q: str) -> Parsed:
        """A query by itself: no string raises."""
        return parse(q, self._scope(self.zone, datetime.now(UTC), variants=load_variants(self.names)))

    def _story(self, request: Request) -> str | None:
        """The story that is asked for by any article that tells it."""
        return (story_of(self.store, request.story) or request.story) if request.story else None

    def _run(self, plan: Plan, parsed: Parsed) -> tuple[Found, Matched]:
        """All words, or, when no article has them all, as many as one has."""
        found = self.engine.run(plan)
        if found.total or parsed.relaxed is None:
            return found, "all"
        relaxed = self.engine.run(replace(plan, query=parsed.relaxed))
        return (relaxed, "some") if relaxed.total else (found, "all")

    def _walk(self, plan: Plan, parsed: Parsed, cursor: Cursor) -> tuple[Found, Matched]:
        """The next page of a walk: of all words or of some, as it began, whatever has arrived since."""
        plan = replace(plan, offset=0, walk=True, after=cursor.place)
        if cursor.place is None:
            return self._run(plan, parsed)
        some = cursor.matched == "some" and parsed.relaxed is not None
        return self.engine.run(replace(plan, query=parsed.relaxed) if some else plan), cursor.matched

    def _did_you_mean(self, q: str, answer: Answer) -> tuple[str, ...]:
        """Query strings that may have been meant, counted under the same filters."""
        if self.correct is None:
            return ()
        plan = replace(answer.plan, order="newest", offset=0, limit=0, count_sources=False, fit_edges=None)

        def count(other: str) -> int:
            return self.engine.run(replace(plan, query=parse(other, answer.scope).tree)).total

        have_all = answer.found.total if answer.matched == "all" else 0
        return self.correct(q, _words(answer.parsed), have_all, count)

    def _facets(self, found: Found, request: Request) -> Facets:
        """The counts that were asked for, the sources with the most hits first."""
        wanted = facets_of(request)
        sources, timeline = None, None
        if "source" in wanted:
            sources = self._counted(found)
        if "timeline" in wanted:
            timeline = _timeline(found, zone_of(request, self.zone))
        return Facets(sources, timeline)

    def _counted(self, found: Found) -> tuple[SourceCount, ...]:
        """The counts of sources with their names, the largest first."""
        names = self.store.source_names(list(found.sources))
        ranked = sorted(found.sources.items(), key=lambda counted: (-counted[1], counted[0]))
        return tuple(SourceCount(Source(key, names.get(key, key)), count) for key, count in ranked)

    def _hits(self, found: Found, needles: Sequence[Needle]) -> tuple[Hit, ...]:
        """The hits with their articles; one that the database no longer has is left out."""
        articles = self.store.listed([scored.id for scored in found.hits])
        telling = story_counts(self.store, {each.story for each in articles.values() if each.story})
        highlighter = Highlighter(needles)
        return tuple(
            Hit(article, scored.score, highlighter.passages(article), telling.get(article.story or "", 1))
            for scored in found.hits
            if (article := articles.get(scored.id))
        )


def _timeline(found: Found, zone: ZoneInfo) -> Timeline:
    if found.extent is None:
        return Timeline("day", ())
    calendar = fit(*found.extent, zone)
    return Timeline(calendar.interval, tuple(zip(calendar.names(), found.timeline, strict=True)))


def _words(parsed: Parsed) -> list[str]:
    """The words that have to be there, as typed; a beginning of a word is none."""
    return [needle.text for needle in parsed.needles if needle.form_of is None and not needle.prefix]


def _terms(needles: Sequence[Needle]) -> tuple[str, ...]:
    """What is looked for as typed, and marked where it is found."""
    typed = (needle for needle in needles if needle.form_of is None and not needle.quiet)
    return tuple(dict.fromkeys(map(_shown, typed)))


def _shown(needle: Needle) -> str:
    """A needle as it can be typed."""
    return "=" * needle.as_typed + needle.text + "*" * needle.prefix + "~" * (needle.distance > 0)
