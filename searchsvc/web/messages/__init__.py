"""What the pages say, in the reader's language; nowhere else do they say anything.

One table for each language beside this file, all with the same keys: ``zh-Hans.toml`` is the one that
others are held against. Where a language tells one from many, a key with ``.one`` at its end is taken for
a ``count`` or ``total`` of 1. Times and ages are Babel's, by the language's own rules.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel.core import Locale
from babel.dates import format_datetime, format_timedelta

from searchsvc.web.problems import Problem

Language = Literal["zh-Hans", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
# Each language in its own words, for those who cannot read the one that is shown.
NAMES: Mapping[Language, str] = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
LOCALES: Mapping[Language, str] = {"zh-Hans": "zh_Hans_CN", "zh-Hant": "zh_Hant_TW", "en": "en_GB"}
# Values that decide between one and many.
COUNTS = ("count", "total", "last")


@cache
def table(language: Language) -> Mapping[str, str]:
    """The messages of a language, read once."""
    with (Path(__file__).parent / f"{language}.toml").open("rb") as file:
        return tomllib.load(file)


def say(language: Language, key: str, /, **values: object) -> str:
    """A message, with its values put in."""
    return pattern(language, key, values).format(**shown(values))


def pattern(language: Language, key: str, values: Mapping[str, object]) -> str:
    """A message with room for its values, which decide between one and many."""
    messages = table(language)
    if values and any(values.get(name) == 1 for name in COUNTS):
        key = f"{key}.one" if f"{key}.one" in messages else key
    return messages[key]


def shown(values: Mapping[str, object]) -> dict[str, object]:
    """Values as they are put in: numbers get their thousands apart."""
    return {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}


def headline(language: Language, problem: Problem) -> str:
    """What an error page is called."""
    messages = table(language)
    return messages.get(f"error.title.{problem.status}", messages["error.title"])


def advice(language: Language, problem: Problem) -> str:
    """What to change, by what is wrong: the code first, then the parameter, then the status."""
    keys = (
        f"error.{problem.code}",
        "error.date" if problem.param in ("from", "to") else "",
        f"error.{problem.param}",
        f"error.{problem.status}",
        "error.other",
    )
    return next(table(language)[key] for key in keys if key in table(language))


def moment(language: Language, time: datetime, pattern: str = "time.pattern") -> str:
    """A local time as people read it; ``time.day`` for the day alone."""
    return format_datetime(time, table(language)[pattern], locale=locale(language))


def age(language: Language, seconds: float) -> str:
    """How long ago something was, in the one unit that tells most: 3小时前."""
    return format_timedelta(timedelta(seconds=-seconds), add_direction=True, locale=locale(language))


@cache
def locale(language: Language) -> Locale:
    """The rules of a language for times and numbers."""
    return Locale.parse(LOCALES[language])
