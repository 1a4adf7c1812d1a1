"""What Luigi's worker and scheduler do with a task, and how it is told from others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode
from luigi.scheduler import Scheduler

from hn_luigi.assets.luigi_internals.scheduling import (
    ids_at_scheduler,
    is_called_at_turn,
    is_called_when_scheduled,
    priority_of,
    workers_at_work,
)

from ...limits import patience
from ...processes import REPOSITORY

fork = multiprocessing.get_context("fork")
TELLS_OF_THE_LOCK = """
import luigi, luigi.worker

class Step(luigi.Task):
    def run(self):
        print(luigi.worker.fork_lock.locked(), flush=True)

luigi.build([Step()], workers=2, local_scheduler=True)
"""
ASKED_AMID_GARBAGE = """
import gc, threading
from hn_luigi.assets.luigi_internals.scheduling import workers_at_work

class Garbage:
    def __init__(self):
        self.of_a_cycle, self.of_a_thread = self, threading.local()
        self.of_a_thread.value = 1

workers_at_work()
for more in range(100):
    gc.disable()
    Garbage()
    gc.set_threshold(gc.get_count()[0] + more)  # it is collected amid one of its steps
    gc.enable()
    workers_at_work()
"""


class TestTurn:
    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_worker_asks_for_what_must_be_complete_once_more_just_before_the_run(
        self, build, tmp_path, workers
    ):
        log = tmp_path / "log"

        def note(line):
            with log.open("a") as file:
                file.write(f"{line}\n")

        class Step(luigi.Task):
            def deps(self):
                note(f"turn: {is_called_at_turn()}, scheduled: {is_called_when_scheduled()}")
                return []

            def run(self):
                note("run")

        Step().deps()
        build(Step(), workers=workers)
        assert log.read_text().splitlines() == [
            "turn: False, scheduled: False",
            "turn: False, scheduled: True",
            "turn: True, scheduled: False",
            "run",
        ]

    def test_luigi_fails_a_task_whose_dependency_has_changed_its_mind(self, build):
        """If it fails, ``deps()`` need no longer tell one question from the other."""

        class Flour(luigi.Task):
            answers = iter([False, False])  # as one whose settings another run has changed

            def complete(self):
                return next(self.answers, False)

            def run(self):
                pass

        class Bread(luigi.Task):
            def requires(self):
                return Flour()

            def complete(self):
                return False

            def run(self):
                raise AssertionError("it ran")

        errors = []
        Bread.event_handler(luigi.Event.FAILURE)(lambda _, error: errors.append(str(error)))
        assert build(Bread()).status is LuigiStatusCode.FAILED
        assert errors[0].startswith("Unfulfilled dependency at run time: Flour")


class TestWorkersAtWork:
    @pytest.fixture
    def seen(self, tmp_path):
        """Notes, from whichever process, who is at work as Luigi asks a task this or that."""
        log = tmp_path / "seen"

        def see(what):
            with log.open("a") as file:
                file.write("\t".join([what, *workers_at_work()]) + "\n")

        see.lines = lambda: [line.split("\t") for line in log.read_text().splitlines()]
        return see

    @pytest.fixture
    def step(self, seen):
        class Step(luigi.Task):
            number = luigi.IntParameter(1)

            def complete(self):
                seen("complete")
                return False

            def requires(self):
                seen("requires")
                return []

            def run(self):
                seen("run")
                thread = threading.Thread(target=seen, args=["thread"])
                thread.start()
                thread.join()

        return Step

    @pytest.mark.parametrize("options", [{}, {"workers": 2}])
    def test_all_that_a_run_asks_is_by_one_worker(self, step, seen, build, options):
        build(step(), **options)
        lines = seen.lines()
        assert {what for what, *_ in lines} == {"complete", "requires", "run", "thread"}
        assert len({tuple(workers) for _, *workers in lines}) == 1
        assert all(len(workers) == 1 for _, *workers in lines)

    def test_that_of_the_next_run_is_another(self, step, seen, build):
        build(step())
        build(step(number=2))
        assert len({worker for _, worker in seen.lines()}) == 2

    def test_they_can_be_asked_for_while_garbage_is_collected(self):
        """Python 3.11 then hangs, asked for the frames of all threads (python/cpython#106883)."""
        asked = subprocess.run(
            [sys.executable, "-c", ASKED_AMID_GARBAGE],
            cwd=REPOSITORY,
            timeout=patience(),
            capture_output=True,
        )
        assert (asked.returncode, asked.stderr) == (0, b"")

    def test_outside_of_a_run_there_is_none(self, build, step):
        assert workers_at_work() == set()
        build(step())
        assert workers_at_work() == set()


class TestScheduler:
    """Luigi's own; if one fails, each run's ids need no longer be its own."""

    @pytest.fixture
    def at(self, monkeypatch):
        now = [1_000_000.0]
        monkeypatch.setattr(time, "time", lambda: now[0])
        return now

    @pytest.fixture
    def scheduler(self, at):
        return Scheduler(retry_delay=900, worker_disconnect_delay=60, prune_on_get_work=True)

    def test_sends_a_second_worker_away_that_asks_for_the_same_id(self, scheduler):
        scheduler.add_task(worker="first", task_id="Bread")
        assert scheduler.get_work(worker="first")["task_id"] == "Bread"
        scheduler.add_task(worker="second", task_id="Bread")
        work = scheduler.get_work(worker="second")
        assert work["task_id"] is None
        assert [each["task_id"] for each in work["running_tasks"]] == ["Bread"]

    def test_hands_over_ids_that_differ_at_the_same_time(self, scheduler):
        for worker in ("first", "second"):
            scheduler.add_task(worker=worker, task_id=f"Bread_{worker}")
            assert scheduler.get_work(worker=worker)["task_id"] == f"Bread_{worker}"

    def test_waits_for_a_dead_worker_and_then_for_the_retry_delay(self, scheduler, at):
        scheduler.add_task(worker="first", task_id="Bread")
        scheduler.get_work(worker="first")
        died = at[0]
        scheduler.add_task(worker="second", task_id="Bread")
        while scheduler.get_work(worker="second")["task_id"] is None and at[0] < died + 2000:
            at[0] += 10
        assert 60 + 900 <= at[0] - died <= 60 + 900 + 30


def test_an_id_begins_by_task_and_root_and_is_each_run_s():
    begins, whole = ids_at_scheduler("Bread", "/data")
    assert begins.startswith("Bread_")
    assert begins != ids_at_scheduler("Bread", "/other")[0]
    assert whole.startswith(begins)
    assert whole != begins


def test_each_run_has_a_turn_of_its_own_for_a_task():
    turns = {priority_of(f"Bread_{run:08x}") for run in range(1000)}
    assert len(turns) == 1000
    assert 0 <= min(turns) < 0.1
    assert 0.9 < max(turns) < 1


def test_luigi_forks_a_task_s_process_while_it_holds_a_lock():
    """If it fails, a run within a step needs no new one."""
    ended = subprocess.run(
        [sys.executable, "-c", TELLS_OF_THE_LOCK],
        timeout=patience(),
        capture_output=True,
        text=True,
    )
    assert ended.stdout == "True\n"


def _run_two(pipe):
    class Step(luigi.Task):
        number = luigi.IntParameter()

        def run(self):
            pipe.send(os.getpid())
            signal.pause()

    luigi.build([Step(number=n) for n in (1, 2)], workers=2, local_scheduler=True)


def test_luigi_leaves_a_task_s_process_running_when_its_worker_is_killed():
    """If it fails, ``execution/process`` needn't tie a step to its worker."""
    ours, theirs = fork.Pipe()
    worker = fork.Process(target=_run_two, args=[theirs])
    worker.start()
    steps = [ours.recv() for _ in range(2)] if ours.poll(patience()) else []
    try:
        worker.kill()
        worker.join()
        theirs.close()
        assert len(steps) == 2
        for step in steps:
            os.kill(step, 0)  # raises ProcessLookupError of one that is gone
    finally:
        for step in steps:
            os.kill(step, signal.SIGKILL)
    with pytest.raises(EOFError):  # both have ended
        ours.recv()
