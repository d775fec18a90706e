"""What is said to somebody whose query was not taken quite as it stands.

A warning is a kind and its values, so that each door says it in its own words: programs and the terminal
in English, by the sentences here, a page in the language of its reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "cut",
    "no_text",
    "too_deep",
    "close",
    "open",
    "empty",
    "alone",
    "quote",
    "nothing",
    "left_out",
    "not_understood",
    "no_operator",
    "star",
    "few",
    "few_in_time",
    "either_script",
    "beginning",
    "long_fuzzy",
    "no_source",
    "exchanged",
]

# ``most``: a limit; ``text``: what was typed, or a part of it.
SENTENCES: Mapping[Kind, str] = {
    "cut": "The query was cut to its first {most} characters",
    "no_text": "Characters that no text can have were left out",
    "too_deep": "Parentheses deeper than {most} were left out",
    "close": "A ) without its ( was left out",
    "open": "A ( without its ) was closed at the end",
    "empty": "Parentheses with nothing in them were left out",
    "alone": "{text} with nothing beside it was left out",
    "quote": "A quotation mark without its pair was closed at the end",
    "nothing": "There is nothing to search for in this query; all articles are shown",
    "left_out": "{text} was left out: there is nothing in it to look for",
    "not_understood": "{text} was not understood and is searched as text",
    "no_operator": "{name}: is no operator; {text} is searched as text",
    "star": "* and ~ mean something only at the end of letters; {text} is searched as text",
    "few": "Only the first {most} words were searched",
    "few_in_time": "Only the first {most} words were searched: more of them would take too long",
    "either_script": "{text} is searched in either script: to tell them apart would take too long",
    "beginning": "Of a word's beginning, {most} letters are looked for",
    "long_fuzzy": "{text} is too long for ~ and is searched as it stands",
    "no_source": "No source is called {text}",
    "exchanged": "{text} ends before it begins; the two were exchanged",
}


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """One of them; as a string it is an English sentence."""

    kind: Kind
    values: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return SENTENCES[self.kind].format(**self.values)
