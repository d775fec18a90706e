"""Articles → index: bring it up to date with the database, or build it anew beside the old.

The database numbers its changes and the index records the number it stands at, so an index that
missed something (a crash, a full disk) is caught up by whoever comes next. So are the stories that
articles share, before the index, which has them as a column.
"""

import logging
from collections.abc import Callable, Iterator

from searchsvc.article import Article
from searchsvc.engine import Document, Engine, Generation
from searchsvc.errors import IndexUnavailable
from searchsvc.ingest.canaries import Judge, ask
from searchsvc.ingest.space import ask_for_space
from searchsvc.store.articles import ArticleStore
from searchsvc.stories.follow import follow

LOG = logging.getLogger(__name__)
# Articles in one commit: enough that a commit's own cost vanishes, few enough to hold in memory.
BATCH = 5_000

# Sentences about what is wrong with a new index; the rest are of the same kind.
SAID = 3

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


def catch_up(store: ArticleStore, engine: Engine) -> int:
    """Index every change that the index has not seen; how many articles that were.

    Builds the first index where there is none, and a new one where the database is older than the index:
    somebody put back another database, whose numbers the index cannot follow.
    """
    follow(store)
    current = engine.current()
    if current is None:
        return rebuild(store, engine).count
    if current.change > store.change():
        LOG.warning(
            "The database has %d changes less than the index: another one was put back, or it lost some. "
            "The index is built anew from what it has",
            current.change - store.change(),
        )
        return rebuild(store, engine).count
    with engine.writing():
        current = engine.current()
        assert current is not None  # It is there, and we hold the writer's lock.
        return _follow(store, engine, current)


def rebuild(
    store: ArticleStore,
    engine: Engine,
    progress: Progress = lambda _: None,
    judge: Judge = lambda _: [],
    *,
    force: bool = False,
    before_switch: Callable[[], None] = lambda: None,
) -> Generation:
    """Build a new index from the database, check it, put it in use.

    Ingest and searching go on meanwhile: what is stored during the build is written into the new
    index before the switch. ``judge`` says what is wrong with the answers of the new one, before it is used.
    ``force``: build although the disk seems too small, and ask the new index nothing.
    ``before_switch``: called when nothing can go wrong any more, while nobody else writes the index.

    Raises IndexBusy when another build is at work; NoSpace, BuildFailed, IndexNotWritten and
    IndexUnavailable when the new one could not be built, lacks articles of the database or answers wrongly.
    Then it is removed and the old one stays.
    """
    with engine.building():
        if not force:
            ask_for_space(store, engine)
        name = _built(store, engine, progress, judge, force)
        with engine.writing():
            _follow(store, engine, engine.describe(name))
            _refuse_unlike(store, engine, name)
            before_switch()
            engine.switch(name)
        return engine.describe(name)


def _built(store: ArticleStore, engine: Engine, progress: Progress, judge: Judge, force: bool) -> str:
    """Build a new index and check it; its name."""
    follow(store)
    generation = engine.build(_documents(store, progress), store.change())
    with engine.writing():
        _follow(store, engine, generation)
    _refuse_unlike(store, engine, generation.name)
    engine.check(generation.name)
    # Asking takes seconds, in which others may write.
    wrong = [] if force else [*ask(store, engine, generation.name), *judge(engine.at(generation.name))]
    if wrong:
        raise IndexUnavailable(
            f"The new index answers wrongly; the old one stays in use. {' '.join(wrong[:SAID])} "
            "Run 'flask check'; 'flask reindex --force' switches all the same"
        )
    return generation.name


def roll_back(store: ArticleStore, engine: Engine) -> Generation:
    """Put the index before this one back in use, after what came since has been written into it.

    That comes first: who searches meanwhile misses nothing. Raises IndexUnavailable when there is none, or
    when it does not have what the database has.
    """
    follow(store)
    with engine.writing():
        previous = engine.previous()
        _follow(store, engine, previous)
        _refuse_unlike(store, engine, previous.name)
        return engine.rollback()


def _refuse_unlike(store: ArticleStore, engine: Engine, generation: str) -> None:
    """Raise IndexUnavailable unless a generation has exactly the articles of the database."""
    missing, surplus = compare(store, engine, generation)
    if missing or surplus:
        named = f" (the first of them {sorted(missing | surplus)[0]})"
        raise IndexUnavailable(
            f"The index {generation} lacks {len(missing)} articles of the database and has {len(surplus)} "
            f"that are not in it{named}; the one in use stays. Run 'flask check'"
        )


def compare(store: ArticleStore, engine: Engine, generation: str | None = None) -> tuple[set[str], set[str]]:
    """The ids that the index lacks, and those that only the index has (or has twice).

    What is stored while this goes on is not missing: an index lacks what was there when it was written.
    """
    written = engine.describe(generation) if generation else engine.current()
    expected, stored = set(store.ids(written.change if written else None)), set(store.ids())
    surplus: set[str] = set()
    indexed: set[str] = set()
    for article_id in engine.ids(generation):
        if article_id in indexed or article_id not in stored:
            surplus.add(article_id)
        indexed.add(article_id)
    return expected - indexed, surplus


def _follow(store: ArticleStore, engine: Engine, generation: Generation) -> int:
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
