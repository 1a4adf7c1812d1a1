"""One file, replaced in one step."""

from __future__ import annotations

import os
import stat

import pytest

from hn_luigi.assets.storage.replace import replacing

from ...limits import largest_file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    return path


def test_it_is_there_once_the_block_ends_and_not_before(file):
    with replacing(str(file), b"new") as fd:
        assert file.read_text() == "old"
        staged = os.fstat(fd)
    assert file.read_text() == "new"
    assert os.path.samestat(staged, file.stat())
    assert os.listdir(file.parent) == ["x.txt"]


def test_what_fails_within_the_block_leaves_what_was_there_and_nothing_else(file):
    with pytest.raises(RuntimeError), replacing(str(file), b"new"):
        raise RuntimeError
    assert file.read_text() == "old"
    assert os.listdir(file.parent) == ["x.txt"]


def test_what_doesn_t_fit_never_begins_the_block(file):
    with (
        largest_file(10),
        pytest.raises(OSError, match="File too large"),
        replacing(str(file), b"new" * 100),
    ):
        pytest.fail("it was begun")
    assert file.read_text() == "old"
    assert os.listdir(file.parent) == ["x.txt"]


def test_the_mode_that_is_asked_for_holds_whatever_the_umask(file):
    before = os.umask(0o077)
    try:
        with replacing(str(file), b"new", mode=0o644):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list anywhere")
def test_a_folder_that_can_t_be_listed_takes_it(file):
    file.parent.chmod(0o300)
    try:
        with replacing(str(file), b"new"):
            pass
    finally:
        file.parent.chmod(0o700)
    assert file.read_text() == "new"


def test_what_a_killed_process_of_the_same_id_left_is_written_over(file):
    (file.parent / f".x.txt.{os.getpid()}.tmp").write_text("a longer rest")
    with replacing(str(file), b"new"):
        pass
    assert file.read_text() == "new"
    assert os.listdir(file.parent) == ["x.txt"]
