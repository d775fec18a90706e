"""Sketches of articles, and the stories that they tell, in the article database.

All of it derives from the articles and can be made anew. ``stories_change`` in ``meta`` is the number
of the last change of an article that is in it, so whoever comes after a crash goes on from there.
The functions that write take the connection of a transaction: a step is in, whole, or not at all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from searchsvc.store.articles import ArticleStore, change_of, set_change
from searchsvc.store.connection import Connection
from searchsvc.store.database import rows_in

# What dates an article for its story: when it was published, else when it was first met.
MOMENT = "coalesce(published, retrieved)"


@dataclass(frozen=True, slots=True)
class Text:
    """What a sketch is made of. ``moment`` in seconds; ``change``: the article's change number."""

    id: str
    title: str
    text: str
    moment: int
    change: int


@dataclass(frozen=True, slots=True)
class Sketched:
    """An article's sketch, as bytes."""

    id: str
    moment: int
    sketch: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """Of an article that is near others: the earliest of all that hang together, and of its story.

    ``story`` None: it tells that story alone.
    """

    component: str
    story: str | None


def stand(store: ArticleStore) -> tuple[int, str]:
    """Up to which change the stories go, and the version of the rules they were made by."""
    rows = dict(store.connection().execute("SELECT name, value FROM meta WHERE name LIKE 'stories_%'"))
    return int(rows["stories_change"]), str(rows["stories_version"])


def set_stand(connection: Connection, change: int) -> None:
    """Record up to which change the stories go."""
    connection.execute("UPDATE meta SET value = ? WHERE name = 'stories_change'", (change,))


def begin_anew(store: ArticleStore, version: str) -> None:
    """Forget all sketches, to be made again by another version of the rules.

    What stories there are stays until they are compared with the new ones; those of no article go.
    """
    with store.transaction() as connection:
        connection.execute("DELETE FROM sketches")
        connection.execute("DELETE FROM stories WHERE id NOT IN (SELECT id FROM articles)")
        set_stand(connection, 0)
        connection.execute("UPDATE meta SET value = ? WHERE name = 'stories_version'", (version,))


def changed_texts(connection: Connection, change: int, limit: int) -> list[Text]:
    """The next articles changed after a change number."""
    rows = connection.execute(
        f"SELECT id, title, text, {MOMENT}, change FROM articles WHERE change > ? ORDER BY change LIMIT ?",  # noqa: S608
        (change, limit),
    )
    return [Text(*row) for row in rows]


def all_texts(store: ArticleStore) -> Iterator[Text]:
    """Every article, in the order of moments and ids."""
    rows = store.stream(
        f"SELECT id, title, text, {MOMENT} AS moment, change FROM articles ORDER BY moment, id"  # noqa: S608
    )
    return (Text(*row) for row in rows)


def put_sketches(connection: Connection, sketches: Iterable[Sketched]) -> None:
    """Keep sketches, in place of those with the same ids."""
    connection.executemany(
        "INSERT OR REPLACE INTO sketches (id, moment, sketch) VALUES (?, ?, ?)",
        ((each.id, each.moment, each.sketch) for each in sketches),
    )


def sketches_between(connection: Connection, first: int, last: int) -> list[Sketched]:
    """The sketches of all articles of a stretch of time, both ends included."""
    rows = connection.execute(
        "SELECT id, moment, sketch FROM sketches WHERE moment BETWEEN ? AND ?", (first, last)
    )
    return [Sketched(*row) for row in rows]


def sketches_of(connection: Connection, ids: Collection[str]) -> list[Sketched]:
    """The sketches of some articles, in the order of their moments and ids."""
    rows = rows_in(connection, "SELECT id, moment, sketch FROM sketches WHERE id IN", ids)
    return sorted((Sketched(*row) for row in rows), key=lambda each: (each.moment, each.id))


def all_sketches(store: ArticleStore) -> dict[str, Sketched]:
    """The sketches of all articles, by their ids."""
    rows = store.connection().execute("SELECT id, moment, sketch FROM sketches")
    return {row[0]: Sketched(*row) for row in rows}


def told(connection: Connection, ids: Collection[str]) -> dict[str, Told]:
    """What is kept of some articles; those that are near no other are left out."""
    query = "SELECT id, component, story FROM stories WHERE id IN"
    return {row[0]: Told(row[1], row[2]) for row in rows_in(connection, query, ids)}


def all_told(store: ArticleStore) -> dict[str, Told]:
    """The same of all articles."""
    rows = store.connection().execute("SELECT id, component, story FROM stories")
    return {row[0]: Told(row[1], row[2]) for row in rows}


def members(connection: Connection, components: Collection[str]) -> set[str]:
    """The ids of all articles of some components."""
    return {row[0] for row in rows_in(connection, "SELECT id FROM stories WHERE component IN", components)}


def put_told(connection: Connection, now: Mapping[str, Told | None]) -> int:
    """Keep what some articles tell now, None of those near no other; how many changed their story.

    An article that changed its story is a changed article: an index has to see it again.
    """
    before = told(connection, now)
    changed = [each for each in now if _story(before.get(each)) != _story(now[each])]
    different = [each for each in now if before.get(each) != now[each]]
    connection.executemany("DELETE FROM stories WHERE id = ?", ((each,) for each in different))
    connection.executemany(
        "INSERT INTO stories (id, component, story) VALUES (?, ?, ?)",
        ((each, there.component, there.story) for each in different if (there := now[each])),
    )
    _renumber(connection, changed)
    return len(changed)


def _story(there: Told | None) -> str | None:
    return there.story if there else None


def _renumber(connection: Connection, ids: Sequence[str]) -> None:
    """Give articles the next change numbers."""
    change = change_of(connection)
    numbered = ((change + number, each) for number, each in enumerate(ids, start=1))
    connection.executemany("UPDATE articles SET change = ? WHERE id = ?", numbered)
    set_change(connection, change + len(ids))


def story_counts(store: ArticleStore, stories: Collection[str]) -> dict[str, int]:
    """How many articles tell each of some stories."""
    query = "SELECT story, count(*) FROM stories WHERE story IN"
    return dict(rows_in(store.connection(), query, stories, "GROUP BY story"))


def count_tellers(store: ArticleStore, story: str | None) -> int:
    """How many articles tell an article's story, itself included: 1 where it shares none."""
    return story_counts(store, [story]).get(story, 1) if story else 1


def tellers(store: ArticleStore, story: str, limit: int) -> list[str]:
    """The ids of the first articles that tell a story, in the order of their moments."""
    rows = store.connection().execute(
        f"SELECT id FROM stories JOIN articles USING (id) WHERE story = ? ORDER BY {MOMENT}, id LIMIT ?",  # noqa: S608
        (story, limit),
    )
    return [row[0] for row in rows]


def shared_stories(store: ArticleStore, ids: Collection[str]) -> dict[str, str]:
    """The stories of those of some articles that share one."""
    return {each: there.story for each, there in told(store.connection(), ids).items() if there.story}


def story_of(store: ArticleStore, article_id: str) -> str | None:
    """The story that an article shares; None if it is alone, or not there."""
    return _story(told(store.connection(), [article_id]).get(article_id))
