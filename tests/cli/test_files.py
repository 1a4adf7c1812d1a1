"""What a command writes where it is told to is whole, for all to read, or as it was."""

from __future__ import annotations

import errno
import fcntl
import stat

import click
import pytest

from hn_luigi.cli.files import replace_file


@pytest.fixture
def root(tmp_path):
    """Not made here: what is in the folder is counted."""
    return tmp_path / "data"


def test_it_is_for_all_to_read_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "assets.prom"
    replace_file(str(path), b"old")
    replace_file(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_it_needs_no_locks(tmp_path, monkeypatch):
    """A share of node_exporter's may have none, and nobody sweeps it."""

    def refuse(fd, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    replace_file(str(tmp_path / "assets.prom"), b"new")
    assert (tmp_path / "assets.prom").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["folder", "missing/assets.prom"])
def test_what_can_t_be_written_is_named_and_leaves_nothing(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(click.ClickException, match=name):
        replace_file(str(tmp_path / name), b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_a_failure_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "assets.prom"
    path.write_bytes(b"old")

    def full(fd):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(click.ClickException, match="No space left on device"):
        replace_file(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
