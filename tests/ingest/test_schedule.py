"""When a feed is due again, and what is remembered of it."""

from dataclasses import replace

import pytest

from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.fetch import Fetched, Validators
from searchsvc.ingest.opml import ListedFeed
from searchsvc.ingest.schedule import (
    LEAST_SECONDS,
    after_answer,
    after_failure,
    is_due,
    put_off,
    standing,
    validators_of,
    wants_rest,
)
from searchsvc.store.feeds import NO_RHYTHM, FeedState, Rhythm

# Thu, 07 Nov 2024 08:00:00 GMT
NOW = 1_730_966_400
ADDRESS = "https://a.example/rss"
STATE = FeedState(ADDRESS)
FEED = ListedFeed("甲", ADDRESS)
HOUR, DAY = 3_600, 86_400


def answer(**fields: object) -> Fetched:
    values: dict[str, object] = {"data": b"x", "content_type": None, "address": ADDRESS, "fetched_at": NOW}
    return Fetched(**(values | fields))  # type: ignore[arg-type]


def wait(answer_: Fetched, rhythm: Rhythm = NO_RHYTHM) -> int:
    due = after_answer(STATE, answer_, rhythm).due
    assert due is not None
    return due - NOW


def failed(times: int, error: SourceError | None = None, chance: float = 1.0) -> FeedState:
    state = STATE
    for _ in range(times):
        state = after_failure(state, error or SourceError("no"), NOW, chance)
    return state


def test_a_feed_that_was_never_asked_is_due() -> None:
    assert is_due(STATE, NOW)


def test_a_feed_is_due_when_its_time_has_come_and_when_a_wrong_clock_set_it() -> None:
    waits = {0: True, 1: False, 7 * DAY: False, 365 * DAY: True}
    assert {wait: is_due(replace(STATE, due=NOW + wait), NOW) for wait in waits} == waits


@pytest.mark.parametrize(
    ("fresh", "every", "seconds"),
    [(0, 0, LEAST_SECONDS), (60, 0, LEAST_SECONDS), (HOUR, 0, HOUR), (0, HOUR, HOUR), (HOUR, 2 * HOUR, 2 * HOUR),
     (3 * HOUR, HOUR, 3 * HOUR), (365 * DAY, 0, DAY)],
)  # fmt: skip
def test_a_feed_is_due_when_its_answer_is_stale_and_its_rhythm_allows(
    fresh: int, every: int, seconds: int
) -> None:
    assert wait(answer(fresh_seconds=fresh), Rhythm(every)) == seconds


def test_hours_and_days_of_rest_are_kept() -> None:
    assert wait(answer(), Rhythm(skip_hours=(8, 9))) == 2 * HOUR
    # From Thursday 08:00 over Friday and Saturday to midnight.
    assert wait(answer(), Rhythm(skip_days=(3, 4, 5))) == 16 * HOUR + 2 * DAY


def test_a_feed_rests_also_when_a_round_comes_late() -> None:
    state = replace(STATE, due=NOW, rhythm=Rhythm(skip_hours=(9,)))
    assert [is_due(state, NOW + hours * HOUR) for hours in (0, 1, 2)] == [True, False, True]


def test_failures_put_a_feed_off_twice_as_long_each_time_up_to_a_day() -> None:
    waits = [(failed(times).due or 0) - NOW for times in range(1, 9)]
    assert waits == [1_800, 3_600, 7_200, 14_400, 28_800, 57_600, DAY, DAY]
    assert failed(10_000).due == NOW + DAY


def test_feeds_that_fail_together_are_spread() -> None:
    dues = {failed(3, chance=chance / 10).due or 0 for chance in range(11)}
    assert (min(dues) - NOW, max(dues) - NOW, len(dues)) == (3_600, 7_200, 11)


def test_a_success_ends_a_row_of_failures() -> None:
    state = after_answer(failed(5), answer(), Rhythm())
    assert (state.failures, state.failing_since, state.error) == (0, None, None)
    assert (state.fetches, state.failed, state.succeeded) == (6, 5, NOW)


def test_since_when_a_feed_fails_is_the_first_failure() -> None:
    state = after_failure(after_failure(STATE, SourceError("a"), NOW, 0), SourceError("b"), NOW + DAY, 0)
    assert (state.failing_since, state.error, state.failures) == (NOW, "b", 2)


def test_a_server_that_says_when_to_come_back_is_believed_up_to_a_week() -> None:
    assert failed(1, FetchFailed("busy", status=503, retry_at=NOW + 5 * HOUR)).due == NOW + 5 * HOUR
    assert failed(1, FetchFailed("busy", status=503, retry_at=NOW + 365 * DAY)).due == NOW + 7 * DAY
    assert failed(1, FetchFailed("busy", status=503, retry_at=NOW - DAY)).due == NOW + 1_800


def test_a_feed_that_is_gone_is_retired_and_one_that_is_missing_is_not() -> None:
    assert (
        failed(1, FetchFailed("gone", status=410)).retired,
        failed(1, FetchFailed("?", status=404)).retired,
    ) == (NOW, None)
    assert not is_due(failed(1, FetchFailed("gone", status=410)), NOW + 365 * DAY)


@pytest.mark.parametrize(
    ("status", "retry_at", "until"),
    [(429, None, NOW + LEAST_SECONDS), (429, NOW + DAY, NOW + DAY), (503, NOW + DAY, NOW + DAY), (503, None, None),
     (500, NOW + DAY, None), (None, None, None)],
)  # fmt: skip
def test_a_whole_host_rests_when_it_says_so(
    status: int | None, retry_at: int | None, until: int | None
) -> None:
    assert wants_rest(FetchFailed("no", status=status, retry_at=retry_at), NOW) == until


def test_a_feed_that_was_put_off_has_not_failed() -> None:
    assert put_off(STATE, NOW + DAY, NOW) == replace(STATE, due=NOW + DAY)


def test_what_was_not_modified_keeps_its_validators_and_a_new_body_forgets_them() -> None:
    known = after_answer(STATE, answer(validators=Validators(ADDRESS, '"1"')), Rhythm())
    same = after_answer(known, answer(data=b"", unchanged=True), Rhythm())
    assert validators_of(same) == Validators(ADDRESS, '"1"')
    assert (same.fetches, same.unmodified) == (2, 1)
    assert validators_of(after_answer(known, answer(), Rhythm())) is None


def test_a_move_is_remembered() -> None:
    assert (
        after_answer(STATE, answer(moved_to="https://b.example/"), Rhythm()).moved_to == "https://b.example/"
    )


@pytest.mark.parametrize(
    ("feed", "state", "word"),
    [
        (FEED, STATE, "new"),
        (FEED, replace(STATE, succeeded=NOW), "well"),
        (FEED, replace(STATE, succeeded=NOW, failures=1), "failing"),
        (FEED, replace(STATE, failures=1, retired=NOW), "gone"),
        (replace(FEED, paused=True), replace(STATE, failures=1), "paused"),
        (replace(FEED, problem="no zone"), STATE, "wrong"),
    ],
)
def test_how_a_feed_does_in_a_word(feed: ListedFeed, state: FeedState, word: str) -> None:
    assert standing(feed, state) == word
