"""A run of text without spaces → trees: all of its words, or some of them, the best ones first.

Every word is an exact string. Two things beside the words add to the score:

- *pairs* of neighbouring characters that are no word of their own. Those across the border of two
  words are nearness (日美关系 has 美关); the others are names that the dictionary does not know, and
  words of which an article has only a part;
- *single* characters, where only some words are there: 日 for 日本 and 日方.

The weights are chosen on judged questions and on news, see docs/ranking.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from whoosh.query import And, AndMaybe, Or, Query

from searchsvc.engine import TITLE_BOOST, Field
from searchsvc.engine.strings import ExactString
from searchsvc.search.words import is_known, is_particle
from searchsvc.text.terms import squeeze

Fields = Sequence[Field]
# A word → its other forms.
Forms = Mapping[str, Sequence[str]]

PAIR, SINGLE = 0.5, 0.5
# What another form of a word counts against the word as typed (川普 for 特朗普).
OTHER_FORM = 0.7
# Of a text that somebody pasted, as many pairs and signs: a query's cost has an end.
MOST_SIGNS = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a run, as typed.

    ``words`` must all be there; ``parts`` are its words when they need not: those of a quoted
    string too, and of a short mixed one like G20峰会.
    """

    text: str
    words: tuple[str, ...]
    parts: tuple[str, ...]


def all_words(pieces: Sequence[Piece], words: Sequence[str], fields: Fields, forms: Forms) -> Query:
    """Articles that have every word, or another form of it; those where the words stand together as
    typed come first."""
    title = _title_weight(words)
    wanted = [
        [*_strings(word, fields, title), *_other_forms(word, fields, title, forms)]
        for word in dict.fromkeys(words)
    ]
    longer = [piece.text for piece in pieces if len(piece.words) > 1]
    together = [string for text in longer for string in _strings(text, fields, title)]
    inside = " ".join(strings[0].text for strings in wanted)
    across = [pair for pair in _signs(pieces, 2) if pair not in inside]
    every = _joined(And, [_joined(Or, strings) for strings in wanted])
    return _with(every, [*together, *_signs_in(fields, across, PAIR, title)])


def some_words(pieces: Sequence[Piece], words: Sequence[str], fields: Fields, forms: Forms) -> Query:
    """Articles that have any word; the more of them, and the rarer, the better.

    A word that no dictionary has may be cut wrongly (黄华麒是|哪个), so its pairs find articles too.
    """
    telling = [word for word in dict.fromkeys(words) if not is_particle(word)] or words
    title = _title_weight(telling)
    strings = [
        string
        for word in telling
        for string in _strings(word, fields, title, SINGLE if len(word) == 1 else 1.0)
    ]
    strings += [string for word in telling for string in _other_forms(word, fields, title, forms)]
    known = {string.text for string in strings}
    pairs = [pair for pair in _signs(pieces, 2) if pair not in known]
    singles = [sign for sign in _signs(pieces, 1) if sign not in known and not is_particle(sign)]
    loose = " ".join(squeeze(word).text for word in telling if word not in forms and not is_known(word))
    finding = [pair for pair in pairs if pair in loose and not any(map(is_particle, pair))]
    strings += _signs_in(fields, finding, PAIR, title)
    adding = [pair for pair in pairs if pair not in finding]
    more = [*_signs_in(fields, adding, PAIR, title), *_signs_in(fields, singles, SINGLE, title)]
    return _with(Or(strings), more)


def _title_weight(words: Sequence[str]) -> float:
    """What one word in a title counts against one in the text: the words share what a single one has.

    A title is short, so whatever is in it scores high. That is right for one or two words; of a long
    question some word is in the title of many an article.
    """
    return TITLE_BOOST / len(words)


def _strings(text: str, fields: Fields, title: float, weight: float = 1.0) -> list[ExactString]:
    return [ExactString(name, text, weight * title if name == "title" else weight) for name in fields]


def _other_forms(word: str, fields: Fields, title: float, forms: Forms) -> list[ExactString]:
    return [string for form in forms.get(word, ()) for string in _strings(form, fields, title, OTHER_FORM)]


def _signs_in(fields: Fields, signs: Iterable[str], weight: float, title: float) -> list[ExactString]:
    """Signs in the text, or else in the title: they are too many to look for them everywhere."""
    if "body" in fields:
        return [ExactString("body", sign, weight) for sign in signs]
    return [ExactString("title", sign, weight * title) for sign in signs]


def _signs(pieces: Iterable[Piece], length: int) -> list[str]:
    """The pairs or single signs of a run, each once, without marks."""
    found = dict.fromkeys(sign for piece in pieces for sign in _signs_of(piece, length))
    return list(found)[:MOST_SIGNS]


def _signs_of(piece: Piece, length: int) -> Iterator[str]:
    squeezed = squeeze(piece.text)
    chars, is_word = squeezed.text, squeezed.is_word.tolist()
    for at in range(len(chars) - length + 1):
        sign = chars[at : at + length]
        if sign.isalnum() and not all(is_word[at : at + length]):
            yield sign


def _joined(kind: type[Query], parts: Sequence[Query]) -> Query:
    return parts[0] if len(parts) == 1 else kind(parts)


def _with(wanted: Query, more: Sequence[Query]) -> Query:
    return AndMaybe(wanted, _joined(Or, more)) if more else wanted
