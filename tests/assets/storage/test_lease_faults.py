"""A holder that is paused, or whose store answers late: it publishes nothing that isn't its own."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from urllib.parse import urlsplit

import psutil
import pytest

from hn_luigi.assets.errors import LockLost
from hn_luigi.assets.storage import lease, open_store
from hn_luigi.assets.storage.client import client_for

from ...limits import scaled
from ...processes import wait_until
from .children import answer_of, forked
from .relay import Relay

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("machine"),
    pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning"),
]
KEY, RECORD = "top/x", "_records/top/x.json"


class Late(Relay):
    """A relay that keeps requests back until told otherwise, or loses an answer."""

    def __init__(self, port):
        super().__init__(port)
        self._kept, self._lost = (), b""
        self._until_lost, self._is_losing = 0, False
        self._passed_on = asyncio.Event()

    def keep_back(self, *methods):
        """From now on keep requests by these methods back, whether or not somebody still waits."""
        self._kept = tuple(f"{method} ".encode() for method in methods)

    def pass_on(self):
        """Pass on what was kept back."""
        self._kept = ()
        self._loop.call_soon_threadsafe(self._passed_on.set)

    def lose_answer_to(self, method, number=1):
        """End the connection instead of answering the nth request by this method from now on."""
        self._lost, self._until_lost = f"{method} ".encode(), number

    async def _forward(self, asked, server):
        while data := await asked.read(1 << 16):
            if data.startswith(self._kept):
                await self._passed_on.wait()
            if self._lost and data.startswith(self._lost):
                self._until_lost -= 1
                self._is_losing = self._until_lost == 0
            server.write(data)
            await server.drain()

    async def _answer(self, answered, client):
        while data := await answered.read(1 << 16):
            if self._is_losing and not data.startswith(b"HTTP/1.1 100 "):
                self._is_losing = False
                return
            client.write(data)
            await client.drain()


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """A lock counts as held for a few seconds, so that a test can wait it out."""
    seconds = scaled(2)
    monkeypatch.setattr(lease, "hold", partial(lease.hold, seconds=seconds))
    return seconds


@pytest.fixture
def place(enter):
    return enter("seaweed")


@pytest.fixture
def elsewhere(place, tmp_path, monkeypatch):
    """The store as another machine sees it."""

    @contextmanager
    def holding():
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        with monkeypatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(folder))
            store = open_store(place.root)
            with store.lock(KEY, guards=RECORD):
                yield store

    return holding


def holder(root, data=b"ours", *, before=lambda: None, folder=None):
    """What a process does that holds the lock, is told to go on, and then publishes.

    With a folder for temporary files it is of another machine.
    """

    def run(end):
        tempfile.tempdir = folder or tempfile.tempdir
        store = open_store(root)
        with store.lock(KEY, guards=RECORD):
            before()
            end.send("held")
            end.recv()
            try:
                store.write_guarded(RECORD, data)
            except LockLost as error:
                end.send(f"lost: {error}")
            else:
                end.send("published")
        end.send("let go")

    return run


def lock_alone(root):
    """What a process does that takes the lease and no other lock."""

    def run(end):
        with lease.hold(f"{root}/_locks/{KEY}.lock", wait=False):
            end.send("held")
            end.recv()

    return run


def stopped(process):
    return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED


class TestAPausedHolder:
    def test_that_was_followed_publishes_nothing(self, place, elsewhere):
        with forked(holder(place.root)) as (process, end):
            assert answer_of(end) == "held"
            os.kill(process.pid, signal.SIGSTOP)
            with elsewhere() as store:
                os.kill(process.pid, signal.SIGCONT)
                end.send("go on")
                assert answer_of(end).startswith("lost: another process holds")
                assert answer_of(end) == "let go"
                store.write_guarded(RECORD, b"theirs")
        assert open_store(place.root).read(RECORD) == b"theirs"

    def test_that_was_not_followed_goes_on(self, place, short):
        with forked(holder(place.root)) as (process, end):
            assert answer_of(end) == "held"
            os.kill(process.pid, signal.SIGSTOP)
            url = f"{place.root}/_locks/{KEY}.lock"
            wait_until(lambda: client_for(url).version(url).age > short + 1)
            os.kill(process.pid, signal.SIGCONT)
            end.send("go on")
            assert answer_of(end) == "published"

    @pytest.mark.parametrize("was_there", [True, False])
    def test_between_its_look_at_the_lock_and_its_write_is_fenced(
        self, place, elsewhere, was_there
    ):
        """It was right when it looked, and finds what the other has written."""
        if was_there:
            open_store(place.root).write(RECORD, b"first")

        def pause_after_a_look():
            look = lease.Lease.require

            def require(self):
                look(self)
                os.kill(os.getpid(), signal.SIGSTOP)

            lease.Lease.require = require

        with forked(holder(place.root, before=pause_after_a_look)) as (process, end):
            assert answer_of(end) == "held"
            end.send("go on")
            wait_until(lambda: stopped(process))
            with elsewhere() as store:
                store.write_guarded(RECORD, b"theirs")
                os.kill(process.pid, signal.SIGCONT)
                assert "what that one has made counts" in answer_of(end)
                assert answer_of(end) == "let go"
        assert open_store(place.root).read(RECORD) == b"theirs"


@pytest.fixture
def late(place):
    """What stands between the store and who asks it by ``relayed``."""
    with Late(urlsplit(place.settings["storage_s3"]["endpoint_url"]).port) as late:
        yield late


@pytest.fixture
def relayed(late, settings, place):
    """Forks a process that asks the relay; this one doesn't."""

    @contextmanager
    def fork(run):
        with ExitStack() as stack:
            settings("storage_s3", endpoint_url=late.url)
            try:
                _, end = stack.enter_context(forked(run))
            finally:
                settings("storage_s3", **place.settings["storage_s3"])
            yield end

    return fork


