"""``hn-luigi alert``: tell people what went wrong, once, and when it is over."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence

import click
from rich.text import Text

from hn_luigi.alerts import Watched, alerts, beat, channels, deliver, look, tell
from hn_luigi.alerts.channels import Channels
from hn_luigi.assets.operations import StorageError, check_section, require_usable, root_store
from hn_luigi.cli.command import Command
from hn_luigi.cli.messages import lasted, since, test_message, to_message
from hn_luigi.cli.output import complain, say, show, styled
from hn_luigi.formatting import listed, moment, plain
from hn_luigi.watchlist import watched

_NOBODY = "nobody is told: set [email] receiver, [alerts] urls or [alerts] heartbeat_url"


@click.command(cls=Command, needs_store=False)  # one that is down is told of
@click.option("--test", is_flag=True, help="Send only a test message to every channel.")
@click.option("--no-heartbeat", is_flag=True, help="Skip the heartbeat.")
def alert(test: bool, no_heartbeat: bool) -> None:
    """Tell people of assets that failed or are late.

    For cron or a timer. It tells when an asset of the feeds named in [assets] feeds has failed
    twice in a row, each time after its retries, or is late (FAIL in hn-luigi freshness), and when
    that is over: it was made again and is fresh. After a night off, lateness counts once a run has
    had its chance. All that is new goes out once, in one message, by e-mail to [email] receiver
    and by the services of [alerts] urls. What was told is kept under the storage root, or on this
    machine while that can't be written. If no channel takes a message, it is sent the next time.

    If every asset is known to be well, [alerts] heartbeat_url is fetched. A service there that
    tells you when this stays out also tells you of a machine that is off.

    The exit code is 0, also if a channel or the heartbeat fails: each that does is a line on
    standard error. It is 2 if the assets can't be judged, or what was told can't be kept. With
    --test it is 1 if a channel fails, and 2 if there is none.

    \b
    Examples:
      hn-luigi alert --test
      */5 * * * *  hn-luigi alert >/dev/null
    """
    check_section(alerts)
    found = channels()
    for trouble in found.troubles:
        _complain(trouble)
    if test:
        require_usable(root_store())
        _test(found)
    else:
        _alert(found, heartbeat_url="" if no_heartbeat else alerts().heartbeat_url)


def _test(found: Channels) -> None:
    if not found.usable and not found.troubles:
        raise click.ClickException("there is no channel: set [email] receiver or [alerts] urls")
    outcome = deliver(test_message(), found.usable, seconds=alerts().timeout)
    _complain_of(outcome)
    reached = _reached(outcome)
    if reached:
        say(f"Sent by {listed(reached)}.")
    if found.troubles or len(reached) < len(outcome):
        sys.exit(1)


def _alert(found: Channels, heartbeat_url: str) -> None:
    reached: list[str] = []

    def send(news: Sequence[Watched]) -> bool:
        outcome = deliver(to_message(news), found.usable, seconds=alerts().timeout)
        _complain_of(outcome)
        reached.extend(_reached(outcome))
        return bool(reached)

    assets = watched(None)
    try:
        # Without a channel nothing is kept, so that what goes on is told once there is one.
        watch = tell(assets, send) if found.usable else look(assets)
    except StorageError:
        if reached:
            say(f"Told by {listed(reached)}.")
        raise
    for each in watch:
        if each.memory.trouble is not None:
            why = f"what was told of it can't be read, so it is told anew ({each.memory.trouble})"
            _complain(f"{each.asset.folder}: {why}")
    for line in _lines(watch):
        show(line)
    if any(each.news for each in watch):
        say(f"Told by {listed(reached)}." if reached else "Nobody was reached.")
    if heartbeat_url and all(each.is_well for each in watch):
        _complain_of({"": beat(heartbeat_url, seconds=alerts().timeout)})
    if not (found.usable or found.troubles or alerts().heartbeat_url):
        _complain(_NOBODY)


def _lines(watch: Sequence[Watched]) -> Iterator[Text]:
    """A line for each incident and for what may yet be one, or one if there are none."""
    for each in watch:
        for incident in each.incidents:
            what = since(incident) if incident.over_at is None else f"over, {lasted(incident)}"
            before = " (told before)" if not incident.is_news else ""
            word = incident.kind
            cause = plain(incident.cause)
            yield styled(word, f" {each.asset.folder}: {what}{before}: {cause}")
        for condition in each.pending:
            what = f"since {moment(condition.since)} UTC (not told yet): {plain(condition.cause)}"
            yield styled(condition.kind, f" {each.asset.folder}: {what}")
    if not any(each.incidents or each.pending for each in watch):
        unknown = [each.asset.folder for each in watch if not each.is_well]
        but = f", as far as is known: nothing is stored of {listed(unknown)}" if unknown else ""
        yield Text(f"Nothing failed, and nothing is late{but}.")


def _reached(outcome: Mapping[str, str | None]) -> list[str]:
    return [name for name, trouble in outcome.items() if trouble is None]


def _complain_of(outcome: Mapping[str, str | None]) -> None:
    for trouble in filter(None, outcome.values()):
        _complain(trouble)


def _complain(trouble: str) -> None:
    complain(f"hn-luigi: {plain(trouble)}")
