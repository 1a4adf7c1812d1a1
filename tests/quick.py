"""Which tests are quick: all but those that need a server, a browser, or processes of their own.

What a test needs shows in its fixtures, so that a new one is told from these by itself; one whose
fixtures don't show it is marked ``slow`` where it is written.
"""

from __future__ import annotations

import pytest

SLOW = {
    "browser",
    "checkout",
    "command",
    "disk",
    "forkserver",
    "guarded",
    "mail",
    "port",
    "process",
    "program",
    "repository",
    "serve",
}
HERE = {"folder", "memory"}  # the places for results that are no servers


def leave_out_slow(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the slow ones, and with ``--quick`` keep the others alone."""
    for item in items:
        if is_slow(item):
            item.add_marker("slow")
    if config.option.quick:
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


def is_slow(item: pytest.Item) -> bool:
    """Whether the fixtures of a test show that it takes long."""
    fixtures = set(getattr(item, "fixturenames", ()))
    if "enter" in fixtures:  # a place for results, which is a server unless it is told
        places = getattr(item, "callspec", None)
        return places is None or not HERE & set(map(str, places.params.values()))
    return not SLOW.isdisjoint(fixtures)
