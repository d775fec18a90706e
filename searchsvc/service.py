"""The parts of the running service, put together once from its settings.

Making a Service does no work: the database and the index open when first asked for.
"""

from dataclasses import dataclass

from searchsvc.engine.local import LocalEngine
from searchsvc.ingest.feedlist import FeedList
from searchsvc.search.search import Search
from searchsvc.settings import Settings
from searchsvc.store.articles import ArticleStore
from searchsvc.store.feeds import FeedStore


@dataclass(frozen=True, slots=True)
class Service:
    """What the doors (web, commands) are given."""

    settings: Settings
    store: ArticleStore
    engine: LocalEngine
    search: Search
    feed_list: FeedList
    feed_states: FeedStore


def open_service(settings: Settings) -> Service:
    """The service of these settings."""
    database = settings.data_dir / "articles.sqlite3"
    store = ArticleStore(database)
    # The engine builds in two processes at most, and counts memory for each.
    engine = LocalEngine(settings.index_dir, memory_mb=settings.index_memory_mb // 2)
    search = Search(store, engine, settings.timezone, settings.names)
    return Service(settings, store, engine, search, FeedList(settings.feeds), FeedStore(database))
