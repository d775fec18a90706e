"""A process that builds an index has what it needs, and no more."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
IMPORTED = "import sys, searchsvc.engine.builder; print('numba' in sys.modules)"


def test_a_building_process_does_without_the_compiled_loops() -> None:
    """They read postings; loading them takes each process more memory than all else that it imports."""
    command = [sys.executable, "-c", IMPORTED]
    assert subprocess.check_output(command, cwd=ROOT, text=True) == "False\n"
