"""The feed list: an OPML file that other readers understand, and that loses nothing."""

import os
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest

from searchsvc.errors import SourceError
from searchsvc.ingest.feedlist import FeedList
from searchsvc.ingest.opml import NAMESPACE, ListedFeed

LIST = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0" xmlns:s="{NAMESPACE}" xmlns:other="https://other.example/ns">
  <head><title>我的订阅</title><ownerName>某人</ownerName></head>
  <body>
    <!-- by hand -->
    <outline text="新闻">
      <outline text="台湾" other:colour="red">
        <outline type="rss" text="央廣" title="央廣" xmlUrl="http://www.rti.example/rss/" htmlUrl="http://www.rti.example/" s:zone="Asia/Taipei"/>
      </outline>
      <outline text="德国之声" xmlUrl="https://dw.example/rss" other:stars="5" s:paused="true" s:fullText="1"/>
    </outline>
    <outline text="德国之声" xmlUrl="https://dw.example/other"/>
    <outline xmlUrl="https://nameless.example/feed"/>
    <outline text="twice" xmlUrl="https://dw.example/rss"/>
    <outline text="file" xmlUrl="file:///etc/passwd"/>
    <outline text="nowhere" xmlUrl="https://zone.example/" s:zone="Mars/Olympus"/>
  </body>
