"""``hn-luigi page``: the page of a window as one file of HTML."""

from __future__ import annotations

from datetime import datetime

import click

from hn_luigi.assets.operations import LATEST, NO_WINDOW, InputMissing, newest_start, storage
from hn_luigi.cli.command import Command, again
from hn_luigi.cli.files import replace_file
from hn_luigi.cli.options import latest_option, optional_asset_argument
from hn_luigi.cli.output import say
from hn_luigi.watchlist import asset_of


@click.command(cls=Command)
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

    Without ASSET it is the first one of [assets] watch. The file needs no other file, no JavaScript
    and no other host, so it can be published anywhere. It is written from what is stored; nothing
    is rebuilt.

    \b
    Examples:
      hn-luigi page --file /var/www/html/cloud.html
      hn-luigi page DiskReport --city Paris --as-of 2026-11-22T1230 --file disk.html
    """
    from hn_luigi.web.export import export_html

    task = asset_of(asset)
    try:
        if as_of == LATEST and task.own_length() != NO_WINDOW and newest_start(task) is None:
            raise InputMissing(f"{task.folder} has no window under {storage().root}")
        html = export_html(asset_of(asset, as_of=as_of))
    except InputMissing as error:
        raise click.ClickException(f"{error}: make one by {again('run', *asset)}") from error
    replace_file(path, html.encode())
    say(f"Written: {path}")
