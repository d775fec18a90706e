"""Text in the reader's script, for showing only; search finds both scripts anyway.

OpenCC converts, by phrases: 头发 becomes 頭髮 and 发展 發展. Simplified is its ``t2s``. Traditional is
``s2tw`` or ``s2hk``, the characters of Taiwan's and of Hong Kong's standard (裡 and 裏): its plain ``s2t``
writes 裏, 爲 and 羣, which neither prints all of. Characters only, no vocabulary: 软件 becomes 軟件 and not
軟體, since an article's words are its own.

What is shown keeps its places. For any text, spans included::

    fold(convert(text)) == fold(text)

so a span of the text is the same span of what it becomes. Where OpenCC would break this law, that
stretch is converted character by character, and a character that would break it stays as it is.
"""

import re
from functools import cache
from typing import Literal

import opencc

from searchsvc.text.fold import fold

# The scripts that text can be shown in: simplified, traditional as in Taiwan, and as in Hong Kong.
Shown = Literal["hans", "hant", "hant-hk"]
CONFIGURATIONS: dict[Shown, str] = {"hans": "t2s", "hant": "s2tw", "hant-hk": "s2hk"}
# A tag of the safe HTML that we keep: its attributes stand in double quotes.
TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
# To the next mark: no phrase goes on beyond it.
CLAUSE = re.compile(r"([^\n，。；！？]*[\n，。；！？])")


def convert(text: str, script: Shown) -> str:
    """The text in a script, each character where it was."""
    whole = _converted(text, script)
    if fold(whole) == fold(text):
        return whole
    clauses = [clause for clause in CLAUSE.split(text) if clause]
    if len(clauses) > 1:
        return "".join(convert(clause, script) for clause in clauses)
    return "".join(_character(char, script) for char in text)


def convert_html(html: str, script: Shown) -> str:
    """Safe HTML with its text in a script; tags, and so addresses, stay as they are."""
    return "".join(piece if at % 2 else convert(piece, script) for at, piece in enumerate(TAG.split(html)))


def _character(char: str, script: Shown) -> str:
    converted = _converted(char, script)
    return converted if fold(converted) == fold(char) else char


def _converted(text: str, script: Shown) -> str:
    try:
        return str(_converter(script).convert(text))
    except UnicodeEncodeError:  # A lone surrogate: no such text is stored, and none is lost here.
        return ""


@cache
def _converter(script: Shown) -> opencc.OpenCC:
    """The converter of a script, loaded when first asked for; threads and forks can share it."""
    return opencc.OpenCC(CONFIGURATIONS[script])
