"""A PostgreSQL server for tests: made in a folder of its own, stopped and gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

# Debian has its programs where nobody's PATH goes.
DEBIAN = "/usr/lib/postgresql"
ADMIN, USER, PASSWORD = "postgres", "archive", "ein Geheimnis/@:%"
QUOTED = "ein%20Geheimnis%2F%40%3A%25"
SECONDS = 60


def programs() -> Path | None:
    """The folder of the server's programs, of the newest version; None where they are not installed."""
    found = sorted(Path(DEBIAN).glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    elsewhere = shutil.which("initdb")
    return found[-1].parent if found else Path(elsewhere).resolve().parent if elsewhere else None


def _as_nobody() -> list[str]:
    """PostgreSQL refuses to run as root."""
    as_nobody = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *as_nobody, "--pdeathsig=QUIT"]


class Cluster:
    """A running server. ``folder`` has its data, its log and its socket."""

    def __init__(self, folder: Path, *options: str) -> None:
        found = programs()
        assert found, "PostgreSQL is missing; `make test` installs it (apt-get install postgresql)"
        self._programs, self._folder = found, folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._names = count()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        self._init()
        self.start()
        self.admin(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")

    def _init(self) -> None:
        how = ["-D", self._folder / "data", "-U", ADMIN, "--auth-local=trust", "--auth-host=scram-sha-256"]
        # A language whose order of words is not that of code points, where the machine has one; checksums.
        how += ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-sync"]
        subprocess.run(
            [*_as_nobody(), self._programs / "initdb", *how], cwd="/", check=True, stdout=subprocess.DEVNULL
        )

    def start(self) -> None:
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self._folder,
                   "fsync": "off", "shared_buffers": "32MB", "max_connections": "60"}  # fmt: skip
        given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_nobody(), self._programs / "postgres", "-D", self._folder / "data", *given, *self._options],
                cwd="/", stdout=log, stderr=log,
            )  # fmt: skip
        ended = time.monotonic() + SECONDS
        while True:
            try:
                return self.admin("SELECT 1")
            except psycopg.OperationalError:
                assert self._process.poll() is None and time.monotonic() < ended, self.log()
                time.sleep(0.05)

    def stop(self) -> None:
        """End it at once, as a machine that loses power does."""
        if self._process:
            self._process.send_signal(3)
            self._process.wait(SECONDS)
            self._process = None

    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    def admin(self, *statements: str, database: str = ADMIN) -> None:
        """Run statements as the server's owner."""
        url = f"postgresql://{ADMIN}@/{database}?host={self._folder}&port={self.port}"
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def url(self, name: str, user: str = USER, password: str = QUOTED) -> str:
        """The address of a database, as people write it."""
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def database(self, more: str = "") -> Iterator[str]:
        """The address of a database of its own."""
        name = f"test{next(self._names)}"
        self.admin(f"CREATE DATABASE {name} OWNER {USER} {more}")
        try:
            yield self.url(name)
        finally:
            self.admin(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """A server that is there for a while."""
    # Not where only the tests' user may look: the server is another one.
    folder = Path(tempfile.mkdtemp(prefix="searchsvc-postgres-"))
    made: Cluster | None = None
    try:
        made = Cluster(folder, *options)
        yield made
    finally:
        if made:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)
