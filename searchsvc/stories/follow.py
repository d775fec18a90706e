"""The database's changes → its stories: sketch what changed, and tell anew what it touches.

A changed article touches the component that it was in, and those of the articles that it is near to
now; nothing else can change. The articles of these components are put together anew, from their
sketches. Each step is one transaction with the change number that it reaches, so one that is killed
has done nothing, and who comes next does it.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from searchsvc.store import stories as kept
from searchsvc.store.articles import ArticleStore, change_of
from searchsvc.store.connection import Connection
from searchsvc.store.stories import Sketched, Text, Told
from searchsvc.stories import near, sketch
from searchsvc.stories.near import WINDOW_SECONDS, Ints, Sketches

# By these rules: another sketch, another nearness, other stories.
VERSION = f"1 sketch {sketch.VERSION}"
# Articles in one transaction; meanwhile nobody else can write.
BATCH = 2_000


def follow(store: ArticleStore) -> int:
    """Bring the stories up to date with the articles; how many articles changed their story.

    By another version of the rules, all of them are made anew.
    """
    if kept.stand(store)[1] != VERSION:
        kept.begin_anew(store, VERSION)
    changed = 0
    while (reached := kept.stand(store)[0]) < store.change():
        changed += _step(store, reached)
    return changed


def differences(store: ArticleStore) -> set[str]:
    """The ids of articles whose sketches or stories are not what their texts say; all texts are read."""
    made = [_sketched(text) for text in kept.all_texts(store)]
    now = {each: there for each, there in _told(made).items() if there}
    sketches = {each.id: each for each in made}
    return _unlike(now, kept.all_told(store)) | _unlike(sketches, kept.all_sketches(store))


def _unlike(ones: Mapping[str, object], others: Mapping[str, object]) -> set[str]:
    """The keys that have another value, or none, in one of two mappings."""
    return {key for key in ones.keys() | others.keys() if ones.get(key) != others.get(key)}


def is_up_to_date(store: ArticleStore) -> bool:
    """Whether every change of an article is in the stories."""
    return kept.stand(store) == (store.change(), VERSION)


def tell_anew(store: ArticleStore) -> int:
    """Make all stories anew; how many articles changed their story."""
    kept.begin_anew(store, VERSION)
    return follow(store)


def _step(store: ArticleStore, reached: int) -> int:
    with store.transaction() as connection:
        texts = kept.changed_texts(connection, reached, BATCH)
        changed = _take(connection, [_sketched(text) for text in texts]) if texts else 0
        # Articles with a new story have a new number too, and nothing to be looked at once more; unless
        # others wait in between.
        last = len(texts) < BATCH
        kept.set_stand(connection, change_of(connection) if last else texts[-1].change)
    return changed


def _take(connection: Connection, changed: Sequence[Sketched]) -> int:
    kept.put_sketches(connection, changed)
    touched = _touched(connection, changed)
    now: dict[str, Told | None] = dict.fromkeys(touched)
    return kept.put_told(connection, now | _told(kept.sketches_of(connection, touched)))


def _sketched(text: Text) -> Sketched:
    return Sketched(text.id, text.moment, sketch.sketch(f"{text.title}\n{text.text}").tobytes())


def _touched(connection: Connection, changed: Sequence[Sketched]) -> set[str]:
    """The ids of all articles whose story may be another one now."""
    ids = {each.id for each in changed}
    touched = ids & kept.told(connection, ids).keys() | _near(connection, changed, ids)
    there = kept.told(connection, touched).values()
    return touched | kept.members(connection, {each.component for each in there})


def _near(connection: Connection, changed: Sequence[Sketched], ids: set[str]) -> set[str]:
    """The ids of the changed articles that are near others, and of those others."""
    moments = [each.moment for each in changed]
    first, last = min(moments) - WINDOW_SECONDS, max(moments) + WINDOW_SECONDS
    around = sorted(kept.sketches_between(connection, first, last), key=lambda each: each.moment)
    new = np.array([each.id in ids for each in around])
    found = near.touched(*_arrays(around), new)
    return {around[place].id for place in np.flatnonzero(found).tolist()}


def _told(sketched: Sequence[Sketched]) -> dict[str, Told | None]:
    """What each of some articles tells, whole components in the order of moments and ids."""
    found = near.stories_of(*_arrays(sketched))
    sizes = [np.bincount(labels, minlength=len(sketched)).tolist() for labels in found]
    told: dict[str, Told | None] = {}
    for one, component, story in zip(sketched, *(labels.tolist() for labels in found), strict=True):
        is_told = sizes[1][story] > 1
        there = Told(sketched[component].id, sketched[story].id if is_told else None)
        told[one.id] = there if sizes[0][component] > 1 else None
    return told


def _arrays(sketched: Iterable[Sketched]) -> tuple[Sketches, Ints]:
    """Sketches, shape (n, 160), and moments, shape (n,)."""
    listed = list(sketched)
    rows = np.frombuffer(b"".join([each.sketch for each in listed]), np.uint16)
    return rows.reshape(len(listed), sketch.WIDTH), np.array([each.moment for each in listed], np.int64)
