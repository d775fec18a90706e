"""How gunicorn serves the app: ``gunicorn wsgi:app`` reads this file by itself.

Set from outside: ``PORT`` (8000) and ``WORKERS`` (the number of workers).
"""

import gc
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numba


def number(name: str, default: int, least: int, most: int) -> int:
    """A whole number from the environment; anything else ends the start with a sentence."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) < 7 and least <= int(text) <= most):
        raise SystemExit(f"{name}={text!r} is not a whole number from {least} to {most:,}")
    return int(text)


# This machine only: who opens the service to a network puts a proxy in front, for
# TLS, and because it buffers. A dozen clients that send half a request would hold every thread here.
bind = f"127.0.0.1:{number('PORT', 8000, 1, 65_535)}"

# Processes, since a search computes and Python runs one thread at a time; two at least, so that one can
# be replaced while the other serves. The index is mapped from disk, so they share its memory.
workers = number("WORKERS", max(2, min(os.cpu_count() or 2, 8)), 1, 64)

# Threads, so that slow readers and idle connections do not hold up the others.
worker_class = "searchsvc.web.worker.Worker"
threads = 8

# Each worker opens database and index after the fork: SQLite connections do not survive one.
preload_app = False


def on_starting(_: object) -> None:
    """Before any worker: compile what is not compiled yet, and load the compiler for all of them.

    Compiling happens beside, so that nothing of the service is in this process: after an upgrade, HUP
    begins workers of the new version. The compiler itself (Numba, 80 MB) is shared by what forks off.
    """
    subprocess.run([sys.executable, "-m", "searchsvc.engine.compiled"], check=True)
    numba.njit("int64(int64)")(lambda number: number + 1)
    gc.freeze()


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
