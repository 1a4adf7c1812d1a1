"""The asset layer's recipe for a step that computes on Spark, as it is printed."""

from __future__ import annotations

import os

import pandas as pd
import psutil
import pytest

from ..documents import ASSETS, blocks, section
from ..processes import CONFIGURATION, wait_until

pytestmark = pytest.mark.slow
(RECIPE,) = blocks("python", section(ASSETS, "Compute on Spark"))
OUTPUT = "data/visits_by_page/visits_by_page.parquet"


@pytest.fixture
def machine(java, machines):
    """The folder with visits.py in it, and visits."""
    machine = machines(CONFIGURATION.format(api="http://127.0.0.1:9/v0"), dict(os.environ))
    (machine.folder / "visits.py").write_text(RECIPE)
    visits = pd.DataFrame({"page": ["/b", "/a", "/b"]})
    visits.to_parquet(machine.folder / "visits.parquet")
    return machine


def run(machine):
    return machine.luigi(module="visits", task="VisitsByPage")


def test_it_is_made_and_a_second_run_finds_it_current(machine):
    first = run(machine)
    assert first.end() == 0, first.said
    counts = pd.read_parquet(machine.folder / OUTPUT)
    assert dict(zip(counts["page"], counts["count"], strict=True)) == {"/a": 1, "/b": 2}
    assert "Warning" not in first.said
    again = run(machine)
    assert again.end() == 0
    assert "Making" not in again.said
    assert first.rest() == []


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_a_run_that_is_ended_leaves_no_jvm(machine, name):
    def jvms():
        return [each for each in running.rest() if names(each) == "java"]

    running = run(machine)
    wait_until(jvms)
    running.kill(name)
    assert running.end() != 0
    wait_until(lambda: running.rest() == [])
    assert not (machine.folder / OUTPUT).exists()


def names(process):
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""
