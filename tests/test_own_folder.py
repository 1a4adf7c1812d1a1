"""Only a folder that nobody else can change is this user's own."""

from __future__ import annotations

import os

import pytest

from hn_luigi.own_folder import is_own


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    return folder


def test_a_folder_of_this_user_is(folder):
    assert is_own(folder)


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_one_that_others_may_write_is_not(folder, mode):
    folder.chmod(mode)
    assert not is_own(folder)


def test_a_link_to_one_is_not(folder):
    link = folder.with_name("link")
    link.symlink_to(folder)
    assert not is_own(link)


def test_a_file_and_nothing_are_not(folder):
    (folder / "file").touch(mode=0o600)
    assert not is_own(folder / "file")
    assert not is_own(folder / "missing")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_is_not(folder):
    os.chown(folder, 65534, -1)
    assert not is_own(folder)
