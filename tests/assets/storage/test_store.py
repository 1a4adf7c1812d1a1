"""What every store promises, on each place that one can be in."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest

from hn_luigi.assets.catalog.paths import folder_of
from hn_luigi.assets.errors import BackendUnavailable, StorageError
from hn_luigi.assets.storage import cached_requests, client, open_store
from hn_luigi.assets.storage.staging import machine_folder

from ...limits import patience

# Luigi forks its workers beside the threads of fsspec, and so do these tests.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
FORK = multiprocessing.get_context("fork")
one_server = pytest.mark.parametrize("s3", ["moto"], indirect=True)  # what counts is who asks
PARTS = ["a b+c,d;e=f@g", "50% /?#[*]{x}&\\", "größe 数", "_x", ".x", "", "%41", "数" * 40]


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """This machine's folder for locks and staged files is the test's own."""
    folder = tmp_path / "machine"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return folder / f"hn_luigi-{os.geteuid()}"


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


@pytest.fixture
def store(backend):
    return open_store(backend.root)


@contextmanager
def forked(run):
    """A process that runs ``run(end)``, and our end of its pipe."""
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=run, args=(theirs,))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def answer_of(end):
    assert end.poll(patience()), "the other process says nothing"
    return end.recv()


def in_child(ask):
    """What ``ask()`` returns or raises in a forked process."""

    def run(end):
        try:
            end.send(ask())
        except Exception as error:
            end.send(error)

    with forked(run) as (_, end):
        answer = answer_of(end)
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def another_that_holds(root, key):
    """A process that holds a lock until it is killed, or the block ends."""

    def run(end):
        with open_store(root).lock(key):
            end.send("held")
            end.recv()

    with forked(run) as (process, end):
        assert answer_of(end) == "held"
        yield process


class TestFiles:
    def test_what_is_written_is_read_and_listed_with_its_stat(self, store):
        stat = store.write("top/x.txt", b"one")
        assert store.read("top/x.txt") == b"one"
        assert store.stat("top/x.txt") == stat
        assert stat.size == 3
        assert store.names("top") == ["x.txt"]

    def test_what_replaces_a_file_has_another_fingerprint_and_place(self, store):
        first = store.write("top/x.txt", b"one")
        second = store.write("top/x.txt", b"two")
        assert store.read("top/x.txt") == b"two"
        assert store.stat("top/x.txt") == second
        assert second.fingerprint != first.fingerprint
        assert second.place != first.place

    def test_what_is_absent_is_none_and_removing_it_is_fine(self, store):
        assert store.stat("top/x.txt") is None
        assert store.read("top/x.txt") is None
        assert store.load("top/x.txt", bytes.decode) is None
        assert store.names("top") == []
        store.remove("top/x.txt")
        store.remove()

    def test_an_empty_file_is_there(self, store):
        assert store.write("top/x.txt", b"").size == 0
        assert store.read("top/x.txt") == b""
        assert store.load("top/x.txt", bytes.decode) == ""
        assert store.stat("top/x.txt").size == 0
        assert store.names("top") == ["x.txt"]

    @pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # by aiohttp
    def test_large_data_comes_back_as_it_was(self, store):
        data = os.urandom(12_000_000)
        assert store.write("top/x.bin", data).size == len(data)
        assert store.read("top/x.bin") == data

    def test_names_are_of_files_directly_below_that_begin_so(self, store):
        for key in (
            "top/stories/2026-01.json",
            "top/stories/2026-02.json",
            "top/stories/2027-01.json",
            "top/stories/.2026-03.json",
            "top/stories/2026/deeper.json",
            "top/stories_old/2026-04.json",
            "top/stories.json",
        ):
            store.write(key, b"1")
        every = ["2026-01.json", "2026-02.json", "2027-01.json"]
        assert sorted(store.names("top/stories")) == every
        assert sorted(store.names("top/stories", "2026")) == every[:2]
        assert store.names("top/stories", "2028") == []
        assert store.names("top") == ["stories.json"]
        assert store.read("top/stories/.2026-03.json") == b"1"

    def test_those_of_many_names_that_are_there_come_in_the_order_asked(self, store):
        for name in ("1.txt", "12.txt", "3.txt", "deeper/2.txt"):
            store.write(f"a/{name}", b"")
        asked = ["3.txt", "9.txt", "2.txt", "deeper", "1.txt"]
        assert list(store.there("a", asked)) == ["3.txt", "1.txt"]
        assert list(store.there("a", ["12.txt"])) == ["12.txt"]
        assert list(store.there("a", ["2.txt", "4.txt"])) == []
        assert list(store.there("a", [])) == []
        assert list(store.there("b", ["1.txt"])) == []

    def test_what_is_made_of_a_listing_follows_it(self, store):
        assert store.listed("a", sorted) == []
        store.write("a/2.txt", b"")
        assert store.listed("a", sorted) == ["2.txt"]
        store.write("a/1.txt", b"")
        store.write("a/deeper/3.txt", b"")
        assert store.listed("a", sorted) == ["1.txt", "2.txt"]
        store.remove("a/1.txt", "a/2.txt")
        assert store.listed("a", sorted) == []

    def test_a_file_is_not_found_by_what_its_key_begins_with(self, store):
        store.write("top/deep/x.txt", b"1")
        for key in ("top", "top/deep", "top/deep/x", "top/deep/x.tx"):
            assert store.stat(key) is None
            assert store.read(key) is None
        assert store.names("top") == store.names("to") == []

    def test_several_are_removed_at_once_with_missing_ones_among_them(self, store):
        for name in "abcd":
            store.write(f"top/{name}", b"1")
        store.remove("top/a", "top/missing", "top/b", "top/nowhere/c", "top/d")
        assert store.names("top") == ["c"]
        assert store.read("top/a") is None
        assert store.stat("top/d") is None

    def test_keys_may_hold_all_that_names_of_assets_hold(self, store):
        names = ["2026-11-22T1230Z.json", "a b+c,d;e=f@g.txt", "50%.txt", "%41.txt", "größe 数.txt"]
        folders = [folder_of("top_stories", {"part": part}) for part in PARTS]
        folders.append(folder_of("top_stories", {f"p{n}": part for n, part in enumerate(PARTS)}))
        keys = [f"{folder}/{name}" for folder in folders for name in names]
        for number, key in enumerate(keys):
            store.write(key, str(number).encode())
        for number, key in enumerate(keys):
            folder, _, name = key.rpartition("/")
            assert name in store.names(folder)
            assert store.names(folder, name[:2]) != []
            assert store.stat(key).size == len(str(number))
            assert store.read(key) == str(number).encode()
        store.remove(*keys)
        assert [store.read(key) for key in keys] == [None] * len(keys)

    def test_readers_see_one_whole_value_while_two_writers_replace_it(self, backend, store):
        values = [bytes([sign]) * 300_000 for sign in b"ab"]
        store.write("top/x.bin", values[0])
        written, read = [0, 0], set()

        def overwrite(value):
            done = 0
            for _ in range(10):
                try:
                    done += store.write("top/x.bin", value).size == len(value)
                except BackendUnavailable as error:  # said, where the store can't tell them apart
                    if "was changed by another process" not in str(error):
                        raise
            return done

        def write(number):
            ask = partial(overwrite, values[number])
            written[number] = ask() if backend.name == "memory" else in_child(ask)

        writers = [threading.Thread(target=write, args=[number]) for number in (0, 1)]

        def watch():
            going = True
            while going:
                going = any(writer.is_alive() for writer in writers)
                read.add(store.read("top/x.bin"))

        readers = [threading.Thread(target=watch) for _ in range(2)]
        for thread in [*writers, *readers]:
            thread.start()
        for thread in [*writers, *readers]:
            thread.join()
        assert read <= set(values)
        assert store.read("top/x.bin") in values
        assert sum(written) > 0


class TestLook:
    def test_a_loaded_file_is_parsed_and_a_later_one_seen(self, store):
        store.write("top/x.txt", b"1")
        assert store.load("top/x.txt", int) == 1
        store.write("top/x.txt", b"22")
        assert store.load("top/x.txt", int) == 22

    def test_what_is_written_and_removed_within_a_look_is_seen_in_it(self, store):
        with cached_requests():
            assert store.names("top") == []
            assert store.stat("top/x.txt") is None
            assert store.load("top/x.txt", int) is None
            stat = store.write("top/x.txt", b"1")
            assert store.names("top") == ["x.txt"]
            assert store.stat("top/x.txt") == stat
            assert store.load("top/x.txt", int) == 1
            store.write("top/x.txt", b"2")
            assert store.load("top/x.txt", int) == 2
            assert store.stat("top/y.txt") is None
            assert store.names("top") == ["x.txt"]
            store.remove("top/x.txt", "top/y.txt")
            assert store.names("top") == []
            assert store.stat("top/x.txt") is None
            assert store.load("top/x.txt", int) is None
        assert store.stat("top/x.txt") is None

    def test_what_another_process_changes_is_seen_after_the_look(self, object_store):
        store = open_store(object_store.root)
        first = store.write("top/x.txt", b"1")
        with cached_requests():
            assert store.load("top/x.txt", int) == 1
            assert store.names("top") == ["x.txt"]
            in_child(lambda: [store.write(f"top/{name}.txt", b"22") for name in "xy"])
            assert store.load("top/x.txt", int) == 1
            assert store.stat("top/x.txt") == first
            assert store.stat("top/y.txt") is None
        assert store.load("top/x.txt", int) == 22
        assert store.stat("top/x.txt").size == 2
        assert sorted(store.names("top")) == ["x.txt", "y.txt"]

    @one_server
    def test_within_a_look_nothing_is_asked_twice(self, relayed, relay):
        store = open_store(relayed.root)
        store.write("top/x.txt", b"1")

        def look():
            relay.clear()
            there = [store.stat(f"top/{name}.txt") for name in "xy"]
            read = [store.load(f"top/{name}.txt", bytes.decode) for name in "xy"]
            assert (there[0].size, there[1], *read) == (1, None, "1", None)
            assert store.names("old") == []
            return relay.requests

        with cached_requests():
            assert look() != []
            with cached_requests():
                assert look() == []
            assert look() == []
        assert look() != []

    @one_server
    def test_a_listing_answers_what_is_there_and_what_is_missing(self, relayed, relay):
        store = open_store(relayed.root)
        stat = store.write("top/2026-x.txt", b"1")
        with cached_requests():
            assert store.names("top", "2026") == ["2026-x.txt"]
            relay.clear()
            assert store.stat("top/2026-x.txt") == stat
            assert store.stat("top/2026-y.txt") is None
            assert store.load("top/2026-y.txt", int) is None
            assert store.names("top", "2026-x") == ["2026-x.txt"]
            assert store.names("top", "2026-y") == []
            assert relay.requests == []
            assert store.stat("top/2027-x.txt") is None
            assert relay.requests != []

    @one_server
    def test_what_is_prefetched_is_not_asked_again(self, relayed, relay):
        store = open_store(relayed.root)
        for key in ("top/2026-x.txt", "top/2026-y.txt", "records/x.json", "records/z.json"):
            store.write(key, key[-6:].encode())
        with cached_requests():
            names = ["2026-x.txt", "2026-y.txt", "2026-z.txt"]
            loaded = ["records/x.json", "records/y.json", "records/z.json", "top/2026-z.txt"]
            store.cache_ahead("top", names, loaded)
            assert len(relay.requests) >= 4
            relay.clear()
            assert [bool(store.stat(f"top/{name}")) for name in names] == [True, True, False]
            assert [store.load(key, bytes.decode) for key in loaded] == [
                "x.json",
                None,
                "z.json",
                None,
            ]
            assert relay.requests == []


class TestTrouble:
    @pytest.fixture(autouse=True)
    def once(self, settings, monkeypatch):
        """What fails here fails every time, so that trying again only takes time."""
        settings("storage_s3", options='{"config_kwargs": {"retries": {"total_max_attempts": 1}}}')
        monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)

    def test_a_write_that_is_cut_leaves_what_was_there(self, relayed, relay):
        store = open_store(relayed.root)
        old = store.write("top/x.bin", b"old")
        relay.cut_after(300_000)
        with pytest.raises(BackendUnavailable, match=r"can't write s3://bucket.*/top/x.bin: "):
            store.write("top/x.bin", bytes(600_000))
        relay.restore()
        assert store.stat("top/x.bin") == old
        assert store.read("top/x.bin") == b"old"

    @one_server
    def test_no_answer_is_an_error_and_not_an_absence(self, relayed, relay):
        store = open_store(relayed.root)
        store.write("top/x.txt", b"1")
        with cached_requests():
            relay.refuse()
            for ask in (
                lambda: store.write("top/x.txt", b"new"),
                lambda: store.stat("top/x.txt"),
                lambda: store.read("top/x.txt"),
                lambda: store.load("top/x.txt", int),
                lambda: store.names("top"),
                lambda: store.remove("top/x.txt"),
            ):
                with pytest.raises(BackendUnavailable, match=r"s3:// can't be reached"):
                    ask()
            relay.restore()
            assert store.stat("top/x.txt").size == 1
            assert store.load("top/x.txt", int) == 1
            assert store.names("top") == ["x.txt"]


class TestRequirements:
    def test_a_good_root_is_reachable_and_writable_and_the_probe_leaves_nothing(self, backend):
        store = open_store(backend.root)
        store.require_reachable()
        store.require_writable()
        store.require_writable()
        if backend.name == "folder":
            assert os.listdir(backend.root) == []
        else:
            assert client.client_for(backend.root).list(f"{backend.root}/") == {}

    def test_a_bucket_that_doesn_t_exist_is_named(self, object_store):
        store = open_store(object_store.without)
        url = urlsplit(object_store.without)
        for require in (store.require_reachable, store.require_writable):
            with pytest.raises(
                BackendUnavailable, match=f"there is no {url.scheme}://{url.netloc}; make it"
            ):
                require()

    def test_who_may_only_read_is_refused_before_anything_is_made(self, enter, monkeypatch):
        seaweed = enter("seaweed")
        open_store(seaweed.root).write("top/x.txt", b"1")
        monkeypatch.setattr(client, "_clients", {})  # those know the writer
        for name, value in seaweed.reader.items():
            monkeypatch.setenv(name, value)
        store = open_store(seaweed.root)
        store.require_reachable()
        with pytest.raises(BackendUnavailable, match="missing, wrong or not allowed to"):
            store.require_writable()
        with pytest.raises(BackendUnavailable, match="missing, wrong or not allowed to"):
            store.require_writable()
        found = client.client_for(seaweed.root).list(f"{seaweed.root}/")
        assert list(found) == ["top/x.txt"]
        assert store.read("top/x.txt") == b"1"


class TestProcesses:
    def test_a_forked_process_and_its_parent_both_go_on(self, backend):
        if backend.name == "memory":
            pytest.skip("memory is one process' own")
        store = open_store(backend.root)
        store.write("top/parent.txt", b"1")

        def ask():
            stat = store.write("top/child.txt", b"22")
            assert store.stat("top/child.txt") == stat
            return store.read("top/parent.txt"), sorted(store.names("top"))

        assert in_child(ask) == (b"1", ["child.txt", "parent.txt"])
        assert store.read("top/child.txt") == b"22"
        store.remove("top/child.txt")
        assert store.names("top") == ["parent.txt"]

    def test_memory_of_another_process_is_refused(self, enter):
        store = open_store(enter("memory").root)
        store.write("top/x.txt", b"1")
        for ask in (
            lambda: store.read("top/x.txt"),
            lambda: store.write("top/x.txt", b"2"),
            store.require_reachable,
        ):
            with pytest.raises(BackendUnavailable, match="another process: use it with one worker"):
                in_child(ask)
        assert store.read("top/x.txt") == b"1"


@pytest.mark.parametrize("backend", ["folder", "memory", "fake_gcs"], indirect=True)
class TestLocks:
    def test_a_lock_excludes_another_process_until_it_is_killed(self, backend, store):
        with another_that_holds(backend.root, "top/x") as holder:
            with pytest.raises(BlockingIOError), store.lock("top/x", wait=False):
                pass
            assert store.is_held("top/x")
            assert not store.is_held("top/y")
            with (
                store.lock("top/y", wait=False),
                open_store(f"{backend.root}2").lock("top/x", wait=False),
            ):
                pass
            holder.kill()
            with store.lock("top/x"):
                assert in_child(lambda: store.is_held("top/x"))
        assert not store.is_held("top/x")
        with store.lock("top/x", wait=False):
            pass

    def test_many_wait_and_hold_it_one_at_a_time(self, store, tmp_path):
        counter = tmp_path / "counter"
        counter.write_text("0")

        def count(end):
            for _ in range(50):
                with store.lock("counter"):
                    counter.write_text(str(int(counter.read_text()) + 1))
            end.send("done")

        with forked(count) as (_, first), forked(count) as (_, second), forked(count) as (_, third):
            assert [answer_of(end) for end in (first, second, third)] == ["done"] * 3
        assert counter.read_text() == "150"

    def test_objects_and_locks_don_t_meet(self, backend, store):
        with store.lock("top/x"):
            store.write("top/x.lock", b"1")
            store.write("top/x", b"2")
            assert store.is_held("top/x")
        assert sorted(store.names("top")) == ["x", "x.lock"]


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
