"""``hn-luigi prune`` removes old windows, and says what."""

from __future__ import annotations

import subprocess

import pytest

from hn_luigi import Wordcloud
from hn_luigi.assets.operations.prune import Pruned
from hn_luigi.cli import prune as prune_module


@pytest.fixture
def disk(tmp_path):
    """A file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a file system takes root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_it_says_what_it_removes_of_each_asset(run, say, clock, root, contents):
    run(3)
    run(1, feed="ask")
    clock.advance(days=30)
    before = contents(root)
    told = say("prune --keep 30d --dry-run")
    assert contents(root) == before
    done = say("prune --keep 30d")
    assert done.out.splitlines()[0] == ("Removed windows that began before 2026-11-22 12:54 UTC")
    rows = [line.split()[:2] for line in done.out.splitlines()[2:]]
    assert rows == [
        ["top/story_ids", "2"],
        ["top/stories", "2"],
        ["top/wordcloud", "2"],
        ["all", "6"],
    ]
    assert told.out == done.out.replace("Removed", "Would remove")
    assert say("verify").out == "6 outputs match their records\n"
    assert say("prune --keep 30d").out == (
        "Nothing to remove among windows that began before 2026-11-22 12:54 UTC\n"
    )


def test_a_window_that_is_being_made_is_named(run, say, clock, window):
    run(2)
    partition = Wordcloud.from_str_params({"as_of": window}).partition
    clock.advance(days=30)
    with partition.store.lock(partition.key):
        said = say("prune --keep 30d")
    assert f"are being made: top/wordcloud/{window}" in said.out
    assert partition.stat()


def test_on_a_read_only_root_it_is_a_line_each(run, say, clock, settings, disk, contents):
    settings("storage", root=disk)
    run(2)
    clock.advance(days=30)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    before = contents(disk)
    said = say("prune --keep 30d")
    assert said.code == 1
    assert said.out == "Removed none of the windows that began before 2026-11-22 12:44 UTC\n"
    assert len(said.err.splitlines()) == 3
    for line in said.err.splitlines():
        assert "Read-only file system; mount it writable" in line
    assert contents(disk) == before


def test_how_much_to_keep_must_be_said(say):
    assert say("prune").code == 2
    assert "like 90m, 12h, 30d or 2w" in say("prune --keep 0d").err


def test_what_can_t_be_removed_stops_nothing_else(run, say, clock, root, window):
    run(3)
    clock.advance(days=30)
    output = root / f"top/stories/{window}.parquet"
    output.unlink()
    output.mkdir()
    said = say("prune --keep 30d")
    assert said.code == 1
    (line,) = said.err.splitlines()
    assert str(output) in line
    rows = [line.split()[:2] for line in said.lines[2:]]
    assert rows == [
        ["top/story_ids", "2"],
        ["top/stories", "1"],
        ["top/wordcloud", "2"],
        ["all", "5"],
    ]


def test_errors_move_no_cursor(say, clock, monkeypatch):
    def prune(datasets, **options):
        return [Pruned(datasets[0], errors=("can't remove a\x1b[2J\nb",))]

    monkeypatch.setattr(prune_module, "prune_windows", prune)
    said = say("prune --keep 30d")
    assert (said.code, said.err) == (1, "can't remove a\\x1b[2J b\n")


def test_everything_that_was_ever_made_is_within_100_years(say, clock):
    assert say("prune --keep 36500d").code == 0
    said = say("prune --keep 36501d")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "it must be at most 36500 days" in said.err
