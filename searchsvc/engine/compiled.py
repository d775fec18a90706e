"""Loops over arrays, compiled to machine code by Numba when a process first imports them.

A query touches few numbers, many times over: written with NumPy it is some hundred calls, each of
which costs more than what it does. A loop that is compiled does all of it in one.

Every function states its argument types, so it is compiled when its module is imported and never
while somebody waits for an answer; an argument of another type is an error, not another version.
What was compiled is kept beside the sources, or in the user's cache folder where those cannot be
written; where neither can, compiling takes half a minute at every start (``NUMBA_CACHE_DIR`` names
another folder). ``python -m searchsvc.engine.compiled`` compiles what has not been.
"""

import importlib
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba import types

F = TypeVar("F", bound=Callable[..., Any])
# A start that takes longer than this is explained.
TOLD_SECONDS = 5.0
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def readonly(kind: Any) -> Any:
    """A contiguous array that is only read: of a mapped file, or any other."""
    return types.Array(kind, 1, "C", readonly=True)


BYTES = readonly(types.uint8)
DOCS = readonly(types.int32)
COUNTS = readonly(types.int32)
NUMBERS = readonly(types.uint32)
FLOATS = readonly(types.float32)
TRUTHS = readonly(types.boolean)
ROW = types.Array(types.int64, 1, "C", readonly=True)
ROWS = types.Array(types.int64, 2, "C", readonly=True)
INT = types.int64
FLOAT = types.float32
SCORES = types.Array(types.float32, 1, "C")
MARKS = types.Array(types.boolean, 1, "C")


def compiled(*arguments: Any, nogil: bool = True) -> Callable[[F], F]:
    """Compile a function for arguments of these types.

    ``nogil`` False: it takes a few microseconds and is called many times for a request. Each time that
    Python's lock is let go, another thread takes it and keeps it for milliseconds.
    """
    options = {**OPTIONS, "nogil": nogil}

    def decorate(function: F) -> F:
        made: Any
        try:
            made = numba.njit(arguments, cache=True, **options)(function)
        except RuntimeError as error:
            # "cannot cache function …: no locator available": nowhere to keep it.
            if "cache" not in str(error):
                raise
            made = numba.njit(arguments, **options)(function)
        return cast("F", made)

    return decorate


def inlined(function: F) -> F:
    """A helper of compiled functions in the same module (a cache does not notice changes elsewhere)."""
    made: Any = numba.njit(**OPTIONS)(function)
    return cast("F", made)


MODULES = (
    "engine.reading",
    "engine.sets",
    "engine.ranking",
    "engine.spelling",
    "stories.sketch",
    "stories.near",
    "search.finding",
)


def main() -> None:
    """Compile everything, in half a minute, or find it compiled, in half a second."""
    before = time.monotonic()
    for name in MODULES:
        importlib.import_module(f"searchsvc.{name}")
    if (seconds := time.monotonic() - before) > TOLD_SECONDS:
        print(
            f"Compiled the inner loops in {seconds:.0f} s; they are kept for the next start", file=sys.stderr
        )


if __name__ == "__main__":
    main()
