"""``hn-luigi verify``: check stored outputs against their records."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from hn_luigi.assets.operations import (
    SettingError,
    Verification,
    assets_under,
    cached_requests,
    made_by_none,
    root_store,
    verify_outputs,
    window,
    with_stored,
)
from hn_luigi.cli.bar import bar
from hn_luigi.cli.chosen import chosen
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import Duration, Share, json_option, optional_asset_argument
from hn_luigi.cli.output import say, show_json, warn
from hn_luigi.cli.unmade import tell_unmade
from hn_luigi.formatting import counted, plain
from hn_luigi.watchlist import watched


@click.command(cls=Command, for_cron=True)
@optional_asset_argument
@click.option(
    "--since",
    type=Duration(),
    help="Check only windows that began within this time: 12h, 7d or 4w.",
)
@click.option(
    "--sample",
    type=Share(),
    help="Check only this share of them, such as 5%, and a different one each day: daily runs with "
    "5% cover all in 20 days. A second run on the same day checks the same ones.",
)
@json_option
def verify(
    asset: tuple[str, ...], since: timedelta | None, sample: float | None, as_json: bool
) -> None:
    """Check stored outputs against their records.

    All outputs under the root are hashed, unless --since or --sample leaves some out, or ASSET is
    named, by its folder or one above it, its class, or that and flags; nothing is changed. No class
    has to be loaded: watched ones add what is stored elsewhere, or has no records. It reports
    outputs that were modified or removed outside hn_luigi, outputs without a readable record, and a
    latest that isn't the newest window's output. Latest is always checked. If there is anything to
    report, the exit code is 1.

    \b
    Examples:
      hn-luigi verify top/wordcloud
      hn-luigi verify --since 7d
      hn-luigi verify --sample 5%
    """
    begin = window.now() - since if since else None
    try:
        seen = watched()
    except SettingError as error:
        # What is stored needs no class. Of what was never recorded, or lies under a root of its
        # own, only the class tells.
        seen = None
        warn(f"{error}; so only what is recorded under the root is checked")
    with bar("Verifying") as progress, cached_requests():
        stored = assets_under(root_store())
        assets = chosen(asset, with_stored(seen or [], stored))
        found = verify_outputs(assets, since=begin, share=sample or 1.0, progress=progress)
    unmade = None if seen is None else made_by_none(stored, seen)
    if as_json:
        show_json(_to_json(found, is_partial=bool(since or sample)) | {"unmade": unmade})
    else:
        _show(found, is_partial=bool(since or sample))
        tell_unmade(unmade or [])
    if found.problems:
        raise click.exceptions.Exit(1)


def _to_json(found: Verification, *, is_partial: bool) -> dict[str, Any]:
    facts = asdict(found)
    if not is_partial:
        del facts["left_out"]
    return facts


def _show(found: Verification, *, is_partial: bool) -> None:
    if not (found.looked_at or found.left_out or found.problems):
        say(f"No output is stored under {plain(root_store().root)}, so none was checked")
        return
    for problem in found.problems:
        say(f"{problem.key}: {plain(problem.problem)}")
    match = "matches its record" if found.matching == 1 else "match their records"
    good = f"{counted(found.matching, 'output')} {match}"
    problems = counted(len(found.problems), "problem")
    told = f"{problems}; otherwise {good}" if found.problems else good
    total = found.looked_at + found.left_out
    say(f"{told} ({found.looked_at:,} of {total:,} were checked)" if is_partial else told)
