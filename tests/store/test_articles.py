"""The database of articles: what is put in comes out, wholly or not at all, and versions stay."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from searchsvc.article import Part, Source
from searchsvc.errors import StoreError
from searchsvc.store.articles import ArticleStore, Write
from searchsvc.store.migrations import STEPS
from searchsvc.store.place import Place
from tests.build import NOW, article

pytestmark = pytest.mark.both_databases


@pytest.fixture
def store(place: Place) -> ArticleStore:
    return ArticleStore(place)


def test_an_article_comes_out_as_it_went_in(store: ArticleStore) -> None:
    kept = replace(
        article("𠮷野家", "正文。\n第二段"),
        parts=(Part("caption", 0, 3),),
        author="张三",
        image="https://a.example/1",
    )
    store.put([Write(kept)])
    assert store.get(kept.id) == kept
    assert list(store.all()) == [kept]


def test_unknown_ids_are_left_out_and_order_is_kept(store: ArticleStore) -> None:
    one, two = article("一"), article("二")
    store.put([Write(one), Write(two)])
    assert list(store.get_many([two.id, "nothing", one.id])) == [two.id, one.id]
    assert store.get("nothing") is None


def test_more_ids_than_a_statement_takes(store: ArticleStore) -> None:
    kept = article()
    store.put([Write(kept)])
    assert list(store.get_many([*(str(n) for n in range(70_000)), kept.id])) == [kept.id]


def test_the_version_that_is_replaced_is_kept(store: ArticleStore) -> None:
    first, second = article(text="初稿"), replace(article(text="定稿"), retrieved=NOW + 60)
    store.put([Write(first)])
    store.put([Write(second)])
    known = store.versions([first.identity])[first.identity]
    assert store.get(first.id) == second
    assert (known.digest, known.seen) == (second.digest, {first.digest: NOW, second.digest: NOW + 60})
    assert store.count() == 1


def test_an_older_version_does_not_replace_the_one_in_force(store: ArticleStore) -> None:
    now, older = article(text="定稿"), replace(article(text="初稿"), retrieved=NOW - 60)
    store.put([Write(now), Write(older, current=False)])
    assert store.get(now.id) == now
    assert older.digest in store.versions([now.identity])[now.identity].seen


def test_earlier_versions_come_the_oldest_first(store: ArticleStore) -> None:
    for minutes, text in enumerate(["初稿", "二稿", "定稿"]):
        store.put([Write(replace(article(text=text), retrieved=NOW + 60 * minutes))])
    now = article(text="定稿")
    found = store.earlier(now.id)
    assert [(each.text, each.retrieved) for each in found] == [("初稿", NOW), ("二稿", NOW + 60)]
    assert found[0].digest == article(text="初稿").digest
    assert store.earlier(article("别的").id) == []


def test_a_write_that_fails_half_way_leaves_nothing(store: ArticleStore) -> None:
    broken = replace(article("二"), title=None)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.put([Write(article("一")), Write(broken)])
    assert (store.count(), store.change()) == (0, 0)


def test_changes_can_be_followed(store: ArticleStore) -> None:
    store.put([Write(article(name)) for name in "一二三"])
    first, change = store.changed_since(0, 2)
    assert [each.title for each in first] == ["一", "二"]
    store.put([Write(replace(article("一"), text="改", digest="other"))])
    rest, change = store.changed_since(change, 10)
    assert [each.title for each in rest] == ["三", "一"]
    assert store.changed_since(change, 10) == ([], change)


def test_a_source_keeps_its_name_when_later_only_its_host_is_known(store: ArticleStore) -> None:
    host = "news.example"
    store.put(
        [
            Write(replace(article("一"), source=Source(host, "例报"))),
            Write(replace(article("二"), source=Source(host, host))),
        ]
    )
    assert [(each.source.name, each.count) for each in store.sources()] == [("例报", 2)]


def test_readers_do_not_wait_for_a_long_read_and_see_new_articles(store: ArticleStore) -> None:
    store.put([Write(article(str(n))) for n in range(10)])
    reading = store.all()
    next(reading)
    store.put([Write(article("新"))])
    assert store.count() == 11
    assert len(list(reading)) == 9


def test_each_thread_has_its_own_connection(store: ArticleStore) -> None:
    store.put([Write(article())])
    counts: list[int] = []
    threads = [Thread(target=lambda: counts.append(store.count())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8


@pytest.mark.of_a_file
def test_the_file_is_written_ahead_and_synced(store: ArticleStore) -> None:
    store.count()
    connection = store.connection()
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA user_version").fetchone()[0] == len(STEPS)


@pytest.mark.of_a_file
def test_a_database_of_a_later_release_is_refused(store: ArticleStore) -> None:
    store.count()
    with sqlite3.connect(store.path) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="later release"):
        ArticleStore(store.path).count()


@pytest.mark.of_a_file
def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "articles.sqlite3"
    path.write_bytes(b"not a database, certainly" * 100)
    with pytest.raises(StoreError, match=r"articles\.sqlite3"):
        ArticleStore(path).count()


def test_texts_are_titles_and_bodies_by_id(store: ArticleStore) -> None:
    one = article("题", "文。")
    store.put([Write(one)])
    assert store.texts([one.id, "nobody"]) == {one.id: ("题", one.text)}
