"""The database's file belongs to whom its folder belongs."""

import os
from pathlib import Path

import pytest

from searchsvc.store.articles import ArticleStore, Write
from tests.build import article


@pytest.mark.parametrize(("folder", "file"), [(0o770, 0o660), (0o750, 0o640), (0o700, 0o600), (0o755, 0o640)])
def test_a_new_database_is_open_to_whom_its_folder_is_open(tmp_path: Path, folder: int, file: int) -> None:
    place = tmp_path / "data"
    place.mkdir()
    place.chmod(folder)
    before = os.umask(0o027)
    try:
        store = ArticleStore(place / "articles.sqlite3")
        store.put([Write(article())])
        modes = {path.name: path.stat().st_mode & 0o777 for path in place.iterdir()}
    finally:
        os.umask(before)
    assert set(modes.values()) == {file}
    assert {"articles.sqlite3", "articles.sqlite3-shm", "articles.sqlite3-wal"} == modes.keys()


def test_a_database_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "articles.sqlite3"
    ArticleStore(path).count()
    path.chmod(0o600)
    ArticleStore(path).count()
    assert path.stat().st_mode & 0o777 == 0o600
