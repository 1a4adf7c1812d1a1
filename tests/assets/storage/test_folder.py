from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hn_luigi.assets.errors import StorageError, UnknownScheme
from hn_luigi.assets.storage import Folder, open_store

from ...limits import largest_file


@pytest.fixture
def store(tmp_path):
    return Folder(str(tmp_path / "data"))


def test_what_is_written_is_read(store):
    stat = store.write("a/b.txt", b"one")
    assert store.read("a/b.txt") == b"one"
    assert stat == store.stat("a/b.txt")
    assert stat.size == 3


def test_what_is_absent_is_none(store):
    assert store.read("a/b.txt") is None
    assert store.stat("a/b.txt") is None
    assert store.names("a") == []


def test_a_write_replaces_what_was_there_and_an_open_reader_keeps_the_old(store):
    store.write("a.txt", b"old")
    with open(store.path("a.txt"), "rb") as reader:
        store.write("a.txt", b"new")
        assert reader.read() == b"old"
    assert store.read("a.txt") == b"new"


def test_names_are_of_files_without_staged_ones(store):
    store.write("a/1.txt", b"")
    store.write("a/deeper/2.txt", b"")
    with open(store.path("a/.1.txt.99.tmp"), "w"):
        pass
    assert store.names("a") == ["1.txt"]


def test_a_write_that_fails_keeps_the_old_bytes_and_leaves_nothing(store):
    store.write("a/b.txt", b"old")
    with (
        largest_file(10),
        pytest.raises(StorageError, match=r"can't write .*b.txt: File too large"),
    ):
        store.write("a/b.txt", b"new" * 100)
    assert store.read("a/b.txt") == b"old"
    assert os.listdir(store.path("a")) == ["b.txt"]


def test_a_root_below_a_file_is_expected(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="something in this path is a file"):
        Folder(str(tmp_path / "file")).write("a.txt", b"")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_expected(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="give this user the right to it"):
        Folder(str(tmp_path)).write("a.txt", b"")


def test_a_url_is_refused_with_what_works():
    with pytest.raises(UnknownScheme, match="begins with ftp://, which is unknown: it must be a"):
        open_store("ftp://user:secret@host/data")


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_store("~/news").path("a") == str(tmp_path / "news" / "a")


def test_sweep_removes_what_the_dead_left_and_spares_what_the_living_write(store):
    store.write("a/b.txt", b"good")
    dead = store.path("a/.b.txt.1.tmp")
    living = store.path("a/.b.txt.2.tmp")
    open(dead, "w").close()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, living], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        store.sweep("a")
        assert sorted(os.listdir(store.path("a"))) == [".b.txt.2.tmp", "b.txt"]
    finally:
        holder.kill()
        holder.communicate()
    store.sweep("a")
    assert os.listdir(store.path("a")) == ["b.txt"]


HOLD = """
import sys
from hn_luigi.assets.storage import lock
with lock.hold(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_sweep_spares_files_of_other_people(store):
    for name in ("notes.tmp", "uv.lock", ".hidden", ".x.tmp"):
        store.write(f"a/{name}", b"")
    store.sweep("a")
    assert len(os.listdir(store.path("a"))) == 4


def test_what_a_killed_process_of_the_same_id_staged_is_written_over(store):
    os.makedirs(store.path("a"))
    with open(store.path(f"a/.b.txt.{os.getpid()}.tmp"), "wb") as left:
        left.write(b"much longer than what comes")
    store.write("a/b.txt", b"short")
    assert store.read("a/b.txt") == b"short"


def test_a_file_that_is_replaced_is_told_from_the_old_one_at_once(store):
    """Two files of the same size within one tick of the file system's clock."""
    first, second = store.write("a", b"1"), store.write("a", b"2")
    os.utime(store.path("a"), ns=(0, int(first.fingerprint)))
    assert store.stat("a") != first
    assert second != first


def test_a_lock_excludes_another_process_until_it_is_killed(store):
    path = store.path("_locks/a.lock")
    os.makedirs(os.path.dirname(path))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BlockingIOError), store.lock("a", wait=False):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with store.lock("a", wait=False):
        pass


def test_a_lock_leaves_no_file_behind(store):
    with store.lock("a"):
        assert os.listdir(store.path("_locks")) == ["a.lock"]
    assert os.listdir(store.path("_locks")) == []


