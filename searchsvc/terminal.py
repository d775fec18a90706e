"""What the commands of the terminal share: how they get the service, show progress and print JSON."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from searchsvc.errors import SearchServiceError
from searchsvc.service import Service

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


def with_service(command: click.Command, service: Service) -> click.Command:
    """The command, or all of a group, given the service.

    Its expected errors are turned into one line and exit status 1.
    """
    if isinstance(command, click.Group):
        commands = {name: with_service(each, service) for name, each in command.commands.items()}
        return click.Group(command.name, commands=commands, help=command.help)
    callback = command.callback
    assert callback is not None  # It was made from a function.

    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            callback(service, *args, **kwargs)
        except SearchServiceError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:  # The reader (head, less) has seen enough.
            sys.stderr.close()
            sys.exit(0)

    return click.Command(command.name, callback=run, params=command.params, help=command.help)


def dumps(value: Any) -> str:
    """A value as JSON for people and programs."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def on_terminal() -> bool:
    """Whether somebody looks at what is written to standard error."""
    return Console(stderr=True).is_terminal


@contextmanager
def stopping_cleanly() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end what is done as Ctrl-C does: with what it has begun cleaned up."""
    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(each, _stop) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


def _stop(number: int, _: object) -> None:
    sys.exit(128 + number)


@contextmanager
def progress(wanted: bool, title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, nothing elsewhere: how to set it."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not (wanted and console.is_terminal)
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda number: bar.update(task, completed=number)
