"""``/metrics``: what Prometheus reads of feeds, articles and index."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from searchsvc.web.app import create_app
from tests.ingest.site import Site, answer, rss, running
from tests.ingest.web import Web, web_of


@pytest.fixture
def site() -> Iterator[Site]:
    with running(hosts=3) as site:
        site.add("好", answer(rss("w"), etag=True))
        site.add("坏", answer(b"", status="500 Oops"))
        site.add("完", answer(b"", status="410 Gone"))
        yield site


@pytest.fixture
def web(site: Site, tmp_path: Path) -> Web:
    return web_of(site, tmp_path)


def figures(web: Web) -> dict[str, float]:
    """All samples, as ``name{value,value}`` without the names of labels."""
    answered = create_app(web.service).test_client().get("/metrics")
    assert (answered.status_code, answered.mimetype) == (200, "text/plain")
    return {
        f"{sample.name}{{{','.join(sample.labels.values())}}}": sample.value
        for family in text_string_to_metric_families(answered.text)
        for sample in family.samples
    }


def test_a_service_that_did_nothing_yet_has_figures(web: Web) -> None:
    found = figures(web)
    assert (found["searchsvc_feeds{new}"], found["searchsvc_articles{}"]) == (3, 0)
    assert "searchsvc_index_articles{}" not in found


def test_what_feeds_brought_and_how_they_do_is_counted(web: Web) -> None:
    web.ingest()
    web.ingest("--all")
    found = figures(web)
    assert [found[f"searchsvc_feeds{{{state}}}"] for state in ("well", "failing", "gone", "new")] == [
        1,
        1,
        1,
        0,
    ]
    fetches = {
        (feed, outcome): found[f"searchsvc_feed_fetches_total{{{feed},{outcome}}}"]
        for feed in ("好 0", "坏 1", "完 2")
        for outcome in ("fetched", "unmodified", "failed")
    }
    assert {key: count for key, count in fetches.items() if count} == {
        ("好 0", "fetched"): 1, ("好 0", "unmodified"): 1, ("坏 1", "failed"): 2, ("完 2", "failed"): 1,
    }  # fmt: skip
    assert (found["searchsvc_feed_new_articles_total{好 0}"], found["searchsvc_feed_failures{坏 1}"]) == (
        3,
        2,
    )
    assert found["searchsvc_feed_received_bytes_total{好 0}"] > len(rss("w"))
    assert found["searchsvc_feed_newest_article_timestamp_seconds{好 0}"] == 1_730_919_600
    assert found["searchsvc_feed_last_success_timestamp_seconds{好 0}"] > 1_731_024_000
    assert "searchsvc_feed_last_success_timestamp_seconds{坏 1}" not in found
    assert (found["searchsvc_articles{}"], found["searchsvc_index_articles{}"]) == (3, 3)
    assert found["searchsvc_index_bytes{}"] > 0


def test_addresses_are_not_told_since_some_are_secret(web: Web) -> None:
    web.ingest()
    assert "127.0.7" not in create_app(web.service).test_client().get("/metrics").text


def test_a_feed_list_that_is_broken_is_an_error_that_the_log_tells(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    web.service.settings.feeds.write_text("<opml")
    answered = create_app(web.service).test_client().get("/metrics")
    assert (answered.status_code, answered.mimetype) == (503, "application/problem+json")
    assert answered.json["code"] == "no_feed_list"  # type: ignore[index]
    assert "feeds.opml" not in answered.text
    assert "feeds.opml" in caplog.text
