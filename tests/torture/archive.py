"""A small archive of articles of our own, for the quick forms of rows that serve."""

from pathlib import Path

import config
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from tests.build import article, fill

TITLES = (
    "日本首相石破茂访问华盛顿",
    "立法院通過新預算 Budget 2025",
    "11月18日G20峰会在里约开幕",
    "covid-19 疫苗接种五年回顾",
    "乾隆皇帝的乾清宫",
    "特朗普與川普說的是同一個人",
)
PARTS = ("经济", "天氣", "体育", "股市", "教育", "交通")


def make_archive(folder: Path, size: int = 120) -> Service:
    """A service with some articles, in a folder as the environment of ``bench.service`` has it."""
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    service = open_service(load_settings(vars(config), folders))
    titled = [f"{TITLES[n % len(TITLES)]} {n}" for n in range(size)]
    return fill(
        service, (article(title, f"{title}。{PARTS[n % len(PARTS)]}新闻。") for n, title in enumerate(titled))
    )
