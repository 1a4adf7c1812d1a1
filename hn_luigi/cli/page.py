"""``hn-luigi page``: the page of a window as one file of HTML."""

from __future__ import annotations

from datetime import datetime

import click

from hn_luigi.cli.command import Command
from hn_luigi.cli.files import replace_file
from hn_luigi.cli.options import as_of_option, feed_option
from hn_luigi.cli.output import say
from hn_luigi.watchlist import asset_named


@click.command(cls=Command)
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="File to write, replaced in one step.",
)
@as_of_option
@feed_option
def page(path: str, as_of: datetime | None, feed: str) -> None:
    """Write the page of a window as one HTML file.

    It needs no other file, no JavaScript and no other host, so it can be published anywhere. A
    click on a word of the cloud lists the stories behind it. The page is written from what is
    stored; nothing is rebuilt.

    \b
    Examples:
      hn-luigi page --as-of latest --file /var/www/html/cloud.html
      hn-luigi page --as-of 2026-11-22T1230 --feed show --file show.html
    """
    from hn_luigi.web.export import export_html

    task = asset_named("Wordcloud", feed=feed, as_of=as_of)
    replace_file(path, export_html(task).encode())
    say(f"Written: {path}")
