"""Sources → store and index; counts everything.

In: for each source as the person named it, the entries that were read from it and what could not be
read. Out: a ``Report`` in which every item is counted once, and each one left out has its reason.
Articles are stored in batches, each one transaction; whatever was stored is then indexed, also when
the reading stops half way.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import tzinfo
from itertools import islice

from searchsvc.article import Article
from searchsvc.engine import Engine
from searchsvc.errors import EntryError
from searchsvc.ingest.compose import compose
from searchsvc.ingest.identify import Outcome, decide
from searchsvc.ingest.index import catch_up
from searchsvc.ingest.items import Failed, Item, Skipped, Unchanged
from searchsvc.ingest.record import recorded
from searchsvc.ingest.report import Report, SourceReport
from searchsvc.store.articles import ArticleStore, Versions, Write
from searchsvc.store.runs import RunStore

# Articles in one transaction: a sync of the disk for each would cost more than all else.
BATCH = 500


Progress = Callable[[SourceReport], None]


def ingest(
    sources: Iterable[tuple[str, Iterator[Item]]],
    store: ArticleStore,
    engine: Engine,
    *,
    zone: tzinfo,
    now: int,
    progress: Progress = lambda _: None,
    finished: Progress = lambda _: None,
) -> Report:
    """Store and index what the sources have, and record that it was done. Repeating it changes no article.

    ``finished`` is told of a source once all its articles are stored: whoever remembers what a feed
    has given must not do so earlier.
    """
    report = Report()
    with recorded(report, RunStore(store.place), now):
        try:
            for name, items in sources:
                source = SourceReport(name)
                report.sources.append(source)
                _take(items, source, store, zone, now, progress)
                finished(source)
        finally:
            report.indexed = catch_up(store, engine) if store.change() else 0
    store.settle()
    return report


def _take(
    items: Iterator[Item],
    report: SourceReport,
    store: ArticleStore,
    zone: tzinfo,
    now: int,
    progress: Progress,
) -> None:
    composed = _composed(items, report, zone, now)
    while batch := list(islice(composed, BATCH)):
        _keep(batch, report, store)
        progress(report)
    if report.failed and not report.items:
        progress(report)


def _composed(
    items: Iterator[Item], report: SourceReport, zone: tzinfo, now: int
) -> Iterator[tuple[Article, bool]]:
    """The articles of the entries, and whether each entry says when it was seen."""
    for item in items:
        if isinstance(item, Failed):
            report.failed.append(item)
        elif isinstance(item, Skipped):
            report.skipped.append(item)
        elif isinstance(item, Unchanged):
            report.count(Outcome.UNCHANGED)
        else:
            try:
                yield compose(item, zone=zone, now=now), item.seen is not None
            except EntryError as error:
                report.skipped.append(Skipped(item.origin, str(error)))


def _keep(batch: list[tuple[Article, bool]], report: SourceReport, store: ArticleStore) -> None:
    """Decide on a batch, in order, and write what has to be written."""
    known = store.versions([article.identity for article, _ in batch])
    writes: list[Write] = []
    outcomes: list[Outcome] = []
    for article, dated in batch:
        before = known.get(article.identity)
        decision = decide(before, article, dated=dated)
        outcomes.append(decision.outcome)
        if decision.outcome is not Outcome.UNCHANGED:
            writes.append(Write(article, decision.current))
            known[article.identity] = _after(before, article, decision.current)
    if writes:
        store.put(writes)
    for outcome in outcomes:  # Counted once it is written, so a report never promises too much.
        report.count(outcome)


def _after(before: Versions | None, article: Article, current: bool) -> Versions:
    """What is known of an article once this version of it is written."""
    if before is None:
        return Versions(article.digest, article.retrieved, {article.digest: article.retrieved})
    seen = before.seen | {article.digest: article.retrieved}
    if current:
        return Versions(article.digest, article.retrieved, seen)
    return replace(before, seen=seen)
