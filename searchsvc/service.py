"""The parts of the running service, put together once from its settings.

Making a Service does no work: the database and the index open when first asked for.
"""

import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from searchsvc.engine import Engine
from searchsvc.engine.local import LocalEngine
from searchsvc.errors import IndexUnavailable
from searchsvc.ingest.feedlist import FeedList
from searchsvc.search.search import Search
from searchsvc.settings import Settings
from searchsvc.store.articles import ArticleStore
from searchsvc.store.counts import CountStore
from searchsvc.store.feeds import FeedStore
from searchsvc.store.pages import PageStore
from searchsvc.store.runs import RunStore
from searchsvc.suggest.correct import corrections
from searchsvc.suggest.lookup import Lookup

LOG = logging.getLogger(__name__)
# The file of SQLite's, in the data folder.
DATABASE = "articles.sqlite3"


@dataclass(frozen=True, slots=True)
class Service:
    """What the doors (web, commands) are given."""

    settings: Settings
    store: ArticleStore
    engine: Engine
    search: Search
    runs: RunStore
    counts: CountStore
    feed_list: FeedList
    feed_states: FeedStore
    pages: PageStore


def open_service(settings: Settings) -> Service:
    """The service of these settings."""
    place = settings.database_url or settings.data_dir / DATABASE
    store = ArticleStore(place)
    engine = open_engine(settings)
    correct = partial(corrections, lookup=Lookup(store, engine, settings.names))
    search = Search(store, engine, settings.timezone, settings.names, correct)
    return Service(
        settings,
        store,
        engine,
        search,
        RunStore(place),
        CountStore(place),
        FeedList(settings.feeds),
        FeedStore(place),
        PageStore(place),
    )


def open_engine(settings: Settings) -> Engine:
    """The engine of these settings. Raises SettingsError for a cluster that cannot be used as they say.

    One that does not answer is waited for: its articles are in the database, and searching says so.
    """
    if settings.engine == "whoosh":
        # It builds in two processes at most, and counts memory for each.
        return LocalEngine(settings.index_dir, memory_mb=settings.index_memory_mb // 2)
    # Who has one machine needs none of this, nor the memory for it.
    from searchsvc.engine.opensearch import engine_of

    engine = engine_of(
        settings.opensearch_url,
        Path(settings.opensearch_ca) if settings.opensearch_ca else None,
        settings.opensearch_index,
        settings.opensearch_shards,
        settings.opensearch_replicas,
    )
    try:
        engine.verify()
    except IndexUnavailable as error:
        LOG.warning("%s", error)
    return engine
