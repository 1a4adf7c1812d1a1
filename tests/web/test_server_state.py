"""The scheduler's state is loaded only where nobody else can have written it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import pytest

from hn_luigi.web.server_state import make_private, why_unsafe

from ..limits import patience
from ..processes import REPOSITORY

STRANGER = 54321
takes_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def state(tmp_path):
    """A state in a folder of its own."""
    (tmp_path / "kept").mkdir(mode=0o700)
    path = tmp_path / "kept/state.pickle"
    path.write_bytes(pickle.dumps(({}, {}, {})))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_one_s_own_is_loaded(state, mode):
    state.chmod(mode)
    assert why_unsafe(str(state)) == ""
    state.unlink()
    assert why_unsafe(str(state)) == ""


def test_in_a_folder_for_all_it_is_safe_once_it_is_there(tmp_path, state):
    """As under ``/tmp``: others can't replace it, but could put one there that is missing."""
    state.parent.chmod(0o1777)
    assert why_unsafe(str(state)) == ""
    state.unlink()
    assert why_unsafe(str(state)).startswith(f"others can write to {state.parent}")


@pytest.mark.parametrize("mode", [0o602, 0o662])
def test_a_file_that_others_may_write_is_refused(state, mode):
    state.chmod(mode)
    assert "can be written by others" in why_unsafe(str(state))


@pytest.mark.parametrize("level", ["kept", "kept/inner"])
def test_a_folder_on_the_way_that_others_may_write_is_refused(tmp_path, state, level):
    folder = state.parent / "inner"
    folder.mkdir(mode=0o700)
    (tmp_path / level).chmod(0o777)
    assert why_unsafe(str(folder / "x")).startswith(f"others can write to {tmp_path / level}")


def test_a_link_is_refused_and_one_on_the_way_is_followed(tmp_path, state):
    link = tmp_path / "link.pickle"
    link.symlink_to(state)
    assert "is a symbolic link" in why_unsafe(str(link))
    (tmp_path / "way").symlink_to(state.parent)
    assert why_unsafe(str(tmp_path / "way/state.pickle")) == ""
    state.parent.chmod(0o777)
    assert "others can write to" in why_unsafe(str(tmp_path / "way/state.pickle"))


@takes_root
@pytest.mark.parametrize("what", ["file", "folder", "group"])
def test_what_is_another_user_s_is_refused(state, what):
    if what == "group":
        state.parent.chmod(0o770)
        os.chown(state.parent, -1, STRANGER)
    else:
        os.chown(state if what == "file" else state.parent, STRANGER, -1)
    where = state if what == "file" else state.parent
    assert str(where) in why_unsafe(str(state))


@takes_root
def test_a_group_of_one_s_own_is_nobody_else(state):
    state.parent.chmod(0o770)
    state.chmod(0o660)
    assert why_unsafe(str(state)) == ""


def test_the_server_refuses_it_in_a_line_and_runs_nothing(state, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    state.write_bytes(pickle.dumps(Evil()))
    state.chmod(0o666)
    command = [sys.executable, "-m", "hn_luigi.cli", "serve", "--port", "0", "--state", state]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=patience()
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"hn-luigi: {state} can be written by others")
    assert not (tmp_path / "ran").exists()


def test_what_is_no_file_is_refused_and_not_waited_for(state):
    state.unlink()
    os.mkfifo(state, 0o600)
    assert "is not a file" in why_unsafe(str(state))


@pytest.mark.parametrize("there", [True, False])
def test_it_is_made_for_nobody_else_whatever_the_umask(state, there):
    state.chmod(0o644)
    if not there:
        state.unlink()
    before = os.umask(0)
    try:
        make_private(str(state))
    finally:
        os.umask(before)
    assert state.stat().st_mode & 0o777 == 0o600
    assert state.stat().st_size == (len(pickle.dumps(({}, {}, {}))) if there else 0)


def test_the_scheduler_writes_in_what_was_made_private(state, monkeypatch):
    """Its own file would be open to all for a moment, and to who has opened it for good."""
    from luigi.scheduler import Scheduler

    from hn_luigi.web import server

    modes = []

    def dump(self):
        modes.append(os.stat(state).st_mode & 0o777)

    state.unlink()
    monkeypatch.setattr(Scheduler, "dump", dump)
    monkeypatch.setattr(server, "count_repeats", lambda: None)
    monkeypatch.setattr(server.asyncio, "run", lambda coroutine: coroutine.close())
    endpoint = server.Endpoint(0)
    sockets = server.listen(endpoint)
    try:
        server.serve(sockets, endpoint, str(state), alerts=False, time_limit=540)
    finally:
        for each in sockets:
            each.close()
    assert modes == [0o600]
