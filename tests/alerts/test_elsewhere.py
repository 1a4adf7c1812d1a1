"""A root that can't be written, or not even read: it is told once what is wrong, and once its end.

The disk is a real one that is full; a store that is down is one that doesn't answer.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from hn_luigi import StoryIds
from hn_luigi.assets.errors import BackendUnavailable
from hn_luigi.assets.storage import Folder, local_notes

from ..faults.conftest import disk  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("one_asset")


@pytest.fixture
def titles(hook):
    """What was told since the last call."""

    def run():
        found = [message["title"].removeprefix("hn_luigi: ") for message in hook.messages]
        hook.asked.clear()
        return found

    return run


@pytest.fixture
def full(disk, settings, make):  # noqa: F811
    """A disk with a root that has become full."""
    settings("storage", root=disk.path / "data")
    make()
    disk.leave(0)
    return disk


@pytest.fixture
def make(build, clock):
    """Runs StoryIds a window later, and looks a minute after."""

    def run():
        clock.advance(minutes=10)
        build(StoryIds())
        clock.advance(minutes=1)

    return run


class TestAFullDisk:
    def test_is_told_once_as_failed_and_as_late_and_its_end_once(self, full, make, say, titles):
        said = []
        for _ in range(8):
            make()
            assert say("alert").err == ""
            said.append(titles())
        assert said[:2] == [[], ["failed: top/story_ids"]]
        assert said[2:4] == [["late: top/story_ids"], []]
        assert said[4:] == [[]] * 4
        full.free()
        make()
        assert say("alert").code == 0
        assert titles() == ["no longer failed: top/story_ids; no longer late: top/story_ids"]
        make()
        say("alert")
        assert titles() == []

    def test_names_its_cause_and_leaves_no_note(self, full, make, say, hook, notes, root):
        make()
        make()
        say("alert")
        assert "No space left on device; free some space" in hook.messages[0]["message"]
        assert list(notes.rglob("_failures/**/*.json"))
        assert say("history StoryIds").out.count("No space left") == 2
        full.free()
        make()
        say("alert")
        assert [path.name for path in notes.rglob("*.json")] == ["looks.json"]
        kept = list((full.path / "data/_failures/top/story_ids").iterdir())
        assert len(kept) == 2

    def test_with_no_room_for_states_either_is_noted_in_memory(
        self, full, make, say, titles, monkeypatch, tmp_path
    ):
        """As where one disk holds all."""

        def tops():
            yield str(full.path / "state")
            yield str(tmp_path / "memory")

        monkeypatch.setattr(local_notes, "_tops", tops)
        for _ in range(4):
            make()
            say("alert")
        assert titles() == ["failed: top/story_ids", "late: top/story_ids"]

    def test_that_is_read_only_is_told_alike(self, full, make, say, titles, clock):
        full.free()
        asset = StoryIds(as_of=clock() + timedelta(minutes=10))
        lock = Path(asset.dataset.store.path(f"_locks/{asset.key}.lock"))
        lock.touch()  # of a run that the disk's end has ended
        full.remount("ro")
        for _ in range(5):
            make()
            say("alert")
        assert titles() == ["failed: top/story_ids", "late: top/story_ids"]
        full.remount("rw")
        make()
        say("alert")
        assert titles() == ["no longer failed: top/story_ids; no longer late: top/story_ids"]


class TestAStoreThatIsDown:
    def test_is_told_once_and_its_end_once(self, make, say, titles, hook, clock, monkeypatch):
        make()
        say("alert")
        with monkeypatch.context() as patch:
            patch.setattr(Folder, "require_reachable", unreachable)
            said = []
            for _ in range(6):
                clock.advance(minutes=5)
                answer = say("alert")
                assert (answer.code, answer.err) == (2, "hn-luigi: can't read s3://…bucket\n")
                said += [message["message"] for message in hook.messages]
                assert "hush" not in answer.out
                hook.asked.clear()
        assert len(said) == 1
        assert "failed: top/story_ids, since 2026-11-22 12:50 UTC\n" in said[0]
        assert "BackendUnavailable" not in said[0]
        say("alert")
        assert titles() == ["late: top/story_ids"]  # which is known only now
        make()
        say("alert")
        assert titles() == ["no longer failed: top/story_ids; no longer late: top/story_ids"]

    def test_is_no_news_where_a_failure_was_told(self, say, titles, fail, make, clock, monkeypatch):
        make()
        fail()
        say("alert")
        assert titles() == ["failed: top/story_ids"]
        with monkeypatch.context() as patch:
            patch.setattr(Folder, "require_reachable", unreachable)
            for _ in range(3):
                clock.advance(minutes=5)
                say("alert")
        make()
        say("alert")
        assert titles() == ["no longer failed: top/story_ids"]

    def test_of_which_another_machine_told_the_end_is_not_told_again(
        self, say, titles, fail, make, clock, root
    ):
        fail()
        say("alert")
        make()
        (root / "_alerts/top/story_ids.json").unlink()  # as the other has it
        titles()
        assert say("alert").out.startswith("Nothing failed")
        assert titles() == []

    def test_for_one_look_is_told_of_nobody(self, make, say, titles, clock, monkeypatch):
        make()
        for _ in range(3):
            with monkeypatch.context() as patch:
                patch.setattr(Folder, "require_reachable", unreachable)
                clock.advance(minutes=5)
                assert say("alert").code == 2
            clock.advance(minutes=1)
            assert say("alert").code == 0
        assert titles() == []


def unreachable(self):
    raise BackendUnavailable("can't read s3://me:hush@bucket")
