"""Own tasks whose names the shipped graph has as well."""

from __future__ import annotations

import json
import os
import sys

import pytest

from ..processes import REPOSITORY, Forked, ended
from .runs import a_little_of_it

PLAIN_AND_FIRST = """
import luigi
class Stories(luigi.Task):
    def output(self):
        return luigi.LocalTarget("plain.txt")
    def run(self):
        with self.output().open("w") as file:
            file.write("mine")
"""
OWN = """
import luigi
import plain_and_first
import hn_luigi
from hn_luigi.assets import Asset, requires

class cloud(luigi.Config):
    region = luigi.Parameter("eu")

class StoryIds(Asset):
    suffix = ".json"
    def compute(self):
        return [7]

@requires(StoryIds)
class Wordcloud(Asset):
    suffix = ".json"
    def compute(self, ids):
        return [*ids, cloud().region]

@requires(hn_luigi.Wordcloud, Wordcloud)
class Report(Asset):
    suffix = ".json"
    def compute(self, page, own):
        return [page.startswith("# "), *own]

class Yields(luigi.Task):
    def output(self):
        return luigi.LocalTarget("yielded.txt")
    def run(self):
        yield hn_luigi.StoryIds()
        self.output().open("w").close()
"""
MADE_FROM_OURS = """
import hn_luigi
class Stories(hn_luigi.Stories):
    stored_as = "short_stories"
    def compute(self, story_ids):
        return super().compute(story_ids[:5])
"""


@pytest.fixture
def run(folder, forkserver, api):
    (folder / "plain_and_first.py").write_text(PLAIN_AND_FIRST)
    (folder / "own.py").write_text(OWN)
    (folder / "made_from_ours.py").write_text(MADE_FROM_OURS)
    shipped = a_little_of_it().replace("[hackernews]", f"[hackernews]\nbase_url = {api.base_url}")
    (folder / "luigi.cfg").write_text(shipped)

    def run(module, *flags):
        argv = [sys.executable, "-m", "luigi", "--module", module, *flags]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        return ended(Forked(argv, cwd=folder, env=environment))

    return run


def stored(folder, asset):
    (path,) = (folder / "data" / asset).glob("2*.json")
    return json.loads(path.read_text())


WORKERS = pytest.mark.parametrize("workers", ["1", "2"])


@WORKERS
def test_they_run_by_their_names_with_the_flags_of_a_section_that_is_theirs(run, folder, workers):
    done = run("own", "Wordcloud", "--cloud-region", "us", "--workers", workers)
    assert done.returncode == 0, done.stderr
    assert stored(folder, "wordcloud") == [7, "us"]
    assert not (folder / "data/top").exists()


def test_so_does_a_plain_task_that_was_there_before_ours(run, folder):
    done = run("own", "Stories")
    assert done.returncode == 0, done.stderr
    assert (folder / "plain.txt").read_text() == "mine"


@WORKERS
def test_ours_is_still_made_where_it_is_required(run, folder, workers):
    done = run("own", "Report", "--workers", workers)
    assert done.returncode == 0, done.stderr
    assert stored(folder, "top/report") == [True, 7, "eu"]
    assert (folder / "data/top/stories").is_dir()


def test_one_made_from_ours_takes_its_name(run, folder):
    done = run("made_from_ours", "Stories")
    assert done.returncode == 0, done.stderr
    assert (folder / "data/top/short_stories").is_dir()
    assert not (folder / "data/top/stories").exists()


def test_ours_run_by_their_names_as_ever(run, folder):
    assert run("hn_luigi", "StoryIds", "--feed", "show").returncode == 0
    assert stored(folder, "show/story_ids")


def test_to_yield_ours_fails_and_makes_nothing_else(run, folder):
    """Luigi makes anew what is yielded, by its name alone."""
    done = run("own", "Yields")
    assert done.returncode != 0
    assert "'StoryIds' is ambiguous" in done.stderr
    assert not (folder / "data/story_ids").exists()
