"""A line of the table that the benchmark prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of the table; ``ratio`` is to be at most, or at least, ``bound``."""

    what: str
    detail: str
    ratio: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.ratio >= self.bound if self.at_least else self.ratio <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        result = "met" if self.met else "MISSED"
        return (
            f"{self.what:<44} {self.ratio:>7.2f} {sign} {self.bound:<5g} {result:<7} {self.detail}"
        )
