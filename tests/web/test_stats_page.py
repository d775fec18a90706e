"""The figures as a page and as JSON: the same numbers, told to everybody."""

from dataclasses import replace

from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from searchsvc.ingest.items import Failed, Item, Skipped
from searchsvc.ingest.pipeline import ingest
from searchsvc.service import Service
from searchsvc.store.runs import Run, SourceRun
from searchsvc.web.app import create_app
from searchsvc.web.charts import HEIGHT, bars
from searchsvc.web.stats_page import MOST_ROWS
from tests.build import NOW, ZONE, article, entry, fill
from tests.web.conftest import MARKUP


def tree(client: FlaskClient, language: str = "zh-CN") -> LexborHTMLParser:
    answer = client.get("/stats", headers={"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return LexborHTMLParser(answer.text)


def words(page: LexborHTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def test_the_api_has_the_figures(client: FlaskClient) -> None:
    figures = client.get("/api/v1/stats").json
    assert (figures["articles"], figures["undated"], figures["timezone"]) == (50, 1, "Asia/Shanghai")
    assert (figures["first"][:4], figures["last"]) == ("2000", "2024-12-07T16:49:47Z")
    assert sum(bucket["count"] for bucket in figures["months"]) == 49
    assert sum(bucket["count"] for bucket in figures["days"]) == 48
    assert figures["index"]["articles"] == 50
    assert [source["id"] for source in figures["sources"]][:2] == ["news.example", "voa.example"]
    assert sum(figures["sources"][0]["trend"]) + figures["sources"][0]["undated"] == 46
    assert figures["last_ingest"] is None


def test_the_figures_are_not_sent_again_unchanged(client: FlaskClient) -> None:
    for address in ("/api/v1/stats",):
        first = client.get(address)
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
    assert client.get("/api/v1/stats?q=a").json["code"] == "unknown_param"
    assert client.get("/stats?q=a").status_code == 200


def test_the_page_shows_them(client: FlaskClient) -> None:
    page = tree(client)
    assert words(page, ".tiles dd")[0] == "50"
    assert "其中 1 篇没有日期" in words(page, ".tiles .note")
    assert words(page, "#by-source ~ .wide-table tbody th")[0] == "例报 news.example"
    (first, *_) = page.css("#by-source ~ .wide-table tbody a")
    listed = LexborHTMLParser(client.get(str(first.attributes["href"])).text)
    assert words(listed, "h1") == ["共 46 篇"]
    assert words(page, "#ingest ~ p") == ["还没有收录记录。"]


def test_pictures_have_their_numbers_beside_them(client: FlaskClient) -> None:
    page = tree(client)
    figures = client.get("/api/v1/stats").json
    for name in ("days", "months"):
        section = f"section:has(#chart-{name})"
        rows = page.css(f"{section} tbody tr")
        shown = {row.css("th")[0].text(strip=True): int(row.css("td")[0].text(strip=True)) for row in rows}
        assert shown == {bucket["start"]: bucket["count"] for bucket in figures[name]}
        with_articles = {name: count for name, count in shown.items() if count}
        titles = words(page, f"{section} svg a title")
        assert titles == [f"{name}：{count} 篇" for name, count in reversed(with_articles.items())]
        href = page.css(f"{section} tbody a")[0].attributes["href"]
        listed = LexborHTMLParser(client.get(str(href)).text)
        assert words(listed, "h1") == [f"共 {next(iter(with_articles.values()))} 篇"]


def test_bars_are_drawn_to_scale_and_the_smallest_is_still_seen() -> None:
    drawn = bars([0, 50, 100, 1_000_000])
    assert drawn.count("M") == 3
    assert "M3 100V0h" in drawn
    assert f"M1 {HEIGHT}V{HEIGHT}" not in drawn
    assert bars([]) == bars([0, 0]) == ""


def test_the_last_ingest_is_told_with_what_was_left_out(service: Service) -> None:
    items: list[Item] = [entry("一"), Skipped("b.jsonl:7", "it has neither a title nor a text")]
    sources = [
        ("a.jsonl", iter(items)),
        ("https://x.example/feed", iter([Failed("https://x.example/feed", MARKUP)])),
    ]
    ingest(sources, service.store, service.engine, zone=ZONE, now=NOW)
    page = tree(create_app(service).test_client())
    rows = [
        [cell.text(strip=True) for cell in row.css("th, td")] for row in page.css("#ingest ~ .wide-table tr")
    ]
    assert rows[1:] == [
        ["https://x.example/feed", "0", "0", "0", "0", "1"],
        ["a.jsonl", "1", "0", "0", "1", "0"],
        ["共 2 个来源", "1", "0", "0", "1", "1"],
    ]
    assert page.css(".failing th")[0].text() == "https://x.example/feed"
    reasons = words(page, ".reasons ul li")
    assert reasons[0] == "跳过 b.jsonl:7 it has neither a title nor a text"
    assert MARKUP in reasons[1]
    assert not page.css("script:not([src]), img")


def test_a_run_that_was_stopped_or_has_no_end_is_told(service: Service) -> None:
    fill(service, [article()])
    service.runs.end(service.runs.begin(NOW), Run(NOW, 1, 0, (), "IndexBusy"))
    client = create_app(service).test_client()
    assert "IndexBusy" in words(tree(client), "#ingest ~ .notice.wrong")[0]
    service.runs.begin(NOW + 60)
    assert "2024年11月8日 08:01" in words(tree(client), "#ingest ~ .notice:not(.wrong)")[0]
    assert client.get("/api/v1/stats").json["unfinished_ingest"] == "2024-11-08T00:01:00Z"


def test_a_long_list_of_sources_is_cut_and_says_so(service: Service) -> None:
    fill(service, [article()])
    sources = tuple(SourceRun(f"{n}", 0, 0, 1, 0, 0) for n in range(MOST_ROWS + 5))
    service.runs.end(service.runs.begin(NOW), Run(NOW, 1, 0, sources))
    page = tree(create_app(service).test_client())
    assert len(page.css("#ingest ~ .wide-table tbody tr")) == MOST_ROWS
    assert words(page, "#ingest ~ .wide-table tfoot th") == [f"共 {MOST_ROWS + 5} 个来源"]


def test_an_archive_without_articles_or_index_has_a_page(service: Service) -> None:
    page = tree(create_app(service).test_client(), "en")
    assert words(page, "h1") == ["Figures"]
    assert "There is none yet" in words(page, ".tiles .note")
    assert not page.css("svg")


def test_one_article_is_not_many_in_english(service: Service) -> None:
    fill(service, [replace(article(), published=None, published_from=None)])
    page = tree(create_app(service).test_client(), "en")
    assert "1 article" in words(page, ".tiles .note")
    assert "1 of them without a date" in words(page, ".tiles .note")
