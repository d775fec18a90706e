"""Judged sets: the arithmetic of the figures, what a set may look like, and what search reaches."""

import gzip
import json
import shutil
from math import log2
from pathlib import Path

import pytest
from flask import Flask

from searchsvc.commands import register
from searchsvc.errors import SourceError
from searchsvc.evaluate import ask, evaluate, indexed, ndcg, read_judged, recall, reciprocal_rank
from searchsvc.service import Service
from searchsvc.settings import Settings
from searchsvc.web.app import create_app
from tests.conftest import ROOT

OURS = ROOT / "samples" / "judged"


@pytest.mark.parametrize(
    ("ranked", "grades", "expected"),
    [
        (["a", "b"], {"a": 1}, 1.0),
        (["b", "a"], {"a": 1}, 1 / 2),
        (["b", "c", "a", "d"], {"a": 1, "d": 2}, 1 / 3),
        (["b", "a"], {"a": 0, "c": 1}, 0.0),
        ([*"bcdefghijk", "a"], {"a": 1}, 0.0),  # The 11th place is too far down.
        ([], {"a": 1}, 0.0),
    ],
)
def test_reciprocal_rank(ranked: list[str], grades: dict[str, int], expected: float) -> None:
    assert reciprocal_rank(ranked, grades) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("ranked", "grades", "expected"),
    [
        (["a", "b"], {"a": 1}, 1.0),
        (["b", "a"], {"a": 1}, 1 / log2(3)),
        # 3 + 2/1.58496 + 0 + 1/2.32193 found of at most 3 + 2/1.58496 + 1/2: 4.69254 / 4.76186.
        (["a", "b", "x", "c"], {"a": 3, "b": 2, "c": 1}, 0.985442),
        (["c", "b", "a"], {"a": 3, "b": 2, "c": 1}, 0.789998),
        ([*"bcdefghijk", "a"], {"a": 1}, 0.0),
        (list("abcdefghij"), dict.fromkeys("abcdefghijkl", 1), 1.0),  # More answers than places.
    ],
)
def test_ndcg(ranked: list[str], grades: dict[str, int], expected: float) -> None:
    assert ndcg(ranked, grades) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("ranked", "grades", "depth", "expected"),
    [
        (["a", "b"], {"a": 1, "c": 2}, 10, 1 / 2),
        (["a", "b", "c"], {"a": 1, "c": 2}, 2, 1 / 2),
        (["a", "b", "c"], {"a": 1, "b": 0, "c": 2}, 3, 1.0),
        ([], {"a": 1}, 10, 0.0),
    ],
)
def test_recall(ranked: list[str], grades: dict[str, int], depth: int, expected: float) -> None:
    assert recall(ranked, grades, depth) == pytest.approx(expected)


def test_a_set_is_measured_through_the_search_itself(settings: Settings) -> None:
    figures = evaluate(read_judged(OURS), settings)
    assert (figures.docs, figures.queries) == (8, 6)
    assert (figures.mrr_10, figures.recall_10) == (1.0, 1.0)
    assert 0.9 < figures.ndcg_10 <= 1.0
    assert (figures.all, figures.some, figures.none) == (1, 5, 0)
    assert 0 < figures.p50_ms <= figures.p95_ms
    assert not settings.data_dir.exists()  # The service's own articles and index are left alone.
    assert not settings.index_dir.exists()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(OURS, tmp_path / "judged"))


def test_files_may_be_compressed(folder: Path) -> None:
    for path in list(folder.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    packed, plain = read_judged(folder), read_judged(OURS)
    assert (packed.queries, packed.grades) == (plain.queries, plain.grades)
    assert [entry.text for entry in packed.docs.values()] == [entry.text for entry in plain.docs.values()]


def test_what_answers_no_query_is_not_asked(folder: Path, settings: Settings) -> None:
    (folder / "qrels.tsv").write_text("q1\t0\tbridge\t1\nq2\t0\towl\t0\n")
    assert evaluate(read_judged(folder), settings).queries == 1


def test_odd_queries_and_documents_are_measured_too(folder: Path, settings: Settings) -> None:
    queries = {"empty": "", "long": "桥" * 3000, "quote": '"'}
    with (folder / "queries.jsonl").open("a") as file:
        file.writelines(json.dumps({"id": key, "text": text}) + "\n" for key, text in queries.items())
    with (folder / "docs.jsonl").open("a") as file:
        # No title, no text, and the same text under two ids: they are documents all the same.
        file.write(
            '{"id": "a", "text": "同一篇"}\n{"id": "b", "text": "同一篇"}\n{"id": "c", "title": "只有标题"}\n'
        )
    with (folder / "qrels.tsv").open("a") as file:
        file.writelines(f"{key}\t0\ttea\t1\n" for key in queries)
    figures = evaluate(read_judged(folder), settings)
    assert (figures.docs, figures.queries, figures.none) == (11, 9, 1)
    assert figures.mrr_10 < 1.0


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("docs.jsonl", "{", "docs.jsonl:9: it is not JSON"),
        ("docs.jsonl", "[1]", "docs.jsonl:9: it is not a JSON object"),
        ("docs.jsonl", '{"title": "无"}', "docs.jsonl:9: 'id' is not a text"),
        ("docs.jsonl", '{"id": " ", "text": "无"}', "docs.jsonl:9: 'id' is empty"),
        ("docs.jsonl", '{"id": "x", "title": "", "text": " "}', "docs.jsonl:9: 'title' and 'text'"),
        ("docs.jsonl", '{"id": "x", "text": ["无"]}', "docs.jsonl:9: 'title' and 'text'"),
        ("docs.jsonl", '{"id": "tea", "text": "无"}', "docs.jsonl:9: 'tea' is there twice"),
        ("queries.jsonl", '{"id": "q9"}', "queries.jsonl:7: 'text' is not a text"),
        ("queries.jsonl", '{"id": "q1", "text": "无"}', "queries.jsonl:7: 'q1' is there twice"),
        ("qrels.tsv", "q1\tbridge\t1", "qrels.tsv:9: it is not query, anything, document, grade"),
        ("qrels.tsv", "q1\t0\tbridge\tyes", "qrels.tsv:9: it is not query, anything, document, grade"),
        ("qrels.tsv", "q1\t0\tnowhere\t1", "qrels.tsv:9: there is no document 'nowhere'"),
        ("qrels.tsv", "q0\t0\tbridge\t1", "qrels.tsv:9: there is no query 'q0'"),
    ],
)
def test_a_bad_line_is_named(folder: Path, name: str, line: str, message: str) -> None:
    with (folder / name).open("a") as file:
        file.write(f"\n\n{line}\n".lstrip("\n"))
    with pytest.raises(SourceError) as refused:
        read_judged(folder)
    assert message in str(refused.value)


