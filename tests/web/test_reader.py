"""The thread that pages and refreshing share."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hn_luigi.web.reader import Reader

from ..limits import patience


@pytest.fixture
def reader():
    reader = Reader()
    yield reader
    reader.shutdown()


def test_it_answers_in_turn_in_one_thread(reader):
    gate, order = threading.Event(), []
    first = reader.submit(gate.wait, patience())
    others = [reader.submit(order.append, number) for number in range(3)]
    assert not any(other.done() for other in others)
    gate.set()
    assert first.result(patience())
    for other in others:
        other.result(patience())
    assert order == [0, 1, 2]


@pytest.mark.parametrize("error", [OSError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_it_survives_whatever_a_question_raises(reader, error):
    def fail():
        raise error

    assert reader.submit(fail).exception(patience()) is error
    assert reader.submit(lambda: 1).result(patience()) == 1


def test_a_question_that_is_taken_back_isn_t_asked(reader):
    gate, asked = threading.Event(), []
    reader.submit(gate.wait, patience())
    assert reader.submit(asked.append, 1).cancel()
    gate.set()
    reader.submit(int).result(patience())
    assert asked == []


@pytest.mark.slow
def test_a_question_that_hangs_keeps_no_process():
    code = (
        "import threading; from hn_luigi.web.reader import Reader; "
        "Reader().submit(threading.Event().wait)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], timeout=patience()
    )
    assert done.returncode == 0
