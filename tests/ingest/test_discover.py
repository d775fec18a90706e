"""From the address that somebody typed to the feed that they mean."""

from zoneinfo import ZoneInfo

import pytest

from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.discover import Found, discover
from searchsvc.ingest.feed_body import read_feed
from searchsvc.ingest.fetch import Fetched
from searchsvc.ingest.robots import Robots
from tests.ingest.site import atom, json_feed, rss

PAGE = "<!doctype html><html><head><title>报</title>{}</head><body>…</body></html>"
LINK = '<link rel="{rel}" type="{type}" href="{href}" title="{title}">'


def link(href: str, kind: str = "application/rss+xml", rel: str = "alternate", title: str = "") -> str:
    return LINK.format(href=href, type=kind, rel=rel, title=title)


class Sites:
    """Pages by address, and what was asked for."""

    def __init__(self, **pages: str | bytes) -> None:
        self.pages = {f"https://a.example{path}": page for path, page in pages.items()}
        self.asked: list[str] = []

    def fetch(self, address: str) -> Fetched:
        self.asked.append(address)
        page = self.pages.get(address)
        if page is None:
            raise FetchFailed(f"Cannot fetch {address}: 404", status=404)
        data = page.encode() if isinstance(page, str) else page
        moved = "https://moved.example/rss" if b"moves" in data else None
        return Fetched(data, None, address, 1_731_024_000, moved_to=moved)


def find(sites: Sites, path: str = "/") -> Found:
    return discover(f"https://a.example{path}", sites.fetch, read_feed, zone=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize("body", [rss("甲"), atom("甲"), json_feed("甲")])
def test_a_feed_is_itself(body: bytes) -> None:
    found = find(Sites(**{"/feed": body}), "/feed")
    assert (found.address, len(found.feed.entries)) == ("https://a.example/feed", 3)


def test_a_feed_that_moved_for_good_is_where_it_is_now() -> None:
    assert find(Sites(**{"/feed": rss("moves")}), "/feed").address == "https://moved.example/rss"


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        (link("/rss"), "https://a.example/rss"),
        (link("rss"), "https://a.example/rss"),
        (link("https://a.example/rss", kind="application/atom+xml; charset=utf-8"), "https://a.example/rss"),
        (link("/rss", rel="Alternate nofollow", kind="APPLICATION/RSS+XML"), "https://a.example/rss"),
        (link("/rss", kind="application/feed+json"), "https://a.example/rss"),
        (link("/dead") + link("javascript:alert(1)") + link("/rss"), "https://a.example/rss"),
        (link("/empty") + link("/rss"), "https://a.example/rss"),
        (link("/comments/feed") + link("/rss"), "https://a.example/rss"),
        (link("/comments/feed", title="评论"), "https://a.example/comments/feed"),
    ],
)  # fmt: skip
def test_a_site_names_its_feed(tag: str, address: str) -> None:
    pages = {"/": PAGE.format(tag), "/rss": rss("甲"), "/comments/feed": rss("乙"), "/empty": rss("空", 0)}
    assert find(Sites(**pages)).address == address


def test_the_other_feeds_of_a_site_are_told() -> None:
    pages = {"/": PAGE.format(link("/rss") + link("/tech")), "/rss": rss("甲"), "/tech": rss("乙")}
    assert find(Sites(**pages)).others == ("https://a.example/tech",)


def test_a_feed_without_articles_is_better_than_none() -> None:
    assert (
        find(Sites(**{"/": PAGE.format(link("/empty")), "/empty": rss("空", 0)})).address
        == "https://a.example/empty"
    )


@pytest.mark.parametrize("path", ["/feed", "/atom.xml", "/rss2.xml"])
def test_a_site_that_names_none_is_looked_at_in_the_usual_places(path: str) -> None:
    assert find(Sites(**{"/": PAGE.format(""), path: rss("甲")})).address == f"https://a.example{path}"


def test_robots_are_not_let_into_usual_places_that_are_closed_to_them() -> None:
    sites = Sites(
        **{
            "/": PAGE.format(""),
            "/feed": rss("甲"),
            "/rss.xml": rss("乙"),
            "/robots.txt": "User-agent: *\nDisallow: /feed",
        }
    )
    assert find(sites).address == "https://a.example/rss.xml"
    assert "https://a.example/feed" not in sites.asked


def test_a_feed_that_a_page_names_is_not_crawled_but_read() -> None:
    sites = Sites(
        **{"/": PAGE.format(link("/rss")), "/rss": rss("甲"), "/robots.txt": "User-agent: *\nDisallow: /"}
    )
    assert find(sites).address == "https://a.example/rss"


@pytest.mark.parametrize(
    ("page", "said"),
    [(PAGE.format(""), "web page"), ("只有一些字", "not known"), (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, "not text"), ("", "empty"),
     (PAGE.format(link("/dead")), "it names https://a.example/dead")],
)  # fmt: skip
def test_what_is_no_feed_is_refused_and_named(page: str | bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        find(Sites(**{"/": page}))


# robots.txt


def allowed(rules: str | None, path: str) -> bool:
    sites = Sites() if rules is None else Sites(**{"/robots.txt": rules})
    return Robots(sites.fetch).allows(f"https://a.example{path}")


@pytest.mark.parametrize(
    ("rules", "path", "allows"),
    [
        (None, "/a", True),
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /b", "/a", True),
        ("User-agent: *\nDisallow: /*.html$", "/a.html", False),
        ("User-agent: *\nDisallow: /\nAllow: /a", "/a/1", True),
        ("User-agent: searchsvc\nDisallow: /a\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: searchsvc\nAllow: /\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("<html>not found</html>", "/a", True),
        ("\ufeffUser-agent: *\r\nDisallow: /a", "/a", False),
    ],
)
def test_the_rules_of_a_site_hold(rules: str | None, path: str, allows: bool) -> None:
    assert allowed(rules, path) is allows


@pytest.mark.parametrize(
    ("status", "allows"), [(404, True), (401, True), (410, True), (429, False), (500, False), (None, False)]
)
def test_rules_that_cannot_be_had_forbid_all_unless_there_are_none(status: int | None, allows: bool) -> None:
    def fetch(address: str) -> Fetched:
        raise FetchFailed("no", status=status)

    assert Robots(fetch).allows("https://a.example/") is allows


def test_the_rules_of_a_site_are_read_once() -> None:
    sites = Sites(**{"/robots.txt": "User-agent: *\nCrawl-delay: 7"})
    robots = Robots(sites.fetch)
    assert [robots.allows(f"https://a.example/{n}") for n in range(3)] == [True] * 3
    assert robots.pause_seconds("https://a.example/") == 7
    assert sites.asked == ["https://a.example/robots.txt"]
