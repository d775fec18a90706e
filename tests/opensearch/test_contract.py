"""The contract, on the engine in a cluster: whatever is asked, the answer is the one of the engine of one machine.

Ids, order, totals, facets, spans, cursors and errors, through the HTTP doors, on the samples and the archive of
the web's tests.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bench.service import opened
from searchsvc.commands import register
from searchsvc.web.app import create_app
from tests.build import fill
from tests.opensearch.nodes import Nodes
from tests.web.conftest import ROOT, archive

# What depends on the moment, the machine, or the name of an index.
FLEETING = {"took_ms", "index", "generation", "seconds", "database_bytes", "retrieved_at", "last_ingest"}

QUERIES = [
    "", "石破茂", "石破", "茂", "特朗普 石破茂", "日美關係", "日美关系", "五分鐘的電話", '"五分钟的电话"', "石破茂 OR 海港",
    "起重机 -橘子", "NOT 石破茂", "(石破茂 OR 候鸟) 工人", "石破茂寻求会晤特朗普说没有的词", "intitle:石破茂", "source:voa.example",
    "source:美国之声 石破茂", "author:张三", "author:張三", "date:2024-11", "date:2024-11-01/2024-11-30 石破茂",
    "before:2024-12-01", "after:2024-11-07", "=茂", "=電話", "=电话", "-=電話", "lib*", "G20", "g20峰会", "obser* 天文",
    "libary~", "ravensford~ 选举", "计程车", "計程車", "软件", "intitle:（石破茂 OR 海港）", "的", "乾清宫", "＂石破茂＂",
    "script", "img src", "a", "1", "(((", '"', "~", "*", "OR", "𠮷", "\ud800",
]  # fmt: skip
PARAMETERS = [
    "",
    "sort=newest",
    "sort=oldest&page_size=7",
    "page_size=5&page=2",
    "facets=source,timeline",
    "from=2024-11&to=2024-11-30&facets=timeline&tz=America/New_York",
    "source=voa.example&source=udn.example",
    "exclude_source=voa.example&facets=source",
    "author=张&search_in=title",
    "search_in=content&variants=off",
    "script=hant",
    "fold=on&facets=source,timeline",
    "fold=on&sort=oldest&page_size=3&page=2",
]
WRONG = [
    "sort=best", "page=0", "page_size=101", "page=501&page_size=20", "from=2025&to=2024", "tz=Mars/Base", "facets=colour",
    "search_in=body", "fold=maybe", "cursor=x", "cursor=&page=2", "cursor=&fold=on", "author=、&author=", "nothing=1", "from=2024-13-01",
]  # fmt: skip


CURSOR = re.compile(r"cursor=[\w-]+")
UPDATED = re.compile(r"<updated>[^<]*</updated>")
# Scores have four digits behind the point, and may be rounded either way.
ROUNDED = 1.1e-4


@dataclass(frozen=True, slots=True)
class Doors:
    """The service on each of the two engines."""

    here: Flask
    there: Flask

    def ask(self, address: str) -> Any:
        """The answer of both; fails where they differ."""
        here, there = (app.test_client().get(address) for app in (self.here, self.there))
        assert (there.status_code, there.content_type) == (here.status_code, here.content_type), there.text
        if "json" not in there.content_type:
            assert UPDATED.sub("", there.text) == UPDATED.sub("", here.text)
            return there.text
        assert lasting(there.get_json()) == lasting(here.get_json())
        return there.get_json()

    def walk(self, address: str) -> list[str]:
        """The ids that a walk meets on both; fails where they differ."""
        here, there = ([*walked(app.test_client(), address)] for app in (self.here, self.there))
        assert there == here
        return there

    def run(self, *arguments: str) -> str:
        """What a command says on both; fails where they differ."""
        here, there = (app.test_cli_runner().invoke(args=arguments) for app in (self.here, self.there))
        assert there.exit_code == here.exit_code, there.output
        if "--json" in arguments:
            assert lasting(json.loads(there.output)) == lasting(json.loads(here.output))
        elif "reindex" not in arguments:
            assert there.output == here.output
        return there.output


@pytest.fixture(scope="module")
def doors(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Doors:
    """The same articles, stored and indexed by each."""
    cluster = {
        "SEARCHSVC_ENGINE": "opensearch",
        "SEARCHSVC_OPENSEARCH_URL": nodes.urls,
        "SEARCHSVC_OPENSEARCH_INDEX": "contract",
        "SEARCHSVC_OPENSEARCH_SHARDS": "3",
    }
    folder = tmp_path_factory.mktemp("contract")
    doors = Doors(filled(folder / "here"), filled(folder / "there", **cluster))
    doors.run("ingest", str(ROOT / "samples" / "*.txt"))
    return doors


def filled(folder: Path, **variables: str) -> Flask:
    """The service with the web tests' archive in it, and its commands."""
    service = fill(opened(folder, **variables), archive())
    app = create_app(service)
    register(app, service)
    return app


