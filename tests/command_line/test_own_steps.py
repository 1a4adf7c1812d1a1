"""Graphs that no one here has written, with plain tasks among them."""

from __future__ import annotations

import os
import sys

import pytest

from ..processes import REPOSITORY, Forked, ended
from .runs import SHIPPED

OWN_STEPS = """
import datetime, luigi, sys
from hn_luigi.assets import Asset, requires

class Feed(Asset):
    suffix = ".json"
    capture = True
    def compute(self):
        print("FETCHED", self.as_of, file=sys.stderr)
        return 1

@requires(Feed)
class Export(luigi.Task):
    def output(self):
        return luigi.LocalTarget(f"export-{self.as_of:%Y-%m-%d}.txt")
    def run(self):
        with self.output().open("w") as file:
            file.write("1")

@requires(Export)
class Further(Export):
    def output(self):
        return luigi.LocalTarget(f"further-{self.as_of:%Y-%m-%d}.txt")

class All(luigi.WrapperTask):
    as_of = Asset.as_of
    def requires(self):
        return [Further(as_of=self.as_of), Feed(as_of=self.as_of)]

class Later(luigi.Task):
    def requires(self):
        return Feed()
    def output(self):
        return luigi.LocalTarget("later.txt")
    def run(self):
        self.output().open("w").close()

class Yielding(luigi.Task):
    def output(self):
        return luigi.LocalTarget("yielded.txt")
    def run(self):
        yield [Later()]
        self.output().open("w").close()

class Page(Asset):
    suffix = ".json"
    def requires(self):
        tomorrow = self.as_of + datetime.timedelta(days=1)
        return [Feed(as_of=self.as_of), Feed(as_of=tomorrow), Yielding()]
    def compute(self, *_):
        return 1

class Exits(Asset):
    suffix = ".json"
    def compute(self):
        sys.exit(0)

@requires(Exits, Feed)
class Both(luigi.WrapperTask):
    pass
"""


YESTERDAY = "import datetime; from hn_luigi.assets import window\n" + (
    "window.now = lambda: datetime.datetime(2026, 11, 21, 12, 34)\n"
)


TODAY = YESTERDAY.replace("11, 21", "11, 22")


class TestOwnSteps:
    """Graphs that no one here has written, with plain tasks among them."""

    @pytest.fixture
    def run(self, folder, forkserver):
        (folder / "own.py").write_text(OWN_STEPS)
        config = folder / "luigi.cfg"
        config.write_text(SHIPPED.replace("window_minutes = 10", "window_minutes = 1440"))

        def run(*flags, before=TODAY):
            argv = [sys.executable, "-m", "luigi", "--module", "own", *flags]
            environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
            return ended(Forked(argv, cwd=folder, env=environment, before=before))

        return run

    @pytest.mark.parametrize("task", ["Export", "Further", "All"])
    def test_latest_is_a_stored_window_for_a_plain_task_too(self, run, folder, task):
        assert "no window of feed is stored" in run(task, "--as-of", "latest").stderr
        assert run("Feed", before=YESTERDAY).returncode == 0
        done = run(task, "--as-of", "latest")
        assert done.returncode == 0, done.stderr
        assert "FETCHED" not in done.stderr
        assert "9999" not in done.stderr
        assert {path.name[-14:] for path in folder.glob("*.txt")} == {"2026-11-21.txt"}

    @pytest.mark.parametrize("more", [[], ["--workers", "2"], ["--parallel-scheduling"]])
    def test_with_latest_nothing_is_fetched(self, run, more):
        run("Feed", before=YESTERDAY)
        done = run("Page", "--as-of", "latest", *more)
        assert done.returncode == 30, done.stderr
        assert "FETCHED" not in done.stderr
        assert "this run reads only what is stored" in done.stderr
        assert "Traceback" not in done.stderr
        assert "FETCHED" in run("Later").stderr

    def test_a_step_that_exits_fails_and_the_others_go_on(self, run, folder):
        done = run("Both")
        assert done.returncode == 30, done.stderr
        assert list(folder.glob("data/_failures/exits/*.json"))
        assert list(folder.glob("data/feed/*.json"))
