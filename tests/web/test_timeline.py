"""The timeline on the results page: every link leads to as many hits as it says."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborNode

from searchsvc.article import Source
from searchsvc.service import Service
from searchsvc.web.app import create_app
from tests.build import article, fill
from tests.web.test_pages import one, tree, words

# What may be sent for a first page of results, in bytes before compression.
LARGEST_PAGE_BYTES = 50_000


def total(client: FlaskClient, address: str) -> int:
    return int(re.sub(r"\D", "", one(tree(client, address), ".summary h1").text()))


def href(node: LexborNode) -> str:
    return "/search" + str(node.attributes["href"])


def said(node: LexborNode) -> int:
    """The count at the end of a link's words."""
    return int(re.findall(r"([\d,]+) 篇", node.css_first("title").text())[-1].replace(",", ""))


@pytest.mark.parametrize(
    "query",
    [
        "q=经济",
        "q=经济&from=2024-10",
        "q=石破茂",
        "q=今天&tz=America/New_York",
        # The first and the last day are cut in their middle.
        "q=经济&from=2024-09-24T18:00Z&to=2024-11-07T12:00",
        "q=石破茂&from=2024-11-07T16:49:47Z&to=2024-12-20",
        "sort=newest",
    ],
)
def test_every_bar_leads_to_as_many_hits_as_it_says(client: FlaskClient, query: str) -> None:
    links = tree(client, f"/search?{query}").css(".plot a")
    assert links
    for link in links:
        assert total(client, href(link)) == said(link)
    undated = total(client, f"/search?{query}") - sum(map(said, links))
    assert undated == (1 if query == "sort=newest" else 0)


def test_bars_are_months_where_days_are_too_many_and_days_within_a_month(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济")
    assert [node.text() for node in page.css(".plot title")] == [
        "2024年9月24日 – 2024年9月30日：7 篇",
        "2024年10月：31 篇",
        "2024年11月1日 – 2024年11月7日：7 篇",
    ]
    month = tree(client, href(page.css(".plot a")[1]))
    assert len(month.css(".plot a")) == 31
    assert month.css(".plot title")[0].text() == "2024年10月1日：1 篇"


def test_the_numbers_are_there_as_a_table(client: FlaskClient) -> None:
    page = tree(client, "/search?q=石破茂")
    rows = [
        (row.css_first("th").text(), row.css_first("td").text(strip=True))
        for row in page.css(".below tbody tr")
    ]
    assert rows == [("2024-11-08", "1"), ("2024-12-08", "1")]
    assert words(page, ".below thead th") == ["日", "篇数"]


def test_the_script_is_told_what_the_picture_shows(client: FlaskClient) -> None:
    chart = one(tree(client, "/search?q=经济&from=2024-11-05T12:00&sort=oldest"), ".chart").attributes
    assert (chart["data-timeline"], chart["data-first"], chart["data-counts"]) == ("day", "2024-11-06", "1 1")
    assert chart["data-href"] == "?q=经济&sort=oldest"
    assert "data-since" not in chart
    cut = one(tree(client, "/search?q=经济&from=2024-11-06T00:01&to=2024-11-07T12:00"), ".chart").attributes
    assert (cut["data-since"], cut["data-until"]) == ("2024-11-06T00:01", "2024-11-07T12:00")


def test_hits_of_one_day_need_no_picture(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济&from=2024-11-01&to=2024-11-01")
    assert one(page, "[data-readout]").text() == "2024年11月1日：1 篇"
    assert not page.css(".chart, .below table")


def test_the_summary_tells_from_when_to_when_and_the_most(client: FlaskClient) -> None:
    said = one(tree(client, "/search?q=今天"), "[data-readout]").text()
    assert said == "2024年9月24日 – 2024年11月7日 · 最多的是2024年9月24日：1 篇"


def test_what_has_no_date_is_told(client: FlaskClient) -> None:
    page = tree(client, "/search?sort=newest")
    assert "1 篇没有日期" in one(page, ".below").text()
    alone = tree(client, "/search?q=无日期")
    assert "1 篇没有日期" in one(alone, ".below").text()
    assert not alone.css(".chart")


def test_a_range_can_be_widened_again(client: FlaskClient) -> None:
    page = tree(client, "/search?q=经济&from=2024-10&to=2024-10&source=news.example&page=2")
    widen = one(page, ".readout a")
    assert widen.text() == "放宽到全部时间"
    assert widen.attributes["href"] == "?q=经济&source=news.example"
    assert not tree(client, "/search?q=经济").css(".readout a")


@pytest.mark.parametrize(
    ("query", "current"),
    [
        ("q=经济", "全部时间"),
        ("from=P7D", "7 天"),
        ("from=p30d", "30 天"),
        ("from=Ｐ１Ｙ", "1 年"),
        ("from=今天", "今天"),
        ("from=today", "今天"),
        ("from=P7D&to=2024", None),
        ("q=经济&from=2024-10", None),
        ("q=经济&to=2024-11", None),
    ],
)
def test_the_range_that_is_asked_for_is_marked(service: Service, query: str, current: str | None) -> None:
    now = int(datetime.now(UTC).timestamp())
    fill(
        service,
        [
            article("经济", "今天", stated=now - 60),
            article("经济", "从前", stated=1_730_000_000, url="https://news.example/2"),
        ],
    )
    client = create_app(service).test_client()
    query = query.replace("to=2024", f"to={datetime.now(UTC).year}") if "P7D" in query else query
    page = tree(client, f"/search?{query}")
    assert words(page, ".ranges [aria-current]") == ([current] if current else [])
    assert len(page.css(".ranges a")) == 5
    for link in page.css(".ranges a"):
        assert total(client, href(link)) in (1, 2)


def test_all_dates_without_words_is_the_list_of_everything(client: FlaskClient) -> None:
    page = tree(client, "/search?from=2024-10&to=2024-10")
    assert page.css(".ranges a")[-1].attributes["href"] == "?sort=newest"


def test_hits_can_be_compared_with_other_words(client: FlaskClient) -> None:
    link = one(tree(client, "/search?q=经济&from=2024-10&sort=newest&page_size=50"), ".below p:last-child a")
    assert link.attributes["href"] == "/trends?q=经济&from=2024-10"
    assert tree(client, str(link.attributes["href"])).css(".chart")


def test_a_page_with_144_months_and_53_sources_is_small(service: Service) -> None:
    # As long as news is: passages are cut, whatever follows.
    text = "石破茂说，日美关系很重要，双方将在华盛顿会面，讨论贸易与安全。" * 20
    articles = [
        replace(
            article(f"日本首相石破茂会晤来访的美国总统第{n}次", text, stated=1_340_000_000 + n * 2_620_000),
            source=Source(f"news{n % 53}.example.com", f"第{n % 53}家例子新闻网"),
        )
        for n in range(144)
    ]
    client = create_app(fill(service, articles)).test_client()
    answer = client.get("/search?q=石破茂&from=2012-06&to=2024-06")
    page = tree(client, "/search?q=石破茂&from=2012-06&to=2024-06")
    assert (len(page.css(".hits li")), len(page.css(".sources li"))) == (20, 53)
    assert len(str(one(page, ".chart").attributes["data-counts"]).split()) == 144
    assert len(answer.data) < LARGEST_PAGE_BYTES
