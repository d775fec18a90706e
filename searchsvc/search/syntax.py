"""Query string → query tree, with warnings. No string raises.

Words separated by spaces must all appear; ``OR``, ``NOT`` or ``-``, parentheses; ``"exact string"``;
``=this script``; ``intitle:``, ``source:``, ``author:``, ``date:``, ``before:``, ``after:``; on words of
letters a trailing ``*`` or ``~``. What is not understood is searched as text or left out, and a warning
says so.

A run without spaces is segmented into words, each searched as the exact string it is (``runs``);
then ``relaxed`` is the tree for articles that have only some of a run's words. What is parted by
spaces or in quotes is asked for in it all the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from whoosh.query import And, AndNot, Every, Or, Query

from searchsvc.engine import Field
from searchsvc.search.meaning import OPERATORS, Reader, Scope
from searchsvc.search.needles import Needle, with_forms
from searchsvc.search.tokens import BEGINS, Token, tokens, within_depth
from searchsvc.search.warnings import QueryWarning
from searchsvc.text.fold import fold

__all__ = ["DEEPEST", "LONGEST", "Needle", "Parsed", "Scope", "parse"]

LONGEST, DEEPEST = 400, 8
OPERATOR = re.compile(rf"({'|'.join(OPERATORS)}):(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query understood. ``tree`` None: nothing was asked, so everything is meant.

    ``needles`` are what ``tree`` looks for, ``loose_needles`` what ``relaxed`` does. ``variants``:
    words as typed, with their other forms.
    """

    tree: Query | None
    relaxed: Query | None
    needles: tuple[Needle, ...]
    loose_needles: tuple[Needle, ...]
    warnings: tuple[QueryWarning, ...]
    variants: Mapping[str, tuple[str, ...]]


def parse(q: str, scope: Scope) -> Parsed:
    """The tree of a query string."""
    return _Parser(q, scope).parse()


