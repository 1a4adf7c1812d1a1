"""Records and failures say which run they are of, and who started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from hn_luigi.assets import Asset, requires
from hn_luigi.assets.execution.current_run import current_run, new_run_id, run_of_command

WINDOW = "2026-11-22T1230Z"
ID = "0123456789ab"


class Dough(Asset):
    suffix = ".json"

    def compute(self):
        return "dough"


@requires(Dough)
class Loaf(Asset):
    suffix = ".json"

    def compute(self, dough):
        return f"{dough}, baked"


@requires(Dough)
class Burnt(Asset):
    suffix = ".json"

    def compute(self, dough):
        raise OSError("smoke")


@pytest.fixture(autouse=True)
def untold(monkeypatch):
    monkeypatch.delenv("HN_LUIGI_RUN", raising=False)
    monkeypatch.delenv("HN_LUIGI_STARTED_BY", raising=False)


def told(root, kind, folder):
    (path,) = (root / kind / folder).glob("*.json")
    content = json.loads(path.read_text())
    return content["run"], content["started_by"]


def of_records(root):
    return told(root, "_records", "dough"), told(root, "_records", "loaf")


@pytest.mark.parametrize("workers", [1, 2])
def test_all_that_a_run_makes_has_its_id(build, root, workers):
    assert build(Loaf(), workers=workers).scheduling_succeeded
    dough, loaf = of_records(root)
    assert dough == loaf
    assert (len(dough[0]), dough[1]) == (12, "Python")


@pytest.mark.parametrize("workers", [1, 2])
def test_what_fails_has_it_too(build, root, workers):
    build(Burnt(), workers=workers)
    assert told(root, "_failures", "burnt") == told(root, "_records", "dough")


def test_the_next_run_has_another(succeed, root):
    succeed(Dough())
    succeed(Loaf())
    dough, loaf = of_records(root)
    assert dough[0] != loaf[0]


def test_who_starts_a_run_may_say_so_and_give_its_id(succeed, root, monkeypatch):
    monkeypatch.setenv("HN_LUIGI_RUN", ID)
    monkeypatch.setenv("HN_LUIGI_STARTED_BY", "  cron of\nnews1 ")
    succeed(Loaf())
    assert of_records(root) == ((ID, "cron of news1"),) * 2


@pytest.mark.parametrize("value", ["", "x" * 12, ID + "0", "../../etc", "0123456789AB"])
def test_an_id_that_is_none_counts_for_nothing(monkeypatch, value):
    monkeypatch.setenv("HN_LUIGI_RUN", value)
    assert current_run().run != value


@pytest.mark.parametrize("value", ["", "   ", "\x1b[2J", "\u202e", "a" * 1000])
def test_who_started_it_is_a_few_printable_words(monkeypatch, value):
    monkeypatch.setenv("HN_LUIGI_STARTED_BY", value)
    said = current_run().started_by
    assert said.isprintable()
    assert 0 < len(said) <= 60


def test_a_command_is_one_run_however_often_it_calls_luigi(succeed, root):
    with run_of_command("hn-luigi rebuild"):
        succeed(Dough())
        succeed(Loaf())
    dough, loaf = of_records(root)
    assert dough == loaf
    assert dough[1] == "hn-luigi rebuild"
    assert current_run().started_by == "Python"


def test_luigi_s_own_command_line_is_told_from_code(root, tmp_path):
    (tmp_path / "oven.py").write_text(OVEN)
    line = [sys.executable, "-m", "luigi", "--module", "oven", "Cake", "--local-scheduler"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [*line, "--storage-root", str(root)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert told(root, "_records", "cake")[1] == "luigi"


OVEN = """
from hn_luigi.assets import Asset

class Cake(Asset):
    suffix = ".json"

    def compute(self):
        return "cake"
"""


def test_a_step_that_runs_by_itself_has_one_as_well(root):
    Dough().run()
    assert len(told(root, "_records", "dough")[0]) == 12


def test_ids_differ():
    assert new_run_id() != new_run_id()
