"""All that is watched in one run, by ``luigi`` and by ``scripts/refresh``."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from ..processes import REPOSITORY
from .conftest import CONFIGURATION, WATCH, watch_lines

STATES = {"comet": "missing", "orbit": "missing"}
"""What isn't current: a step fails, and what is made from it waits."""


def test_all_but_what_fails_is_made(assets, say):
    told = say("status", "--json").json
    assert {each["asset"]: each["state"] for each in told} == {
        asset.folder: STATES.get(asset.folder, "current") for asset in assets
    }


def test_a_second_run_makes_nothing_but_what_failed(folder, run_in):
    done = run_in(folder, "luigi", "--module", "hn_luigi.watchlist", "Watched", minute=34)
    assert done.returncode == 30
    made = [line for line in done.stderr.splitlines() if "INFO: Making" in line]
    assert ["Making Comet" in line for line in made] == [True]


@pytest.fixture
def repository(empty, tmp_path):
    """The scripts with the graphs beside them, and a Python that is this one."""
    repository = tmp_path / "repository"
    shutil.copytree(empty, repository)
    shutil.copytree(REPOSITORY / "scripts", repository / "scripts")
    (repository / "hn_luigi").symlink_to(REPOSITORY / "hn_luigi")
    python = repository / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    return repository


def test_refresh_makes_them_and_tells_of_a_failure_once_it_lasts(repository):
    def refresh(*lines):
        (repository / "luigi.cfg").write_text(CONFIGURATION.format(watch_lines(*lines)))
        command = [repository / "scripts/refresh"]
        done = subprocess.run(command, cwd="/", env={}, capture_output=True, text=True)
        assert done.stdout == ""
        return done.returncode, done.stderr

    good, bad = WATCH[:-1], WATCH
    assert refresh(*good) == (0, "")
    assert list(repository.glob("data/night/latest.md"))
    assert list(repository.glob("vault/vault/*.json"))
    assert refresh(*bad) == (30, "")
    code, said = refresh(*bad)
    assert code == 30
    assert "1 Comet(as_of=" in said
    assert refresh(*bad) == (30, "")
    code, said = refresh(*good)
    assert code == 0
    assert "is fine again after 3 failed runs" in said
