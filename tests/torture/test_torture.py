"""The quick form of each row of the battery has no violation."""

from pathlib import Path

import pytest

from tests.torture.row import Row, Trial
from tests.torture.rows import ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_quick_form_has_no_violation(row: Row, tmp_path: Path) -> None:
    assert row.run(Trial(tmp_path, quick=True)).violations == ()
