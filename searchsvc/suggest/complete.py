"""The beginning of a word, as typed → what it goes on to in this archive.

In: what stands in the query box. Out: completions of its last word, each a name, a word or a stretch
of a title that occurs, with the number of articles that contain it. Names come from the table of names;
words and stretches are read off the newest titles that contain what was typed, so there is no list
to keep up to date, and what came in a minute ago is offered.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import rjieba
from whoosh.query import And, Prefix, Query

from searchsvc.article import Script
from searchsvc.engine.strings import ExactString
from searchsvc.search.words import PARTICLES
from searchsvc.suggest.lookup import Lookup
from searchsvc.suggest.names import load_names
from searchsvc.suggest.writing import script_of, shown
from searchsvc.text.fold import fold
from searchsvc.text.terms import squeeze

Kind = Literal["name", "word", "title"]

# Titles that are read for one suggestion, and strings of them that are counted.
MOST_TITLES, MOST_COUNTED = 200, 24
# Names are many for a single character (阿, 巴), and few occur.
MOST_NAMES = 40
# A longer word is a sentence; nobody completes it.
LONGEST = 40
# Words behind the one that is typed, and single characters that stand as one word (a name that the
# dictionary does not know).
WORDS_BEHIND, LONGEST_NAME = 1, 4
# Of 石破 and 石破茂 only the longer is a word, if nearly all 石破 go on so.
NEARLY_ALL = 0.8
# What stands before the last word of a query, and is no part of it.
LAST_WORD = re.compile(r"""[^\s()（）"“”„‟「」『』＂:：]*\Z""")
SIGNS_BEFORE = "-－=＝"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion. ``query``: the whole query with it; ``count``: articles that contain ``text``;
    ``script``: what ``text`` is written in, None where no character tells."""

    text: str
    kind: Kind
    count: int
    query: str
    script: Script | None = None


@dataclass
class Candidate:
    """A string that goes on from what was typed: in how many of the titles read it stands, and in what
    forms; ``newest``: the place of the newest of them."""

    kind: Kind
    newest: int
    titles: int = 0
    forms: dict[str, int] = field(default_factory=dict)


def complete(q: str, limit: int, lookup: Lookup) -> tuple[Suggestion, ...]:
    """Up to ``limit`` completions of the last word of a query, the most frequent first.

    Raises IndexUnavailable.
    """
    q = q.encode("utf-8", "replace").decode()
    match = LAST_WORD.search(q)
    typed = match[0].lstrip(SIGNS_BEFORE) if match else ""
    if not typed or len(typed) > LONGEST:
        return ()
    for tail in _tails(typed):
        found = _candidates(tail, lookup)
        if found:
            return _suggestions(found, q, tail, limit, lookup)
    return ()


def _tails(typed: str) -> Iterator[str]:
    """The word, and if nothing goes on from it, the last word in it, and the last sign: of 日本首相石
    that is 石."""
    last = rjieba.cut(fold(typed))[-1]
    is_sign = not squeeze(typed[-1]).is_word.any()
    yield from dict.fromkeys((typed, typed[len(typed) - len(last) :], typed[-1] if is_sign else typed))


def _candidates(typed: str, lookup: Lookup) -> dict[str, Candidate]:
    """Everything that may be offered, folded: names that begin so, and what titles go on to."""
    start = fold(typed)
    found = _continuations(start, lookup)
    names = load_names(lookup.names)
    for name in names.beginning(start, MOST_NAMES):
        known = found.setdefault(name, Candidate("name", MOST_TITLES))
        known.kind = "name"
        known.forms.setdefault(names.written[name], 1)
    return found


def _continuations(start: str, lookup: Lookup) -> dict[str, Candidate]:
    """How a folded string goes on in the newest titles that have it: the most frequent ways."""
    query = _titles_with(start)
    if query is None:
        return {}
    at_border: defaultdict[str, Candidate] = defaultdict(lambda: Candidate("title", MOST_TITLES))
    inside: defaultdict[str, Candidate] = defaultdict(lambda: Candidate("title", MOST_TITLES))
    for place, title in enumerate(lookup.titles(query, MOST_TITLES)):
        _read(title, start, place, at_border, inside)
    # 石 in 钻石 goes on to nothing that one would type; but 破茂 begins no word anywhere.
    found = at_border or (inside if len(start) > 1 else {})
    for text in _parts_of_names(found):
        del found[text]
    chosen = sorted(found, key=lambda text: (-found[text].titles, found[text].newest))
    return {text: found[text] for text in chosen[:MOST_COUNTED]}


def _titles_with(start: str) -> Query | None:
    """The query for titles that contain a folded string; its last word may go on."""
    squeezed = squeeze(start)
    text = squeezed.text
    if not text:
        return None
    whole = len(text)
    while whole and squeezed.is_word[whole - 1]:
        whole -= 1
    parts: list[Query] = [ExactString("title", text[:whole])] if whole else []
    if whole < len(text):
        parts.append(Prefix("title", text[whole:]))
    return parts[0] if len(parts) == 1 else And(parts)


def _read(
    title: str,
    start: str,
    place: int,
    at_border: defaultdict[str, Candidate],
    inside: defaultdict[str, Candidate],
) -> None:
    """Note how a string goes on in one title."""
    folded = fold(title)
    begin = folded.find(start)
    if begin < 0:
        return
    pieces = rjieba.cut(folded)
    met: set[str] = set()
    while begin >= 0:
        starts_piece, ends = _ends(pieces, begin, begin + len(start))
        found = at_border if starts_piece else inside
        for end, kind in ends:
            text = folded[begin:end]
            if text not in met:
                met.add(text)
                candidate = found[text]
                candidate.titles += 1
                candidate.newest = min(candidate.newest, place)
                candidate.kind = "word" if "word" in (kind, candidate.kind) else kind
                form = title[begin:end]
                candidate.forms[form] = candidate.forms.get(form, 0) + 1
        begin = folded.find(start, begin + 1)


def _ends(pieces: list[str], begin: int, typed_end: int) -> tuple[bool, list[tuple[int, Kind]]]:
    """Where a string that begins somewhere in a title may end: whether a piece begins there, and the ends.

    The end of its word first, then that of the word behind it. Single characters in a row are taken for
    one word of unknown length: the dictionary does not know 石破茂.
    """
    at, starts_piece, loose = 0, False, True
    words = 0
    ends: list[tuple[int, Kind]] = []
    for piece in pieces:
        piece_begin, at = at, at + len(piece)
        if at <= begin:
            continue
        starts_piece |= piece_begin == begin
        if not piece[-1].isalnum():
            if at > typed_end:
                break
            loose = False
            continue
        loose = loose and len(piece) == 1
        if at < typed_end or (len(piece) == 1 and (piece in PARTICLES or not loose)):
            continue
        if loose:
            if typed_end < at <= begin + LONGEST_NAME:
                ends.append((at, "word"))
            continue
        if at > typed_end:
            # Behind a single character is the rest of its word: 蔡英文 is 蔡|英文 for the dictionary.
            is_behind = words or (piece_begin >= typed_end and typed_end - begin > 1)
            ends.append((at, "title" if is_behind else "word"))
        words += 1
        if words > WORDS_BEHIND:
            break
    return starts_piece, ends


def _parts_of_names(found: dict[str, Candidate]) -> set[str]:
    """Strings that are nearly always a part of one that is a character longer: 石破 of 石破茂."""
    return {
        text[:-1]
        for text, candidate in found.items()
        if candidate.titles > 1
        and text[:-1] in found
        and found[text[:-1]].titles * NEARLY_ALL <= candidate.titles
    }


def _suggestions(
    found: dict[str, Candidate], q: str, typed: str, limit: int, lookup: Lookup
) -> tuple[Suggestion, ...]:
    """The most frequent of what was found, in the script that was typed."""
    in_titles = {text: lookup.count_titles(text) for text in found}
    ordered = sorted(found, key=lambda text: (-in_titles[text], found[text].newest, text))
    script = script_of(q)
    made = []
    for text in _chosen(ordered, found, limit):
        count = lookup.count(text)
        if count:
            form = shown(found[text].forms, script)
            query = q[: len(q) - len(typed)] + form
            made.append(Suggestion(form, found[text].kind, count, query, script_of(form)))
    return tuple(made[:limit])


def _chosen(ordered: list[str], found: dict[str, Candidate], limit: int) -> list[str]:
    """The first ones, of which stretches of titles fill one half only, as long as there are words.

    Of one frequent name there are many: 特朗普政府, 特朗普团队, and 特斯拉 should be there too.
    """
    words = [text for text in ordered if found[text].kind != "title"]
    stretches = [text for text in ordered if found[text].kind == "title"]
    room = max(limit // 2, limit - len(words))
    kept = {*words, *stretches[:room]}
    return [text for text in ordered if text in kept][: 2 * limit]
