"""What was read lately is kept, and what nobody asks for any more is not."""

from __future__ import annotations

import pytest

from hn_luigi.assets.storage.recent import Recent


@pytest.fixture
def read(clock):
    """Reads a version of a key; what was read anew is in ``read.anew``."""
    recent = Recent(3)

    def read(key, version=1):
        return recent.get(key, version, lambda: read.anew.append(key) or f"{key}{version}")

    read.anew = []
    return read


def test_it_is_read_once_a_version(read):
    assert [read("a"), read("a"), read("a", 2), read("a", 2)] == ["a1", "a1", "a2", "a2"]
    assert read.anew == ["a", "a"]


def test_what_is_asked_for_every_nine_minutes_stays(read, clock):
    for _ in range(20):
        read("a")
        clock.advance(minutes=9)
    assert read.anew == ["a"]


@pytest.mark.parametrize("hours", [1, -1])
def test_what_nobody_asks_for_goes_also_where_the_clock_is_set(read, clock, hours):
    read("a")
    for _ in range(2):
        clock.advance(hours=hours)
        read("b")
    read("a")
    assert read.anew == ["a", "b", "a"]


def test_the_last_ones_stay_however_many_are_asked_for(read):
    for key in "abcdefgh":
        read(key)
    for key in "hgf":
        read(key)
    assert read.anew == [*"abcdefgh"]
    read("a")
    assert read.anew[-1] == "a"
