"""A step by itself, and a run of both in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import luigi
from luigi.configuration import get_config

from hn_luigi.cli.template.my_pipeline import DiskReport


def test_the_report_names_the_share() -> None:
    report = DiskReport().compute({"total": 4, "used": 1, "free": 3})
    assert report == "**25 %** of the disk is used.\n"


def test_a_run_makes_the_report(tmp_path: Path) -> None:
    get_config().set("storage", "root", str(tmp_path))
    luigi.build([DiskReport()], local_scheduler=True)
    assert "of the disk is used" in (tmp_path / "disk_report/latest.md").read_text()
