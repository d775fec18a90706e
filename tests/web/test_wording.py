"""Words of other languages inside the interface's own: kept to themselves, and in their language."""

import string
from typing import get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchsvc.search.warnings import SENTENCES, Kind
from searchsvc.web.messages import LANGUAGES, Language, table
from searchsvc.web.wording import word, worded
from tests.web.test_pages import one, tree

TYPED = "<b>關稅"


def values_of(kind: Kind) -> dict[str, str | int]:
    """Values for a kind of warning: what was typed for a text, a number for a limit."""
    names = [name for _, name, _, _ in string.Formatter().parse(SENTENCES[kind]) if name]
    return {name: 1_234 if name == "most" else TYPED for name in names}


def test_a_word_is_escaped_and_has_its_language(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert word(TYPED) == '<bdi lang="zh-Hant">&lt;b&gt;關稅</bdi>'
        assert word("关税") == '<bdi lang="zh-Hans">关税</bdi>'
        assert word("tariff") == '<bdi lang="en">tariff</bdi>'


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_warning_is_told_in_every_language(app: Flask, kind: Kind, language: Language) -> None:
    values = values_of(kind)
    with app.test_request_context("/", headers={"Accept-Language": language}):
        told = worded(f"warning.{kind}", **values)
        assert told.count(word(TYPED)) == list(values.values()).count(TYPED)
    assert ("1,234" in told) == ("most" in values)
    assert TYPED not in told


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_english_page_says_what_programs_are_told(kind: Kind) -> None:
    assert table("en")[f"warning.{kind}"] == f"{SENTENCES[kind]}."


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("zh-CN", "没有叫“無此報”的来源。"),
        ("zh-TW", "沒有叫「無此報」的來源。"),
        ("en", "No source is called 無此報."),
    ],
)
def test_a_page_warns_in_the_language_of_its_reader(client: FlaskClient, language: str, told: str) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = tree(client, "/search?q=source:無此報")
    assert one(page, ".notice li").text() == told
    assert one(page, ".notice li bdi").attributes["lang"] == "zh-Hant"
