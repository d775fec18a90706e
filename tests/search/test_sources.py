"""What people call a source."""

import pytest

from searchsvc.search.sources import named

SOURCES = {
    "voachinese.com": "美国之音",
    "bbc.com": "BBC 中文",
    "bbc.com.example": "另一家",
    "udn.com": "聯合新聞網",
}


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("voachinese.com", ["voachinese.com"]),
        ("bbc.com", ["bbc.com"]),
        ("BBC.com", ["bbc.com"]),
        ("美國之音", ["voachinese.com"]),
        ("联合新闻", ["udn.com"]),
        ("bbc", ["bbc.com", "bbc.com.example"]),
        ("无此报", []),
        (" \u200b", []),
    ],
)
def test_a_source_is_meant_by_its_id_its_name_or_a_part_of_either(typed: str, ids: list[str]) -> None:
    assert named(lambda: SOURCES, typed) == ids
