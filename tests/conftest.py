"""Every test has its own root, configuration, clock and Luigi registry.

Nothing a test needs comes from the folder it runs in, and nothing it does reaches the next.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import luigi
import pytest
from luigi.configuration import LuigiConfigParser
from luigi.execution_summary import LuigiRunResult, LuigiStatusCode
from luigi.setup_logging import InterfaceLogging
from luigi.task_register import Register

from hn_luigi.assets import window
from hn_luigi.assets.execution import attempt
from hn_luigi.replica import Replica, bundled_front_page

from . import leaks, processes
from .faults.table import add_table
from .limits import scaled
from .quick import leave_out_slow

# What it thinks of as slow is no fault on a busy machine.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")
SHORTEST_SOAK = timedelta(minutes=4)
LONGEST = (
    "tests/faults/test_soak.py",
    "tests/hosts/test_siege.py",
    "tests/web/test_browser.py",
    "tests/assets/storage/test_requests.py",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hn_luigi")
    group.addoption(
        "--kills",
        type=int,
        help="Processes killed at a random moment: 10 runs, and 4 that write to S3, unless told.",
    )
    group.addoption(
        "--soak",
        type=_soak,
        metavar="20m",
        help="Have a server refresh by itself for so long, in tests/faults/test_soak.py, two hosts "
        "struck 70 times, in tests/hosts/test_siege.py, and a lock wanted in 1,000 rounds.",
    )
    group.addoption(
        "--quick",
        action="store_true",
        help="Leave out what takes a server, a browser or processes of its own: the slow ones.",
    )
    group.addoption("--kill-seed", type=int, help="What draws those moments, as a failure shows.")


def _soak(text: str) -> float:
    """How many seconds ``20m`` is: a number, which xdist can hand to its workers."""
    from hn_luigi.cli.options import Duration  # with all commands, which takes 0.1 s

    try:
        length = Duration().parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    if length < SHORTEST_SOAK:
        raise ArgumentTypeError("all that is to happen takes 4m at least")
    return length.total_seconds()


def pytest_configure(config: pytest.Config) -> None:
    if config.option.kill_seed is None:
        config.option.kill_seed = random.randrange(1 << 32)  # the same in all of xdist's workers
    config.pluginmanager.register(leaks)
    leaks.mark(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a process of theirs."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is alone with it in the end."""
    leave_out_slow(config, items)
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    leaks.end_of(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    add_table(terminalreporter)


@pytest.fixture(autouse=True, scope="session")
def heed_signals() -> None:
    """The shell has a suite in the background ignore SIGINT, and nohup SIGHUP; heed them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def opened() -> Callable[..., AbstractContextManager[list[Path]]]:
    """Tells which files are opened to be read meanwhile."""
    paths: list[Path] = []
    listening: list[bool] = []

    def listen(event: str, arguments: tuple[Any, ...]) -> None:
        is_of_file = listening and event == "open" and isinstance(arguments[0], str)
        if is_of_file and not arguments[2] & (os.O_WRONLY | os.O_RDWR):
            paths.append(Path(arguments[0]))

    @contextmanager
    def meanwhile() -> Iterator[list[Path]]:
        paths.clear()
        listening.append(True)
        yield paths
        listening.clear()

    sys.addaudithook(listen)  # for good: there is no way to remove one
    return meanwhile


@pytest.fixture
def kills(pytestconfig: pytest.Config) -> Callable[[int], int]:
    """How many processes to kill, if not so many as usual."""
    asked = pytestconfig.option.kills
    return lambda usual: usual if asked is None else asked


@pytest.fixture
def kill_seed(pytestconfig: pytest.Config) -> int:
    """What draws the moments of killing."""
    return pytestconfig.option.kill_seed


@pytest.fixture(scope="session")
def forkserver() -> Iterator[None]:
    """Lets processes begin at once, having been forked from one that has imported all."""
    with processes.forkserver():
        yield


@pytest.fixture
def machines(tmp_path: Path, forkserver: None) -> Iterator[Callable[..., processes.Machine]]:
    """Makes machines, by configuration and environment, whose processes end with the test."""
    made: list[processes.Machine] = []

    def make(configuration: str, environment: Mapping[str, str]) -> processes.Machine:
        folder = tmp_path / f"machine-{len(made)}"
        made.append(processes.Machine(folder, configuration, environment))
        return made[-1]

    yield make
    for machine in made:
        machine.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The test's own storage root."""
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def settings(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """The test's own configuration; call it to set ``settings("cloud", width=800)``."""
    parser = LuigiConfigParser()
    monkeypatch.setattr(LuigiConfigParser, "_instance", parser)
    registered = list(Register._reg)
    Register.clear_instance_cache()

    def set_values(section: str, **values: object) -> None:
        for name, value in values.items():
            parser.set(section, name, str(value))

    monkeypatch.setattr(InterfaceLogging, "_configured", True)
    set_values("worker", no_install_shutdown_handler="true")
    set_values("storage", root=root)
    yield set_values
    Register._reg = registered
    Register.clear_instance_cache()


class Clock:
    """What ``window.now`` answers, moved by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **duration: float) -> None:
        self.at += timedelta(**duration)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands at 12:34:56 until moved, within the window of 12:30."""
    clock = Clock(datetime(2026, 11, 22, 12, 34, 56))
    monkeypatch.setattr(window, "now", clock)
    return clock


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this machine notes what a root can't hold; of processes that are started, too."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state/hn_luigi/notes"


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a retried step would have waited before each further attempt."""
    naps: list[float] = []
    monkeypatch.setattr(attempt, "sleep", naps.append)
    return naps


@pytest.fixture
def build() -> Callable[..., LuigiRunResult]:
    """Runs a task and what it requires as ``luigi`` does."""

    def run(task: luigi.Task, **options: object) -> LuigiRunResult:
        return luigi.build([task], local_scheduler=True, detailed_summary=True, **options)

    return run


@pytest.fixture
def succeed(build: Callable[..., LuigiRunResult]) -> Callable[..., None]:
    """Runs a task and expects success."""

    def run(task: luigi.Task, **options: object) -> None:
        result = build(task, **options)
        assert result.status is LuigiStatusCode.SUCCESS, result.summary_text

    return run


@pytest.fixture
def replica(settings: Callable[..., None]) -> Iterator[Replica]:
    """The API on loopback with the bundled front page, which the settings point to."""
    with Replica(bundled_front_page()) as replica:
        settings("hackernews", base_url=replica.base_url, backoff=0.001, read_timeout=scaled(10))
        yield replica
