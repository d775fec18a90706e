"""When a feed is due again, and what is remembered of how it answered. Pure: state and answer → state.

``chance`` is a number from 0 to 1 that spreads feeds which failed together: it is drawn by the caller.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from searchsvc.errors import FetchFailed, SourceError
from searchsvc.ingest.fetch import Fetched, Validators
from searchsvc.ingest.opml import ListedFeed
from searchsvc.store.feeds import FeedState, Rhythm

Standing = Literal["well", "new", "failing", "gone", "paused", "wrong"]

HOUR, DAY = 3_600, 86_400
# Nobody gains from a feed asked more often, whatever runs us.
LEAST_SECONDS = 600
# What a server says of freshness is believed up to here: years are set by mistake.
LONGEST_FRESH = DAY
# And what it says of when to come back, which is set on purpose.
LONGEST_RETRY = 7 * DAY
# After failures: about half an hour, doubled each time, a day at most.
FIRST_DELAY, LONGEST_DELAY = 1_800, DAY
GONE, SLOW_DOWN = 410, (429, 503)


def is_due(state: FeedState, now: int) -> bool:
    """Whether a feed may be asked: its time has come, and it takes no rest this hour.

    A time further off than any that is ever set comes from a clock that was wrong.
    """
    wait = (state.due or 0) - now
    return state.retired is None and not 0 < wait <= LONGEST_RETRY + DAY and not _rests(state.rhythm, now)


def standing(feed: ListedFeed, state: FeedState) -> Standing:
    """How a feed of the list does, in a word; "wrong" is what the list says of it."""
    if feed.problem:
        return "wrong"
    if feed.paused:
        return "paused"
    if state.retired is not None:
        return "gone"
    if state.failures:
        return "failing"
    return "well" if state.succeeded else "new"


def address_of(state: FeedState) -> str:
    """Where the feed is now."""
    return state.moved_to or state.address


def validators_of(state: FeedState) -> Validators | None:
    """What its last answer is told back with."""
    return Validators(state.validated, state.etag, state.modified) if state.validated else None


def after_answer(
    state: FeedState, answer: Fetched, rhythm: Rhythm, *, digest: str | None = None
) -> FeedState:
    """The state of a feed that answered, once the items of its body are stored.

    ``rhythm`` is what the body says, ``digest`` the body's; those of the body before where it is
    unchanged.
    """
    now = answer.fetched_at
    kept = answer.validators or (validators_of(state) if answer.unchanged else None)
    due = now + max(LEAST_SECONDS, rhythm.every, min(answer.fresh_seconds, LONGEST_FRESH))
    return replace(
        state,
        moved_to=answer.moved_to or state.moved_to,
        etag=kept.etag if kept else None,
        modified=kept.modified if kept else None,
        validated=kept.address if kept else None,
        digest=digest or state.digest,
        rhythm=rhythm,
        fetched=now,
        succeeded=now,
        due=_awake(rhythm, due),
        retired=None,
        failures=0,
        failing_since=None,
        error=None,
        fetches=state.fetches + 1,
        unmodified=state.unmodified + answer.unchanged,
        bytes=state.bytes + answer.wire_bytes,
    )


def after_failure(state: FeedState, error: SourceError, now: int, chance: float) -> FeedState:
    """The state of a feed that did not answer, or not with a feed."""
    status, retry_at = _answered(error)
    failures = state.failures + 1
    return replace(
        state,
        fetched=now,
        due=max(now + _delay(failures, chance), min(retry_at or 0, now + LONGEST_RETRY)),
        retired=now if status == GONE else state.retired,
        failures=failures,
        failing_since=state.failing_since or now,
        error=str(error),
        fetches=state.fetches + 1,
        failed=state.failed + 1,
    )


def put_off(state: FeedState, until: int, now: int) -> FeedState:
    """The state of a feed whose host wants to be left alone, so that it was not asked."""
    return replace(state, due=min(until, now + LONGEST_RETRY))


def wants_rest(error: SourceError, now: int) -> int | None:
    """Until when a whole host wants to be left alone: 429, or 503 with a time."""
    status, retry_at = _answered(error)
    if status not in SLOW_DOWN or (status != 429 and retry_at is None):
        return None
    return max(now + LEAST_SECONDS, retry_at or 0)


def _answered(error: SourceError) -> tuple[int | None, int | None]:
    return (error.status, error.retry_at) if isinstance(error, FetchFailed) else (None, None)


def _delay(failures: int, chance: float) -> int:
    """Seconds to wait after so many failures in a row: doubled each time, between half of it and all."""
    whole = min(FIRST_DELAY * 2 ** min(failures - 1, 20), LONGEST_DELAY)
    return int(whole * (0.5 + chance / 2))


def _awake(rhythm: Rhythm, when: int) -> int:
    """The first moment from ``when`` on in which a feed does not rest: within a week, by its nature."""
    for _ in range(7 * 24):
        if not _rests(rhythm, when):
            return when
        when += HOUR - when % HOUR
    return when


def _rests(rhythm: Rhythm, when: int) -> bool:
    moment = datetime.fromtimestamp(when, UTC)
    return moment.hour in rhythm.skip_hours or moment.weekday() in rhythm.skip_days
