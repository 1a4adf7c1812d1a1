"""What a look at an object store costs: few requests, however much is stored there."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.assets import Asset, window
from hn_luigi.assets.catalog.partition import Partition
from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.execution.inputs import StoredWindows
from hn_luigi.assets.operations.prune import prune_windows
from hn_luigi.assets.operations.verify import verify_outputs
from hn_luigi.cli import main
from hn_luigi.replica import Faults
from hn_luigi.web.strip import MOST, Kind
from hn_luigi.web.window_view import window_view

from ...processes import wait_until
from .conftest import ADMIN, Backend
from .relay import HOST, Relay
from .servers import ask_s3
from .user import LOOK, STORIES, User, contents, filesystem, names

START = datetime(2026, 11, 22, 12, 30)
WINDOW = f"{START:%Y-%m-%dT%H%MZ}"

pytestmark = pytest.mark.usefixtures("forkserver")


def test_a_run_that_finds_all_current_asks_ten_times_at_most(relayed, relay, replica, tmp_path):
    user = User(tmp_path / "work", relayed, replica)
    as_of = time.strftime("%Y-%m-%dT%H%M", time.gmtime())
    assert user.luigi("--as-of", as_of).returncode == 0
    relay.clear()
    assert "Did not run any tasks" in user.luigi("--as-of", as_of).stderr
    assert 0 < len(relay.requests) <= 10


@dataclass(frozen=True)
class Crowd:
    """A place that can be filled fast, reached through a relay that counts."""

    backend: Backend
    relay: Relay
    windows: int
    fill: Callable[[dict[str, bytes]], object]
    """Stores objects by their path, that of the root included."""


@pytest.fixture
def moto_here():
    """The URL of a moto in this process, and its memory, which is filled in no time."""
    from moto.s3.models import s3_backends
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}", s3_backends["123456789012"]["aws"]
    server.stop()


@pytest.fixture(params=["moto", "seaweed"])
def crowd(request, enter, settings):
    backend = enter(request.param)
    if request.param == "moto":
        url, memory = request.getfixturevalue("moto_here")
        ask_s3("PUT", f"{url}/{urlsplit(backend.root).netloc}", ADMIN)
        backend.settings["storage_s3"]["endpoint_url"] = url

        def fill(objects):
            for path, data in objects.items():
                memory.put_object(*path.split("/", 1), data)
    else:
        url, fill = backend.settings["storage_s3"]["endpoint_url"], filesystem(backend)[0].pipe
    with Relay(urlsplit(url).port) as relay:
        settings("storage_s3", endpoint_url=relay.url)
        yield Crowd(backend, relay, 1000 if request.param == "moto" else 100, fill)


@pytest.fixture
def crowded(crowd, replica, settings, clock, succeed):
    """A window is made, and others before it have the same outputs' names and records."""
    settings("hackernews", limit=STORIES)
    settings("cloud", **LOOK)
    succeed(Wordcloud())
    made, (_, root) = contents(crowd.backend), filesystem(crowd.backend)
    windows = [f"{START - timedelta(minutes=10 * n):%Y-%m-%dT%H%MZ}" for n in range(crowd.windows)]
    crowd.fill(
        {
            f"{root}/{path.replace(WINDOW, name)}": data.replace(WINDOW.encode(), name.encode())
            if path.startswith("_records/")
            else b"old"
            for path, data in made.items()
            if WINDOW in path
            for name in windows[1:]
        }
    )
    return crowd


@pytest.fixture
def cost(crowd, capsys):
    """How many requests ``hn-luigi`` takes."""

    def run(line):
        crowd.relay.clear()
        with pytest.raises(SystemExit):
            main(line.split())
        assert capsys.readouterr().err == ""
        return len(crowd.relay.requests)

    return run


@pytest.fixture
def lost(relayed, relay, replica, settings, clock, succeed):
    """A window is made in a bucket that then can't be reached any more."""
    settings("hackernews", limit=STORIES)
    settings("cloud", **LOOK)
    succeed(Wordcloud())
    clock.advance(days=1)
    yield relay
    gc.collect()  # connections that the outage has caught half open, while this test may leave them


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("command", [verify_outputs, prune_windows])
def test_an_outage_ends_it_and_blames_nothing_that_is_stored(lost, monkeypatch, command):
    """The store goes after it was listed, or while it is."""
    assets = [StoryIds(), Stories(), Wordcloud()]
    arguments = {
        verify_outputs: [assets],
        prune_windows: [[asset.dataset for asset in assets]],
    }[command]
    options = {} if command is verify_outputs else {"before": window.now()}

    def record(partition):
        lost.refuse()
        wait_until(lambda: partition.read() is False)  # until it raises

    monkeypatch.setattr(Partition, "record", record)
    with pytest.raises(BackendUnavailable, match="s3:// can't be reached"):
        command(*arguments, **options)


