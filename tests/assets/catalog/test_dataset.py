"""The newest windows are found without a listing of all, and none is missed for that."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hn_luigi.assets import window
from hn_luigi.assets.catalog.dataset import Dataset
from hn_luigi.assets.catalog.failure import Failure, failure_keys, failures_of, keep
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.operations.history import events_of
from hn_luigi.assets.operations.status import status_of
from hn_luigi.assets.storage import Folder, folder

NOW = datetime(2026, 11, 22, 12, 34, 56)
JUNK = ["notes.md", "latest.md", "2026-11-22T1230Z.txt", "2026-11-31T1230Z.md", ".x.md.1.tmp"]


def record_of(name):
    return Record(
        asset="page",
        window=name,
        created_at="2026-11-22T12:30:00.000Z",
        data_time="2026-11-22T12:30:00.000Z",
        settings={},
        upstream={},
        data_version="0" * 64,
        size=1,
        fingerprint="1",
    )


windows = st.frozensets(
    st.integers(-6 * 1440, 2 * 1440).map(lambda n: window.name(NOW + timedelta(minutes=n))),
    max_size=6,
) | st.just(frozenset({"0021-03-04T0506Z", "9999-12-31T2359Z"}))


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A fresh store at each call."""
    return lambda: Folder(str(tmp_path_factory.mktemp("data")))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(stored=windows, recorded=windows, is_latest=st.booleans(), minutes=st.integers(0, 3000))
def test_the_newest_are_those_that_a_look_at_all_finds(
    places, stored, recorded, is_latest, minutes
):
    """Whatever windows are there, of any length, of the future, and long ago."""
    store, now = places(), NOW + timedelta(minutes=minutes)
    dataset = Dataset(store, "page", ".md")
    files = {f"page/{name}.md": b"1" for name in stored}
    files |= {f"_records/page/{name}.json": record_of(name).to_json() for name in recorded}
    files |= {f"page/{name}": b"" for name in JUNK if is_latest or name != "latest.md"}
    for key, data in files.items():  # not by the store, which waits for the disk
        path = Path(store.path(key))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    begun = {name for name in stored | recorded if name <= window.name(now)}
    counted = begun if is_latest else begun & stored
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "now", lambda: now)
        assert dataset.newest() == max(counted, default=None)
        made = dataset.newest_made()
        assert list(dataset.stored_newest_first()) == sorted(begun & stored, reverse=True)
    assert (made.window if made else None) == max(begun & stored & recorded, default=None)
    assert dataset.stored() == stored
    assert list(dataset.recorded_in_order()) == sorted(recorded)


@pytest.fixture
def year(mill, root, bake):
    """Both assets have been made now, and every ten minutes of some days before."""
    bake(1)
    newest = datetime(2026, 11, 22, 12, 30)
    names = [window.name(newest - timedelta(minutes=10 * n)) for n in range(1, 500)]
    for asset in (mill.Flour(), mill.Bread()):
        partition = asset.partition
        for name in names:
            other = asset.dataset.partition(name)
            os.link(root / partition.output_key, root / other.output_key)
            text = (root / partition.record_key).read_text().replace(partition.window, name)
            (root / other.record_key).write_text(text)
    return SimpleNamespace(root=root, names=names)


@pytest.fixture
def scanned(monkeypatch):
    """The folders that are listed meanwhile."""
    found = []
    scandir = os.scandir

    def note(path):
        found.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", note)
    return found


@pytest.fixture
def later(monkeypatch):
    """The file system's clock has gone on since the last change."""
    time_ns = folder.time.time_ns
    monkeypatch.setattr(folder.time, "time_ns", lambda: time_ns() + 3 * 10**9)


def test_a_look_at_what_is_newest_lists_no_windows(year, mill, scanned):
    assert [each.newest.window for each in status_of([mill.Flour(), mill.Bread()])] == [
        "2026-11-22T1230Z"
    ] * 2
    assert mill.Bread().complete()
    assert not [path for path in scanned if "_failures" not in path]


def test_no_folder_is_listed_twice_while_it_stays(year, mill, scanned, later):
    dataset = mill.Bread().dataset
    for _ in range(2):
        assert len(events_of(dataset, limit=20)) == 20
    assert [path for path in scanned if "_failures" not in path] == [
        str(year.root / "_records/bread")
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "2026-11-22T1231Z.json").write_text("{}"),
        lambda folder: (folder / "2026-11-22T1230Z.json").unlink(),
        lambda folder: (folder / "2026-11-22T1230Z.json").rename(folder / "2026-11-22T1229Z.json"),
        lambda folder: folder.rename(f"{folder}.old"),
    ],
    ids=["another", "one less", "another name", "gone"],
)
def test_what_changes_in_a_folder_is_seen_at_once(year, mill, root, later, change):
    """Though its times may be set back, as a copy does that keeps them."""
    folder = root / "_records/bread"
    dataset, times = mill.Bread().dataset, os.stat(folder)
    before = dataset.recorded()
    change(folder)
    if folder.exists():
        os.utime(folder, ns=(times.st_atime_ns, times.st_mtime_ns))
    there = {path.stem for path in folder.glob("*.json")}
    assert dataset.recorded() == there != before


def test_a_folder_that_has_just_changed_is_listed_every_time(year, mill, scanned):
    """Its next change may come within the same tick of its clock."""
    for _ in range(2):
        assert mill.Bread().dataset.recorded()
    assert len(scanned) == 2


def test_history_has_the_newest_of_what_was_made_and_failed(year, mill, clock):
    dataset = mill.Bread().dataset
    for n in range(40):
        at = window.timestamp(clock() + timedelta(seconds=n))
        keep(dataset, Failure("bread", year.names[n // 2 + 5], at, "an error"))
    whole = [event.window for event in events_of(dataset, limit=10_000)]
    assert len(whole) == 540
    for limit in (1, 7, 20, 41, 100):
        assert [event.window for event in events_of(dataset, limit=limit)] == whole[:limit]


def test_failed_attempts_are_told_by_when_they_failed(mill, clock):
    """Not by their windows: one may be tried again long after it was over."""
    dataset = mill.Bread().dataset
    for name, minute in [("2026-11-22T1230Z", 1), ("2026-11-20T0000Z", 3), ("2026-11-22T1200Z", 2)]:
        keep(dataset, Failure("bread", name, f"2026-11-22T12:0{minute}:00.000Z", "an error"))
    assert [failure.failed_at[14:16] for failure in failures_of(dataset)] == ["03", "02", "01"]
    assert sorted(failure_keys(dataset).values()) == [
        "2026-11-20T0000Z",
        "2026-11-22T1200Z",
        "2026-11-22T1230Z",
    ]
