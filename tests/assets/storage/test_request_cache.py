"""Within cached_requests nothing is asked of a store twice."""

from __future__ import annotations

import pytest

from hn_luigi.assets.storage import cached_requests, open_store

from .children import in_child

pytestmark = [
    pytest.mark.usefixtures("machine"),
    # Luigi forks its workers beside the threads of fsspec, and so do these tests.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
one_server = pytest.mark.parametrize("s3", ["moto"], indirect=True)  # what counts is who asks


class TestCachedRequests:
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
    def test_what_is_cached_ahead_is_not_asked_again(self, relayed, relay):
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
