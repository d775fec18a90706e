"""Markup → lines: blocks and ``<br>`` part lines, inline elements never do.

The tree is walked without recursion, since nobody limits how deep markup nests. Of an article's
elements only those that say something about the text are kept (``Line.path``): a ``<div>`` is a
line of its own and nothing more. What leaves here is not yet sanitised; ``clean`` sees to that.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from itertools import count

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from searchsvc.article import PartKind
from searchsvc.text.address import original_address
from searchsvc.text.lines import RULE, Draft, Enclosing, Line, names, visible
from searchsvc.text.shallow import tame

# Not text, or not the article's. Of a video its poster is kept (``_has_inside``).
_OFF = names(
    "script style noscript template iframe object embed form nav button svg math _comment -comment !doctype"
    " head title audio canvas select textarea input link meta frameset noembed noframes"
)
_INLINE = names("strong em u s del ins sub sup code mark q small kbd cite abbr ruby rt rp")
_SHOWN_AS = {name: name for name in _INLINE} | {"b": "strong", "i": "em", "strike": "s"}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | names(
    "address article aside blockquote caption center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer header hgroup legend li listing main menu ol optgroup option p pre section summary table"
    " tbody td tfoot th thead tr ul xmp"
)
_PLAIN = frozenset({"p", "div", "section", "article", "tbody", "thead"})
# Besides figcaption: WordPress's wp-caption-text, CNA's picinfo, dls-image-capture, photo-caption.
_CAPTION_CLASS = re.compile(r"caption(?!ed)|\bpicinfo\b|image-capture")
_CAPTION_WORDS = ("caption", "picinfo", "image-capture")
_PICTURES = frozenset({"img", "picture", "video", "audio", "figure", "iframe"})
# A table that lays out a page, rather than one of figures, has such in its cells.
_LAYOUT = "table, br, hr, p + p, div + div, ul, ol, h1, h2, h3, h4, h5, h6, figure, blockquote, pre"
# Pages that load pictures late keep the address aside, and a placeholder in src.
_PICTURE_ADDRESSES = ("data-src", "data-original", "src")
_MOST_ENCLOSING = 12
_LONGEST_ALT = 1000

Leave = Callable[[], None] | None


@dataclass(frozen=True, slots=True)
class _Context:
    """What the elements around a place make of the text there.

    ``leaf`` is the element that each block of text gets; none where the last of ``path`` holds text
    itself (``<li>``).
    """

    path: tuple[Enclosing, ...] = ()
    leaf: str | None = "p"
    kind: PartKind | None = None
    in_cell: bool = False


def read_markup(markup: str, base: str | None = None) -> list[Line]:
    """The lines of markup; ``base`` resolves relative addresses. Never raises on any string."""
    reader = _Reader(base, has_captions=any(word in markup for word in _CAPTION_WORDS))
    parser = LexborHTMLParser(tame(markup), options=LexborDocumentOptions.WO_EVENTS)
    if parser.body is not None:
        reader.walk(parser.body)
    return reader.lines


class _Reader:
    """Walks a tree and collects lines."""

    def __init__(self, base: str | None, has_captions: bool) -> None:
        self.lines: list[Line] = []
        self._base = base
        self._has_captions = has_captions
        self._context = _Context()
        self._draft = Draft()
        self._numbers = count()
        self._path: tuple[Enclosing, ...] | None = None

    def walk(self, root: LexborNode) -> None:
        """Go through everything below an element, in the order of the document."""
        node, add = root.child, self._draft.add
        leaving: list[tuple[Leave, LexborNode | None]] = []
        while node is not None or leaving:
            if node is None:
                leave, node = leaving.pop()
                if leave:
                    leave()
                continue
            name = node.tag or ""
            if name == "-text":
                add(visible(node.text_content or ""))
            elif name not in _OFF and self._has_inside(node, name):
                leaving.append((self._enter(node, name), node.next))
                node = node.child
                continue
            node = node.next
        self._end_block()

    def _has_inside(self, node: LexborNode, name: str) -> bool:
        """Deal with what has no text inside; whether there is something to enter for."""
        if name == "br":
            self._break_line()
        elif name == "hr":
            self._end_block()
            self.lines.append(Line("", RULE, "", self._context.path))
        elif name == "img":
            self._add_picture(node, _PICTURE_ADDRESSES)
        elif name == "video":
            self._add_picture(node, ("poster",))
        else:
            return True
        return False

    def _enter(self, node: LexborNode, name: str) -> Leave:
        """Go into an element; what to do on leaving it."""
        if name in _BLOCKS:
            return self._enter_block(node, name)
        if name == "a":
            return self._enter_link(node)
        if (name == "small" and _is_below_picture(node)) or (self._has_captions and _is_caption(node)):
            return self._enter_context(self._caption())
        if name in _SHOWN_AS:
            return self._draft.open(_SHOWN_AS[name])
        return None

    def _enter_block(self, node: LexborNode, name: str) -> Leave:
        now = self._context
        if now.in_cell:
            self._draft.add(" ")
            return None
        if name in ("td", "th") and now.path and now.path[-1][0] == "tr":
            return self._enter_cell(name)
        if name in ("figcaption", "caption") or (self._has_captions and _is_caption(node)):
            return self._enter_context(self._caption())
        return self._enter_context(self._context_of(node, name))

    def _caption(self) -> _Context:
        # HTML knows no figcaption inside a table.
        path = tuple(one for one in self._context.path if one[0] not in ("table", "tr"))
        return _Context(path, "figcaption", "caption")

    def _context_of(self, node: LexborNode, name: str) -> _Context:
        now = self._context
        if name in _PLAIN or now.kind == "code":
            return now
        if name in _HEADINGS:
            return replace(now, leaf=name, kind="heading")
        if name in ("pre", "listing", "xmp"):
            return replace(now, leaf="pre", kind="code")
        if len(now.path) > _MOST_ENCLOSING:
            return now
        if name == "blockquote":
            return self._within(name, "p", "quote")
        if name in ("ul", "ol"):
            return self._within(name, "p", now.kind)
        if name == "li":
            return self._item()
        if name == "figure":
            return self._within(name, None, now.kind)
        return self._context_in_table(node, name)

    def _within(self, name: str, leaf: str | None, kind: PartKind | None) -> _Context:
        return _Context((*self._context.path, (name, next(self._numbers))), leaf, kind)

    def _item(self) -> _Context:
        path = self._context.path
        if not path or path[-1][0] not in ("ul", "ol"):
            path = (*path, ("ul", next(self._numbers)))
        return _Context((*path, ("li", next(self._numbers))), None, "item")

    def _context_in_table(self, node: LexborNode, name: str) -> _Context:
        now = self._context
        if name == "table" and not _is_layout(node):
            return self._within(name, "p", now.kind)
        if name == "tr" and now.path and now.path[-1][0] == "table":
            return self._within(name, None, now.kind)
        return now

    def _enter_context(self, context: _Context) -> Leave:
        self._end_block()
        if context is self._context:
            return self._end_block
        draft, before = self._draft, (self._context, self._draft.code, self._draft.inline)
        self._context, draft.code = context, context.kind == "code"
        if context.path and context.path[-1][0] == "table":
            draft.inline = []  # Between a table and its cells no inline element may stand.

        def leave() -> None:
            self._end_block()
            self._context, draft.code, draft.inline = before

        return leave

    def _enter_cell(self, name: str) -> Leave:
        before = self._context
        self._context = replace(before, in_cell=True)
        close = self._draft.open_cell(name)

        def leave() -> None:
            self._context = before
            close()

        return leave

    def _enter_link(self, node: LexborNode) -> Leave:
        address = original_address(node.attributes.get("href") or "", self._base)
        return self._draft.open("a", f'<a href="{escape(address)}">') if address else None

    def _add_picture(self, node: LexborNode, names: tuple[str, ...]) -> None:
        attributes = node.attributes
        if attributes.get("width") == "1" or attributes.get("height") == "1":
            return  # A counter: <img src="https://medium.com/_/stat?…" width="1" height="1">
        found = (original_address(attributes.get(name) or "", self._base) for name in names)
        if address := next(filter(None, found), None):
            described = " ".join(visible(attributes.get("alt") or "").split())[:_LONGEST_ALT]
            self._draft.add_html(f'<img src="{escape(address)}" alt="{escape(described)}">')

    def _break_line(self) -> None:
        if self._context.in_cell:
            self._draft.add(" ")
        elif self._draft.code:
            self._draft.add("\n")
        else:
            self._end_line()

    def _end_block(self) -> None:
        if self._draft:
            self._end_line()
        self._path = None

    def _end_line(self) -> None:
        if not self._draft:
            return
        if self._path is None:
            leaf = self._context.leaf
            self._path = (*self._context.path, (leaf, next(self._numbers))) if leaf else self._context.path
        line = self._draft.take(self._path, self._context.kind)
        if line.text or "<img" in line.html:
            self.lines.append(line)


def _is_below_picture(small: LexborNode) -> bool:
    """Whether it is all of a ``<div>`` below a picture, as ``<img><div><small>资料照：…</small></div>``."""
    around = small.parent
    if around is None or around.tag != "div" or small.prev is not None:
        return False
    before = around.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    return before is not None and before.tag in _PICTURES


def _is_caption(node: LexborNode) -> bool:
    return _CAPTION_CLASS.search(node.attributes.get("class") or "") is not None


def _is_layout(table: LexborNode) -> bool:
    # css_first finds the table itself, too.
    return any(found.mem_id != table.mem_id for found in table.css(_LAYOUT))
