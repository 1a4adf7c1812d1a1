"""Counting by a pool of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import date

import psutil
import pyarrow as pa
import pytest

from hn_luigi.history.errors import EngineFailed, UnknownColumns
from hn_luigi.history.local import count_months
from hn_luigi.history.months import MonthFile

from ..limits import patience
from ..processes import REPOSITORY, wait_until

MONTHS = [MonthFile(date(2026, n, 1), f"/nowhere/2026-{n:02}", 10 * n, "") for n in range(1, 9)]


def by_process(file):
    return pa.table({"month": [str(file)], "process": [os.getpid()]})


def failing(file):
    if file.month.month == 3:
        raise UnknownColumns(f"{file.path}: no Parquet")
    return by_process(file)


def killed(file):
    if file.month.month == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return by_process(file)


def test_tables_are_in_the_order_of_the_months_and_made_in_other_processes():
    done = []
    tables = count_months(MONTHS, by_process, on_done=done.append)
    assert [table["month"][0].as_py() for table in tables] == [str(file) for file in MONTHS]
    assert os.getpid() not in {table["process"][0].as_py() for table in tables}
    assert done == [*range(1, 9)]


def test_an_error_of_a_month_is_raised_as_it_is():
    with pytest.raises(UnknownColumns, match="/nowhere/2026-03: no Parquet"):
        count_months(MONTHS, failing, on_done=lambda done: None)


def test_a_process_that_is_killed_is_told_of_in_a_line_with_a_remedy():
    with pytest.raises(EngineFailed, match=r"was killed after \d of 8 months: .* run again"):
        count_months(MONTHS, killed, on_done=lambda done: None)


def test_no_process_is_left_when_it_is_done_or_has_failed():
    before = {child.pid for child in psutil.Process().children()}
    count_months(MONTHS, by_process, on_done=lambda done: None)
    with pytest.raises(UnknownColumns):
        count_months(MONTHS, failing, on_done=lambda done: None)
    assert {child.pid for child in psutil.Process().children()} <= before


# Each month takes for ever, once it has told that it has begun.
STUCK = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.history.test_local import MONTHS
from hn_luigi.history.local import count_months


def stuck(file):
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    time.sleep(3600)


count_months(MONTHS, stuck, on_done=print)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_pool_dies_with_its_parent(tmp_path, name):
    command = [sys.executable, "-c", STUCK, tmp_path, REPOSITORY]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as run:
        try:
            wait_until(lambda: [*tmp_path.iterdir()])
            children = psutil.Process(run.pid).children(recursive=True)
            assert children
            os.kill(run.pid, signal.Signals[name])
            _, left = psutil.wait_procs(children, timeout=patience())
            assert left == []
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)


@pytest.mark.slow
def test_ctrl_c_on_a_terminal_ends_it_at_once_without_a_word_of_its_processes(tmp_path):
    """It reaches all of them; the months that are being counted would take for ever."""
    command = [sys.executable, "-c", STUCK, tmp_path, REPOSITORY]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        try:
            wait_until(lambda: [*tmp_path.iterdir()])
            os.killpg(run.pid, signal.SIGINT)
            _, said = run.communicate(timeout=patience())
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
    assert run.returncode != 0
    assert said.count("KeyboardInterrupt") == 1
    assert said.count("Traceback") == 1
