"""Articles → index: bring it up to date with the database, or build it anew beside the old.

The database numbers its changes and the index records the number it stands at, so an index that
missed something (a crash, a full disk) is caught up by whoever comes next. So are the stories that
articles share, before the index, which has them as a column.
"""

from collections.abc import Callable, Iterator

from searchsvc.article import Article
from searchsvc.engine import Document, Generation
from searchsvc.engine.local import LocalEngine
from searchsvc.errors import IndexUnavailable
from searchsvc.store.articles import ArticleStore
from searchsvc.stories.follow import follow

# Articles in one commit: enough that a commit's own cost vanishes, few enough to hold in memory.
BATCH = 5_000

Progress = Callable[[int], None]


def document(article: Article) -> Document:
    """What the index needs of an article."""
    return Document(
        id=article.id,
        title=article.title,
        body=article.text,
        source=article.source.id,
        published=article.published,
        author=article.author,
        script=article.script,
        story=article.story,
    )


def catch_up(store: ArticleStore, engine: LocalEngine) -> int:
    """Index every change that the index has not seen; how many articles that were.

    Builds the first index where there is none.
    """
    follow(store)
    if engine.current() is None:
        return rebuild(store, engine).count
    with engine.writing():
        current = engine.current()
        assert current is not None  # It is there, and we hold the writer's lock.
        return _follow(store, engine, current)


def rebuild(store: ArticleStore, engine: LocalEngine, progress: Progress = lambda _: None) -> Generation:
    """Build a new index from the database, check it, put it in use.

    Ingest and searching go on meanwhile: what is stored during the build is written into the new
    index before the switch. Raises IndexUnavailable, and leaves the old index in use, when the new
    one does not have exactly the articles that the database has.
    """
    follow(store)
    with engine.building():
        change = store.change()
        generation = engine.build(_documents(store, progress), change)
        with engine.writing():
            _follow(store, engine, generation)
            _agree(store, engine, generation)
            engine.switch(generation.name)
    return engine.current() or generation


def roll_back(store: ArticleStore, engine: LocalEngine) -> Generation:
    """Put the index before this one back in use, after what came since has been written into it.

    Raises IndexUnavailable when there is none.
    """
    follow(store)
    with engine.writing():
        generation = engine.previous()
        _follow(store, engine, generation)
        _agree(store, engine, generation)
        return engine.rollback()


def _agree(store: ArticleStore, engine: LocalEngine, generation: Generation) -> None:
    """Raise IndexUnavailable unless a generation has exactly the articles that the database has."""
    missing, surplus = compare(store, engine, generation.name)
    if missing or surplus:
        raise IndexUnavailable(
            f"The index {generation.name} lacks {len(missing)} articles of the database and has "
            f"{len(surplus)} that are not in it; the one in use stays. Run 'flask check'"
        )


def compare(
    store: ArticleStore, engine: LocalEngine, generation: str | None = None
) -> tuple[set[str], set[str]]:
    """The ids that the index lacks, and those that only the index has (or has twice)."""
    stored = set(store.ids())
    surplus: set[str] = set()
    indexed: set[str] = set()
    for article_id in engine.ids(generation):
        if article_id in indexed or article_id not in stored:
            surplus.add(article_id)
        indexed.add(article_id)
    return stored - indexed, surplus


def _follow(store: ArticleStore, engine: LocalEngine, generation: Generation) -> int:
    """Write what changed since a generation's last commit into it."""
    change, written = generation.change, 0
    while change < store.change():
        articles, change = store.changed_since(change, BATCH)
        engine.write([document(article) for article in articles], change, generation.name)
        written += len(articles)
    return written


def _documents(store: ArticleStore, progress: Progress) -> Iterator[Document]:
    for number, article in enumerate(store.all(), start=1):
        yield document(article)
        if number % 100 == 0:
            progress(number)
