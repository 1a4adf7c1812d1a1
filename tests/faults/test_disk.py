"""Roots that are full, read-only or gone, and no room for temporary files."""

from __future__ import annotations

import shutil

import pytest

from .pipeline import LATEST, bereft_at, to_be_held

WRITES = [
    "top/story_ids/{}.json",
    "_records/top/story_ids/{}.json",
    "top/stories/{}.parquet",
    "_records/top/stories/{}.json",
    "top/wordcloud/{}.md",
    LATEST,
    "_records/top/wordcloud/{}.json",
]
NO_OTHER = """
import tempfile
tempfile._candidate_tempdir_list = lambda: [os.environ["TMPDIR"]]
"""


@pytest.fixture
def room_before(undisturbed, disk):
    """Tells how many bytes of a disk a run takes until a write, and all but a page for that."""
    page = 4096

    def room(write, window):
        room = -page
        for name in WRITES[: WRITES.index(write) + 1]:
            size = (undisturbed.root / name.format(window)).stat().st_size
            room += -(-size // page) * page
        return room

    return room


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.format("window"))
def test_disk_full_at_each_write(pipelines, disk, room_before, write, tried):
    pipeline = pipelines(disk.path / "data")
    disk.leave(room_before(write, pipeline.window))
    with (pipeline.root / LATEST).open("rb"):  # a reader, who keeps the room of the old one
        run = pipeline.run()
        assert tried("disk full", run.end()) == 30, run.said
    path = pipeline.root / write.format(pipeline.window)
    assert f"can't write {path}: No space left on device; free some space" in run.said
    assert pipeline.stray() == []
    disk.free()
    pipeline.survived()


def test_temporary_files_full(pipelines, disk, tried):
    """It needs none."""
    pipeline = pipelines()
    pipeline.machine.environment["TMPDIR"] = str(disk.path)
    disk.leave(0)
    run = pipeline.run(before=NO_OTHER)
    assert tried("/tmp full", run.end()) == 0, run.said
    pipeline.survived()


def test_root_read_only(pipelines, disk, tried):
    pipeline = pipelines(disk.path / "data")
    disk.remount("ro")
    run = pipeline.run()
    assert tried("root read-only", run.end()) == 30, run.said
    assert "Read-only file system; mount it writable, or set another [storage] root" in run.said
    disk.remount("rw")
    assert pipeline.contents() == pipeline.before
    pipeline.survived()


@pytest.mark.parametrize("only", ["topstories", "item/"])
def test_root_removed_during_a_run(pipelines, fetching, only, tried):
    """The run makes it anew."""
    pipeline = pipelines(**to_be_held())
    with fetching(pipeline, only) as run:
        shutil.rmtree(pipeline.root)
    assert tried("root removed", run.end()) == 0, run.said
    pipeline.before = {}
    pipeline.survived()


def test_root_removed_as_a_page_is_published(pipeline, tried):
    page = pipeline.root / f"top/wordcloud/{pipeline.window}.md"
    run = pipeline.run(before=bereft_at(pipeline, str(page)))
    assert tried("root removed", run.end()) == 30, run.said
    assert f"can't write {page}: No such file or directory" in run.said
    pipeline.before = {}
    pipeline.survived()
