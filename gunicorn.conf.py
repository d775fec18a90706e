"""How gunicorn serves the app: ``gunicorn wsgi:app`` reads this file by itself.

Set from outside: ``PORT`` (8000) and ``WORKERS`` (the number of workers).
"""

import ctypes
import gc
import importlib
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numba
import rjieba


def number(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the environment; anything else ends the start with a sentence."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and least <= int(text) <= most):
        raise SystemExit(f"{name}={text!r} is not a whole number from {least} to {most:,}")
    return int(text)


# This machine only: who opens the service to a network puts a proxy in front, for
# TLS, and because it buffers (deploy/nginx.conf). A dozen clients that send half a request hold every
# thread here, for the ten seconds that a request may take to arrive.
bind = f"127.0.0.1:{number('PORT', 8000, 1, 65_535)}"

# Processes, since a search computes and Python runs one thread at a time; two at least, so that one can
# be replaced while the other serves. The index is mapped from disk, so they share its memory.
workers = number("WORKERS", max(2, min(os.cpu_count() or 2, 8)), 1, 64)

# Threads, so that slow readers and idle connections do not hold up the others.
worker_class = "searchsvc.web.worker.Worker"
threads = 8

# Nothing of the service is in the first process, so that HUP begins workers of the new version after an
# upgrade, and so that database and index are opened after the fork: SQLite connections do not survive one.
preload_app = False
# The libraries are: what is loaded before the fork, all workers share. Measured with 20,000 articles, a
# worker has 126 MB to itself without this, 81 with it, 42 with the app preloaded (docs/decisions.md).
LIBRARIES = (
    *("babel.dates", "charset_normalizer", "feedparser", "flask", "flask_limiter", "httpx", "markdown_it"),
    *("nh3", "opencc", "prometheus_client", "pydantic", "rich.progress", "rich.table", "selectolax.lexbor"),
    *("sqlite3", "w3lib.url", "whoosh.index", "whoosh.qparser", "whoosh.query", "whoosh.searching", "yaml"),
)


def on_starting(_: object) -> None:
    """Before any worker: compile what is not compiled yet, load the libraries for all of them, and open what
    they count requests in together.

    Compiling happens beside, so that nothing of the service is in this process.
    """
    subprocess.run([sys.executable, "-m", "searchsvc.engine.compiled"], check=True)
    numba.njit("int64(int64)")(lambda number: number + 1)
    for name in LIBRARIES:
        importlib.import_module(name)
    rjieba.cut("")  # Reads its dictionary.
    os.environ["SEARCHSVC_COUNTERS_FILE"] = str(os.memfd_create("searchsvc-counters"))
    gc.freeze()


# Numbers of malloc.h.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8


def post_fork(_: object, __: object) -> None:
    """In a new worker: forget what the first process knew of the service, which is the worker's own class."""
    for name in [name for name in sys.modules if name.split(".")[0] == "searchsvc"]:
        del sys.modules[name]
    # What threads free in turn comes back to the same two heaps; what is large is given back at once.
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):  # Not everywhere (musl).
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 20)


# A worker that has not shown a sign of life for so long is replaced. Threads are not stopped by it:
# what bounds a search are the limits on its query.
timeout = 60
# On HUP and TERM, what is being answered may end.
graceful_timeout = 30
keepalive = 5

# An address of 8 KB at most, as the app says too; longer ones are answered with 414 by the worker.
limit_request_line = 8_190
limit_request_fields = 64
limit_request_field_size = 8_190

# Signs of life are touches of a file: in memory where that can be had, as a disk can stall for seconds.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

# Errors go to standard error, for whatever runs the service to keep. No access log: it would be a record
# of what people searched for. To find a fault, --access-logfile - turns it on for once.
errorlog = "-"
loglevel = "info"
accesslog = None


def as_json() -> bool:
    """Whether LOG_JSON is set. Without importing config.py: workers begun after an upgrade read it anew."""
    default = runpy.run_path(str(Path(__file__).with_name("config.py")))["LOG_JSON"]
    return os.environ.get("SEARCHSVC_LOG_JSON", str(default)).lower() in ("1", "true", "t", "yes", "y", "on")


if as_json():
    logconfig_dict = {
        "root": {"level": "WARNING", "handlers": []},  # Each worker sets up its own, see searchsvc/logs.py.
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["error_console"], "propagate": False}},
        "formatters": {"generic": {"()": "searchsvc.logs.JsonLines"}},
    }

# Gunicorn's control socket has one path per user: two services would fight for it, and nobody uses it.
control_socket_disable = True

# What a proxy may say of the reader: https or not. By default a header could also name the path that the
# service is mounted at, in every link of a page; who mounts it sets SCRIPT_NAME in the environment.
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}
forwarder_headers = ""
