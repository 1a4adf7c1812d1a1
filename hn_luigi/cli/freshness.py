"""``hn-luigi freshness``: which assets are late, as a monitoring plugin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.text import Text

from hn_luigi.assets import Asset, Freshness
from hn_luigi.assets.operations import Lag, lag_of
from hn_luigi.cli.command import Command
from hn_luigi.cli.options import json_option
from hn_luigi.cli.output import say, show, show_json, styled
from hn_luigi.formatting import age, seconds
from hn_luigi.watchlist import watched

# The exit codes are those of monitoring plugins (Monitoring Plugins Development Guidelines, "Plugin
# Return Codes": 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN), but they are not in order: not to know is
# worse than a warning, and must not hide a known failure.
_BEST_TO_WORST = (Freshness.PASS, Freshness.WARN, Freshness.UNKNOWN, Freshness.FAIL)


@click.command(cls=Command, for_cron=True)
@json_option
def freshness(as_json: bool) -> None:
    """Check whether the assets are fresh enough.

    For monitoring: one line per watched asset, the worst first. Assets without a freshness policy
    are left out.

    The exit code is that of the worst asset: 0 if all PASS, 1 for WARN, 3 for UNKNOWN, which is
    worse than WARN, and 2 for FAIL, which is the worst. It is 3 if there is no asset to evaluate.
    It is also 2, with the cause on standard error, if the question can't be answered: an invalid
    option or setting, a root that can't be read, or output that can't be written. A reader that
    closes the pipe early changes nothing.

    \b
    Example, in a crontab, which mails what is late:
      */5 * * * *  late=$(hn-luigi freshness) || echo "$late"
    """
    found = lags(watched())
    if as_json:
        show_json([lag_json(asset, lag) for asset, lag in found])
    else:
        for asset, lag in found:
            show(lag_line(asset, lag))
        if not found:
            say("UNKNOWN: no watched asset has a freshness policy")
    raise click.exceptions.Exit(exit_code(found))


def lags(assets: Iterable[Asset]) -> list[tuple[Asset, Lag]]:
    """The lag of those of ``assets`` that have a freshness policy, the worst first."""
    found = [(asset, lag_of(asset)) for asset in assets if asset.freshness]
    return sorted(found, key=lambda item: -_BEST_TO_WORST.index(item[1].freshness))


def exit_code(found: Sequence[tuple[Asset, Lag]]) -> int:
    """That of the worst of ``found``, UNKNOWN for none."""
    worst = max(
        (lag.freshness for _, lag in found),
        key=_BEST_TO_WORST.index,
        default=Freshness.UNKNOWN,
    )
    return int(worst.value)


def lag_line(asset: Asset, lag: Lag) -> Text:
    """``PASS top/wordcloud: 3 min old, limit 30 min``."""
    return styled(lag.freshness.name, f" {asset.folder}: {_words(asset, lag)}")


def _words(asset: Asset, lag: Lag) -> str:
    policy = asset.freshness
    if policy is None or lag.freshness is Freshness.UNKNOWN:
        return lag.reason
    warning = lag.freshness is Freshness.WARN
    after = f", warning after {age(policy.warn_after)}" if warning else ""
    return f"{age(lag.lag)} old, limit {age(policy.maximum_lag)}{after}"


def lag_json(asset: Asset, lag: Lag) -> dict[str, Any]:
    """The facts of a line, lengths in seconds."""
    policy = asset.freshness
    return {
        "asset": asset.folder,
        "freshness": lag.freshness.name,
        "lag_seconds": seconds(lag.lag),
        "maximum_lag_seconds": seconds(policy.maximum_lag if policy else None),
        "warn_after_seconds": seconds(policy.warn_after if policy else None),
        "lag_reason": "" if lag.freshness is Freshness.PASS else _words(asset, lag),
        "line": lag_line(asset, lag).plain,
    }
