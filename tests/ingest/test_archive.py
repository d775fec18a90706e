"""Saved files in every form → entries; each that cannot be read has its reason."""

import gzip
import json
import re
from contextlib import suppress
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.article import Entry, Source
from searchsvc.errors import SourceError
from searchsvc.ingest import archive
from searchsvc.ingest.items import Item, Skipped
from tests.build import ZONE

MIRROR = "<!--1730998743000-->\n[日本首相 [快讯]](https://www.news.example/a_(1).html)\n------\n\n<p>正文</p>"
FRONT = "---\ntitle: 標題：副題\ndate: 2020-09-09T18:41:24.000Z\nauthor: 张三\nlink: https://news.example/1\n---\n\n# 大标题\n\n正文*强调*\n"
RSS = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>例报</title><link>https://news.example/</link>'
    "<item><title>新闻一</title><link>https://news.example/1</link><guid>g1</guid><pubDate>Thu, 07 Nov 2024 16:49:47 CST</pubDate>"
    "<description>&lt;p&gt;正文&lt;/p&gt;</description></item><item><title>新闻二</title><link>java&#9;script:alert(1)</link></item></channel></rss>"
)


def read(data: bytes | str, name: str = "file") -> list[Item]:
    raw = data.encode() if isinstance(data, str) else data
    return list(archive.read_file(BytesIO(raw), name, zone=ZONE))


def one(data: bytes | str) -> Entry:
    (item,) = read(data)
    assert isinstance(item, Entry)
    return item


def reason(data: bytes | str) -> str:
    (item,) = read(data)
    assert isinstance(item, Skipped)
    return item.reason


def test_the_mirrors_layout() -> None:
    found = one(MIRROR)
    assert found.title == "日本首相 [快讯]"
    assert found.url == "https://www.news.example/a_(1).html"
    assert (found.seen, found.stated, found.fetched) == (1_730_998_743, None, False)
    assert found.source == Source("news.example", "news.example")
    assert (found.html or "").strip() == "<p>正文</p>"


@pytest.mark.parametrize(
    "header", ["<!--NaN-->\n", "", "\ufeff\n", "<!---->\n", "<!--99999999999999999999-->\n"]
)
def test_the_mirrors_layout_without_a_time(header: str) -> None:
    found = one(header + MIRROR.split("\n", 1)[1])
    assert (found.title, found.seen) == ("日本首相 [快讯]", None)


def test_an_item_without_a_body_or_a_title_is_an_item() -> None:
    assert one("<!--1730998743000-->\n[](https://news.example/)\n------").title == ""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le"])
def test_encodings_and_line_ends(encoding: str, newline: str) -> None:
    text = "<!--1730998743000-->\n[記者會中的問題](https://news.example/1)\n------\n\n<p>他們今天在電話中說明問題的經過</p>"
    found = one(text.replace("\n", newline).encode(encoding))
    assert found.title == "記者會中的問題"
    assert "說明問題" in (found.html or "")


def test_a_file_cut_in_the_middle_of_a_character_is_still_utf_8() -> None:
    assert one(MIRROR.replace("</p>", "文章写到一半").encode()[:-1]).title == "日本首相 [快讯]"


def test_markdown_with_front_matter() -> None:
    found = one(FRONT)
    assert (found.title, found.author, found.url) == ("標題：副題", "张三", "https://news.example/1")
    assert found.stated == 1_599_676_884
    assert found.html == "<h1>大标题</h1>\n<p>正文<em>强调</em></p>\n"


@pytest.mark.parametrize(
    "front", ["title: a: b: c", "title: [unclosed", "title: 'x\nlink: y", "- list", "title: &a [*a]", ""]
)
def test_front_matter_that_is_no_yaml_still_has_a_body(front: str) -> None:
    assert "正文" in (one(f"---\n{front}\n---\n正文").html or "")


def test_the_mirrors_item_inside_front_matter_fills_gaps_and_knows_its_outlet() -> None:
    outer = "---\ntitle: 外\ndate: 2024-11-07T16:59:03.000Z\nauthor: 例报\ntags: [ 例报 ]\n---\n"
    found = one(outer + MIRROR)
    assert found.title == "日本首相 [快讯]"
    # The date of such front matter is the time of sighting, not the article's own.
    assert (found.stated, found.seen) == (None, 1_730_998_743)
    assert (found.source, found.author) == (Source("news.example", "例报"), None)


def test_json_lines_as_exported() -> None:
    row = {"id": "1", "title": "题", "url": "https://news.example/1", "source": "例报", "author": "张三",
           "published": "2024-11-07T16:49:47Z", "text": "文", "html": "<p>文</p>"}  # fmt: skip
    found = one(json.dumps(row) + "\n")
    assert found == Entry("file:1", "题", "https://news.example/1", "1", Source("news.example", "例报"), "张三",
                          1_730_998_187, html="<p>文</p>")  # fmt: skip


