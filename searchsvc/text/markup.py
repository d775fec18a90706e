"""Markup → lines: blocks and ``<br>`` part lines, inline elements never do.

The tree is walked without recursion, since nobody limits how deep markup nests. Of an article's
elements only those that say something about the text are kept (``Line.path``): a ``<div>`` is a
line of its own and nothing more. Sanitising is not done here but by ``clean``, on what leaves here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from itertools import count

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from searchsvc.article import PartKind
from searchsvc.text.address import original_address
from searchsvc.text.lines import RULE, Enclosing, Line, visible

_OFF = frozenset(
    "script style noscript template iframe object embed form nav button svg math _comment -comment head title"
    " audio canvas select textarea input link meta frameset noembed noframes".split()
)
_INLINE = {
    name: (f"<{name}>", f"</{name}>")
    for name in "strong em u s del ins sub sup code mark q small kbd cite abbr ruby rt rp".split()
}
_INLINE |= {"b": _INLINE["strong"], "i": _INLINE["em"]}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer header hgroup legend li listing main menu ol optgroup option p pre section summary table"
    " tbody td tfoot th thead tr ul xmp".split()
)
# figcaption aside: WordPress's wp-caption-text, CNA's picinfo, dls-image-capture, photo-caption.
_CAPTION_CLASS = re.compile(r"caption(?!ed)|\bpicinfo\b|image-capture")
_MEDIA = frozenset({"img", "picture", "video", "audio", "figure", "iframe"})
# A table that lays out a page, rather than one of figures, has paragraphs in its cells.
_LAYOUT = "table, br, p + p, div + div, ul, ol, h1, h2, h3, h4, h5, h6, figure, blockquote, pre"
_LAZY = ("data-src", "data-original", "src")

_MOST_ENCLOSING = 12
_MOST_INLINE = 8

# Parsers take time by the square of the depth, and of the attributes of one tag: 100,000 ``<div>``
# took 18 s. Markup with so many tags, or characters, is looked through first.
_FEW_TAGS = 500
_SHORT = 20_000
_DEEPEST = 200
_MOST_FORMATTING = 16
_LONGEST_TAG = 20_000
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)([^>]*)")
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_NEVER_DEEP = frozenset(
    "area base br col dd dt embed frame hr img input li link meta option p param source td th tr track"
    " wbr".split()
)


@dataclass(frozen=True, slots=True)
class Markup:
    """The lines of some markup, and the address of its first picture."""

    lines: list[Line]
    image: str | None


def read_markup(markup: str, base: str | None = None) -> Markup:
    """The lines of markup; ``base`` resolves its relative addresses. Never raises on any string."""
    reader = _Reader(base, has_captions=bool(_CAPTION_CLASS.search(markup)))
    parser = LexborHTMLParser(tame(markup), options=LexborDocumentOptions.WO_EVENTS)
    if parser.body is not None:
        reader.walk(parser.body)
    return Markup(reader.lines, reader.image)


def tame(markup: str) -> str:
    """The markup so that parsing it takes time by its length: no NUL, no depth, no endless tags."""
    if "\x00" in markup:
        markup = markup.replace("\x00", "")
    try:
        markup.encode()
    except UnicodeEncodeError:
        markup = markup.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if len(markup) < _SHORT and markup.count("<") < _FEW_TAGS:
        return markup
    return _TAG.sub(_Shallow(), markup)


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
        shown = name if keep else "br" if name in _BLOCKS else "wbr"
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


@dataclass(frozen=True, slots=True)
class _Context:
    """What the elements around a place make of text there.

    ``leaf`` is the element that each block of text gets, none where ``path`` ends with one that
    holds text itself (``<li>``).
    """

    path: tuple[Enclosing, ...] = ()
    leaf: str | None = "p"
    kind: PartKind | None = None
    in_cell: bool = False
    in_pre: bool = False


class _Reader:
    """Walks a tree and collects lines."""

    def __init__(self, base: str | None, has_captions: bool) -> None:
        self.lines: list[Line] = []
        self.image: str | None = None
        self._base = base
        self._has_captions = has_captions
        self._context = _Context()
        self._inline: list[tuple[str, str]] = []
        self._numbers = count()
        self._in_link = False
        self._path: tuple[Enclosing, ...] | None = None
        self._begin_line()

    def walk(self, root: LexborNode) -> None:
        """Go through everything below an element, in the order of the document."""
        leaving: list[tuple[Callable[[], None] | None, LexborNode | None]] = []
        node = root.child
        while node is not None or leaving:
            if node is None:
                leave, node = leaving.pop()
                if leave:
                    leave()
                continue
            name = node.tag or ""
            if name == "-text":
                self._add_text(node.text_content or "")
            elif name not in _OFF and (child := node.child if self._may_enter(node, name) else None) is not None:
                leaving.append((self._enter(node, name), node.next))
                node = child
                continue
            node = node.next
        self._end_block()

    # Elements

    def _may_enter(self, node: LexborNode, name: str) -> bool:
        """Deal with elements that are empty or have nothing for us; whether to go on inside."""
        if name == "br":
            self._break()
        elif name == "img":
            self._add_picture(node, _LAZY)
        elif name == "hr":
            self._end_block()
            self.lines.append(Line("", RULE, "", self._context.path))
        elif name == "video":
            self._add_picture(node, ("poster",))
        elif name in ("td", "th") and not node.child:
            self._begin_cell(name)
        elif name in _BLOCKS and not node.child:
            self._end_block()
        # RTI ends its summaries with <a>...more</a>.
        elif name != "a" or node.text_content != "...more":
            return True
        return False

    def _enter(self, node: LexborNode, name: str) -> Callable[[], None] | None:
        """Go into an element; what to do on leaving it."""
        if name in _BLOCKS:
            return self._enter_block(node, name)
        if name == "a":
            return self._enter_link(node)
        if name == "small" and _is_below_picture(node):
            return self._enter_context(replace(self._context, leaf="figcaption", kind="caption"))
        if name in _INLINE:
            return self._enter_inline(_INLINE[name])
        if self._has_captions and _is_caption(node):
            return self._enter_context(replace(self._context, leaf="figcaption", kind="caption"))
        return None

    def _enter_block(self, node: LexborNode, name: str) -> Callable[[], None] | None:
        now = self._context
        if now.in_cell:
            self._space = True
            return None
        if name in ("td", "th") and now.path and now.path[-1][0] == "tr":
            return self._enter_cell(name)
        return self._enter_context(self._context_of(node, name))

    def _context_of(self, node: LexborNode, name: str) -> _Context:
        now = self._context
        if name in _HEADINGS:
            return replace(now, leaf=name, kind="heading")
        if name in ("figcaption", "caption") or (self._has_captions and _is_caption(node)):
            path = tuple(one for one in now.path if one[0] not in ("table", "tr"))
            return replace(now, path=path, leaf="figcaption", kind="caption")
        if name in ("pre", "listing", "xmp"):
            return replace(now, leaf="pre", kind="code", in_pre=True)
        if name in ("p", "div"):
            return now
        if len(now.path) < _MOST_ENCLOSING:
            return self._context_within(node, name)
        return now

    def _context_within(self, node: LexborNode, name: str) -> _Context:
        now, itself = self._context, (name, next(self._numbers))
        if name == "blockquote":
            return replace(now, path=(*now.path, itself), leaf="p", kind="quote")
        if name in ("ul", "ol"):
            return replace(now, path=(*now.path, itself), leaf="p")
        if name == "li":
            in_list = now.path and now.path[-1][0] in ("ul", "ol")
            path = now.path if in_list else (*now.path, ("ul", next(self._numbers)))
            return replace(now, path=(*path, itself), leaf=None, kind="item")
        if name == "figure":
            return replace(now, path=(*now.path, itself), leaf=None)
        if name == "table" and node.css_first(_LAYOUT.replace("table", "table table", 1)) is None:
            return replace(now, path=(*now.path, itself))
        if name == "tr" and now.path and now.path[-1][0] == "table":
            return replace(now, path=(*now.path, itself), leaf=None)
        return now

    def _enter_context(self, context: _Context) -> Callable[[], None]:
        self._end_block()
        before, inline = self._context, self._inline
        if context.path != before.path:
            self._inline = []
        self._context = context

        def leave() -> None:
            self._end_block()
            self._context, self._inline = before, inline

        return leave

    def _enter_cell(self, name: str) -> Callable[[], None]:
        before = self._context
        self._begin_cell(name)
        self._context = replace(before, in_cell=True)
        leave_inline = self._enter_inline((f"<{name}>", f"</{name}>"), opened=True)

        def leave() -> None:
            self._context = before
            if leave_inline:
                leave_inline()

        return leave

    def _begin_cell(self, name: str) -> None:
        """Part a cell from the one before it by a tab; an empty one is kept as a place."""
        if self._text and self._text[-1] != "\t":
            self._text.append("\t")

    def _enter_link(self, node: LexborNode) -> Callable[[], None] | None:
        address = original_address(node.attributes.get("href") or "", self._base)
        if address is None or self._in_link:
            return None
        leave_inline = self._enter_inline((f'<a href="{escape(address)}">', "</a>"))
        if leave_inline is None:
            return None
        self._in_link = True

        def leave() -> None:
            self._in_link = False
            leave_inline()

        return leave

    def _enter_inline(self, tags: tuple[str, str]) -> Callable[[], None] | None:
        if len(self._inline) >= _MOST_INLINE:
            return None
        inline = self._inline
        inline.append(tags)
        if self._html:
            self._html.append(tags[0])

        def leave() -> None:
            inline.pop()
            if self._html:
                self._html.append(tags[1])

        return leave
