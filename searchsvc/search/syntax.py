"""Query string → query tree, with warnings. No string raises.

Words separated by spaces must all appear; ``OR``, ``NOT`` or ``-``, parentheses; ``"exact string"``;
``intitle:``, ``source:``, ``date:``, ``before:``, ``after:``; a trailing ``*`` on Latin words. The
full-width forms ：“”（）－＝ and U+3000 count as their ASCII ones. What is not understood is searched
as text, and a warning says so.

A run without spaces is segmented into words, each searched as the exact string it is (``runs``);
then ``relaxed`` is the tree for articles that have only some of a run's words. What is parted by
spaces or in quotes is asked for in it all the same.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from whoosh.query import And, AndNot, Every, FuzzyTerm, NumericRange, Or, Prefix, Query, Term

from searchsvc.engine import FIELDS, TITLE_BOOST, Field
from searchsvc.engine.strings import CheckedString, ExactString, NameLike
from searchsvc.errors import QueryError
from searchsvc.search.dates import stretch
from searchsvc.search.runs import Piece, all_words, some_words
from searchsvc.search.words import is_particle, split_mixed, split_words
from searchsvc.text.fold import fold
from searchsvc.text.terms import needle, squeeze
from searchsvc.variants.find import Variants

LONGEST, MOST_TERMS, DEEPEST = 400, 64, 8
# From so many letters on a fuzzy word may differ in two.
LONG_WORD = 6

WIDE = str.maketrans("：“”„‟「」『』＂（）－＝＊～　", ':"""""""""()-=*~ ')
# Marks that part words outside quotes; all others belong to what they stand in (AT&T, 唐纳德·特朗普).
COMMAS = re.compile(r"[，。、；：！？,;!?…《》〈〉【】〔〕\[\]]+")
# Marks that mean nothing at the edge of a word; + # % do (C++, C#, 5%).
EDGES = re.compile(r"^[^\w+#%$€¥£℃°]+|[^\w+#%℃°]+$")
TOKEN = re.compile(r'\s+|(?P<mark>[()])|(?P<minus>-)(?=[^\s)])|(?P<quote>"[^"]*(?:"|$))|(?P<word>[^\s()"]+)')
OPERATOR = re.compile(r"(intitle|source|date|before|after|author|title):(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Needle:
    """A string that was asked for, as typed; ``prefix``: a word that begins so.

    ``quiet``: it has to be there, but nobody wants to see it marked (的 in a run of words).
    ``form_of``: the word as typed of which this is another form. ``as_typed``: in no other script.
    ``distance``: words that differ in so many letters are meant too.
    """

    text: str
    prefix: bool = False
    quiet: bool = False
    form_of: str | None = None
    as_typed: bool = False
    distance: int = 0


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
    warnings: tuple[str, ...]
    variants: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query string: ``kind`` is mark, minus, quote or word.

    ``glued``: nothing parts it from the piece before.
    """

    kind: str
    text: str
    glued: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """How times are read, where words are searched, and which of them have other forms (None: none).

    ``in_script``: for a string and a field, the check of articles that have it in the script typed;
    without it nobody can tell.
    """

    zone: tzinfo
    now: datetime
    fields: tuple[Field, ...] = FIELDS
    variants: Variants | None = None
    in_script: Callable[[str, Field], Callable[[Sequence[str]], Sequence[bool]]] | None = None


def parse(q: str, scope: Scope) -> Parsed:
    """The tree of a query string."""
    return _Parser(q, scope).parse()


def tokens(q: str) -> Iterator[Token]:
    """The pieces of a query string, in its original characters."""
    plain = q.translate(WIDE)
    position, before = 0, None
    while match := TOKEN.match(plain, position):
        if match.lastgroup:
            yield Token(match.lastgroup, q[match.start() : match.end()], before is not None)
        position, before = match.end(), match.lastgroup
        if position == len(plain):
            return


@dataclass
class _Parser:
    """One parse. Recursive descent; ``depth`` and ``left`` are the limits still open."""

    q: str
    scope: Scope
    warnings: list[str] = field(default_factory=list)
    needles: list[Needle] = field(default_factory=list)
    loose_needles: list[Needle] = field(default_factory=list)
    # A run's tree, by its id → the tree for some of its words.
    partial: dict[int, Query] = field(default_factory=dict)
    forms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    logical: bool = False
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
        relaxed = self._relaxed(tree) if tree and self.partial and not self.logical else None
        warnings = tuple(dict.fromkeys(self.warnings))
        kept = {needle.text for needle in (*self.needles, *self.loose_needles)}
        variants = {word: forms for word, forms in self.forms.items() if word in kept}
        needles, loose = self._with_forms(self.needles), self._with_forms(self.loose_needles)
        return Parsed(tree, relaxed, needles, loose, warnings, variants)

    def _with_forms(self, needles: list[Needle]) -> tuple[Needle, ...]:
        """Needles, and behind them the other forms of their words."""
        words = dict.fromkeys(needle.text for needle in needles if not needle.prefix)
        forms = [Needle(form, form_of=word) for word in words for form in self.forms.get(word, ())]
        return (*needles, *forms)

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
            self.logical = True
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
            self.logical = True
        return negative

    def _one(self) -> Query | None:
        """One piece: a group, a quoted string, an operator with its value, or a word."""
        token = self._peek()
        if token is None or _closes(token) or token == Token("word", "OR"):
            return None
        self.at += 1
        if token.kind == "mark":
            return self._group()
        if token.text == "AND":
            return None
        operator = token.kind == "word" and OPERATOR.fullmatch(token.text.translate(WIDE))
        if operator:
            return self._operator(operator[1].lower(), token.text)
        if token.kind == "word" and token.text.translate(WIDE).startswith("=") and self.scope.in_script:
            return self._as_typed(token)
        return self._text([token, *self._glued()], self.scope.fields)

    def _glued(self) -> Iterator[Token]:
        """What goes on without a space: 誰說「格物致知」 is one run, of which a part is quoted."""
        while (token := self._peek()) and token.glued and _is_text(token):
            self.at += 1
            yield token

    def _as_typed(self, token: Token) -> Query | None:
        """``=乾``: this string in exactly this script; ``="…"`` too."""
        text = token.text[1:]
        if not text and (following := self._peek()) and following.kind == "quote" and following.glued:
            self.at += 1
            text = self._quoted(following.text)
        check = self.scope.in_script
        if check is None or not self._words([text]):
            self._warn("script", f"{token.text[:40]} was not understood and is searched as text")
            return self._text([token], self.scope.fields) if text else None
        self.needles[-1] = one = Needle(text, as_typed=True)
        self.loose_needles.append(one)
        strings = [CheckedString(name, text, check(text, name), _boost(name)) for name in self.scope.fields]
        return _joined(Or, strings)

    def _group(self) -> Query | None:
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

    def _quoted(self, text: str) -> str:
        """What stands between quotation marks."""
        if len(text) == 1 or not text.translate(WIDE).endswith('"'):
            self._warn("quote", "A quotation mark without its pair was closed at the end")
            return text[1:]
        return text[1:-1]

    def _operator(self, name: str, text: str) -> Query | None:
        value = text[len(name) + 1 :]
        if not value and (following := self._peek()) and following.kind == "quote":
            self.at += 1
            value = following.text
        unquoted = value.translate(WIDE).strip('"')
        handlers: dict[str, Callable[[], Query | None]] = {
            "intitle": lambda: self._in_title(value),
            "title": lambda: self._in_title(value),
            "source": lambda: Term("source", unquoted) if unquoted else None,
            "author": lambda: NameLike("author", unquoted) if needle(unquoted).text else None,
            "date": lambda: self._time(name, *(unquoted.split("/", 1) * 2)[:2]),
            "before": lambda: self._time(name, None, unquoted),
            "after": lambda: self._time(name, unquoted, None),
        }
        handler = handlers.get(name, lambda: None)
        query = handler() if value else None
        if query is None:
            self._warn(name, f"{text[:40]} was not understood and is searched as text")
            return self._text([Token("word", text)], self.scope.fields)
        return query

    def _in_title(self, value: str) -> Query | None:
        kind = "quote" if value.translate(WIDE).startswith('"') else "word"
        return self._text([Token(kind, value)], ("title",))

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

    def _text(self, typed: list[Token], fields: tuple[Field, ...]) -> Query | None:
        """A run as typed: quoted strings as they are, the rest parted at commas and into words."""
        if len(typed) == 1 and typed[0].text.translate(WIDE).endswith("*"):
            beginning = EDGES.sub("", typed[0].text)
            if beginning and squeeze(beginning).is_word.all():
                return self._prefix(beginning, fields)
        if len(typed) == 1 and typed[0].kind == "word" and typed[0].text.translate(WIDE).endswith("~"):
            word = EDGES.sub("", typed[0].text)
            if word and squeeze(word).is_word.all():
                return self._fuzzy(word, fields)
        pieces = [piece for token in typed for piece in self._pieces(token)]
        words = self._words([word for piece in pieces for word in piece.words])
        if not words:
            return None
        tree = all_words(pieces, words, fields, self.forms)
        parts = [part for piece in pieces for part in piece.parts][:MOST_TERMS]
        self.loose_needles += _needles(parts)
        if len(parts) > 1 and (len(typed) > 1 or typed[0].kind == "word"):
            self.partial[id(tree)] = some_words(pieces, parts, fields, self.forms)
        return tree

    def _words(self, words: list[str]) -> list[str]:
        """Those words of a run that there is something in to look for, and room."""
        kept = [word for word in words if ExactString(FIELDS[0], word).text]
        room = MOST_TERMS - len(self.needles)
        if len(kept) > room:
            self._warn("terms", f"Only the first {MOST_TERMS} words were searched")
        self.needles += _needles(kept[:room])
        return kept[:room]

    def _pieces(self, token: Token) -> Iterator[Piece]:
        if token.kind == "quote":
            text = self._quoted(token.text)
            yield Piece(text, (text,), tuple(split_mixed(text)))
            return
        for part in COMMAS.split(token.text):
            if text := EDGES.sub("", part):
                words = tuple(self._cut(text))
                whole = len(words) > 1 or text in self.forms
                yield Piece(text, words, words if whole else tuple(split_mixed(text)))

    def _cut(self, text: str) -> list[str]:
        """The words of a run; what has other forms is a word of its own."""
        found = self.scope.variants.find(text) if self.scope.variants else ()
        words: list[str] = []
        at = 0
        for phrase in found:
            word = text[phrase.start : phrase.end]
            if forms := self._forms_not_typed(word, phrase.forms):
                self.forms[word] = forms
            words += [*split_words(text[at : phrase.start]), word] if at < phrase.start else [word]
            at = phrase.end
        return words + split_words(text[at:]) if at < len(text) else words

    def _forms_not_typed(self, word: str, forms: tuple[str, ...]) -> tuple[str, ...]:
        """The other forms of a word, but those typed too, which are meant as they stand (川普 -特朗普)."""
        typed = fold(self.q).replace(fold(word), " ")
        return tuple(form for form in forms if fold(form) not in typed)

    def _prefix(self, text: str, fields: tuple[Field, ...]) -> Query | None:
        if not self._words([text]):
            return None
        self.needles[-1] = needle = Needle(text, prefix=True)
        self.loose_needles.append(needle)
        return _joined(Or, [Prefix(name, fold(text), boost=_boost(name)) for name in fields])

    def _fuzzy(self, text: str, fields: tuple[Field, ...]) -> Query | None:
        """Words like this one: with one letter more, less or another, or two where it is long."""
        if not self._words([text]):
            return None
        distance = 2 if len(text) >= LONG_WORD else 1
        self.needles[-1] = one = Needle(text, distance=distance)
        self.loose_needles.append(one)
        word = fold(text)
        return _joined(
            Or,
            [FuzzyTerm(name, word, _boost(name), maxdist=distance, prefixlength=1) for name in fields],
        )

    def _relaxed(self, node: Query) -> Query:
        """The tree with some of the words of each run instead of all; everything else is kept."""
        if id(node) in self.partial:
            return self.partial[id(node)]
        return And(list(map(self._relaxed, node.subqueries))) if isinstance(node, And) else node


def _is_text(token: Token) -> bool:
    """Whether a piece goes on with the text before it, and does not mean anything by itself."""
    if token.kind != "word":
        return token.kind == "quote"
    return token.text not in ("OR", "AND", "NOT") and not OPERATOR.fullmatch(token.text.translate(WIDE))


def _needles(words: Sequence[str]) -> list[Needle]:
    """The words of a run; its particles are quiet, unless there is nothing else in it."""
    telling = not all(map(is_particle, words))
    return [Needle(word.strip(), quiet=telling and is_particle(word)) for word in words]


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
