"""Whether a ``luigi`` command line is under way in this process, and how it ends for bad values."""

from __future__ import annotations

import sys

from luigi.cmdline_parser import CmdlineParser

from hn_luigi.assets.errors import SettingError


def command_line() -> object | None:
    """What stands for the command line that ``luigi`` runs; None in code, as in ``luigi.build``.

    Luigi 3.8.1 keeps it in a class attribute while it runs (``CmdlineParser.global_instance``),
    and makes a new one when it parses the same line again to sum the run up.
    """
    found: object | None = CmdlineParser.get_instance()
    return found


def refuse(message: str) -> BaseException:
    """The exception for a value a user got wrong: an exit of ``luigi``, else SettingError.

    Luigi has no such exit: it lets a parameter's ``ValueError`` end as a traceback from its own
    inside. The exit code, 2, is that of argparse.
    """
    if command_line() is None:
        return SettingError(message)
    print(f"luigi: {message}", file=sys.stderr)
    return SystemExit(2)
