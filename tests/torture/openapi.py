"""Everything that ``/openapi.json`` allows and forbids is asked of the service as it is served, by schemathesis.

Its checks hold the answers against the document: statuses, types, headers, schemas; that what is allowed is
answered and what is not is refused; that other methods are refused and say which there are.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.torture.row import Outcome, Row, Trial
from tests.torture.xss import flask, settings_in
from tests.web.conftest import ROOT, serving

HERE = Path(__file__).parent
GENERATED = re.compile(r"(\d+) generated")
FAILURE = re.compile(r"^- .*(?:\n.*){0,12}?curl [^\n]*", re.MULTILINE)


def run(trial: Trial) -> Outcome:
    """Serve the samples and ask. Each operation is asked some examples in each phase."""
    settings = settings_in(trial.folder)
    flask(settings, "ingest", "samples/*.txt")
    with serving(settings, trial.folder / "log") as server:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
                *("run", f"{server.url}/openapi.json", "--checks", "all", "--no-color", "--warnings", "off"),
                *("--max-examples", str(trial.of(5, 500)), "--seed", "7", "--continue-on-failure"),
            ],
            cwd=trial.folder,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.torture.openapi_hooks", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        log = server.log.read_text()
    generated = GENERATED.search(done.stdout)
    cases = int(generated[1]) if generated else 0
    violations = FAILURE.findall(done.stdout)
    if done.returncode and not violations:
        violations = [done.stdout[-3_000:] + done.stderr[-1_000:]]
    if "Traceback" in log:
        violations.append(log[-2_000:])
    if not cases:
        violations.append("nothing was asked")
    return Outcome(f"{cases:,} requests, {len(violations)} that break the document", tuple(violations))


OPENAPI = Row(
    "openapi", "what /openapi.json allows and forbids, by schemathesis", "all checks, 0 broken", run
)
