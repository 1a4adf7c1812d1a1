"""Runs as processes of their own, forked from one that has imported all that they take.

So a run costs a third of a second instead of two, and is otherwise what a shell starts: it has
its own session, environment, folder, configuration and output.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import multiprocessing.forkserver
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

LIMIT = 60  # seconds; long enough that only a hang reaches it
REPOSITORY = Path(__file__).parents[1]

PRELOADED = [
    "hn_luigi.assets.activity",
    "hn_luigi.assets.code.reach",
    "hn_luigi.assets.materialize",
    "hn_luigi.assets.storage.objects",
    "hn_luigi.cli",
    "hn_luigi.hackernews.transport",
    "hn_luigi.page",
    "luigi.cmdline",
    "luigi.server",
    "matplotlib.ft2font",
    "multiprocessing.queues",
    "pandas",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "s3fs",
    "wordcloud",
]
# What it was forked with is frozen, since collecting garbage among it takes a third of a run.
AS_IF_FROM_A_SHELL = """
import gc
gc.freeze()
import luigi.configuration.core, multiprocessing.process, os, sys, tempfile, time
multiprocessing.set_start_method("fork", force=True)
os.setsid()
os.environ.clear()
os.environ.update(environment)
time.tzset()
os.chdir(folder)
for stream in (1, 2):
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
sys.path.insert(0, folder)
tempfile.tempdir = luigi.configuration.core.LuigiConfigParser._instance = None
multiprocessing.process._parent_process = None
"""
LUIGI = "luigi.cmdline.luigi_run(arguments)"
CONFIGURATION = """
[core]
local_scheduler = true
log_level = INFO
no_lock = true

[retcode]
not_run = 25
task_failed = 30
scheduling_error = 35
unhandled_exception = 40

[scheduler]
stable_done_cooldown_secs = 0

[cloud]
width = 200
height = 100
max_words = 10

[hackernews]
limit = 20
base_url = {api}
"""


@contextmanager
def forkserver() -> Iterator[None]:
    """The process that the others are forked from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(REPOSITORY), prepend=os.pathsep)
        multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
        multiprocessing.forkserver.ensure_running()
    yield
    multiprocessing.forkserver._forkserver._stop()


@dataclass(frozen=True)
class Running:
    """A process that was started, and all that it starts."""

    process: multiprocessing.context.ForkServerProcess
    log: Path

    def kill(self, name: str = "SIGKILL") -> None:
        os.kill(self.process.pid, signal.Signals[name])

    def end(self) -> int:
        """Wait until it ends; the exit code, negative where a signal ended it."""
        self.process.join(LIMIT)
        assert self.process.exitcode is not None, f"it hangs: {self.said}"
        return self.process.exitcode

    @property
    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def rest(self) -> list[psutil.Process]:
        """The processes of its session that are alive."""
        return [p for p in psutil.process_iter() if self._is_mine(p)]

    def _is_mine(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, ProcessLookupError):
            return (
                os.getsid(process.pid) == self.process.pid
                and process.status() != psutil.STATUS_ZOMBIE
            )
        return False


class Machine:
    """Where processes run: a folder with a configuration, and one for temporary files."""

    def __init__(self, folder: Path, configuration: str, environment: Mapping[str, str]) -> None:
        (folder / "tmp").mkdir(parents=True)
        (folder / "luigi.cfg").write_text(configuration)
        self.folder = folder
        self.environment = {**environment, "TMPDIR": str(folder / "tmp")}
        self.started: list[Running] = []

    def start(self, code: str, **names: object) -> Running:
        """A process that executes ``code``, which may use ``names``."""
        log = self.folder / f"log-{len(self.started)}.txt"
        names |= {
            "environment": self.environment,
            "folder": str(self.folder),
            "log": str(log),
        }
        process = multiprocessing.get_context("forkserver").Process(
            target=exec, args=(AS_IF_FROM_A_SHELL + code, names)
        )
        process.start()
        self.started.append(Running(process, log))
        return self.started[-1]

    def luigi(
        self, *flags: str, module: str = "hn_luigi", task: str = "Wordcloud", before: str = ""
    ) -> Running:
        """``luigi``, once the code ``before`` has been executed."""
        return self.start(before + LUIGI, arguments=["--module", module, task, *flags])

    def staged(self) -> list[Path]:
        return [path for path in self.folder.glob("tmp/**/*") if path.name.endswith(".tmp")]

    def locks(self) -> list[Path]:
        return [path for path in self.folder.glob("tmp/**/*") if path.name.endswith(".lock")]

    def stop(self) -> None:
        """End what still runs."""
        for running in self.started:
            for process in running.rest():
                process.kill()
            running.process.join()
            running.process.close()


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for a state of another process; a hang fails."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.002)
