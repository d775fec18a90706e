"""The query string of an address → the parameters in it, and a search's Request.

Two ways to read them. The API is strict: a parameter that it does not know, or that stands twice,
is a mistake of the program that sent it. Pages are lenient: addresses get things appended by mail
programs and trackers, and a form sends its empty fields along.

The bytes are read here and not by Flask's ``request.args``: raw bytes that are not UTF-8 make that
one raise, escaped ones it hands on as text (``%ED%A0%80``) that would silently find nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, unquote_to_bytes, urlencode

from searchsvc.errors import QueryError
from searchsvc.search.request import Request
from searchsvc.text.kept import kept_if_short
from searchsvc.web.canonical import rank, read_whole, written

# The API's parameter → the field of a Request.
SINGLE = {
    "q": "q",
    "from": "since",
    "to": "until",
    "tz": "tz",
    "author": "author",
    "story": "story",
    "search_in": "search_in",
    "sort": "sort",
    "page": "page",
    "page_size": "page_size",
    "variants": "variants",
    "facets": "facets",
    "script": "script",
    "cursor": "cursor",
    "fold": "fold",
}
REPEATABLE = {"source": "sources", "exclude_source": "excluded_sources"}
KNOWN = SINGLE.keys() | REPEATABLE.keys()
# What the pages do not show: for them these are as unknown as any tracker's.
API_ONLY = frozenset({"facets", "cursor"})

# What is encoded even in a readable address.
NOT_LETTERS = re.compile(r"[^\w.~-]+")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One ``name=value``. ``sound`` is False when the value was not UTF-8 and had to be guessed at."""

    name: str
    value: str
    sound: bool = True


def read(query: bytes) -> tuple[Parameter, ...]:
    """The parameters of a query string, in its order, those without ``=`` as empty ones."""
    return tuple(_parameter(piece) for piece in query.split(b"&") if piece)


def _parameter(piece: bytes) -> Parameter:
    name, _, value = piece.replace(b"+", b" ").partition(b"=")
    plain_name, plain_value = unquote_to_bytes(name), unquote_to_bytes(value)
    try:
        return Parameter(plain_name.decode("utf-8"), plain_value.decode("utf-8"))
    except UnicodeDecodeError:
        guess = plain_name.decode("utf-8", "replace"), plain_value.decode("utf-8", "replace")
        return Parameter(*guess, sound=False)


def refuse_all(parameters: Iterable[Parameter]) -> None:
    """Raise QueryError for any parameter: the address takes none."""
    only(tuple(parameters))


def only(parameters: tuple[Parameter, ...], *names: str) -> dict[str, str]:
    """The values of an address that takes these few parameters. Raises QueryError for any other."""
    for number, parameter in enumerate(parameters):
        if parameter.name not in names:
            raise _unknown(parameter.name, names)
        if any(parameter.name == before.name for before in parameters[:number]):
            raise _repeated(parameter.name)
    check_encoding(parameters)
    return {parameter.name: parameter.value for parameter in parameters}


def whole_number(text: str | None, default: int, most: int, param: str) -> int:
    """A number from 1 to ``most``; the default when nothing is given. Raises QueryError."""
    if text is None or text == "":
        return default
    number = read_whole(text)
    if number is None or not 1 <= number <= most:
        raise QueryError(f"{param}: {text[:40]!r} is not a whole number from 1 to {most}", param=param)
    return number


def strict(parameters: tuple[Parameter, ...], unwanted: frozenset[str] = frozenset()) -> Request:
    """The Request of an API call. Raises QueryError for the first parameter that cannot be taken.

    ``unwanted``: parameters of a search that mean nothing at the address.
    """
    seen: set[str] = set()
    for parameter in parameters:
        _check_name(parameter.name, unwanted)
        if parameter.name in seen and parameter.name not in REPEATABLE:
            raise _repeated(parameter.name)
        seen.add(parameter.name)
    check_encoding(parameters)
    return _request(parameters)


def lenient(parameters: Iterable[Parameter]) -> Request:
    """The Request of a page: unknown and empty parameters are not there, of two the first counts."""
    return _request(known(parameters))


