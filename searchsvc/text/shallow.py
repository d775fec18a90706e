"""Markup → markup that can be parsed in time proportional to its length.

Parsers take time by the square of the depth, and of the attributes of one tag: 100,000 ``<div>``
took 18 s, in lexbor as in html5ever. No article needs either, so what goes too deep loses its
nesting, not its text.
"""

import re

from searchsvc.text.lines import encodable, names

# With fewer tags the square is small, and looking at each of them not worth while.
_FEW_TAGS = 500
_DEEPEST = 200
# Every paragraph repeats the unclosed <font> before it.
_MOST_FORMATTING = 16
_LONGEST_TAG = 20_000

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)")
_FORMATTING = names("a b big code em font i nobr s small strike strong tt u")
# Elements that have no content, or that end where the next of their kind begins.
_NEVER_DEEP = names(
    "area base br col dd dt embed hr img input li link meta option p param source td th tr track wbr"
)
_INLINE = _FORMATTING | names("span label abbr cite q sub sup ins del mark")


def tame(markup: str) -> str:
    """The markup so that parsing it takes time by its length: no NUL, no depth, no endless tags."""
    if "\x00" in markup:
        markup = markup.replace("\x00", "")
    try:
        markup.encode()
    except UnicodeEncodeError:
        markup = encodable(markup)
    if markup.count("<") < _FEW_TAGS and not _has_long_tag(markup):
        return markup
    return _TAG.sub(_Shallow(), markup)


def _has_long_tag(markup: str) -> bool:
    return len(markup) > _LONGEST_TAG and max(map(len, markup.split(">"))) > _LONGEST_TAG


class _Shallow:
    """Renames tags beyond a depth into ``<br>`` (a block) or ``<wbr>`` (none), which cannot nest."""

    def __init__(self) -> None:
        self.open: dict[str, int] = {}
        self.renamed: dict[str, int] = {}
        self.depth = 0
        self.formatting = 0

    def __call__(self, tag: re.Match[str]) -> str:
        name = tag[2].lower()
        if name in _NEVER_DEEP:
            return tag[0] if len(tag[0]) < _LONGEST_TAG else f"<{tag[1]}{name}"
        keep = self._close(name) if tag[1] else self._enter(name)
        shown = name if keep else "wbr" if name in _INLINE else "br"
        if keep and len(tag[0]) < _LONGEST_TAG:
            return tag[0]
        return f"<{tag[1]}{shown}"

    def _enter(self, name: str) -> bool:
        too_deep = self.depth >= _DEEPEST or (name in _FORMATTING and self.formatting >= _MOST_FORMATTING)
        counts = self.renamed if too_deep else self.open
        counts[name] = counts.get(name, 0) + 1
        if not too_deep:
            self._deepen(name, 1)
        return not too_deep

    def _close(self, name: str) -> bool:
        if self.renamed.get(name):
            self.renamed[name] -= 1
            return False
        if self.open.get(name):
            self.open[name] -= 1
            self._deepen(name, -1)
        return True

    def _deepen(self, name: str, by: int) -> None:
        self.depth += by
        if name in _FORMATTING:
            self.formatting += by
