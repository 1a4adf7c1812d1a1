"""Commands that have assets made again: ``invalidate`` and ``rebuild``."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import click

from hn_luigi.assets import Asset, window
from hn_luigi.assets.invalidate import invalidate as invalidate_asset
from hn_luigi.assets.rebuild import backfill_of
from hn_luigi.assets.rebuild import rebuild as rebuild_assets
from hn_luigi.cli.bar import bar
from hn_luigi.cli.graph import asset_named
from hn_luigi.cli.options import Duration, as_of_option, feed_option
from hn_luigi.cli.show import counted, plain


@click.command()
@click.argument("asset")
@as_of_option
@feed_option
def invalidate(asset: str, as_of: datetime | None, feed: str) -> None:
    """Have the next run make ASSET again.

    It is then made although nothing about it changed; its output stays readable until then.
    What is made from it is remade only if it comes out different. StoryIds and Stories can be
    invalidated while their window is open; later they could not be made again.

    \b
    Example:
      hn-luigi invalidate Wordcloud --as-of latest
    """
    task = asset_named(asset, feed=feed, as_of=as_of)

    def on_wait() -> None:
        click.echo(f"{task.key} is being made by another process: waiting for it", err=True)

    if not invalidate_asset(task, on_wait=on_wait):
        click.echo(f"{task.key} isn't stored with a readable record: the next run makes it anyway")
    elif task.capture:
        click.echo(f"{task.key} is invalidated: the next run in its window makes it again")
    else:
        click.echo(f"{task.key} is invalidated: the next run for its window makes it again")


@click.command()
@click.argument("asset")
@click.option(
    "--since",
    type=Duration(),
    required=True,
    help="How far back to go: 12h, 7d or 4w.",
)
@feed_option
def rebuild(asset: str, since: timedelta, feed: str) -> None:
    """Remake past windows of ASSET that are stale.

    After a change of code or settings this brings past outputs up to date, oldest first, from
    what is stored, without a request. A window that fails is told of and stops no other; the
    exit code is then 1.

    \b
    Example:
      hn-luigi rebuild Wordcloud --since 7d
    """
    begin = window.now() - since
    task = asset_named(asset, feed=feed, as_of=None)
    where = f"{task.folder} since {begin:%Y-%m-%d %H:%M} UTC"
    backfill = backfill_of(task, since=begin)
    if backfill.lost:
        lost = counted(len(backfill.lost), "stale window")
        click.echo(
            f"{lost} in {where} can't be remade: what it takes is not stored. "
            "The output stays as it is"
        )
    if not backfill.stale:
        click.echo(
            f"Nothing to remake in {where}: {counted(len(backfill.current), 'window')} current"
        )
        return
    done: list[tuple[Asset, str | None]] = []
    try:
        with bar(f"Remaking {task.folder}") as progress:
            progress(0, len(backfill.stale))
            for outcome in rebuild_assets(backfill.stale):
                done.append(outcome)
                progress(len(done), len(backfill.stale))
    finally:
        failed = [(remade.key, error) for remade, error in done if error is not None]
        for key, error in failed:
            click.echo(f"{key} failed: {plain(error)}")
        made = f"{len(done) - len(failed):,} of {counted(len(backfill.stale), 'stale window')}"
        click.echo(f"Remade {made} in {where}")
    if failed:
        sys.exit(1)


COMMANDS = (invalidate, rebuild)
