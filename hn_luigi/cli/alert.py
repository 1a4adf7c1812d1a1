"""``hn-luigi alert``: notify people of what went wrong, once, and when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click
from rich.text import Text

from hn_luigi.alerts import (
    AssetIncidents,
    Channels,
    Message,
    alerts,
    channels,
    deliver,
    find_incidents,
    send_heartbeat,
    send_news,
)
from hn_luigi.assets.operations import StorageError, check_section, require_usable, root_store
from hn_luigi.cli.command import Command
from hn_luigi.cli.messages import lasted, since, test_message, to_message
from hn_luigi.cli.output import say, show, styled, warn
from hn_luigi.formatting import listed, plain
from hn_luigi.watchlist import watched

_NO_CHANNEL = "no channel is configured"


@click.command(cls=Command, for_cron=True, needs_store=False)  # one that is down is reported
@click.option("--test", is_flag=True, help="Send only a test message to every channel.")
@click.option("--no-heartbeat", is_flag=True, help="Skip the heartbeat.")
def alert(test: bool, no_heartbeat: bool) -> None:
    """Notify people about assets that failed, are late or suspect.

    For cron or a timer. It reports each watched asset that has failed twice in a row, each time
    after its retries, that is late (FAIL in hn-luigi freshness), or of whose newest window checks
    warn; and once more when that is over. After a night off, lateness is reported only once a run
    has had the chance to fix it. All news goes out once, in one message: by e-mail to [email]
    receiver, and through the services of [alerts] urls. What was sent is saved under the storage
    root, or on this machine while the root can't be written. If no channel accepts a message, it is
    sent the next time.

    While every asset is known to be well, [alerts] heartbeat_url is fetched. A service that
    notifies you when this stops also covers a machine that is off.

    The exit code is 0 even if a channel or the heartbeat fails: each failure is a line on standard
    error. It is 2 if the assets can't be evaluated or the alert state can't be saved. With --test
    it is 1 if a channel fails, and 2 if none is configured.

    \b
    Examples:
      hn-luigi alert --test
      */5 * * * *  hn-luigi alert >/dev/null
    """
    check_section(alerts)
    configured = channels()
    for error in configured.errors:
        warn(error)
    if test:
        require_usable(root_store())
        _test(configured)
    else:
        _alert(configured, heartbeat_url="" if no_heartbeat else alerts().heartbeat_url)


def _test(configured: Channels) -> None:
    if not configured.usable and not configured.errors:
        raise click.ClickException(f"{_NO_CHANNEL}: set [email] receiver or [alerts] urls")
    reached = _deliver(test_message(), configured)
    if reached:
        say(f"Sent by {listed(reached)}.")
    if configured.errors or len(reached) < len(configured.usable):
        raise click.exceptions.Exit(1)


def _alert(configured: Channels, heartbeat_url: str) -> None:
    reached: list[str] = []

    def send(news: Sequence[AssetIncidents]) -> bool:
        reached.extend(_deliver(to_message(news), configured))
        return bool(reached)

    assets = watched()
    try:
        # Without a channel nothing is saved, so that what goes on is sent once there is one.
        found = send_news(assets, send) if configured.usable else find_incidents(assets)
    except StorageError:
        if reached:
            say(f"Sent by {listed(reached)}.")
        raise
    _show(found)
    if any(asset.news for asset in found):
        say(f"Sent by {listed(reached)}." if reached else _why_unsent(configured))
    if heartbeat_url and all(asset.is_well for asset in found):
        _warn_of([send_heartbeat(heartbeat_url, seconds=alerts().timeout)])
    if not (configured.usable or configured.errors or alerts().heartbeat_url):
        warn(f"{_NO_CHANNEL}: set [email] receiver, [alerts] urls or [alerts] heartbeat_url")


def _show(found: Sequence[AssetIncidents]) -> None:
    for asset in found:
        if asset.before.error is not None:
            why = f"its alert state can't be read, so its news is sent anew ({asset.before.error})"
            warn(f"{asset.asset.folder}: {why}")
    for line in _lines(found):
        show(line)


def _why_unsent(configured: Channels) -> str:
    if configured.usable:
        return "No channel accepted it; it is sent the next time."
    return "No channel is configured." if not configured.errors else "No channel can be used."


def _lines(found: Sequence[AssetIncidents]) -> Iterator[Text]:
    """A line for each incident and for what may yet be one, or one if there are none."""
    for asset in found:
        for incident in asset.incidents:
            what = since(incident) if incident.over_at is None else f"over, {lasted(incident)}"
            before = " (already sent)" if not incident.is_news else ""
            line = f" {asset.asset.folder}: {what}{before}: {plain(incident.cause)}"
            yield styled(incident.kind, line)
        for condition in asset.pending:
            what = f"{since(condition)} (not sent yet): {plain(condition.cause)}"
            yield styled(condition.kind, f" {asset.asset.folder}: {what}")
    if not any(asset.incidents or asset.pending for asset in found):
        unknown = [asset.asset.folder for asset in found if not asset.is_well]
        but = f", as far as is known: nothing is stored of {listed(unknown)}" if unknown else ""
        yield Text(f"Nothing failed, and nothing is late{but}.")


def _deliver(message: Message, configured: Channels) -> list[str]:
    """The names of the channels that accepted it."""
    outcome = deliver(message, configured.usable, seconds=alerts().timeout)
    _warn_of(outcome.values())
    return [name for name, error in outcome.items() if error is None]


def _warn_of(errors: Iterable[str | None]) -> None:
    for error in filter(None, errors):
        warn(error)
