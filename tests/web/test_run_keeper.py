"""What keeps a run: nothing of it is left, however it or the server ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from hn_luigi.web import run_keeper

from ..limits import patience
from ..processes import wait_until

# They start processes.
pytestmark = pytest.mark.slow
KEEPER = [sys.executable, "-I", "-S", run_keeper.__file__]
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel does it on Linux alone")


class Kept:
    """A command that runs under a keeper, whose lifeline this process holds."""

    def __init__(self, folder: Path, command: list[str], grace: float = 0.1) -> None:
        self.folder = folder
        reader, self.lifeline = os.pipe()
        with open(folder / "said", "wb") as said:  # no pipe, which what is left would keep open
            self.process = subprocess.Popen(
                [*KEEPER, str(grace), *command],
                cwd=folder,
                stdin=reader,
                stderr=said,
                start_new_session=True,
            )
        os.close(reader)

    def started(self, name: str) -> psutil.Process:
        """What has written its number into the file of that name."""
        path = self.folder / name
        wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
        return psutil.Process(int(path.read_text()))

    def let_go(self) -> None:
        if self.lifeline is not None:
            os.close(self.lifeline)
            self.lifeline = None

    def end(self) -> int:
        return self.process.wait(patience())

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def keep(tmp_path):
    started = []

    def run(script="", command=(), **options):
        started.append(Kept(tmp_path, [*command] or ["sh", "-c", script], **options))
        return started[-1]

    yield run
    for kept in started:
        kept.let_go()
        kept.kill()


@pytest.mark.parametrize(
    "script, code",
    [(":", 0), ("exit 7", 7), ("kill -9 $$", -9), ("kill $$", -15), ("kill -SEGV $$", -11)],
)
def test_it_ends_as_its_command_does(keep, script, code):
    assert keep(script).end() == code


def test_a_command_that_can_t_be_started_says_so(keep, tmp_path):
    assert keep(command=["/no/such"]).end() == 127
    said = (tmp_path / "said").read_text()
    assert said == "can't start /no/such: No such file or directory\n"


def test_it_outlives_nothing_that_it_keeps(keep):
    kept = keep("echo $$ > run; exec sleep 600")
    run = kept.started("run")
    kept.let_go()
    assert kept.end() == -signal.SIGTERM
    assert not run.is_running()


PYTHON = f"exec {sys.executable} -c"
# Python hears of a signal between two of its own steps, of which this takes no second one.
HOLDS_THE_LOCK = f"""{PYTHON} '
import itertools, os, signal
signal.signal(signal.SIGTERM, lambda *_: os._exit(3))
open("run", "w").write(f"{{os.getpid()}}\\n")
sum(itertools.repeat(0))
'"""
IGNORES_IT = "trap '' TERM; echo $$ > run; while :; do sleep 600; done"


@pytest.mark.parametrize("script", [HOLDS_THE_LOCK, IGNORES_IT], ids=["lock", "ignores"])
def test_what_doesn_t_end_when_told_is_killed(keep, script):
    kept = keep(script)
    run = kept.started("run")
    kept.let_go()
    assert kept.end() == -signal.SIGKILL
    assert not run.is_running()


@linux
@pytest.mark.parametrize("ending", ["exit 4", "exec sleep 600"], ids=["by itself", "told to"])
def test_what_it_started_ends_with_it(keep, ending):
    """Though that ignores SIGTERM, leads a session of its own, and has lost its parent."""
    daemon = "setsid sh -c \"trap '' TERM; sh -c 'echo \\$\\$ > far; exec sleep 600' & wait\""
    kept = keep(f"({daemon} &) ; until [ -s far ]; do sleep 0.01; done; {ending}")
    far = kept.started("far")
    if ending != "exit 4":
        kept.let_go()
    assert kept.end() == (4 if ending == "exit 4" else -signal.SIGTERM)
    assert not far.is_running()


def test_one_that_is_told_may_take_its_leave(keep, tmp_path):
    kept = keep(
        "trap 'echo bye > bye; exit 5' TERM; echo $$ > run; while :; do sleep 0.01; done",
        grace=patience(),
    )
    kept.started("run")
    kept.process.terminate()
    assert kept.end() == 5
    assert (tmp_path / "bye").read_text() == "bye\n"


@linux
def test_a_run_dies_with_a_keeper_that_is_killed(keep):
    kept = keep(IGNORES_IT)
    run = kept.started("run")
    kept.process.kill()
    assert psutil.wait_procs([run], timeout=patience())[1] == []
