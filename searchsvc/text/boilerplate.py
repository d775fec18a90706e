"""Lines of an article → the lines without what mirrors and publishers put around every article.

Each rule is here because of real articles, and drops whole lines, or a link at the end of one: a
rule that cuts inside sentences will one day cut a sentence. Datelines are found here too; they stay.
"""

import re
from collections.abc import Iterator

from searchsvc.text.lines import RULE, Line

# 获取更多RSS：https://feedx.net …, below every article of one mirror; else "RSS" finds them all.
_TRAILER = re.compile(r"获取更多RSS\s*[：:]?\s*(?:https?://\S+\s*)*")
_TRAILER_AT_END = re.compile(rf"\s*{_TRAILER.pattern}\Z")

# 延伸閱讀 and a list of other articles' titles: a search would find this article by their names.
_READ_ON = re.compile(
    r"[\W_]*(?:"
    r"(?:延伸|相[關关]|推[薦荐]|深度)(?:[閱阅][讀读]|[報报][導道导]|新[聞闻]|文章|[連链][結接]|[議议][題题])"
    r"|[熱热][門门](?:文章|新[聞闻])|猜你喜[歡欢]|你可能也?(?:[會会]?喜[歡欢]|感[興兴]趣)(?:的文章|的新[聞闻])?"
    r"|(?:看|[閱阅][讀读])?更多(?:相[關关]|精[彩選选])?(?:[閱阅][讀读]|[報报][導道导]|新[聞闻]|文章|[內内]容|[資资][訊讯])?"
    r")[\W_]*"
)

# © AFP, © 路透社, © 2020 AFP. A sentence about rights (© 2020年德国之声版权声明：本文所有内容受到…)
# is long and has punctuation: it stays.
_CREDIT = re.compile(r"[(（]?[©ⓒ][^，。；：:;!?！？]{1,30}")

# RTI ends its summaries with <a>...more</a>.
_MORE = re.compile(r"<a [^>]*>(?:<(?!/a>)[^>]*>)*\s*\.\.\.more(?:<(?!/a>)[^>]*>)*</a>((?:</[^>]*>)*)\Z")

_PICTURE = re.compile("<img[^>]*>")

# The post 《…》 appeared first on 中国数字时代.: WordPress adds it to every feed.
_WORDPRESS = re.compile(r"The post .{1,500} (?:first appeared|appeared first) on .{1,100}")

_AGENCY = (
    r"路透社?|法新社|美[联聯]社|彭博社?|新[华華]社|中新[社网網]|中央社|共同社|[韩韓][联聯]社|德新社|埃菲社|塔斯社"
    r"|本[报報]|人民[网網]|大[纪紀]元|新唐人|德[国國]之[声聲]|美[国國]之音|自由[亚亞]洲|[维維][权權][网網]"
)
_DATELINE = re.compile(
    # 华盛顿 — (Voice of America; alone in its line, or before the first sentence)
    r"[^\W\d_]{2,7}(?:[/·、][^\W\d_]{2,7}){0,2} —{1,2}(?: |$)"
    # 路透北京9月4日 - , 路透东京/纽约1月13日 -
    rf"|(?:{_AGENCY})[^，。；：\s]{{0,24}} ?[-—–]{{1,2}}(?: |$)"
    # 新华社北京11月7日电
    rf"|(?:{_AGENCY})[^，。；：\s]{{0,24}}日[^，。；：\s]{{0,6}}?[电電讯訊]"
    # （中央社記者賴言曦台北14日電）, 【大纪元2021年01月11日讯】, （维权网信息中心报道）
    r"|[（(【\[][^）)】\]，。]{2,40}(?:[电電讯訊]|[报報][导導道]|消息)[）)】\]]"
    # （德国之声中文网）
    rf"|[（(【\[](?:{_AGENCY})[^）)】\]，。]{{0,20}}[）)】\]]"
)


def drop_noise(lines: list[Line]) -> list[Line]:
    """The lines that are the article's own, without rules that now part nothing."""
    return list(_without_idle_rules(_kept([_without_more(line) for line in lines])))


def _kept(lines: list[Line]) -> Iterator[Line]:
    for line, rule in zip(lines, noise(lines), strict=True):
        if rule is None and (line.text or line.html == RULE or "<img" in line.html):
            yield line
        elif rule == "credit" and (pictures := _PICTURE.findall(line.html)):
            # <p><img …>© AFP</p>: the picture stays.
            yield line._replace(text="", bare="", html="".join(pictures))


def _without_more(line: Line) -> Line:
    if not line.text.endswith("...more"):
        return line
    html, found = _MORE.subn(r"\1", line.html)
    if not found:
        return line
    return line._replace(text=line.text.removesuffix("...more").rstrip(), html=html)


def noise(lines: list[Line]) -> list[str | None]:
    """For each line the rule that it falls under, or None when it stays."""
    found = [_noise_alone(line) for line in lines]
    left = [place for place, rule in enumerate(found) if rule is None]
    heading: str | None = None
    for place, after in zip(left, [*left[1:], None], strict=False):
        if not (heading and lines[place].is_link):
            followed = after is not None and lines[after].is_link
            heading = _list_headed_by(lines[place], followed)
        found[place] = heading
    return found


def _noise_alone(line: Line) -> str | None:
    if len(line.text) < 40 and ("©" in line.text or "ⓒ" in line.text) and _CREDIT.fullmatch(line.text):
        return "credit"
    if line.text.startswith("The post ") and _WORDPRESS.fullmatch(line.text):
        return "wordpress"
    return None


def _list_headed_by(line: Line, followed: bool) -> str | None:
    """The rule of the list of links that a line is the heading of; ``followed`` by a link or not."""
    if "RSS" in line.text and (_TRAILER.fullmatch(line.bare) or _TRAILER.fullmatch(line.text)):
        return "trailer"
    # 延伸閱讀：<a> in one line, or the heading in one and the links in the next. A heading without a link
    # after it may head real text.
    if (followed or "<a " in line.html) and len(line.bare) < 40 and _READ_ON.fullmatch(line.bare):
        return "read on"
    return None


def _without_idle_rules(lines: Iterator[Line]) -> Iterator[Line]:
    waiting: Line | None = None
    started = False
    for line in lines:
        if line.html == RULE:
            waiting = line if started else None
            continue
        if waiting:
            yield waiting
        yield line
        waiting, started = None, True


def cut_trailer(text: str) -> str:
    """Plain text without the mirror's trailer, which may follow the last sentence in its line."""
    return _TRAILER_AT_END.sub("", text) if "获取更多RSS" in text[-500:] else text


def dateline_end(text: str) -> int:
    """How many characters of a first line are its dateline: 3 of 华盛顿, 0 when there is none."""
    found = _DATELINE.match(text)
    return len(found[0].rstrip()) if found else 0
