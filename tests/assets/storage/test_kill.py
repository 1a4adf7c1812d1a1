"""What is left by runs that are killed, cut off or doubled in the middle of writing to S3.

Each goes through a relay that acts as a chosen request arrives, before it is passed on; so a
test meets its moment every time. The processes are forked from one that has all imported.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from dataclasses import replace
from threading import Event
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.partition import data_version_of
from hn_luigi.assets.errors import StorageError
from hn_luigi.assets.operations import verify as verifying
from hn_luigi.assets.operations.verify import verify_outputs
from hn_luigi.assets.storage import client, open_store
from hn_luigi.assets.window_length import of_minutes
from hn_luigi.replica import Replica, bundled_front_page

from ...limits import scaled
from ...processes import CONFIGURATION, wait_until
from ...whole_page import is_whole_page
from .conftest import ADMIN, FOREIGN, WRITER, Backend
from .relay import Relay
from .servers import ask_s3


def short_of_patience():
    """Code by which a run doesn't wait long for a store that is silent."""
    return f"""
from hn_luigi.assets.storage import backends, client
backends.SECONDS_BETWEEN_BYTES = client.SECONDS_BETWEEN_BYTES = {scaled(0.3)}
"""


class Tripwire(Relay):
    """A relay that acts once, as a certain request arrives and before it is passed on."""

    def __init__(self, port):
        super().__init__(port)
        self._asked = Asked()
        self._answers = True

    async def _answer(self, answered, client):
        while data := await answered.read(1 << 16):
            if not self._silent and (self._answers or data.startswith(b"HTTP/1.1 100 ")):
                client.write(data)

    def restore(self):
        """All is well again."""
        self._answers = True
        super().restore()

    def when(self, method, path, action):
        """Call ``action`` at the next request to a path that matches, in the relay's thread."""
        self._asked.arm(method, re.compile(path), action)

    @property
    def has_tripped(self):
        return self._asked.tripped.is_set()

    def silence(self):
        """Hang, from within an action."""
        self._silent = True

    def cut(self, *, after=0):
        """End each connection after so many bytes more, from within an action."""
        self._left = after

    def deafen(self):
        """Pass on what clients send, and no answer but to go on, from within an action."""
        self._answers = False

    def vanish(self):
        """Refuse, from within an action."""
        self.silence()
        self._loop.create_task(self._fault(listening=False))


class Asked(list):
    """The requests so far, of which one is waited for."""

    def __init__(self):
        super().__init__()
        self.tripped = Event()
        self._wire = None

    def arm(self, *wire):
        self.tripped.clear()
        self._wire = wire

    def append(self, request):
        super().append(request)
        if self._wire is None:
            return
        method, path, action = self._wire
        if request[0] == method and path.search(unquote(request[1])):
            self._wire = None
            action()
            self.tripped.set()


@pytest.fixture(scope="module")
def api():
    with Replica(bundled_front_page()) as api:
        yield api.base_url


@pytest.fixture(scope="module")
def bucket(seaweed):
    """One for all tests, since SeaweedFS sets some volumes aside for each."""
    bucket = f"killed-{uuid4().hex[:8]}"
    ask_s3("PUT", f"{seaweed}/{bucket}", ADMIN)
    return bucket


@pytest.fixture
def place(seaweed, bucket, settings, monkeypatch):
    """A fresh root, which this test's configuration and environment reach."""
    section = {"endpoint_url": seaweed, "region": "us-east-1"}
    root = f"s3://{bucket}/{uuid4().hex[:8]}/inner"
    place = Backend("seaweed", root, "", {"storage_s3": section}, WRITER)
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    settings("storage", root=root)
    settings("storage_s3", **section)
    return place


@pytest.fixture
def store(place):
    """As this process sees it, past every relay."""
    return open_store(place.root)


@pytest.fixture
def wire(place):
    with Tripwire(urlsplit(place.settings["storage_s3"]["endpoint_url"]).port) as wire:
        yield wire


@pytest.fixture
def machine_at(machines, api):
    """Makes machines that keep what they make in a place."""
    return lambda place: machines(place.luigi_cfg() + CONFIGURATION.format(api=api), place.env())


def through(wire, place):
    section = {**place.settings["storage_s3"], "endpoint_url": wire.url}
    return replace(place, settings={"storage_s3": section})


@pytest.fixture
def machine(machine_at, place, wire):
    """One that reaches the store through the wire."""
    return machine_at(through(wire, place))


@pytest.fixture(autouse=True)
def nobody_is_publishing(monkeypatch):
    monkeypatch.setattr(verifying, "SECONDS_TO_PUBLISH", 0)


