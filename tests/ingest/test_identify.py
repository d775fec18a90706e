"""The same article or another? And what is done with one that is known."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.ingest.identify import Decision, Outcome, article_id, decide, identity, normalise_url
from searchsvc.store.articles import Versions
from tests.build import NOW, article


@pytest.mark.parametrize(
    "other",
    [
        "http://news.example/a?id=1",
        "https://NEWS.example:443/a?id=1",
        "https://news.example/a?id=1#comments",
        "https://news.example/a?utm_source=rss&id=1",
        "https://news.example/a?id=1&fbclid=xyz",
        " https://news.example/a?id=1 ",
    ],
)
def test_one_page_has_one_address(other: str) -> None:
    assert normalise_url(other) == normalise_url("https://news.example/a?id=1")


@pytest.mark.parametrize(
    "other",
    ["https://news.example/a?id=2", "https://www.news.example/a?id=1", "https://news.example/A?id=1",
     "https://news.example/a?id=1#169127", "https://news.example:8443/a?id=1"],
)  # fmt: skip
def test_other_pages_stay_apart(other: str) -> None:
    assert normalise_url(other) != normalise_url("https://news.example/a?id=1")


def test_han_in_an_address_is_the_same_encoded_or_not() -> None:
    assert normalise_url("https://news.example/石破") == normalise_url(
        "https://news.example/%E7%9F%B3%E7%A0%B4"
    )


@given(
    st.text(st.characters(codec=None), max_size=80).map("http://a.example/".__add__) | st.text(max_size=40)
)
def test_any_address_has_a_form_and_keeps_it(url: str) -> None:
    assert normalise_url(normalise_url(url)) == normalise_url(url)


def test_identity_is_the_address_else_the_guid_else_the_content() -> None:
    assert identity("https://a.example/1", "g", "s", "d").startswith("url ")
    assert identity(None, "g", "s", "d") == "guid s g"
    assert identity(None, None, "s", "d") == "content d"


def test_an_export_read_again_is_the_same_article() -> None:
    key = identity(None, None, "s", "d")
    assert identity(None, article_id(key), "s", "d") == key


KNOWN = Versions("B", NOW, {"A": NOW - 100, "B": NOW})


@pytest.mark.parametrize(
    ("digest", "retrieved", "dated", "decision"),
    [
        ("B", NOW + 9, True, Decision(Outcome.UNCHANGED)),
        ("A", NOW - 100, True, Decision(Outcome.UNCHANGED)),
        ("A", NOW + 9, True, Decision(Outcome.UPDATED)),  # It went back to its earlier wording.
        ("A", NOW + 9, False, Decision(Outcome.UNCHANGED)),  # A file read again says nothing new.
        ("C", NOW + 9, True, Decision(Outcome.UPDATED)),
        ("C", NOW - 9, True, Decision(Outcome.UPDATED, current=False)),
        ("C", NOW - 9, False, Decision(Outcome.UPDATED)),
    ],
)
def test_what_is_done_with_an_article_that_is_known(
    digest: str, retrieved: int, dated: bool, decision: Decision
) -> None:
    assert decide(KNOWN, replace(article(), digest=digest, retrieved=retrieved), dated=dated) == decision


def test_what_is_not_known_is_new() -> None:
    assert decide(None, article(), dated=True) == Decision(Outcome.NEW)
