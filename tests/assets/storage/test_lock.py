"""A lock excludes other processes, on each place where a store can be."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

import pytest

from hn_luigi.assets.storage import open_store

from .children import FORK, another_that_holds, answer_of, forked, in_child

pytestmark = [
    pytest.mark.usefixtures("machine"),
    # Luigi forks its workers beside the threads of fsspec, and so do these tests.
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


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

    def test_a_killed_holder_s_lock_is_free_though_what_it_has_forked_lives(self, backend, store):
        def hold(end):
            with open_store(backend.root).lock("top/x"):
                beside = FORK.Process(target=signal.pause)  # as one of a pool that waits for work
                beside.start()
                end.send(beside.pid)
                end.recv()

        with forked(hold) as (holder, end):
            beside = answer_of(end)
            try:
                holder.kill()
                holder.join()
                with store.lock("top/x", wait=False):
                    pass
                os.kill(beside, 0)  # raises ProcessLookupError of one that is gone
            finally:
                os.kill(beside, signal.SIGKILL)

    def test_what_a_holder_forks_takes_nothing_from_it(self, backend, store):
        def end_the_block(end):
            with suppress(KeyboardInterrupt), store.lock("top/x"):
                if os.fork() == 0:
                    raise KeyboardInterrupt  # its copy of the block ends, too
                os.wait()
                end.send(in_child(lambda: store.is_held("top/x")))
                return
            os._exit(0)

        with forked(end_the_block) as (_, end):
            assert answer_of(end)

    def test_objects_and_locks_don_t_meet(self, backend, store):
        with store.lock("top/x"):
            store.write("top/x.lock", b"1")
            store.write("top/x", b"2")
            assert store.is_held("top/x")
        assert sorted(store.names("top")) == ["x", "x.lock"]
