"""Draws that come out the same on every Python, so that the page is the same bytes.

Python promises that of ``Random.random()`` alone (docs.python.org, "random", "Notes on
Reproducibility"). ``choices()`` makes its draws from it: 3.11, 3.12 and 3.13 were seen to agree.
The generator uses no other method.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

__all__ = ["any_of", "early_of"]


def any_of(chance: Random, options: Sequence[str]) -> str:
    """One of the options, each as likely as the next."""
    return chance.choices(options)[0]


def early_of(chance: Random, options: Sequence[str]) -> str:
    """One of the options, the first far more likely than the last, as words are in a language.

    Zipf's law would give the n-th a weight of 1/n. With 1/(n + 1), the first of 29 languages takes
    17 % of the draws and not 25 %, and the last 1.1 % and not 0.9 %: more of them are seen.
    """
    return chance.choices(options, [1 / (n + 1) for n in range(1, len(options) + 1)])[0]
