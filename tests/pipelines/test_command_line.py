"""Each pipeline as its user starts it: by ``luigi``, in a folder without a luigi.cfg."""

from __future__ import annotations

import os
import sys

import pytest

from ..processes import REPOSITORY, Forked, ended

AT = """
import datetime
from hn_luigi.assets import window
window.now = lambda: datetime.datetime(2026, 11, {}, 12, 34)
"""


@pytest.fixture
def run(folder, forkserver):
    """Runs a task of a module on a day of November 2026."""
    for name, text in {
        "stations/bonn.json": '{"degrees": 4}',
        "stations/ulm.json": '{"degrees": 3.5}',
        "till.csv": "article,amount\nroll,2\n",
        "price.json": "320",
        "visits.txt": "de fr de",
        "inbox/2026-11-20.csv": "order,state\n7,new\n",
        "sensor.json": "[1, 2]",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)

    def run(day, module, *words):
        argv = [sys.executable, "-m", "luigi", "--module", module, *words]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        flags = ["--local-scheduler", "--no-lock"]
        return ended(Forked([*argv, *flags], cwd=folder, env=environment, before=AT.format(day)))

    return run


@pytest.mark.parametrize(
    "module, task, output, expected",
    [
        ("weather", "Weather", "weather/latest.md", "- bonn: +0\n- ulm: +0.0\n"),
        ("sales", "SalesPage", "sales_page/latest.md", "| 2026-11-20 | 2 |\n"),
        ("history", "Prices", "prices/latest.json", '{"2026-11-20": 320}\n'),
        (
            "countries",
            "VisitsByCountry",
            "visits_by_country/2026-11-20T0000Z.json",
            '{"Germany": 2, "France": 1}\n',
        ),
        ("external", "Orders", "orders/latest.json", '["7"]\n'),
        ("load", "Loaded", "loaded/2026-11-20T0000Z.json", '{"day": "2026-11-20", "rows": 2}\n'),
    ],
)
def test_it_runs_in_its_folder_and_again_with_nothing_to_do(
    run, folder, module, task, output, expected
):
    if module == "weather":
        assert "is over" in run(19, module, task).stderr
    done = run(20, module, task)
    assert ":)" in done.stderr, done.stderr
    assert (folder / "data" / output).read_text() == expected
    again = run(20, module, task)
    assert "Did not run any tasks" in again.stderr
    assert ":)" in again.stderr
