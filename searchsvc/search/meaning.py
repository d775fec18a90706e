"""What the pieces of a query mean: a word, a quoted string, the value of an operator → query trees.

How pieces are joined is for ``syntax``. Here is what each of them looks for, in which fields, what is to
be marked for it, and what could not be understood.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from whoosh.query import FuzzyTerm, NumericRange, Or, Prefix, Query, Term

from searchsvc.engine import FIELDS, TITLE_BOOST, Field
from searchsvc.engine.strings import CheckedString, NameLike
from searchsvc.errors import QueryError
from searchsvc.search.dates import between
from searchsvc.search.needles import Needle, needles_of
from searchsvc.search.runs import Piece, all_words, some_words
from searchsvc.search.tokens import Token
from searchsvc.search.warnings import Kind, QueryWarning
from searchsvc.search.words import split_mixed, split_words
from searchsvc.text.fold import fold
from searchsvc.text.terms import LONGEST_WORD, needle
from searchsvc.variants.find import Variants

MOST_TERMS = 64
# Of a query that takes too long, so many words are searched.
FEW_TERMS = 8
# From so many letters on a fuzzy word may differ in two.
LONG_WORD = 6
# So much of a user's words is repeated in a warning.
SHOWN = 40

# Marks that part words outside quotes; all others belong to what they stand in (AT&T, 唐纳德·特朗普).
COMMAS = re.compile(r"[，。、；：！？,;!?…《》〈〉【】〔〕\[\]]+")
# Marks that mean nothing at the edge of a word; + # % do (C++, C#, 5%).
EDGES = re.compile(r"^[^\w+#%$€¥£℃°]+|[^\w+#%℃°]+$")
OPERATORS = ("intitle", "title", "source", "author", "date", "before", "after")
EXPANDED = re.compile(r"(.+?)(\*|~[12]?)", re.DOTALL)
# What looks like an operator, and is no address, no time and no path.
LIKE_OPERATOR = re.compile(r"([a-z_]{2,20}):(?!/).+", re.IGNORECASE | re.DOTALL)
# Marks by which somebody means something.
MEANT = re.compile(r"[*~=&|!+^-]")


@dataclass(frozen=True, slots=True)
class Scope:
    """How times are read, where words are searched, and which of them have other forms (None: none).

    ``in_script``: for a string and a field, the check of articles that have it in the script typed;
    without it nobody can tell. ``sources``: the ids of the sources that a name means. ``short``: the
    query was found to take too long, so a part of it has to do.
    """

    zone: tzinfo
    now: datetime
    fields: tuple[Field, ...] = FIELDS
    variants: Variants | None = None
    in_script: Callable[[str, Field], Callable[[Sequence[str]], Sequence[bool]]] | None = None
    sources: Callable[[str], Sequence[str]] | None = None
    short: bool = False


@dataclass
class Reader:
    """Reads the pieces of one query, and remembers what was read.

    ``typed``: the whole query, folded. ``needles``: what is looked for; ``loose_needles``: when some words
    of a run are enough. ``partial``: the tree of a run, by its id → the tree for some of its words.
    ``forms``: words as typed → their other forms.
    """

    scope: Scope
    typed: str = ""
    needles: list[Needle] = field(default_factory=list)
    loose_needles: list[Needle] = field(default_factory=list)
    partial: dict[int, Query] = field(default_factory=dict)
    forms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: list[QueryWarning] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._room = self._most = FEW_TERMS if self.scope.short else MOST_TERMS
        # What was asked for before is the same tree: it is evaluated once.
        self._known: dict[object, tuple[Query, int, list[Needle], list[Needle]]] = {}

    def warn(self, kind: Kind, **values: str | int) -> None:
        """Say something to whoever asked; once is enough."""
        warning = QueryWarning(kind, values)
        if warning not in self.warnings:
            self.warnings.append(warning)

    # Text.

    def text(self, typed: Sequence[Token], fields: tuple[Field, ...]) -> Query | None:
        """A run as typed: quoted strings as they are, the rest parted at commas and into words."""
        if len(typed) == 1 and typed[0].kind == "word":
            (token,) = typed
            if token.plain.startswith("=") and self._can_tell(EDGES.sub("", token.text)):
                return self.as_typed(EDGES.sub("", token.text), fields)
            if expanded := self._expanded(token, fields):
                return expanded()
        return self._once((tuple(typed), fields), lambda: self._run(typed, fields))

    def _run(self, typed: Sequence[Token], fields: tuple[Field, ...]) -> Query | None:
        pieces = [piece for token in typed for piece in self._pieces(token)]
        wanted = [word for piece in pieces for word in piece.words if needle(word).text]
        if not wanted:
            self._tell_what_is_nothing(typed)
        words = wanted[: self._take(len(wanted))]
        if not words:
            return None
        self.needles += needles_of(words, fields)
        tree = all_words(pieces, words, fields, self.forms)
        parts = [part for piece in pieces for part in piece.parts][: self._most]
        self.loose_needles += needles_of(parts, fields)
        if len(parts) > 1 and (len(typed) > 1 or typed[0].kind == "word"):
            self.partial[id(tree)] = some_words(pieces, parts, fields, self.forms)
        return tree

    def _once(self, key: object, read: Callable[[], Query | None]) -> Query | None:
        """What is read, or was read before for the same key; words typed again count again."""
        if key not in self._known:
            room, kept, loose = self._room, len(self.needles), len(self.loose_needles)
            query = read()
            if query is None:
                return None
            self._known[key] = query, room - self._room, self.needles[kept:], self.loose_needles[loose:]
            return query
        query, count, needles, loose_needles = self._known[key]
        if not self._take(count):
            return None
        self.needles += needles
        self.loose_needles += loose_needles
        return query

    def _take(self, count: int) -> int:
        """How many of so many words there is room for."""
        taken = min(count, self._room)
        self._room -= taken
        if taken < count:
            self.warn("few_in_time" if self.scope.short else "few", most=self._most)
        return taken

    def _pieces(self, token: Token) -> Iterator[Piece]:
        if token.kind == "quote":
            text = self.quoted(token)
            yield Piece(text, (text,), tuple(split_mixed(text)))
            return
        self._tell_what_is_text(token)
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
        typed = self.typed.replace(fold(word), " ")
        return tuple(form for form in forms if fold(form) not in typed)

    def quoted(self, token: Token) -> str:
        """What stands between quotation marks."""
        if len(token.text) == 1 or not token.plain.endswith('"'):
            self.warn("quote")
            return token.text[1:]
        return token.text[1:-1]

    # What is not understood.

    def not_understood(self, text: str) -> None:
        self.warn("not_understood", text=text[:SHOWN])

    def _tell_what_is_text(self, token: Token) -> None:
        """Warn where a word has something in it that means something elsewhere."""
        plain, shown = token.plain, token.text[:SHOWN]
        like = LIKE_OPERATOR.fullmatch(plain)
        if like and like[1].lower() not in OPERATORS:
            self.warn("no_operator", name=like[1], text=shown)
        elif plain.startswith("=") and plain.strip("="):
            self.not_understood(token.text)
        elif "~" in plain or "*" in plain.rstrip("*") or (plain.endswith("*") and _ends_in_word(plain)):
            self.warn("star", text=shown)

    def _tell_what_is_nothing(self, typed: Sequence[Token]) -> None:
        """Warn when somebody may have meant something by what there is nothing in to look for."""
        shown = "".join(token.text for token in typed)
        if typed[0].kind == "quote" or MEANT.search("".join(token.plain for token in typed)):
            self.warn("left_out", text=shown[:SHOWN])

    # Words in exactly one script, words that begin so, words like this one.

    def _can_tell(self, string: str) -> bool:
        return self.scope.in_script is not None and bool(needle(string).text)

    def as_typed(self, string: str, fields: tuple[Field, ...]) -> Query | None:
        """``=乾``: this string in exactly this script."""
        check = self.scope.in_script
        quote = Token("quote", f'"{string}"')
        if check is None or not self._can_tell(string):
            self.not_understood(f"={string}")
            return self.text([quote], fields)
        if self.scope.short:
            self.warn("either_script", text=f"={string[:SHOWN]}")
            return self.text([quote], fields)
        strings = [CheckedString(name, string, check(string, name), _boost(name)) for name in fields]
        wanted = Needle(string, as_typed=True, fields=fields)
        return self._once((wanted,), lambda: self._one(wanted, strings))

    def _expanded(self, token: Token, fields: tuple[Field, ...]) -> Callable[[], Query | None] | None:
        """What reads ``vol*`` and ``vole~``; None when the token is nothing of the kind."""
        found = EXPANDED.fullmatch(token.plain)
        typed = EDGES.sub("", token.text[: found.end(1)]) if found else ""
        wanted = needle(typed)
        if not found or len(wanted.words) != 1 or len(wanted.pairs):
            return None
        if found[2] == "*":
            return lambda: self._prefix(typed, wanted.text, fields)
        most = int(found[2][1:] or (2 if len(wanted.text) >= LONG_WORD else 1))
        return lambda: self._fuzzy(typed, wanted.text, most, fields)

    def _prefix(self, typed: str, beginning: str, fields: tuple[Field, ...]) -> Query | None:
        if len(beginning) > LONGEST_WORD:
            self.warn("beginning", most=LONGEST_WORD)
            typed = beginning = beginning[:LONGEST_WORD]
        words = [Prefix(name, beginning, boost=_boost(name)) for name in fields]
        wanted = Needle(typed, prefix=True, fields=fields)
        return self._once((wanted,), lambda: self._one(wanted, words))

    def _fuzzy(self, typed: str, word: str, most: int, fields: tuple[Field, ...]) -> Query | None:
        """Words like this one: with one letter more, less or another, or two where it is long."""
        if len(word) > LONGEST_WORD - most:
            self.warn("long_fuzzy", text=typed[:SHOWN])
            return self.text([Token("quote", f'"{typed}"')], fields)
        words = [FuzzyTerm(name, word, _boost(name), maxdist=most, prefixlength=1) for name in fields]
        wanted = Needle(typed, distance=most, fields=fields)
        return self._once((wanted,), lambda: self._one(wanted, words))

    def _one(self, wanted: Needle, queries: Sequence[Query]) -> Query | None:
        """A needle that is not a run of words, in any of the fields."""
        if not self._take(1):
            return None
        self.needles.append(wanted)
        self.loose_needles.append(wanted)
        return queries[0] if len(queries) == 1 else Or(queries)

    # Values of operators.

    def value_of(self, operator: str, value: str) -> Query | None:
        """What an operator with a value restricts to; None when the value is not understood."""
        if operator == "source":
            return self._source(value)
        if operator == "author":
            return NameLike("author", value) if needle(value).text else None
        return self._time(operator, value)

    def _source(self, value: str) -> Query:
        """Articles of a source, by its id or its name."""
        found = self.scope.sources(value) if self.scope.sources else [value]
        if not found:
            self.warn("no_source", text=value[:SHOWN])
        terms = [Term("source", name) for name in found or [value]]
        return terms[0] if len(terms) == 1 else Or(terms)

    def _time(self, name: str, value: str) -> Query | None:
        """``date:`` with one or two dates, ``before:`` the start of one, ``after:`` the end of one."""
        try:
            first, last = between(value, self.scope.zone, self.scope.now, param=name)
        except QueryError:
            return None
        if first and last and last.start < first.start:
            first, last = last, first
            self.warn("exchanged", text=f"{name}:{value[:SHOWN]}")
        opens = last.end if last else None
        closes = first.start if first else None
        start, end = {"before": (None, closes), "after": (opens, None)}.get(name, (closes, opens))
        if start is None and end is None:
            return None
        # 1 is the first time that an article can have.
        return NumericRange(
            "published",
            max(start or 1, 1),
            None if end is None else max(end, 1),
            endexcl=end is not None,
        )


def _ends_in_word(text: str) -> bool:
    """Whether a text without its stars ends in a letter or digit."""
    end = needle(text.rstrip("*"))
    return bool(end.words) and end.words[-1].place + end.words[-1].length == len(end.text)


def _boost(name: Field) -> float:
    return TITLE_BOOST if name == "title" else 1.0
