"""``hn-luigi invalidate``: have the next run make an asset again."""

from __future__ import annotations

from datetime import datetime

import click

from hn_luigi.assets.operations import invalidate_asset
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import as_of_option, asset_argument
from hn_luigi.cli.output import complain, say
from hn_luigi.formatting import of_window
from hn_luigi.watchlist import asset_of


@click.command(cls=Command)
@asset_argument
@as_of_option
def invalidate(asset: tuple[str, ...], as_of: datetime | None) -> None:
    """Have the next run make ASSET again.

    It is made again although nothing about it changed; until then its output stays readable. What
    is made from it is remade only if its output changes. A capture, which reads the outside world,
    can be invalidated only while its window is open, since it can't be made again later.

    \b
    Example:
      hn-luigi invalidate top/wordcloud --as-of latest
    """
    task = asset_of(asset, as_of=as_of)
    which = of_window(task)

    def on_wait() -> None:
        complain(f"{which}: being made by another process; waiting for it")

    if not invalidate_asset(task, on_wait=on_wait):
        say(f"{which}: no output with a readable record; the next run makes it anyway")
    else:
        run = "the next run in its window" if task.capture else "the next run for it"
        say(f"{which}: invalidated; {run} makes it again")
