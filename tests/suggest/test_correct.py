"""Did you mean: what is offered in place of a query that found little."""

from collections.abc import Callable

import pytest

from searchsvc.errors import BudgetExceeded
from searchsvc.service import Service
from searchsvc.suggest import correct
from searchsvc.suggest.correct import corrections
from searchsvc.suggest.damage import guesses, spellings, within
from searchsvc.suggest.lookup import Lookup

pytestmark = pytest.mark.usefixtures("enough_time")


def offered(q: str, lookup: Lookup, service: Service, words: list[str] | None = None) -> tuple[str, ...]:
    return corrections(q, words or q.split(), total(service)(q), total(service), lookup)


def total(service: Service) -> Callable[[str], int]:
    """How many articles have all words of a query."""

    def count(q: str) -> int:
        from searchsvc.search.request import Request

        answer = service.search.find(Request(q=q))
        return answer.found.total if answer.matched == "all" else 0

    return count


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("特郎普", "特朗普"),  # alike in sound and in shape
        ("特浪普", "特朗普"),  # in sound
        ("待朗普", "特朗普"),  # in shape
        ("特普朗", "特朗普"),  # two that changed places
        ("特猫普", "特朗普"),  # a name with any other character
        ("石破贸", "石破茂"),
        ("石波茂", "石破茂"),
        ("石破猫", "石破茂"),  # not in the table, but in titles
        ("度轮", "渡轮"),
        ("lanturn", "lantern"),
        ("lantren", "lantern"),
    ],
)
def test_a_wrong_character(lookup: Lookup, kept: Service, typed: str, meant: str) -> None:
    assert offered(typed, lookup, kept)[:1] == (meant,)


def test_it_is_offered_in_the_script_that_was_typed(lookup: Lookup, kept: Service) -> None:
    assert offered("渡侖", lookup, kept)[:1] == ("渡輪",)


def test_only_the_wrong_word_is_exchanged(lookup: Lookup, kept: Service) -> None:
    words = ["石破贸", "渡轮"]
    assert offered("石破贸 渡轮", lookup, kept, words) == ("石破茂 渡轮",)
    assert offered("intitle:石破贸 -关税", lookup, kept, ["石破贸"]) == ("intitle:石破茂 -关税",)


def test_a_query_that_finds_enough_is_left_alone(lookup: Lookup, kept: Service) -> None:
    for q in ("石破茂", "特朗普", "渡轮", "Lantern"):
        assert offered(q, lookup, kept) == ()


def test_a_word_that_occurs_is_not_doubted_for_one_that_occurs_little_more(
    lookup: Lookup, kept: Service
) -> None:
    assert offered("石坡", lookup, kept) == ()


def test_what_would_find_no_more_is_not_offered(lookup: Lookup, kept: Service) -> None:
    assert offered("国会 石破贸", lookup, kept) == ()


@pytest.mark.parametrize(
    "q", ["", "石", "()", "\ud800\ud800", "\x00\x00", "a", "啊" * 300, "·石破", "龘龘龘"]
)
def test_there_is_an_answer_to_everything(lookup: Lookup, kept: Service, q: str) -> None:
    assert isinstance(offered(q, lookup, kept, [q]), tuple)


def test_the_counts_have_an_end(lookup: Lookup, kept: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    count = Lookup.count
    monkeypatch.setattr(Lookup, "count", lambda self, text: counted.append(text) or count(self, text))
    offered("依依依 一一一 石石石 是是是 及及及", lookup, kept)
    assert len(counted) <= correct.MOST_COUNTS + 10


def test_a_slow_query_is_not_asked_again_and_again(
    lookup: Lookup, kept: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(1_000))
    monkeypatch.setattr(correct, "perf_counter", lambda: next(now))
    monkeypatch.setattr(correct, "MOST_SECONDS", 3.0)
    counted: list[str] = []
    found = corrections("石破贸 度轮", ["石破贸", "度轮"], 0, lambda q: counted.append(q) or 9, lookup)
    assert (found, counted) == ((), ["石破贸  "])


def test_out_of_time_nothing_is_offered(
    lookup: Lookup, kept: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object) -> int:
        raise BudgetExceeded("late")

    monkeypatch.setattr(Lookup, "count", late)
    assert offered("特郎普", lookup, kept) == ()


def test_what_is_no_word_is_compared_with_none(lookup: Lookup, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(Lookup, "newest", lambda self, query, limit: asked.append(query) or [])
    assert list(spellings("lan\u0301turn", 2, lookup)) == []
    assert asked == []
    assert list(spellings("lanturn", 2, lookup)) == []
    assert len(asked) == 1


def test_a_number_is_not_another_number_mistyped(lookup: Lookup) -> None:
    found = set(guesses("第七批", lookup))
    assert "第妻批" in found
    assert "第一批" not in found


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [
        ("a", "a", 0),
        ("lantern", "lanturn", 1),
        ("lantern", "lntern", 1),
        ("lantern", "lantren", 2),
        ("ab", "cd", 2),
    ],
)
def test_letters_apart(left: str, right: str, distance: int) -> None:
    assert within(left, right, distance)
    assert not distance or not within(left, right, distance - 1)