def test_json_lines_need_only_a_title_and_one_of_address_and_text() -> None:
    assert one('{"title": "题", "text": "文"}').source is None
    assert one('{"title": "题", "url": "https://news.example/1"}').text == ""
    assert one('{"title": "题", "text": "文", "source": "www.Example.com"}').source == Source(
        "example.com", "example.com"
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"title": "题"}', "neither an address nor a text"),
        ('{"text": "文"}', "no title"),
        ('{"title": "题", "url": "javascript:alert(1)"}', "neither an address nor a text"),
        ('{"title": 5, "text": "x"}', "no title"),
        ('{"title": "题", "text": "x"', "not JSON"),
        ('{"a": ' * 5_000 + "1" + "}" * 5_000, "not JSON"),
    ],
)
def test_a_json_line_that_is_no_article_is_named_with_its_reason(line: str, expected: str) -> None:
    good = '{"title": "题", "text": "文"}'
    items = read(f"{good}\n{line}\n\n{good}\n")
    assert [type(item) for item in items] == [Entry, Skipped, Entry]
    assert isinstance(items[1], Skipped)
    assert items[1].origin == "file:2"
    assert expected in items[1].reason


@pytest.mark.parametrize(
    "published", ["2024-13-45", "", None, [], "1066-10-14T00:00:00Z", 1e99, "9999-01-01"]
)
def test_a_time_that_cannot_be_is_dropped_and_the_article_kept(published: object) -> None:
    assert one(json.dumps({"title": "题", "text": "文", "published": published})).stated is None


def test_a_lone_surrogate_in_json_does_no_harm() -> None:
    assert one('{"title": "题\\ud800", "text": "文"}').title == "题\ud800"


def test_json_feed_and_json_arrays() -> None:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "例报", "home_page_url": "https://news.example/",
            "items": [{"id": "1", "url": "https://news.example/1", "title": "题", "content_html": "<p>文</p>",
                       "date_published": "2024-11-07T16:49:47Z", "authors": [{"name": "甲"}, {"name": "乙"}]}]}  # fmt: skip
    for indent in (None, 2):
        found = one(json.dumps(feed, indent=indent))
        assert (found.source, found.author, found.stated) == (
            Source("news.example", "例报"),
            "甲、乙",
            1_730_998_187,
        )
    assert [
        item.title
        for item in read('[{"title": "一", "text": "x"}, {"title": "二", "text": "y"}]')
        if isinstance(item, Entry)
    ] == ["一", "二"]


def test_rss_with_china_standard_time_and_a_hidden_scheme() -> None:
    first, second = read(RSS)
    assert isinstance(first, Entry)
    assert isinstance(second, Entry)
    assert (first.guid, first.stated) == ("g1", 1_730_969_387)
    assert first.source == second.source == Source("news.example", "例报")
    assert second.url is None


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16"])
def test_a_feed_whose_header_lies(encoding: str) -> None:
    text = RSS.replace('"1.0"', '"1.0" encoding="utf-8"').replace("新闻", "今天的問題")
    first = read(text.encode(encoding, "replace"))[0]
    assert isinstance(first, Entry)
    assert first.title == "今天的問題一"


def test_gzip_is_read_and_a_cut_one_refused() -> None:
    packed = gzip.compress(b'{"title": "a", "text": "b"}\n' * 1000)
    assert len(read(packed)) == 1000
    with pytest.raises(SourceError, match="cut short"):
        read(packed[:-10])


def test_a_gzip_bomb_stops_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_INFLATED", 1_000_000)
    with pytest.raises(SourceError, match="inflates"):
        read(gzip.compress(b"\n" * 50_000_000))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not text"),
        (b"\x7fELF" + b"\x00\x01\x02\xff" * 500, "not text"),
        (b"just some words", "form is not known"),
        (b"<!DOCTYPE html><html><body>hi</body></html>", "web page"),
        (b"[not json", "not JSON"),
        (b"[1, 2", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"<rss><channel>" + b"<!--" * 30_000, "comments"),
        (b"<?xml version='1.0'?><html><body>x</body></html>", "web page"),
    ],
)
def test_what_is_no_article_is_refused_by_name(data: bytes, expected: str) -> None:
    with pytest.raises(SourceError, match=expected) as refused:
        read(data, "name.txt")
    assert "name.txt" in str(refused.value)


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda text: ("<!--1-->\n[" + text).encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(SourceError):
        read(data)


def test_front_matter_with_a_bomb_of_aliases_or_of_depth_is_read_line_by_line() -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{new}: &{new} [*{old}, *{old}]" for old, new in pairwise("abcdefghijklmnop")
    )
    for front in (f"title: 题\n{bomb}\ntags: *p", "title: 题\ntags: " + "[" * 50_000):
        assert one(f"---\n{front}\n---\n正文").title == "题"


def test_gzip_of_several_members_is_read_to_its_end() -> None:
    line = b'{"title": "a", "text": "b"}\n'
    assert len(read(gzip.compress(line) + gzip.compress(line) + b"\0" * 512)) == 2


