"""``hn-luigi rebuild``: remake the stale windows of an asset, its backfill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import Backfill, WindowLength, backfill_of, window
from hn_luigi.assets.operations import rebuild as rebuild_assets
from hn_luigi.cli.bar import bar
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import Duration, asset_argument
from hn_luigi.cli.output import say
from hn_luigi.formatting import clock, counted, of_window, plain
from hn_luigi.watchlist import asset_of


@click.command(cls=Command)
@asset_argument
@click.option(
    "--since",
    type=Duration(),
    required=True,
    help="How far to go back: 12h, 7d or 4w.",
)
def rebuild(asset: tuple[str, ...], since: timedelta) -> None:
    """Remake past windows of ASSET that are stale.

    After a change of code or settings this brings past outputs up to date, oldest first, from what
    is stored, without any request. A window that fails is reported and doesn't stop the others; the
    exit code is then 1.

    \b
    Example:
      hn-luigi rebuild top/wordcloud --since 7d
    """
    begin = window.now() - since
    task = asset_of(asset)
    where = f"{task.folder} since {clock(begin)} UTC"
    backfill = backfill_of(task, since=begin)
    _show_skipped(backfill, where, task.declared_length)
    if not backfill.stale:
        say(f"Nothing to remake in {where}: {counted(len(backfill.current), 'window')} current")
    elif not _remake(backfill.stale, f"Remaking {task.folder}", where):
        raise click.exceptions.Exit(1)


def _show_skipped(backfill: Backfill, where: str, declared: WindowLength | None) -> None:
    if backfill.of_another_length:
        said = f"{counted(backfill.of_another_length, 'stored window')} in {where}"
        say(f"{said}, of another length than {declared or '[assets] window_minutes'}, skipped")
    if backfill.lost:
        lost = counted(len(backfill.lost), "stale window")
        say(
            f"{lost} in {where} can't be remade, since the inputs are not stored. "
            "The outputs stay as they are"
        )


def _remake(stale: Sequence[Asset], label: str, where: str) -> bool:
    """Remake the windows and print the outcome, also if interrupted; whether all succeeded."""
    done: list[tuple[Asset, str | None]] = []
    try:
        with bar(label) as progress:
            progress(0, len(stale))
            for outcome in rebuild_assets(stale):
                done.append(outcome)
                progress(len(done), len(stale))
    finally:
        failed = [(remade, error) for remade, error in done if error is not None]
        for remade, error in failed:
            say(f"failed {of_window(remade)}: {plain(error)}")
        made = f"{len(done) - len(failed):,} of {counted(len(stale), 'stale window')}"
        say(f"Remade {made} in {where}")
    return not failed
