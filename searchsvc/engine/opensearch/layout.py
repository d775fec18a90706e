"""The fields of an OpenSearch index, how texts are turned into them, and the settings of new indexes.

Texts are not analysed by the cluster: what goes there are the terms of ``text/terms.py``, parted by spaces.
So both engines agree on what a string is, to the character, and the fold table has one version in both.

Each place of the squeezed text has two positions in ``title`` and ``body``: the word that begins there, then
the pair that begins there, or a filler that is dropped but counted. So all terms of a string stand at
positions of their own, and a phrase of them is the string. Words are marked ``w``, pairs ``p``: what begins
like a word must not find pairs. ``…_signs`` have single signs, for strings of one character, which need no
positions, and ``…_forms`` the Han characters of classes with several as they are written.
"""

import re
from collections.abc import Iterable
from typing import Any

from searchsvc.engine import FIELDS, Document
from searchsvc.engine.schema import UNKNOWN_TIME
from searchsvc.text import terms
from searchsvc.text.terms import Needle, Term, encode, folds, forms, needle, variants

# Raised whenever indexes written before would answer wrongly.
VERSION = f"1-{terms.VERSION}"

# Later than any time.
NEVER = (1 << 63) - 1
FILLER = "_"
MARKS = {"word": "w", "pair": "p"}
# Positions for each place of a text: of the word and of the pair that begin there.
SLOTS = {"word": 0, "pair": 1}
# Longer names are kept for nobody to search for: Lucene refuses terms of more than 32,766 bytes.
LONGEST_NAME = 8_000
# The deepest page of the contract; walks have no end.
RESULT_WINDOW = 10_000
LONE = re.compile("[\ud800-\udfff]")


def settings(shards: int, replicas: int) -> dict[str, Any]:
    """The settings of a new index."""
    return {
        "index": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            # What is written is shown by who wrote it, when all of it is there.
            "refresh_interval": "-1",
            "max_result_window": RESULT_WINDOW,
            "similarity": {"frequency": {"type": "scripted", "script": {"source": "return doc.freq"}}},
            "analysis": {
                "filter": {"filler": {"type": "stop", "stopwords": [FILLER]}},
                "analyzer": {
                    "placed": {"type": "custom", "tokenizer": "whitespace", "filter": ["filler"]},
                },
            },
        }
    }


def mappings() -> dict[str, Any]:
    """The mappings of a new index; what is not named here is refused."""
    keyword = {"type": "keyword", "ignore_above": LONGEST_NAME}
    properties: dict[str, Any] = {
        "id": {"type": "keyword"},
        # The order in which articles were written: what equal hits are sorted by.
        "number": {"type": "long"},
        "published": {"type": "long"},
        # The same, but what has no time stands behind all others.
        "rising": {"type": "long"},
        "source": keyword,
        "author": keyword,
        "source_name": keyword | {"doc_values": False},
        "author_name": keyword | {"doc_values": False},
        "story": keyword,
        # The story, or the article itself where it tells its own.
        "tells": keyword,
    }
    for name in FIELDS:
        text = {"type": "text", "analyzer": "placed", "similarity": "frequency", "norms": False}
        properties |= {
            name: text | {"index_options": "positions"},
            f"{name}_signs": text | {"index_options": "freqs"},
            f"{name}_forms": text | {"index_options": "docs"},
            f"{name}_length": {"type": "integer"},
        }
    return {"dynamic": "strict", "_source": {"enabled": False}, "properties": properties}


def document(given: Document, number: int) -> dict[str, Any]:
    """What the cluster is sent of an article, the ``number``-th that was written."""
    fields: dict[str, Any] = {
        "id": given.id,
        "number": number,
        "published": UNKNOWN_TIME if given.published is None else given.published,
        "rising": NEVER if given.published is None else given.published,
        "source": given.source,
        "source_name": needle(given.source).text,
        "tells": given.story or given.id,
    }
    if given.author:
        fields |= {"author": given.author, "author_name": needle(given.author).text}
    if given.story:
        fields["story"] = given.story
    for name, text in zip(FIELDS, (given.title, given.body), strict=True):
        fields |= {f"{name}{suffix}": value for suffix, value in text_fields(text).items()}
    return fields


def text_fields(text: str) -> dict[str, Any]:
    """The fields of one text, by their suffixes."""
    found = terms.terms(text)
    length = max((term.place + term.length for term in found), default=0)
    return {
        "": _placed(length, found),
        "_signs": sendable(" ".join(term.text for term in found if term.kind == "single")),
        "_forms": " ".join(sorted(_written(text))),
        "_length": length,
    }


def _placed(length: int, found: Iterable[Term]) -> str:
    """The words and pairs of a squeezed text of so many characters, two positions for each place."""
    slots = [FILLER] * (2 * length)
    for term in found:
        if term.kind in SLOTS:
            slots[2 * term.place + SLOTS[term.kind]] = MARKS[term.kind] + term.text
    return sendable(" ".join(slots))


def _written(text: str) -> set[str]:
    """The Han characters that a text is written with, of classes that have several."""
    points = encode(text)
    written, kept = forms()[points], folds()[points]
    others = {chr(point) for point in set(written.tolist()) if point}
    own = {chr(point) for point in set(kept[written == 0].tolist())}
    return others | (own & variants().keys())


def phrase(wanted: Needle) -> str:
    """A string of words and pairs as the fields with positions have it."""
    return _placed(len(wanted.text), wanted.terms())


def sendable(text: str) -> str:
    """A text without lone surrogates, which no JSON may hold; Lucene would keep the same in their place."""
    return LONE.sub("\ufffd", text)
