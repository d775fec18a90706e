"""The bytes of an article's page → the article on it, as markup; the only trafilatura code.

For feeds that have only teasers. It runs in the process that parses (``parser_child``), for pages are as
hostile as feeds; what it finds is markup of anybody's all the same, and is cleaned like a feed's.
"""

import re
from functools import cache
from typing import Any

import lxml.html
from trafilatura import extract
from trafilatura.settings import use_config

from searchsvc.ingest.decode import decode_answer

# Below so many characters trafilatura takes all text of the page as one paragraph. Its 250 are Latin
# letters; as many Chinese characters are a whole report.
SHORTEST_ARTICLE = "60"


def read_page(data: bytes, address: str, content_type: str | None) -> str:
    """The article of a page; empty where there is none. ``address`` is where its links start from.

    Raises SourceError when it is no page.
    """
    tree = _tree(data, address, content_type)
    if tree is None:
        return ""
    found: str | None = extract(
        tree,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
        include_tables=True,
        config=_config(),
    )
    return found or ""


def _tree(data: bytes, address: str, content_type: str | None) -> Any:
    """The tree of a page, its links made whole; None where it is empty."""
    text = decode_answer(data, address, content_type)
    # As UTF-8 that is said to be so: what the page says of its encoding is dealt with.
    encoded = re.sub("[\ud800-\udfff\0]", "\ufffd", text).encode()
    if not encoded.strip():
        return None
    try:
        tree = lxml.html.document_fromstring(encoded, parser=lxml.html.HTMLParser(encoding="utf-8"))
    except lxml.etree.ParserError:  # Comments only, and the like.
        return None
    tree.make_links_absolute(address, handle_failures="ignore")
    return tree


@cache
def _config() -> Any:
    config = use_config()
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", SHORTEST_ARTICLE)
    return config
