"""How often an address may ask, and whose address a request is from."""

import http.client
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from searchsvc.service import Service, open_service
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from searchsvc.web.counters import INHERITED
from searchsvc.web.headers import COMMON
from tests.web.conftest import serving

LIMIT = 3
PATH = "/api/v1/sources"


@pytest.fixture
def limited(news: Service, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.delenv(INHERITED, raising=False)
    return limited_app(news, proxies=0)


def limited_app(service: Service, proxies: int) -> Flask:
    wanted = {"rate_limit": f"{LIMIT} per hour", "trusted_proxies": proxies}
    return create_app(open_service(service.settings.model_copy(update=wanted)))


def ask(client: FlaskClient, address: str, path: str = PATH, forwarded: str | None = None) -> TestResponse:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers)


def statuses(client: FlaskClient, address: str, **more: str) -> list[int]:
    return [ask(client, address, **more).status_code for _ in range(LIMIT + 1)]


def test_who_asks_too_often_is_told_when_to_come_again(limited: Flask) -> None:
    client = limited.test_client()
    assert statuses(client, "192.0.2.1") == [200] * LIMIT + [429]
    answer = ask(client, "192.0.2.1")
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "too_many_requests"
    # Whole seconds, and the window is surely over.
    assert 0 < int(answer.headers["Retry-After"]) <= 3602


def test_others_are_not_refused(limited: Flask) -> None:
    client = limited.test_client()
    statuses(client, "192.0.2.1")
    assert ask(client, "192.0.2.2").status_code == 200


def test_people_get_a_page(limited: Flask) -> None:
    client = limited.test_client()
    statuses(client, "192.0.2.1")
    answer = ask(client, "192.0.2.1", "/search?q=x")
    assert (answer.status_code, answer.mimetype) == (429, "text/html")
    assert COMMON.items() <= dict(answer.headers).items()
    assert "请求太频繁" in answer.text
    assert "Retry-After" in answer.headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_who_watches_is_never_refused(limited: Flask, path: str) -> None:
    assert statuses(limited.test_client(), "192.0.2.1", path=path) == [200] * (LIMIT + 1)


def test_static_files_are_not_counted(limited: Flask) -> None:
    client = limited.test_client()
    for _ in range(LIMIT + 1):
        assert ask(client, "192.0.2.1", "/static/none/none.css").status_code == 404
    assert ask(client, "192.0.2.1").status_code == 200


def test_without_a_proxy_nobody_chooses_an_address(limited: Flask) -> None:
    client = limited.test_client()
    found = [ask(client, "192.0.2.1", forwarded=f"198.51.100.{n}").status_code for n in range(LIMIT + 1)]
    assert found[-1] == 429


@pytest.mark.parametrize("proxies", [1, 2])
def test_behind_proxies_only_what_they_add_counts(
    news: Service, monkeypatch: pytest.MonkeyPatch, proxies: int
) -> None:
    monkeypatch.delenv(INHERITED, raising=False)
    client = limited_app(news, proxies).test_client()
    added = ", ".join(["203.0.113.7", "10.0.0.2"][:proxies])
    spoofed = [f"198.51.100.{n}, {added}" for n in range(LIMIT + 1)]
    assert [ask(client, "10.0.0.1", forwarded=each).status_code for each in spoofed][-1] == 429
    other = ", ".join(["203.0.113.8", "10.0.0.2"][:proxies])
    assert ask(client, "10.0.0.1", forwarded=other).status_code == 200


def test_an_ipv6_network_is_one_sender(limited: Flask) -> None:
    client = limited.test_client()
    found = [ask(client, f"2001:db8:1:2::{n}").status_code for n in range(1, LIMIT + 2)]
    assert found[-1] == 429
    assert ask(client, "2001:db8:1:3::1").status_code == 200


def test_a_mapped_address_is_the_one_it_maps(limited: Flask) -> None:
    client = limited.test_client()
    statuses(client, "::ffff:192.0.2.1")
    assert ask(client, "192.0.2.1").status_code == 429


@pytest.fixture
def limited_settings(kept_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """What gunicorn is begun with has the limit in its environment."""
    monkeypatch.setitem(os.environ, "SEARCHSVC_RATE_LIMIT", "20 per hour")
    monkeypatch.setitem(os.environ, "SEARCHSVC_TRUSTED_PROXIES", "1")
    yield kept_settings


def test_workers_count_together(news: Service, limited_settings: Settings, tmp_path: Path) -> None:
    with serving(limited_settings, tmp_path / "log") as server:
        found = []
        for _ in range(40):
            # A connection of its own each, so that both workers are met.
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            connection.request("GET", PATH, headers={"X-Forwarded-For": "203.0.113.9"})
            found.append(connection.getresponse().status)
            connection.close()
    assert found == [200] * 20 + [429] * 20
