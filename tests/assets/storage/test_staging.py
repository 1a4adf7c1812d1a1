"""This machine's folder for what an object store can't hold: locks, and files not yet put."""

from __future__ import annotations

import os

import pytest

from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.storage import open_store
from hn_luigi.assets.storage.staging import machine_folder

from .children import another_that_holds, answer_of, forked

pytestmark = [
    pytest.mark.usefixtures("machine"),
    # Luigi forks its workers beside the threads of fsspec, and so do these tests.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


def in_the_way(kind, machine, monkeypatch):
    """Has something stand where the folder should, and says where."""
    if kind == "link":
        elsewhere = machine.parent / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        machine.symlink_to(elsewhere)
    if kind == "file":
        machine.write_text("")
    if kind in ("group", "everybody"):
        machine.mkdir()
        machine.chmod(0o770 if kind == "group" else 0o707)
    if kind == "another":
        if os.geteuid():
            pytest.skip("only root can give a folder away")
        machine.mkdir()
        os.chown(machine, os.getuid() + 1, -1)
    return machine


class TestMachine:
    """What an object store can't hold lies in a folder of this machine and user."""

    @pytest.fixture
    def store(self, enter):
        return open_store(enter("memory").root)

    @pytest.fixture
    def staging(self, store):
        """Starts a process that writes and doesn't close."""

        def run(end):
            writer = store.target("top/x.txt", binary=True).open("w")
            writer.write(b"half")
            writer.flush()
            end.send("staged")
            end.recv()

        return lambda: forked(run)

    def test_sweep_removes_what_the_dead_left_and_spares_the_living(self, store, staging, machine):
        with staging() as (_, end):
            assert answer_of(end) == "staged"
        assert len(list(machine.glob("staged/.*.tmp"))) == 1
        with another_that_holds(store.root, "top/dead"):
            pass
        with (
            staging() as (_, end),
            another_that_holds(store.root, "top/living"),
            store.target("top/y.txt", binary=True).open("w") as ours,
        ):
            assert answer_of(end) == "staged"
            assert len(list(machine.glob("staged/.*.tmp"))) == 3
            assert len(list(machine.glob("*/_locks/top/*.lock"))) == 2
            store.sweep("top")
            assert len(list(machine.glob("staged/.*.tmp"))) == 2
            assert [path.stem for path in machine.glob("*/_locks/top/*.lock")] == ["living"]
            assert store.is_held("top/living")
            ours.write(b"whole")
        assert store.read("top/y.txt") == b"whole"
        store.sweep("top")
        assert list(machine.glob("staged/.*")) == list(machine.glob("*/_locks/top/*")) == []
        assert store.names("top") == ["y.txt"]

    def test_sweep_spares_what_is_no_staged_file_and_locks_of_other_roots(self, store, machine):
        for path in ("staged/notes.txt", "staged/.hidden", "others/_locks/top/x.lock"):
            (machine / path).parent.mkdir(parents=True, exist_ok=True)
            (machine / path).write_text("")
        machine.chmod(0o700)
        store.sweep("top")
        assert sorted(p.name for p in machine.rglob("*") if p.is_file()) == [
            ".hidden",
            "notes.txt",
            "x.lock",
        ]

    def test_the_folder_is_this_user_s_alone(self, store, machine):
        with store.lock("top/x"):
            assert machine.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("kind", ["link", "file", "group", "everybody", "another"])
    def test_a_folder_that_others_may_change_is_not_used_and_blocks_nobody(
        self, kind, store, machine, monkeypatch, tmp_path
    ):
        machine = in_the_way(kind, machine, monkeypatch)
        cache = tmp_path / f"home/.cache/{machine.name}"
        with store.lock("top/x"):
            assert list(cache.rglob("*.lock"))
            assert store.is_held("top/x")
            assert cache.stat().st_mode & 0o777 == 0o700
        with store.target("top/x", binary=True).open("w") as file:
            file.write(b"x")
            assert list((cache / "staged").iterdir())
        store.sweep("top")
        assert not machine.is_dir() or not list(machine.iterdir())

    def test_where_no_folder_is_one_s_own_it_says_so(self, store, machine, monkeypatch, tmp_path):
        machine.write_text("")
        (tmp_path / "home").write_text("")
        for use in (
            machine_folder,
            lambda: store.lock("top/x").__enter__(),
            lambda: store.is_held("top/x"),
            lambda: store.target("top/x", binary=True).open("w"),
            lambda: store.sweep("top"),
        ):
            with pytest.raises(StorageError, match=f"{machine}.*; can't make .*home.*set TMPDIR"):
                use()

    @pytest.mark.parametrize("blocked", [False, True])
    def test_a_login_and_cron_exclude_each_other(
        self, store, machine, monkeypatch, tmp_path, blocked
    ):
        """The one has a runtime folder, the other hasn't."""
        if blocked:
            machine.write_text("")
        runtime = tmp_path / "runtime"
        runtime.mkdir(mode=0o700)
        for first, second in [(str(runtime), ""), ("", str(runtime))]:
            monkeypatch.setenv("XDG_RUNTIME_DIR", first)
            with store.lock("top/x"):
                monkeypatch.setenv("XDG_RUNTIME_DIR", second)
                assert store.is_held("top/x")
                with pytest.raises(BlockingIOError), store.lock("top/x", wait=False):
                    pass
            assert not store.is_held("top/x")
        assert (runtime / "hn_luigi").stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("kind", ["missing", "relative", "open"])
    def test_a_runtime_folder_that_is_none_is_passed_over(
        self, kind, store, machine, monkeypatch, tmp_path
    ):
        runtime = tmp_path / "runtime"
        if kind != "missing":
            runtime.mkdir()
            runtime.chmod(0o777 if kind == "open" else 0o700)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_RUNTIME_DIR", "runtime" if kind == "relative" else str(runtime))
        with store.lock("top/x"):
            assert list(machine.rglob("*.lock"))
        assert not (runtime / "hn_luigi").exists()
