"""``hn-luigi prune``: remove old windows, or all of an asset that nobody makes any more."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import timedelta

import click
from rich.table import Table

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import (
    Dataset,
    Pruned,
    SettingError,
    assets_under,
    cached_requests,
    made_by_none,
    place_of,
    prune_windows,
    remove_asset,
    root_store,
    window,
    with_stored,
)
from hn_luigi.cli.bar import bar
from hn_luigi.cli.chosen import all_chosen
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import Duration, assets_argument
from hn_luigi.cli.output import complain, say, show
from hn_luigi.cli.unmade import tell_unmade
from hn_luigi.formatting import counted, listed, plain, size
from hn_luigi.watchlist import watched


@click.command(cls=Command, for_cron=True)
@assets_argument
@click.option(
    "--keep",
    type=Duration(),
    help="How long to keep windows, counted from their start: 12h, 30d or 4w.",
)
@click.option(
    "--folder",
    metavar="NAME",
    help="Remove all that is stored of this asset, which must not be watched.",
)
@click.option("--yes", is_flag=True, help="Don't ask before a --folder is removed.")
@click.option("--dry-run", is_flag=True, help="Show what would be removed, without removing it.")
def prune(
    asset: tuple[str, ...], keep: timedelta | None, folder: str | None, yes: bool, dry_run: bool
) -> None:
    """Remove old windows, or an asset.

    Without ASSET it is about all that is stored. One is named by its folder or one above it, its
    class, or that and flags, and several may be: so that days, say, can be kept longer than the
    windows that they are made from.

    Outputs, records and failed attempts are removed together. The newest window of each asset whose
    output is intact is always kept, however old it is, and so are latest and what an asset with an
    open window is made from. A window that is being made is skipped. What can't be removed is
    reported and doesn't stop the rest; the exit code is then 1.

    What is needed is asked of the watched assets' classes, so nothing is removed if one of them
    can't be loaded.

    \b
    Examples:
      hn-luigi prune --keep 30d --dry-run
      hn-luigi prune DiskUsage DiskReport --keep 7d
      hn-luigi prune --folder top/old_name
    """
    if (keep is None) == (folder is None):
        raise click.UsageError("give --keep, as in --keep 30d, or --folder, and not both")
    if folder is not None and asset:
        raise click.UsageError(f"--folder removes what it names: leave out {asset[0]}")
    if keep is not None:
        is_failed = _prune_windows(asset, keep, dry_run=dry_run)
    else:
        is_failed = _prune_folder(str(folder), yes=yes, dry_run=dry_run)
    if is_failed:
        raise click.exceptions.Exit(1)


def _prune_windows(words: Sequence[str], keep: timedelta, *, dry_run: bool) -> bool:
    """Remove windows that are older, of what ``words`` name; whether some can't be removed."""
    before, seen = window.now() - keep, _watched()
    with bar("Looking" if dry_run else "Removing") as progress, cached_requests():
        stored = assets_under(root_store())
        assets = with_stored(seen, stored)
        pruned = prune_windows(
            [asset.dataset for asset in all_chosen(words, assets)],
            before=before,
            needed_by=assets,
            dry_run=dry_run,
            progress=progress,
        )
    what = f"windows that began before {before:%Y-%m-%d %H:%M} UTC"
    is_failed = _report(pruned, what, dry_run=dry_run)
    tell_unmade(made_by_none(stored, seen))
    return is_failed


def _prune_folder(folder: str, *, yes: bool, dry_run: bool) -> bool:
    """Remove all in ``folder``; whether some of it can't be removed."""
    datasets = _unwatched(folder.strip("/"))
    where = datasets[0].store.path(datasets[0].folder)
    what = f"windows of {plain(where)}"
    if not dry_run:
        would = [remove_asset(dataset, dry_run=True) for dataset in datasets]
        total = sum(pruned.windows for pruned in would), sum(pruned.size for pruned in would)
        if not (yes or _is_confirmed(plain(where), *total)):
            say("Nothing was removed")
            return False
    with bar("Looking" if dry_run else "Removing") as progress:
        pruned = [remove_asset(each, dry_run=dry_run, progress=progress) for each in datasets]
    return _report(pruned, what, dry_run=dry_run)


def _watched() -> list[Asset]:
    try:
        return watched()
    except SettingError as error:
        why = "nothing was removed, since only the watched classes tell what is still needed"
        raise SettingError(f"{error}; {why}") from error


def _unwatched(folder: str) -> list[Dataset]:
    """What is stored in ``folder``; raises SettingError for nothing, or what is watched."""
    seen, stored = _watched(), assets_under(root_store())
    datasets = [asset.dataset for asset in stored if asset.folder == folder]
    if not datasets:
        others = made_by_none(stored, seen)
        choice = f"choose from {listed(others)}" if others else "all that is stored is watched"
        raise SettingError(f"--folder: nothing is stored in {folder!r}: {choice}")
    if place_of(datasets[0]) in {place_of(asset.dataset) for asset in seen}:
        raise SettingError(
            f"--folder: {folder} is watched, and would be made again: take it from [assets] watch "
            "first, or use --keep"
        )
    return datasets


def _is_confirmed(where: str, windows: int, size_of_all: int) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("--folder asks before it removes: without a terminal, add --yes")
    held = f"{counted(windows, 'window')}, {size(size_of_all)}"
    return click.confirm(f"Remove all of {where}: {held}?", err=True)


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