class TestAStoreThatAnswersLate:
    def test_a_renewal_that_comes_late_takes_nothing_back(self, place, late, relayed, elsewhere):
        with relayed(holder(place.root)) as end:
            assert answer_of(end) == "held"
            late.keep_back("PUT")
            with elsewhere() as store:
                url = store.path(f"_locks/{KEY}.lock")
                late.pass_on()
                end.send("go on")
                assert answer_of(end).startswith("lost")
                assert answer_of(end) == "let go"
                store.write_guarded(RECORD, b"theirs")
                assert client_for(url).version(url) is not None
        assert open_store(place.root).read(RECORD) == b"theirs"

    def test_a_removal_that_comes_late_frees_another_s_lock_and_of_two_holders_one_publishes(
        self, place, elsewhere, tmp_path
    ):
        """No store removes on condition."""
        with elsewhere() as store:
            url = store.path(f"_locks/{KEY}.lock")
            client_for(url).remove([url])
            with forked(holder(place.root, b"third", folder=str(tmp_path))) as (_, third):
                assert answer_of(third) == "held"
                third.send("go on")
                assert answer_of(third) == "published"
            with pytest.raises(LockLost):
                store.write_guarded(RECORD, b"theirs")
        assert open_store(place.root).read(RECORD) == b"third"

    def test_who_lost_the_answer_has_it_all_the_same(self, place, late, relayed):
        late.lose_answer_to("PUT")
        with relayed(lock_alone(place.root)) as end:
            assert answer_of(end) == "held"

    @pytest.mark.parametrize("number", range(1, 5))
    def test_a_lost_answer_is_no_proof_against_the_store(self, place, late, relayed, number):
        """Whatever is lost of what tries it: without conditions, no machine would be kept out."""
        late.lose_answer_to("PUT", number)
        with relayed(lambda end: end.send(is_found_honest(place.root))) as end:
            assert answer_of(end) is True


def is_found_honest(root):
    store = open_store(root)
    store.require_writable()
    return store.lock_is_global
