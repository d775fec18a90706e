"""Suggestions on real articles: names and words with one character damaged, and as they are."""

import gzip
import itertools
import json
from pathlib import Path

import pytest

import config
from searchsvc.search.request import Request
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.suggest.complete import complete
from searchsvc.suggest.correct import corrections
from searchsvc.suggest.lookup import Lookup
from searchsvc.text.fold import fold
from tests.build import article, fill

pytestmark = [pytest.mark.shared_data, pytest.mark.usefixtures("enough_time")]

DAMAGED = [
    ("特朗甫", "特朗普"), ("特朗昔", "特朗普"), ("败登", "拜登"), ("佩络西", "佩洛西"), ("蓬配奥", "蓬佩奥"),
    ("习进平", "习近平"), ("蔡因文", "蔡英文"), ("新寇病毒", "新冠病毒"), ("安培晋三", "安倍晋三"), ("普经", "普京"),
]  # fmt: skip


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service with every tenth of the real articles."""
    folder = tmp_path_factory.mktemp("real")
    folders = {"SEARCHSVC_DATA_DIR": str(folder / "data"), "SEARCHSVC_INDEX_DIR": str(folder / "index")}
    service = open_service(load_settings(vars(config), folders))
    with gzip.open(shared / "data" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in itertools.islice(lines, 0, None, 10)]
    return fill(service, [article(row["title"], row["text"], url=row["url"]) for row in rows])


def offered(q: str, service: Service) -> tuple[str, ...]:
    def total(other: str) -> int:
        answer = service.search.find(Request(q=other, variants="off"))
        return answer.found.total if answer.matched == "all" else 0

    lookup = Lookup(service.store, service.engine, service.settings.names)
    return corrections(q, [q], total(q), total, lookup)


def test_most_damaged_names_are_mended(real: Service) -> None:
    mended = [typed for typed, meant in DAMAGED if meant in offered(typed, real)]
    assert len(mended) >= len(DAMAGED) - 2, mended


def test_names_as_they_are_are_left_alone(real: Service) -> None:
    assert [meant for _, meant in DAMAGED if offered(meant, real)] == []


def test_a_name_is_completed_from_its_first_character(real: Service) -> None:
    lookup = Lookup(real.store, real.engine, real.settings.names)
    for _, meant in DAMAGED:
        found = [one.text for one in complete(meant[:2], 8, lookup)]
        assert any(fold(text).startswith(meant) for text in found) or len(meant) == 2, (meant, found)
