"""``hn-luigi serve``: Luigi's central scheduler, pages of the assets, and a watch over them."""

from __future__ import annotations

import errno
import os
import tempfile

import click

from hn_luigi.alerts import alerts, channels
from hn_luigi.assets.parameters import check_section
from hn_luigi.cli.command import Command
from hn_luigi.cli.output import complain
from hn_luigi.wording import plain

TOKEN = "HN_LUIGI_TOKEN"  # noqa: S105 - the variable that holds it


@click.command(cls=Command, needs_store=False)
@click.option(
    "--port", default=8082, show_default=True, type=click.IntRange(0, 65535), metavar="N",
    help="Port to listen on; give luigi --scheduler-port N too.",
)  # fmt: skip
@click.option(
    "--address", "host", default="127.0.0.1", show_default=True, metavar="HOST",
    help=f"Interface to listen on; any but this machine's own takes a token in {TOKEN}.",
)  # fmt: skip
@click.option(
    "--state", "state_path", default=".luigid/state.pickle", show_default=True, metavar="PATH",
    help="Where the scheduler keeps what it knows for the next start.",
)  # fmt: skip
def serve(port: int, host: str, state_path: str) -> None:
    """Luigi's central scheduler, and pages of the assets.

    Until Ctrl-C or SIGTERM. The assets are at http://127.0.0.1:8082/assets, the visualiser at
    http://127.0.0.1:8082/, and workers use it as any luigid: luigi --scheduler-port N, or
    LUIGI_CONFIG_PATH=scripts/central.cfg. Where [email] receiver or [alerts] urls say whom to
    tell, it looks every five minutes whether an asset failed or is late, as hn-luigi alert does.

    To other machines it answers only with --address and a token, which browsers ask for as a
    password, and workers give in their scheduler's address: http://luigi:TOKEN@host:8082.

    \b
    Example:
      hn-luigi serve --port 8082
    """
    from hn_luigi.web import server

    place = server.Place(port, host, os.environ.get(TOKEN, ""))
    if not place.is_local and not place.token:
        raise click.ClickException(
            f"serving on {host} lets other machines start runs: set {TOKEN} to a secret, "
            "or leave out --address"
        )
    check_section(alerts)
    found = channels()
    for trouble in found.troubles:
        complain(f"hn-luigi: {plain(trouble)}")
    _require_place_for(state_path)
    try:
        sockets = server.listen(place)
    except OSError as error:
        raise click.ClickException(
            f"can't serve on {host}, port {port}: {error.strerror}; stop what has it, maybe "
            "another scheduler, or give another --port or --address"
        ) from error
    server.serve(sockets, place, state_path, watches=bool(found.usable))


def _require_place_for(path: str) -> None:
    """Raise ClickException unless a file can be written at ``path``, whose folder is made."""
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        cause = os.strerror(errno.EISDIR) if os.path.isdir(path) else ""
    except OSError as error:
        cause = error.strerror or str(error)
    if cause:
        raise click.ClickException(f"can't keep {path}: {cause}; give another --state")
