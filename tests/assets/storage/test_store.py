"""What every store promises, on each place that one can be in."""

from __future__ import annotations

import os
import threading
import time
from contextlib import nullcontext
from functools import partial
from urllib.parse import urlsplit

import pytest

from hn_luigi.assets.catalog.paths import folder_of
from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.storage import cached_requests, client, open_store

from .children import in_child

pytestmark = [
    pytest.mark.usefixtures("machine"),
    # Luigi forks its workers beside the threads of fsspec, and so do these tests.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
one_server = pytest.mark.parametrize("s3", ["moto"], indirect=True)  # what counts is who asks
PARTS = ["a b+c,d;e=f@g", "50% /?#[*]{x}&\\", "größe 数", "_x", ".x", "", "%41", "数" * 40]


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

    def test_what_was_written_when_is_told_in_order_or_of_nothing(self, store):
        before = time.time_ns()
        for name in ("b", "a", "c"):
            store.write(f"top/{name}", b"x")
        found = store.by_time("top")
        assert [name for _, name in found] in ([], ["b", "a", "c"])
        assert all(abs(at - before) < 3600 * 10**9 for at, _ in found)
        assert store.by_time("nothing") == ()

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

    @pytest.mark.parametrize("question", [nullcontext, cached_requests])
    def test_of_many_names_all_is_told_that_is_told_of_each(self, store, question):
        names = [f"{day}T{hour:02}00Z.json" for day in (21, 22) for hour in range(24)]
        for name in names[3:30]:
            store.write(f"a/{name}", name[:5].encode())
        store.write("a/deeper/21T0000Z.json", b"")
        asked = [*names, "deeper", "22T", ""]
        with question():
            stats = store.stats("a", asked)
            assert list(stats) == names[3:30]
            assert stats == {name: store.stat(f"a/{name}") for name in names[3:30]}
            assert store.stats("a", []) == store.stats("b", names) == {}

            expected = dict.fromkeys(names)
            expected |= {name: (stat.size, stat.fingerprint) for name, stat in stats.items()}
            assert store.are_as("a", expected)
            assert store.are_as("b", {"1": None})
            assert store.are_as("a", {})
            for name, then in (
                (names[0], expected[names[4]]),
                (names[4], None),
                (names[4], (7, expected[names[4]][1])),
                (names[4], (5, "0")),
            ):
                assert not store.are_as("a", {**expected, name: then})
        store.write(f"a/{names[5]}", b"again")
        assert not store.are_as("a", expected)

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
                BackendUnavailable, match=f"there is no {url.scheme}://{url.netloc}; create it"
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
        with pytest.raises(BackendUnavailable, match="no valid credentials for "):
            store.require_writable()
        with pytest.raises(BackendUnavailable, match="no valid credentials for "):
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