@pytest.mark.parametrize("name", ["docs.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_or_empty_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("\n")
    with pytest.raises(SourceError, match=f"{name}: it is empty"):
        read_judged(folder)
    (folder / name).unlink()
    with pytest.raises(SourceError, match=f"there is no {name}"):
        read_judged(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe\x00\n", "docs.jsonl:1: it is not UTF-8"), (None, "it cannot be read")],
)
def test_a_broken_file_is_named(folder: Path, content: bytes | None, message: str) -> None:
    if content is None:
        (folder / "docs.jsonl").unlink()
        (folder / "docs.jsonl.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    else:
        (folder / "docs.jsonl").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_judged(folder)


def test_a_set_without_any_answer_is_refused(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("q1\t0\tbridge\t0\n")
    with pytest.raises(SourceError, match="no query has a document that answers it"):
        read_judged(folder)


@pytest.fixture
def app(service: Service) -> Flask:
    app = Flask("commands")
    register(app, service)
    return app


def test_the_command_prints_a_table_or_json(app: Flask, folder: Path) -> None:
    invoke = app.test_cli_runner().invoke
    table = invoke(args=["eval", str(OURS), str(folder)], env={"COLUMNS": "160"})
    assert table.exit_code == 0
    assert table.output.count("1.0000") >= 6
    answer = json.loads(invoke(args=["eval", str(OURS), "--json"]).stdout)
    (figures,) = answer["sets"]
    assert (figures["name"], figures["queries"], figures["mrr_10"]) == ("judged", 6, 1.0)


def test_misuse_of_the_command_is_2_and_a_bad_set_1(app: Flask, folder: Path) -> None:
    invoke = app.test_cli_runner().invoke
    assert invoke(args=["eval"]).exit_code == 2
    assert invoke(args=["eval", str(folder / "nowhere")]).exit_code == 2
    (folder / "qrels.tsv").unlink()
    refused = invoke(args=["eval", str(OURS), str(folder)])
    assert (refused.exit_code, "there is no qrels.tsv" in refused.stderr) == (1, True)


def check_that_the_api_gives_the_same(folder: Path, settings: Settings, least: int) -> None:
    """So many queries of a judged set: ids, their order, and whether all words were there."""
    judged = read_judged(folder)
    queries = list(judged.queries.values())[:: max(1, len(judged.queries) // least)]
    assert len(queries) >= min(least, len(judged.queries))
    with indexed(judged, settings) as (service, keys):
        client = create_app(service).test_client()
        for query in queries:
            measured = ask(service.search, query, keys)
            answer = client.get("/api/v1/search", query_string={"q": query, "page_size": 100}).json
            assert [keys[article["id"]] for article in answer["articles"]] == list(measured.docs), query
            assert answer["query"]["matched"] == measured.matched


def test_what_is_measured_is_what_the_api_answers(settings: Settings) -> None:
    check_that_the_api_gives_the_same(OURS, settings, 6)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["drcd", "cmrc2018"])
def test_real_questions_are_answered_by_the_api_as_measured(
    shared: Path, settings: Settings, name: str
) -> None:
    check_that_the_api_gives_the_same(shared / "data" / "judged" / name, settings, 50)


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "least"), [("drcd", 0.955), ("cmrc2018", 0.982)])
def test_questions_find_their_paragraphs(shared: Path, settings: Settings, name: str, least: float) -> None:
    figures = evaluate(read_judged(shared / "data" / "judged" / name), settings)
    assert figures.mrr_10 >= least
    assert figures.recall_100 > 0.99
