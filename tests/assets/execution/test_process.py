from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import luigi
import pytest

from hn_luigi import parent_death
from hn_luigi.assets import Asset
from hn_luigi.assets.errors import Orphaned
from hn_luigi.assets.execution import process

from ...limits import patience

fork = multiprocessing.get_context("fork")


def test_a_termination_unwinds_like_an_interrupt():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), process.attached():
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_termination_that_python_loses_is_made_good_at_the_end_of_the_step():
    with pytest.raises(KeyboardInterrupt), process.attached(), suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_step_that_goes_on_after_its_termination_is_killed():
    step = fork.Process(target=_ignore_termination)
    step.start()
    step.join(patience())
    assert step.exitcode == -signal.SIGALRM


def _ignore_termination():
    process.SECONDS_TO_UNWIND = 0.01
    with process.attached():
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
            signal.pause()
        while True:
            signal.pause()


def test_outside_the_main_thread_it_leaves_signals_alone():
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def work():
        with process.attached():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_a_process_that_was_not_forked_by_a_worker_is_no_orphan():
    with process.attached() as may_publish:
        may_publish()


def test_a_step_whose_worker_lives_may_publish():
    step = fork.Process(target=_attach_and_publish)
    step.start()
    step.join()
    assert step.exitcode == 0


def _attach_and_publish():
    with process.attached() as may_publish:
        may_publish()


def test_a_process_whose_worker_is_gone_may_not_publish():
    ours, theirs = fork.Pipe()
    worker = fork.Process(target=_start_step_and_die, args=[theirs])
    worker.start()
    worker.join()
    assert ours.poll(patience())
    assert ours.recv() == "Orphaned"


def _start_step_and_die(pipe):
    attached, told = fork.Pipe()
    fork.Process(target=_report_when_orphaned, args=[pipe, told, os.getpid()]).start()
    attached.recv()
    os._exit(0)


def _report_when_orphaned(pipe, told, worker):
    parent_death._prctl = None  # as where the kernel doesn't end it with its worker
    with process.attached() as may_publish:
        told.send("attached")
        while os.getppid() == worker:
            time.sleep(0.001)
        try:
            may_publish()
            pipe.send("allowed")
        except Orphaned:
            pipe.send("Orphaned")


def test_a_step_dies_with_its_worker():
    ours, theirs = fork.Pipe()
    worker = fork.Process(target=_start_attached_step_and_wait, args=[theirs])
    worker.start()
    step = ours.recv()
    assert step != worker.pid
    theirs.close()
    worker.kill()
    worker.join()
    assert ours.poll(patience()), "the step still holds its end of the pipe"
    with pytest.raises(EOFError):
        ours.recv()


def _start_attached_step_and_wait(pipe):
    fork.Process(target=_attach_and_wait, args=[pipe]).start()
    signal.pause()


def _attach_and_wait(pipe):
    with process.attached():
        pipe.send(os.getpid())
        signal.pause()


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
class TestARunEnds:
    @pytest.fixture
    def ended(self, build, clock):
        """Runs a task with two workers, in a process of its own; how that ended, if it did."""

        def run(task):
            ours, theirs = fork.Pipe()
            worker = fork.Process(target=lambda: theirs.send(build(task, workers=2).status.name))
            worker.start()
            try:
                return ours.recv() if ours.poll(patience()) else "it hangs"
            finally:
                worker.kill()
                worker.join()

        return run

    def test_though_a_step_that_has_a_time_limit_calls_what_no_signal_interrupts(
        self, ended, monkeypatch
    ):
        monkeypatch.setattr(process, "SECONDS_TO_UNWIND", 0.1)

        class Endless(Asset):
            suffix = ".json"
            window_length = None
            worker_timeout = 1

            def compute(self):
                return sum(range(10**15))

        assert ended(Endless()) == "FAILED"

    def test_though_a_step_has_a_run_of_its_own_within(self, ended, build):
        class Flour(luigi.Task):
            def complete(self):
                return False

            def run(self):
                pass

        class Bread(Asset):
            suffix = ".json"
            window_length = None

            def compute(self):
                return build(Flour(), workers=2).status.name

        assert ended(Bread()) == "SUCCESS"


SPAWNING = """
import multiprocessing, sys
import luigi
from luigi.configuration import get_config
from hn_luigi.assets import Asset

class Note(Asset):
    suffix = ".txt"

    def compute(self):
        return "made"

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    get_config().set("storage", "root", "here")
    tasks = [Note.from_str_params({"as_of": f"2026-11-22T12{minute}"}) for minute in (10, 20)]
    sys.exit(not luigi.build(tasks, workers=2, local_scheduler=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_worker_that_doesn_t_fork_fails_instead_of_working_elsewhere(tmp_path, method):
    """Python's default is no longer to fork, on macOS and from 3.14 on."""
    (tmp_path / "notes.py").write_text(SPAWNING)
    run = subprocess.run(
        [sys.executable, "notes.py", method],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=patience(),
    )
    assert run.returncode == (method != "fork"), run.stderr
    assert ("without forking, which loses its flags" in run.stderr) == (method != "fork")
    assert not (tmp_path / "data").exists()
