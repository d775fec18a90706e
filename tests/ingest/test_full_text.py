"""Feeds with teasers only: whose pages are asked, how often, and what becomes of the items."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from searchsvc.article import Article
from searchsvc.errors import FetchFailed
from searchsvc.ingest import crawler as crawling
from searchsvc.ingest.crawler import crawler
from searchsvc.ingest.fetch import Fetcher
from searchsvc.ingest.full_text import MOST_PAGES
from searchsvc.ingest.turns import Turns
from searchsvc.search.request import Request
from tests.ingest.listener import PUBLIC, Detour, path_of, serving
from tests.ingest.listener import answer as response
from tests.ingest.pages import AROUND, PARAGRAPHS, page
from tests.ingest.site import Behaviour, Site, answer, redirect, running, silent
from tests.ingest.web import Web, lines_of, web_of

TEASER = "港口重新开放……"


@pytest.fixture
def site() -> Iterator[Site]:
    with running(hosts=3) as site:
        yield site


def article(number: int, *more: str) -> Behaviour:
    """A page whose article is told from the others by its number."""
    return answer(page(f"第{number}篇。{PARAGRAPHS['hans'][0]}", *PARAGRAPHS["hans"][1:], *more).encode())


def feed(site: Site, numbers: range, teaser: str = TEASER, host: int = 1) -> Behaviour:
    """A feed of teasers that lead to pages of another host."""
    items = "".join(
        f"<item><title>第{n}篇</title><link>http://127.0.7.{host + 1}:{site.port}/a/{n}</link>"
        f"<pubDate>Thu, 07 Nov 2024 08:00:00 +0800</pubDate><description>{teaser}{n}</description></item>"
        for n in numbers
    )
    return answer(f'<rss version="2.0"><channel><title>甲</title>{items}</channel></rss>'.encode())


def set_up(site: Site, folder: Path, count: int = 3, *, full_text: bool = True, **settings: object) -> Web:
    """A service with one feed of so many items, whose pages are on another host."""
    site.add("甲", feed(site, range(count)), host=0)
    for number in range(count):
        site.page(f"/a/{number}", article(number), 1)
    web = web_of(site, folder, **settings)
    if full_text:
        assert web.flask("feeds", "set", "甲 0", "--full-text").exit_code == 0
    return web


def serve(web: Web, behaviour: Behaviour) -> None:
    """Let the feed be another one from now on."""
    host, path = web.site.feeds[0].address.removeprefix("http://").split(f":{web.site.port}")
    web.site.pages[host, path] = behaviour


def asked(site: Site) -> list[str]:
    return [each.path for each in site.asked if each.host == "127.0.7.2"]


def texts(web: Web) -> dict[str, str]:
    return {each.title: each.text for each in web.service.store.all()}


def one(web: Web, title: str) -> Article:
    return next(each for each in web.service.store.all() if each.title == title)


def line(result: Result) -> dict[str, object]:
    return lines_of(result)["甲 0"]


def test_pages_are_not_asked_unless_the_list_says_so(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, full_text=False)
    assert line(web.flask("ingest"))["pages"] == 0
    assert asked(site) == []
    assert set(texts(web).values()) == {f"{TEASER}{n}" for n in range(3)}


def test_an_article_has_the_text_of_its_page_and_nothing_around_it(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path)
    result = web.flask("ingest")
    assert (result.exit_code, line(result)["new"], line(result)["pages"], line(result)["pages_failed"]) == (
        0,
        3,
        3,
        0,
    )
    for number, text in enumerate(texts(web)[f"第{n}篇"] for n in range(3)):
        assert text.startswith(f"第{number}篇。{PARAGRAPHS['hans'][0]}\n{PARAGRAPHS['hans'][1]}\n")
        assert [word for word in AROUND if word in text] == []
    found = one(web, "第1篇")
    assert found.image == f"http://127.0.7.2:{site.port}/img/harbour.jpg"
    assert (found.published, found.published_from) == (1_730_937_600, "stated")
    assert web.service.search.search(Request(q='"調解人說"')).total == 3


def test_robots_is_asked_once_and_each_page_once(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path)
    web.flask("ingest")
    assert sorted(asked(site)) == ["/a/0", "/a/1", "/a/2", "/robots.txt"]


def test_a_page_is_asked_once_per_article_while_the_feed_goes_on(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path)
    web.flask("ingest")
    before, known = len(asked(site)), texts(web)
    site.page("/a/3", article(3), 1)
    serve(web, feed(site, range(1, 4)))
    said = line(web.flask("ingest", "--all"))
    assert (said["new"], said["updated"], said["unchanged"], said["pages"]) == (1, 0, 2, 1)
    assert asked(site)[before:] == ["/robots.txt", "/a/3"]
    assert texts(web).items() >= known.items()
    said = line(web.flask("ingest", "--force"))
    assert (said["new"], said["updated"], said["unchanged"], said["pages"]) == (0, 0, 3, 0)
    assert len(asked(site)) == before + 2


def test_an_article_whose_teaser_changed_is_asked_again_and_keeps_its_version(
    site: Site, tmp_path: Path
) -> None:
    web = set_up(site, tmp_path, 1)
    web.flask("ingest")
    site.page("/a/0", article(0, "后来又补上了一段，说的是下午的事情。"), 1)
    serve(web, feed(site, range(1), "更新：港口"))
    assert line(web.flask("ingest", "--all"))["updated"] == 1
    kept = one(web, "第0篇")
    assert "后来又补上了一段" in kept.text
    assert [PARAGRAPHS["hans"][1] in each.text for each in web.service.store.earlier(kept.id)] == [True]


def test_an_article_that_was_read_is_not_made_a_teaser_when_its_page_fails(
    site: Site, tmp_path: Path
) -> None:
    web = set_up(site, tmp_path, 1)
    web.flask("ingest")
    known = texts(web)
    site.page("/a/0", answer(b"", status="500 Oops"), 1)
    serve(web, feed(site, range(1), "更新：港口"))
    said = line(web.flask("ingest", "--all"))
    assert (said["updated"], said["unchanged"], said["pages_failed"]) == (0, 1, 1)
    assert texts(web) == known


def test_an_article_that_was_read_is_not_made_a_teaser_by_another_feed(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, 2)
    web.flask("ingest")
    known = texts(web)
    site.page("/a/9", article(9), 1)
    site.add("乙", feed(site, range(10), "别的摘要"), host=0)
    web.flask("feeds", "add", site.feeds[1].address, "--name", "乙 1")
    said = web.ingest()["乙 1"]
    assert (said["new"], said["updated"], said["unchanged"], said["pages"]) == (8, 0, 2, 0)
    assert texts(web).items() >= known.items()
    assert texts(web)["第9篇"] == "别的摘要9"


def test_an_item_whose_page_fails_is_kept_and_the_page_named(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path)
    site.page("/a/1", answer(b"", status="404 Not Found"), 1)
    result = web.flask("ingest")
    assert (result.exit_code, line(result)["new"], line(result)["pages_failed"]) == (0, 3, 1)
    assert (
        f"page: 甲 0: Cannot fetch http://127.0.7.2:{site.port}/a/1: the server answered 404" in result.stderr
    )
    assert "1 articles are kept with the text of their feed only" in result.stderr
    assert texts(web)["第1篇"] == f"{TEASER}1"
    assert len(texts(web)["第2篇"]) > 100


def test_failures_of_pages_are_in_the_document_too(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, 1)
    site.page("/a/0", answer(b"", status="404 Not Found"), 1)
    (source,) = json.loads(web.flask("ingest", "--json").stdout)["sources"]
    assert source["failed"] == []
    assert source["feed"]["pages"] == source["feed"]["pages_failed"] == 1
    (failure,) = source["page_failures"]
    assert (failure["item"], "404" in failure["reason"]) == (f"http://127.0.7.2:{site.port}/a/0", True)


def test_a_page_that_fails_is_tried_three_times_and_taken_when_it_answers(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, 2)
    for number in range(2):
        site.page(f"/a/{number}", answer(b"", status="500 Oops"), 1)
    web.flask("ingest")
    site.page("/a/0", article(0), 1)
    said = line(web.flask("ingest", "--force"))
    assert (said["updated"], said["unchanged"], said["pages"]) == (1, 1, 2)
    assert len(texts(web)["第0篇"]) > 100
    for _ in range(3):
        web.flask("ingest", "--force")
    assert (asked(site).count("/a/0"), asked(site).count("/a/1")) == (2, 3)


def test_where_robots_keeps_us_out_no_page_is_asked(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path)
    site.page("/robots.txt", answer(b"User-agent: *\nDisallow: /a/"), 1)
    result = web.flask("ingest")
    assert (result.exit_code, line(result)["new"], line(result)["pages_failed"]) == (0, 3, 3)
    assert "robots.txt of its site keeps us out" in result.stderr
    assert asked(site) == ["/robots.txt"]


def test_a_page_that_leads_where_robots_keeps_us_out_is_not_taken(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, 1)
    inner = site.page("/inner", article(0), 2)
    site.page("/robots.txt", answer(b"User-agent: *\nDisallow: /inner"), 2)
    site.page("/a/0", redirect("302 Found", inner), 1)
    assert line(web.flask("ingest"))["pages_failed"] == 1
    assert texts(web)["第0篇"] == f"{TEASER}0"


def test_a_page_that_has_less_than_the_feed_changes_nothing(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, 1)
    long = "".join(PARAGRAPHS["hans"]) * 3
    serve(web, feed(site, range(1), long))
    result = web.flask("ingest")
    assert (line(result)["new"], line(result)["pages"], line(result)["pages_failed"]) == (1, 1, 0)
    assert texts(web)["第0篇"] == f"{long}0"
    assert line(web.flask("ingest", "--force"))["unchanged"] == 1
    assert asked(site).count("/a/0") == 1


def test_pages_that_all_say_the_same_are_not_taken_for_articles(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path)
    wall = answer(page(*PARAGRAPHS["hans"]).encode())
    for number in (0, 2):
        site.page(f"/a/{number}", wall, 1)
    result = web.flask("ingest")
    assert (line(result)["new"], line(result)["pages_failed"]) == (3, 2)
    assert "same text as others" in result.stderr
    assert (texts(web)["第0篇"], len(texts(web)["第1篇"]) > 100) == (f"{TEASER}0", True)


def test_a_host_that_wants_rest_is_left_alone_and_its_pages_asked_another_time(
    site: Site, tmp_path: Path
) -> None:
    web = set_up(site, tmp_path)
    site.page("/a/0", answer(b"", status="429 Too Many"), 1)
    result = web.flask("ingest")
    assert (line(result)["new"], line(result)["pages_failed"]) == (3, 3)
    assert "wants to be left alone" in result.stderr
    assert asked(site) == ["/robots.txt", "/a/0"]
    site.page("/a/0", article(0), 1)
    assert line(web.flask("ingest", "--force"))["updated"] == 3


def test_no_more_pages_than_a_site_can_bear_are_asked_in_one_round(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, MOST_PAGES + 2, FETCH_PAUSE_SECONDS=0)
    assert line(web.flask("ingest"))["pages"] == MOST_PAGES
    said = line(web.flask("ingest", "--force"))
    assert (said["pages"], said["updated"], said["unchanged"]) == (2, 2, MOST_PAGES)
    assert min(map(len, texts(web).values())) > 100


def test_hostile_pages_are_named_and_the_others_taken(site: Site, tmp_path: Path) -> None:
    web = set_up(site, tmp_path, 5, FETCH_MAX_BYTES=1_000_000)
    site.page("/a/0", silent, 1)
    site.page("/a/1", answer(bytes(range(256)) * 100), 1)
    site.page("/a/2", answer(b"<p>" * 500_000), 1)
    site.page("/a/3", redirect("302 Found", "file:///etc/passwd"), 1)
    result = web.flask("ingest")
    assert (result.exit_code, line(result)["new"], line(result)["pages_failed"]) == (0, 5, 4)
    assert [
        word
        for word in ("no complete answer", "it is not text", "larger than allowed", "only http and https")
        if word not in result.stderr
    ] == []
    assert len(texts(web)["第4篇"]) > 100


def test_what_is_known_of_pages_is_kept_only_once_the_articles_are_stored(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = set_up(site, tmp_path, 1)
    with monkeypatch.context() as broken:
        broken.setattr(type(web.service.store), "put", lambda *_: 1 / 0)
        web.flask("ingest")
    assert web.service.pages.connection().execute("SELECT count(*) FROM pages").fetchone() == (0,)
    assert line(web.flask("ingest"))["new"] == 1
    assert len(texts(web)["第0篇"]) > 100


def test_pages_are_fetched_from_public_addresses_only_on_every_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    def site(sock: object, request: bytes) -> None:
        robots = path_of(request) == "/robots.txt"
        body = response(b"") if robots else response(b"", "302 Found", Location="http://inner.example/")
        sock.sendall(body)  # type: ignore[attr-defined]

    with serving(site) as listener:
        detour = Detour(monkeypatch, listener.port, PUBLIC, PUBLIC, "10.0.0.1")
        with pytest.raises(FetchFailed, match="not public"):
            crawler(Fetcher(5, 1_000_000)).fetch("http://a.example/1")
        assert detour.connected == [PUBLIC, PUBLIC]
        with pytest.raises(FetchFailed):
            crawler(Fetcher(5, 1_000_000)).fetch(f"http://127.0.0.1:{listener.port}/")
        assert listener.connections == 2


@pytest.mark.parametrize(("wanted", "waited"), [("", 0), ("Crawl-delay: 3", 2), ("Crawl-delay: 9999", 9)])
def test_the_pause_that_a_site_asks_for_is_kept_up_to_a_bound(
    site: Site, monkeypatch: pytest.MonkeyPatch, wanted: str, waited: float
) -> None:
    site.page("/robots.txt", answer(f"User-agent: *\n{wanted}\n".encode()), 1)
    address = site.page("/a", article(1), 1)
    slept: list[float] = []
    monkeypatch.setattr(crawling.time, "sleep", slept.append)
    began = time.monotonic()
    crawler(Fetcher(5, 1_000_000, True, turns=Turns(1))).fetch(address)
    assert waited in slept
    assert max(slept) <= max(waited, 1)
    assert time.monotonic() - began < 60
