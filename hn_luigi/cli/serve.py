"""``hn-luigi serve``: Luigi's central scheduler, with a watch over the assets."""

from __future__ import annotations

import os

import click

from hn_luigi.alerts import channels
from hn_luigi.cli.command import Command
from hn_luigi.cli.output import complain
from hn_luigi.wording import plain


@click.command(cls=Command, needs_store=False)
@click.option(
    "--port", default=8082, show_default=True, type=click.IntRange(0, 65535), metavar="N",
    help="Port to listen on; give luigi --scheduler-port N too.",
)  # fmt: skip
@click.option(
    "--state", "state_path", default=".luigid/state.pickle", show_default=True, metavar="PATH",
    help="Where the scheduler keeps what it knows for the next start.",
)  # fmt: skip
def serve(port: int, state_path: str) -> None:
    """Luigi's central scheduler with its visualiser.

    On this machine alone, until Ctrl-C or SIGTERM. Workers use it as any luigid: luigi
    --scheduler-port N, or LUIGI_CONFIG_PATH=scripts/central.cfg. Where [email] receiver or
    [alerts] urls say whom to tell, it looks every five minutes whether an asset failed or is late,
    as hn-luigi alert does.

    \b
    Example:
      hn-luigi serve --port 8082
    """
    found = channels()
    for trouble in found.troubles:
        complain(f"hn-luigi: {plain(trouble)}")
    try:
        os.makedirs(os.path.dirname(os.path.abspath(state_path)), exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"can't keep {state_path}: {error.strerror}; give another --state"
        ) from error
    from hn_luigi import web

    try:
        web.serve(port, state_path, watches=bool(found.usable))
    except OSError as error:
        raise click.ClickException(
            f"can't serve on port {port}: {error.strerror}; stop what has it, maybe another "
            "scheduler, or give another --port"
        ) from error
