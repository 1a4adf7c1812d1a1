"""Two machines that share a store, and differ: in their settings, or in what time it is there."""

from __future__ import annotations

import pytest

from hn_luigi.replica import Faults

from ..command_line.runs import present
from ..processes import wait_until

# Longer than a window's grace is no test's: the day may end while it runs.
FIVE_MINUTES_AHEAD = """
from datetime import timedelta
from hn_luigi.assets import window
as_it_is = window.now
window.now = lambda: as_it_is() + timedelta(minutes=5)
"""


@pytest.fixture
def two(place, scheduler, api):
    """Two workers' hosts that read the API."""
    watch = "hn_luigi Wordcloud"
    return [place(name, scheduler=scheduler, api=api.base_url, watch=watch) for name in ("a", "b")]


class TestSettingsThatDiffer:
    def test_the_other_run_succeeds_and_says_which(self, two, api):
        a, b = two
        day = present()
        api.faults = Faults(rate=1, kinds=("stall",), only="item/")
        first = a.luigi("--as-of", day, "--cloud-width", "800")
        wait_until(lambda: any("/item/" in path for path in api.requests))
        second = b.luigi("--as-of", day)
        wait_until(lambda: "waiting for it" in second.said)
        api.faults = Faults()
        assert (first.end(), second.end()) == (0, 0), first.said + second.said
        assert "cloud.width" in second.said


class TestAClockThatIsFiveMinutesAhead:
    @pytest.mark.parametrize("ahead", ["who makes it", "who looks at it"])
    def test_no_verdict_changes(self, two, ahead):
        a, b = two
        makers, lookers = (FIVE_MINUTES_AHEAD, "")
        if ahead == "who looks at it":
            makers, lookers = lookers, makers
        day = present()
        made = a.luigi("--as-of", day, before=makers)
        assert made.end() == 0, made.said
        again = b.luigi("--as-of", day, before=lookers)
        assert again.end() == 0, again.said
        assert "Making" not in again.said
        fresh = b.command("freshness", before=lookers)
        assert fresh.end() == 0, fresh.said
        assert "PASS top/wordcloud" in fresh.said
