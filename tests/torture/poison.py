"""Payloads → files of every form that is ingested, with each payload in every field that the form has."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from xml.sax.saxutils import quoteattr

from searchsvc.web.xml import FORBIDDEN

PAYLOADS = Path(__file__).with_name("payloads.txt")
# An address for each thing that should have one, where the payload is none.
SITE = "http://site.test"
DATE = "Fri, 08 Nov 2024 00:49:47 +0800"
MILLISECONDS = 1_730_998_187_000
# Fields that a payload is put into, over all forms.
FIELDS = (
    *("title", "link", "guid", "author", "dc:creator", "category", "date", "description", "content"),
    *(
        "enclosure",
        "media:title",
        "media:content",
        "media:description",
        "feed title",
        "feed link",
        "feed author",
    ),
    *(
        "summary",
        "xhtml content",
        "source",
        "source id",
        "text",
        "html",
        "picture address",
        "picture description",
    ),
    *(
        "caption",
        "quotation",
        "cell",
        "listing",
        "list",
        "heading",
        "link in text",
        "tags",
        "item file",
        "file name",
    ),
    *("earlier title", "earlier text", "OPML name", "OPML address", "OPML home", "OPML folder"),
)


def payloads() -> list[str]:
    r"""All payloads; ``\u{2028}`` in the file is that character."""
    lines = PAYLOADS.read_text().split("\n")
    return [_unescaped(line) for line in lines if line and not line.startswith("## ")]


def _unescaped(line: str) -> str:
    first, *rest = line.split("\\u{")
    return first + "".join(
        chr(int(code, 16)) + more for code, _, more in (each.partition("}") for each in rest)
    )


def words(number: int) -> str:
    """Text of its own for a payload, the same in every form, so that its articles tell one story."""
    rng = random.Random(number)
    return "石破茂" + "".join(chr(rng.randrange(0x4E00, 0x9F00)) for _ in range(300))


def body(payload: str, number: int) -> str:
    """Markup with the payload as text and as attribute in everything that articles have, then as it is."""
    text, value = escape(payload), f'"{escape(payload)}"'
    return (
        f"<p>{words(number)}</p><figure><img src={value} alt={value}><figcaption>{text}</figcaption></figure>"
        f"<p><a href={value} title={value}>链接</a><img src={SITE}/a.jpg?{number} alt={value}></p>"
        f"<blockquote cite={value}>{text}</blockquote><table><tr><td>{text}</td><td>格</td></tr></table>"
        f"<pre>{text}</pre><ul><li>{text}</li></ul><h3>{text}</h3><p>{payload}</p>{payload}"
    )


def write_files(folder: Path, given: Sequence[str]) -> list[Path]:
    """Write every form; the files in the order in which they are ingested."""
    folder.mkdir(parents=True)
    numbered = list(enumerate(given))
    fit = [(number, each) for number, each in numbered if not FORBIDDEN.search(each)]
    unfit = [(number, each) for number, each in numbered if FORBIDDEN.search(each)]
    files: dict[str, str] = {"feed.json": _json_feed(numbered)}
    for name, some in (("fit", fit), ("unfit", unfit)):
        files |= {f"rss-{name}.xml": _rss(some, escape), f"atom-{name}.xml": _atom(some)} if some else {}
        files |= {f"cdata-{name}.xml": _rss(some, _cdata, "cdata")} if some else {}
    files |= {"lines-1.jsonl": _lines(numbered, "从前"), "lines-2.jsonl": _lines(numbered, "")}
    for number, payload in numbered:
        files[f"raw-{number}.xml"] = _rss([(number, payload)], str, "raw")
        files[f"item-{number}.txt"] = _item(number, payload)
        files[f"front-{number}.md"] = _front(number, payload)
    written = [_write(folder / name, text) for name, text in files.items()]
    named = (each.replace("/", "")[:80] for each in given)
    return written + [_write(folder / f"{name} .xml", "<nothing>") for name in named if "\0" not in name]


def _write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _rss(some: Iterable[tuple[int, str]], written: Callable[[str], str], kind: str = "rss") -> str:
    items = list(some)
    title = written(items[0][1])
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>{title}</title><link>{title}</link><managingEditor>{title}</managingEditor>"
        + "".join(_rss_item(number, payload, written, kind) for number, payload in items)
        + "</channel></rss>"
    )


def _rss_item(number: int, payload: str, written: Callable[[str], str], kind: str) -> str:
    plain, value = written(payload), quoteattr(payload) if kind != "raw" else f'"{payload}"'
    date = plain if number % 5 == 0 else DATE
    return (
        f"<item><title>{plain}</title><link>{plain}</link><guid isPermaLink='{'true' if number % 2 else 'false'}'>"
        f"{kind}{number}{plain}</guid><author>{plain}</author><dc:creator>{plain}</dc:creator>"
        f"<category domain={value}>{plain}</category><pubDate>{date}</pubDate><description>{plain}</description>"
        f"<enclosure url={value} type='image/jpeg' length='1'/><media:content url={value} medium='image'>"
        f"<media:title>{plain}</media:title><media:description>{plain}</media:description></media:content>"
        f"<content:encoded>{written(body(payload, number))}</content:encoded></item>"
    )


def _atom(some: Iterable[tuple[int, str]]) -> str:
    items = list(some)
    title = escape(items[0][1])
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title type="html">{title}</title>'
        f"<id>{title}</id><link href={quoteattr(items[0][1])}/><author><name>{title}</name><uri>{title}</uri></author>"
        + "".join(_atom_entry(number, payload) for number, payload in items)
        + "</feed>"
    )


def _atom_entry(number: int, payload: str) -> str:
    text, value = escape(payload), quoteattr(payload)
    content = f'<content type="html" xml:base={value}>{escape(body(payload, number))}</content>'
    if number % 3 == 0:
        content = (
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml" xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<p>{words(number)}</p><script>alert(1)</script><img src={value} alt={value} onerror='alert(1)'/>"
            f"<a href={value}>{text}</a><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/></div></content>"
        )
    return (
        f'<entry><title type="{("text", "html", "xhtml")[number % 2]}">{text}</title><id>atom{number}{text}</id>'
        f"<link rel='alternate' href={value}/><link rel='enclosure' href={value} type='image/png'/>"
        f"<author><name>{text}</name><email>{text}</email><uri>{text}</uri></author><category term={value} label={value}/>"
        f'<updated>2024-11-08T00:49:47Z</updated><summary type="html">{text}</summary>{content}</entry>'
    )


def _json_feed(some: Sequence[tuple[int, str]]) -> str:
    first = some[0][1]
    items = [
        {
            "id": f"json{number}{payload}",
            "url": payload,
            "external_url": payload,
            "title": payload,
            "content_html" if number % 3 else "content_text": body(payload, number),
            "summary": payload,
            "image": payload,
            "authors": [{"name": payload, "url": payload}],
            "tags": [payload],
            "date_published": payload if number % 5 == 0 else "2024-11-08T00:49:47Z",
            "attachments": [{"url": payload, "mime_type": payload}],
        }
        for number, payload in some
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": first,
        "home_page_url": first,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False)


def _lines(some: Sequence[tuple[int, str]], before: str) -> str:
    return "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in _articles(some, before))


def _articles(some: Sequence[tuple[int, str]], before: str) -> Iterator[dict[str, object]]:
    for number, payload in some:
        form = (
            {"html": body(payload, number)}
            if number % 2
            else {"text": f"{words(number)}\n{payload}\n\t{payload}"}
        )
        yield {
            "id": f"line{number}",
            "url": payload if number % 4 == 0 else f"{SITE}/{number}/{payload}",
            "title": f"{before}{payload}",
            "source": payload,
            "source_id": payload,
            "author": payload,
            "published": "2024-11-08T00:49:47Z",
            **{name: f"{before}{text}{payload if before else ''}" for name, text in form.items()},
        }


def _item(number: int, payload: str) -> str:
    line = payload.replace("\n", " ").replace("\r", " ")
    address = line if number % 2 else f"{SITE}/item/{number}"
    mirrored = f'<img src="https://images.weserv.nl?url={escape(payload)}">'
    return (
        f"<!--{MILLISECONDS}-->\n[{line}]({address})\n------\n\n<div><i>{line}<br>{DATE}</i></div>{mirrored}"
        f'<div><small style="color: #999;">{payload}</small></div>{line} — {body(payload, number)}'
    )


def _front(number: int, payload: str) -> str:
    value = json.dumps(payload, ensure_ascii=False)
    return (
        f"---\ntitle: {value}\nauthor: {value}\nsource: {value}\ndate: 2024-11-08 00:49:47\ntags: [{value}]\n"
        f"link: {value if number % 2 else json.dumps(f'{SITE}/front/{number}')}\n---\n\n"
        f"{words(number)}\n\n{payload}\n\n[{payload}]({payload})\n\n![{payload}](<{payload}>)\n\n# {payload}\n\n"
        f"| {payload} | 格 |\n|---|---|\n| {payload} | 格 |\n\n```{payload}\n{payload}\n```\n"
    )


def opml(given: Sequence[str]) -> str:
    """A list of feeds that are called as the payloads say."""
    rows = "".join(
        f"<outline text={quoteattr(each)}><outline type='rss' text={quoteattr(each)} title={quoteattr(each)} "
        f"xmlUrl={quoteattr(each if number % 2 else f'{SITE}/{number}.xml')} htmlUrl={quoteattr(each)}/></outline>"
        for number, each in enumerate(given)
        if not FORBIDDEN.search(each)
    )
    return f"<?xml version='1.0'?><opml version='2.0'><head><title>x</title></head><body>{rows}</body></opml>"
