"""``hn-luigi verify``: check stored outputs against their records."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from hn_luigi.assets.verify import verify as verify_assets
from hn_luigi.cli.bar import bar
from hn_luigi.cli.command import Command
from hn_luigi.cli.output import say, show_json
from hn_luigi.graph import GRAPH
from hn_luigi.hackernews import FEEDS
from hn_luigi.wording import counted, plain


@click.command(cls=Command)
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
            say(f"{problem.asset}/{problem.window}: {plain(problem.problem)}")
        match = "matches its record" if found.matching == 1 else "match their records"
        good = f"{counted(found.matching, 'output')} {match}"
        problems = counted(len(found.problems), "problem")
        say(f"{problems}; otherwise {good}" if found.problems else good)
    if found.problems:
        sys.exit(1)
