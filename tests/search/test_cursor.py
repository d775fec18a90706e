"""Cursors: what they carry, what is refused, and walks through a living archive."""

import json
import random
import zlib
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.article import Article
from searchsvc.engine import Place, Statistics
from searchsvc.errors import QueryError
from searchsvc.ingest.index import rebuild
from searchsvc.search import cursor as cursors
from searchsvc.search.cursor import Cursor, read_cursor, write_cursor
from searchsvc.search.request import Request
from searchsvc.service import Service
from tests.build import NOW, article, fill

GIVEN = Statistics(1_000, (12.5, 830.25), tuple(range(0, 700, 7)))
CURSOR = Cursor(NOW, "some", Place(7.25, "a1", GIVEN), "00ff")

keys = st.floats(-1e17, 1e17) | st.integers(-(2**63) + 1, 2**63 - 1)
averages = st.tuples(*[st.floats(1e-6, 1e6)] * 2)
statistics = st.builds(
    Statistics, st.integers(1, 10**9), averages, st.lists(st.integers(0, 10**9)).map(tuple)
)


@given(
    st.builds(Place, keys, st.text(), st.none() | statistics), st.sampled_from(["all", "some"]), st.booleans()
)
def test_what_is_written_reads_back(place: Place, matched: cursors.Matched, short: bool) -> None:
    written = Cursor(NOW, matched, place, "0123", short)
    assert read_cursor(write_cursor(written), NOW) == written


def refused(text: str, now: int = NOW) -> None:
    with pytest.raises(QueryError, match="begin again") as caught:
        read_cursor(text, now)
    assert (caught.value.param, caught.value.code) == ("cursor", "bad_cursor")


def test_an_empty_one_begins() -> None:
    assert read_cursor("", NOW) == Cursor(NOW)


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda data: urlsafe_b64encode(data).decode()))
def test_any_other_text_is_refused(text: str) -> None:
    refused(text)


def test_a_changed_or_cut_one_is_refused() -> None:
    text = write_cursor(CURSOR)
    for at, char in enumerate(text):
        for other in ("A" if char != "A" else "B", "-" if char != "-" else "_", "", "é"):
            refused(text[:at] + other + text[at + 1 :])
    refused(text + "A")
    refused(text + "=")
    refused(text * 200)


def forged(values: object, version: bytes = cursors.VERSION) -> str:
    packed = version + zlib.compress(json.dumps(values).encode())
    return urlsafe_b64encode(cursors._digest(packed) + packed).decode().rstrip("=")


SOUND = ["00ff", NOW, False, 1.5, "a", [10, [1.0, 2.0], [1, 2]], False]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, 1), (1, "x"), (1, 0), (1, -5), (1, 10**18), (1, 1.5), (2, 3), (3, None), (3, float("nan")),
        (3, float("inf")), (3, 2**63), (3, 1e300), (4, None), (5, 3), (5, []),
        (5, [0, [1.0, 2.0], []]), (5, [10, [1.0], []]), (5, [10, [1.0, 0.0], []]), (5, [10, [1.0, float("nan")], []]),
        (5, [10, [1.0, 2.0], ["x"]]), (5, [10, [1.0, 2.0], [-1]]), (5, [10, [1.0, 2.0], [0] * 5_000]),
        (5, [10, [1.0, 1e300], []]), (6, 3), (6, None),
    ],
)  # fmt: skip
def test_what_is_in_a_forged_one_is_checked(at: int, value: object) -> None:
    assert read_cursor(forged(SOUND), NOW).place
    refused(forged([*SOUND[:at], value, *SOUND[at + 1 :]]))


def test_hostile_packing_is_refused() -> None:
    refused(forged(SOUND, version=b"0"))
    refused(forged([*SOUND, 1]))
    refused(forged({}))
    for text in ("[" * 60_000, "9" * 50_000, " " * 10_000_000, ""):
        packed = cursors.VERSION + zlib.compress(text.encode())
        refused(urlsafe_b64encode(cursors._digest(packed) + packed).decode().rstrip("="))


def test_a_long_query_still_fits_an_address(service: Service) -> None:
    signs = "".join(chr(0x4E00 + number * 37) for number in range(400))
    fill(service, [article(f"第{number}篇", signs) for number in range(5)])
    page = service.search.search(Request(q=signs, cursor="", page_size="1"))
    assert page.cursor
    assert len(page.cursor) < 2_500
    assert service.search.search(Request(q=signs, cursor=page.cursor)).number == 1