def problems(*assets):
    found = verify_outputs(assets or [StoryIds(), Stories(), Wordcloud()])
    return [f"{p.asset}/{p.window}: {p.problem}" for p in found.problems]


KEPT = re.compile(
    r"(_records/)?top/(story_ids|stories|wordcloud)/\d{4}-\d\d-\d\dT\d{4}Z\.(json|parquet|md)"
    r"|_failures/top/.*\.json|top/wordcloud/latest\.md|_layout\.json"
)


def keys(store):
    return set(client.client_for(store.root).list(f"{store.root}/"))


LEFT = re.compile(r"_locks/top/[a-z_]+/\S+\.lock|\.hn_luigi-probe-[0-9a-f]+")


def strangers(store):
    return {key for key in keys(store) if not KEPT.fullmatch(key)}


def strangers_after_a_kill(store):
    """What else there is than what a killed run may leave, and the next one removes."""
    return {key for key in strangers(store) if not LEFT.fullmatch(key)}


# ---------------------------------------------------------------- one key, overwritten

MANY = """
import s3fs
from hn_luigi.assets.storage import open_store

# else more than 100 MB would have to be sent before a value goes in parts
s3fs.core.calculate_chunksize = lambda *args, **kwargs: 5 << 20
s3fs.S3FileSystem._pipe_file.__defaults__ = (5 << 20, None, "overwrite")
store = open_store(root)
with store.lock(key):
    for number in range(first, 1000):
        data = b"%08d" % number * (size(number) // 8)
        if number % 2:
            store.write(key, data)
        else:
            with store.target(key, binary=True).open("w") as out:
                out.write(data)
"""
SIZES = [8, 10 << 20, 300_000, 2_000_000, 4_000]
KEY = "values/value.bin"


def size(number):
    return SIZES[number % len(SIZES)]


