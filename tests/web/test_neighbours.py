"""An article's place among the hits it was opened from."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser, LexborNode

from searchsvc.web.neighbours import place_asked, places_around
from searchsvc.web.parameters import Parameter


def tree(client: FlaskClient, address: str) -> LexborHTMLParser:
    answer = client.get(address)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


def address(page: LexborHTMLParser, selector: str) -> str | None:
    node: LexborNode | None = page.css_first(selector)
    return None if node is None else str(node.attributes["href"])


def walk(client: FlaskClient, start: str | None, step: str) -> Iterator[str]:
    """The titles from an article on, one step after the other."""
    while start:
        page = tree(client, start)
        yield page.css_first("h1").text(strip=True)
        start = address(page, f".place a[rel={step}]")


@pytest.mark.parametrize(
    ("value", "place"),
    [("1", 1), ("17", 17), ("10000", 10_000), ("0", None), ("10001", None), ("-1", None), ("x", None),
     ("", None), ("٣", None), ("9" * 5_000, None), ("1.5", None), (" 1", None)],
)  # fmt: skip
def test_a_place_is_a_number_from_1_that_paging_reaches(value: str, place: int | None) -> None:
    assert place_asked([Parameter("q", "石"), Parameter("at", value)]) == place
    assert place_asked([Parameter("q", "石")]) is None


def test_asked_for_are_the_places_around_and_none_that_is_not() -> None:
    assert places_around(1) == range(12)
    assert places_around(50) == range(38, 61)
    assert places_around(10_000).stop == 10_000


def test_one_can_go_from_each_hit_to_the_next_and_back_in_the_order_of_the_results(
    client: FlaskClient,
) -> None:
    for search in (
        "q=经济&sort=oldest",
        "q=经济",
        "from=2024-10&source=news.example",
        "q=快讯&page_size=7&page=2",
    ):
        first = tree(client, f"/search?{re.sub('&page=2', '', search)}")
        start = address(first, ".hits h2 a")
        there = list(walk(client, start, "next"))
        assert len(there) >= 20
        shown: list[str] = []
        turned: str | None = f"/search?{re.sub('&page=2', '', search)}"
        while turned:
            page = tree(client, turned)
            shown += [node.text(strip=True) for node in page.css(".hits h2")]
            turned = address(page, "a[rel=next]")
        assert there == shown
        last = address(page, ".hits li:last-child h2 a")
        assert list(walk(client, last, "prev")) == shown[::-1]


def test_the_place_is_told_and_the_way_back_leads_to_its_page(client: FlaskClient) -> None:
    hit = address(tree(client, "/search?q=经济&sort=newest&page=2"), ".hits li:nth-child(3) h2 a")
    page = tree(client, str(hit))
    assert page.css_first(".standing").text() == "第 23 篇，共 45 篇"
    assert "page=2" in str(address(page, "a.back"))
    assert [node.text() for node in page.css(".turns bdi")] == ["经济快讯第22号", "经济快讯第24号"]
    over = tree(client, re.sub("at=23", "at=21", str(hit)).replace("page=2", "page=1"))
    assert over.css_first(".standing").text() == "第 23 篇，共 45 篇"
    before = tree(client, str(address(tree(client, str(address(page, "a[rel=prev]"))), "a[rel=prev]")))
    assert "page=2" in str(address(before, "a.back"))
    assert "page" not in str(address(tree(client, str(address(before, "a[rel=prev]"))), "a.back"))


@pytest.mark.parametrize("at", ["at=40", "at=x", "at=", "at=0", "at=99999999", ""])
def test_an_article_that_is_not_where_it_should_be_is_read_without_neighbours(
    client: FlaskClient, at: str
) -> None:
    hit = str(address(tree(client, "/search?q=经济&sort=newest"), ".hits h2 a"))
    page = tree(client, re.sub("at=1$", at, hit))
    assert not page.css(".standing, a[rel=next], .turns")
    assert "sort=newest" in str(address(page, "a.back"))


@pytest.mark.parametrize(
    "wrong", ["from=never", "from=2025&to=2024", "page=x", "sort=best", "search_in=x", "page_size=0"]
)
def test_a_search_that_cannot_be_keeps_nobody_from_reading(
    client: FlaskClient, ishiba: str, wrong: str
) -> None:
    page = tree(client, f"/article/{ishiba}?q=石破茂&{wrong}&at=1")
    assert page.css_first(".text mark").text() == "石破茂"


def test_the_place_is_no_part_of_any_other_address(client: FlaskClient) -> None:
    hit = str(address(tree(client, "/search?q=经济&sort=newest"), ".hits h2 a"))
    assert "at=1" in hit
    page = tree(client, hit)
    assert "?" not in str(address(page, "link[rel=canonical]"))
    assert "at=" not in str(address(page, "a.back"))
    assert client.get("/api/v1/search?q=经济&at=1").status_code == 400
