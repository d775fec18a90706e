"""docs/operations.md says what to do about everything that the program says to whoever runs it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.web import metrics

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "operations.md"
# What is raised about the service itself: not about a query, a feed or one of its items.
KINDS = {
    "Finding", "SettingsError", "StoreError", "IndexUnavailable", "IndexBusy", "IndexNotWritten", "BuildFailed",
    "NoSpace", "BackupError",
}  # fmt: skip
# A sentence this short says nothing by itself: it is put together from what others say.
SHORTEST = 12


def template(node: ast.expr) -> str:
    """A string with … for whatever is put into it; empty for what is no string."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            "…" if isinstance(part, ast.FormattedValue) else template(part) for part in node.values
        )
    return ""


def messages() -> Iterator[str]:
    """The first part of every sentence: what went wrong, up to what follows from it."""
    for path in sorted((ROOT / "searchsvc").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in KINDS
                and node.args
            ):
                said = re.split(r"; |\. |: …|, this |\($", template(node.args[0]))[0].strip(" ….(")
                if len(said.replace("…", "").strip()) >= SHORTEST:
                    yield " ".join(said.split())


@pytest.mark.parametrize("said", sorted(set(messages())))
def test_what_is_said_is_explained(said: str) -> None:
    assert said in " ".join(DOCUMENT.read_text().split())


def test_every_figure_is_explained() -> None:
    source = Path(metrics.__file__).read_text()
    names = set(re.findall(r'"(searchsvc_[a-z_]+)"', source))
    names |= {f"searchsvc_feed_{name}" for name in (*metrics.COUNTERS, *metrics.GAUGES)}
    explained = DOCUMENT.read_text()
    assert len(names) > 10
    assert {name for name in names if f"`{name}" not in explained} == set()


def test_it_names_every_command_that_the_person_who_runs_it_needs() -> None:
    explained = DOCUMENT.read_text()
    for command in (
        "ingest",
        "reindex",
        "check",
        "check --repair",
        "backup",
        "restore",
        "stats",
        "feeds list",
    ):
        assert f"flask {command}" in explained