</opml>"""


@pytest.fixture
def listed(tmp_path: Path) -> FeedList:
    path = tmp_path / "feeds.opml"
    path.write_text(LIST)
    return FeedList(path)


def test_a_list_is_read_with_folders_names_and_what_it_says_of_feeds(listed: FeedList) -> None:
    feeds = {feed.address: feed for feed in listed.feeds()}
    assert list(feeds) == [
        "http://www.rti.example/rss/", "https://dw.example/rss", "https://dw.example/other",
        "https://nameless.example/feed", "https://zone.example/",
    ]  # fmt: skip
    rti, dw, other, nameless, nowhere = feeds.values()
    assert (rti.name, rti.folder, rti.zone, rti.home) == (
        "央廣",
        "新闻/台湾",
        ZoneInfo("Asia/Taipei"),
        "http://www.rti.example/",
    )
    assert (dw.folder, dw.paused, dw.full_text, dw.zone) == ("新闻", True, True, None)
    assert (other.name, nameless.name) == ("德国之声 (2)", "nameless.example")
    assert nowhere.problem is not None
    assert "Mars/Olympus" in nowhere.problem


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert FeedList(tmp_path / "none.opml").feeds() == []


@pytest.mark.parametrize(
    "text",
    ["<html><body/></html>", "<opml><body>", '<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "",
     "<opml><body>" + '<outline text="x">' * 100_000 + "</outline>" * 100_000 + "</body></opml>"],
)  # fmt: skip
def test_what_is_no_list_is_refused_by_name_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(text)
    for change in (
        lambda: FeedList(path).feeds(),
        lambda: FeedList(path).add(ListedFeed("a", "https://a.example/")),
    ):
        with pytest.raises(SourceError, match=r"feeds\.opml"):
            change()
    assert path.read_text() == text


def test_a_change_keeps_what_others_put_there(listed: FeedList) -> None:
    listed.add(
        ListedFeed("新的", "https://new.example/", folder="新闻/香港", zone=ZoneInfo("Asia/Hong_Kong"))
    )
    listed.pause("https://dw.example/other", paused=True)
    text = listed.path.read_text()
    for kept in (
        "我的订阅",
        "某人",
        "<!-- by hand -->",
        'other:colour="red"',
        'other:stars="5"',
        "https://other.example/ns",
    ):
        assert kept in text
    assert 'version="2.0"' in text
    assert 'searchsvc:zone="Asia/Hong_Kong"' in text
    feeds = {feed.address: feed for feed in listed.feeds()}
    assert (feeds["https://new.example/"].folder, feeds["https://dw.example/other"].paused) == (
        "新闻/香港",
        True,
    )
    assert feeds["http://www.rti.example/rss/"].zone == ZoneInfo("Asia/Taipei")


def test_a_feed_is_added_once(listed: FeedList) -> None:
    with pytest.raises(SourceError, match="already"):
        listed.add(ListedFeed("再", "https://dw.example/rss"))


def test_a_name_of_any_characters_can_be_added(listed: FeedList) -> None:
    listed.add(ListedFeed('<&"\x00\x1b\ud800 名\n字', "https://odd.example/?a=1&b=2"))
    feed = next(feed for feed in listed.feeds() if "odd" in feed.address)
    assert (feed.name, feed.address) == ('<&" 名 字', "https://odd.example/?a=1&b=2")


def test_a_removed_feed_is_out_wherever_it_stood(listed: FeedList) -> None:
    listed.remove("https://dw.example/rss")
    assert "https://dw.example/rss" not in listed.path.read_text()
    assert len(listed.feeds()) == 4


def test_a_feed_is_paused_and_resumed(listed: FeedList) -> None:
    listed.pause("https://dw.example/rss", paused=False)
    assert not listed.find("德国之声").paused
    assert "paused" not in listed.path.read_text()


def test_a_feed_is_found_by_name_address_and_the_address_it_had(listed: FeedList) -> None:
    listed.move({"https://dw.example/rss": "https://dw.example/new"})
    found = [
        listed.find(named).address
        for named in ("德国之声", "https://dw.example/new", "https://dw.example/rss", "NAMELESS.example")
    ]
    assert found == ["https://dw.example/new"] * 3 + ["https://nameless.example/feed"]
    with pytest.raises(SourceError, match="没有"):
        listed.find("没有")


def test_a_feed_moves_with_all_that_is_said_of_it(listed: FeedList) -> None:
    assert listed.move({"http://www.rti.example/rss/": "https://rti.example/"}) == {
        "http://www.rti.example/rss/"
    }
    feed = listed.find("央廣")
    assert (feed.address, feed.moved_from, feed.folder) == (
        "https://rti.example/",
        "http://www.rti.example/rss/",
        "新闻/台湾",
    )


def test_a_feed_does_not_move_onto_another_one(listed: FeedList) -> None:
    assert listed.move({"https://dw.example/other": "https://dw.example/rss"}) == set()
    assert len(listed.feeds()) == 5


def test_another_list_is_merged_with_folders_and_attributes(tmp_path: Path) -> None:
    listed = FeedList(tmp_path / "mine.opml")
    listed.add(ListedFeed("我的德国之声", "https://dw.example/rss"))
    added, known, refused = listed.merge(LIST.encode(), "theirs.opml")
    assert (added, known, refused) == (4, 2, ["file:///etc/passwd"])
    feeds = {feed.address: feed for feed in listed.feeds()}
    assert (feeds["https://dw.example/rss"].name, feeds["http://www.rti.example/rss/"].folder) == (
        "我的德国之声",
        "新闻/台湾",
    )
    assert feeds["http://www.rti.example/rss/"].zone == ZoneInfo("Asia/Taipei")
    assert listed.merge(LIST.encode(), "theirs.opml")[:2] == (0, 6)


def test_what_is_exported_is_read_again_as_the_same_feeds(listed: FeedList, tmp_path: Path) -> None:
    again = FeedList(tmp_path / "again.opml")
    again.path.write_bytes(listed.export())
    assert again.feeds() == listed.feeds()
    assert again.export() == listed.export()


def test_a_list_in_another_encoding_is_read_and_written_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_bytes(LIST.replace("UTF-8", "gb18030").encode("gb18030"))
    FeedList(path).remove("https://dw.example/other")
    assert "我的订阅" in path.read_text(encoding="utf-8")


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path, listed: FeedList) -> None:
    listed.path.chmod(0o640)
    link = tmp_path / "link.opml"
    link.symlink_to(listed.path)
    FeedList(link).remove("https://dw.example/other")
    assert (link.is_symlink(), listed.path.stat().st_mode & 0o777) == (True, 0o640)
    assert len(listed.feeds()) == 4


def test_a_change_that_fails_leaves_the_list_and_nothing_beside_it(
    listed: FeedList, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SourceError, match="No space left"):
        listed.remove("https://dw.example/rss")
    assert listed.path.read_text() == LIST
    assert list(listed.path.parent.iterdir()) == [listed.path]


def test_changes_at_the_same_time_are_all_there(tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    threads = [
        Thread(target=FeedList(path).add, args=(ListedFeed(f"第{number}个", f"https://a.example/{number}"),))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(FeedList(path).feeds()) == 20
