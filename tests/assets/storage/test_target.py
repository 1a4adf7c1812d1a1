"""What Luigi expects of a target, on each place that one can be in.

A folder's targets are Luigi's own LocalTarget; a test that takes ``local`` says where those of
an object store can't be like them.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import tempfile
import threading
from contextlib import nullcontext

import pandas as pd
import pytest
from luigi.format import UTF8, Bzip2, Format, Gzip, Nop, TextFormat
from luigi.local_target import LocalTarget
from luigi.target import FileAlreadyExists, FileSystemException

from hn_luigi.assets.errors import BackendUnavailable, UnknownScheme
from hn_luigi.assets.storage import open_store
from hn_luigi.assets.storage.target import StorageTarget

from ...limits import largest_file, patience

# A writer that is left open is one that Python warns of, also where LocalTarget made it.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
FORK = multiprocessing.get_context("fork")
# Enough for what happens on this machine, before anything is put or after it was fetched.
here = pytest.mark.parametrize("backend", ["folder", "memory", "fake_gcs"], indirect=True)


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """This machine's folder for staged files is the test's own."""
    folder = tmp_path / "machine"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def store(backend):
    return open_store(backend.root)


@pytest.fixture
def local(backend):
    """Whether the targets are LocalTargets."""
    return backend.name == "folder"


@pytest.fixture
def make(store, local):
    """The target at a key; what it is kept in is bytes, unless a format says otherwise."""

    def make(key="top/x.txt", format=Nop):
        return (LocalTarget if local else StorageTarget)(store.path(key), format=format)

    return make


@pytest.fixture
def staged(machine, backend, local):
    """What writers have staged and not published or removed."""

    def look():
        folder, pattern = (backend.root, "*-luigi-tmp-*") if local else (machine, ".*.tmp")
        return [path.name for path in type(machine)(folder).rglob(pattern)]

    return look


def put(target, data):
    with target.open("w") as writer:
        writer.write(data)


def get(target, mode="r"):
    with target.open(mode) as reader:
        return reader.read()


class Broken(Exception):
    pass


UNFINISHED = [(Nop, b"new"), (UTF8, "new"), (Gzip, b"new"), (UTF8 >> Gzip, "new")]


class TestReadingAndWriting:
    def test_the_target_of_a_key_is_at_its_path_and_holds_text_or_bytes(self, store):
        text, data = (store.target("top/x.txt", binary=binary) for binary in (False, True))
        assert text.path == data.path == str(text) == store.path("top/x.txt")
        put(text, "größe\n数\n")
        assert get(text) == "größe\n数\n"
        assert get(data) == store.read("top/x.txt") == "größe\n数\n".encode()
        put(data, b"\x00\xff")
        assert get(data) == b"\x00\xff"
        put(data, b"")
        assert get(data) == b""

    @here
    def test_the_mode_may_say_that_it_is_binary(self, make):
        target = make()
        with target.open("wb") as writer:
            writer.write(b"1")
        assert get(target, "rb") == b"1"

    @here
    def test_another_mode_is_refused_and_changes_nothing(self, make, staged):
        target = make()
        put(target, b"1")
        for mode in ("a", "r+", "w+", "x", ""):
            with pytest.raises(Exception, match="mode must be"):
                target.open(mode)
        assert get(target) == b"1"
        assert staged() == []

    @here
    def test_newlines_stay_in_storage_and_are_read_as_python_reads_text(self, make):
        text = "a\nb\r\nc\rd"
        put(make(format=UTF8), text)
        assert get(make()) == text.encode()
        assert get(make(format=UTF8)) == "a\nb\nc\nd"
        assert get(make(format=TextFormat(encoding="utf8", newline=""))) == text

    @here
    def test_lines_are_written_and_iterated(self, make):
        target = make(format=UTF8)
        with target.open("w") as writer:
            writer.writelines(f"{number}ä\n" for number in range(3))
        with target.open("r") as reader:
            assert list(reader) == ["0ä\n", "1ä\n", "2ä\n"]
        with make().open("r") as reader:
            assert reader.readline() == "0ä\n".encode()
            assert list(reader) == ["1ä\n".encode(), "2ä\n".encode()]

    def test_a_reader_may_seek_and_leaves_nothing_behind(self, make, staged):
        put(make(), bytes(range(100)))
        with make().open("r") as reader:
            assert staged() == []
            reader.seek(-10, io.SEEK_END)
            assert reader.read(2) == b"Z["
            assert reader.tell() == 92
            assert reader.seekable()
        assert reader.closed

    @pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # by aiohttp
    def test_an_open_reader_keeps_what_it_opened_while_it_is_replaced_and_removed(self, make):
        old, new = bytes(3_000_000), b"1" * 3_000_000
        target = make()
        put(target, old)
        with target.open("r") as first:
            assert first.read(10) == old[:10]
            put(target, new)
            with target.open("r") as second:
                target.remove()
                assert first.read() == old[10:]
                assert second.read() == new

    def test_what_is_missing_can_t_be_read(self, make, staged):
        put(make("top/deep/x.txt"), b"1")
        for key in ("top/y.txt", "nowhere/y.txt", "top/deep/x"):
            with pytest.raises(FileNotFoundError):
                make(key).open("r")
        assert staged() == []

    def test_a_folder_can_t_be_read(self, backend, make, staged):
        put(make("top/x.txt"), b"1")
        wrong = {"folder": IsADirectoryError, "memory": BackendUnavailable}
        with pytest.raises(wrong.get(backend.name, FileNotFoundError)):
            make("top").open("r")
        assert staged() == []

    def test_a_path_may_hold_signs_of_every_kind(self, make, store):
        for key in ("größe 数/ä b.txt", "50% +,;=@&/%41%2F{x}.txt"):
            target = make(key)
            put(target, b"1")
            assert target.path == store.path(key)
            assert target.exists()
            assert get(target) == b"1"
            target.copy(make("copied.txt").path)
            assert get(make("copied.txt")) == b"1"
            target.remove()
            assert not target.exists()

    def test_what_is_a_pattern_or_a_query_elsewhere_is_a_name_only_on_disk(self, make, local):
        put(make("top/x1.txt"), b"1")
        for key in ("top/x[1].txt", "top/*", "top/x?.txt", "top/x#1"):
            target = make(key)
            if local:
                put(target, b"2")
                target.remove()
                continue
            for use in (target.exists, target.remove, target.open):
                with pytest.raises(UnknownScheme):
                    use()
        assert get(make("top/x1.txt")) == b"1"


class TestPublishing:
    def test_a_file_appears_and_is_replaced_when_its_writer_closes(self, make, staged):
        target = make()
        for old, new in ((None, b"1"), (b"1", b"2")):
            writer = target.open("w")
            writer.write(new)
            writer.flush()
            assert target.exists() == (old is not None)
            assert old is None or get(target) == old
            writer.close()
            assert get(target) == new
            assert staged() == []

    def test_an_exception_publishes_nothing_and_keeps_the_old(self, make, staged):
        for number, (format, data) in enumerate(UNFINISHED):
            target = make(f"top/{number}", format=format)
            for old in (False, True):
                if old:
                    put(make(f"top/{number}"), b"old")
                with pytest.raises(Broken), target.open("w") as writer:
                    writer.write(data)
                    raise Broken
                del writer
                assert staged() == []
                assert target.exists() == old
            assert get(make(f"top/{number}")) == b"old"

    @here
    def test_a_writer_that_is_dropped_publishes_nothing_and_cleans_up(self, make, staged):
        for format, data in UNFINISHED:
            target = make(format=format)
            writer = target.open("w")
            writer.write(data)
            assert len(staged()) == 1
            del writer
            assert staged() == []
            assert not target.exists()

    @here
    @pytest.mark.parametrize("format", [Nop, UTF8])
    def test_closing_twice_publishes_once(self, format, make, local):
        target = make(format=format)
        old, new = ("1", "2") if format is UTF8 else (b"1", b"2")
        again = pytest.raises(FileNotFoundError) if local else nullcontext()
        with again, target.open("w") as writer:  # LocalTarget misses what it has moved already
            writer.write(old)
            writer.close()
            put(target, new)
        with pytest.raises(FileNotFoundError) if local and format is Nop else nullcontext():
            writer.close()
        assert get(target) == new

    @here
    def test_a_disk_that_is_full_publishes_nothing_however_often_it_is_closed(self, make, local):
        if local:
            pytest.skip("LocalTarget publishes what fitted when it is closed again")
        target = make()
        put(target, b"old")
        writer = target.open("w")
        with largest_file(100):
            writer.write(b"new" * 100)
            with pytest.raises(OSError, match="too large"):
                writer.close()
            writer.close()
        assert get(target) == b"old"

    def test_a_put_that_fails_is_told_of_and_keeps_the_old(
        self, relayed, relay, machine, settings, monkeypatch
    ):
        settings("storage_s3", options='{"config_kwargs": {"retries": {"total_max_attempts": 1}}}')
        monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
        target = open_store(relayed.root).target("top/x.txt", binary=True)
        put(target, b"old")
        writer = target.open("w")
        writer.write(bytes(600_000))
        relay.cut_after(300_000)
        with pytest.raises(BackendUnavailable, match=r"can't write s3://bucket.*/top/x.txt: "):
            writer.close()
        relay.restore()
        writer.close()
        del writer
        assert get(target) == b"old"
        assert list(machine.rglob(".*.tmp")) == []

    @pytest.mark.parametrize("s3", ["moto"], indirect=True)  # what counts is who sweeps
    def test_what_is_being_put_is_not_swept(self, s3, relayed, relay, machine, settings):
        store = open_store(relayed.root)
        target = store.target("top/x.txt", binary=True)
        store.require_reachable()
        writer = target.open("w")
        writer.write(b"1")
        relay.hang()
        relay.clear()
        put_it = threading.Thread(target=writer.close)
        put_it.start()
        while put_it.is_alive() and not relay.requests:
            put_it.join(0.01)
        settings("storage_s3", **s3.settings["storage_s3"])  # so that the locks can be listed
        store.sweep("top")
        spared = len(list(machine.rglob(".*.tmp")))
        relay.restore()
        put_it.join()
        assert spared == 1
        assert list(machine.rglob(".*.tmp")) == []
        assert get(target) == b"1"


class Shout(Format):
    input = output = "bytes"

    def pipe_writer(self, output_pipe):
        write = output_pipe.write
        output_pipe.write = lambda data: write(data.upper())
        return output_pipe

    def pipe_reader(self, input_pipe):
        input_pipe.shouted = True
        return input_pipe


@here
class TestFormats:
    @pytest.mark.parametrize(
        ("format", "magic"), [(Gzip, b"\x1f\x8b"), (Bzip2, b"BZh")], ids=["gzip", "bzip2"]
    )
    def test_what_is_compressed_is_so_in_storage(self, format, magic, make, staged):
        target = make("top/x.packed", format=format)
        put(target, b"one\ntwo\n" * 1000)
        raw = get(make("top/x.packed"))
        assert raw[: len(magic)] == magic
        assert len(raw) < 1000
        assert get(target) == b"one\ntwo\n" * 1000
        assert staged() == []

    def test_formats_chain(self, make):
        target = make("top/x.gz", format=UTF8 >> Gzip)
        with target.open("w") as writer:
            writer.writelines(["ä\n", "b\n"])
        with target.open("r") as reader:
            assert list(reader) == ["ä\n", "b\n"]
        assert get(make("top/x.gz", format=Gzip)) == "ä\nb\n".encode()

    def test_a_format_of_the_user_s_own_wraps_both_ends(self, make):
        target = make(format=Shout())
        put(target, b"abc")
        with target.open("r") as reader:
            assert reader.shouted
            assert reader.read() == b"ABC"

    def test_parquet_goes_through_open(self, make):
        frame = pd.DataFrame({"title": ["ä", "b"], "score": [1, 2]})
        target = make("top/x.parquet")
        with target.open("w") as writer:
            frame.to_parquet(writer)
        with target.open("r") as reader:
            pd.testing.assert_frame_equal(
                pd.read_parquet(reader, columns=["score"]), frame[["score"]]
            )


class TestFileSystem:
    def test_it_exists_from_its_publication_to_its_removal(self, make):
        target = make("top/x.txt")
        assert not target.exists()
        put(target, b"1")
        assert target.exists()
        assert target.fs.exists(target.path)
        assert not make("top/x").exists()
        target.remove()
        assert not target.exists()
        with pytest.raises(FileNotFoundError):
            target.remove()

    def test_a_folder_exists_only_on_disk(self, make, local):
        put(make("top/x.txt"), b"1")
        assert make("top").exists() == local  # elsewhere, only what has bytes does

    def test_it_is_copied(self, make, local):
        target, copied = make("top/x.txt"), make("new/deep/y.txt")
        put(target, b"1")
        target.copy(copied.path)
        assert get(target) == get(copied) == b"1"
        put(target, b"2")
        with pytest.raises(RuntimeError if local else FileAlreadyExists):
            target.copy(copied.path, raise_if_exists=True)
        assert get(copied) == b"1"
        target.copy(copied.path)
        assert get(copied) == b"2"
        with pytest.raises(FileNotFoundError):
            make("missing").copy(copied.path)
        assert get(copied) == b"2"

    def test_it_is_moved(self, make):
        target, moved = make("top/x.txt"), make("new/deep/y.txt")
        put(target, b"1")
        target.move(moved.path)
        assert get(moved) == b"1"
        assert not target.exists()
        put(target, b"2")
        with pytest.raises(FileAlreadyExists):
            target.move(moved.path, raise_if_exists=True)
        assert (get(target), get(moved)) == (b"2", b"1")
        target.fs.rename(target.path, moved.path)
        assert get(moved) == b"2"
        with pytest.raises(FileNotFoundError):
            target.move(moved.path)
        assert get(moved) == b"2"

    def test_moved_to_where_it_is_it_stays(self, make):
        target = make()
        put(target, b"1")
        target.move(target.path)
        assert get(target) == b"1"

    @pytest.mark.filterwarnings("ignore:File system .* doesn't support atomic mv")
    def test_renaming_replaces_nothing(self, make):
        target, other = make("top/x.txt"), make("top/y.txt")
        put(target, b"1")
        target.fs.rename_dont_move(target.path, other.path)
        assert not target.exists()
        put(target, b"2")
        with pytest.raises(FileAlreadyExists):
            target.fs.rename_dont_move(target.path, other.path)
        assert (get(target), get(other)) == (b"2", b"1")

    def test_nothing_moves_to_a_store_of_another_kind(self, enter):
        target = open_store(enter("memory").root).target("top/x.txt", binary=True)
        put(target, b"1")
        for go in (target.copy, target.move):
            with pytest.raises(UnknownScheme, match="is not in the same kind of store as memory:"):
                go("s3://bucket/top/x.txt")
        assert get(target) == b"1"

    def test_a_folder_is_listed_to_any_depth(self, make, store):
        fs = make().fs
        for key in ("top/x.txt", "top/y.txt", "top2/z.txt"):
            put(make(key), b"1")
        top = [store.path("top/x.txt"), store.path("top/y.txt")]
        assert sorted(fs.listdir(store.path("top"))) == top
        put(make("top/deep/z.txt"), b"1")
        deep = store.path("top/deep/z.txt")
        assert sorted(fs.listdir(store.path("top"))) == [deep, *top]
        assert list(fs.listdir(store.path("nowhere"))) == []

    def test_a_folder_is_there_while_something_is_below_it(self, make, store, local):
        fs = make().fs
        fs.mkdir(store.path("top"))
        assert fs.isdir(store.path("top")) == local  # elsewhere, none is without objects
        put(make("top/x.txt"), b"1")
        assert fs.isdir(store.path("top"))
        assert not fs.isdir(store.path("to"))
        assert not fs.isdir(store.path("top/x.txt"))
        fs.mkdir(store.path("top"))
        for there in ("top", "top/x.txt"):
            with pytest.raises(FileAlreadyExists):
                fs.mkdir(store.path(there), raise_if_exists=True)
        make("top/x.txt").remove()
        assert fs.isdir(store.path("top")) == local

    def test_a_folder_is_removed_with_what_is_below_it_unless_forbidden(self, make, store, local):
        fs = make().fs
        for key in ("top/x.txt", "top/deep/y.txt", "top2/z.txt"):
            put(make(key), b"1")
        with pytest.raises(OSError if local else FileSystemException):
            fs.remove(store.path("top"), recursive=False)
        assert get(make("top/deep/y.txt")) == b"1"
        fs.remove(store.path("top2/z.txt"), recursive=False)
        assert not make("top2/z.txt").exists()
        put(make("top2/z.txt"), b"1")
        fs.remove(store.path("top"))
        assert not fs.isdir(store.path("top"))
        assert get(make("top2/z.txt")) == b"1"
        for recursive in (True, False):
            with pytest.raises(FileNotFoundError):
                fs.remove(store.path("top"), recursive=recursive)

    @pytest.mark.filterwarnings("ignore:File system .* doesn't support atomic mv")
    def test_a_temporary_path_is_moved_unless_an_exception_ends_its_block(self, make, store):
        def at(path):
            return make(path.removeprefix(store.path("")))

        target = make("new/x.txt")
        with pytest.raises(Broken), target.temporary_path() as path:
            put(at(path), b"1")
            raise Broken
        assert not target.exists()
        with target.temporary_path() as path:
            put(at(path), b"2")
            assert not target.exists()
        assert get(target) == b"2"
        assert not at(path).exists()
        with pytest.raises(FileAlreadyExists), target.temporary_path() as path:
            put(at(path), b"3")
        assert get(target) == b"2"


class TestProcesses:
    @pytest.fixture
    def in_child(self):
        def run_in_child(ask):
            def run(end):
                try:
                    end.send(ask())
                except Exception as error:
                    end.send(error)

            ours, theirs = FORK.Pipe()
            process = FORK.Process(target=run, args=(theirs,))
            process.start()
            theirs.close()
            assert ours.poll(patience()), "the other process says nothing"
            answer = ours.recv()
            process.join()
            ours.close()
            return answer

        return run_in_child

    def test_it_works_in_a_forked_process_and_after_it_here(self, backend, make, in_child, staged):
        target = make(format=UTF8)
        put(target, "parent")

        def ask():
            old = get(target)
            put(target, "child")
            return old

        answer = in_child(ask)
        if backend.name == "memory":  # where each process has its own
            assert isinstance(answer, BackendUnavailable)
        else:
            assert answer == "parent"
            assert get(target) == "child"
        put(target, "parent again")
        assert get(target) == "parent again"
        assert staged() == []

    @here
    def test_a_writer_that_a_forked_process_inherits_stays_this_one_s(self, make, in_child):
        target = make()
        with target.open("w") as writer:
            writer.write(b"1")
            in_child(os.getpid)
            writer.write(b"2")
        assert get(target) == b"12"

    def test_it_is_pickled_as_what_it_is(self, make):
        target = make(format=UTF8 >> Gzip)
        put(target, "1")
        again = pickle.loads(pickle.dumps(target))
        assert again.path == target.path
        assert get(again) == "1"
