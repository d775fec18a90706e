"""Markup in, readable text and safe markup out."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text.clean import Body, clean_html, clean_line, clean_text, original_address
from searchsvc.text.lines import names

MIRRORED = (
    "<div><i>Thu, 07 Nov 2024 16:49:47 GMT</i></div>"
    '<img src="https://images.weserv.nl?url=example.com/a.jpg" width="100%">'
    '<div><small style="color: #999;">资料照：市长在码头（2024年10月28日）</small></div>'
    "台北 — <p>市长星期四说，<b>新</b>渡轮将在春天启航。</p><p>票价未定。</p>"
    '<br><hr><div>获取更多RSS：<br><a href="https://feeds.example">https://feeds.example</a> <br></div>'
)


def parts_of(body: Body) -> list[tuple[str, str]]:
    return [(part.kind, body.text[part.start : part.end]) for part in body.parts]


def text_of(markup: str) -> str:
    return clean_html(markup).text


def test_an_article_of_the_mirror_is_its_own_lines_and_nothing_else() -> None:
    body = clean_html(MIRRORED)
    caption = "资料照：市长在码头（2024年10月28日）"
    assert body.text.splitlines() == [caption, "台北 —", "市长星期四说，新渡轮将在春天启航。", "票价未定。"]
    assert parts_of(body) == [("caption", caption), ("dateline", "台北 —")]
    assert (body.stated, body.author) == ("Thu, 07 Nov 2024 16:49:47 GMT", None)
    assert body.image == "https://example.com/a.jpg"
    assert body.html == (
        '<p><img src="https://example.com/a.jpg" alt=""></p>'
        f"<figcaption>{caption}</figcaption><p>台北 —</p>"
        "<p>市长星期四说，<strong>新</strong>渡轮将在春天启航。</p><p>票价未定。</p>"
    )


@pytest.mark.parametrize(
    ("markup", "stated", "author"),
    [
        ("<div><i>2021-01-08T09:49:39Z</i></div>", "2021-01-08T09:49:39Z", None),
        ("<div><i>2020-07-29T07:47:48</i></div>", "2020-07-29T07:47:48", None),
        ("<div><i>   李鱼<br>2020-11-15T14:21:08.865Z</i></div>", "2020-11-15T14:21:08.865Z", "李鱼"),
        ("<div><i><br>2020-11-15T14:21:08.865Z</i></div>", "2020-11-15T14:21:08.865Z", None),
        ("<div><i>A &amp; B<br />2020-08-13 10:50:40</i></div>", "2020-08-13 10:50:40", "A & B"),
        ("\n<div>31/12/2020 - 22:14</div>", "31/12/2020 - 22:14", None),
        ("<div><i></i></div>", None, None),
    ],
)
def test_the_mirrors_date_line_is_taken_out(markup: str, stated: str | None, author: str | None) -> None:
    body = clean_html(f"{markup}<p>正文。</p>")
    assert (body.text, body.stated, body.author) == ("正文。", stated, author)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>2020年</div>",
        "<div><i>斜体</i></div>",
        "<p>2020-08-13 10:50:40</p>",
        "<div><i>黄河<br></i></div>",
    ],
)
def test_a_first_line_that_is_no_date_stays(markup: str) -> None:
    body = clean_html(f"{markup}<p>正文。</p>")
    assert body.text == f"{re.sub('<[^>]*>', '', markup)}\n正文。"
    assert body.stated is None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("日<b>美</b>关<span>系</span>", "日美关系"),
        ("<p>一<p>二<div>三<div>四</div>五</div>", "一\n二\n三\n四\n五"),
        ("<p>一<br>二<br/><br>三</p>", "一\n二\n三"),
        ("<p> 一 \n\t 二\u3000<b> 三</b>&nbsp;</p>", "一 二 三"),
        ("<b>一<p>二</p></b>三", "一\n二\n三"),
        ("<pre>a\n  b &lt; c<br>d\n</pre>末", "a\n  b < c\nd\n末"),
        ("<table><tr><td>甲<td>乙</tr><tr><td><p>丙</p><td>丁</table>", "甲\t乙\n丙\t丁"),
        ("<table><tr><td><p>甲</p><p>乙</p></td></tr></table>", "甲\n乙"),
        ("<ul><li>一<ul><li>二</ul>三<li>四</ul>", "一\n二\n三\n四"),
        ("一<script>x</script><style>y</style><!-- z --><iframe>u</iframe><nav>v</nav>二", "一二"),
        ("石\u200b破\u00ad茂&#8203;\x00\ufeff\x07", "石破茂"),
        ("a\u200db\ufe0f", "a\u200db\ufe0f"),
        ("坏\ud800", "坏\ufffd"),
        ("<img alt='图' title='图'>文", "文"),
        ("<p>\xa0</p><p></p><p>文</p>", "文"),
        ("3 < 5 &amp;&amp; 5 > 3", "3 < 5 && 5 > 3"),
        ("", ""),
    ],
)
def test_blocks_part_lines_and_inline_elements_part_nothing(markup: str, text: str) -> None:
    body = clean_html(markup)
    assert body.text == text
    assert clean_html(body.html).text == text


@pytest.mark.parametrize(
    "noise",
    [
        "<br><hr><div>获取更多RSS：<br><a href='https://a.example'>https://a.example</a><br></div>",
        "<div><section><hr><p>获取更多RSS：</p><p><a href='https://a.example'>a</a></p></section></div>",
        "<p>获取更多RSS：https://a.example https://b.example</p>",
        "<div class='moreArticle'><div>延伸閱讀</div><a href='/1'>甲</a><a href='/2'>乙</a></div>",
        "<h2><b>推荐阅读</b></h2><p>▷ <a href='/1'>甲</a></p><p>▷ <a href='/2'>乙</a></p>",
        "<div><p>相关阅读：</p><blockquote><a href='/1'>甲</a><br><a href='/2'>乙</a></blockquote>",
        "<p>延伸阅读：<a href='/1'>甲</a></p>",
        "<p>© AFP</p>",
        "<div><p class='c'>© 2020 路透社</p></div>",
        "<p>The post <a href='/1'>甲</a> appeared first on <a href='/'>乙</a>.</p>",
        "<p>The post <a href='/1'>甲</a> first appeared on <a href='/'>乙</a>.</p>",
        "<a href='/1'>...more</a>",
    ],
)
def test_what_is_around_every_article_is_dropped(noise: str) -> None:
    body = clean_html(f"<p>正文。</p>{noise}", "https://example.com/")
    assert (body.text, body.html) == ("正文。", "<p>正文。</p>")


@pytest.mark.parametrize(
    "markup",
    [
        "<p>他在《<a href='https://a.example'>延伸閱讀</a>》一書中說。</p>",
        "<p>报告全文见此，延伸閱讀：<a href='https://a.example'>甲</a>，另有附录。</p>",
        "<h2>延伸閱讀</h2><p>以下是編者的話。</p>",
        "<h2>推荐阅读</h2>",
        "<p>更多的<a href='https://a.example'>机会</a></p>",
        "<p>© 2020年某台版权声明：本文所有内容受到著作权法保护。</p>",
        "<p>The post office appeared.</p>",
        "<p>如何获取更多RSS：三种方法</p>",
        "<p><a href='https://a.example'>甲</a></p><p><a href='https://b.example'>乙</a></p>",
    ],
)
def test_text_that_only_looks_like_it_stays(markup: str) -> None:
    said = re.sub("<[^>]*>", "", markup.replace("</p>", "\n").replace("</h2>", "\n"))
    assert text_of(markup) == said.strip()


def test_parts_are_stretches_of_the_text() -> None:
    body = clean_html(
        "<figure><img src='https://a.example/1.png'><figcaption>图一</figcaption></figure><h2>𠮷野家</h2>"
        "<p>（本社記者甲台北14日電）正文。</p><blockquote><p>引<br>文</p></blockquote>"
        "<ol><li>一<li>二</ol><pre>x = 1</pre>"
        "<div class='wp-caption'><img src='https://a.example/2.png'><p class='wp-caption-text'>图二</p></div>"
        "<div class='picinfo'>图三</div>"
    )
    assert parts_of(body) == [
        ("caption", "图一"),
        ("heading", "𠮷野家"),
        ("dateline", "（本社記者甲台北14日電）"),
        ("quote", "引\n文"),
        ("item", "一"),
        ("item", "二"),
        ("code", "x = 1"),
        ("caption", "图二"),
        ("caption", "图三"),
    ]


@pytest.mark.parametrize(
    ("first", "dateline"),
    [
        ("（中央社記者甲乙丙台北14日電）政府今天說。", "（中央社記者甲乙丙台北14日電）"),
        ("（中央社東京6日綜合外電報導）日本今天說。", "（中央社東京6日綜合外電報導）"),
        ("路透北京9月4日 - 美国说。", "路透北京9月4日 -"),
        ("路透东京/纽约1月13日 - 股市上涨。", "路透东京/纽约1月13日 -"),
        ("【大纪元2021年01月11日讯】某地说。", "【大纪元2021年01月11日讯】"),
        ("（德国之声中文网）某报说。", "（德国之声中文网）"),
        ("新华社北京11月7日电 会议召开。", "新华社北京11月7日电"),
        ("华盛顿 — 总统说。", "华盛顿 —"),
        ("我们问——", None),
        ("（图片由网友提供）正文。", None),
        ("总统说——这不是电头。", None),
    ],
)
def test_a_dateline_opens_the_first_line_only(first: str, dateline: str | None) -> None:
    body = clean_html(f"<p>{first}</p><p>华盛顿 — 后来的一行。</p>")
    assert parts_of(body) == ([("dateline", dateline)] if dateline else [])


@pytest.mark.parametrize(
    ("url", "original"),
    [
        ("https://images.weserv.nl?url=example.com/a.jpg", "https://example.com/a.jpg"),
        ("https://images.weserv.nl/?url=http://example.com/a.jpg&w=300", "http://example.com/a.jpg"),
        ("https://images.weserv.nl/?w=3&url=ssl:example.com/a.jpg", "https://example.com/a.jpg"),
        ("//images.weserv.nl/?url=https%3A%2F%2Fexample.com%2Fa%3Fb%3D1", "https://example.com/a?b=1"),
        ("https://images.weserv.nl/?url=example.com/a?b=1&c=2&w=9", "https://example.com/a?b=1&c=2"),
        ("https://images.weserv.nl/?url=example.com/%E5%9B%BE.jpg", "https://example.com/%E5%9B%BE.jpg"),
        ("https://images.weserv.nl/?w=3", None),
        ("https://images.weserv.nl/?url=javascript:alert(1)", None),
        ("https://example.com/a b\n.jpg", "https://example.com/a%20b.jpg"),
        ("//example.com/a", "https://example.com/a"),
        ("HTTP://例子.example/图", "HTTP://例子.example/图"),
        ("JaVa\tscript:alert(1)", None),
        ("\x01javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://[::1", None),
        ("https:///x", None),
        ("https://a.example:99999/", None),
        ("/a.jpg", None),
        ("", None),
    ],
)
def test_an_address_is_http_and_its_own(url: str, original: str | None) -> None:
    assert original_address(url) == original


def test_relative_addresses_are_resolved() -> None:
    body = clean_html("<a href='../b'>乙</a><img src='/c.png'>", "https://example.com/x/y/")
    assert 'href="https://example.com/x/b"' in body.html
    assert body.image == "https://example.com/c.png"
    assert "<a" not in clean_html("<a href='../b'>乙</a>").html


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='java\x01script:alert(1)'>x</a>",
        "<a href='&#1;javascript:alert(1)'>x</a>",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
        "<p style='background:url(javascript:alert(1))' id=a class=b onclick=alert(1)>x</p>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<a href='https://a.example/\"onmouseover=alert(1)'>x</a>",
        "<img src='https://a.example/x' alt='\"><script>alert(1)</script>'>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<plaintext><script>alert(1)</script>",
    ],
)
def test_html_is_safe(markup: str) -> None:
    html = clean_html(markup).html
    tags = re.findall(r'<(?:"[^"]*"|[^">])*>', html)
    assert not [
        tag for tag in tags if re.search(r"script|svg|math|style|\son\w+=|\sid=|class=", strip_values(tag))
    ]
    assert all(value.startswith("http") for value in re.findall(r'(?:href|src)="([^"]*)"', html))


def strip_values(tag: str) -> str:
    return re.sub(r'"[^"]*"', '""', tag)


def test_links_tell_nothing_to_where_they_lead() -> None:
    html = clean_html("<a href='https://a.example/' target=_blank>x</a>").html
    assert html == '<p><a href="https://a.example/" rel="noopener noreferrer nofollow">x</a></p>'


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("A &amp; B", "A & B"),
        ("A &amp;amp; B", "A & B"),
        ("&#12298;书&#12299;", "《书》"),
        ("<b>新</b>闻<br>二", "新闻 二"),
        ("&lt;em&gt;新&lt;/em&gt;闻", "新闻"),
        ("如何使用 <T> 与 a < b", "如何使用 <T> 与 a < b"),
        (" 一\n\t二\u3000\u200b三\x00 ", "一 二 三"),
        ("", ""),
    ],
)
def test_a_title_is_one_line(line: str, clean: str) -> None:
    assert clean_line(line) == clean


def test_plain_text_means_what_it_says() -> None:
    body = clean_text("一 &amp; <b>二</b>\r\n\r\n  三\u200b  四\n\n获取更多RSS：\nhttps://a.example\n")
    assert body.text == "一 &amp; <b>二</b>\n三 四"
    assert body.html == "<p>一 &amp;amp; &lt;b&gt;二&lt;/b&gt;</p><p>三 四</p>"
    assert clean_text("正文。获取更多RSS： https://a.example https://b.example").text == "正文。"


TAGS = sorted(
    names(
        "a b i p br hr div span td tr table li ul ol pre h2 figure figcaption blockquote small img code"
        " script nav q ruby rt caption wbr o:p"
    )
)
tag = st.one_of(
    st.sampled_from(TAGS).map("<{}>".format),
    st.sampled_from(TAGS).map("</{}>".format),
    st.sampled_from(
        [
            "<a href='https://a.example/1'>",
            "<img src='https://a.example/1.png' alt='图'>",
            "<div class=caption>",
        ]
    ),
)
words = st.sampled_from(
    [
        "延伸閱讀",
        "更多",
        "© AFP",
        "获取更多RSS：",
        "...more",
        "石破茂",
        " ",
        "\n",
        "\u3000",
        "&amp;",
        "&lt;b&gt;",
        "华盛顿 — ",
    ]
)
markups = st.lists(st.one_of(tag, words, st.text(max_size=4)), max_size=30).map("".join)


@given(markups)
def test_cleaning_twice_is_cleaning_once(markup: str) -> None:
    once = clean_html(markup)
    twice = clean_html(once.html)
    assert (twice.text, twice.image) == (once.text, once.image)


@given(st.one_of(markups, st.text()), st.sampled_from([None, "https://a.example/b", "nonsense", "https://["]))
def test_nothing_is_refused_and_lines_are_clean(markup: str, base: str | None) -> None:
    for body in (clean_html(markup, base), clean_text(markup)):
        assert not re.search("[\u200b\ufeff\x00-\x08\x0e-\x1f\ud800-\udfff]", body.text + body.html)
        assert all(0 <= part.start < part.end <= len(body.text) for part in body.parts)
        assert all(line.strip() or "<pre" in body.html for line in body.text.splitlines())
    assert "\n" not in clean_line(markup)
    original_address(markup, base)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000 + "文",
        "<div>" * 30_000 + "<dd></dd>" * 30_000 + "文",
        "<b><div>" * 50_000 + "文",
        "".join(f"<font a{number}=1>" for number in range(5_000)) + "<p>字" * 5_000 + "文",
        "<table><tr><td>" * 5_000 + "文",
        "<!--" * 300_000 + "--> 文",
        "<a " + " ".join(f"a{number}=1" for number in range(100_000)) + ">文",
        "<p>&amp;" * 2 + "&" * 300_000 + "文",
        "<div>" + " " * 1_000_000 + "文",
        "<p>延伸閱讀</p>" * 50_000 + "文",
        "<p>一个段落，两三句话。</p>" * 100_000 + "文",
    ],
    ids=lambda markup: markup[:12],
)
def test_hostile_markup_takes_time_by_its_length(markup: str) -> None:
    started = time.process_time()
    assert text_of(markup).endswith("文")
    assert time.process_time() - started < 5


def test_text_survives_nesting_that_is_too_deep() -> None:
    deep = "<div><b>一</b></div>" * 600 + "<div>" * 900 + "二" + "</div>三" * 900
    assert text_of(deep).splitlines() == ["一"] * 600 + ["二"] + ["三"] * 900
