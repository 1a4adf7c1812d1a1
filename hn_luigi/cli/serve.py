"""``hn-luigi serve``: Luigi's central scheduler, with pages of the assets and alerts."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hn_luigi.alerts import alerts, channels
from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import check_section, scheduler_token, storage
from hn_luigi.cli.command import Command
from hn_luigi.cli.output import warn
from hn_luigi.formatting import absolute, plain
from hn_luigi.refresh import habit, outline_of, policy_notes, refresh
from hn_luigi.watchlist import watched_lines

VARIABLE = scheduler_token.VARIABLE
if TYPE_CHECKING:
    from hn_luigi.web.server import Endpoint


_COOKIE_KEY = "cookie-key"
"""The key that cookies are signed with, kept beside the state, so that they outlive the server."""


@click.command(cls=Command, needs_store=False)
@click.option(
    "--port", default=8082, show_default=True, type=click.IntRange(0, 65535), metavar="N",
    help="Port to listen on; give luigi --scheduler-port N, too.",
)  # fmt: skip
@click.option(
    "--address", "host", default="127.0.0.1", show_default=True, metavar="HOST",
    help=f"Interface to listen on; any other than loopback needs a token in {VARIABLE}.",
)  # fmt: skip
@click.option(
    "--state", "state_path", default=".luigid/state.pickle", show_default=True, metavar="PATH",
    help="Where the scheduler keeps its state for the next start.",
)  # fmt: skip
@click.option(
    "--refresh/--no-refresh", "refreshes", default=None,
    help="Make what is due, as freshness policies need it.  [default: [refresh] enabled]",
)  # fmt: skip
def serve(port: int, host: str, state_path: str, refreshes: bool | None) -> None:
    """Run Luigi's central scheduler, with pages of the assets.

    It runs until Ctrl-C or SIGTERM. The assets are at http://127.0.0.1:8082/assets, the visualiser
    at http://127.0.0.1:8082/static/visualiser/index.html, and workers use it like any luigid: luigi
    --scheduler-port N, or LUIGI_CONFIG_PATH=scripts/central.cfg. If [email] receiver or [alerts]
    urls is set, it checks every five minutes whether an asset failed or is late, as hn-luigi alert
    does. With --refresh it starts what is due, so that no cron is needed, and fetches [alerts]
    heartbeat_url as well.

    It is for the user who runs it. Others on this machine need its token, which is kept beside the
    state. If HN_LUIGI_TOKEN sets one, as it must for other machines (--address), everybody needs
    it. Browsers ask for it as a password, and workers that import hn_luigi take it from that
    variable.

    \b
    Examples:
      hn-luigi serve --port 8082
      hn-luigi serve --refresh
    """
    # Tornado and the pages take 40 ms, no other command needs them.
    from hn_luigi.web import server

    given = os.environ.get(VARIABLE, "")
    endpoint = server.Endpoint(port, host, given and scheduler_token.checked(given, what=VARIABLE))
    if not endpoint.is_local and not endpoint.token:
        raise click.ClickException(
            f"serving on {host} lets other machines start runs: set {VARIABLE} to a secret, "
            "or leave out --address"
        )
    # `hn-luigi alert` runs as a process of its own later: what is wrong with its settings is said
    # now, while somebody watches.
    for section in (alerts, refresh):
        check_section(section)
    configured = channels()
    for error in configured.errors:
        warn(error)
    _require_place_for(state_path)
    folder = os.path.dirname(state_path)
    path = os.path.join(folder, scheduler_token.NAME)
    if endpoint.token:
        endpoint = replace(endpoint, cookie_key=_token_kept(os.path.join(folder, _COOKIE_KEY)))
    else:
        endpoint = replace(endpoint, token=_token_kept(path), trusts_owner=True)
    try:
        sockets = server.listen(endpoint)
    except OSError as error:
        raise click.ClickException(
            f"can't serve on {host}, port {port}: {error.strerror}; stop what uses it, "
            "maybe another scheduler, or give another --port or --address"
        ) from error
    click.echo(f"What is stored under {plain(absolute(str(storage().root)))}:")
    if endpoint.trusts_owner:
        click.echo(_invitation(endpoint, sockets[0].getsockname()[1], path))
    refreshes = refresh().enabled if refreshes is None else refreshes
    if refreshes:
        _tell_what_is_refreshed()
    server.serve(
        sockets,
        endpoint,
        state_path,
        alerts=bool(configured.usable or (refreshes and alerts().heartbeat_url)),
        time_limit=refresh().time_limit,
        parallel=refresh().parallel if refreshes else 0,
    )


def _tell_what_is_refreshed() -> None:
    """A line for each of the watch list, and what policies can't have, as the classes say.

    No store is asked: one that hangs must not keep the server from starting.
    """
    try:
        lines, broken = watched_lines()
    except AssetError as error:
        warn(str(error))
        return
    outlines = [outline_of(line) for line in lines]
    for known in outlines:
        click.echo(f"Makes {plain(known.root.folder)} {habit(known.root)}.")
        for note in policy_notes(known, outlines):
            click.echo(f"  {plain(note)}")
    for trouble in broken:
        warn(trouble.error)


def _token_kept(path: str) -> str:
    """The token in that file, created if need be; raises TokenUnsafe or ClickException."""
    try:
        return scheduler_token.made(path)
    except OSError as error:
        raise click.ClickException(
            f"can't keep {path}: {error.strerror}; give another --state"
        ) from error


def _invitation(endpoint: Endpoint, port: int, path: str) -> str:
    """Where the pages are, and for whom."""
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    address = f"http://{host}:{port}/assets"
    # What isn't a terminal may be kept for others to read: a container's log comes from a pipe.
    secret = f"{address}?token={endpoint.token}" if sys.stdout.isatty() else f"the token in {path}"
    return f"For this user: {address}\nFor others, who may then start runs as you: {secret}"


def _require_place_for(path: str) -> None:
    """Make the folder of ``path``; raise ClickException unless only we can write a file there."""
    from hn_luigi.web.server_state import why_unsafe

    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        cause = os.strerror(errno.EISDIR) if os.path.isdir(path) else ""
        if not cause and (trouble := why_unsafe(path)):
            raise click.ClickException(trouble)
    except OSError as error:
        cause = error.strerror or str(error)
    if cause:
        raise click.ClickException(f"can't keep {path}: {cause}; give another --state")
