"""``hn-luigi prune``: remove old windows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta

import click
from rich.table import Table

from hn_luigi.assets.operations import Pruned, prune_windows, window
from hn_luigi.cli.bar import bar
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import Duration
from hn_luigi.cli.output import complain, say, show
from hn_luigi.formatting import listed, plain, size
from hn_luigi.hackernews import FEEDS
from hn_luigi.watchlist import GRAPH


@click.command(cls=Command)
@click.option(
    "--keep",
    type=Duration(),
    required=True,
    help="How long to keep windows, counted from their start: 12h, 30d or 4w.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be removed, without removing it.")
def prune(keep: timedelta, dry_run: bool) -> None:
    """Remove old windows of all assets and feeds.

    Outputs, records and failed attempts are removed together. The newest window of each asset whose
    output is intact is always kept, however old it is, and so are latest and what an asset with an
    open window is made from. A window that is being made is skipped. What can't be removed is
    reported and doesn't stop the rest; the exit code is then 1.

    \b
    Example:
      hn-luigi prune --keep 30d --dry-run
    """
    before = window.now() - keep
    assets = [kind(feed=feed) for feed in FEEDS for kind in GRAPH]
    datasets = [asset.dataset for asset in assets]
    with bar("Looking" if dry_run else "Removing") as progress:
        pruned = prune_windows(
            datasets, before=before, needed_by=assets, dry_run=dry_run, progress=progress
        )
    what = f"windows that began before {before:%Y-%m-%d %H:%M} UTC"
    if _report(pruned, what, dry_run=dry_run):
        sys.exit(1)


def _report(found: Sequence[Pruned], what: str, *, dry_run: bool) -> bool:
    """Print what became of the windows; whether some can't be removed."""
    busy = [str(pruned.dataset.partition(name).key) for pruned in found for name in pruned.busy]
    if busy:
        say(f"Skipped, since they are being made: {listed(busy)}")
    errors = [error for pruned in found for error in pruned.errors]
    for error in errors:
        complain(plain(error))
    removed = [pruned for pruned in found if pruned.windows]
    if removed:
        say(f"{'Would remove' if dry_run else 'Removed'} {what}")
        show(_table(removed))
    else:
        say(f"{'Removed none of the' if errors else 'Nothing to remove among'} {what}")
    return bool(errors)


def _table(removed: list[Pruned]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("Asset")
    grid.add_column("Windows", justify="right")
    grid.add_column("Size", justify="right")
    for pruned in removed:
        grid.add_row(pruned.dataset.folder, f"{pruned.windows:,}", size(pruned.size))
    if len(removed) > 1:
        windows = sum(pruned.windows for pruned in removed)
        grid.add_row("all", f"{windows:,}", size(sum(pruned.size for pruned in removed)))
    return grid
