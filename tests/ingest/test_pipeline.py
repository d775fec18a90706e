"""Sources → store and index: every item counted once, repeating changes nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.errors import SourceError
from searchsvc.ingest.feedlist import FeedList
from searchsvc.ingest.index import catch_up, compare, rebuild
from searchsvc.ingest.items import Failed, Item, Skipped
from searchsvc.ingest.pipeline import ingest
from searchsvc.ingest.report import Report
from searchsvc.ingest.sources import read_sources
from searchsvc.search.request import Request
from searchsvc.service import Service
from tests.build import NOW, ZONE, article, entry, fill

pytestmark = pytest.mark.both_databases


def take(service: Service, *items: Item) -> Report:
    return ingest([("test", iter(items))], service.store, service.engine, zone=ZONE, now=NOW)


def take_path(service: Service, *paths: object) -> Report:
    named = [str(path) for path in paths]
    sources = read_sources(named, zone=ZONE, ask=lambda _: iter(()))
    return ingest(sources, service.store, service.engine, zone=ZONE, now=NOW)


def counts(report: Report) -> tuple[int, ...]:
    parts = [(s.new, s.updated, s.unchanged, len(s.skipped), len(s.failed)) for s in report.sources]
    return tuple(map(sum, zip(*parts, strict=True)))


def total(service: Service, q: str) -> int:
    return service.search.search(Request(q=q)).total


def test_every_item_is_counted_once(service: Service) -> None:
    report = take(
        service, entry("一"), entry("二"), entry("一"), Skipped("x", "why"), Failed("y", "why"), entry("", "")
    )
    assert counts(report) == (2, 0, 1, 2, 1)
    assert (report.failed, report.indexed) == (True, 2)


def test_repeating_an_ingest_changes_nothing(service: Service) -> None:
    items = [
        entry("一"),
        entry("二", seen=NOW),
        entry("二", "新稿", seen=NOW + 9),
        entry("二", "旧稿", seen=NOW - 9),
    ]
    assert counts(take(service, *items)) == (2, 2, 0, 0, 0)
    change = service.store.change()
    again = take(service, *items)
    assert (counts(again), again.indexed) == ((0, 0, 4, 0, 0), 0)
    assert service.store.change() == change
    assert total(service, "新稿") == 1
    assert total(service, "旧稿") == 0
    assert service.store.count_versions() == 2


def test_an_updated_article_is_found_by_its_new_text_only(service: Service) -> None:
    take(service, entry("一", "从前的说法"))
    take(service, entry("一", "现在的说法"))
    assert (total(service, '"从前的说法"'), total(service, '"现在的说法"')) == (0, 1)


def test_what_was_read_before_the_reading_broke_is_kept_and_found(service: Service) -> None:
    def items() -> Iterator[Item]:
        for number in range(600):
            yield entry(f"第{number}篇")
        raise RuntimeError("the disk is gone")

    with pytest.raises(RuntimeError):
        ingest([("test", items())], service.store, service.engine, zone=ZONE, now=NOW)
    assert service.store.count() == 500
    assert total(service, '"第499篇"') == 1


def test_an_index_that_missed_changes_is_caught_up(service: Service) -> None:
    fill(service, [article("一")])
    from searchsvc.store.articles import Write

    service.store.put([Write(article("二"))])
    assert total(service, "二") == 0
    assert catch_up(service.store, service.engine) == 1
    assert total(service, "二") == 1


def test_what_is_stored_during_a_rebuild_is_in_the_new_index(service: Service) -> None:
    from searchsvc.store.articles import Write

    fill(service, [article(f"第{number}篇") for number in range(250)])
    stored = []

    def meanwhile(number: int) -> None:
        if not stored:
            stored.append(service.store.put([Write(article("新到")), Write(article("第0篇", "改过"))]))

    generation = rebuild(service.store, service.engine, meanwhile)
    assert stored
    assert generation.count == 251
    assert compare(service.store, service.engine) == (set(), set())
    assert (total(service, "新到"), total(service, "改过")) == (1, 1)


def test_an_empty_database_can_be_indexed(service: Service) -> None:
    assert rebuild(service.store, service.engine).count == 0
    assert total(service, "石破") == 0


def test_a_folder_is_read_whole_and_what_is_no_article_is_named(service: Service, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("<!--1730998743000-->\n[甲](https://a.example/1)\n------\n<p>正文</p>")
    (folder / "deep" / "b.jsonl").write_text('{"title": "乙", "text": "x"}\nnope\n')
    (folder / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    (folder / ".hidden").write_text("nothing")
    (folder / "loop").symlink_to(folder)
    report = take_path(
        service, folder, tmp_path / "missing", "no\0path", "ftp://a.example/", str(folder / "*.txt")
    )
    assert counts(report) == (2, 0, 1, 1, 4)
    named = [failure.origin for source in report.sources for failure in source.failed]
    assert [Path(name).name for name in named[:2]] == ["c.png", "missing"]
    (skipped,) = report.sources[0].skipped
    assert skipped.origin.endswith("b.jsonl:2")


def test_a_list_of_feeds_in_any_encoding_names_its_feeds(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="{0}"?><opml version="2.0"><body><outline text="今天的新闻"><outline xmlUrl="https://a.example/rss"/><outline xmlUrl="file:///etc/passwd"/></outline></body></opml>'
    for encoding in ("utf-8", "gb18030", "utf-16"):
        path = tmp_path / f"{encoding}.opml"
        path.write_bytes(text.format(encoding).encode(encoding))
        assert [feed.address for feed in FeedList(path).feeds()] == ["https://a.example/rss"]


def test_a_feed_list_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    for data in (b"<opml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><opml/>", b"\x89PNG\r\n" + bytes(range(256)) * 9):
        path.write_bytes(data)
        with pytest.raises(SourceError, match=r"feeds\.opml"):
            FeedList(path).feeds()


@pytest.mark.shared_data
def test_the_owners_item(service: Service, shared: Path) -> None:
    take_path(service, shared / "data" / "000_93d81176d718f302.txt")
    for q in ("石破茂", "石破", "茂", "特朗普", "日美关系", "日美關係", '"五分钟的电话"', '"五分鐘的電話"'):
        assert (q, total(service, q)) == (q, 1)
    for q in ("石破茂 岩屋", "feedx", "获取更多RSS", '"获取更多RSS"', "weserv"):
        assert (q, total(service, q)) == (q, 0)
    for day, expected in (("2024-11-07", 0), ("2024-11-08", 1), ("2024-11-09", 0)):
        # 16:49:47Z on the 7th is 00:49:47 on the 8th in Shanghai.
        assert service.search.search(Request(q="石破茂", since=day, until=day)).total == expected
    in_utc = Request(q="石破茂", since="2024-11-07", until="2024-11-07", tz="UTC")
    assert service.search.search(in_utc).total == 1
    (hit,) = service.search.search(Request(q="石破茂")).hits
    assert hit.article.published == 1_730_998_187
    assert (hit.article.published_from, hit.article.script, hit.article.source.id) == (
        "stated",
        "hans",
        "voachinese.com",
    )


@pytest.mark.shared_data
def test_all_real_archives_in_one_command_and_again(service: Service, unpacked: Path) -> None:
    first = take_path(service, unpacked / "archive", unpacked / "frontmatter")
    assert sum(counts(first)) == 2_421 + 150
    assert counts(first)[3:] == (0, 0)
    assert counts(first)[0] == service.store.count() == first.indexed
    again = take_path(service, unpacked / "archive", unpacked / "frontmatter")
    assert (counts(again), again.indexed) == ((0, 0, 2_571, 0, 0), 0)
