"""A lock in an object store excludes all machines, and outlives no holder for long."""

from __future__ import annotations

import json
import math
import os

import luigi
import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.errors import BackendUnavailable, LockLost
from hn_luigi.assets.storage import conditional, lease, open_store, staging
from hn_luigi.assets.storage.client import client_for

from .children import another_that_holds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("machine"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]


class Clock:
    """Time as a process tells it, which goes on only while it sleeps."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(lease, "_now", clock)
    monkeypatch.setattr(lease.time, "sleep", clock.sleep)
    return clock


@pytest.fixture
def dated(monkeypatch):
    """Has answers dated by another clock than objects are, so many seconds ahead."""

    def ahead(seconds):
        def times(headers):
            age, now = conditional_times(headers)
            return age + seconds, now

        monkeypatch.setattr(conditional, "_times", times)

    conditional_times = conditional._times
    return ahead


@pytest.fixture
def url(object_store):
    return f"{object_store.root}/_locks/top/x.lock"


def holder(owner, seconds=30.0):
    return json.dumps({"owner": owner, "home": "elsewhere", "seconds": seconds}).encode()


class TestConditions:
    def test_an_object_is_created_once_and_replaced_by_who_knows_it(self, url):
        client = client_for(url)
        assert client.version(url) is None
        first = client.create(url, b"1")
        assert first
        assert client.create(url, b"2") is None
        assert client.version(url)[:2] == (b"1", first)
        second = client.replace(url, b"3", first)
        assert second not in (None, first)
        assert client.replace(url, b"4", first) is None
        assert client.version(url)[:2] == (b"3", second)
        client.remove([url])
        assert client.replace(url, b"5", second) is None
        assert client.version(url) is None


class TestLease:
    def test_it_excludes_until_it_is_let_go_and_leaves_nothing(self, url):
        with lease.hold(url):
            assert lease.is_held(url)
            with pytest.raises(BlockingIOError), lease.hold(url, wait=False):
                pass
        assert not lease.is_held(url)
        assert client_for(url).version(url) is None
        with lease.hold(url, wait=False):
            pass

    def test_one_that_is_renewed_is_waited_for_as_long_as_it_is(self, url, clock, monkeypatch):
        client_for(url).write(url, holder("other"))
        waited = []

        def sleep(seconds):
            clock.sleep(seconds)
            waited.append(seconds)
            if sum(waited) < 100:
                client_for(url).write(url, holder(f"other, renewed {len(waited)} times"))

        monkeypatch.setattr(lease.time, "sleep", sleep)
        with lease.hold(url):
            assert 125 < sum(waited) < 140  # 30 s after the last renewal

    def test_of_one_long_dead_the_store_s_clock_tells_at_once(self, url, clock, dated):
        client_for(url).write(url, holder("dead"))
        dated(331)
        with lease.hold(url, wait=False) as held:
            held.require()
        assert clock.now == 1_000

    @pytest.mark.parametrize("ahead", [-290, 45, 290])
    def test_a_proxy_s_clock_takes_nobody_s_lock_away(self, url, clock, dated, ahead):
        client_for(url).write(url, holder("other"))
        dated(ahead)
        with pytest.raises(BlockingIOError), lease.hold(url, wait=False):
            pass
        with lease.hold(url):
            assert 1_030 < clock.now < 1_040

    @pytest.mark.parametrize(
        "data",
        [
            b"\xff not ours",
            b"[" * 100_000,
            holder("other", seconds=1e9),
            holder("other", seconds=math.inf),
            holder("other", seconds=math.nan),
            holder("other").replace(b"30.0", b"1" + b"0" * 400),
        ],
        ids=["bytes", "deep", "long", "inf", "nan", "overflow"],
    )
    def test_what_is_no_lock_of_ours_is_taken_over_as_well(self, url, clock, data):
        client_for(url).write(url, data)
        assert lease.is_held(url)
        with lease.hold(url):
            assert 1_030 < clock.now < 1_040

    def test_where_none_can_be_written_though_none_is_there_it_gives_up(self, enter, clock):
        """SeaweedFS keeps objects in folders, and writes none over a folder."""
        url = f"{enter('seaweed').root}/_locks/top/x.lock"
        client_for(url).write(f"{url}/below", b"1")
        for wait in (True, False):
            with (
                pytest.raises(BackendUnavailable, match="below that name"),
                lease.hold(url, wait=wait),
            ):
                pass

    def test_a_dead_holder_from_here_is_followed_at_once(self, url, clock):
        data = json.dumps({"owner": "dead", "home": "here", "seconds": 30}).encode()
        client_for(url).write(url, data)
        with lease.hold(url, wait=False, home="here"):
            pass
        client_for(url).write(url, data)
        with pytest.raises(BlockingIOError), lease.hold(url, wait=False, home="there"):
            pass

    def test_who_was_paused_and_followed_publishes_nothing_and_removes_nothing(self, url, clock):
        with lease.hold(url) as held:
            client_for(url).write(url, holder("other"))
            clock.now += 25
            with pytest.raises(LockLost, match="another process holds"):
                held.require()
        assert client_for(url).version(url).data == holder("other")

    def test_who_was_paused_and_not_followed_goes_on(self, url, clock):
        with lease.hold(url) as held:
            before = client_for(url).version(url).tag
            clock.now += 1_000
            held.require()
            assert client_for(url).version(url).tag != before
        assert client_for(url).version(url) is None

    def test_whose_answer_got_lost_knows_its_own(self, url, clock):
        with lease.hold(url) as held:
            ours = json.loads(client_for(url).version(url).data)
            client_for(url).write(url, json.dumps({**ours, "renewals": 99}).encode())
            clock.now += 25
            held.require()

    def test_what_its_holder_forks_takes_nothing_from_it(self, url):
        try:
            with lease.hold(url):
                if (forked := os.fork()) == 0:
                    raise KeyboardInterrupt  # its copy of the block ends, too
                os.waitpid(forked, 0)
                assert lease.is_held(url)
        except KeyboardInterrupt:
            os._exit(0)

    def test_an_abandoned_one_is_swept_and_none_else(self, url, monkeypatch):
        client_for(url).write(url, holder("dead"))
        lease.remove_if_abandoned(url, home="here")
        assert client_for(url).version(url) is not None
        monkeypatch.setattr(lease, "_SECONDS_ABANDONED", -1)
        lease.remove_if_abandoned(url, home="here")
        assert client_for(url).version(url) is None


@pytest.fixture
def elsewhere(object_store, tmp_path, monkeypatch):
    """The same store as another machine sees it, whose locks nobody here knows."""

    def go():
        folder = tmp_path / "elsewhere"
        folder.mkdir(exist_ok=True)
        monkeypatch.setattr(staging.tempfile, "tempdir", str(folder))
        return open_store(object_store.root)

    return go


class TestLocks:
    def test_another_machine_is_excluded(self, object_store, elsewhere):
        with another_that_holds(object_store.root, "top/x"):
            there = elsewhere()
            assert there.is_held("top/x")
            assert not there.is_held("top/y")
            with pytest.raises(BlockingIOError), there.lock("top/x", wait=False):
                pass

    def test_a_killed_holder_s_machine_goes_on_at_once(self, object_store):
        store = open_store(object_store.root)
        with another_that_holds(object_store.root, "top/x") as holder:
            store.sweep("top")
            assert store.is_held("top/x")
            holder.kill()
            holder.join()
            assert not store.is_held("top/x")
            with store.lock("top/x", wait=False):
                pass
        with another_that_holds(object_store.root, "top/x") as holder:
            holder.kill()
            holder.join()
        store.sweep("top")
        assert store.names("_locks/top") == []

    def test_what_it_guards_is_left_to_who_took_over(self, object_store):
        store = open_store(object_store.root)
        for before in (None, b"first"):
            with store.lock("top/x", guards="_records/top/x.json"):
                store.write("_records/top/x.json", b"theirs")
                with pytest.raises(LockLost, match="what that one has made counts"):
                    store.write_guarded("_records/top/x.json", b"ours")
            assert store.read("_records/top/x.json") == b"theirs", before
            with store.lock("top/x", guards="_records/top/x.json"):
                store.write_guarded("_records/top/x.json", b"second")
                store.write_guarded("_records/top/x.json", b"third")
            assert store.read("_records/top/x.json") == b"third"


computed = []


class Taken(Asset):
    """Loses its lock while it is made for the first time."""

    suffix = ".txt"

    def compute(self):
        computed.append(self.partition.record())
        if len(computed) == 1:
            store = self.partition.store
            store.write(f"_locks/{self.key}.lock", holder("other", seconds=0))
            store.write(self.partition.record_key, b"theirs")
        return "made"


@pytest.mark.parametrize("object_store", ["seaweed"], indirect=True)
def test_a_step_that_lost_its_lock_looks_again(object_store, caplog):
    computed.clear()
    task = Taken()
    assert luigi.build([task], local_scheduler=True, no_lock=True)
    assert len(computed) == 2
    assert task.complete()
    assert "Looking again what there is to do" in caplog.text
