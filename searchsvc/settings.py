"""What can be set: checked once at start, then frozen.

In: the defaults of ``config.py`` and the environment. Out: ``Settings``, or one ``SettingsError``
that names everything that is wrong, so that it is mended in one go.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from limits import parse_many
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from searchsvc.errors import SettingsError
from searchsvc.store.place import PostgresAddress, postgres_address

PREFIX = "SEARCHSVC_"
# Names under our prefix that are not settings of the service: where tests find shared data, and the file
# that gunicorn's workers share.
NOT_SETTINGS = {"SHARED", "COUNTERS_FILE"}
# Settings that are paths.
PATHS = ("data_dir", "index_dir", "feeds", "names", "canaries")
# Settings whose values are not repeated to anybody: there may be a password in them.
SECRET = ("database_url", "opensearch_url")

# A host as browsers send it, and its port if it is not the usual one. No IPv6: Werkzeug could not compare it.
PUBLIC = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[1-9][0-9]{0,4})?")


class Settings(BaseModel):
    """The settings in force. Paths are absolute."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    data_dir: Path
    database_url: PostgresAddress | None
    index_dir: Path
    timezone: ZoneInfo
    feeds: Path
    names: Path
    canaries: Path
    fetch_allow_private: bool
    fetch_timeout_seconds: float = Field(gt=0, le=3600)
    fetch_max_bytes: int = Field(ge=1_000, le=2_000_000_000)
    fetch_pause_seconds: float = Field(ge=0, le=600)
    fetch_hosts_at_once: int = Field(ge=1, le=100)
    fetch_contact: str = Field(max_length=200)
    fetch_proxy: str
    parse_timeout_seconds: float = Field(gt=0, le=3600)
    parse_memory_mb: int = Field(ge=128, le=100_000)
    log_json: bool
    public_url: str
    engine: Literal["whoosh", "opensearch"]
    opensearch_url: str
    opensearch_ca: str
    opensearch_index: str
    opensearch_shards: int = Field(ge=1, le=1024)
    opensearch_replicas: int = Field(ge=0, le=20)
    index_memory_mb: int = Field(ge=64, le=1_000_000)
    rate_limit: str
    trusted_proxies: int = Field(ge=0, le=10)

    @field_validator("timezone", mode="before")
    @classmethod
    def _zone(cls, name: object) -> ZoneInfo:
        if str(name) not in available_timezones():
            raise ValueError(f"{name!r} is not a time zone; one is 'Asia/Taipei'")
        return ZoneInfo(str(name))

    @field_validator("database_url", mode="before")
    @classmethod
    def _database(cls, text: object) -> PostgresAddress | None:
        return postgres_address(str(text).strip()) if str(text).strip() else None

    @field_validator("fetch_contact")
    @classmethod
    def _contact(cls, text: str) -> str:
        if not re.fullmatch(r"[!-'*-~]*", text):
            raise ValueError(
                "it goes into a header: ASCII without spaces and parentheses, a page or mail address"
            )
        return text

    @field_validator("fetch_proxy")
    @classmethod
    def _proxy(cls, text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if text and not usable:
            raise ValueError("a proxy is named as http://host:port, with user:password@ where it wants them")
        return text

    @field_validator("opensearch_url")
    @classmethod
    def _cluster(cls, text: str) -> str:
        """The nodes. The message names none of them: there may be a password in it."""
        nodes = [node.strip() for node in text.split(",") if node.strip()]
        if not all(map(_is_node, nodes)):
            raise PydanticCustomError(
                "node", "nodes are named as https://name:password@host:9200, several parted by commas"
            )
        return ",".join(nodes)

    @field_validator("opensearch_index")
    @classmethod
    def _index(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,99}", name):
            raise ValueError("a name of an index has small letters, digits, - and _")
        if re.search(r"-g[0-9]|-leases$|-previous$", name):
            raise ValueError("names of our own indexes end so; take another one")
        return name

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.engine == "opensearch" and not self.opensearch_url:
            raise PydanticCustomError(
                "no_cluster",
                "SEARCHSVC_ENGINE=opensearch needs SEARCHSVC_OPENSEARCH_URL: where the cluster is",
            )
        return self

    @field_validator("rate_limit")
    @classmethod
    def _limits(cls, text: str) -> str:
        try:
            usable = not text.strip() or all(limit.amount > 0 for limit in parse_many(text))
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("limits are written as '120 per minute; 2000 per hour'; empty is none")
        return text.strip()

    @field_validator("public_url")
    @classmethod
    def _public(cls, text: str) -> str:
        """In its one form: without the slash at its end, the host in small letters."""
        address = text.strip().lower().removesuffix("/")
        if address and not PUBLIC.fullmatch(address):
            raise ValueError("it is https://host or http://host:port, in ASCII and without a path")
        return address

    @field_validator(*PATHS, mode="before")
    @classmethod
    def _path(cls, value: object) -> object:
        if not str(value).strip() or "\0" in str(value):
            raise ValueError(f"{value!r} is not a path")
        return value


def load_settings(defaults: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings of a ``config`` module's upper-case names, overridden by the environment.

    Raises SettingsError that names each unknown or bad one.
    """
    values = {name: value for name, value in defaults.items() if name.isupper()}
    given = {
        name.removeprefix(PREFIX): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NOT_SETTINGS
    }
    unknown = sorted(given.keys() - values.keys())
    if unknown:
        raise SettingsError(
            f"Unknown setting {', '.join(PREFIX + name for name in unknown)}; "
            f"there are: {', '.join(PREFIX + name for name in sorted(values))}"
        )
    root = Path(str(defaults.get("__file__", "."))).resolve().parent
    return _checked({name.lower(): value for name, value in (values | given).items()}, root)


def _checked(values: dict[str, Any], root: Path) -> Settings:
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError("; ".join(_sentence(part) for part in error.errors())) from error
    paths = {name: root / getattr(settings, name) for name in PATHS}
    return settings.model_copy(update=paths)


def _is_node(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not parts.query
        )
    except ValueError:
        return False


def _sentence(problem: Any) -> str:
    """One of pydantic's findings, in the words of the person who set it."""
    if not problem["loc"]:
        return str(problem["msg"])
    setting = str(problem["loc"][0])
    given = "…" if setting in SECRET else repr(problem["input"])
    return f"{PREFIX}{setting.upper()}={given}: {problem['msg'].removeprefix('Value error, ')}"
