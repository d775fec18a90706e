"""Hostile query strings through HTTP: none is our error, none is slow, and the workers do not grow."""

from bench import hostile
from bench.corpus import load
from bench.malice import queries
from bench.service import archived, serving
from tests.torture.archive import TITLES, make_archive
from tests.torture.row import Outcome, Row, Trial

SECONDS, GROWN_BYTES = 2.0, 50_000_000
# Queries until all threads have their connections and caches are full.
WARM_UP = 2_000
SHOWN = 100


def run(trial: Trial) -> Outcome:
    """Ask. Time and memory are judged in the whole form only: what else the machine does decides no test."""
    titles = list(TITLES) if trial.quick else [sample.title for sample in load(20_000).samples]
    if trial.quick:
        make_archive(trial.folder)
    else:
        archived(trial.folder)
    asked = list(queries(titles, trial.of(400, 100_000)))
    with serving(trial.folder) as served:
        found = hostile.ask_all(served, asked, warm_up=trial.of(100, WARM_UP))
    violations = [f"{status} for q={query[:SHOWN]}" for query, status, _ in found.failed]
    if not trial.quick:
        violations += [f"{taken:.1f} s for q={query[:SHOWN]}" for query, _, taken in found.slow(SECONDS)]
        if found.grown_bytes >= GROWN_BYTES:
            violations.append(f"memory grew by {found.grown_bytes / 1e6:.0f} MB")
    figure = (
        f"{len(found.answers):,} strings, {len(found.failed)} of 5xx, {len(found.slow(SECONDS))} slower than "
        f"{SECONDS:g} s (slowest {found.slowest_seconds:.1f} s), memory {found.grown_bytes / 1e6:+.0f} MB"
    )
    return Outcome(figure, tuple(violations))


ROW = Row(
    "queries",
    "query fuzz through HTTP",
    "100,000 strings, 0 answers of 5xx, each within 2 s, worker memory growth under 50 MB",
    run,
)
