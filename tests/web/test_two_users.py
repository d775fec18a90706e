"""The service serves from an index that its user can read and not write, as deploy/ has it."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
from searchsvc.service import Service, open_service
from searchsvc.settings import load_settings
from searchsvc.web.app import create_app
from tests.build import article, fill

NOBODY = 65_534


@pytest.fixture
def service() -> Iterator[Service]:
    """A service in folders that another user can come to, and only the database's is anybody's."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        (place / "data").mkdir()
        (place / "data").chmod(0o777)
        folders = {"SEARCHSVC_DATA_DIR": str(place / "data"), "SEARCHSVC_INDEX_DIR": str(place / "index")}
        service = open_service(load_settings(vars(config), folders))
        fill(service, [article("石破茂")])
        for path in (place / "data").iterdir():
            path.chmod(0o666)
        create_app(service).test_client().get(
            "/api/v1/search?q=石破茂"
        )  # All is loaded that is loaded lazily.
        yield service
        _writable(place / "index", True)


def _writable(folder: Path, writable: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod((0o755 if path.is_dir() else 0o644) if writable else (0o555 if path.is_dir() else 0o444))


def as_another_user(service: Service, do: Callable[[Service], object]) -> object:
    """What a function makes of a new service, in a child that cannot write the index: nobody, if we may be."""
    if os.geteuid() != 0:
        _writable(service.settings.index_dir, False)
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            said = json.dumps(do(open_service(service.settings)))
        except BaseException as error:
            said = json.dumps(repr(error))
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        found = json.load(answer)
    os.waitpid(child, 0)
    return found


def test_who_cannot_write_the_index_serves_it_and_sees_what_is_committed(service: Service) -> None:
    def serve(other: Service) -> object:
        client = create_app(other).test_client()
        return [client.get("/api/v1/search?q=石破茂").json["total"], client.get("/readyz").json["articles"]]

    assert as_another_user(service, serve) == [1, 1]
    _writable(service.settings.index_dir, True)
    fill(service, [article("石破茂又来了")])
    assert as_another_user(service, serve) == [2, 2]


def test_nothing_of_the_index_can_be_written(service: Service) -> None:
    def attack(other: Service) -> object:
        written = []
        index = other.settings.index_dir
        for path in (index, *index.rglob("*")):
            try:
                (path / "new").touch() if path.is_dir() else path.open("ab").close()
            except OSError:
                continue
            written.append(str(path))
        return written

    assert as_another_user(service, attack) == []