@pytest.mark.parametrize("step", ["open", "flock", "fstat"])
def test_an_interrupt_while_a_lock_is_taken_leaves_no_file_behind(store, monkeypatch, step):
    """As a signal does, it comes once the system has done what it was asked."""
    interrupted = iter([True])
    module = fcntl if step == "flock" else os
    real = getattr(module, step)

    def interrupt(*args):
        done = real(*args)
        if next(interrupted, False):
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(module, step, interrupt)
    with pytest.raises(KeyboardInterrupt), store.lock("a"):
        pass
    assert os.listdir(store.path("_locks")) == []
    with store.lock("a", wait=False):
        assert store.is_held("a")


@pytest.mark.slow
def test_many_waiters_hold_a_lock_one_at_a_time(store, tmp_path):
    counter = tmp_path / "counter"
    counter.write_text("0")
    workers = [
        subprocess.Popen([sys.executable, "-c", COUNT, store.root, str(counter)]) for _ in range(4)
    ]
    assert [worker.wait() for worker in workers] == [0] * 4
    assert counter.read_text() == "400"


COUNT = """
import pathlib, sys
from hn_luigi.assets.storage import Folder
counter = pathlib.Path(sys.argv[2])
for _ in range(100):
    with Folder(sys.argv[1]).lock("counter"):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


def test_a_lock_that_can_t_be_made_is_expected(tmp_path):
    (tmp_path / "_locks").write_text("in the way")
    with pytest.raises(StorageError) as caught, Folder(str(tmp_path)).lock("a"):
        pass
    assert caught.value.__cause__.errno in (errno.ENOTDIR, errno.EEXIST)


@pytest.mark.parametrize(
    "put",
    [Path.touch, lambda path: path.symlink_to(path), lambda path: path.symlink_to("nowhere")],
    ids=["a file", "a loop", "a broken link"],
)
def test_a_root_that_is_no_folder_is_told_of_rather_than_taken_for_an_empty_one(tmp_path, put):
    put(tmp_path / "root")
    with pytest.raises(StorageError, match="can't list"):
        Folder(str(tmp_path / "root")).names("top")
    assert Folder(str(tmp_path / "missing")).names("top") == []


class TestAFolderInAnOutputsPlace:
    def test_goes_where_it_is_empty(self, store, caplog):
        os.makedirs(store.path("a/b.txt"))
        store.write("a/b.txt", b"x")
        assert os.listdir(store.path("a")) == ["b.txt"]
        assert caplog.messages == []

    def test_is_moved_and_told_of_where_it_holds_something(self, store, caplog):
        os.makedirs(store.path("a/b.txt"))
        Path(store.path("a/b.txt/mine")).write_text("work")
        store.write("a/b.txt", b"x")
        aside, output = sorted(os.listdir(store.path("a")))
        assert output == "b.txt"
        assert Path(store.path(f"a/{aside}/mine")).read_text() == "work"
        assert (
            f"{store.path('a/b.txt')} is where an output belongs, and is not empty" in caplog.text
        )
        assert store.path(f"a/{aside}") in caplog.text

    def test_stays_until_it_was_emptied(self, store):
        aside = Path(store.path("a/.b.txt.7.aside"))
        aside.mkdir(parents=True)
        (aside / "mine").write_text("work")
        store.sweep("a")
        assert (aside / "mine").read_text() == "work"
        (aside / "mine").unlink()
        store.sweep("a")
        assert not aside.exists()

    def test_twice_is_moved_twice(self, store):
        for _ in range(2):
            if os.path.exists(store.path("a/b.txt")):
                os.unlink(store.path("a/b.txt"))
            os.makedirs(store.path("a/b.txt/mine"))
            store.write("a/b.txt", b"x")
        assert len(os.listdir(store.path("a"))) == 3


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_is_named_as_such(store, monkeypatch, code):
    """As NFS without lockd is, which can't be had here."""

    def flock(fd, operation):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    for use in (lambda: store.lock("a").__enter__(), lambda: store.write("a/b.txt", b"x")):
        with pytest.raises(StorageError, match=r"can't lock .*: .*; the file system at /.* has no"):
            use()


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_none_is_held_and_no_file_is_left(monkeypatch, tmp_path, code):
    def flock(fd, operation):
        raise OSError(code, os.strerror(code))

    folder = Folder(str(tmp_path))
    (tmp_path / "_locks").mkdir()
    (tmp_path / "_locks/x.lock").touch()
    monkeypatch.setattr(fcntl, "flock", flock)
    assert not folder.is_held("x")
    with pytest.raises(StorageError), folder.lock("x"):
        pass
    with pytest.raises(StorageError):
        folder.write("x", b"")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
