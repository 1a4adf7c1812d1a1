"""``hn-luigi page``: the page of a window as one file of HTML."""

from __future__ import annotations

from datetime import datetime

import click

from hn_luigi.assets.operations import LATEST, NO_WINDOW, newest_start, storage
from hn_luigi.cli.command import Command, again
from hn_luigi.cli.files import replace_file
from hn_luigi.cli.options import latest_option, optional_asset_argument
from hn_luigi.cli.output import say
from hn_luigi.formatting import of_window
from hn_luigi.watchlist import asset_of, first_if_unnamed


@click.command(cls=Command, for_cron=True)
@optional_asset_argument
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="File to write, replaced in one step.",
)
@latest_option
def page(asset: tuple[str, ...], path: str, as_of: datetime | None) -> None:
    """Write the page of ASSET as one HTML file.

    Without ASSET it is the first one of [assets] watch; flags alone are of its class. The file
    needs no other file, no JavaScript and no other host, so it can be published anywhere. It is
    written from what is stored; nothing is rebuilt.

    \b
    Examples:
      hn-luigi page --file /var/www/html/cloud.html
      hn-luigi page DiskReport --city Paris --as-of 2026-11-22T1230 --file disk.html
    """
    from hn_luigi.display import export_html

    words = first_if_unnamed(asset)
    task = asset_of(words)
    missing = f"no window of {task.folder} is stored under {storage().root}"
    if as_of != LATEST or task.own_length() == NO_WINDOW or newest_start(task) is not None:
        task = asset_of(words, as_of=as_of)
        is_stored = task.partition.stat() is not None
        missing = "" if is_stored else f"{of_window(task)} is not stored under {storage().root}"
    if missing:
        line = again("run", *asset)
        raise click.ClickException(f"{missing}: make one with {line}, or name another with --as-of")
    html = export_html(task)
    replace_file(path, html.encode())
    say(f"Written: {path}")
