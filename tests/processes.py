"""Runs as processes of their own, forked from one that has imported all that they take.

So a run costs a third of a second instead of two, and is otherwise what a shell starts: it has
its own session, environment, folder, configuration and output.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import psutil
import pytest

from .limits import patience

_Held = TypeVar("_Held")
REPOSITORY = Path(__file__).parents[1]
PIPES = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}

# All that hn_luigi imports, and nothing of its own: some of that is drawn or noted at the import.
PRELOADED = [
    "adlfs",
    "click",
    "luigi.cmdline",
    "luigi.server",
    "luigi.util",
    "matplotlib.ft2font",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "pandas",
    "prometheus_client",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "requests",
    "rich.console",
    "rich.progress",
    "rich.table",
    "runpy",
    "s3fs",
    "smtplib",
    "tqdm",
    "wordcloud",
]
# What it was forked with is frozen, since collecting garbage among it takes a third of a run.
AS_IF_FROM_A_SHELL = """
import gc
gc.freeze()
import faulthandler, luigi.configuration.core, multiprocessing.process, os, sys, tempfile, time
multiprocessing.set_start_method("fork", force=True)
os.setsid()
os.environ.clear()
os.environ.update(environment)
time.tzset()
os.chdir(folder)
for stream, path in ((1, out), (2, err)):
    os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
faulthandler.enable(2)  # so that one that is aborted says where it was
sys.path[:0] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
tempfile.tempdir = luigi.configuration.core.LuigiConfigParser._instance = None
multiprocessing.process._parent_process = None
if "LUIGI_CONFIG_PATH" in environment:
    luigi.configuration.core.add_config_path(environment["LUIGI_CONFIG_PATH"])
"""
AS_PYTHON_RUNS = {
    "-c": "sys.argv[:] = ['-c', *words]\nexec(program)",
    "-m": """
import luigi.cmdline, runpy
sys.argv[1:] = words
luigi.cmdline.luigi_run.__defaults__ = (words,)  # those of the import
runpy.run_module(program, run_name="__main__", alter_sys=True)
""",
}
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
        patch.delenv("LUIGI_CONFIG_PATH", raising=False)  # which is read at the import
        multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
        multiprocessing.forkserver.ensure_running()
    yield
    multiprocessing.forkserver._forkserver._stop()
    multiprocessing.resource_tracker._resource_tracker._stop()


def fork(
    code: str,
    *,
    environment: Mapping[str, str],
    folder: Path,
    out: Path,
    err: Path,
    **names: object,
) -> multiprocessing.context.ForkServerProcess:
    """A process that executes ``code``, which may use ``names``."""
    names |= {"environment": dict(environment), "folder": str(folder)}
    names |= {"out": str(out), "err": str(err)}
    process = multiprocessing.get_context("forkserver").Process(
        target=exec, args=(AS_IF_FROM_A_SHELL + code, names)
    )
    process.start()
    return process


class Forked:
    """``subprocess.Popen`` of this Python with ``-m`` or ``-c``, as far as its methods here go.

    What the process runs is what Python would run, once all is imported. What Python itself does
    before and after takes a real one: it reads ``PYTHON…`` variables and ``sitecustomize``, takes
    time to import, and ends by its signal on Ctrl-C, which ends this one with 1. Standard input is
    empty, and output is kept in files; to read it waits for this process alone, and not for those
    that it started.
    """

    def __init__(
        self, args: Sequence[str], *, cwd: Path, env: Mapping[str, str], before: str = ""
    ) -> None:
        """Start; the code ``before`` is executed first."""
        python, option, program, *words = self.args = args
        assert python == sys.executable
        self.returncode: int | None = None
        self._said = ("", "")
        self._folder = TemporaryDirectory()
        for name in ("out", "err"):  # there, too, if it is killed at once
            self._path_of(name).touch()
        self._process = fork(
            before + AS_PYTHON_RUNS[option],
            environment=env,
            folder=cwd,
            out=self._path_of("out"),
            err=self._path_of("err"),
            program=program,
            words=words,
        )
        self.pid = self._process.pid

    def _path_of(self, stream: str) -> Path:
        return Path(self._folder.name, stream)

    def poll(self) -> int | None:
        if self.returncode is None and self._process.exitcode is not None:
            self.returncode = self._process.exitcode
            self._said = tuple(self._path_of(name).read_text() for name in ("out", "err"))
            self._process.close()
            self._folder.cleanup()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        self.wait(timeout)
        return self._said

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def ended(
    process: Forked | subprocess.Popen[str], limit: float | None = None
) -> subprocess.CompletedProcess[str]:
    """How ``process`` ends; it is killed where it doesn't within ``limit`` seconds."""
    try:
        out, err = process.communicate(timeout=patience() if limit is None else limit)
    finally:
        process.kill()
        process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@dataclass(frozen=True)
class Running:
    """A process that was started, and all that it starts."""

    process: multiprocessing.context.ForkServerProcess
    log: Path

    def kill(self, name: str = "SIGKILL") -> None:
        os.kill(self.process.pid, signal.Signals[name])

    def end(self) -> int:
        """Wait until it ends; the exit code, negative where a signal ended it."""
        self.process.join(patience())
        if self.process.exitcode is None:
            self.kill("SIGABRT")
            self.process.join(patience())
            raise AssertionError(f"it hangs: {self.said}")
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
        process = fork(
            code, environment=self.environment, folder=self.folder, out=log, err=log, **names
        )
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


def wait_until(condition: Callable[[], _Held]) -> _Held:
    """What ``condition``, a state of another process, holds at last; a hang fails."""
    begun = time.monotonic()
    while not (found := condition()):
        assert time.monotonic() - begun < patience(), "it never came to that"
        time.sleep(0.002)
    return found
