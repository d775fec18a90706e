"""Fixtures that all tests share, and what happens to tests whose data is not here."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from searchsvc.service import Service, open_service
from searchsvc.settings import Settings, load_settings
from searchsvc.store.place import Place, postgres_address
from searchsvc.suggest import correct
from tests import postgres

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


MARKERS = (
    "shared_data: needs the real articles of the shared folder",
    "both_databases: runs with SQLite and with PostgreSQL",
    "of_a_file: among those, runs with SQLite alone: it is about its file",
    "postgresql: needs a PostgreSQL server",
)
SHARED_MISSING = "the shared folder of real articles is not here"
POSTGRES_MISSING = "PostgreSQL is not installed (apt-get install postgresql)"
DESELECTED = pytest.StashKey[dict[str, list[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what goes through the article database with either."""
    marked = metafunc.definition.get_closest_marker
    if "database" in metafunc.fixturenames and marked("both_databases") and not marked("of_a_file"):
        both = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
        metafunc.parametrize("database", both, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect, by name, what needs something that is not here."""
    missing = {} if find_shared() else {"shared_data": SHARED_MISSING}
    missing |= {} if postgres.programs() else {"postgresql": POSTGRES_MISSING}
    deselected = config.stash[DESELECTED] = {}
    for marker, why in missing.items():
        needy = [item for item in items if item.get_closest_marker(marker)]
        items[:] = [item for item in items if item not in needy]
        config.hook.pytest_deselected(items=needy)
        deselected[why] = [item.nodeid for item in needy]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for why, names in config.stash.get(DESELECTED, {}).items():
        if names:
            terminalreporter.section(f"deselected: {why}")
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


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server, for all tests."""
    with postgres.cluster() as running:
        yield running


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the test's own database; empty for SQLite, as the setting is."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield ""
        return
    running: postgres.Cluster = request.getfixturevalue("server")
    with running.database() as url:
        yield url


@pytest.fixture
def place(database: str, tmp_path: Path) -> Iterator[Place]:
    """Where the test's own articles are."""
    if database:
        yield postgres_address(database)
    else:
        yield tmp_path / "deep" / "articles.sqlite3"


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Settings whose folders are the test's own."""
    import config

    own = {"DATA_DIR": str(tmp_path / "data"), "INDEX_DIR": str(tmp_path / "index"), "DATABASE_URL": database}
    return load_settings(vars(config), {f"SEARCHSVC_{name}": value for name, value in own.items()})


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """An empty service in the test's own folders."""
    yield open_service(settings)
