"""A hit or an article → the same in the script that the reader asked for.

Only what is shown changes: titles, passages, text. An article that is in that script already stays
as it is, character for character: a converter cannot know that 乾 or 后 was meant as it stands.
"""

from dataclasses import replace
from typing import get_args

from searchsvc.article import Article
from searchsvc.errors import QueryError
from searchsvc.search.results import Hit
from searchsvc.text.display import Shown, convert, convert_html

ORIGINAL = "original"
SCRIPTS: tuple[Shown, ...] = get_args(Shown)


def read_script(text: str | None) -> Shown | None:
    """The script that a parameter names; None for each article's own. Raises QueryError."""
    for script in SCRIPTS:
        if text == script:
            return script
    if text in (None, "", ORIGINAL):
        return None
    names = ", ".join((ORIGINAL, *SCRIPTS))
    raise QueryError(f"script: {text[:40]!r} is not one of {names}", param="script")


def stays(article: Article, script: Shown) -> bool:
    """Whether an article is in a script as it is; traditional is traditional in Taipei and Hong Kong."""
    return article.script is not None and script.startswith(article.script)


def hit_in(hit: Hit, script: Shown | None) -> Hit:
    """A hit with its title and passages in a script; their spans are right as they are."""
    if script is None or stays(hit.article, script):
        return hit
    article = replace(hit.article, title=convert(hit.article.title, script))
    shown = tuple(replace(passage, text=convert(passage.text, script)) for passage in hit.passages)
    return replace(hit, article=article, passages=shown)


def article_in(article: Article, script: Shown | None) -> Article:
    """An article with its title and text in a script; the offsets of its parts are right as they are."""
    if script is None or stays(article, script):
        return article
    title, text = convert(article.title, script), convert(article.text, script)
    return replace(article, title=title, text=text, html=convert_html(article.html, script))


def text_in(text: str, article: Article, script: Shown | None) -> str:
    """A text of an article's own, such as an earlier version, in a script; each character where it was."""
    return text if script is None or stays(article, script) else convert(text, script)