def test_a_title_of_brackets_takes_no_time() -> None:
    with pytest.raises(SourceError):
        read("[" + "](" * 500_000 + "\n------\n")


def test_json_lines_in_utf_16() -> None:
    assert [
        type(item)
        for item in read('{"title": "题", "text": "文"}\n{"title": "目", "text": "文"}\n'.encode("utf-16"))
    ] == [Entry, Entry]


def test_atom_text_is_not_markup_and_relative_links_are_completed() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>例报</title><link href="https://news.example/"/><entry><id>1</id>'
        '<title>题</title><link href="/a/1.html"/><content type="text">若 1 &lt; 2 则</content></entry></feed>'
    )
    found = one(atom)
    assert (found.url, found.text, found.html) == ("https://news.example/a/1.html", "若 1 < 2 则", None)


def test_a_naive_time_in_a_feed_is_local() -> None:
    naive = RSS.replace("16:49:47 CST", "16:49:47")
    first = read(naive)[0]
    assert isinstance(first, Entry)
    assert first.stated == 1_730_969_387


def test_of_a_feed_with_very_many_entries_the_first_are_read_and_the_rest_counted() -> None:
    item = "<item><title>a</title><description>b</description></item>"
    items = read(f"<rss version='2.0'><channel>{item * 6_000}</channel></rss>")
    assert len(items) == 5_001
    assert isinstance(items[-1], Skipped)
    assert items[-1].reason == "1000 entries beyond 5,000"


@pytest.mark.shared_data
def test_every_real_archive_file_is_one_entry_with_its_title(unpacked: Path) -> None:
    files = sorted((unpacked / "archive").glob("*.txt"))
    assert len(files) == 2_421
    for path in files:
        with path.open("rb") as file:
            (item,) = archive.read_file(file, path.name, zone=ZONE)
        second_line = path.read_text(encoding="utf-8").split("\n")[1]
        assert isinstance(item, Entry)
        assert second_line.startswith(f"[{item.title}](")
        assert item.url


@pytest.mark.shared_data
def test_every_real_file_with_front_matter_is_one_entry_with_its_title(unpacked: Path) -> None:
    files = sorted((unpacked / "frontmatter").glob("*.md"))
    assert len(files) == 150
    for path in files:
        with path.open("rb") as file:
            (item,) = archive.read_file(file, path.name, zone=ZONE)
        stated = re.search(r'^title: "?(.*?)"?$', path.read_text(encoding="utf-8"), re.MULTILINE)
        assert isinstance(item, Entry)
        assert stated
        # One title has dots for what is longer in the item itself.
        assert item.title.startswith(stated[1].rstrip(". "))


@pytest.mark.shared_data
def test_re_encoded_feeds_have_the_titles_that_their_encoding_gives(unpacked: Path) -> None:
    files = sorted((unpacked / "feeds" / "transcoded").iterdir())
    assert len(files) == 25
    for path in files:
        encoding = path.name.split(".")[-2]
        twin = path.read_bytes().decode(encoding)
        twin = re.sub(r'encoding=["\'][^"\']+["\']', 'encoding="utf-8"', twin, count=1)
        titles = [
            [item.title for item in read(data, path.name) if isinstance(item, Entry)]
            for data in (path.read_bytes(), twin)
        ]
        assert titles[0] == titles[1] != []


@pytest.mark.shared_data
def test_real_feeds_have_entries_with_titles_and_times(unpacked: Path) -> None:
    files = sorted((unpacked / "feeds" / "zh").iterdir())
    assert len(files) == 40
    undated = 0
    for path in files:
        items = read(path.read_bytes(), path.name)
        assert items
        # A few pages there have no title of their own; the article takes it from the text.
        assert all(isinstance(item, Entry) and (item.title or item.html) for item in items)
        undated += sum(isinstance(item, Entry) and item.stated is None for item in items)
    # Hugo writes "Mon, 01 Jan 0001" for a page without a date.
    assert undated == 10


@pytest.mark.shared_data
def test_feedparsers_own_feeds_crash_nothing(unpacked: Path) -> None:
    files = [path for path in (unpacked / "feeds" / "feedparser" / "tests").rglob("*") if path.is_file()]
    assert len(files) > 300
    for path in files:
        try:
            read(path.read_bytes(), path.name)
        except SourceError as error:
            assert path.name in str(error)


@pytest.mark.parametrize("reference", ["&#xD800;", "&#xdfff;", "&#55296;", "&#x0000D834;", "&#057343;"])
def test_a_reference_to_what_is_no_character_costs_no_feed(reference: str) -> None:
    (item,) = read(
        f"<rss version='2.0'><channel><item><title>甲{reference}乙&#x4E19;&#55295;</title></item></channel>"
    )
    assert isinstance(item, Entry)
    assert item.title == "甲\ufffd乙丙\ud7ff"
