"""The stories follow the articles: in any order, after any change, after any crash."""

import random
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.article import Article
from searchsvc.ingest.check import check, repair
from searchsvc.ingest.index import catch_up, rebuild
from searchsvc.search.request import Request
from searchsvc.service import Service
from searchsvc.store.articles import ArticleStore, Write
from searchsvc.store.place import Place, PostgresAddress
from searchsvc.store.stories import all_told, stand, story_counts, tellers
from searchsvc.stories import follow as follow_module
from searchsvc.stories.follow import differences, follow, is_up_to_date, tell_anew
from tests.build import NOW
from tests.stories.build import DAY, edited, prose, telling

ROOT = Path(__file__).parent.parent.parent
slow = settings(max_examples=25)
pytestmark = pytest.mark.both_databases


def put(store: ArticleStore, *articles: Article) -> None:
    store.put([Write(each) for each in articles])


def together(store: ArticleStore) -> list[set[str]]:
    """The names of the sources that tell one story, story by story."""
    stories: dict[str, set[str]] = {}
    for article in store.all():
        if article.story:
            stories.setdefault(article.story, set()).add(article.source.name)
    return sorted(stories.values(), key=sorted)


@pytest.fixture
def store(place: Place) -> ArticleStore:
    return ArticleStore(place)


def test_the_same_story_of_several_sources_in_either_script_is_one(store: ArticleStore) -> None:
    import opencc

    text = prose(1)
    first = telling("first", text, hours=1)
    put(
        store,
        telling("hant", opencc.OpenCC("s2tw").convert(edited(text, 0.03)), hours=5),
        first,
        telling("other", prose(2)),
        telling("late", text, hours=30 * 24),
    )
    assert follow(store) == 2
    assert together(store) == [{"first", "hant"}]
    assert story_counts(store, [first.id]) == {first.id: 2}
    assert [store.get(each).source.name for each in tellers(store, first.id, 9)] == ["first", "hant"]  # type: ignore[union-attr]


def test_a_story_is_called_by_its_earliest_article_also_when_that_comes_last(store: ArticleStore) -> None:
    later, latest, first = (telling(name, prose(1), hours) for name, hours in (("b", 5), ("c", 9), ("a", 1)))
    put(store, later, latest)
    follow(store)
    assert {each.story for each in store.all()} == {later.id}
    put(store, first)
    assert follow(store) == 3
    assert {each.story for each in store.all()} == {first.id}


def test_an_article_edited_beyond_recognition_leaves_its_story(store: ArticleStore) -> None:
    one, other = telling("one", prose(1)), telling("other", prose(1), hours=1)
    put(store, one, other)
    follow(store)
    put(store, telling("other", edited(prose(1), 0.02), hours=1))
    assert follow(store) == 0
    assert together(store) == [{"one", "other"}]
    put(store, telling("other", prose(2), hours=1))
    assert follow(store) == 2
    assert (together(store), all_told(store)) == ([], {})


def test_when_what_held_a_story_together_changes_it_falls_apart(store: ArticleStore) -> None:
    left, right = prose(1, 300), prose(2, 300)
    put(store, telling("left", left + prose(3, 60), 1), telling("right", right + prose(4, 60), 2))
    put(store, telling("both", left + right, 3))
    follow(store)
    assert differences(store) == set()
    put(store, telling("both", prose(5), 3))
    follow(store)
    assert together(store) == []
    assert differences(store) == set()


def test_an_article_that_changed_its_story_is_a_change_for_the_index(store: ArticleStore) -> None:
    put(store, telling("one", prose(1)))
    follow(store)
    seen = store.change()
    put(store, telling("other", prose(1), hours=1))
    follow(store)
    changed, reached = store.changed_since(seen, 10)
    assert {each.source.name for each in changed} == {"one", "other"}
    assert reached == store.change()
    assert (follow(store), store.change()) == (0, reached)


@st.composite
def newspapers(draw: st.DrawFn) -> list[Article]:
    """Articles of a few stories: rewritten, cut together, taken up again days later."""
    articles = []
    for number in range(draw(st.integers(2, 14))):
        story, share = draw(st.integers(0, 3)), draw(st.sampled_from([0, 0.02, 0.05, 0.09, 0.12, 0.3]))
        text = edited(prose(story, 200), share, number)
        if draw(st.booleans()):
            text += prose(draw(st.integers(0, 3)), draw(st.sampled_from([50, 150])))
        articles.append(telling(f"s{number}", text, hours=24 * draw(st.integers(0, 9))))
    return articles


