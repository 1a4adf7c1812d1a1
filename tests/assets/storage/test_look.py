"""What it asks of an object store to see that nothing is to be refreshed."""

from __future__ import annotations

import pytest

from ...refresh.idle import look, make, watcher


@pytest.mark.parametrize("count", [3, 50])
def test_a_look_asks_an_object_store_three_times_an_asset_and_three_more_at_most(
    relayed, relay, settings, clock, monkeypatch, count
):
    """For its day's outputs, the record of its window, and its failed attempts."""
    watcher(settings, monkeypatch)(count)
    make()
    look()
    relay.clear()
    look()
    assert 0 < len(relay.requests) <= 3 * count + 3
