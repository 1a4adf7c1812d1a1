"""Words to draw, the most frequent first; several are of one count."""

from __future__ import annotations

import itertools
from types import MappingProxyType

WORDS = MappingProxyType(
    {
        f"{a}{b}{c}": 40 - i // 3
        for i, (a, b, c) in enumerate(
            itertools.islice(itertools.product("bdgkl", ["ar", "o", "ing"], ["el", "ox", "y"]), 45)
        )
    }
)