@slow
@given(newspapers(), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_batches_in_which_articles_come_matter(
    articles: list[Article], chance: random.Random
) -> None:
    found = []
    for _ in range(2):
        with tempfile.TemporaryDirectory() as folder:
            store = ArticleStore(Path(folder) / "articles.sqlite3")
            chance.shuffle(articles)
            while articles_left := articles[sum(1 for _ in store.ids()) :]:
                put(store, *articles_left[: chance.randint(1, 8)])
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(follow_module, "BATCH", chance.randint(1, 5))
                    follow(store)
            found.append(all_told(store))
            assert differences(store) == set()
    assert found[0] == found[1]


@slow
@given(newspapers(), newspapers(), st.data())
def test_after_any_changes_the_stories_are_what_the_texts_say(
    before: list[Article], after: list[Article], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = ArticleStore(Path(folder) / "articles.sqlite3")
        put(store, *before)
        follow(store)
        for article in after:  # Of the same addresses as those before, with other texts and times.
            put(store, article)
            if data.draw(st.booleans()):
                follow(store)
        follow(store)
        assert differences(store) == set()
        assert is_up_to_date(store)


def test_many_changes_are_followed_in_steps(store: ArticleStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "BATCH", 3)
    put(store, *(telling(f"s{number}", prose(number % 4), number) for number in range(20)))
    follow(store)
    assert is_up_to_date(store)
    assert differences(store) == set()
    assert len(together(store)) == 4


def test_a_change_without_an_article_is_followed_too(store: ArticleStore) -> None:
    put(store, telling("one", prose(1)))
    follow(store)
    store.put([Write(replace(telling("one", prose(2)), retrieved=1), current=False)])
    assert follow(store) == 0
    assert is_up_to_date(store)


KILLED = """
import os, signal, sys
from pathlib import Path
from searchsvc.store import stories
from searchsvc.store.articles import ArticleStore
from searchsvc.store.place import postgres_address
from searchsvc.stories.follow import follow
whole = getattr(stories, sys.argv[2])
def killed(*arguments):
    whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(stories, sys.argv[2], killed)
follow(ArticleStore(postgres_address(sys.argv[1]) if "://" in sys.argv[1] else Path(sys.argv[1])))
"""


@pytest.mark.parametrize("last", ["begin_anew", "put_sketches", "put_told", "set_stand"])
def test_killed_anywhere_nothing_is_half_written_and_the_next_goes_on(store: ArticleStore, last: str) -> None:
    put(store, telling("one", prose(1)), telling("other", prose(1), 1))
    change, place = store.change(), store.place
    typed = place.url if isinstance(place, PostgresAddress) else str(place)
    killed = subprocess.run([sys.executable, "-c", KILLED, typed, last], cwd=ROOT, check=False)
    assert killed.returncode == -9
    assert (stand(store)[0], store.change(), all_told(store)) == (0, change, {})
    assert store.connection().execute("SELECT count(*) FROM sketches").fetchone() == (0,)
    assert follow(store) == 2
    assert differences(store) == set()


def test_by_other_rules_all_stories_are_told_anew(
    store: ArticleStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, telling("one", prose(1)), telling("other", prose(1), 1), telling("third", prose(2)))
    follow(store)
    monkeypatch.setattr(follow_module, "VERSION", "other rules")
    assert not is_up_to_date(store)
    follow(store)
    assert stand(store) == (store.change(), "other rules")
    assert together(store) == [{"one", "other"}]
    assert tell_anew(store) == 0


def test_an_article_without_a_date_is_dated_by_when_it_was_met(store: ArticleStore) -> None:
    undated = replace(telling("undated", prose(1)), published=None, published_from=None, retrieved=NOW + DAY)
    put(store, telling("dated", prose(1)), undated)
    follow(store)
    assert together(store) == [{"dated", "undated"}]


def test_what_was_stored_before_a_crash_is_told_by_whoever_comes_next(service: Service) -> None:
    put(service.store, telling("one", prose(1)))
    catch_up(service.store, service.engine)
    put(service.store, telling("other", prose(1), 1))  # And whoever stored it is killed here.
    assert together(service.store) == []
    assert catch_up(service.store, service.engine) == 2
    assert together(service.store) == [{"one", "other"}]
    (folded,) = service.search.search(Request(fold="on")).hits
    assert folded.telling == 2


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM sketches",
        "UPDATE sketches SET sketch = zeroblob(320) WHERE rowid = 1",
        "UPDATE sketches SET moment = moment + 900000 WHERE rowid = 1",
        "UPDATE stories SET story = NULL",
        "UPDATE stories SET component = id",
        "INSERT INTO stories VALUES ('nobody', 'nobody', 'nobody')",
        "INSERT INTO sketches VALUES ('nobody', 0, zeroblob(320))",
    ],
)
@pytest.mark.of_a_file
def test_whatever_is_damaged_is_found_and_mended(service: Service, damage: str) -> None:
    put(service.store, telling("one", prose(1)), telling("other", prose(1), 1))
    catch_up(service.store, service.engine)
    service.store.connection().execute(damage)
    (finding,) = check(service.store, service.engine)
    assert finding.mend == "stories"
    repair([finding], service.store, service.engine)
    assert check(service.store, service.engine) == []
    assert together(service.store) == [{"one", "other"}]


def test_damaged_stories_are_found_and_mended(service: Service) -> None:
    put(service.store, telling("one", prose(1)), telling("other", prose(1), 1))
    catch_up(service.store, service.engine)
    assert check(service.store, service.engine) == []
    service.store.connection().execute("DELETE FROM stories")
    (finding,) = check(service.store, service.engine)
    assert finding.mend == "stories"
    assert "2 articles tell another story" in finding.text
    done = repair([finding], service.store, service.engine)
    assert len(done) == 2
    assert check(service.store, service.engine) == []
    assert together(service.store) == [{"one", "other"}]


def test_a_rebuilt_index_has_the_stories(service: Service) -> None:
    put(service.store, telling("one", prose(1)), telling("other", prose(1), 1))
    rebuild(service.store, service.engine)
    (leaf,) = service.engine.snapshot().leaves
    assert len(leaf.file.columns["story"].texts) == 1
