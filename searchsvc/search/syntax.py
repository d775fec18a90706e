"""Query string → query tree, with warnings. No string raises.

Words separated by spaces must all appear; ``OR``, ``NOT`` or ``-``, parentheses; ``"exact string"``;
``intitle:``, ``source:``, ``date:``, ``before:``, ``after:``; a trailing ``*`` on Latin words. The
full-width forms ：“”（）－＝ and U+3000 count as their ASCII ones. What is not understood is searched
as text, and a warning says so.

A run of Han without spaces is segmented into words, each searched as the exact string it is; then
``relaxed`` is the tree for articles that have only some of them. Segmenting happens here only, on
the folded query: its dictionary can change without a new index.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from whoosh.query import And, AndMaybe, AndNot, Every, NumericRange, Or, Prefix, Query, Term

from searchsvc.engine import FIELDS, TITLE_BOOST, Field
from searchsvc.engine.strings import ExactString
from searchsvc.errors import QueryError
from searchsvc.search.dates import stretch
from searchsvc.search.words import split_words
from searchsvc.text.fold import fold
from searchsvc.text.terms import squeeze

LONGEST, MOST_TERMS, DEEPEST = 400, 64, 8

WIDE = str.maketrans("：“”„‟「」『』＂（）－＝＊　", ':"""""""""()-=* ')
# Marks that part words outside quotes; all others belong to what they stand in (AT&T, 唐纳德·特朗普).
COMMAS = "，。、；！？,;!?…"
# Marks that mean nothing at the edge of a word; + # % do (C++, C#, 5%).
EDGES = re.compile(r"^[^\w+#%$€¥£℃°]+|[^\w+#%℃°]+$")
TOKEN = re.compile(r'\s+|(?P<mark>[()])|(?P<minus>-)(?=[^\s)])|(?P<quote>"[^"]*(?:"|$))|(?P<word>[^\s()"]+)')
OPERATOR = re.compile(r"(intitle|source|date|before|after|author|title):(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Needle:
    """A string that was asked for, as typed; ``prefix``: a word that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query understood. ``tree`` None: nothing was asked, so everything is meant."""

    tree: Query | None
    relaxed: Query | None
    needles: tuple[Needle, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query string: ``kind`` is mark, minus, quote or word."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Scope:
    """How times are read and where words are searched."""

    zone: tzinfo
    now: datetime
    fields: tuple[Field, ...] = FIELDS


def parse(q: str, scope: Scope) -> Parsed:
    """The tree of a query string."""
    return _Parser(q, scope).parse()


def tokens(q: str) -> Iterator[Token]:
    """The pieces of a query string, in its original characters."""
    plain = q.translate(WIDE)
    position = 0
    while match := TOKEN.match(plain, position):
        if match.lastgroup:
            yield Token(match.lastgroup, q[match.start() : match.end()])
        position = match.end()
        if position == len(plain):
            return


@dataclass
class _Parser:
    """One parse. Recursive descent; ``depth`` and ``left`` are the limits still open."""

    q: str
    scope: Scope
    warnings: list[str] = field(default_factory=list)
    needles: list[Needle] = field(default_factory=list)
    runs: list[list[Query]] = field(default_factory=list)
    plain: bool = True
    depth: int = 0

    def parse(self) -> Parsed:
        q = self._within_limits(self.q)
        self.tokens = list(tokens(q))
        self.at = 0
        tree = self._either()
        while self.at < len(self.tokens):  # A closing parenthesis that nothing opened.
            self._warn("unopened", "A ) without its ( was left out")
            self.at += 1
            tree = _joined(And, [part for part in (tree, self._either()) if part])
        if tree is None and q.strip():
            self._warn("empty", "There is nothing to search for in this query; all articles are shown")
        return Parsed(tree, self._relaxed(), tuple(self.needles), tuple(dict.fromkeys(self.warnings)))

    def _within_limits(self, q: str) -> str:
        clean = re.sub("[\ud800-\udfff\x00]", " ", q)
        if clean != q:
            self._warn("characters", "Characters that no text can have were left out")
        if len(clean) > LONGEST:
            self._warn("length", f"The query was cut to its first {LONGEST} characters")
        return clean[:LONGEST]

    def _warn(self, _kind: str, sentence: str) -> None:
        self.warnings.append(sentence)

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _either(self) -> Query | None:
        """Groups joined by OR, up to a closing parenthesis or the end."""
        groups = [self._all()]
        while (token := self._peek()) and token == Token("word", "OR"):
            self.plain = False
            self.at += 1
            groups.append(self._all())
        return _joined(Or, [group for group in groups if group is not None])

    def _all(self) -> Query | None:
        """Pieces that must all hold, up to OR, a closing parenthesis or the end."""
        wanted: list[Query] = []
        unwanted: list[Query] = []
        while (token := self._peek()) and token != Token("word", "OR") and not _closes(token):
            negative = self._negations()
            kept = len(self.needles)
            part = self._one()
            if part is None:
                continue
            if negative:
                del self.needles[kept:]
            (unwanted if negative else wanted).append(part)
        return _without(_joined(And, wanted), _joined(Or, unwanted))

    def _negations(self) -> bool:
        """Whether what follows is unwanted; NOT NOT is wanted again."""
        negative = False
        while (token := self._peek()) and (token.kind == "minus" or token == Token("word", "NOT")):
            self.at += 1
            negative = not negative
            self.plain = False
        return negative

    def _one(self) -> Query | None:
        """One piece: a group, a quoted string, an operator with its value, or a word."""
        token = self._peek()
        if token is None or _closes(token) or token == Token("word", "OR"):
            return None
        self.at += 1
        if token.kind == "mark":
            return self._group()
        if token.kind == "quote":
            return self._quoted(token.text)
        if token.text == "AND":
            return None
        operator = OPERATOR.fullmatch(token.text.translate(WIDE))
        if operator:
            return self._operator(operator[1].lower(), token.text)
        return self._word(token.text, self.scope.fields)

    def _group(self) -> Query | None:
        self.plain = False
        self.depth += 1
        if self.depth > DEEPEST:
            self._warn("depth", f"Parentheses deeper than {DEEPEST} were left out")
            self.depth -= 1
            return None
        inside = self._either()
        self.depth -= 1
        token = self._peek()
        if token and _closes(token):
            self.at += 1
        elif self.depth == 0:
            self._warn("unclosed", "A ( without its ) was closed at the end")
        return inside

    def _quoted(self, text: str, fields: tuple[Field, ...] | None = None) -> Query | None:
        if len(text) == 1 or not text.translate(WIDE).endswith('"'):
            self._warn("quote", "A quotation mark without its pair was closed at the end")
            inside = text[1:]
        else:
            inside = text[1:-1]
        self.plain = False
        return self._string(inside, fields or self.scope.fields)

    def _operator(self, name: str, text: str) -> Query | None:
        value = text[len(name) + 1 :]
        self.plain = False
        if not value and (following := self._peek()) and following.kind == "quote":
            self.at += 1
            value = following.text
        unquoted = value.translate(WIDE).strip('"')
        handlers: dict[str, Callable[[], Query | None]] = {
            "intitle": lambda: self._in_title(value),
            "title": lambda: self._in_title(value),
            "source": lambda: Term("source", unquoted) if unquoted else None,
            "date": lambda: self._time(name, *(unquoted.split("/", 1) * 2)[:2]),
            "before": lambda: self._time(name, None, unquoted),
            "after": lambda: self._time(name, unquoted, None),
        }
        handler = handlers.get(name, lambda: None)
        query = handler() if value else None
        if query is None:
            self._warn(name, f"{text[:40]} was not understood and is searched as text")
            return self._word(text, self.scope.fields)
        return query

    def _in_title(self, value: str) -> Query | None:
        if value.translate(WIDE).startswith('"'):
            return self._quoted(value, ("title",))
        return self._word(value, ("title",))

    def _time(self, name: str, since: str | None, until: str | None) -> Query | None:
        """``date:`` with one or two dates, ``before:`` the start of one, ``after:`` the end of one."""
        scope = self.scope
        try:
            first = stretch(since, scope.zone, scope.now, param=name) if since is not None else None
            last = stretch(until, scope.zone, scope.now, param=name) if until is not None else None
        except QueryError:
            return None
        if name == "date" and first and last:
            return NumericRange("published", max(first.start, 1), max(last.end, 1), endexcl=True)
        if first:
            return NumericRange("published", max(first.end, 1), None)
        return NumericRange("published", 1, max(last.start, 1), endexcl=True) if last else None

    def _word(self, text: str, fields: tuple[Field, ...]) -> Query | None:
        """A word as typed: parted at commas, a run of Han into its words."""
        pieces = [piece for piece in re.split(f"[{COMMAS}]+", text) if EDGES.sub("", piece)]
        found = [self._piece(EDGES.sub("", piece), piece, fields) for piece in pieces]
        return _joined(And, [query for query in found if query is not None])

    def _piece(self, text: str, typed: str, fields: tuple[Field, ...]) -> Query | None:
        if typed.translate(WIDE).endswith("*") and squeeze(text).is_word.all():
            return self._prefix(text, fields)
        words = split_words(text)
        found = [query for word in words if (query := self._string(word, fields)) is not None]
        if len(found) < 2:
            return found[0] if found else None
        self.runs.append(found)
        # Words that stand together as typed say more than the same words apart.
        together = Or([ExactString(name, text, _boost(name)) for name in fields])
        return AndMaybe(And(found), together)

    def _prefix(self, text: str, fields: tuple[Field, ...]) -> Query | None:
        if not self._room():
            return None
        self.needles.append(Needle(text, prefix=True))
        self.plain = False
        return _joined(Or, [Prefix(name, fold(text), boost=_boost(name)) for name in fields])

    def _string(self, text: str, fields: tuple[Field, ...]) -> Query | None:
        if not squeeze(text).points.size or not self._room():
            return None
        self.needles.append(Needle(text.strip()))
        return _joined(Or, [ExactString(name, text, _boost(name)) for name in fields])

    def _room(self) -> bool:
        if len(self.needles) < MOST_TERMS:
            return True
        self._warn("terms", f"Only the first {MOST_TERMS} words were searched")
        return False

    def _relaxed(self) -> Query | None:
        """Any of the words of a run, if the query is one run and nothing else."""
        if self.plain and len(self.runs) == 1 and len(self.needles) == len(self.runs[0]):
            return _joined(Or, self.runs[0])
        return None


def _closes(token: Token) -> bool:
    return token.kind == "mark" and token.text.translate(WIDE) == ")"


def _boost(name: Field) -> float:
    return TITLE_BOOST if name == "title" else 1.0


def _joined(kind: type[Query], parts: list[Query]) -> Query | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return kind(parts)


def _without(wanted: Query | None, unwanted: Query | None) -> Query | None:
    if unwanted is None:
        return wanted
    return AndNot(wanted or Every(), unwanted)
