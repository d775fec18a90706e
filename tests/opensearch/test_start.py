"""What a cluster can have wrong with it when the service starts: each is a sentence that says what to do."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.service import free_port, opened, wait_until_answered
from searchsvc.engine.opensearch import OpenSearchEngine
from searchsvc.errors import IndexUnavailable, SettingsError
from searchsvc.service import Service
from tests.ingest.listener import answer, serving
from tests.opensearch.nodes import Nodes
from tests.proxy import running

SITE = """
server {{ listen 127.0.0.1:{alive}; return 200; }}
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
    auth_basic "cluster"; auth_basic_user_file {folder}/users;
    location / {{ proxy_pass {cluster}; proxy_set_header Authorization ""; }}
}}
"""


def in_cluster(tmp_path: Path, url: str, **variables: str) -> Service:
    """A service whose index is in a cluster."""
    cluster = {"SEARCHSVC_ENGINE": "opensearch", "SEARCHSVC_OPENSEARCH_URL": url}
    return opened(tmp_path, **cluster | variables)


@pytest.fixture(scope="module")
def guarded(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of a cluster behind a certificate of its own and a password, and the certificate."""
    folder, port, alive = tmp_path_factory.mktemp("guarded"), free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=cluster",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    (folder / "users").write_text("reader:{PLAIN}s3cret/word\n")
    site = SITE.format(port=port, alive=alive, folder=folder, cluster=nodes.each[0].url)
    with running(site, folder) as process:
        wait_until_answered(f"http://127.0.0.1:{alive}/", process, folder / "error.log")
        yield port, folder / "certificate.pem"


def test_the_right_name_password_and_certificate_are_let_in(
    guarded: tuple[int, Path], tmp_path: Path
) -> None:
    port, certificate = guarded
    url = f"https://reader:s3cret%2Fword@127.0.0.1:{port}"
    service = in_cluster(tmp_path, url, SEARCHSVC_OPENSEARCH_CA=str(certificate))
    assert service.engine.current() is None


def test_a_wrong_password_is_told_without_being_shown(guarded: tuple[int, Path], tmp_path: Path) -> None:
    port, certificate = guarded
    with pytest.raises(
        SettingsError, match="refuses the name and password in SEARCHSVC_OPENSEARCH_URL"
    ) as told:
        in_cluster(
            tmp_path, f"https://reader:wrong1@127.0.0.1:{port}", SEARCHSVC_OPENSEARCH_CA=str(certificate)
        )
    assert "wrong1" not in str(told.value)


def test_a_certificate_that_nobody_known_signed_is_told(guarded: tuple[int, Path], tmp_path: Path) -> None:
    port, _ = guarded
    with pytest.raises(SettingsError, match=r"not trusted .*SEARCHSVC_OPENSEARCH_CA"):
        in_cluster(tmp_path, f"https://reader:s3cret%2Fword@127.0.0.1:{port}")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_is_none_is_told(
    guarded: tuple[int, Path], tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(SettingsError, match="SEARCHSVC_OPENSEARCH_CA"):
        in_cluster(tmp_path, f"https://reader:x@127.0.0.1:{guarded[0]}", SEARCHSVC_OPENSEARCH_CA=str(file))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"version": {"number": "8.15.0", "build_flavor": "default"}}', "another program 8.15.0"),
        (b'{"version": {"number": "1.3.0", "distribution": "opensearch"}}', "opensearch 1.3.0"),
        (b'{"version": {"number": "4.0.0", "distribution": "opensearch"}}', "opensearch 4.0.0"),
        (b'{"hello": "world"}', "another program"),
    ],
)
def test_another_version_or_program_is_told(tmp_path: Path, body: bytes, named: str) -> None:
    reply = answer(body, Content_Type="application/json")
    with (
        serving(lambda sock, _: sock.sendall(reply)) as listener,
        pytest.raises(SettingsError, match=f"is {named}; needed is OpenSearch from"),
    ):
        in_cluster(tmp_path, listener.url)


def test_what_is_no_api_at_all_is_told(tmp_path: Path) -> None:
    reply = answer(b"<html>hello</html>", Content_Type="text/html")
    with (
        serving(lambda sock, _: sock.sendall(reply)) as listener,
        pytest.raises(SettingsError, match="is another program; needed is OpenSearch from"),
    ):
        in_cluster(tmp_path, listener.url)


def test_an_index_of_somebody_else_under_our_name_is_told(
    nodes: Nodes, engine: OpenSearchEngine, tmp_path: Path
) -> None:
    engine.cluster.client.indices.create(index=engine.states.name)
    with pytest.raises(SettingsError, match="made by something else; set SEARCHSVC_OPENSEARCH_INDEX"):
        in_cluster(tmp_path, nodes.urls, SEARCHSVC_OPENSEARCH_INDEX=engine.states.name)


def test_an_index_of_another_release_is_told_to_who_searches(
    nodes: Nodes, engine: OpenSearchEngine, tmp_path: Path
) -> None:
    engine.switch(engine.build([], 0).name)
    index = engine.states.current()
    assert index
    meta = engine.cluster.client.indices.get_mapping(index=index)[index]["mappings"]["_meta"]
    meta["state"]["layout"] = "0-old"
    engine.cluster.client.indices.put_mapping(index=index, body={"_meta": meta})
    service = in_cluster(tmp_path, nodes.urls, SEARCHSVC_OPENSEARCH_INDEX=engine.states.name)
    with pytest.raises(IndexUnavailable, match=r"made with terms 0-old.*flask reindex"):
        service.engine.current()


def test_a_cluster_that_does_not_answer_does_not_hinder_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    service = in_cluster(tmp_path, f"http://user:hidden1@127.0.0.1:{port}")
    assert f"OpenSearch at http://127.0.0.1:{port} does not answer" in caplog.text
    assert "hidden1" not in caplog.text
    with pytest.raises(IndexUnavailable, match="articles are safe in the database"):
        service.engine.current()


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"SEARCHSVC_OPENSEARCH_URL": ""}, "needs SEARCHSVC_OPENSEARCH_URL"),
        ({"SEARCHSVC_OPENSEARCH_URL": "ftp://u:hidden1@a"}, "SEARCHSVC_OPENSEARCH_URL=…: nodes are named as"),
        (
            {"SEARCHSVC_OPENSEARCH_URL": "http://u:hidden1@a:99999"},
            "SEARCHSVC_OPENSEARCH_URL=…: nodes are named as",
        ),
        ({"SEARCHSVC_OPENSEARCH_INDEX": "News/*"}, "SEARCHSVC_OPENSEARCH_INDEX='News/\\*'"),
        ({"SEARCHSVC_OPENSEARCH_INDEX": "news-g1"}, "SEARCHSVC_OPENSEARCH_INDEX='news-g1'"),
        ({"SEARCHSVC_OPENSEARCH_SHARDS": "0"}, "SEARCHSVC_OPENSEARCH_SHARDS='0'"),
        ({"SEARCHSVC_OPENSEARCH_REPLICAS": "many"}, "SEARCHSVC_OPENSEARCH_REPLICAS='many'"),
        ({"SEARCHSVC_ENGINE": "solr"}, "SEARCHSVC_ENGINE='solr'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, variables: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told) as error:
        in_cluster(tmp_path, "http://127.0.0.1:9200", **variables)
    assert "hidden1" not in str(error.value)