def known(parameters: Iterable[Parameter], order: str = "relevance") -> tuple[Parameter, ...]:
    """The parameters that mean something to a search, in their one form: what a link to it carries on.

    Each once, in a fixed order, defaults left out; sources in the order of their ids. ``order``: what a
    search with words is sorted by where nobody says; without words that is newest first.
    """
    kept: dict[tuple[str, str], Parameter] = {}
    for parameter in parameters:
        value = parameter.value.strip()
        if parameter.name in KNOWN - API_ONLY and value:
            key = value if parameter.name in REPEATABLE else ""
            kept.setdefault((parameter.name, key), replace(parameter, value=written(parameter.name, value)))
    ordered = (kept[key] for key in sorted(kept, key=lambda key: (rank(key[0]), key[1])))
    unsaid = (order,) if ("q", "") in kept else ("relevance", "newest")
    return tuple(
        each for each in ordered if each.value and not (each.name == "sort" and each.value in unsaid)
    )


def check_encoding(parameters: Iterable[Parameter]) -> None:
    """Raise QueryError for a value that is not text."""
    for parameter in parameters:
        if not parameter.sound:
            raise QueryError(
                f"{parameter.name}: this is not UTF-8; encode it as UTF-8 and then with percent signs",
                param=parameter.name,
                code="bad_encoding",
            )


def _check_name(name: str, unwanted: frozenset[str]) -> None:
    if name not in KNOWN - unwanted:
        raise _unknown(name, tuple(each for each in (*SINGLE, *REPEATABLE) if each not in unwanted))


def _repeated(name: str) -> QueryError:
    return QueryError(f"{name} is given twice; give it once", param=name, code="repeated_param")


def _unknown(name: str, allowed: tuple[str, ...]) -> QueryError:
    there = f"there are: {', '.join(allowed)}" if allowed else "this address takes none"
    return QueryError(f"There is no parameter {name[:60]!r}; {there}", param=name[:60], code="unknown_param")


def _request(parameters: tuple[Parameter, ...]) -> Request:
    single = {SINGLE[each.name]: each.value for each in parameters if each.name in SINGLE}
    several = {
        field: tuple(each.value for each in parameters if each.name == name)
        for name, field in REPEATABLE.items()
    }
    return Request(**single, **several)  # type: ignore[arg-type]


def encode(parameters: Iterable[Parameter]) -> str:
    """Parameters as a query string."""
    return urlencode([(each.name, each.value) for each in parameters])


def encode_readable(parameters: Iterable[Parameter]) -> str:
    """Parameters as a query string that keeps letters of every script as they are (RFC 3987).

    A browser encodes it when it asks: the same address, in a third of the bytes where it is Chinese.
    For links in pages only; headers and JSON take ASCII.
    """
    return "&".join(f"{_readable(each.name)}={_readable(each.value)}" for each in parameters)


@kept_if_short(4_096)
def _readable(text: str) -> str:
    return NOT_LETTERS.sub(lambda signs: quote_plus(signs[0]), text)


def with_page(parameters: Iterable[Parameter], number: int) -> tuple[Parameter, ...]:
    """The same search on another page; the first page goes unsaid."""
    rest = (each for each in parameters if each.name != "page")
    return placed(rest, *(() if number == 1 else (Parameter("page", str(number)),)))


def with_cursor(parameters: Iterable[Parameter], cursor: str) -> tuple[Parameter, ...]:
    """The same search, further on in a walk."""
    rest = (each for each in parameters if each.name not in ("cursor", "page"))
    return placed(rest, Parameter("cursor", cursor))


def without(parameters: Iterable[Parameter], *names: str, value: str | None = None) -> tuple[Parameter, ...]:
    """The same search, from its first page, without some parameters (of one value, if given)."""
    return tuple(
        each
        for each in parameters
        if each.name != "page" and not (each.name in names and value in (None, each.value))
    )


def replaced(parameters: Iterable[Parameter], name: str, value: str) -> tuple[Parameter, ...]:
    """The same search, from its first page, with another value for one parameter."""
    return placed(without(parameters, name), Parameter(name, value))


def placed(parameters: Iterable[Parameter], *more: Parameter) -> tuple[Parameter, ...]:
    """Parameters with others among them, each where it stands in the one form of an address."""
    return tuple(sorted((*parameters, *more), key=_place))


def _place(parameter: Parameter) -> tuple[int, str]:
    return rank(parameter.name), parameter.value if parameter.name in REPEATABLE else ""
