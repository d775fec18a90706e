"""The cluster as everything else here sees it: requests that are answered whole, and errors in words.

A request goes to another node when one does not answer; opensearch-py does that. What nobody answers is
IndexUnavailable, which the web tells as 503 and an ingest as articles that are indexed later.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    ImproperlyConfigured,
    NotFoundError,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.exceptions import ConnectionError as Unreachable

from searchsvc.errors import BudgetExceeded, IndexUnavailable, SettingsError

# Seconds for one attempt, and attempts, each at another node.
ATTEMPT_SECONDS, ATTEMPTS = 10.0, 3
# A node that is lost takes some seconds to be missed, and its copies to take over: so long searches are asked
# again, after these pauses. What still is not answered then is told as 503.
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, *(1.6,) * 8)
# While a node is lost its shards move; who asks meanwhile is told to ask again.
PASSING = (429, 502, 503, 504)
# Versions of OpenSearch whose answers were looked at.
LEAST, BELOW = (2, 4), (4, 0)
T = TypeVar("T")
# The client warns of every answer that is no 200, such as that there is no index yet; what matters is raised.
logging.getLogger("opensearch").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the cluster is: one or several nodes, who asks, and who signed their certificates."""

    urls: tuple[str, ...]
    authorities: Path | None = None

    @property
    def shown(self) -> str:
        """The nodes without names and passwords."""
        return ", ".join(f"{urlsplit(url).scheme}://{_host(url)}" for url in self.urls)


class Cluster:
    """A client for each process: connections are not shared over a fork."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client: tuple[int, OpenSearch] | None = None

    @property
    def client(self) -> OpenSearch:
        if self._client is None or self._client[0] != os.getpid():
            self._client = os.getpid(), self._connected()
        return self._client[1]

    def _connected(self) -> OpenSearch:
        parts = [urlsplit(url) for url in self.address.urls]
        user = next((part for part in parts if part.username), None)
        authorities = self.address.authorities
        return OpenSearch(
            hosts=[
                {"host": part.hostname, "port": part.port or 9200, "scheme": part.scheme} for part in parts
            ],
            http_auth=(unquote(user.username or ""), unquote(user.password or "")) if user else None,
            verify_certs=True,
            ca_certs=str(authorities) if authorities else None,
            timeout=ATTEMPT_SECONDS,
            max_retries=ATTEMPTS,
            retry_on_timeout=True,
            # Asked again by us: the client would take the node for dead that told it of another one.
            retry_on_status=(),
            http_compress=True,
        )

    def call(self, ask: Callable[[OpenSearch], T]) -> T:
        """What the cluster answers. Raises IndexUnavailable, SettingsError, BudgetExceeded in words."""
        try:
            return ask(self.client)
        except OpenSearchException as error:
            raise self.explained(error) from error

    def explained(self, error: OpenSearchException) -> Exception:
        """An error of the client's, in words."""
        if isinstance(error, ImproperlyConfigured):
            return SettingsError(f"SEARCHSVC_OPENSEARCH_URL: {error}")
        at = f"OpenSearch at {self.address.shown}"
        match error:
            case SSLError():
                return SettingsError(
                    f"{at} shows a certificate that is not trusted ({_reason(error)}); set "
                    "SEARCHSVC_OPENSEARCH_CA to the file of the authority that signed it"
                )
            case AuthenticationException():
                return SettingsError(
                    f"{at} refuses the name and password in SEARCHSVC_OPENSEARCH_URL; correct them there"
                )
            case AuthorizationException():
                return SettingsError(f"{at}: this user may not do that ({_reason(error)}); give it the right")
            case ConnectionTimeout() | Unreachable():
                return IndexUnavailable(
                    f"{at} does not answer ({_reason(error)}); articles are safe in the database, "
                    "and are indexed when it is back"
                )
            case NotFoundError():
                return IndexUnavailable(
                    "There is no index in the cluster yet; 'flask ingest' or 'flask reindex' makes one"
                )
            case TransportError() if "Time exceeded" in str(error.info):
                return BudgetExceeded("The search was stopped after its time; ask for less")
        return IndexUnavailable(f"{at} could not do it: {_reason(error)}")

    def search(self, index: str | None, body: Mapping[str, Any]) -> Any:
        """One search, answered by all shards. ``index`` None: the body names a moment instead."""
        params = {} if index is None else {"allow_partial_search_results": "false"}
        return self._again(lambda client: client.search(index=index, body=body, params=params))

    def many(self, lines: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Several searches at once. Raises IndexUnavailable when any of them was not answered whole."""
        return list(self._again(lambda client: _all_whole(client.msearch(body=lines)["responses"])))

    def _again(self, ask: Callable[[OpenSearch], T]) -> T:
        """What the cluster answers, asked again while it misses a node; not while nobody is there."""
        for pause in PAUSES:
            try:
                return ask(self.client)
            except TransportError as error:
                if not _passes(error):
                    raise self.explained(error) from error
                time.sleep(pause)
        return self.call(ask)

    @contextmanager
    def moment(self, index: str) -> Iterator[dict[str, str]]:
        """An index as it is at one moment, for searches one after the other."""
        made = self.call(lambda client: client.create_pit(index=index, params={"keep_alive": "5m"}))["pit_id"]
        try:
            yield {"id": made, "keep_alive": "5m"}
        finally:
            with suppress(OpenSearchException):  # It ends by itself.
                self.client.delete_pit(body={"pit_id": [made]})

    def verify(self) -> None:
        """Raise SettingsError when what answers is nothing that this program can use.

        Raises IndexUnavailable when nobody answers.
        """
        version = self.call(_version)
        number = str(version.get("number", ""))
        numbers = tuple(int(part) for part in number.split(".")[:2] if part.isdecimal())
        known = version.get("distribution") == "opensearch" and LEAST <= numbers < BELOW
        if not known:
            what = f"{version.get('distribution', 'another program')} {number}".strip()
            raise SettingsError(
                f"SEARCHSVC_OPENSEARCH_URL: at {self.address.shown} is {what}; needed is OpenSearch from "
                f"{LEAST[0]}.{LEAST[1]} and below {BELOW[0]}"
            )


def _all_whole(answers: Sequence[Any]) -> Sequence[Any]:
    """Some answers, if all shards gave all of them."""
    for answer in answers:
        if "error" in answer or answer["_shards"]["failed"]:
            told = answer.get("error", {"reason": "a shard did not answer"})
            raise TransportError(answer.get("status", 503), "partial", {"error": told})
    return answers


def _passes(error: TransportError) -> bool:
    """Whether an error may be gone in a moment: shards that are moving, a node that has too much to do.

    What a node says that has just lost another one comes as 500, in many words.
    """
    if isinstance(error, Unreachable) or "Time exceeded" in str(error.info):
        return False
    return error.status_code in (500, *PASSING)


def _version(client: OpenSearch) -> dict[str, Any]:
    """What the answering program says of its version; nothing if it speaks no JSON."""
    try:
        told = client.info()
    except SerializationError:
        return {}
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, dict) else {}


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 9200}"


def _reason(error: OpenSearchException) -> str:
    """What went wrong, in one line and without what was sent."""
    info = getattr(error, "info", None)
    if isinstance(info, dict):
        cause = info.get("error", info)
        if isinstance(cause, dict):
            causes = cause.get("root_cause") or [cause]
            return str(causes[0].get("reason") or cause.get("reason") or cause.get("type"))
        return str(cause)
    text = str(info or error).splitlines()
    return text[0][:200] if text else type(error).__name__