class _Parser:
    """One parse, by recursive descent; parentheses that stand too deep have been left out before.

    ``fields``: where words are searched here. ``logical``: whether there are operators that a run of words
    may not be relaxed beside.
    """

    def __init__(self, q: str, scope: Scope) -> None:
        self.reader = Reader(scope, fold(q[:LONGEST]))
        self.fields: tuple[Field, ...] = scope.fields
        self.logical = False
        self.at = 0
        pieces = list(tokens(self._within_limits(q)))
        self.tokens = within_depth(pieces, DEEPEST)
        if len(self.tokens) < len(pieces):
            self.reader.warn("too_deep", most=DEEPEST)

    def parse(self) -> Parsed:
        reader = self.reader
        parts = [self._either()]
        while self.at < len(self.tokens):
            reader.warn("close")
            self.at += 1
            parts.append(self._either())
        tree = _joined(And, [part for part in parts if part is not None])
        if tree is None and self.asked:
            reader.warn("nothing")
        relaxed = self._relaxed(tree) if tree and reader.partial and not self.logical else None
        kept = {needle.text for needle in (*reader.needles, *reader.loose_needles)}
        variants = {word: forms for word, forms in reader.forms.items() if word in kept}
        needles = with_forms(reader.needles, reader.forms)
        loose = with_forms(reader.loose_needles, reader.forms)
        return Parsed(tree, relaxed, needles, loose, tuple(reader.warnings), variants)

    def _within_limits(self, q: str) -> str:
        self.asked = bool(q.strip())
        clean = re.sub("[\ud800-\udfff\x00]", " ", q)
        if clean != q:
            self.reader.warn("no_text")
        if len(clean) > LONGEST:
            self.reader.warn("cut", most=LONGEST)
        return clean[:LONGEST]

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _goes_on(self) -> bool:
        """Whether something follows that an operator can be for."""
        token = self._peek()
        return token is not None and token.kind in BEGINS

    def _stray(self, token: Token) -> None:
        self.reader.warn("alone", text=token.text)

    def _either(self) -> Query | None:
        """Groups joined by OR, up to a closing parenthesis or the end."""
        groups = [self._all()]
        while (token := self._peek()) and token.kind == "or":
            self.logical = True
            self.at += 1
            # In 甲 OR OR 乙 the second one is said to be stray, not the first.
            if groups[-1] is None or not (self._goes_on() or self._follows("or")):
                self._stray(token)
            groups.append(self._all())
        return _joined(Or, [group for group in groups if group is not None])

    def _follows(self, kind: str) -> bool:
        token = self._peek()
        return token is not None and token.kind == kind

    def _all(self) -> Query | None:
        """Pieces that must all hold, up to OR, a closing parenthesis or the end."""
        wanted: list[Query] = []
        unwanted: list[Query] = []
        while (token := self._peek()) and token.kind not in ("or", "close"):
            if token.kind == "and":
                self.at += 1
                if not (wanted or unwanted) or not self._goes_on():
                    self._stray(token)
                continue
            negative = self._negations()
            kept = len(self.reader.needles)
            part = self._one() if self._goes_on() else None
            if part is None:
                continue
            if negative:
                del self.reader.needles[kept:]
            (unwanted if negative else wanted).append(part)
        return _without(_joined(And, wanted), _joined(Or, unwanted))

    def _negations(self) -> bool:
        """Whether what follows is unwanted; NOT NOT is wanted again."""
        negative = False
        while (token := self._peek()) and token.kind == "not":
            self.at += 1
            negative = not negative
            self.logical = True
            if not self._goes_on():
                self._stray(token)
        return negative

    def _one(self) -> Query | None:
        """One piece: a group, a quoted string, an operator with its value, or a word."""
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "open":
            return self._group()
        if token.kind == "word":
            if operator := OPERATOR.fullmatch(token.plain):
                return self._operator(operator[1].lower(), token)
            if token.plain == "=" and (value := self._glued_quote()):
                return self.reader.as_typed(value, self.fields)
        return self.reader.text([token, *self._glued()], self.fields)

    def _glued(self) -> Iterator[Token]:
        """What goes on without a space: 誰說「格物致知」 is one run, of which a part is quoted."""
        while (token := self._peek()) and token.glued and _is_text(token):
            self.at += 1
            yield token

    def _glued_quote(self) -> str:
        """What stands in a quotation that follows without a space."""
        if (token := self._peek()) and token.kind == "quote" and token.glued:
            self.at += 1
            return self.reader.quoted(token)
        return ""

    def _group(self) -> Query | None:
        inside = self._either()
        if self._peek():
            self.at += 1  # The parenthesis that closes it: nothing else ends what is inside.
        else:
            self.reader.warn("open")
        if inside is None:
            self.reader.warn("empty")
        return inside

    def _operator(self, name: str, token: Token) -> Query | None:
        value = token.text[len(name) + 1 :]
        if name in ("intitle", "title"):
            query = self._in_title(value)
        else:
            value = value or self._glued_quote()
            query = self.reader.value_of(name, value) if value.strip() else None
        if query is None:
            self.reader.not_understood(f"{name}:{value}")
            return self.reader.text([Token("word", token.text)], self.fields)
        return query

    def _in_title(self, value: str) -> Query | None:
        """A word, a quoted string or a group, in titles only."""
        before, self.fields = self.fields, ("title",)
        try:
            if value == "" or Token("word", value).plain == "=":
                following = self._peek()
                if following is None or not following.glued or following.kind not in ("quote", "open"):
                    return None
                if value:
                    return self.reader.as_typed(self._glued_quote(), self.fields)
                return self._one()
            return self.reader.text([Token("word", value)], self.fields)
        finally:
            self.fields = before

    def _relaxed(self, node: Query) -> Query:
        """The tree with some of the words of each run instead of all; everything else is kept."""
        if id(node) in self.reader.partial:
            return self.reader.partial[id(node)]
        return And(list(map(self._relaxed, node.subqueries))) if isinstance(node, And) else node


def _is_text(token: Token) -> bool:
    """Whether a piece goes on with the text before it, and does not mean anything by itself."""
    return token.kind == "quote" or (token.kind == "word" and not OPERATOR.fullmatch(token.plain))


def _joined(kind: type[Query], parts: list[Query]) -> Query | None:
    """Parts under one node; one that stands there again is asked once."""
    once = list({id(part): part for part in parts}.values())
    if len(once) < 2:
        return once[0] if once else None
    return kind(once)


def _without(wanted: Query | None, unwanted: Query | None) -> Query | None:
    if unwanted is None:
        return wanted
    return AndNot(wanted or Every(), unwanted)
