"""The suite's own promises: no limit that a busy machine breaks, and nothing left behind."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .limits import busyness, patience, scaled
from .processes import wait_until

HERE = Path(__file__).parent
WAITING = {"communicate", "join", "poll", "result", "wait"}
SHORT = 1  # seconds; a shorter wait is one that a test means to run out


def test_a_limit_grows_with_the_work_on_the_machine() -> None:
    assert scaled(10) >= 10
    cores = os.cpu_count() or 1
    spin = [sys.executable, "-S", "-c", "while True: pass"]
    burners = [subprocess.Popen(spin) for _ in range(2 * cores)]
    try:
        wait_until(lambda: busyness() >= 2)
        wait_until(lambda: scaled(10) >= 20)
        wait_until(lambda: patience() >= 240)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def test_no_limit_in_seconds_stands_in_a_test() -> None:
    found = [
        f"{path.relative_to(HERE)}:{line}"
        for path in sorted(HERE.rglob("*.py"))
        for line in limits_in(ast.parse(path.read_text()))
    ]
    assert found == [], "take patience() or scaled() of tests/limits.py"


def limits_in(module: ast.Module) -> Iterator[int]:
    """The lines where something is waited for so many seconds."""
    for call in ast.walk(module):
        if isinstance(call, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            waits = [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
            waits += call.args[:1] if name in WAITING else []
            if any(is_long(wait) for wait in waits):
                yield call.lineno


def is_long(wait: ast.expr) -> bool:
    return (
        isinstance(wait, ast.Constant)
        and isinstance(wait.value, (int, float))
        and wait.value >= SHORT
    )


LEAKING = """
import socket, subprocess, sys
import pytest

class Cycle:
    def __init__(self):
        self.me, self.socket = self, socket.socket()

def test_garbage():
    Cycle()

def test_process():
    subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"])

@pytest.fixture(scope="module")
def kept():
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(1000)"]) as process:
        yield
        process.kill()

def test_kept(kept):
    pass

def test_innocent():
    pass
"""


@pytest.mark.slow
def test_who_leaves_something_behind_fails_and_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests import leaks\n"
        "def pytest_configure(config):\n"
        "    config.pluginmanager.register(leaks)\n"
        "    leaks.mark(config)\n"
        "def pytest_sessionfinish(session):\n"
        "    leaks.end_of(session)\n"
    )
    (tmp_path / "test_leaking.py").write_text(LEAKING)
    strict = ["-W", "error::ResourceWarning", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *strict, f"--rootdir={tmp_path}", tmp_path],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        timeout=patience(),
    )
    assert done.returncode == 1
    ended = [line for line in done.stdout.splitlines() if line.startswith(("ERROR ", "FAILED "))]
    assert [line.split(" - ")[0].rpartition("::")[2] for line in ended] == [
        "test_garbage",
        "test_process",
    ]
    assert 'ResourceWarning("unclosed <socket' in done.stdout
    assert "time.sleep(1000)) runs on" in done.stdout
    assert re.search("These were left running: .*test_process", done.stdout)
