"""Query strings as parameters: what is read, refused and carried on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import QueryError
from searchsvc.search.request import Request
from searchsvc.web.parameters import (
    Parameter,
    check_encoding,
    encode,
    known,
    lenient,
    read,
    replaced,
    strict,
    with_cursor,
    with_page,
    without,
)


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_what_is_encoded_reads_back(pairs: list[tuple[str, str]]) -> None:
    parameters = tuple(Parameter(name, value) for name, value in pairs)
    assert read(encode(parameters).encode()) == parameters


@given(st.binary())
def test_any_bytes_are_read(query: bytes) -> None:
    for parameter in read(query):
        parameter.value.encode("utf-8")


@pytest.mark.parametrize("query", [b"q=%ED%A0%80", b"q=\xff", b"q=%CA%AF%C6%C6", b"%ff=1&q=%ff"])
def test_what_is_not_utf8_is_refused_by_name(query: bytes) -> None:
    with pytest.raises(QueryError, match="UTF-8") as caught:
        check_encoding(part for part in read(query) if part.name == "q")
    assert (caught.value.param, caught.value.code) == ("q", "bad_encoding")


def test_strict_reads_every_parameter_of_the_contract() -> None:
    names = [
        "q",
        "from",
        "to",
        "tz",
        "source",
        "source",
        "exclude_source",
        "author",
        "search_in",
        "sort",
        "page",
        "page_size",
        "variants",
        "facets",
        "script",
        "cursor",
        "story",
        "fold",
    ]
    query = "&".join(f"{name}={letter}" for name, letter in zip(names, "abcdefghijklmnopqr", strict=True))
    wanted = Request(*"abcd", ("e", "f"), ("g",), *"hijklmnopqr")
    assert strict(read(query.encode())) == wanted


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        (b"q=a&fro=2024", "fro", "unknown_param"),
        (b"q=a&Q=a", "Q", "unknown_param"),
        (b"q=a&", None, None),
        (b"q=a&q=a", "q", "repeated_param"),
        (b"page=1&page=2", "page", "repeated_param"),
        (b"cursor=x&cursor=", "cursor", "repeated_param"),
    ],
)
def test_strict_names_what_it_cannot_take(query: bytes, param: str | None, code: str | None) -> None:
    if param is None:
        assert strict(read(query)) == Request("a")
        return
    with pytest.raises(QueryError) as caught:
        strict(read(query))
    assert (caught.value.param, caught.value.code) == (param, code)


def test_lenient_leaves_out_what_a_form_or_a_tracker_added() -> None:
    query = b"utm_source=x&q=%E7%9F%B3&from=&to=+&source=&source=a&source=a&q=second&cursor=z&facets=nothing"
    assert lenient(read(query)) == Request("石", sources=("a",))


def test_links_carry_the_search_on() -> None:
    asked = known(read(b"q=a&from=2024&page=3&source=x&source=y"))
    assert encode(with_page(asked, 4)) == "q=a&from=2024&source=x&source=y&page=4"
    assert encode(with_cursor(asked, "c")) == "q=a&from=2024&source=x&source=y&cursor=c"
    assert encode(with_cursor(with_cursor(asked, "c"), "d")) == "q=a&from=2024&source=x&source=y&cursor=d"
    assert encode(with_page(asked, 1)) == "q=a&from=2024&source=x&source=y"
    assert encode(without(asked, "from", "to")) == "q=a&source=x&source=y"
    assert encode(without(asked, "source", value="x")) == "q=a&from=2024&source=y"
    assert encode(replaced(asked, "q", "b")) == "q=b&from=2024&source=x&source=y"
