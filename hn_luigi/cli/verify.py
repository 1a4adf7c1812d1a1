"""``hn-luigi verify``: check stored outputs against their records."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta

import click

from hn_luigi.assets.operations import Verification, verify_outputs, window
from hn_luigi.cli.bar import bar
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import Duration, Share
from hn_luigi.cli.output import say, show_json
from hn_luigi.formatting import counted, plain
from hn_luigi.hackernews import FEEDS
from hn_luigi.watchlist import GRAPH


@click.command(cls=Command)
@click.option(
    "--feed",
    "feeds",
    type=click.Choice(FEEDS),
    multiple=True,
    help="Check only the assets of this Hacker News list; may be given more than once.",
)
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
@click.option("--json", "as_json", is_flag=True, help="Print the same facts as JSON.")
def verify(
    feeds: tuple[str, ...], since: timedelta | None, sample: float | None, as_json: bool
) -> None:
    """Check stored outputs against their records.

    All outputs are hashed, unless --since or --sample leaves some out; nothing is changed. It
    reports outputs that were modified or removed outside hn_luigi, outputs without a readable
    record, and a latest that isn't the newest window's output. Latest is always checked. If there
    is anything to report, the exit code is 1.

    \b
    Examples:
      hn-luigi verify --feed top
      hn-luigi verify --since 7d
      hn-luigi verify --sample 5%
    """
    begin = window.now() - since if since else None
    assets = [kind(feed=feed) for feed in feeds or FEEDS for kind in GRAPH]
    with bar("Verifying") as progress:
        found = verify_outputs(assets, since=begin, share=sample or 1.0, progress=progress)
    _show(found, is_partial=bool(since or sample), as_json=as_json)
    if found.problems:
        sys.exit(1)


def _show(found: Verification, *, is_partial: bool, as_json: bool) -> None:
    if as_json:
        facts = asdict(found)
        if not is_partial:
            del facts["left_out"]
        show_json(facts)
    else:
        for problem in found.problems:
            say(f"{problem.key}: {plain(problem.problem)}")
        match = "matches its record" if found.matching == 1 else "match their records"
        good = f"{counted(found.matching, 'output')} {match}"
        problems = counted(len(found.problems), "problem")
        told = f"{problems}; otherwise {good}" if found.problems else good
        total = found.looked_at + found.left_out
        say(f"{told} ({found.looked_at:,} of {total:,} were checked)" if is_partial else told)
