"""Which assets are late, as ``hn-luigi freshness`` tells it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from hn_luigi.assets import Asset, Freshness
from hn_luigi.assets.freshness import Lag
from hn_luigi.assets.survey import lag_of
from hn_luigi.cli import show

_BEST_TO_WORST = (Freshness.PASS, Freshness.WARN, Freshness.UNKNOWN, Freshness.FAIL)


def of(assets: Iterable[Asset]) -> list[tuple[Asset, Lag]]:
    """The lag of those of ``assets`` that have a freshness policy, the worst first."""
    found = [(asset, lag_of(asset)) for asset in assets if asset.freshness]
    return sorted(found, key=lambda item: -_BEST_TO_WORST.index(item[1].freshness))


def exit_code(found: Sequence[tuple[Asset, Lag]]) -> int:
    """The worst of ``found``: a known failure is worse than not to know, that than a warning.

    Of nothing, nothing is known.
    """
    worst = max(
        (lag.freshness for _, lag in found),
        key=_BEST_TO_WORST.index,
        default=Freshness.UNKNOWN,
    )
    return int(worst.value)


def line(asset: Asset, lag: Lag) -> Text:
    """``PASS top/wordcloud: 3 min old, limit 30 min``."""
    policy, said = asset.freshness, lag.reason
    if policy and lag.lag is not None and lag.freshness is not Freshness.UNKNOWN:
        said = f"{show.age(lag.lag)} old, limit {show.age(policy.maximum_lag)}"
        if lag.freshness is Freshness.WARN:
            said += f", warning after {show.age(policy.warn_after)}"
    return show.styled(lag.freshness.name, f" {asset.folder}: {said}")


def to_json(asset: Asset, lag: Lag) -> dict[str, Any]:
    """The facts of a line, lengths in seconds."""
    policy = asset.freshness
    return {
        "asset": asset.folder,
        "freshness": lag.freshness.name,
        "lag_seconds": show.seconds(lag.lag),
        "maximum_lag_seconds": show.seconds(policy.maximum_lag if policy else None),
        "warn_after_seconds": show.seconds(policy.warn_after if policy else None),
        "lag_reason": lag.reason,
    }
