"""``hn-luigi`` as a whole: its commands, and how it ends when something is wrong.

Exit code 1 is an answer (something is late, differs or failed), so whatever keeps a command from
answering ends with 2. That is what click has for a usage error; its code for other errors is 1
(click 8.5, ``ClickException.exit_code``), and so is Python's for a traceback.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import inherit_overrides, mask_secrets
from hn_luigi.cli.alert import alert
from hn_luigi.cli.check import check
from hn_luigi.cli.command import COMMON, printing_option
from hn_luigi.cli.due import due
from hn_luigi.cli.explain import explain
from hn_luigi.cli.freshness import freshness
from hn_luigi.cli.history import history
from hn_luigi.cli.invalidate import invalidate
from hn_luigi.cli.metrics import metrics
from hn_luigi.cli.new import new
from hn_luigi.cli.output import complain_of_error, say, warn
from hn_luigi.cli.page import page
from hn_luigi.cli.prune import prune
from hn_luigi.cli.publish import publish
from hn_luigi.cli.rebuild import rebuild
from hn_luigi.cli.run import run
from hn_luigi.cli.serve import serve
from hn_luigi.cli.status import status
from hn_luigi.cli.verify import verify

FAILURE = 2
_COMPLETION = "_HN_LUIGI_COMPLETE"
"""The variable by which a shell asks click for completions (click 8.5, named after the program)."""
INTERRUPTED = 130  # 128 + SIGINT, as a shell has it; click's own is 1


def _versions(_context: click.Context) -> str:
    ours, luigis = version("hn_luigi"), version("luigi")
    return f"hn-luigi {ours} (luigi {luigis}, Python {platform.python_version()})"


_VERSION = printing_option(
    "--version",
    text=_versions,
    help_text="Show the versions of hn_luigi, Luigi and Python, and exit.",
)


@click.group(
    commands=[
        alert,
        check,
        due,
        explain,
        freshness,
        history,
        invalidate,
        metrics,
        new,
        page,
        prune,
        publish,
        rebuild,
        run,
        serve,
        status,
        verify,
    ],
    context_settings={"max_content_width": 100},
    params=[_VERSION, *COMMON],
)
def cli() -> None:
    """Inspect and maintain hn_luigi's assets."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that ``arguments`` name, and exit.

    What a user can fix is one line on standard error; a bug of ours is a traceback.
    """
    inherit_overrides()
    mask_secrets()  # before anything is logged: libraries log the addresses that they ask for
    try:
        code = cli.main(arguments, prog_name="hn-luigi", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        say(error.format_message())
        code = FAILURE
    except click.ClickException as error:
        code = _failed(error.format_message())
    except AssetError as error:
        code = _failed(str(error))
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and _COMPLETION in os.environ:
            raise  # which is how click ends a completion
        # Or sys.exit() of a watched class, whose code is no answer.
        complain_of_error()
        code = FAILURE
    sys.exit(code)


def _failed(message: str) -> int:
    warn(message)
    return FAILURE
