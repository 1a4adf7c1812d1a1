"""How commands print: to a terminal, into a pipe, or as JSON.

What comes from storage is a stranger's text: it is never read as markup, and characters that
would move the cursor or turn the writing direction are shown as escapes. A reader that leaves
early, as ``head`` does, changes neither what a command does nor how it ends.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import StringIO
from typing import Any, TextIO

import click
from rich.console import Console, RenderableType
from rich.text import Text

from hn_luigi.assets.operations import masked
from hn_luigi.formatting import harmless, plain

STYLES = {
    "current": "green",
    "missing": "yellow",
    "stale": "yellow",
    "PASS": "green",
    "WARN": "yellow",
    "FAIL": "bold red",
    "UNKNOWN": "magenta",
    "made": "green",
    "passed": "green",
    "warning": "yellow",
    "failed": "bold red",
    "late": "bold red",
    "paused": "yellow",
    "note": "yellow",
    "suspect": "yellow",
    "unreadable": "bold red",
    "gone": "yellow",
}
PIPE_WIDTH = 10_000
"""Columns of a pipe, so that a line stays a line for ``grep``; rich would wrap at 80."""


def console() -> Console:
    """Standard output; a pipe is ``PIPE_WIDTH`` wide."""
    stdout = Console(highlight=False, markup=False, emoji=False)
    if not stdout.is_terminal:
        stdout.width = PIPE_WIDTH
    return stdout


def show(content: RenderableType) -> None:
    """Print ``content``, without spaces at the ends of lines in a pipe."""
    on = console()
    is_terminal, on.width = on.is_terminal, on.width
    # Console.on_broken_pipe of rich 15 redirects standard output and raises SystemExit(1), which
    # is an answer here: what is late, or failed.
    on.file = drawn = StringIO()
    on.print(content)
    lines = drawn.getvalue().splitlines()
    say("\n".join(lines if is_terminal else (line.rstrip() for line in lines)))


def show_json(value: Any) -> None:
    """Print ``value`` as JSON, in ASCII."""
    say(json.dumps(value, indent=1, allow_nan=False))


def say(text: str) -> None:
    """Print ``text`` and a newline at once; raises ClickException if that fails."""
    with writing():
        _write(f"{text}\n", sys.stdout)


def complain(line: str) -> None:
    """Print ``line`` on standard error, made harmless, without secrets; cron may mail it.

    If that fails, there is nowhere left to say so.
    """
    try:
        _write(f"{harmless(masked(line))}\n", sys.stderr)
    except OSError:
        _to_nowhere(sys.stderr)


def complain_of_error() -> None:
    """Print the traceback of the error that is handled, as Python would, which masks no secrets."""
    for line in traceback.format_exc().splitlines():
        complain(line)


def warn(message: str) -> None:
    """``complain`` of ``message`` in one line, in the name of the command."""
    complain(f"hn-luigi: {plain(message)}")


@contextmanager
def writing() -> Iterator[None]:
    """Let what is written to standard output meanwhile go into a pipe that was closed.

    Raises:
        ClickException: it can't be written for another reason.
    """
    try:
        yield
    except BrokenPipeError:
        _to_nowhere(sys.stdout)
    except OSError as error:
        _to_nowhere(sys.stdout)
        raise click.ClickException(f"can't write the output: {error.strerror or error}") from error


def styled(word: str, *more: str) -> Text:
    """``word`` in the colour of what it says, then ``more``."""
    return Text.assemble((word, STYLES.get(word, "")), *more)


def _write(text: str, stream: TextIO | None) -> None:
    if stream is not None:  # as it is if the shell closed it
        encoding = stream.encoding or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


def _to_nowhere(stream: TextIO) -> None:
    """Discard what ``stream`` still holds: Python exits with 120 if it can't flush it."""
    with suppress(OSError, ValueError):  # a stream without a file has nothing to flush
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