def lasting(value: Any, path: str = "") -> dict[str, Any]:
    """An answer as its single values, without what is fleeting; scores as far as they are rounded."""
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        each = [lasting(part, f"{path}/{name}") for name, part in parts if name not in FLEETING]
        return {place: one for part in each for place, one in part.items()}
    if isinstance(value, float):
        return {path: pytest.approx(value, abs=ROUNDED)}
    # A cursor has the key of its hit in it, digit by digit.
    return {path: CURSOR.sub("cursor=…", value) if isinstance(value, str) else value}


def test_every_kind_of_query_is_answered_the_same(doors: Doors) -> None:
    totals = {
        q: doors.ask(f"/api/v1/search?q={escaped(q)}&facets=source,timeline").get("total") for q in QUERIES
    }
    assert totals["石破茂"] == totals["石破"] > 0


@pytest.mark.parametrize("parameters", PARAMETERS)
def test_every_parameter_means_the_same(doors: Doors, parameters: str) -> None:
    for q in ("", "石破茂", "的", "海港 起重机", "不 OR 说"):
        doors.ask(f"/api/v1/search?q={escaped(q)}&{parameters}")


@pytest.mark.parametrize("parameters", WRONG)
def test_what_is_wrong_is_refused_the_same(doors: Doors, parameters: str) -> None:
    assert doors.ask(f"/api/v1/search?q=石&{parameters}")["status"] == 400


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("q", ["", "的", "石破茂 OR 海港"])
def test_walks_go_the_same_way(doors: Doors, q: str, sort: str) -> None:
    asked = f"/api/v1/search?q={escaped(q)}&sort={sort}&page_size=7&cursor="
    met = doors.walk(asked)
    assert len(met) == len(set(met)) == doors.ask(asked)["total"]


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/sources",
        "/api/v1/stats",
        "/api/v1/suggest?q=石",
        "/api/v1/suggest?q=shi",
        "/search.atom?q=的",
    ],
)
def test_other_doors_answer_the_same(doors: Doors, address: str) -> None:
    doors.ask(address)


def test_articles_have_the_same_neighbours(doors: Doors) -> None:
    for hit in doors.ask("/api/v1/search?q=的&page_size=30")["articles"]:
        doors.ask(f"/api/v1/articles/{hit['id']}")
        doors.ask(f"/api/v1/articles/{hit['id']}/similar")


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "石破茂", "--json"),
        ("search", "海港", "--sort", "oldest", "--json"),
        ("check",),
        ("export",),
    ],
)
def test_commands_say_the_same(doors: Doors, arguments: tuple[str, ...]) -> None:
    doors.run(*arguments)


def test_what_changes_is_found_anew_and_what_was_rolled_back_is_caught_up(
    doors: Doors, tmp_path: Path
) -> None:
    lines = tmp_path / "more.jsonl"
    fields = {"title": "码头上的新灯塔", "url": "https://voa.example/tower", "source": "voa.example"}

    def put(text: str) -> None:
        lines.write_text(json.dumps(fields | {"text": text}))
        doors.run("ingest", str(lines))

    def found(q: str) -> int:
        # By time: what was replaced still counts for scores here until segments are merged.
        return int(doors.ask(f"/api/v1/search?q={q}&sort=newest")["total"])

    put("灯塔亮了一整夜。")
    assert found('"亮了一整夜"') == 1
    put("灯塔熄灭之後，渔船靠着星星回家。")
    assert (found('"亮了一整夜"'), found("星星")) == (0, 1)
    doors.run("reindex")
    assert doors.ask("/api/v1/search?q=星星回家")["total"] == 1
    put("灯塔又亮了。")
    doors.run("reindex", "--rollback")
    assert (found("星星"), found("又亮了")) == (0, 1)


def walked(client: FlaskClient, address: str | None) -> Iterator[str]:
    """The ids of all hits, page after page."""
    while address:
        page = client.get(address).get_json()
        yield from (article["id"] for article in page["articles"])
        address = page["next"]


def escaped(q: str) -> str:
    return quote(q.encode("utf-8", "surrogatepass"))
