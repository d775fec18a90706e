"""A string of the archive → the same in the script that somebody types."""

from collections.abc import Mapping

from searchsvc.article import Script
from searchsvc.text.display import convert
from searchsvc.text.script import detect


def script_of(text: str) -> Script | None:
    """The script of what was typed; None when no character tells (石油 is the same in both)."""
    return detect(text)[1]


def shown(forms: Mapping[str, int], script: Script | None) -> str:
    """Of forms with their counts the most frequent that is in a script, or the most frequent, converted."""
    ordered = sorted(forms, key=lambda form: -forms[form])
    if script is None:
        return ordered[0]
    for form in ordered:
        if script_of(form) in (None, script):
            return form
    return convert(ordered[0], script)


def in_script(text: str, script: Script | None) -> str:
    """A string in a script, its length kept; as it is where no script is known."""
    return text if script is None else convert(text, script)
