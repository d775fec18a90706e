"""A small archive to be completed, corrected and compared."""

from pathlib import Path

import pytest

import config
from searchsvc.article import Article
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.suggest.lookup import Lookup
from tests.build import NOW, article, fill

DAY = 86_400


def archive() -> list[Article]:
    """Both scripts, a name in four articles, a word that only one has, words in letters."""
    ago = iter(range(100))
    return [
        article(title, text, stated=NOW - next(ago) * DAY)
        for title, text in [
            ("石破茂会见记者", "石破茂说，渡轮明年增加班次。"),
            ("石破茂談渡輪", "石破茂表示，渡輪班次會增加。"),
            ("石破茂寻求连任", "石破茂在东京谈渡轮。"),
            ("石破茂出席鹤节", "石破茂在鹤节上致辞。"),
            ("石油价格下跌", "石油便宜了，渡轮的票价没有变。"),
            ("石油公司裁员", "石油公司说要裁员。"),
            ("钻石展览开幕", "展览有很多钻石。"),
            ("國會通過預算", "國會昨天通過了預算。"),
            ("图书馆换灯 Lantern 系列到货", "The Lantern company sent lanterns. Lantern."),
            ("图书馆的 Lantern 亮了", "Lantern 很亮。"),
            ("夜市的 Lantern", "Lantern 又来了。"),
            ("特朗普谈关税", "特朗普说要加税。"),
            ("特朗普回应", "特朗普没有回应。"),
            ("特朗普启程", "特朗普昨天启程。"),
            ("川普啟程", "川普昨天啟程，前往海邊。"),
            ("石坡村的一天", "石坡村很安静。"),
        ]
    ]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service with the archive in it. Only for reading."""
    folder: Path = tmp_path_factory.mktemp("kept")
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    return fill(open_service(load_settings(vars(config), folders)), archive())


@pytest.fixture(scope="module")
def lookup(kept: Service) -> Lookup:
    return Lookup(kept.store, kept.engine, kept.settings.names)
