"""``hn-luigi metrics``: the state of the assets for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

import click

from hn_luigi.assets.operations import (
    AssetStatus,
    ConsecutiveFailures,
    Timestamp,
    rows_of,
    skipped_of,
    status_with_failures,
    window,
)
from hn_luigi.cli.command import Command
from hn_luigi.cli.files import replace_file
from hn_luigi.cli.output import say
from hn_luigi.formatting import plain
from hn_luigi.watchlist import watched

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# Names as Prometheus recommends ("Metric and label naming"): a prefix, base units, `_info` for
# facts in labels. There are no totals: every sample is about what is stored now, and a counter
# would go down when windows are pruned. What isn't known has no sample: 0 is a value, and no rule
# like `lag > limit` ever fires for NaN.
_PREFIX = "hn_luigi_asset_"
_GAUGES = {
    "lag_seconds": "Age of the newest data, counted from when it was read.",
    "freshness_limit_seconds": "Age of the newest data above which the asset is late.",
    "data_timestamp_seconds": "When the newest data was read.",
    "last_success_timestamp_seconds": "When the newest output was made.",
    "duration_seconds": "How long it took to make the newest output.",
    "size_bytes": "Size of the newest output.",
    "rows": "Rows of the newest output.",
    "failed_attempts": "Failed attempts since the asset was last made.",
}
_LONGEST_LABEL = 100  # characters of a reason, which a step may have from anywhere


@click.command(cls=Command, for_cron=True)
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="Write to this file instead of standard output, replacing it in one step.",
)
def metrics(path: str | None) -> None:
    """Print the state of the assets for Prometheus.

    In Prometheus' text format, for the watched assets; node_exporter's textfile collector reads it.
    What isn't known about an asset, such as the rows of one that was never made, has no sample.

    With --file the file is always complete: a reader never sees half of it, and if something goes
    wrong, the old one stays.

    \b
    Example, in a crontab:
      * * * * *  hn-luigi metrics --file /var/lib/node_exporter/hn_luigi.prom
    """
    text = to_text(status_with_failures(watched()))
    if path is None:
        say(text.rstrip("\n"))
    else:
        replace_file(path, text.encode())


def to_text(found: Sequence[tuple[AssetStatus, ConsecutiveFailures]]) -> str:
    """The metrics of all assets in Prometheus' text format."""
    # 10 ms. Of the registry that it has by itself would come metrics of this short process, too.
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Found(Collector):
        def collect(self) -> Iterator[Metric]:
            return families(found)

    registry = CollectorRegistry()
    registry.register(Found())
    return generate_latest(registry).decode()


def families(found: Sequence[tuple[AssetStatus, ConsecutiveFailures]]) -> Iterator[Metric]:
    """The metrics, each with a sample for every asset whose value is known."""
    from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

    for name, text in _GAUGES.items():
        family = GaugeMetricFamily(_PREFIX + name, text, labels=["asset"])
        for status, failures in found:
            if (value := _values(status, failures).get(name)) is not None:
                family.add_metric([status.asset.folder], value)
        yield family
    skipped = GaugeMetricFamily(
        f"{_PREFIX}skipped_items",
        "Items that the newest output had to leave out, by reason.",
        labels=["asset", "reason"],
    )
    state = InfoMetricFamily(
        f"{_PREFIX}state",
        "State of the present window's output, and what the freshness policy says of the newest.",
        labels=["asset"],
    )
    for status, _ in found:
        for reason, count in _skipped(status).items():
            skipped.add_metric([status.asset.folder, reason], count)
        said = {"state": status.staleness.state.value, "freshness": status.lag.freshness.name}
        state.add_metric([status.asset.folder], said)
    yield skipped
    yield state


def _values(status: AssetStatus, failures: ConsecutiveFailures) -> dict[str, float | None]:
    """The value of each gauge; a missing one, or None, isn't known."""
    known: dict[str, float | None] = {"failed_attempts": failures.attempts}
    if policy := status.asset.freshness:
        known["freshness_limit_seconds"] = policy.maximum_lag.total_seconds()
    if status.lag.lag is not None:
        known["lag_seconds"] = status.lag.lag.total_seconds()
    if newest := status.newest:
        known |= {
            "data_timestamp_seconds": _unix(newest.data_time),
            "last_success_timestamp_seconds": _unix(newest.created_at),
            "duration_seconds": newest.duration,
            "size_bytes": newest.size,
            "rows": rows_of(newest),
        }
    return known


def _skipped(status: AssetStatus) -> dict[str, float]:
    """Counts of what the newest output left out, by reason."""
    counts: dict[str, float] = {}
    told = skipped_of(status.newest) if status.newest else None
    for reason, count in (told or {}).items():
        label = plain(reason, _LONGEST_LABEL)  # two may come out alike
        counts[label] = counts.get(label, 0.0) + count
    return counts


def _unix(timestamp: Timestamp) -> float:
    return window.moment(timestamp).replace(tzinfo=UTC).timestamp()
