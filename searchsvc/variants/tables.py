"""Two files → phrases with their other forms. Each file is read once; a bad line is named.

``names.tsv`` (or a file of the user's own in its place) has six columns, which its head explains;
``regional.tsv`` has two. A phrase is looked up folded and shown as the table writes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from searchsvc.errors import SettingsError
from searchsvc.text.fold import fold

FOLDER = Path(__file__).parent
NAMES, REGIONAL = FOLDER / "names.tsv", FOLDER / "regional.tsv"

Kind = Literal["name", "regional"]
NameKind = Literal["person", "place", "organisation", "other"]

NONE = "-"
SHORTEST = 2
# Kind and three places; gloss and evidence may be left out in a table of one's own.
LEAST_COLUMNS, MOST_COLUMNS = 4, 6
# A table with the wrong separators is wrong in every line; nobody reads more than these.
MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One name: its forms on the mainland, in Taiwan and in Hong Kong, and where they were seen."""

    line: int
    kind: NameKind
    places: tuple[tuple[str, ...], ...]
    gloss: str
    evidence: str

    @property
    def forms(self) -> dict[str, str]:
        """Every form, folded → as written; forms that fold alike once."""
        found: dict[str, str] = {}
        for form in (form for place in self.places for form in place):
            found.setdefault(fold(form), form)
        return found


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase may be exchanged for: other forms as the tables write them; none: leave it whole."""

    kind: Kind
    forms: tuple[str, ...]


@cache
def load(names: Path = NAMES, regional: Path = REGIONAL) -> dict[str, Phrase]:
    """Folded phrase → its other forms, of both tables. Raises SettingsError for a table that is wrong."""
    phrases = {phrase: Phrase("regional", forms) for phrase, forms in _read_regional(_text(regional)).items()}
    for entry in read_names(names):
        forms = entry.forms
        for folded in forms:
            others = {other: form for other, form in forms.items() if other != folded}
            # A word of both tables (新西兰) has the forms of both.
            for form in phrases[folded].forms if folded in phrases else ():
                others.setdefault(fold(form), form)
            phrases[folded] = Phrase("name", tuple(others.values()))
    return phrases


def read_names(path: Path) -> list[Entry]:
    """The entries of a table of names, in its order.

    Raises SettingsError that names the file and each line that is wrong, so they are mended in one go.
    """
    entries: list[Entry] = []
    problems: list[str] = []
    first_line: dict[str, int] = {}
    for number, line in _lines(_text(path)):
        try:
            entry = _entry(number, line.split("\t"))
            _check_apart(entry, first_line)
        except ValueError as error:
            problems.append(f"line {number}: {error}")
        else:
            entries.append(entry)
            first_line.update(dict.fromkeys(entry.forms, number))
    if problems:
        more = f"; and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
        raise SettingsError(f"{path}: {'; '.join(problems[:MOST_PROBLEMS])}{more}")
    return entries


def _entry(number: int, columns: list[str]) -> Entry:
    if not LEAST_COLUMNS <= len(columns) <= MOST_COLUMNS:
        raise ValueError(f"{len(columns)} columns parted by tabs, where {MOST_COLUMNS} are expected")
    kind, *rest = (column.strip() for column in columns)
    places = tuple(tuple(_forms(column)) for column in rest[:3])
    for known in get_args(NameKind):
        if kind == known and any(places):
            return Entry(number, known, places, *[*rest[3:], "", ""][:2])
    if not any(places):
        raise ValueError(f"there is no form in {kind!r}")
    raise ValueError(f"{kind[:40]!r} is not one of {', '.join(get_args(NameKind))}")


def _forms(column: str) -> Iterator[str]:
    if column == NONE:
        return
    for form in column.split("/"):
        if len(form) < SHORTEST or form != form.strip() or any(map(str.isspace, form)):
            raise ValueError(
                f"{form!r} is not a form: two characters or more, without spaces; {NONE} for none"
            )
        yield form


def _check_apart(entry: Entry, first_line: dict[str, int]) -> None:
    for folded, form in entry.forms.items():
        if folded in first_line:
            raise ValueError(f"{form!r} stands in line {first_line[folded]} already; join the two lines")


def _read_regional(text: str) -> dict[str, tuple[str, ...]]:
    """Folded phrase → its other forms as written."""
    table = {}
    for (_, written), (_, folded) in zip(_lines(text), _lines(fold(text)), strict=True):
        forms = written.partition("\t")[2]
        table[folded.partition("\t")[0]] = () if forms == NONE else tuple(forms.split(" "))
    return table


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are neither empty nor a comment, with their numbers from 1."""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.rstrip("\r")
        if stripped.strip() and not stripped.startswith("#"):
            yield number, stripped


def _text(path: Path) -> str:
    try:
        # Editors on Windows begin a file with a mark that is no part of it.
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8: byte {error.start:,}; save it as UTF-8") from error
