"""Fixtures that all tests share, and what happens to tests whose data is not here."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from searchsvc.service import Service, open_service
from searchsvc.settings import Settings, load_settings
from searchsvc.suggest import correct

ROOT = Path(__file__).parent.parent
# How busy a machine is decides no test.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


def find_shared() -> Path | None:
    """The folder of real articles: beside the checkout, or where SEARCHSVC_SHARED says."""
    folder = Path(os.environ.get("SEARCHSVC_SHARED", ROOT.parent / "shared"))
    return folder if (folder / "data" / "archive.tar.gz").is_file() else None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "shared_data: needs the real articles of the shared folder")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, by name, what needs data that is not here."""
    if find_shared():
        return
    needy = [item for item in items if item.get_closest_marker("shared_data")]
    items[:] = [item for item in items if item not in needy]
    config.hook.pytest_deselected(items=needy)
    config.stash[DESELECTED] = [item.nodeid for item in needy]


DESELECTED = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    names = config.stash.get(DESELECTED, [])
    if names:
        terminalreporter.section("deselected: the shared folder of real articles is not here")
        for name in names:
            terminalreporter.line(name)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder; its articles are in ``data/``."""
    folder = find_shared()
    assert folder, "tests that ask for this carry the marker shared_data"
    return folder


@pytest.fixture(scope="session")
def unpacked(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``archive/``, ``frontmatter/`` and ``feeds/`` unpacked."""
    folder = tmp_path_factory.mktemp("unpacked")
    for name in ("archive", "frontmatter", "feeds"):
        with tarfile.open(shared / "data" / f"{name}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def enough_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is offered should not depend on how busy the machine is."""
    monkeypatch.setattr(correct, "MOST_SECONDS", 10.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose folders are the test's own."""
    import config

    folders = {"SEARCHSVC_DATA_DIR": str(tmp_path / "data"), "SEARCHSVC_INDEX_DIR": str(tmp_path / "index")}
    return load_settings(vars(config), folders)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """An empty service in the test's own folders."""
    yield open_service(settings)
