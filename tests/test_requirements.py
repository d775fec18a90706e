"""What is installed is what was chosen: every requirement, and theirs in turn, by version and hash."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OWN, TESTS = ROOT / "requirements", ROOT / "tests" / "requirements"
CHOSEN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


def chosen(path: Path) -> dict[str, str]:
    """Names in their one form (PEP 503), and versions."""
    found = CHOSEN.findall(path.read_text())
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def locked(stem: Path) -> Path:
    return stem.with_suffix(".lock")


@pytest.mark.parametrize("stem", [OWN, TESTS], ids=["own", "tests"])
def test_what_is_chosen_is_locked_at_its_version(stem: Path) -> None:
    wanted = chosen(stem.with_suffix(".txt"))
    found = chosen(locked(stem))
    assert wanted.items() <= found.items()
    assert len(found) > len(wanted)


@pytest.mark.parametrize("stem", [OWN, TESTS], ids=["own", "tests"])
def test_every_locked_version_has_hashes_and_no_address(stem: Path) -> None:
    text = locked(stem).read_text()
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all(HASH.search(block) for block in blocks)
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_tests_run_on_the_versions_that_are_served() -> None:
    own, tests = chosen(locked(OWN)), chosen(locked(TESTS))
    assert {name: tests[name] for name in own.keys() & tests.keys()}.items() <= own.items()


def test_every_requirement_says_why_it_is_there() -> None:
    for line in OWN.with_suffix(".txt").read_text().splitlines():
        assert not CHOSEN.match(line) or "  # " in line, line


def test_setup_takes_nothing_without_its_hash() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for lock in ("requirements.lock", "tests/requirements.lock"):
        assert f"--require-hashes --requirement {lock}\n" in makefile
