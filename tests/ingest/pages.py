"""Pages of articles as sites have them, written for the tests: much around, and an article in the middle."""

PARAGRAPHS = {
    "hans": (
        "港口在停工三周之后于星期四早上重新开放，第一艘货船在八点靠岸，码头工人恢复了正常的班次。",
        "三周以前，两家公司在租金上没有谈拢，码头因此停了下来。市里请了一位调解人，双方在上个周末同意把旧的合同再延长一年。",
        "调解人说：“大家都让了一步，这样港口才能重新开始工作。”下一轮谈判在明年春天。",
    ),
    "hant": (
        "港口在停工三週之後於星期四早上重新開放，第一艘貨船在八點靠岸，碼頭工人恢復了正常的班次。",
        "三週以前，兩家公司在租金上沒有談攏，碼頭因此停了下來。市裡請了一位調解人，雙方在上個週末同意把舊的合約再延長一年。",
        "調解人說：「大家都讓了一步，這樣港口才能重新開始工作。」下一輪談判在明年春天。",
    ),
}
AROUND = (
    "首页导航", "国际版块", "热门的另一条新闻", "相关阅读的标题", "版权所有测试报社", "隐私政策", "请登录后发表评论", "某读者的评论",
    "分享到朋友圈", "接受全部饼干",
)  # fmt: skip
HOME, SECTION, POPULAR, RELATED, RIGHTS, PRIVACY, LOGIN, COMMENT, SHARE, COOKIES = AROUND


def page(*paragraphs: str, title: str = "港口重新开放", charset: str = "utf-8") -> str:
    """A page as a news site has it."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs[1:])
    return f"""<!doctype html>
<html lang="zh"><head><meta charset="{charset}"><title>{title} - 测试报</title>
<script>var ad = "广告脚本";</script><style>.nav {{ color: red }}</style></head>
<body>
<div class="cookie-banner">我们使用饼干。<button>{COOKIES}</button></div>
<nav class="nav"><ul><li><a href="/">{HOME}</a></li><li><a href="/world">{SECTION}</a></li></ul></nav>
<div class="main"><h1>{title}</h1>
<div class="share"><a href="/share">{SHARE}</a></div>
<article><p>{paragraphs[0]}</p>
<figure><img src="/img/harbour.jpg" alt="港口"></figure>
{text}
<p>详情见<a href="../about">往期报道</a>。</p></article>
<div class="related"><h3>{RELATED}</h3><ul><li><a href="/2">另一条</a></li></ul></div>
<div id="comments"><h3>{LOGIN}</h3><p>{COMMENT}</p></div></div>
<aside class="sidebar"><h3>热门</h3><ul><li><a href="/1">{POPULAR}</a></li></ul></aside>
<footer>{RIGHTS} <a href="/privacy">{PRIVACY}</a></footer>
</body></html>"""
