"""Random hours of an asset, a disk and a store: whatever comes, each trouble is told once."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from hn_luigi import StoryIds
from hn_luigi.alerts import send_news
from hn_luigi.alerts.incidents import Kind
from hn_luigi.assets.catalog import failure
from hn_luigi.assets.catalog.failure import Failure
from hn_luigi.assets.errors import BackendUnavailable, StorageError
from hn_luigi.assets.storage import Folder
from hn_luigi.assets.window import timestamp

WINDOW, MOST_LAG = timedelta(minutes=10), timedelta(minutes=30)
SPELLS = ("good", "good", "failing", "flapping", "off", "full", "down")
WHOLE_WRITE = Folder.write


class World:
    """Runs of StoryIds once a window, and looks after each of them."""

    def __init__(self, clock, root, made, seed):
        self.clock, self.root, self.made, self.drawn = clock, str(root), made, random.Random(seed)
        self.spell = "good"
        self.made_at = [clock()]
        self.tries = 0  # in a row that failed, or looks that found the store down
        self.going_on = {}

    def live(self):
        for _ in range(12):
            self.spell = self.drawn.choice(SPELLS)
            for _ in range(self.drawn.choice([1, 1, 2, 3, 5, 9])):
                self.clock.advance(minutes=10)
                if self.spell != "off":
                    self.run_and_look()
        self.spell = "good"
        for _ in range(2):
            self.clock.advance(minutes=10)
            self.run_and_look()

    def run_and_look(self):
        fails = {"failing": True, "flapping": self.drawn.random() < 0.5}.get(self.spell, False)
        if self.spell == "down":
            self.tries += 1
        elif fails or self.spell == "full":
            self.fail()
        else:
            self.make()
        for _ in range(self.drawn.choice([1, 1, 2])):  # the server's look may come at once
            self.clock.advance(seconds=1)
            try:
                send_news([StoryIds()], self.sent)
            except StorageError:
                assert self.spell == "down"

    def fail(self):
        self.tries += 1
        asset, at = StoryIds(), timestamp(self.clock())
        failure.keep(
            asset.dataset, Failure(asset.folder, asset.partition.window, at, "OSError: no")
        )

    def make(self):
        self.tries = 0
        self.made_at.append(self.clock())
        partition, at = StoryIds().partition, timestamp(self.clock())
        partition.store.write(partition.output_key, b"[1]")
        made = replace(self.made, window=partition.window, created_at=at, read_at=at, data_time=at)
        partition.write_record(made)
        failure.settle(StoryIds().dataset)

    def sent(self, watched):
        for incident in (each for one in watched for each in one.news):
            if incident.over_at is not None:
                assert self.going_on.pop(incident.kind, False), "the end of what nobody knows of"
                assert self.tries == 0
                continue
            assert incident.kind not in self.going_on, "told twice"
            self.going_on[incident.kind] = True
            is_late = self.clock() - self.made_at[-1] > MOST_LAG
            assert is_late if incident.kind == Kind.LATE else self.tries > 1
        return True

    def write(self, folder, key, data):
        if self.spell == "full" and folder.root.startswith(self.root):
            raise StorageError("No space left on device")
        return WHOLE_WRITE(folder, key, data)

    def reach(self):
        if self.spell == "down":
            raise BackendUnavailable("can't read it")


@pytest.mark.parametrize("seed", range(4, 8))
def test_each_trouble_is_told_once_and_its_end_once(
    one_asset, clock, succeed, root, monkeypatch, seed
):
    succeed(StoryIds())
    world = World(clock, root, StoryIds().partition.record(), seed)
    monkeypatch.setattr(Folder, "write", lambda *args: world.write(*args))
    monkeypatch.setattr(Folder, "require_reachable", lambda _: world.reach())
    world.live()
    assert world.going_on == {}
