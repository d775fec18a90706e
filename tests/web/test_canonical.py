"""What is the same search has one address, and an address says only what somebody chose."""

from random import Random

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from searchsvc.web.canonical import ORDER
from searchsvc.web.parameters import API_ONLY, KNOWN, encode, known, lenient, read


def form(query: str) -> str:
    return encode(known(read(query.encode())))


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("", ""),
        ("q=&from=&to=&search_in=&sort=", ""),
        ("q=+a++", "q=a"),
        ("q=%E3%80%80a", "q=a"),
        ("q=a&q=b", "q=a"),
        ("page=2&q=a&sort=oldest&from=2024", "q=a&from=2024&sort=oldest&page=2"),
        ("q=a&sort=relevance&page=1&page_size=20&variants=on", "q=a"),
        ("q=a&page=03&page_size=020", "q=a&page=3"),
        ("q=a&sort=newest", "q=a&sort=newest"),
        ("from=2024&sort=newest", "from=2024"),
        ("from=2024&sort=relevance", "from=2024"),
        ("from=2024&sort=oldest", "from=2024&sort=oldest"),
        ("q=a&search_in=content,+title", "q=a"),
        ("q=a&search_in=title,title", "q=a&search_in=title"),
        ("q=a&source=y&source=x&source=y&source=", "q=a&source=x&source=y"),
        ("q=a&exclude_source=y&source=x", "q=a&source=x&exclude_source=y"),
        ("q=a&utm_source=mail&facets=source&cursor=", "q=a"),
        ("sort=relevance&q=a&sort=newest", "q=a"),
        ("q=a&script=original&variants=off", "q=a&variants=off&script=original"),
        ("fold=on&story=x&q=a&variants=off&author=b", "q=a&author=b&story=x&variants=off&fold=on"),
        ("q=a&fold=off&story=+", "q=a"),
        # What cannot be meant is kept, so that the page says so.
        ("q=a&page=x&sort=best&search_in=body,", "q=a&search_in=body%2C&sort=best&page=x"),
        ("q=a&page=%D9%A3", "q=a&page=%D9%A3"),
    ],
)
def test_one_search_has_one_address(typed: str, canonical: str) -> None:
    assert form(typed) == canonical
    assert form(canonical) == canonical


values = st.sampled_from(
    ["", " ", "a", "1", "01", "20", "on", "newest", "relevance", "title", "content,title", "石 "]
)


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOWN)), values), max_size=8), st.randoms())
def test_order_and_defaults_never_matter(pairs: list[tuple[str, str]], shuffler: Random) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    firsts = {name: value for name, value in reversed(pairs) if value.strip()}
    several = [(name, value) for name, value in pairs if name.endswith("source")]
    shuffled = [(name, value) for name, value in firsts.items() if not name.endswith("source")] + several
    shuffler.shuffle(shuffled)
    assert form("&".join(f"{name}={value}" for name, value in shuffled)) == form(query)
    assert form(form(query)) == form(query)


def test_every_parameter_has_its_place() -> None:
    assert set(ORDER) == KNOWN
    assert API_ONLY < KNOWN


def test_the_form_sends_its_fields_in_the_order_of_the_address(client: FlaskClient) -> None:
    page = LexborHTMLParser(
        client.get("/search?tz=Asia/Taipei&source=voa.example&variants=off&author=张&q=石&page_size=5").text
    )
    names = [str(field.attributes["name"]) for field in page.css("form.search [name]")]
    assert names == sorted(names, key=ORDER.index)


def test_links_and_the_canonical_address_have_that_form(client: FlaskClient) -> None:
    page = LexborHTMLParser(
        client.get("/search?page=1&sort=relevance&page_size=20&utm_source=x&q=%20经济%20").text
    )
    assert page.css("link[rel=canonical]")[0].attributes["href"] == "/search?q=%E7%BB%8F%E6%B5%8E"
    assert page.css("a[rel=next]")[0].attributes["href"] == "/search?q=%E7%BB%8F%E6%B5%8E&page=2"
    query = str(page.css(".hits h2 a")[0].attributes["href"]).partition("?")[2]
    assert query == "q=经济&at=1"


def test_a_search_for_nothing_in_particular_lists_everything(client: FlaskClient) -> None:
    for address in ("/search", "/search?q=&from=", "/search?sort=newest"):
        page = LexborHTMLParser(client.get(address).text)
        assert page.css("link[rel=canonical]")[0].attributes["href"] == "/search"
        assert page.css("h1")[0].text() == "共 50 篇"
    assert lenient(read(b"sort=newest")).sort is None


def test_links_of_the_timeline_and_the_sources_have_that_form(client: FlaskClient) -> None:
    page = LexborHTMLParser(
        client.get("/search?tz=UTC&source=news.example&exclude_source=x.example&sort=oldest&q=今天").text
    )
    hrefs = [str(link.attributes["href"]) for link in page.css(".timeline a, .sources a")]
    assert len(hrefs) > 10
    for href in hrefs:
        names = [each.name for each in read(href.partition("?")[2].encode())]
        assert names == sorted(names, key=ORDER.index)