SEARCHES = [
    Request(q="日美关系"),
    Request(q="日美关系", sort="newest"),
    Request(q="日美关系", sort="oldest"),
    Request(q="日美关系 OR 经济"),
    Request(q="这里日美关系的经济问题是什么呢"),
    Request(q="", sort="oldest"),
    Request(q="", tz="Asia/Taipei", since="2024-11"),
    Request(q="G20*"),
    Request(q="美国", sources=("b.example", "news.example"), search_in="content"),
]


@pytest.fixture
def filled(service: Service) -> Service:
    return fill(service, [made(number) for number in range(60)])


def made(number: int, more: str = "") -> Article:
    text = (
        ["日美关系", "经济好，日美关系也好", "G20峰会谈经济", "美国人"][number % 4]
        + "。天气晴朗" * (number % 3)
        + more
    )
    one = article(f"第{number}篇", text, stated=NOW - 86_400 * (number % 5))
    return replace(one, published=None, published_from=None) if number % 7 == 0 else one


def walk(service: Service, request: Request, *steps: object) -> list[str]:
    met: list[str] = []
    cursor: str | None = ""
    left = list(steps)
    while cursor is not None:
        page = service.search.search(replace(request, cursor=cursor, page_size="7"))
        met += [hit.article.title for hit in page.hits]
        cursor = page.cursor
        if left:
            step = left.pop(0)
            assert callable(step)
            step()
    return met


@pytest.mark.parametrize("request_", SEARCHES, ids=lambda r: f"{r.q[:12]}-{r.sort}")
def test_a_walk_meets_every_article_once_while_others_arrive(filled: Service, request_: Request) -> None:
    rng = random.Random(5)
    before = walk(filled, request_)
    plain = filled.search.search(replace(request_, page_size="100"))
    assert sorted(before) == sorted(hit.article.title for hit in plain.hits)
    assert len(before) > 7
    changed = [20, 33]

    def arrive() -> None:
        # Among them one that has all words of a query of which so far none has more than some.
        new = [made(rng.randrange(100, 10_000), "这里日美关系的经济问题是什么呢") for _ in range(10)]
        fill(filled, new)

    def change() -> None:
        fill(filled, [replace(made(number, "改过了"), digest="x", retrieved=NOW + 9) for number in changed])

    met = walk(
        filled, request_, arrive, change, lambda: rebuild(filled.store, filled.engine, lambda _: None), arrive
    )
    kept = [title for title in before if int(title[1:-1]) not in changed]
    assert [title for title in met if title in kept] == kept


def test_a_relative_date_means_the_same_on_every_page(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(since="P3D", sort="newest", cursor="", page_size="7")
    monkeypatch.setattr("searchsvc.search.search.time", lambda: NOW)
    first = filled.search.search(request)
    monkeypatch.setattr("searchsvc.search.search.time", lambda: NOW + 5 * 86_400)
    second = filled.search.search(replace(request, cursor=first.cursor))
    assert first.total == second.total > 7


OTHERS = [
    {"q": "经济"}, {"q": '"日美关系"'}, {"q": "=日美关系"}, {"sort": "oldest"}, {"sort": "relevance"},
    {"sources": ("b.example",)}, {"excluded_sources": ("b.example",)}, {"author": "张"}, {"since": "2024"},
    {"until": "2024"}, {"search_in": "title"},
]  # fmt: skip


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_cursor_of_another_search_is_refused(filled: Service, other: dict[str, object]) -> None:
    request = Request(q="日美关系", sort="newest", cursor="", page_size="7")
    page = filled.search.search(request)
    assert page.cursor
    assert filled.search.search(replace(request, cursor=page.cursor, page_size="9", script="hant")).hits
    with pytest.raises(QueryError, match="another search") as caught:
        filled.search.search(replace(request, cursor=page.cursor, **other))  # type: ignore[arg-type]
    assert (caught.value.param, caught.value.code) == ("cursor", "bad_cursor")


def test_forged_figures_do_no_harm(filled: Service) -> None:
    request = Request(q="日美关系 OR 经济", cursor="", page_size="7")
    page = filled.search.search(request)
    honest = read_cursor(page.cursor or "", NOW * 2)
    assert honest.place
    for key in (1e17, -1e17, 0, 2**63 - 1, -(2**63) + 1, 5.5):
        for figures in (
            None,
            Statistics(1, (1e-8, 1e8), ()),
            Statistics(1 << 39, (1.0, 1.0), (0, 1 << 39, 5) * 99),
        ):
            for sort in (None, "newest", "oldest"):
                asked = replace(request, sort=sort, page_size="7")
                of = read_cursor(filled.search.search(asked).cursor or "", NOW * 2).of
                forged_one = replace(honest, place=Place(key, "\x00", figures), of=of)
                filled.search.search(replace(asked, cursor=write_cursor(forged_one)))