def test_a_crowd_costs_little(crowded, cost, clock, replica, build, settings):
    assert cost("status") <= 27  # of six assets

    settings("assets", watch="hn_luigi Wordcloud")  # four assets
    assert cost("status") <= 24
    assert cost("explain Wordcloud") <= 10

    clock.advance(days=1)
    replica.faults = Faults(rate=1, kinds=("5xx",))
    build(Wordcloud())
    assert cost("status") <= 24
    assert cost("freshness") <= 20
    assert cost("explain Wordcloud") <= 22
    assert cost("history top/wordcloud -n 20") <= 26
    assert cost("history Wordcloud -n 20") <= 34  # by class all records are listed, and 3 are read
    assert cost("verify --since 20m") <= 30
    assert cost("prune --keep 1000d --dry-run") <= 20

    old = 300 if crowded.windows > 300 else 90
    minutes = 10 * (crowded.windows - old) + 24 * 60
    before = names(crowded.backend)
    # Of these 6 see that what goes is the asset's own, and 6 note how far it went.
    assert cost(f"prune --keep {minutes}m") <= 45
    assert len(before - names(crowded.backend)) == 6 * old


@pytest.fixture
def copied(crowd, replica, settings, clock, succeed):
    """A window is made, and 99 before it are alike."""
    settings("hackernews", limit=STORIES)
    settings("cloud", **LOOK)
    succeed(Wordcloud())
    made, (_, root) = contents(crowd.backend), filesystem(crowd.backend)
    names = [f"{START - timedelta(minutes=10 * n):%Y-%m-%dT%H%MZ}" for n in range(1, 100)]
    crowd.fill(
        {
            f"{root}/{path.replace(WINDOW, name)}": data.replace(WINDOW.encode(), name.encode())
            if path.startswith("_records/")
            else data
            for path, data in made.items()
            if WINDOW in path
            for name in names
        }
    )
    return crowd


def test_the_page_of_an_asset_reads_each_record_of_its_windows_once(copied):
    def asked():
        copied.relay.clear()
        view = window_view(Wordcloud(), None, [])
        assert [slot.kind for slot in view.strip.slots] == [Kind.MADE] * MOST
        return len(copied.relay.requests)

    assert asked() <= 3 * MOST + 30
    assert asked() <= 30

    record = Wordcloud(as_of=START - timedelta(minutes=20)).partition.record()
    changed = replace(record, settings={**record.settings, "cloud.width": 1})
    Wordcloud(as_of=START - timedelta(minutes=20)).partition.write_record(changed)
    kinds = [slot.kind for slot in window_view(Wordcloud(), None, []).strip.slots]
    assert kinds[-3:] == [Kind.STALE, Kind.MADE, Kind.MADE]


@pytest.fixture
def ticked(crowd, clock):
    """A week of ticks, the days among them, and classes of both; a year of them are around."""

    class Tick(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            return 1

    class Rolled(Asset):
        suffix = ".json"
        window_length = "day"

        def requires(self):
            return self.windows(Tick)

        def compute(self, ticks):
            return len(ticks)

    class RolledWeek(Rolled):
        window_length = "week"

    _, root = filesystem(crowd.backend)
    starts = [datetime(2026, 11, 9) + timedelta(minutes=10 * n) for n in range(3 * 1008)]
    crowd.fill({f"{root}/tick/{start:%Y-%m-%dT%H%MZ}.json": b"1\n" for start in starts})
    clock.at = datetime(2026, 11, 30, 12)
    return Tick, Rolled(as_of="2026-11-18"), RolledWeek(as_of="2026-W47")


@pytest.mark.parametrize(("which", "windows"), [(1, 144), (2, 1008)])
def test_a_look_at_what_many_windows_were_read_for_asks_twelve_times_at_most(
    crowd, ticked, succeed, which, windows, monkeypatch
):
    rolled = ticked[which]
    monkeypatch.setattr(StoredWindows, "__getitem__", lambda self, start: 1)
    crowd.relay.clear()
    succeed(rolled)
    # Made without reading any, it takes no request of each: they are listed, and that some times.
    assert 0 < len(crowd.relay.requests) < windows / 2
    crowd.relay.clear()
    assert rolled.complete()
    assert 0 < len(crowd.relay.requests) <= 12


def test_what_an_open_day_is_made_from_is_kept_by_a_prune_and_the_rest_marked(
    crowd, ticked, succeed, clock
):
    tick, *_ = ticked
    clock.at = datetime(2026, 11, 18, 12)
    day = type(ticked[1])()
    prune_windows([tick().dataset], before=clock.at, needed_by=[day])
    assert min(tick().dataset.stored()) == "2026-11-18T0000Z"
    assert tick().dataset.pruned_before() == "2026-11-18T0000Z"
    prune_windows([tick().dataset], before=clock.at)
    assert tick().dataset.pruned_before() == "2026-11-18T1200Z"
    assert day.clone(as_of="2026-11-17").staleness().lost
