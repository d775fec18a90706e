"""The parts of the running service, put together once from its settings.

Making a Service does no work: the database and the index open when first asked for.
"""

from dataclasses import dataclass
from functools import partial

from searchsvc.engine.local import LocalEngine
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

# The file of SQLite's, in the data folder.
DATABASE = "articles.sqlite3"


@dataclass(frozen=True, slots=True)
class Service:
    """What the doors (web, commands) are given."""

    settings: Settings
    store: ArticleStore
    engine: LocalEngine
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
    # The engine builds in two processes at most, and counts memory for each.
    engine = LocalEngine(settings.index_dir, memory_mb=settings.index_memory_mb // 2)
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
