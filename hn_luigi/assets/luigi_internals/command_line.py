"""Whether a ``luigi`` command line is under way in this process, and how it ends for bad values."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

from luigi.cmdline_parser import CmdlineParser

from hn_luigi.assets.errors import SettingError


class Line(CmdlineParser):
    """The flags of a command line that isn't ``luigi``'s, for Luigi to take values from.

    Args:
        known_args: the values as text, by section and name.
    """

    def __init__(self, known_args: argparse.Namespace) -> None:
        # Not Luigi's own, which parses a whole line, with a task on it, and ends the process.
        self.known_args = known_args


def command_line() -> object | None:
    """What stands for the command line that ``luigi`` runs; None in code, as in ``luigi.build``.

    It is another object when the same line is parsed again, as for the summary of a run.
    """
    # Luigi 3.8.1 keeps its parser in a class attribute while it runs. sys.argv can't tell: it is
    # pytest's or a server's where luigi.run(["Task", ...]) or luigi.build() is called in code.
    parser: object | None = CmdlineParser.get_instance()
    return parser


def refuse(message: str, *, cause: BaseException | None = None) -> NoReturn:
    """End ``luigi`` for a value that its user got wrong; in code, raise SettingError.

    Luigi has no such end: it lets a parameter's ``ValueError`` become a traceback from its own
    inside, and exits with 4, or what ``[retcode]`` says.

    Raises:
        SystemExit: on a command line, with argparse's code for a bad argument, 2; the message is
            printed, as argparse does it.
        SettingError: else.
    """
    line = command_line()
    if line is None or isinstance(line, Line):  # whose command says so itself
        raise SettingError(message) from cause
    print(f"luigi: {message}", file=sys.stderr)
    # Not SystemExit(message), with which Python exits with 1: cron takes that for a crash.
    raise SystemExit(2) from cause
