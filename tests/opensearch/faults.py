"""Nodes that are killed and a cluster that is gone, while people search and while articles come in.

Nodes that come and go take minutes, so this is run by its own command: ``make faults``.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from searchsvc.article import Article
from searchsvc.commands import register
from searchsvc.ingest.check import check
from searchsvc.ingest.index import catch_up, compare, rebuild
from searchsvc.service import Service
from searchsvc.store.articles import Write
from searchsvc.web.app import create_app
from tests.build import article, fill
from tests.opensearch.nodes import Nodes, running
from tests.opensearch.test_start import in_cluster

ARTICLES = 400
# How long after a node is gone its copies may take to answer in its place.
TAKING_OVER_SECONDS = 4.0


@pytest.fixture(scope="module")
def three() -> Iterator[Nodes]:
    """Three nodes, to be killed: two are enough to go on."""
    with running(3) as nodes:
        yield nodes


@pytest.fixture
def service(three: Nodes, name: str, tmp_path: Path) -> Iterator[Service]:
    """A service on all three, with some articles, two copies of each."""
    three.start()
    shards = {"SEARCHSVC_OPENSEARCH_SHARDS": "3", "SEARCHSVC_OPENSEARCH_REPLICAS": "1"}
    service = in_cluster(tmp_path, three.urls, SEARCHSVC_OPENSEARCH_INDEX=name, **shards)
    yield fill(service, articles(0, ARTICLES))
    three.start()


def articles(first: int, count: int) -> list[Article]:
    """Articles that all have a word in common, and each one of its own."""
    return [
        article(
            f"灯塔第{number}号",
            f"灯塔{number}号昨夜亮了。渔船回来了，带着第{number}箱鱼。" * 5,
            url=f"https://a.example/{number}",
        )
        for number in range(first, first + count)
    ]


@contextmanager
def searching(app: Flask, statuses: Counter[int]) -> Iterator[None]:
    """Four people who search all the time."""
    done = threading.Event()

    def search() -> None:
        client, number = app.test_client(), 0
        while not done.is_set():
            number += 1
            answer = client.get(f"/api/v1/search?q=灯塔 第{number % ARTICLES}号&facets=source")
            found = answer.status_code != 200 or answer.get_json()["total"] > 0
            statuses[answer.status_code if found else 0] += 1

    people = [threading.Thread(target=search) for _ in range(4)]
    for person in people:
        person.start()
    try:
        yield
    finally:
        done.set()
        for person in people:
            person.join()


def test_a_node_killed_while_people_search_fails_none_of_them(three: Nodes, service: Service) -> None:
    app, statuses = create_app(service), Counter[int]()
    for node in (three.each[0], three.each[2]):
        with searching(app, statuses):
            time.sleep(1)
            node.kill()
            time.sleep(TAKING_OVER_SECONDS)
        three.start()
    assert statuses[200] >= 4
    assert set(statuses) == {200}


def test_a_node_killed_while_articles_come_in_loses_none(three: Nodes, service: Service) -> None:
    app, statuses = create_app(service), Counter[int]()
    stopped = threading.Timer(1.0, three.each[1].kill)
    stopped.start()
    with searching(app, statuses):
        for first in range(ARTICLES, 4 * ARTICLES, 200):
            fill(service, articles(first, 200))
    stopped.join()
    assert compare(service.store, service.engine) == (set(), set())
    assert service.engine.current().count == 4 * ARTICLES
    assert set(statuses) == {200}
    three.start()
    assert check(service.store, service.engine) == []


def test_a_node_killed_while_an_index_is_built_leaves_the_old_one_or_the_whole_new_one(
    three: Nodes, service: Service
) -> None:
    service.store.put([Write(each) for each in articles(ARTICLES, 6 * ARTICLES)])
    catch_up(service.store, service.engine)
    before = service.engine.current().name
    stopped = threading.Timer(0.6, three.each[1].kill)
    stopped.start()
    try:
        rebuild(service.store, service.engine)
    except Exception as error:  # Whatever it says: the old one must answer.
        assert service.engine.current().name == before, error
    stopped.join()
    three.start()
    assert compare(service.store, service.engine) == (set(), set())
    rebuild(service.store, service.engine)
    assert compare(service.store, service.engine) == (set(), set())
    assert len(service.engine.states.all()) == 2


def test_while_the_cluster_is_gone_searches_are_told_to_come_back_and_articles_are_kept(
    three: Nodes, service: Service, tmp_path: Path
) -> None:
    app = create_app(service)
    register(app, service)
    three.stop()
    answer = app.test_client().get("/api/v1/search?q=灯塔")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "no_index")
    assert int(answer.headers["Retry-After"]) > 0
    assert app.test_client().get("/search?q=灯塔").status_code == 503
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200
    assert app.test_client().get("/metrics").status_code == 200
    lines = tmp_path / "more.jsonl"
    lines.write_text(
        '{"title": "灯塔修好了", "url": "https://a.example/mended", "text": "灯塔修好了，渔船都回来了。"}\n'
    )
    told = app.test_cli_runner().invoke(args=["ingest", str(lines)])
    assert told.exit_code == 1
    assert "does not answer" in told.output
    assert "articles are safe in the database" in told.output
    assert service.store.count() == ARTICLES + 1
    three.start()
    told = app.test_cli_runner().invoke(args=["ingest", str(lines)])
    assert (told.exit_code, "1 articles indexed" in told.output) == (0, True), told.output
    assert app.test_client().get("/api/v1/search?q=修好了").get_json()["total"] == 1
