"""The commands that only look: status, explain, history, freshness."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from time import sleep

import click

from hn_luigi.assets.history import history as history_of
from hn_luigi.assets.plan import steps_to
from hn_luigi.assets.survey import survey
from hn_luigi.cli import explanation, lateness, past, show, standing
from hn_luigi.cli.graph import asset_named
from hn_luigi.cli.options import as_of_option, feed_option

WATCH_SECONDS = 5

json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the same facts as JSON: times in ISO 8601, lengths in seconds, sizes in bytes.",
)
asset_argument = click.argument("asset", metavar="ASSET")


@click.command()
@as_of_option
@json_option
@click.option(
    "--watch", is_flag=True, help=f"Show it anew every {WATCH_SECONDS} seconds, until Ctrl-C."
)
def status(as_of: datetime | None, as_json: bool, watch: bool) -> None:
    """How every asset stands, and how old it is.

    One row for each asset of the feeds named in [assets] feeds, upstream first: whether what is
    stored for the present window, or the one --as-of names, matches its definition, and what is
    known of the newest window that was made. Times are UTC. Age is counted from when the data was
    read, not from when the file was written; Lag says what the freshness policy says of it. Below
    stand the reasons, and a failed attempt if nothing was made since.

    \b
    Examples:
      hn-luigi status
      hn-luigi status --as-of latest --json
      hn-luigi status --watch
    """
    if watch and as_json:
        raise click.UsageError("--watch draws a table: leave out --json, or --watch")
    if watch:
        _watch(as_of)
    elif as_json:
        show.show_json([standing.to_json(found) for found in survey(standing.watched(as_of))])
    else:
        show.show(standing.table(survey(standing.watched(as_of)), show.console()))


@click.command()
@asset_argument
@as_of_option
@feed_option
@json_option
def explain(asset: str, as_of: datetime | None, feed: str, as_json: bool) -> None:
    """Why ASSET would be made now, or not.

    What a run would do is said without running anything. Everything ASSET is made from stands
    before it, with its state and the reasons.

    \b
    Examples:
      hn-luigi explain Wordcloud
      hn-luigi explain Wordcloud --feed show --as-of 2026-11-22T1230
    """
    found = asset_named(asset, feed=feed, as_of=as_of)
    steps = steps_to(found)
    if as_json:
        show.show_json(explanation.to_json(found, steps))
    else:
        show.show(explanation.text(found, steps))


@click.command()
@asset_argument
@feed_option
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many to show; no others are read.",
)
@json_option
def history(asset: str, feed: str, limit: int, as_json: bool) -> None:
    """What was made of ASSET, and what failed.

    The newest window stands first, and in a window the last event. For each making: how old its
    data is now, what the step reported, by what code it was made, and whether its output is still
    stored. Failed attempts stand among them.

    \b
    Examples:
      hn-luigi history Wordcloud
      hn-luigi history Stories --feed job -n 5 --json
    """
    series = asset_named(asset, feed=feed, as_of=None).series
    events = history_of(series, limit=limit)
    if as_json:
        show.show_json([past.to_json(event) for event in events])
    else:
        show.show(past.text(series, events))


@click.command()
@json_option
@click.pass_context
def freshness(ctx: click.Context, as_json: bool) -> None:
    """Whether the assets are young enough.

    For monitoring: one line an asset, the worst first. It is about the feeds named in [assets]
    feeds; assets without a freshness policy are left out. The exit code is that of the worst: 0
    PASS, 1 WARN, 3 UNKNOWN, 2 FAIL, where FAIL is worse than UNKNOWN. It is 2 too, with a line on
    standard error, if the configuration is wrong or the root can't be read.

    \b
    Example, in a crontab, which mails what is late:
      */5 * * * *  late=$(hn-luigi freshness) || echo "$late"
    """
    found = lateness.of(standing.watched(None))
    if as_json:
        show.show_json([lateness.to_json(asset, lag) for asset, lag in found])
    else:
        for asset, lag in found:
            show.show(lateness.line(asset, lag))
        if not found:
            click.echo("UNKNOWN: no asset that is watched has a freshness policy")
    ctx.exit(lateness.exit_code(found))


COMMANDS = (status, explain, history, freshness)


def _watch(as_of: datetime | None) -> None:
    from rich.live import Live

    console = show.console()
    if not console.is_terminal:
        raise click.UsageError("--watch needs a terminal: leave it out to print once")
    with suppress(KeyboardInterrupt), Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(standing.table(survey(standing.watched(as_of)), console), refresh=True)
            sleep(WATCH_SECONDS)
