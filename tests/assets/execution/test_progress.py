"""What people see of a step that runs."""

from __future__ import annotations

from importlib.resources import files

import pytest
from luigi.rpc import RPCError

from hn_luigi.assets.execution.progress import Progress


class Watched:
    """A task with the setters that Luigi gives it during a run."""

    def __init__(self):
        self.messages, self.percentages = [], []
        self.set_status_message = self.messages.append
        self.set_progress_percentage = self.percentages.append


class Seconds:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def task():
    return Watched()


@pytest.fixture
def seconds():
    return Seconds()


def test_the_visualiser_is_told_once_a_second_and_at_the_end(task, seconds):
    activity = Progress(task, clock=seconds)
    for done in range(1, 1001):
        seconds.now += 0.01
        activity.progress(done, 1000, "items")
    assert 10 <= len(task.messages) <= 12
    assert task.messages[-1] == "1,000 of 1,000 items"
    assert task.percentages[-1] == 100
    assert task.percentages == sorted(task.percentages)


@pytest.mark.parametrize("trouble", [RPCError("gone"), ValueError("no JSON")])
def test_a_scheduler_in_trouble_is_left_alone(task, seconds, trouble):
    calls = []

    def fail(value):
        calls.append(value)
        raise trouble

    task.set_status_message = task.set_progress_percentage = fail
    activity = Progress(task, clock=seconds)
    for done in range(5):
        seconds.now += 10
        activity.progress(done, 5, "items")
    assert len(calls) == 1


def test_a_message_is_told_as_html_that_shows_it(task, seconds):
    """The visualiser takes it for HTML, and an error's text may be a stranger's."""
    Progress(task, clock=seconds).say("KeyError: <img src=x onerror=alert(1)> & 'b'")
    assert task.messages == ["KeyError: &lt;img src=x onerror=alert(1)&gt; &amp; 'b'"]


def test_luigi_s_visualiser_takes_a_message_for_html():
    """If it fails, what is told needn't be escaped any more, and would show as it is written."""
    script = files("luigi") / "static/visualiser/js/visualiserApp.js"
    assert 'pre").html(data.statusMessage)' in script.read_text()


def test_outside_a_run_nothing_is_told(seconds):
    task = Watched()
    task.set_status_message = task.set_progress_percentage = None
    Progress(task, clock=seconds).progress(1, 2, "items")


def test_nothing_to_do_is_all_done(task, seconds):
    Progress(task, clock=seconds).progress(0, 0, "items")
    assert task.percentages == [0]


def test_a_log_gets_no_bar(task, seconds, capsys):
    activity = Progress(task, clock=seconds)
    activity.progress(1, 2, "items")
    activity.close()
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_that_goes_away(task, seconds, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    activity = Progress(task, clock=seconds)
    activity.progress(1, 2, "items")
    assert "Watched:" in capsys.readouterr().err
    activity.close()
    assert capsys.readouterr().err.endswith("\r")
