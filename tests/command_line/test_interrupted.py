"""Runs that are stopped or killed in the middle."""

from __future__ import annotations

import signal

import psutil
import pytest

from ..limits import patience
from ..processes import wait_until
from .runs import busy, files, present


def children_of(process):
    return psutil.Process(process.pid).children(recursive=True)


SAID_WHEN_STOPPED = "feed=top) was interrupted. What was published stays; run again."


class TestInterrupted:
    @pytest.fixture(params=["1", "2"], ids=["one worker", "two workers"])
    def workers(self, request):
        return request.param

    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
    def test_a_run_stopped_in_its_fetch_leaves_nothing_and_the_next_succeeds(
        self, start, luigi, folder, api, name, workers
    ):
        """Asked to stop, a run of one worker also says what it was doing."""
        asked = len(api.requests)
        with busy(api):
            run = start("--workers", workers)
            wait_until(lambda: len(api.requests) > asked + 1)
            children = children_of(run)
            run.send_signal(signal.Signals[name])
            _, log = run.communicate(timeout=patience())
        assert run.returncode != 0
        if name != "SIGKILL" and workers == "1":
            assert SAID_WHEN_STOPPED in log
        psutil.wait_procs(children, timeout=patience())
        assert not any(child.is_running() for child in children)
        assert not (folder / "data/top/stories").exists() or not files(folder / "data/top/stories")
        assert not list((folder / "data").rglob("*.tmp"))
        done = luigi(task="Stories")  # all that had begun
        assert done.returncode == 0, done.stderr
        assert files(folder / "data/top/stories")

    @pytest.mark.parametrize(
        "moment",
        [
            "data/top/story_ids/*.json",
            "data/_records/top/story_ids/*.json",
            "data/top/stories/*.parquet",
            "data/top/wordcloud/2*.md",
            "data/top/wordcloud/latest.md",
        ],
    )
    def test_killed_while_it_publishes_the_next_run_puts_all_right(
        self, start, luigi, folder, made, moment
    ):
        as_of = present()
        undisturbed = made(as_of)
        run = start("--as-of", as_of)
        wait_until(lambda: list(folder.glob(moment)))
        run.kill()
        run.communicate()
        done = luigi("--as-of", as_of)
        assert done.returncode == 0, done.stderr
        assert not list((folder / "data").rglob("*.tmp"))
        for path in files(folder / "data/top"):
            assert (folder / "data/top" / path).read_bytes() == (
                undisturbed / "top" / path
            ).read_bytes(), path
