"""Whatever is typed is answered, by every door: the benchmark's hostile queries, a few hundred of them."""

import json

import pytest
from flask.testing import FlaskClient

from bench.malice import queries
from tests.web.conftest import archive

QUERIES = list(queries([article.title[:60] for article in archive()], 450, seed=11))


@pytest.mark.parametrize("part", range(3))
def test_a_hostile_query_to_the_api_is_answered_by_a_document(client: FlaskClient, part: int) -> None:
    for query in QUERIES[part::3]:
        answer = client.get(f"/api/v1/search?q={query}&facets=source,timeline")
        assert answer.status_code in (200, 400, 414), query
        found = json.loads(answer.data)
        if answer.status_code != 200:
            assert found["code"] in ("too_long", "bad_encoding", "url_too_long"), query
            continue
        assert sum(source["count"] for source in found["facets"]["source"]) == found["total"], query
        assert len(found["articles"]) == min(found["total"], 20), query
        for article in found["articles"]:
            for passage in article["highlights"]:
                assert all(0 <= start < end <= len(passage["text"]) for start, end in passage["spans"])


@pytest.mark.parametrize("path", ["/search?q={}", "/api/v1/suggest?q={}", "/api/v1/search?cursor=&q={}"])
def test_a_hostile_query_to_any_other_door_is_answered(client: FlaskClient, path: str) -> None:
    for query in QUERIES[::4]:
        assert client.get(path.format(query)).status_code in (200, 400, 414), query


def test_every_kind_of_hostile_query_is_understood_by_some_answer(client: FlaskClient) -> None:
    statuses = [client.get(f"/api/v1/search?q={query}").status_code for query in QUERIES[:200]]
    assert statuses.count(200) > 150
