"""What the pages say, in the reader's language; nowhere else do they say anything.

One language for now. Another is another table with the same keys.
"""

from collections.abc import Mapping
from datetime import datetime

from searchsvc.web.problems import Problem

LANGUAGE = "zh-Hans"
ZH_HANS: Mapping[str, str] = {
    "site": "新闻档案",
    "site.purpose": "搜得到，也留得住的中文新闻",
    "skip": "跳到正文",
    "footer.api": "本页结果的 JSON",
    "footer.scripts": "简体、繁體写法互通",
    "form.label": "搜索新闻",
    "form.q": "搜索词",
    "form.q.placeholder": "输入词语，简体繁体皆可",
    "form.submit": "搜索",
    "form.from": "从",
    "form.to": "到",
    "form.date.placeholder": "如 2024-11-07",
    "form.date.hint": "日期可写 2024、2024-11、2024-11-07，或 P7D（最近七天）；起止两天都算在内。",
    "form.source": "来源",
    "form.source.any": "全部来源",
    "form.source.another": "再加一个来源",
    "form.source.unknown": "{name}（没有文章）",
    "form.source.counted": "{name}（{count}）",
    "form.sort": "排序",
    "form.sort.default": "默认",
    "form.sort.relevance": "最相关",
    "form.sort.newest": "最新在前",
    "form.sort.oldest": "最早在前",
    "chips": "另有条件",
    "chip.source": "来源：",
    "chip.exclude_source": "不要：",
    "chip.search_in": "只查：",
    "chip.tz": "时区：",
    "chip.page_size": "每页：",
    "chip.remove": "去掉这一条件",
    "search_in.title": "标题",
    "search_in.content": "正文",
    "search_in.title,content": "标题和正文",
    "home.latest": "最新文章",
    "home.empty": "档案里还没有文章",
    "home.empty.hint": "运行 flask ingest，把新闻源或存档文件读进来，这里就能搜到。",
    "home.counts": "收录 {articles} 篇文章，来自 {sources} 个来源",
    "home.how": "怎么搜",
    "how.words": "几个词用空格隔开，都要出现",
    "how.exact": "引号里的字句原样出现",
    "how.or": "OR 两边出现其一即可，减号去掉不要的",
    "how.title": "只在标题里找",
    "results.total": "找到 {total} 篇",
    "results.listing": "共 {total} 篇",
    "results.page": "第 {number} 页，共 {last} 页",
    "results.took": "用时 {ms} 毫秒",
    "results.title": "{q} · 搜索",
    "results.title.listing": "文章列表",
    "results.list": "搜索结果",
    "results.some": "没有一篇文章包含全部词语，下面是包含其中一部分的。",
    "results.meant": "是不是要找：",
    "results.warnings": "搜索词有一处没看懂，已按普通文字处理",
    "results.deepest": "翻页到第 {deepest} 篇为止；请用日期、来源或更多词语缩小范围。",
    "results.untitled": "（无标题）",
    "time.unknown": "时间不详",
    "time.mirror": "由镜像收录于",
    "time.fetched": "收录于",
    "time.stated": "发布于",
    "paging": "翻页",
    "paging.previous": "上一页",
    "paging.next": "下一页",
    "paging.page": "第 {number} 页",
    "none.title": "没有找到",
    "none.lead": "没有文章符合这些条件。可以试试：",
    "none.beyond": "这一页没有内容：结果只有 {last} 页。",
    "none.beyond.first": "回到第一页",
    "none.drop": "少用一个词，只搜：",
    "none.dates": "去掉日期，搜索所有时间",
    "none.sources": "搜索全部来源",
    "none.search_in": "标题和正文都搜",
    "none.tips": "换一个说法，或只输入名字中的一两个字；简体繁体都能找到。",
    "article.back": "返回搜索结果",
    "article.home": "返回首页",
    "article.original": "看原文",
    "article.image": "原图",
    "article.image.note": "（在原站打开）",
    "article.kept": "存档时间",
    "article.author": "作者",
    "article.matches": "文中有 {count} 处匹配",
    "article.first": "跳到第一处",
    "article.no_text": "这篇文章只存下了标题，没有正文。",
    "article.address": "原文地址",
    "error.title.400": "这里要改一下",
    "error.title.404": "没有这一页",
    "error.title.405": "不能这样访问",
    "error.title.413": "发来的内容太多",
    "error.title.414": "网址太长",
    "error.title.500": "服务出了问题",
    "error.title.503": "现在还不能搜索",
    "error.title": "出了问题",
    "error.date": "日期没有看懂。请写成 2024、2024-11、2024-11-07 这样，或 P7D（最近七天）。",
    "error.bad_range": "开始日期在结束日期之后。请把两个日期对调一下。",
    "error.too_long": "搜索词太长了。请只留下最要紧的几个词。",
    "error.bad_encoding": "搜索词不是 UTF-8 编码，读不出来。请在框里重新输入。",
    "error.too_deep": "只能翻到第一万篇。请用日期、来源或更多词语缩小范围。",
    "error.sort": "没有这种排序。请在下面重新选择。",
    "error.page": "页码应当是从 1 起的整数。",
    "error.page_size": "每页篇数应当是 1 到 100 的整数。",
    "error.tz": "没有这个时区。请写 Asia/Shanghai 这样的名字。",
    "error.search_in": "搜索范围只能是 title（标题）和 content（正文）。",
    "error.404": "网址里也许有错字，也许文章不在档案里。可以搜一搜。",
    "error.405": "这个网址只能读取。",
    "error.413": "本服务的网址都不需要附带内容。",
    "error.414": "搜索词太多，网址超过了 8,192 字节。请缩短搜索词。",
    "error.500": "问题已经记入日志。请稍后再试。",
    "error.503": "索引还没有建好，或正在修复。请稍后再试。",
    "error.other": "请求有问题，请检查后再试。",
}


def say(key: str, /, **values: object) -> str:
    """A message, with its values put in; numbers get their thousands apart."""
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
    return ZH_HANS[key].format(**shown)


def headline(problem: Problem) -> str:
    """What an error page is called."""
    return ZH_HANS.get(f"error.title.{problem.status}", ZH_HANS["error.title"])


def advice(problem: Problem) -> str:
    """What to change, by what is wrong: the code first, then the parameter, then the status."""
    keys = (
        f"error.{problem.code}",
        "error.date" if problem.param in ("from", "to") else "",
        f"error.{problem.param}",
        f"error.{problem.status}",
        "error.other",
    )
    return next(ZH_HANS[key] for key in keys if key in ZH_HANS)


def moment(time: datetime) -> str:
    """A local time as people read it."""
    return f"{time.year}年{time.month}月{time.day}日 {time:%H:%M}"
