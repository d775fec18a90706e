"""One search from a request to a page of hits; every door comes through here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, time
from zoneinfo import ZoneInfo

from searchsvc.article import Article, Source, SourceCount
from searchsvc.engine import Engine, Found, Plan
from searchsvc.search.cursor import Cursor, fingerprint, read_cursor, write_cursor
from searchsvc.search.display import hit_in, read_script
from searchsvc.search.highlight import passages, spans
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
from searchsvc.search.results import Asked, Facets, Hit, Matched, Page, Span, Timeline
from searchsvc.search.scripts import InScript
from searchsvc.search.syntax import Needle, Parsed, Scope, parse
from searchsvc.search.timeline import fit
from searchsvc.store.articles import ArticleStore
from searchsvc.store.stories import story_counts, story_of
from searchsvc.variants.find import load_variants


@dataclass(frozen=True, slots=True)
class Answer:
    """A request understood, and what the engine found: all words, or only some of them."""

    parsed: Parsed
    cut: Cut
    found: Found
    matched: Matched
    cursor: str | None = None


class Search:
    """Searches an engine and shows what the store has of the hits."""

    def __init__(self, store: ArticleStore, engine: Engine, zone: ZoneInfo, names: Path) -> None:
        self.store = store
        self.engine = engine
        self.zone = zone
        self.names = names

    def search(self, request: Request) -> Page:
        """The page of hits that a request asks for.

        Raises QueryError for what cannot be, naming the parameter; IndexUnavailable.
        """
        began = perf_counter()
        script = read_script(request.script)
        answer = self.find(request)
        parsed, found, cut = answer.parsed, answer.found, answer.cut
        needles = parsed.needles if answer.matched == "all" else parsed.loose_needles
        hits = tuple(hit_in(hit, script) for hit in self._hits(found, needles))
        # Lone surrogates cannot be sent back to anybody.
        raw = request.q.encode("utf-8", "replace").decode()
        asked = Asked(raw, _terms(needles), answer.matched, parsed.warnings, parsed.variants)
        facets = self._facets(found, request)
        took_ms = (perf_counter() - began) * 1000
        page = Page(asked, found.total, hits, cut.number, cut.size, took_ms, facets, answer.cursor)
        return replace(page, folded=found.folded)

    def find(self, request: Request) -> Answer:
        """What the engine finds for a request: ids and scores, without the articles themselves.

        Raises what ``search`` raises.
        """
        cursor = None if request.cursor is None else read_cursor(request.cursor, int(time()))
        # In a walk, P7D means the same days on every page.
        now = datetime.fromtimestamp(cursor.began, UTC) if cursor else datetime.now(UTC)
        zone = zone_of(request, self.zone)
        variants = load_variants(self.names) if wants_variants(request) else None
        scope = Scope(zone, now, fields_of(request), variants, InScript(self.store))
        parsed = parse(check_query(request), scope)
        plan, cut = make_plan(request, parsed, zone, now, self._story(request))
        if cursor is None:
            return Answer(parsed, cut, *self._run(plan, parsed))
        cursor = cursor.of_search(fingerprint(request.q, plan))
        found, matched = self._walk(plan, parsed, cursor)
        if found.after is None:
            return Answer(parsed, cut, found, matched)
        following = replace(cursor, place=found.after, matched=matched)
        return Answer(parsed, cut, found, matched, write_cursor(following))

    def marks(self, article: Article, q: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The places in an article's title and text that a query asks for."""
        variants, in_script = load_variants(self.names), InScript(self.store)
        scope = Scope(self.zone, datetime.now(UTC), variants=variants, in_script=in_script)
        parsed = parse(q, scope)
        for needles in (parsed.needles, parsed.loose_needles):
            in_title, in_text = spans(article.title, needles), spans(article.text, needles)
            if in_title or in_text:
                break
        return in_title, in_text

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

    def _facets(self, found: Found, request: Request) -> Facets:
        """The counts that were asked for, the sources with the most hits first."""
        wanted = facets_of(request)
        sources, timeline = None, None
        if "source" in wanted:
            names = self.store.source_names(list(found.sources))
            ranked = sorted(found.sources.items(), key=lambda counted: (-counted[1], counted[0]))
            sources = tuple(SourceCount(Source(key, names.get(key, key)), count) for key, count in ranked)
        if "timeline" in wanted:
            timeline = _timeline(found, zone_of(request, self.zone))
        return Facets(sources, timeline)

    def _hits(self, found: Found, needles: Sequence[Needle]) -> tuple[Hit, ...]:
        """The hits with their articles; one that the database no longer has is left out."""
        articles = self.store.get_many([scored.id for scored in found.hits])
        telling = story_counts(self.store, {each.story for each in articles.values() if each.story})
        return tuple(
            Hit(article, scored.score, passages(article, needles), telling.get(article.story or "", 1))
            for scored in found.hits
            if (article := articles.get(scored.id))
        )


def _timeline(found: Found, zone: ZoneInfo) -> Timeline:
    if found.extent is None:
        return Timeline("day", ())
    calendar = fit(*found.extent, zone)
    return Timeline(calendar.interval, tuple(zip(calendar.names(), found.timeline, strict=True)))


def _terms(needles: Sequence[Needle]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_shown, (needle for needle in needles if needle.form_of is None))))


def _shown(needle: Needle) -> str:
    """A needle as it can be typed."""
    return "=" * needle.as_typed + needle.text + "*" * needle.prefix + "~" * (needle.distance > 0)
