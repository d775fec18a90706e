"""Pictures in the kept markup, and where in the text they stand."""

import pytest

from searchsvc.text.clean import clean_html
from searchsvc.text.pictures import Picture, pictures, signs


def test_a_picture_has_its_address_its_description_and_its_place() -> None:
    body = clean_html(
        '<p>渡轮 开了。</p><p><img src="https://a.example/1.jpg?a=1&amp;b=2" alt="渡轮 &quot;海星&quot;"></p><p>完。</p>'
    )
    assert list(pictures(body.html)) == [Picture("https://a.example/1.jpg?a=1&b=2", '渡轮 "海星"', 5)]


@pytest.mark.parametrize(
    ("markup", "before"),
    [
        ('<img src="https://a.example/1"><p>一二</p>', ""),
        ('<p>一 &amp; 二</p><figure><img src="https://a.example/1"><figcaption>三</figcaption></figure>', "一&二"),
        ('<p>一<img src="https://a.example/1">二</p>', "一"),
        ('<ul><li>一</li><li>&lt;b&gt;</li></ul><img src="https://a.example/1">', "一<b>"),
        ('<table><tr><td>一</td><td>二</td></tr></table><img src="https://a.example/1">', "一二"),
    ],
)  # fmt: skip
def test_its_place_counts_what_stands_before_it(markup: str, before: str) -> None:
    body = clean_html(markup)
    (picture,) = pictures(body.html)
    assert picture.place == len(before)
    assert "".join(body.text.split()).startswith(before)


def test_pictures_keep_their_order_and_there_may_be_none() -> None:
    body = clean_html("".join(f'<p>{n}</p><img src="https://a.example/{n}">' for n in range(5)))
    assert [picture.place for picture in pictures(body.html)] == [1, 2, 3, 4, 5]
    assert list(pictures("<p>一</p>")) == []
    assert list(pictures("")) == []


def test_spaces_of_any_kind_do_not_count() -> None:
    assert signs("一 二\n\t三\u3000\u00a0四") == 4
