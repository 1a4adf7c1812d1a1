"""``hn-luigi run``: make an asset, as ``luigi --module`` does, and say what is made and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

import click
from luigi.rpc import RPCError

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import (
    LATEST,
    RunOutcome,
    check_settings,
    exit_code,
    is_given,
    luigi_flags,
    run_task,
    scheduler_token,
    set_defaults,
)
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import as_of_option, optional_asset_argument
from hn_luigi.cli.output import complain_of_error, say, warn
from hn_luigi.cli.steps import name_of, told_steps
from hn_luigi.formatting import absolute
from hn_luigi.watchlist import (
    WatchListError,
    asset_of,
    first_if_unnamed,
    roots,
    with_upstream,
)

_WHY = {
    "scheduling_error": "can't be made, since asking what it requires fails, as told above",
    "missing_data": "is missing, and no step makes it",
    "already_running": "is being made by another worker of the scheduler: try again later",
    "not_run": "was not made: the scheduler gave it to no worker; try again later",
    "task_failed": "failed",
}
"""What is said of a task that wasn't made, by the name of its exit code; what failed comes last."""


@click.command(cls=Command, needs_root=False)
@optional_asset_argument
@as_of_option
@click.option("--open", "opens", is_flag=True, help="Show its page in a browser.")
def run(asset: tuple[str, ...], as_of: datetime | None, opens: bool) -> None:
    """Make ASSET, if it is missing or stale.

    What it is made from is made first, where that is needed. Without ASSET it is the first one of
    [assets] watch; flags alone are of its class. Each step that is made is a line on standard
    error, with the reason and how long it took. The path of the output is printed at the end.

    Beside its own options it takes flags as luigi --module does: those of ASSET's class, of any
    setting, and of Luigi itself, whose log --log-level INFO shows. It runs by itself, or through
    the scheduler that the configuration or a flag names.

    The exit code is 30 if a step fails, 20 if data is missing that no step makes, 35 if Luigi can't
    schedule a step, 10 or 25 if its scheduler keeps one back, and 40 for any other error, or what
    [retcode] says.

    \b
    Examples:
      hn-luigi run
      hn-luigi run top/wordcloud --as-of latest --cloud-width 800
      hn-luigi run DiskReport --city Paris --open
    """
    roots()  # whose modules bring the settings that have flags
    with luigi_flags(asset) as words:
        check_settings()
        set_defaults()
        task = asset_of(first_if_unnamed(words), as_of=as_of)
        # A bad setting that only requires() can tell of is refused as all others are, and not by
        # Luigi, which exits with 35. What else fails there is a user's, with a traceback to show.
        with suppress(WatchListError):
            with_upstream(task)
        with told_steps(task, with_luigis_log=is_given("log_level")):
            outcome = _outcome(task)
        for line in _failures(outcome):
            warn(line)
        if outcome.code:
            raise click.exceptions.Exit(outcome.code)
        is_newest = as_of in (None, LATEST)
        path = (task.latest() if task.keeps_latest and is_newest else task.output()).path
        say(absolute(path))
        if opens:
            _open(task)


def _outcome(task: Asset) -> RunOutcome:
    """Make ``task``; an error that stops Luigi itself exits with the code for that."""
    try:
        return run_task(task)
    except AssetError:
        raise
    except RPCError as error:
        if at := scheduler_token.refused_by(error.sub_exception):
            variable = scheduler_token.VARIABLE
            warn(f"the scheduler at {at} asks for its token: set {variable} to what its server has")
        else:
            warn(f"{error}: start the scheduler, as with hn-luigi serve, or give --local-scheduler")
    except Exception:
        complain_of_error()
    raise click.exceptions.Exit(exit_code("unhandled_exception"))


def _failures(outcome: RunOutcome) -> Iterator[str]:
    for end, why in _WHY.items():
        for task, error in outcome.tasks.get(end, {}).items():
            yield f"{name_of(task)} {why}" + (f": {error}" if error else "")


def _open(task: Asset) -> None:
    """Show the page of ``task`` in a browser."""
    import tempfile
    import webbrowser
    from pathlib import Path

    from hn_luigi.display import export_html

    # It stays, since the browser may read it when this process is gone.
    path = Path(tempfile.mkdtemp(prefix="hn_luigi-"), f"{task.folder.replace('/', '-')}.html")
    path.write_text(export_html(task), encoding="utf-8")
    try:
        is_shown = webbrowser.open(path.as_uri())
    except webbrowser.Error:
        is_shown = False
    if not is_shown:
        warn(f"no browser can be started here; its page is {path}")
