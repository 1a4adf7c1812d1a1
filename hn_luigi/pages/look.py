"""What the ``[cloud]`` settings mean for a page: which words count, how much, in which colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hn_luigi.cloud import Picture, draw, weigh
from hn_luigi.hackernews import DECORATIONS, STOP_WORDS

if TYPE_CHECKING:
    import pandas as pd

    from hn_luigi.settings import cloud


@dataclass(frozen=True)
class Counting:
    """Those of the settings that say which words count, and how much."""

    stopwords: str = ""
    keep: str = ""
    weight: str = "headlines"

    @classmethod
    def recorded(cls, settings: Mapping[str, object]) -> Counting:
        """As it was when a record was written that holds these ``settings``, or lacks some."""
        told = {name: settings.get(f"cloud.{name}") for name in ("stopwords", "keep", "weight")}
        return cls(**{name: value for name, value in told.items() if isinstance(value, str)})


def passed_over(look: cloud | Counting) -> dict[str, Any]:
    """What of a title counts for nothing, as arguments of the counting functions."""
    return {
        "stop_words": {*STOP_WORDS, *listed(look.stopwords)},
        "keep": listed(look.keep),
        "ignore": DECORATIONS,
    }


def weights_of(
    stories: pd.DataFrame, found: Mapping[str, Sequence[int]], look: cloud | Counting
) -> dict[str, int]:
    """How much each word weighs, the heaviest first.

    Args:
        stories: with their ``rank`` and ``score``, in any order.
        found: by word, the numbers of the rows whose titles hold it.
        look: the settings.
    """
    points = stories["score"].fillna(0).astype(int)
    return weigh(found, by=look.weight, ranks=list(stories["rank"]), points=list(points))


def drawn(words: Mapping[str, int], look: cloud, rises: Mapping[str, float] | None) -> Picture:
    """The picture of ``words`` by their weights.

    Args:
        words: word to weight.
        look: the settings.
        rises: how much each word rose, as for ``draw``; None where that isn't known.

    Raises:
        CloudError: no word can be drawn, or a setting that can't be drawn with.
    """
    return draw(
        words,
        width=look.width,
        height=look.height,
        max_words=look.max_words,
        background=look.background,
        colormap=look.colormap,
        changes=rises if look.colours == "change" else None,
    )


def labelled(heading: str, look: cloud) -> str:
    """``heading`` after the label that the user set."""
    return f"{look.label} · {heading}" if look.label else heading


def listed(words: str) -> list[str]:
    """The words and phrases of a setting, which commas separate."""
    return [word.strip() for word in words.split(",") if word.strip()]
