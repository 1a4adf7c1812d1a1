"""What a test starts it ends: one that leaves something behind fails itself, and no later one.

A socket that nobody closed is complained of when it is collected as garbage, which is during
whatever test runs then; a process that nobody waited for takes the cores of all that follow. So
what a test leaves is looked for once its fixtures are torn down. What a fixture of a wider scope
starts may stay; the processes of the last of them are looked for as the run ends.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections.abc import Generator
from contextlib import suppress

import psutil
import pytest

from .limits import scaled

RUN = "HN_LUIGI_TEST_RUN"  # in the environment of all that the tests start: whose run it is
TESTS_A_FREEZE = 30
_kept: set[int] = set()
_tests = itertools.count()


def mark(config: pytest.Config) -> None:
    """Mark what this process is going to start, so that ``end_of`` finds it."""
    os.environ[RUN] = str(os.getppid() if hasattr(config, "workerinput") else os.getpid())


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object],
) -> Generator[None, object, object]:
    """What a fixture that serves several tests starts may outlive the first of them."""
    before = set() if fixturedef.scope == "function" else _children()
    made = yield
    if fixturedef.scope != "function":
        _kept.update(_children() - before)
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """Fail where the test has dropped something without closing it, or left a process."""
    ended = yield
    left = _still_running(_children() - _kept)
    complaints = _collected() + [f"{_told(pid)} runs on" for pid in left]
    if complaints:
        _kept.update(left)
        pytest.fail("the test leaves behind: " + "; ".join(complaints), pytrace=False)
    return ended


def _children() -> set[int]:
    """The numbers of the processes that this one has started and not yet waited for."""
    if hasattr(os, "waitid"):  # macOS has it from Python 3.13 on
        try:  # as good as free, unlike a look at every process of the machine
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return set()
    return {child.pid for child in psutil.Process().children()}


def _still_running(pids: set[int]) -> list[int]:
    """Which of them don't end by themselves: Luigi doesn't wait for what its worker forked."""
    processes = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            processes.append(psutil.Process(pid))
    return [process.pid for process in psutil.wait_procs(processes, timeout=scaled(2))[1]]


def _told(pid: int) -> str:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return f"process {pid} ({process.status()}: {' '.join(process.cmdline())})"
    return f"process {pid}"


def _collected() -> list[str]:
    """What is complained of as garbage is collected."""
    complaints: list[str] = []
    hook, sys.unraisablehook = sys.unraisablehook, lambda it: complaints.append(repr(it.exc_value))
    try:
        _freeze()
        gc.collect()
    finally:
        sys.unraisablehook = hook
    return complaints


def _freeze() -> None:
    """Now and then, let no further collection look at what there is now.

    So one takes 1 ms, and otherwise 87, with all that is imported. What a fixture of a wider scope
    drops later may go unnoticed for it.
    """
    if next(_tests) % TESTS_A_FREEZE == 0:
        gc.collect()
        gc.freeze()


def end_of(session: pytest.Session) -> None:
    """Fail a run that leaves processes, as it ends, and end them."""
    if hasattr(session.config, "workerinput"):
        return
    found = [process for process in psutil.process_iter() if _is_ours(process)]
    left = _still_running({process.pid for process in found})
    if left:
        said = [f"{_told(pid)}, since {_test_of(pid)}" for pid in left]
        _kill(left)
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line("\nThese were left running: " + "; ".join(said), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_ours(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.environ().get(RUN) == str(os.getpid()) and process.pid != os.getpid()
    return False


def _test_of(pid: int) -> str:
    with suppress(psutil.Error):
        return psutil.Process(pid).environ().get("PYTEST_CURRENT_TEST", "a test")
    return "a test"


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(psutil.Error):
            psutil.Process(pid).kill()
