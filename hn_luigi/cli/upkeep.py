"""Commands that look after what is stored: ``prune`` and ``verify``."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta

import click
from rich.table import Table

from hn_luigi.assets import window
from hn_luigi.assets.prune import Pruned
from hn_luigi.assets.prune import prune as prune_series
from hn_luigi.assets.verify import verify as verify_assets
from hn_luigi.cli.bar import bar
from hn_luigi.cli.graph import GRAPH
from hn_luigi.cli.options import Duration
from hn_luigi.cli.show import counted, listed, plain, show, show_json, size
from hn_luigi.hackernews import FEEDS


@click.command()
@click.option(
    "--keep",
    type=Duration(),
    required=True,
    help="How long windows are kept, counted from their start: 12h, 30d or 4w.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and remove nothing.")
def prune(keep: timedelta, dry_run: bool) -> None:
    """Remove old windows of all assets and feeds.

    Their outputs, records and failed attempts go. Of each asset, the newest window whose output
    is intact always stays, however old it is, and so does latest. A window that is just being
    made is left alone.

    \b
    Example:
      hn-luigi prune --keep 30d --dry-run
    """
    before = window.now() - keep
    all_series = [kind(feed=feed).series for feed in FEEDS for kind in GRAPH]
    with bar("Looking" if dry_run else "Removing") as progress:
        found = prune_series(all_series, before=before, dry_run=dry_run, progress=progress)
    busy = [f"{pruned.series.folder}/{name}" for pruned in found for name in pruned.busy]
    if busy:
        click.echo(f"Left alone, since they are just being made: {listed(busy)}")
    removed = [pruned for pruned in found if pruned.windows]
    what = f"that began before {before:%Y-%m-%d %H:%M} UTC"
    if not removed:
        click.echo(f"Nothing to remove among windows {what}")
        return
    click.echo(f"{'Would remove' if dry_run else 'Removed'} windows {what}")
    show(_table(removed))


@click.command()
@click.option(
    "--feed",
    "feeds",
    type=click.Choice(FEEDS),
    multiple=True,
    help="A list of Hacker News whose assets to look at; all by default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(feeds: tuple[str, ...], as_json: bool) -> None:
    """Check stored outputs against their records.

    All are hashed, and nothing is changed. It tells of what was changed or removed by another
    hand, of what has no readable record, and of a latest that is not the newest window's
    output; the exit code is then 1.

    \b
    Example:
      hn-luigi verify --feed top
    """
    assets = [kind(feed=feed) for feed in feeds or FEEDS for kind in GRAPH]
    with bar("Verifying") as progress:
        found = verify_assets(assets, progress=progress)
    if as_json:
        show_json(asdict(found))
    else:
        for problem in found.problems:
            click.echo(f"{problem.asset}/{problem.window}: {plain(problem.problem)}")
        if found.problems:
            click.echo(f"{counted(len(found.problems), 'problem')}; otherwise ", nl=False)
        match = "matches its record" if found.matching == 1 else "match their records"
        click.echo(f"{counted(found.matching, 'output')} {match}")
    if found.problems:
        sys.exit(1)


COMMANDS = (prune, verify)


def _table(removed: list[Pruned]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("Asset")
    grid.add_column("Windows", justify="right")
    grid.add_column("Size", justify="right")
    for pruned in removed:
        grid.add_row(pruned.series.folder, f"{pruned.windows:,}", size(pruned.size))
    if len(removed) > 1:
        windows = sum(pruned.windows for pruned in removed)
        grid.add_row("all", f"{windows:,}", size(sum(pruned.size for pruned in removed)))
    return grid
