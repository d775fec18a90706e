"""Text in the reader's script: every character stays at its place, and what it means."""

import gzip
import json
from pathlib import Path

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.article import Script
from searchsvc.text.display import convert, convert_html
from searchsvc.text.fold import fold

scripts = st.sampled_from(["hans", "hant"])
SIGNS = "后發发面裡里为為群羣着著乾干台臺徵征頭头髮齾𫜰𠮷 \n。「“a\0\u200b"
texts = st.text(
    st.sampled_from(SIGNS) | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF) | st.characters()
)


@pytest.mark.parametrize(
    ("text", "script", "shown"),
    [
        ("頭髮與發展，皇后在後面", "hans", "头发与发展，皇后在后面"),
        ("头发与发展，皇后在后面", "hant", "頭髮與發展，皇后在後面"),
        ("这里为群众", "hant", "這裡為群眾"),
        ("软件和计算机", "hant", "軟件和計算機"),  # Characters, not Taiwan's words.
        ("齾𠮷", "hans", "𫜰𠮷"),
        ("后\0台", "hant", "後\0臺"),  # OpenCC stops at a NUL.
        ("", "hans", ""),
    ],
)
def test_what_is_shown(text: str, script: Script, shown: str) -> None:
    assert convert(text, script) == shown


@given(texts, scripts)
def test_every_character_stays_at_its_place_and_folds_as_before(text: str, script: Script) -> None:
    assert fold(convert(text, script)) == fold(text)


@given(texts, scripts, st.data())
def test_a_span_cuts_out_the_conversion_of_what_it_cut_out(
    text: str, script: Script, data: st.DataObject
) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    cut = convert(text, script)[start:end]
    assert fold(cut) == fold(text[start:end]) == fold(convert(text[start:end], script))


def test_a_lone_surrogate_does_no_harm() -> None:
    assert convert("後\ud800面\n裡", "hans") == "后\ud800面\n里"


@pytest.mark.shared_data
@pytest.mark.parametrize("script", ["hans", "hant"])
def test_real_articles_are_what_opencc_makes_of_them(shared: Path, script: Script) -> None:
    converter = opencc.OpenCC({"hans": "t2s", "hant": "s2tw"}[script])
    with gzip.open(shared / "data" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        sample = [json.loads(line) for _, line in zip(range(300), lines, strict=False)]
    for article in sample:
        text = article.get("text") or article["title"]
        assert fold(convert(text, script)) == fold(text)
        assert convert(article["title"], script) == converter.convert(article["title"])


def test_markup_stays_as_it_is() -> None:
    html = (
        '<p>裡面<a href="https://a.example/後面?a=>b" title="a > 後">後面 &gt; <b>頭</b>髮</a></p>\n<p>1 < 2'
    )
    shown = (
        '<p>里面<a href="https://a.example/後面?a=>b" title="a > 後">后面 &gt; <b>头</b>发</a></p>\n<p>1 < 2'
    )
    assert convert_html(html, "hans") == shown
