"""What would be taken of a feed, and whether it is whole."""

import pytest

from searchsvc.ingest.feeds import Feed
from searchsvc.ingest.items import Skipped
from searchsvc.ingest.preview import preview
from tests.build import NOW, ZONE, entry

LONG = "这是一篇完整的报道。" * 60


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([LONG, LONG, LONG], "full text"),
        ([LONG, LONG, "短讯。"], "full text"),
        (["短讯。", "短讯。", LONG], "teasers"),
        ([LONG + "…", LONG + "[...]", LONG], "teasers"),
        ([LONG + " 阅读全文 »", LONG + "繼續閱讀"], "teasers"),
        ([], "no articles"),
    ],
)
def test_a_feed_has_full_text_or_teasers(texts: list[str], said: str) -> None:
    entries = tuple(entry(f"第{number}篇", text) for number, text in enumerate(texts))
    assert preview(Feed("例", entries, ()), zone=ZONE, now=NOW).fullness == said


def test_what_would_be_skipped_is_told_with_its_reason() -> None:
    seen = preview(Feed("例", (entry("一"), entry("", "")), (Skipped("x", "why"),)), zone=ZONE, now=NOW)
    assert [article.title for article in seen.articles] == ["一"]
    assert (len(seen.skipped), seen.skipped[0]) == (2, "why")
