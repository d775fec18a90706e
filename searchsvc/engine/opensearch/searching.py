"""A plan asked of one index of a cluster: what is found, how many, the page, and the counts.

Three questions at most, each for all shards at once: how often the query's strings occur, which scores need;
then the hits and counts; then, where a timeline is to fit what was found, how many fall in each bucket.
Whatever the cluster does not answer whole, it does not answer: a total is exact or there is none.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from whoosh.query import Every, Query

from searchsvc.engine import FIELDS, Found, Place, Plan, Scored, Statistics
from searchsvc.engine.opensearch import dsl
from searchsvc.engine.opensearch.cluster import Cluster
from searchsvc.engine.opensearch.dsl import Clause, Translation
from searchsvc.engine.opensearch.layout import RESULT_WINDOW
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.engine.strings import CheckedString, ExactString
from searchsvc.errors import BudgetExceeded

# Buckets, or hits, in one answer where all of them are wanted.
MANY = RESULT_WINDOW
# A source is a host; an archive has some thousands.
MOST_SOURCES = 65_000
BY_ID: dict[str, Any] = {"size": MANY, "sort": [{"id": "asc"}], "track_total_hits": False}
ORDERS = {"relevance": ("_score", "desc"), "newest": ("published", "desc"), "oldest": ("rising", "asc")}


@dataclass(frozen=True, slots=True)
class Measured:
    """What scores depend on in a whole index."""

    documents: int
    averages: tuple[float, ...]


class Asking:
    """One plan, asked of one index. ``budget_seconds``: what it may take on every shard."""

    def __init__(
        self, cluster: Cluster, index: str, plan: Plan, measured: Measured, budget_seconds: float | None
    ) -> None:
        self.cluster, self.index, self.plan, self._measured = cluster, index, plan, measured
        self._budget_seconds = budget_seconds
        self._until = None if budget_seconds is None else time.monotonic() + budget_seconds
        self._query: Query = Every() if plan.query is None else plan.query
        self._filters = dsl.filters(plan)

    def found(self) -> Found:
        """The answer. Raises IndexUnavailable, and BudgetExceeded."""
        plan = self.plan
        scoring = plan.order == "relevance" and plan.limit > 0
        statistics, frequencies = self._statistics() if scoring else (None, {})
        translation = Translation(frequencies, statistics, dict(self._right()))
        clause = self._restricted(translation.clause(self._query))
        answer, hits = self._page(self._body(clause))
        extent, timeline = self._timeline(clause, answer)
        folded = self._folded(clause) if plan.fold else 0
        shown = hits[: plan.limit]
        after = self._after(shown, statistics) if plan.walk and len(hits) > plan.limit else None
        return Found(
            total=answer["hits"]["total"]["value"] - folded,
            hits=tuple(Scored(hit["_id"], hit["_score"] if scoring else 0.0) for hit in shown),
            sources=self._sources(answer),
            timeline=timeline,
            extent=extent,
            after=after,
            folded=folded,
        )

    def _page(self, body: dict[str, Any]) -> tuple[Any, list[Any]]:
        """An answer, and the hits of the page that is wanted: many of them come in several answers."""
        first, size = body.get("from", 0), body["size"]
        if first + size <= RESULT_WINDOW:
            answer = self._search(body)
            return answer, answer["hits"]["hits"]
        body |= {"from": 0, "size": RESULT_WINDOW}
        answer = self._search(body)
        hits = answer["hits"]["hits"]
        if len(hits) == RESULT_WINDOW:
            more = {name: body[name] for name in ("query", "sort", "size")} | {"track_total_hits": False}
            for some in batches(self._search, more | {"search_after": hits[-1]["sort"]}):
                hits = hits + some
                if len(hits) >= first + size:
                    break
        return answer, hits[first : first + size]

    def _restricted(self, clause: Clause) -> Clause:
        return {"bool": {"must": clause, "filter": self._filters}} if self._filters else clause

    def _body(self, clause: Clause) -> dict[str, Any]:
        plan = self.plan
        name, direction = ORDERS[plan.order]
        # In a walk hits alike stand by their ids; else as they were written.
        then = "id" if plan.walk else "number"
        body: dict[str, Any] = {
            "query": clause,
            "size": plan.limit + 1 if plan.walk else plan.limit,
            "track_total_hits": True,
            "sort": [{name: direction}, {then: "asc"}],
            "aggs": self._counts(),
        }
        if plan.after is not None:
            body["search_after"] = [self._key(plan.after), plan.after.id]
        elif plan.limit and not plan.walk:
            body["from"] = plan.offset
        if plan.fold:
            body["collapse"] = {"field": "tells"}
        return body

    def _key(self, place: Place) -> float:
        return -int(place.key) if self.plan.order == "oldest" else place.key

    def _after(self, shown: Sequence[Any], statistics: Statistics | None) -> Place:
        key, identifier = shown[-1]["sort"]
        return Place(-key if self.plan.order == "oldest" else key, identifier, statistics)

    def _counts(self) -> dict[str, Any]:
        plan, wanted = self.plan, dict[str, Any]()
        if plan.count_sources:
            wanted["sources"] = {"terms": {"field": "source", "size": MOST_SOURCES}}
        if plan.fit_edges is not None:
            ends = {end: {end: {"field": "published"}} for end in ("min", "max")}
            wanted["times"] = {"filter": {"range": {"published": {"gt": UNKNOWN_TIME}}}, "aggs": ends}
        elif plan.timeline_edges:
            wanted["timeline"] = _buckets(plan.timeline_edges)
        return wanted

    def _sources(self, answer: Any) -> dict[str, int]:
        if not self.plan.count_sources:
            return {}
        return {bucket["key"]: bucket["doc_count"] for bucket in answer["aggregations"]["sources"]["buckets"]}

    def _timeline(self, clause: Clause, answer: Any) -> tuple[tuple[int, int] | None, tuple[int, ...]]:
        """The extent of the hits, if that is asked for, and how many fall in each bucket."""
        plan = self.plan
        if plan.fit_edges is None:
            return None, _counted(answer) if plan.timeline_edges else ()
        times = answer["aggregations"]["times"]
        if not times["doc_count"]:
            return None, ()
        extent = int(times["min"]["value"]), int(times["max"]["value"])
        edges = plan.fit_edges(*extent)
        body = {"query": clause, "size": 0, "aggs": {"timeline": _buckets(edges)}}
        return extent, _counted(self._search(body)) if edges else ()

    def _folded(self, clause: Clause) -> int:
        """How many hits stand behind another one that tells the same story."""
        shared = {"bool": {"filter": [clause, {"exists": {"field": "story"}}]}}
        composite: dict[str, Any] = {"size": MANY, "sources": [{"of": {"terms": {"field": "tells"}}}]}
        behind = 0
        while True:
            body = {"query": shared, "size": 0, "aggs": {"stories": {"composite": composite}}}
            stories = self._search(body)["aggregations"]["stories"]
            behind += sum(bucket["doc_count"] - 1 for bucket in stories["buckets"])
            if "after_key" not in stories:
                return behind
            composite["after"] = stories["after_key"]

    def _right(self) -> Iterator[tuple[int, list[str]]]:
        """For each checked string the articles that are as asked, of those that only their texts can tell."""
        for node in dsl.leaves(self._query):
            if isinstance(node, CheckedString) and node.characters and len(node.text) > 1:
                doubtful = [dsl.containing(node), dsl.has_forms(node), dsl.has_others(node), *self._filters]
                right = list[str]()
                for ids in self._pages({"bool": {"filter": doubtful}}):
                    right += [each for each, keep in zip(ids, node.check(ids), strict=True) if keep]
                yield id(node), right

    def _pages(self, clause: Clause) -> Iterator[list[str]]:
        """The ids of all articles that match, some at a time."""
        for hits in batches(self._search, {"query": clause} | BY_ID):
            yield [hit["_id"] for hit in hits]

    def _statistics(self) -> tuple[Statistics, dict[int, int]]:
        """What scores depend on: as it is now, or as it was when the walk began."""
        nodes = list(dsl.leaves(self._query))
        given = self.plan.after.statistics if self.plan.after else None
        if given is None:
            frequencies = self._frequencies(nodes)
            given = Statistics(self._measured.documents, self._measured.averages, tuple(frequencies))
        pairs = zip(nodes, given.frequencies, strict=False)
        known = {id(node): count for node, count in pairs}
        missing = [node for node in nodes if id(node) not in known]
        return given, known | dict(zip(map(id, missing), self._frequencies(missing), strict=True))

    def _frequencies(self, nodes: Sequence[ExactString]) -> list[int]:
        """How many articles of the whole index contain each of some strings."""
        if not nodes:
            return []
        lines = list[dict[str, Any]]()
        for node in nodes:
            counted = {
                "query": {"bool": {"filter": dsl.containing(node)}},
                "size": 0,
                "track_total_hits": True,
            }
            lines += [{"index": self.index}, self._limited(counted)]
        answers = self.cluster.many(lines)
        return [self._whole(answer)["hits"]["total"]["value"] for answer in answers]

    def _search(self, body: dict[str, Any]) -> Any:
        return self._whole(self.cluster.search(self.index, self._limited(body)))

    def _limited(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._until is None:
            return body
        left = self._until - time.monotonic()
        if left <= 0:
            raise self._exceeded()
        return body | {"timeout": f"{max(1, int(left * 1000))}ms"}

    def _whole(self, answer: Any) -> Any:
        if answer.get("timed_out"):
            raise self._exceeded()
        return answer

    def _exceeded(self) -> BudgetExceeded:
        return BudgetExceeded(f"The search was stopped after {self._budget_seconds:g} seconds; ask for less")


def measure(cluster: Cluster, index: str) -> Measured:
    """Count an index, and how long its texts are on average."""
    sums = {name: {"sum": {"field": f"{name}_length"}} for name in FIELDS}
    answer = cluster.search(index, {"size": 0, "track_total_hits": True, "aggs": sums})
    documents = answer["hits"]["total"]["value"]
    lengths: Mapping[str, Any] = answer.get("aggregations", {})
    averages = (lengths[name]["value"] / (documents or 1) or 1.0 for name in FIELDS)
    return Measured(documents, tuple(averages))


def _buckets(edges: Sequence[int]) -> dict[str, Any]:
    """The counts between each two of the ascending edges; what has no time is in none."""
    moments = [max(edge, UNKNOWN_TIME + 1) for edge in edges]
    ranges = [{"from": start, "to": end} for start, end in pairwise(moments)]
    return {"range": {"field": "published", "ranges": ranges}}


def _counted(answer: Any) -> tuple[int, ...]:
    return tuple(bucket["doc_count"] for bucket in answer["aggregations"]["timeline"]["buckets"])


def ids(cluster: Cluster, index: str) -> Iterator[str]:
    """The ids of all articles in an index, as it is at one moment."""
    with cluster.moment(index) as moment:
        for hits in batches(lambda body: cluster.search(None, body), BY_ID | {"pit": moment}):
            yield from (hit["_id"] for hit in hits)


def batches(search: Callable[[dict[str, Any]], Any], body: dict[str, Any]) -> Iterator[list[Any]]:
    """All hits of a search, as many at a time as its size says."""
    while hits := search(body)["hits"]["hits"]:
        yield hits
        if len(hits) < body["size"]:
            return
        # At one moment the cluster adds a key of its own to those that were asked for.
        body = body | {"search_after": hits[-1]["sort"][: len(body["sort"])]}
