"""What is taken of a page: the article, all of it, and nothing of what stands around it."""

from collections.abc import Iterator

import pytest

from searchsvc.errors import SourceError
from searchsvc.ingest.page import read_page
from searchsvc.ingest.parser import Limits, Parser
from searchsvc.text.clean import Body, clean_html
from tests.ingest.pages import AROUND, PARAGRAPHS, page

ADDRESS = "https://a.example/news/1.html"
SHORT = PARAGRAPHS["hans"]


def body_of(data: bytes, content_type: str = "text/html") -> Body:
    return clean_html(read_page(data, ADDRESS, content_type), ADDRESS)


@pytest.mark.parametrize("script", ["hans", "hant"])
@pytest.mark.parametrize("times", [1, 20], ids=["short", "long"])
def test_the_article_is_taken_and_what_is_around_it_is_not(script: str, times: int) -> None:
    paragraphs = [f"第{n}段。{text}" for n in range(times) for text in PARAGRAPHS[script]]
    lines = body_of(page(*paragraphs).encode()).text.splitlines()
    assert [line for line in lines if line in paragraphs] == paragraphs
    assert [word for word in AROUND if any(word in line for line in lines)] == []
    assert len(lines) <= len(paragraphs) + 2


@pytest.mark.parametrize(
    ("script", "encoding", "content_type", "charset"),
    [("hans", "gbk", "text/html; charset=gbk", "gbk"), ("hans", "gb18030", "text/html", "gb2312"), ("hant", "big5", "text/html", "big5"),
     ("hant", "big5", "text/html; charset=utf-8", "utf-8"), ("hans", "utf-8", "text/html; charset=gbk", "gbk"), ("hans", "utf-16", "text/html", "utf-8")],
)  # fmt: skip
def test_a_page_is_read_in_its_encoding_whatever_is_said_of_it(
    script: str, encoding: str, content_type: str, charset: str
) -> None:
    data = page(*PARAGRAPHS[script], charset=charset).encode(encoding, "replace")
    lines = body_of(data, content_type).text.splitlines()
    assert [line for line in lines if line in PARAGRAPHS[script]] == list(PARAGRAPHS[script])


def test_pictures_and_links_are_kept_with_whole_addresses() -> None:
    body = body_of(page(*SHORT).encode())
    assert body.image == "https://a.example/img/harbour.jpg"
    assert 'href="https://a.example/about"' in body.html


def test_links_start_from_where_the_page_says() -> None:
    text = page(*SHORT).replace("<head>", '<head><base href="https://cdn.example/x/">')
    assert body_of(text.encode()).image == "https://cdn.example/img/harbour.jpg"


def test_headings_and_paragraphs_stay_apart() -> None:
    html = read_page(
        page(*SHORT).replace(f"<p>{SHORT[1]}", f"<h2>背景</h2><p>{SHORT[1]}").encode(), ADDRESS, None
    )
    assert "<h2>背景</h2>" in html


def test_what_is_live_in_a_page_does_not_come_through() -> None:
    live = '<p onclick="alert(1)">点击<a href="javascript:alert(1)">这里</a><img src=x onerror=alert(1)><script>alert(1)</script></p><iframe src="https://evil.example"></iframe>'
    html = body_of(page(*SHORT).replace("<article>", f"<article>{live}").encode()).html
    assert [word for word in ("javascript", "onclick", "onerror", "<script", "iframe") if word in html] == []


@pytest.mark.parametrize(
    "data",
    [b"", b" \n", b"<!-- x -->", b"<html></html>", b"<html><body><nav><a href=/>x</a></nav></body></html>", b"\xff\xfe", b'{"a": 1}',
     b"<p>" * 100_000, b"<a href='http://['>x</a>", "<p>\ud800</p>".encode("utf-8", "surrogatepass")],
)  # fmt: skip
def test_what_has_no_article_gives_next_to_nothing_and_no_fault(data: bytes) -> None:
    assert len(body_of(data).text) < 20


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(SourceError, match="it is not text"):
        read_page(bytes(range(256)) * 100, ADDRESS, "text/html")


@pytest.fixture
def parser() -> Iterator[Parser]:
    with Parser(Limits(60, 512_000_000)) as parser:
        yield parser


def test_pages_are_read_in_the_child_too(parser: Parser) -> None:
    data = page(*SHORT).encode()
    assert parser.page(data, ADDRESS, "text/html") == read_page(data, ADDRESS, "text/html")
    with pytest.raises(SourceError, match="it is not text"):
        parser.page(bytes(range(256)) * 100, ADDRESS, "text/html")
    assert parser.started == 1
