"""``python -m tests.torture [--quick] [ROW…]``: run the battery, print each row's figure beside the one asked.

Exit status 1 when a row had a violation. A row that cannot be run at all counts as one.
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.machine import sentence
from tests.torture.row import Outcome, Row, Trial
from tests.torture.rows import ROWS

# Violations shown of one row; the rest are of the same kind.
SHOWN = 20


def main() -> int:
    """Run the rows that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(row.name for row in ROWS))
    parser.add_argument("--quick", action="store_true", help="the form that `make test` runs")
    given = parser.parse_args()
    if unknown := set(given.rows) - {row.name for row in ROWS}:
        parser.error(f"no row is called {', '.join(sorted(unknown))}")
    chosen = [row for row in ROWS if not given.rows or row.name in given.rows]
    table = Table("row", "what", "asked", "reached", "minutes", title=sentence())
    failed = False
    for row in chosen:
        start = time.monotonic()
        outcome = attempt(row, given.quick)
        failed |= bool(outcome.violations)
        minutes = f"{(time.monotonic() - start) / 60:.1f}"
        table.add_row(row.name, row.what, row.asked, outcome.figure, minutes)
        say(row, outcome)
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return int(failed)


def attempt(row: Row, quick: bool) -> Outcome:
    """Run a row in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix=f"torture-{row.name}-") as folder:
        try:
            return row.run(Trial(Path(folder), quick))
        except Exception:
            return Outcome("could not be run", (traceback.format_exc(),))


def say(row: Row, outcome: Outcome) -> None:
    """What a row found, while the others are still to come."""
    print(f"{row.name}: {outcome.figure}", flush=True)
    for violation in outcome.violations[:SHOWN]:
        print(f"  VIOLATION {violation}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
