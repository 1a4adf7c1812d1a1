"""What was read lately, each in its newest version; what nobody asks for any more is let go of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import TypeVar, cast

from hn_luigi.assets import window

_Value = TypeVar("_Value")

# A server looks at what is stored once a minute. By a bound on their number alone, the records of
# the shipped graph were kept for 23 days, 5 to 10 kB each, and the last 50 listings of folders, of
# which each window that is made changes some: 4 MB each where a year is stored.
_KEPT = timedelta(minutes=10)


class Recent:
    """Keeps up to ``most`` values, and as many that are older, for 10 to 20 minutes."""

    # Two dicts, of which one is dropped at a time, and no order of use: each step of it is one that
    # no other thread comes between, and at worst a value is read twice.
    def __init__(self, most: int) -> None:
        self._most = most
        self._new: dict[Hashable, tuple[object, object]] = {}
        self._old = self._new
        self._since = window.now()

    def get(self, key: Hashable, version: object, read: Callable[[], _Value]) -> _Value:
        """What ``read`` returned for that version of ``key``, or returns now."""
        now = window.now()
        if abs(now - self._since) >= _KEPT or len(self._new) >= self._most:
            self._old, self._new, self._since = self._new, {}, now
        found = self._new.get(key) or self._old.get(key)
        if found is None or found[0] != version:
            found = version, read()
        self._new[key] = found
        return cast(_Value, found[1])
