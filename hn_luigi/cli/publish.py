"""``hn-luigi publish``: the pages of what is watched as a site of static files."""

from __future__ import annotations

import sys

import click

from hn_luigi.assets.operations import check_section
from hn_luigi.cli.bar import bar
from hn_luigi.cli.command import Command
from hn_luigi.cli.output import complain, say
from hn_luigi.formatting import counted, plain
from hn_luigi.publishing import SiteError, publish_site
from hn_luigi.publishing import publish as settings


@click.command(cls=Command, for_cron=True)
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Folder of the site: an empty one at first, or none yet.",
)
def publish(folder: str) -> None:
    """Write the pages of all watched assets as a static site.

    Any web server can serve it, or a browser open it: it needs no JavaScript, and its links are
    relative. It has the newest page of each asset, and a page for each day, week or month of those
    that have such windows. With [publish] base_url, readers can subscribe (Atom) to those that keep
    their latest. It is written from what is stored; nothing is rebuilt.

    A file is replaced in one step, and only if it changes; nothing is said where none does. What
    was published stays when its window is pruned. Files that somebody else put there aren't
    touched. What can't be published is named, and doesn't stop the rest; the exit code is then 1.

    \b
    Example:
      hn-luigi publish --to /var/www/html/news
    """
    check_section(settings)
    base_url = settings().base_url
    try:
        with bar("Publishing") as progress:
            outcome = publish_site(folder, base_url=base_url, progress=progress)
    except SiteError as error:
        raise click.ClickException(str(error)) from error
    for trouble in outcome.troubles:
        complain(plain(trouble))
    if outcome.written or outcome.removed or sys.stdout.isatty():
        removed = f", {outcome.removed:,} removed" if outcome.removed else ""
        written = f"{counted(outcome.written, 'file')} written{removed}"
        say(f"Published to {folder}: {counted(outcome.pages, 'page')}, {written}")
        if not base_url:
            say("Readers can't subscribe to it: set [publish] base_url to its address")
    if outcome.troubles:
        raise click.exceptions.Exit(1)
