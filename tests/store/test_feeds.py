"""States of feeds: kept as they are, also under a new address."""

import sqlite3
from dataclasses import fields
from pathlib import Path

import pytest

from searchsvc.store.articles import ArticleStore, Write
from searchsvc.store.feeds import FeedState, FeedStore, Rhythm
from searchsvc.store.migrations import STEPS
from searchsvc.store.place import Place
from tests.build import article

pytestmark = pytest.mark.both_databases

FULL = FeedState(
    address="https://a.example/rss", moved_to="https://b.example/", moved_from="https://z.example/", etag='"v1"',
    modified="Thu, 07 Nov 2024 08:00:00 GMT", validated="https://b.example/", digest="abc",
    rhythm=Rhythm(3600, (0, 23), (5,)), fetched=1, succeeded=2, due=3, retired=4, failures=5, failing_since=6,
    error="它坏了", items=7, newest=8, fetches=9, unmodified=10, failed=11, bytes=2**40, new=12, updated=13,
)  # fmt: skip


def test_a_state_comes_back_as_it_was_put(place: Place) -> None:
    store = FeedStore(place)
    blank = FeedState("https://c.example/")
    store.put([FULL, blank])
    assert store.get(FULL.address) == FULL
    assert store.states() == {FULL.address: FULL, blank.address: blank}
    assert all(getattr(FULL, field.name) not in (None, 0, "") for field in fields(FULL))


def test_a_feed_that_was_never_asked_has_a_blank_state(place: Place) -> None:
    assert FeedStore(place).get("https://a.example/") == FeedState("https://a.example/")


def test_a_state_that_is_put_again_replaces_the_one_before(place: Place) -> None:
    store = FeedStore(place)
    store.put([FULL])
    store.put([FeedState(FULL.address, fetches=1)])
    assert store.states() == {FULL.address: FeedState(FULL.address, fetches=1)}


def test_a_renamed_feed_keeps_its_state_and_the_address_it_had(place: Place) -> None:
    store = FeedStore(place)
    store.put([FULL, FeedState("https://new.example/", fetches=99)])
    store.rename(FULL, "https://new.example/")
    (state,) = store.states().values()
    assert (state.address, state.moved_from, state.moved_to) == ("https://new.example/", FULL.address, None)
    assert (state.etag, state.rhythm, state.fetches) == (FULL.etag, FULL.rhythm, FULL.fetches)


def test_articles_and_states_share_a_database(place: Place) -> None:
    articles, states = ArticleStore(place), FeedStore(place)
    articles.put([Write(article("一"))])
    states.put([FULL])
    articles.put([Write(article("二"))])
    assert (articles.count(), len(states.states()), articles.problems()) == (2, 1, [])


@pytest.mark.of_a_file
def test_a_database_of_before_gets_its_table(tmp_path: Path) -> None:
    path = tmp_path / "db"
    before = next(number for number, step in enumerate(STEPS) if "CREATE TABLE feeds" in step)
    connection = sqlite3.connect(path)
    connection.executescript(";".join(STEPS[:before]) + f"; PRAGMA user_version = {before}")
    connection.close()
    assert FeedStore(path).states() == {}
