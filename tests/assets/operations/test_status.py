"""How assets stand, and what failed last at them or at what they are made from."""

from __future__ import annotations

import luigi
import pytest

from hn_luigi.assets import Asset, window
from hn_luigi.assets.operations import last_failure_since


@pytest.fixture
def fails(mill, clock, build):
    """Has the making of Bread fail, and tells when that was begun."""
    mill.burnt = [window.name(mill.Bread().as_of)]
    began = window.timestamp(clock())
    build(mill.Bread())
    return began


def test_the_failure_of_an_asset_is_its_last_one_since_then(mill, clock, fails):
    failure = last_failure_since(mill.Bread(), fails)
    assert failure is not None
    assert "too hot" in failure.error
    clock.advance(seconds=1)
    assert last_failure_since(mill.Bread(), window.timestamp(clock())) is None


def test_what_it_is_made_from_counts_too_but_not_behind_a_plain_task(mill, fails):
    class Sandwich(Asset):
        suffix = ".json"

        def requires(self):
            return {"bread": mill.Bread(), "twice": [mill.Bread()]}

    class Delivery(luigi.Task):
        def requires(self):
            return Sandwich()

    class Bill(Asset):
        suffix = ".json"

        def requires(self):
            return Delivery()

    assert last_failure_since(Sandwich(), fails).asset == "bread"
    assert last_failure_since(Bill(), fails) is None
