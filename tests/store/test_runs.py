"""What ingests did is kept: the last hundred of them, those that did not end too."""

import pytest

from searchsvc.store.place import Place
from searchsvc.store.runs import KEPT, Reason, Run, RunStore, SourceRun

pytestmark = pytest.mark.both_databases

SOURCES = (
    SourceRun(
        "https://a.example/feed", 1, 2, 3, 4, 5, (Reason("failed", "a", "坏了"), Reason("skipped", "b", ""))
    ),
    SourceRun("https://b.example/feed", 0, 0, 0, 0, 0),
)


@pytest.fixture
def runs(place: Place) -> RunStore:
    return RunStore(place)


def test_a_run_comes_out_as_it_went_in(runs: RunStore) -> None:
    assert (runs.last(), runs.unfinished()) == (None, None)
    run = Run(began=1_000, took_ms=1_234, indexed=3, sources=SOURCES, stopped="IndexBusy")
    runs.end(runs.begin(1_000), run)
    assert (runs.last(), runs.unfinished()) == (run, None)


def test_a_run_that_has_not_ended_is_told_beside_the_last_that_has(runs: RunStore) -> None:
    ended = Run(1_000, 1, 0, SOURCES)
    runs.end(runs.begin(1_000), ended)
    number = runs.begin(2_000)
    assert (runs.last(), runs.unfinished()) == (ended, 2_000)
    runs.end(number, Run(2_000, 1, 0, ()))
    assert (runs.last(), runs.unfinished()) == (Run(2_000, 1, 0, ()), None)


def test_only_the_last_ones_are_kept_with_their_sources(runs: RunStore) -> None:
    for began in range(KEPT + 10):
        runs.end(runs.begin(began), Run(began, 1, 0, SOURCES))
    connection = runs.connection()
    assert connection.execute("SELECT count(*), min(began) FROM runs").fetchone() == (KEPT, 10)
    assert connection.execute("SELECT count(*) FROM run_sources").fetchone() == (KEPT * len(SOURCES),)
