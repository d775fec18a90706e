"""``/metrics``: how feeds, articles and index do, in Prometheus' text format.

Everything comes from the database, the feed list and the index, so it does not matter which worker
is asked, and a restart forgets nothing. Requests are not counted: each worker would know its own only,
and the proxy in front counts them all. Times are moments, as is usual there: ``time() - moment`` is a lag.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import get_args

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from searchsvc.errors import IndexUnavailable
from searchsvc.ingest.opml import ListedFeed
from searchsvc.ingest.schedule import Standing, standing
from searchsvc.service import Service
from searchsvc.store.feeds import FeedState
from searchsvc.web.context import service

Row = tuple[ListedFeed, FeedState]
# What is counted since a feed was first asked, and what holds now; by feed, under the name in the list.
COUNTERS: dict[str, tuple[str, Callable[[FeedState], int]]] = {
    "received_bytes": ("Bytes that came from a feed over the wire", lambda state: state.bytes),
    "new_articles": ("Articles that a feed brought", lambda state: state.new),
    "updated_articles": ("Articles that a feed changed", lambda state: state.updated),
}
GAUGES: dict[str, tuple[str, Callable[[FeedState], int | None]]] = {
    "failures": ("Failures in a row up to now", lambda state: state.failures),
    "last_success_timestamp_seconds": ("When a feed answered last", lambda state: state.succeeded),
    "newest_article_timestamp_seconds": ("When its newest article was published", lambda state: state.newest),
    "due_timestamp_seconds": ("When a feed is asked again", lambda state: state.due),
}


def metrics() -> Response:
    """All figures of this moment."""
    return Response(generate_latest(_Figures(service())), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    """The figures of a service; read anew each time they are collected."""

    def __init__(self, of: Service) -> None:
        self._service = of

    def collect(self) -> Iterator[Metric]:
        states = self._service.feed_states.states()
        rows = [(feed, states[feed.address]) for feed in self._service.feed_list.feeds()]
        yield _standings(rows)
        yield _fetches(rows)
        for name, (words, count) in COUNTERS.items():
            counter = CounterMetricFamily(f"searchsvc_feed_{name}", words, labels=["feed"])
            for feed, state in rows:
                counter.add_metric([feed.name], count(state))
            yield counter
        for name, (words, value) in GAUGES.items():
            gauge = GaugeMetricFamily(f"searchsvc_feed_{name}", words, labels=["feed"])
            for feed, state in rows:
                if (now := value(state)) is not None:
                    gauge.add_metric([feed.name], now)
            yield gauge
        yield from self._kept()

    def _kept(self) -> Iterator[Metric]:
        """Articles and index."""
        store, generation = self._service.store, None
        # What else there is to tell is told while there is no index that could be asked.
        with suppress(IndexUnavailable):
            generation = self._service.engine.current()
        yield GaugeMetricFamily("searchsvc_articles", "Articles in the database", store.count())
        yield GaugeMetricFamily("searchsvc_database_bytes", "Size of the database", store.bytes_kept())
        if generation:
            yield GaugeMetricFamily("searchsvc_index_articles", "Articles in the index", generation.count)
            yield GaugeMetricFamily("searchsvc_index_bytes", "Size of the index", generation.bytes)
            built = "When the index in use was built, which a nightly reindex does"
            yield GaugeMetricFamily("searchsvc_index_built_timestamp_seconds", built, generation.built)


def _standings(rows: list[Row]) -> Metric:
    count = Counter(standing(feed, state) for feed, state in rows)
    gauge = GaugeMetricFamily("searchsvc_feeds", "Feeds of the list, by how they do", labels=["state"])
    for state in get_args(Standing):
        gauge.add_metric([state], count[state])
    return gauge


def _fetches(rows: list[Row]) -> Metric:
    counter = CounterMetricFamily(
        "searchsvc_feed_fetches", "Times that a feed was asked, by outcome", labels=["feed", "outcome"]
    )
    for feed, state in rows:
        whole = state.fetches - state.unmodified - state.failed
        outcomes = {"fetched": whole, "unmodified": state.unmodified, "failed": state.failed}
        for outcome, count in outcomes.items():
            counter.add_metric([feed.name, outcome], count)
    return counter
