"""The terminal: what a person types, what it prints, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from searchsvc.commands import register
from searchsvc.service import Service
from searchsvc.store.articles import Write
from tests.build import article, fill
from tests.stories.build import prose, telling

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.both_databases
ITEM = "<!--1730998743000-->\n[石破茂會晤](https://a.example/1)\n------\n<div><i>Thu, 07 Nov 2024 16:49:47 GMT</i></div><p>五分鐘的電話</p>"


@pytest.fixture
def app(service: Service) -> Flask:
    app = Flask("commands")
    register(app, service)
    return app


def run(app: Flask, *arguments: object, **options: object) -> Result:
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments], **options)


@pytest.fixture
def item(tmp_path: Path) -> Path:
    path = tmp_path / "item.txt"
    path.write_text(ITEM)
    return path


def test_ingest_prints_a_table_and_repeating_changes_nothing(app: Flask, item: Path) -> None:
    first, second = run(app, "ingest", item), run(app, "ingest", item, "--json")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "1 articles indexed" in first.output
    (source,) = json.loads(second.stdout)["sources"]
    assert (source["new"], source["unchanged"]) == (0, 1)


def test_ingest_reads_standard_input(app: Flask, service: Service) -> None:
    assert run(app, "ingest", "-", input=ITEM).exit_code == 0
    assert service.store.count() == 1


def test_a_source_that_fails_is_named_and_the_rest_carries_on(app: Flask, item: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    result = run(app, "ingest", broken, "nowhere", item)
    assert result.exit_code == 1
    assert "broken.txt: it is not text" in result.stderr
    assert "nowhere: there is no such file" in result.stderr
    assert "1 articles indexed" in result.output


def test_ingest_without_a_source_or_a_list_is_misuse(app: Flask) -> None:
    assert run(app, "ingest").exit_code == 2


def test_search_finds_in_either_script_and_marks(app: Flask, item: Path) -> None:
    run(app, "ingest", item)
    for q in ("石破茂会晤", "五分钟的电话"):
        result = run(app, "search", q)
        assert (result.exit_code, "石破茂會晤" in result.output, "1 found" in result.output) == (
            0,
            True,
            True,
        )
    answer = json.loads(run(app, "search", "会晤", "--json").stdout)
    assert answer["articles"][0]["highlights"][0] == {
        "field": "title",
        "text": "石破茂會晤",
        "spans": [[3, 5]],
    }


def test_search_narrows_by_date_and_source(app: Flask, item: Path) -> None:
    run(app, "ingest", item)
    assert "1 found" in run(app, "search", "石破茂", "--from", "2024-11-08", "--to", "2024-11-08").output
    assert "0 found" in run(app, "search", "石破茂", "--to", "2024-11-07").output
    assert "0 found" in run(app, "search", "石破茂", "--source", "b.example").output


def test_search_notes_other_forms_and_leaves_them_out_if_asked(app: Flask, service: Service) -> None:
    fill(service, [article("特朗普启程"), article("川普啟程")])
    on, off = run(app, "search", "川普"), run(app, "search", "川普", "--variants", "off")
    assert ("2 found" in on.output, on.stderr) == (True, "note: other forms are found too: 川普: 特朗普\n")
    assert ("1 found" in off.output, off.stderr) == (True, "")
    assert "variants" in run(app, "search", "川普", "--variants", "maybe").stderr


@pytest.mark.usefixtures("enough_time")
def test_search_notes_what_may_have_been_meant(app: Flask, service: Service) -> None:
    fill(service, [article(f"渡轮第{n}班") for n in range(5)])
    result = run(app, "search", "渡轮")
    assert (result.exit_code, result.stderr) == (0, "")
    assert run(app, "search", "度轮").stderr == "note: did you mean: 渡轮\n"
    assert json.loads(run(app, "search", "度轮", "--json").stdout)["query"]["did_you_mean"] == ["渡轮"]


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [(["--from", "2024-13-45"], "2024-13-45"), (["--limit", "0"], "page_size"), (["--limit", "1000000000"], "page_size"),
     (["--sort", "best"], "sort"), (["--from", "2024-12", "--to", "2024-11"], "from")],
)  # fmt: skip
def test_a_bad_value_is_one_line_that_names_it(
    app: Flask, item: Path, arguments: list[str], culprit: str
) -> None:
    run(app, "ingest", item)
    result = run(app, "search", "石破茂", *arguments)
    assert result.exit_code == 1
    assert culprit in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("q", ["", "甲" * 10_000, "\ud800", "\0", "((((", '"', "NOT NOT -"])
def test_any_query_is_answered_or_refused_in_a_sentence(app: Flask, item: Path, q: str) -> None:
    run(app, "ingest", item)
    result = run(app, "search", "--json", "--", q)
    assert (result.exit_code == 0) == (len(q) < 10_000)
    assert "Traceback" not in result.output


def test_facets_come_with_json_only(app: Flask, item: Path) -> None:
    run(app, "ingest", item)
    answer = json.loads(run(app, "search", "会晤", "--json", "--facets", "source,timeline").stdout)
    assert (list(answer["facets"]), answer["facets"]["source"][0]["count"]) == (["source", "timeline"], 1)
    refused = run(app, "search", "会晤", "--facets", "source")
    assert (refused.exit_code, "--json" in refused.stderr) == (2, True)


def test_search_lists_each_story_once_if_asked(app: Flask, service: Service) -> None:
    fill(service, [telling("one", prose(1), 1), telling("other", prose(1), 2), telling("third", prose(2), 3)])
    shown = run(app, "search", "", "--sort", "oldest").output
    assert "3 found in" in shown
    assert shown.count("The same story in 1 more") == 2
    folded = run(app, "search", "", "--fold").output
    assert "2 found (1 more tell the same stories) in" in folded
    assert folded.count("The same story in 1 more") == 1
    answer = json.loads(run(app, "search", "", "--fold", "--json").stdout)
    assert (answer["total"], answer["folded"], len(answer["articles"])) == (2, 1, 2)


def test_searching_without_an_index_says_what_to_do(app: Flask) -> None:
    result = run(app, "search", "石破茂")
    assert (result.exit_code, "flask ingest" in result.stderr) == (1, True)


def test_reindex_makes_a_new_generation(app: Flask, service: Service, item: Path) -> None:
    run(app, "ingest", item)
    before = service.engine.current()
    result = json.loads(run(app, "reindex", "--json").stdout)
    assert before
    assert result["articles"] == 1
    assert result["generation"] != before.name
    assert "1 found" in run(app, "search", "石破茂").output


def test_a_reindex_can_be_rolled_back_and_misses_nothing(app: Flask, service: Service, item: Path) -> None:
    assert "no earlier index" in run(app, "reindex", "--rollback").stderr
    run(app, "ingest", item)
    before = service.engine.current()
    run(app, "reindex")
    fill(service, [article("后来的文章")])
    result = json.loads(run(app, "reindex", "--rollback", "--json").stdout)
    assert before
    assert (result["generation"], result["articles"]) == (before.name, 2)
    assert "1 found" in run(app, "search", "后来的文章").output
    assert run(app, "check").exit_code == 0


def test_check_finds_what_is_wrong_and_repairs_it(app: Flask, service: Service) -> None:
    assert run(app, "check").exit_code == 0
    service.store.put([Write(article("一"))])
    assert "no index" in run(app, "check").output
    fill(service, [])
    assert run(app, "check").output == "All is well\n"
    service.store.put([Write(article("二"))])
    assert run(app, "check").exit_code == 1
    assert "Indexed 1 articles" in run(app, "check", "--repair").output
    assert run(app, "check").exit_code == 0


def test_check_finds_stories_that_are_not_what_texts_say_and_repairs_them(
    app: Flask, service: Service
) -> None:
    fill(service, [telling("one", prose(1), 1), telling("other", prose(1), 2)])
    service.store.connection().execute("DELETE FROM stories")
    result = run(app, "check")
    assert (result.exit_code, "2 articles tell another story" in result.output) == (1, True)
    assert "Told the stories anew; 2 articles" in run(app, "check", "--repair").output
    assert run(app, "check").output == "All is well\n"


def test_check_notices_an_article_that_is_not_what_was_stored(app: Flask, service: Service) -> None:
    fill(service, [article("一", "原文")])
    service.store.connection().execute("UPDATE articles SET text = '改过的原文'")
    result = run(app, "check")
    assert (result.exit_code, "not what was stored" in result.output) == (1, True)


def test_what_is_exported_is_read_again_as_the_same_articles(
    app: Flask, service: Service, tmp_path: Path
) -> None:
    kept = [
        article("一", "正文。\n第二段"),
        article("二", url=None, guid="g-2"),
        article("三", url=None),
        article("四", stated=None),
    ]
    fill(service, kept)
    exported = tmp_path / "all.jsonl"
    exported.write_text(run(app, "export").stdout)
    again = run(app, "ingest", exported, "--json")
    (source,) = json.loads(again.stdout)["sources"]
    assert (source["unchanged"], source["skipped"], source["failed"]) == (4, [], [])


def test_stats_counts(app: Flask, service: Service) -> None:
    fill(service, [article("一"), article("二")])
    figures = json.loads(run(app, "stats", "--json").stdout)
    assert (figures["articles"], figures["index"]["articles"], figures["sources"][0]["count"]) == (2, 2, 2)
    assert "articles" in run(app, "stats").output


def test_stats_tell_of_the_last_ingest(app: Flask, item: Path) -> None:
    assert json.loads(run(app, "stats", "--json").stdout)["last_ingest"] is None
    run(app, "ingest", item, "nowhere")
    figures = json.loads(run(app, "stats", "--json").stdout)
    first, second = figures["last_ingest"]["sources"]
    assert (first["source"], first["new"], second["failed"]) == ("item.txt", 1, 1)
    assert second["reasons"] == [
        {"kind": "failed", "item": "nowhere", "reason": "there is no such file or folder"}
    ]
    assert figures["last_ingest"]["indexed"] == 1
    shown = run(app, "stats").output
    assert "1 new, 0 updated, 0 unchanged, 0 skipped, 1 failed" in shown
    assert "a.example" in shown


def flask(tmp_path: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The flask command itself, in a process of its own."""
    folders = {"SEARCHSVC_DATA_DIR": str(tmp_path / "data"), "SEARCHSVC_INDEX_DIR": str(tmp_path / "index")}
    command = [sys.executable, "-m", "flask", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | folders | environ, capture_output=True, text=True, check=False
    )


def test_plain_flask_at_the_root_works_on_the_samples(tmp_path: Path) -> None:
    result = flask(tmp_path, "ingest", "samples/*.txt")
    assert (result.returncode, result.stderr) == (0, "")
    assert "44" in result.stdout
    assert "2 found" in flask(tmp_path, "search", "川普").stdout


def test_a_bad_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    result = flask(tmp_path, "stats", SEARCHSVC_NO_SUCH="1")
    assert result.returncode != 0
    assert "SEARCHSVC_NO_SUCH" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_without_permission_is_named_and_the_rest_carries_on(tmp_path: Path, item: Path) -> None:
    """As another user where the tests run as root, whom permissions do not hold."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o755)
    script = (
        "import os, sys\n"
        "from zoneinfo import ZoneInfo\n"
        "from searchsvc.ingest.sources import read_sources\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "for name, items in read_sources(sys.argv[1:], zone=ZoneInfo('UTC'), ask=iter):\n"
        "    print(*(type(item).__name__ + ':' + item.origin for item in items))\n"
    )
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, str(closed), str(item)]
    result = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines() == [f"Failed:{closed}", f"Entry:{item}"], result.stderr
