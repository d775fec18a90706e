"""``flask feeds``: what a person types, and what the list is afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.ingest.feedlist import FeedList
from tests.ingest.pages import PARAGRAPHS, page
from tests.ingest.site import Site, answer, atom, redirect, rss, running
from tests.ingest.web import Web, web_of

ROOT = Path(__file__).parent.parent
PAGE = '<!doctype html><title>报</title><link rel="alternate" type="application/rss+xml" href="/rss"><link rel="alternate" type="application/atom+xml" href="/atom">'


@pytest.fixture
def site() -> Iterator[Site]:
    with running(hosts=2) as site:
        site.page("/", answer(PAGE.encode()), 0)
        site.page("/rss", answer(rss("甲", about="<ttl>60</ttl>"), etag=True), 0)
        site.page("/atom", answer(atom("乙")), 0)
        site.page("/nothing", answer(b"<!doctype html><html>nothing</html>"), 1)
        yield site


@pytest.fixture
def web(site: Site, tmp_path: Path) -> Web:
    return web_of(site, tmp_path)


def at(web: Web, path: str, host: int = 0) -> str:
    return f"http://127.0.7.{host + 1}:{web.site.port}{path}"


def listed(web: Web) -> list[dict[str, object]]:
    return json.loads(web.flask("feeds", "list", "--json").stdout)  # type: ignore[no-any-return]


def test_a_site_is_added_by_the_feed_that_it_names(web: Web) -> None:
    result = web.flask("feeds", "add", at(web, "/"), "--folder", "新闻/台湾", "--zone", "Asia/Taipei")
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"Added 甲新闻: {at(web, '/rss')}, 3 articles, teasers" in result.output
    assert f"also names {at(web, '/atom')}" in result.output
    (feed,) = listed(web)
    assert (feed["name"], feed["folder"], feed["zone"], feed["state"]) == (
        "甲新闻",
        "新闻/台湾",
        "Asia/Taipei",
        "new",
    )
    assert web.ingest()["甲新闻"]["new"] == 3


def test_nothing_is_stored_when_a_feed_is_added(web: Web) -> None:
    web.flask("feeds", "add", at(web, "/rss"))
    assert (web.service.store.count(), web.service.feed_states.states()) == (0, {})


def test_a_feed_is_added_where_it_is_for_good(web: Web) -> None:
    old = web.site.page("/old", redirect("301 Moved", at(web, "/rss")), 1)
    web.flask("feeds", "add", old, "--name", "老")
    assert [(feed["name"], feed["address"]) for feed in listed(web)] == [("老", at(web, "/rss"))]


def test_a_feed_is_added_once_however_it_is_named(web: Web) -> None:
    web.flask("feeds", "add", at(web, "/rss"))
    for path in ("/rss", "/"):
        result = web.flask("feeds", "add", at(web, path))
        assert (result.exit_code, "already" in result.stderr) == (1, True)
    assert len(listed(web)) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [("/nothing", "it is a web page, not a feed"), ("/missing", "404"), ("file:///etc/passwd", "only http and https"),
     ("http://127.0.0.1:1/", "connection failed")],
)  # fmt: skip
def test_what_is_no_feed_is_refused_in_a_line(web: Web, path: str, said: str) -> None:
    result = web.flask("feeds", "add", path if ":" in path else at(web, path, 1))
    assert (result.exit_code, said in result.stderr, len(result.stderr.splitlines())) == (1, True, 1)
    assert listed(web) == []


def test_a_zone_that_is_none_is_misuse(web: Web) -> None:
    assert web.flask("feeds", "add", at(web, "/rss"), "--zone", "Mars").exit_code == 2


def test_private_addresses_are_not_added_unless_they_are_allowed(site: Site, tmp_path: Path) -> None:
    web = web_of(site, tmp_path, FETCH_ALLOW_PRIVATE=0)
    for command in ("add", "test"):
        result = web.flask("feeds", command, at(web, "/rss"))
        assert (result.exit_code, "not public" in result.stderr) == (1, True)
    assert site.asked == []


def test_the_list_shows_how_feeds_do(web: Web) -> None:
    for path in ("/rss", "/atom"):
        web.flask("feeds", "add", at(web, path))
    web.ingest()
    web.site.page("/atom", answer(b"", status="500 Oops"), 0)
    web.ingest("--all")
    web.flask("feeds", "pause", "甲新闻")
    rss_feed, atom_feed = listed(web)
    assert (rss_feed["state"], rss_feed["next_due"], rss_feed["items"], rss_feed["new"]) == (
        "paused",
        None,
        3,
        3,
    )
    assert (atom_feed["state"], atom_feed["failures"], "500" in str(atom_feed["error"])) == (
        "failing",
        1,
        True,
    )
    assert rss_feed["last_success"] is not None
    table = web.flask("feeds", "list").output
    assert "paused" in table
    assert "failing" in table


def test_an_empty_list_says_so(web: Web) -> None:
    assert "lists no feeds" in web.flask("feeds", "list").output


def test_a_removed_feed_leaves_its_articles(web: Web) -> None:
    web.flask("feeds", "add", at(web, "/rss"))
    web.ingest()
    assert web.flask("feeds", "remove", "甲新闻").exit_code == 0
    assert (listed(web), web.service.store.count()) == ([], 3)


@pytest.mark.parametrize("command", ["remove", "pause", "resume", "test"])
def test_a_feed_that_is_not_there_is_named(web: Web, command: str) -> None:
    result = web.flask("feeds", command, "没有")
    assert (result.exit_code, "没有" in result.stderr) == (1, True)


def test_a_test_shows_what_would_be_taken_and_stores_nothing(web: Web) -> None:
    result = web.flask("feeds", "test", at(web, "/rss"))
    assert result.exit_code == 0
    assert "甲的第1条新闻" in result.output
    assert "2024-11-07 01:00" in result.output
    assert "3 articles, teasers, asked every 60 minutes at most" in result.output
    assert "Times without a zone are read as Asia/Shanghai" in result.output
    assert (web.service.store.count(), web.service.feed_states.states(), listed(web)) == (0, {}, [])


def test_a_listed_feed_is_tested_by_its_name_and_in_its_zone(web: Web) -> None:
    web.flask("feeds", "add", at(web, "/rss"), "--zone", "Asia/Taipei")
    document = json.loads(web.flask("feeds", "test", "甲新闻", "--json").stdout)
    assert (document["zone"], document["title"], len(document["articles"])) == ("Asia/Taipei", "甲新闻", 3)
    assert document["articles"][0]["published_at"] == "2024-11-06T17:00:00Z"


def test_a_test_of_what_is_no_feed_says_what_it_is(web: Web) -> None:
    result = web.flask("feeds", "test", at(web, "/nothing", 1))
    assert (result.exit_code, "web page" in result.stderr) == (1, True)


def test_a_list_goes_out_and_comes_in_again(web: Web, tmp_path: Path) -> None:
    web.flask("feeds", "add", at(web, "/rss"), "--folder", "新闻")
    assert web.flask("feeds", "export", str(tmp_path / "out.opml")).exit_code == 0
    assert web.flask("feeds", "export").stdout == (tmp_path / "out.opml").read_text()
    web.flask("feeds", "remove", "甲新闻")
    result = web.flask("feeds", "import", str(tmp_path / "out.opml"))
    assert (result.exit_code, "1 feeds added, 0 were listed already" in result.output) == (0, True)
    assert (listed(web)[0]["folder"], web.site.asked[-1].path) == ("新闻", "/rss")


def test_what_is_no_list_is_not_imported(web: Web, tmp_path: Path) -> None:
    (tmp_path / "no.opml").write_text("<html/>")
    result = web.flask("feeds", "import", str(tmp_path / "no.opml"))
    assert (result.exit_code, "no.opml" in result.stderr) == (1, True)


def test_the_starter_list_has_feeds_in_both_scripts(web: Web) -> None:
    result = web.flask("feeds", "import", str(ROOT / "samples" / "feeds.opml"))
    assert result.exit_code == 0
    feeds = web.service.feed_list.feeds()
    assert {feed.folder for feed in feeds} == {"简体", "繁體"}
    assert [feed.problem for feed in feeds if feed.problem] == []
    assert feeds == FeedList(ROOT / "samples" / "feeds.opml").feeds()


def test_a_feed_is_set_to_full_text_and_a_zone_and_back(web: Web) -> None:
    web.flask("feeds", "add", at(web, "/rss"))
    for arguments, expected in (
        (("--full-text",), (True, None)),
        (("--zone", "Asia/Taipei"), (True, "Asia/Taipei")),
        (("--no-full-text",), (False, "Asia/Taipei")),
        (("--zone", ""), (False, None)),
    ):
        result = web.flask("feeds", "set", "甲新闻", *arguments)
        assert (result.exit_code, "甲新闻" in result.output) == (0, True)
        (feed,) = listed(web)
        assert (feed["full_text"], feed["zone"]) == expected


def test_setting_nothing_or_what_cannot_be_is_misuse(web: Web) -> None:
    web.flask("feeds", "add", at(web, "/rss"))
    assert web.flask("feeds", "set", "甲新闻").exit_code == 2
    assert web.flask("feeds", "set", "甲新闻", "--zone", "Mars").exit_code == 2
    assert web.flask("feeds", "set", "没有", "--full-text").exit_code == 1
    assert [(feed["full_text"], feed["zone"]) for feed in listed(web)] == [(False, None)]


def with_pages(web: Web) -> str:
    """The address of a feed whose articles have pages: one in full, one that is missing."""
    there, gone = web.site.page("/page", answer(page(*PARAGRAPHS["hans"]).encode()), 1), at(web, "/gone", 1)
    feed = rss("丙", 2).decode().replace("http://丙.example/1", there).replace("http://丙.example/2", gone)
    return web.site.page("/pages", answer(feed.encode()), 0)


def test_a_test_shows_what_pages_would_give(web: Web) -> None:
    result = web.flask("feeds", "test", with_pages(web), "--full-text")
    assert result.exit_code == 0
    assert "page of 丙的第1条新闻: 1" in result.output
    assert "characters, which is more" in result.output
    assert "page of 丙的第2条新闻: Cannot fetch" in result.output
    assert web.service.store.count() == 0


def test_a_test_asks_no_pages_unless_they_are_wanted(web: Web) -> None:
    address = with_pages(web)
    assert json.loads(web.flask("feeds", "test", address, "--json").stdout)["pages"] == []
    assert "/page" not in [each.path for each in web.site.asked]
    web.flask("feeds", "add", address, "--full-text")
    first, second = json.loads(web.flask("feeds", "test", "丙新闻", "--json").stdout)["pages"]
    assert (first["characters"] > 100, first["error"]) == (True, None)
    assert (second["characters"], "404" in second["error"]) == (0, True)
