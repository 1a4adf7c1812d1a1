"""A call that can be left behind."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from hn_luigi import deadline

from .limits import patience

HANGS = """
import threading
from hn_luigi import deadline

try:
    deadline.start(threading.Event().wait).result(0.01)
except TimeoutError:
    print("left behind")
"""


def test_what_it_returns_or_raises_is_handed_over():
    assert deadline.start(lambda: 7).result(patience()) == 7
    with pytest.raises(ZeroDivisionError):
        deadline.start(lambda: 1 // 0).result(patience())


def test_one_that_hangs_costs_its_time_and_no_more():
    go_on = threading.Event()
    with pytest.raises(TimeoutError):
        deadline.start(go_on.wait).result(0.01)
    go_on.set()


def test_nor_does_it_keep_the_process():
    """As a ThreadPoolExecutor would, whose threads are joined at the end."""
    code = [sys.executable, "-c", HANGS]
    run = subprocess.run(code, capture_output=True, text=True, timeout=patience(), check=True)
    assert run.stdout == "left behind\n"
