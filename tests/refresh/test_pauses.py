from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hn_luigi.assets.operations import StorageError
from hn_luigi.refresh import pause, paused, resume


@pytest.fixture(autouse=True)
def stored(root, clock):
    root.mkdir()
    return root / "_refresh/paused.json"


def test_nothing_is_paused_at_first(stored):
    assert paused() == {}
    assert not stored.exists()


def test_a_line_is_paused_since_it_first_was(clock, stored):
    since = clock.at
    pause("top/page")
    clock.advance(minutes=3)
    pause("top/page")
    pause("day")
    assert paused() == {"top/page": since, "day": clock.at}


def test_a_line_that_is_resumed_leaves_the_others_paused(clock):
    pause("top/page")
    pause("day")
    resume("top/page")
    resume("never/paused")
    assert paused() == {"day": clock.at}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 1}',
        b'{"version": 99, "paused": {"day": "2026-11-22T12:00:00.000Z"}}',
        b'{"version": 1, "paused": ["day"]}',
        b'{"version": 1, "paused": {"day": 3, "page": "yesterday"}}',
    ],
)
def test_a_damaged_file_pauses_nothing_says_so_and_is_written_anew(stored, clock, data, caplog):
    stored.parent.mkdir()
    stored.write_bytes(data)
    assert paused() == paused() == {}
    (told,) = caplog.messages
    assert "_refresh/paused.json is damaged" in told
    pause("day")
    assert paused() == {"day": clock.at}


@pytest.mark.parametrize("change", [pause, resume])
def test_a_file_that_can_not_be_read_pauses_nothing_and_is_not_replaced(stored, change):
    """Here a link to what nobody can read, root neither, but replace."""
    stored.parent.mkdir()
    stored.symlink_to("/proc/self/mem")
    assert paused() == {}
    with pytest.raises(StorageError, match=r"_refresh/paused\.json"):
        change("day")
    assert stored.is_symlink()


def test_what_can_not_be_written_is_an_error(root):
    (root / "_refresh").write_text("a file")
    with pytest.raises(StorageError):
        pause("day")


def test_several_at_once_lose_none():
    """Two servers of one root, and a page that is pressed twice."""
    folders = [f"asset-{count}" for count in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pause, folders))
    assert sorted(paused()) == sorted(folders)
