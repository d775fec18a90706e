"""A hit or an article → the same in the script that the reader asked for.

Only what is shown changes: titles, passages, text. An article that is in that script already stays
as it is, character for character: a converter cannot know that 乾 or 后 was meant as it stands.
"""

from dataclasses import replace
from typing import get_args

from searchsvc.article import Article, Script
from searchsvc.errors import QueryError
from searchsvc.search.results import Hit
from searchsvc.text.display import convert, convert_html

ORIGINAL = "original"
SCRIPTS: tuple[Script, ...] = get_args(Script)


def read_script(text: str | None) -> Script | None:
    """The script that a parameter names; None for each article's own. Raises QueryError."""
    for script in SCRIPTS:
        if text == script:
            return script
    if text in (None, "", ORIGINAL):
        return None
    names = ", ".join((ORIGINAL, *SCRIPTS))
    raise QueryError(f"script: {text[:40]!r} is not one of {names}", param="script")


def hit_in(hit: Hit, script: Script | None) -> Hit:
    """A hit with its title and passages in a script; their spans are right as they are."""
    if script is None or script == hit.article.script:
        return hit
    article = replace(hit.article, title=convert(hit.article.title, script))
    shown = tuple(replace(passage, text=convert(passage.text, script)) for passage in hit.passages)
    return replace(hit, article=article, passages=shown)


def article_in(article: Article, script: Script | None) -> Article:
    """An article with its title and text in a script; the offsets of its parts are right as they are."""
    if script is None or script == article.script:
        return article
    title, text = convert(article.title, script), convert(article.text, script)
    return replace(article, title=title, text=text, html=convert_html(article.html, script))
