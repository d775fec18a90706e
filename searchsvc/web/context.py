"""What a view may ask of the app it runs in: the service, the reader, and addresses within this app."""

from collections.abc import Iterable
from functools import lru_cache
from typing import cast
from urllib.parse import quote

from flask import current_app, g, request
from werkzeug.exceptions import BadRequest

from searchsvc.service import Service
from searchsvc.suggest.lookup import Lookup
from searchsvc.web import messages
from searchsvc.web.parameters import Parameter, encode, encode_readable, read
from searchsvc.web.reader import COOKIE, Reader, read_reader

EXTENSION = "searchsvc"


def service() -> Service:
    """The service that the app was made with."""
    return cast("Service", current_app.extensions[EXTENSION])


def lookup() -> Lookup:
    """What suggestions and similar articles are found with."""
    return Lookup(service().store, service().engine, service().settings.names)


def parameters() -> tuple[Parameter, ...]:
    """The parameters of the address that is being answered."""
    return read(request.query_string)


def reader() -> Reader:
    """Who reads the page that is being made."""
    found = g.get("reader")
    if found is None:
        found = g.reader = read_reader(request.cookies.get(COOKIE), request.accept_languages)
    return cast("Reader", found)


def say(key: str, /, **values: object) -> str:
    """A message in the reader's language."""
    return messages.say(reader().language, key, **values)


# A page of hits has the same search in all its links.
_encoded = lru_cache(maxsize=32)(encode)


def link(path: str, *sets: tuple[Parameter, ...]) -> str:
    """An address within the app, also when it is mounted under a prefix.

    Not Flask's ``url_for``: that one raises while an error page answers a broken Host header.
    """
    return _address(path, "&".join(filter(None, map(_encoded, sets))))


def short_link(path: str, asked: Iterable[Parameter]) -> str:
    """The same address for a page that has many of them; see ``encode_readable``."""
    return _address(path, encode_readable(asked))


def _address(path: str, query: str) -> str:
    return request.root_path.rstrip("/") + quote(path) + ("?" + query if query else "")


def same_page(asked: Iterable[Parameter]) -> str:
    """The page that is being made, with other parameters: shorter still."""
    return "?" + encode_readable(asked)


def absolute(path: str, *sets: tuple[Parameter, ...]) -> str:
    """The same with scheme and host, for documents that are read away from where they came from.

    Raises BadRequest where only the request could tell the host, and has none, or one that is none:
    Werkzeug takes that for empty.
    """
    public = service().settings.public_url
    if not public and not request.host:
        raise BadRequest
    return (public or f"{request.scheme}://{request.host}") + link(path, *sets)