def is_whole(data):
    return data == data[:8] * (size(int(data[:8])) // 8)


@pytest.fixture
def overwrite(machine, place):
    """Starts a process that overwrites the value again and again."""

    def start(first=1):
        code = f"size = lambda number: {SIZES}[number % {len(SIZES)}]\n{MANY}"
        return machine.start(code, root=place.root, key=KEY, first=first)

    return start


def test_whenever_a_writer_is_killed_the_value_is_whole(store, wire, overwrite, kills, kill_seed):
    print(f"--kill-seed={kill_seed}")  # shown on failure
    rng = random.Random(kill_seed)
    seen = set()
    for kill in range(kills(4)):
        wire.clear()
        writer = overwrite(first=rng.randrange(1, 900))
        while not any(unquote(path).endswith(KEY) for _, path, *_ in wire.requests):
            assert writer.process.is_alive(), writer.said
        end = time.monotonic() + rng.uniform(0, 0.4)
        while time.monotonic() < end:
            data = read_or_nothing(store)
            assert data is None or is_whole(data), (kill, len(data))
            seen.add(data and data[:8])
        writer.kill()
        assert writer.end() == -signal.SIGKILL, writer.said
        data = store.read(KEY)
        assert data is None or is_whole(data), (kill, len(data))
    assert len(seen) > 1
    probes = {key for key in keys(store) if key.startswith(".hn_luigi-probe-")}
    assert len(probes) <= 1
    assert keys(store) - probes <= {KEY, f"_locks/{KEY}.lock"}


def read_or_nothing(store):
    """An open reader may be told that what it reads was replaced, but never reads a mixture."""
    try:
        return store.read(KEY)
    except StorageError:
        return None


def test_killed_between_two_parts_it_leaves_the_old_value_and_no_lock(
    store, machine, wire, overwrite, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(machine.folder / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    store.write(KEY, b"%08d" % 5)
    writer = overwrite(first=6)  # the first large one that is staged
    held = []

    def kill():
        held.append(store.is_held(KEY))
        writer.kill()

    wire.when("PUT", "partNumber=2", kill)
    assert writer.end() == -signal.SIGKILL, writer.said
    assert store.read(KEY) == b"%08d" % 5
    assert held == [True]
    assert not store.is_held(KEY)
    assert len(machine.staged()) == 1
    store.sweep("values")
    assert machine.staged() == machine.locks() == []
    store.write(KEY, b"new")
    assert store.read(KEY) == b"new"


# ---------------------------------------------------------------- runs that are killed

PROBE = r"inner/\.hn_luigi-probe-[0-9a-f]+$"
STORY_IDS = r"inner/top/story_ids/2\S+Z\.json$"
STORY_IDS_RECORD = r"inner/_records/top/story_ids/2\S+Z\.json$"
STORIES = r"inner/top/stories/2\S+Z\.parquet$"
STORIES_RECORD = r"inner/_records/top/stories/2\S+Z\.json$"
OUTPUT = r"inner/top/wordcloud/2\S+Z\.md$"
LATEST = r"inner/top/wordcloud/latest\.md$"
RECORD = r"inner/_records/top/wordcloud/2\S+Z\.json$"
REMOVAL = r"\?delete$"  # of the probe
IS_OLD = {OUTPUT: [True, True], LATEST: [False, True], RECORD: [False, False]}
"""Whether output and latest are still the last ones as these are put."""


@pytest.fixture(scope="module")
def as_of():
    """The present window, so that a test that crosses its end stays in it."""
    return window.name(of_minutes(10).floor(window.now()))


@pytest.fixture(scope="module")
def first():
    """What a first run has made, by key, once one has."""
    return {}


@pytest.fixture
def page(store, machine, as_of, first):
    """A root as a first run leaves it; the page that is in it."""
    if not first:
        run = machine.luigi("--as-of", as_of)
        assert run.end() == 0, run.said
        first |= {key: store.read(key) for key in keys(store)}
    for key, data in first.items():
        store.write(key, data)
    assert problems() == []
    output, latest = pages(store, as_of)
    assert output == latest is not None
    return output


def pages(store, as_of):
    """Output and latest, None where there is none, else whole."""
    found = tuple(store.read(f"top/wordcloud/{name}.md") for name in (as_of, "latest"))
    for page in found:
        assert page is None or is_whole_page(page), (page[:100], page[-100:])
    return found


def records(store):
    """The records by what they are of."""
    names = [key for key in keys(store) if key.startswith("_records/")]
    return {
        name.removeprefix("_records/").removesuffix(".json"): json.loads(store.read(name))
        for name in names
    }


def claims(store):
    """What records claim that isn't there."""
    found = {
        key.rpartition(".")[0]: data_version_of(store.read(key))
        for key in keys(store)
        if not key.startswith("_")
    }
    return {
        name: record
        for name, record in records(store).items()
        if found.get(name) != record["data_version"]
    }


def assert_the_next_run_puts_all_right(store, machine, *flags, makes_nothing=False):
    run = machine.luigi(*flags)
    assert run.end() == 0, run.said
    assert problems() == []
    # What has nothing to make takes no locks, and sweeps none.
    assert (strangers_after_a_kill if makes_nothing else strangers)(store) == set()
    assert machine.staged() == machine.locks() == []


@pytest.mark.parametrize(
    "name, moments, workers",
    [
        ("SIGKILL", [OUTPUT, LATEST, RECORD], "1"),
        ("SIGKILL", [OUTPUT, LATEST, RECORD], "2"),
        ("SIGTERM", [RECORD], "1"),
        ("SIGTERM", [LATEST], "2"),
    ],
    ids=["SIGKILL, one worker", "SIGKILL, two workers", "SIGTERM, one", "SIGTERM, two"],
)
def test_a_run_killed_while_it_publishes_leaves_whole_pages(
    store, machine, wire, page, as_of, name, moments, workers
):
    flags = ["--as-of", as_of, "--cloud-max-words", "9", "--workers", workers]
    before = records(store)
    for moment in moments:
        run = killed(machine, wire, moment, name, flags)
        output, latest = pages(store, as_of)
        assert [output == page, latest == page] == IS_OLD[moment], (moment, run.said)
        assert records(store) == before
    assert strangers_after_a_kill(store) == set()
    assert_the_next_run_puts_all_right(store, machine, *flags)
    assert pages(store, as_of) == (output, output)


def test_a_first_run_killed_again_and_again_gets_there(store, machine, wire, as_of):
    flags = ["--as-of", as_of]
    for moment in (PROBE, STORY_IDS, STORY_IDS_RECORD, STORIES):
        killed(machine, wire, moment, "SIGKILL", flags)
        assert claims(store) == {}
        assert "top/wordcloud/latest.md" not in keys(store)
        assert strangers_after_a_kill(store) == set()
    killed(machine, wire, REMOVAL, "SIGKILL", flags, method="POST")
    assert [key for key in strangers(store) if "probe" in key]
    assert strangers_after_a_kill(store) == set()
    assert_the_next_run_puts_all_right(store, machine, *flags)


def killed(machine, wire, moment, name, flags, method="PUT"):
    """A run that gets a signal as a request of it arrives, which is not passed on.

    All its processes end.
    """

    def kill():
        wire.silence()
        os.kill(run.process.pid, signal.Signals[name])

    wire.when(method, moment, kill)
    run = machine.luigi(*flags)
    assert run.end() != 0, run.said
    assert wire.has_tripped, run.said
    wait_until(lambda: not run.rest())
    wire.restore()
    return run


# ---------------------------------------------------------------- faults on the way


def test_a_run_cut_off_while_it_publishes_says_so_and_keeps_the_last_page(
    store, machine, wire, page, as_of
):
    flags = ["--as-of", as_of, "--cloud-max-words", "9"]
    before = records(store)
    record = f"_records/top/wordcloud/{as_of}.json"
    for fault, moment, key in (
        (lambda: wire.cut(after=1_000), OUTPUT, f"top/wordcloud/{as_of}.md"),
        (wire.silence, LATEST, "top/wordcloud/latest.md"),
        (wire.vanish, RECORD, record),
    ):
        wire.when("PUT", moment, fault)
        run = machine.luigi(*flags, before=short_of_patience())
        assert run.end() == 30, run.said
        assert f"BackendUnavailable: can't write {store.root}/{key}: s3:// can't be" in run.said
        output, latest = pages(store, as_of)
        assert [output == page, latest == page] == IS_OLD[moment], (moment, run.said)
        assert records(store) == before
        wire.restore()
    assert_the_next_run_puts_all_right(store, machine, *flags)
    assert pages(store, as_of) == (output, output)


def test_a_run_whose_store_goes_in_its_first_step_fails_as_any_run_does(machine, wire, as_of):
    """Luigi parses the command line again for its summary, when the root can't be reached."""
    wire.when("PUT", STORY_IDS, wire.vanish)
    run = machine.luigi("--as-of", as_of, before=short_of_patience())
    assert run.end() == 30, run.said
    assert "luigi: can't list" not in run.said


def test_a_run_whose_record_arrives_but_not_the_answer_is_made_all_the_same(
    store, machine, wire, page, as_of
):
    flags = ["--as-of", as_of, "--cloud-max-words", "9"]
    wire.when("PUT", RECORD, wire.deafen)
    run = machine.luigi(*flags, before=short_of_patience())
    assert run.end() == 30, run.said
    assert f"can't write {store.root}/_records/top/wordcloud/{as_of}.json: " in run.said
    assert problems() == []
    wire.restore()
    wire.clear()
    assert_the_next_run_puts_all_right(store, machine, *flags, makes_nothing=True)
    assert "PUT" not in {method for method, _ in wire.requests}


# ---------------------------------------------------------------- two machines at once

NOTES = """
import os
from hn_luigi.assets import Asset

class Note(Asset):
    suffix = ".md"
    keeps_latest = True

    def compute(self):
        return f"{self.as_of} by process {os.getpid()}\\n"
"""
LATEST_NOTE = r"inner/note/latest\.md$"
NOTE_RECORD = r"inner/_records/note/2\S+Z\.json$"
OLDER, NEWER = "2026-01-01T0000Z", "2026-01-01T0010Z"


@pytest.fixture
def ours(machine):
    """The machine whose requests go through the wire."""
    (machine.folder / "notes.py").write_text(NOTES)
    return machine


@pytest.fixture
def theirs(machine_at, place):
    """Another one, with locks of its own."""
    machine = machine_at(place)
    (machine.folder / "notes.py").write_text(NOTES)
    return machine


def write_note(machine, name):
    return machine.luigi("--as-of", name, module="notes", task="Note")


def notes(store):
    return SimpleNamespace(dataset=Dataset(store, "note", ".md"), keeps_latest=True)


@pytest.mark.parametrize(
    "our_window, their_window, moment",
    [
        (OLDER, OLDER, LATEST_NOTE),
        (OLDER, OLDER, NOTE_RECORD),
        (OLDER, NEWER, LATEST_NOTE),
        (OLDER, NEWER, NOTE_RECORD),
        (NEWER, OLDER, LATEST_NOTE),
    ],
    ids=[
        "same window, at latest",
        "same window, at its record",
        "a newer one, at latest",
        "a newer one, at the record",
        "an older one, at latest",
    ],
)
def test_another_machine_that_begins_meanwhile_shares_the_work(
    store, wire, ours, theirs, our_window, their_window, moment
):
    others = []
    wire.when("PUT", moment, lambda: others.append(write_note(theirs, their_window)))
    run = write_note(ours, our_window)
    codes = [run.end(), others[0].end()]
    said = run.said + others[0].said
    assert codes == [0, 0], said
    assert said.count("Making Note") == len({our_window, their_window})
    assert ours.locks() == theirs.locks() == []
    assert not [key for key in keys(store) if key.startswith("_locks/")]
    assert problems(notes(store)) == []
    assert store.read("note/latest.md") == store.read(f"note/{max(our_window, their_window)}.md")
    assert claims(store) == {}
