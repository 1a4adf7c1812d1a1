"""Pipelines as users write them, each a module in a folder of theirs, beside what it reads."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from luigi.execution_summary import LuigiStatusCode
from luigi.tools.range import RangeDaily

HERE = Path(__file__).parent


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that the user works in: the pipelines, and nothing yet of what they read."""
    folder = tmp_path / "work"
    folder.mkdir()
    for path in HERE.iterdir():
        if path.suffix in (".py", ".csv") and not path.name.startswith(("test_", "conftest")):
            shutil.copy(path, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def pipeline(folder, monkeypatch):
    """Loads a module of the folder, once what it says has been changed as told."""
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loaded = set()

    def load(name, changes=MappingProxyType({})):
        path = folder / f"{name}.py"
        text = path.read_text()
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)
        loaded.add(name)
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    yield load
    for name in loaded:
        sys.modules.pop(name, None)


@pytest.fixture
def made(build, caplog):
    """Runs a task; the names of what was made for it, in their order."""

    def run(task):
        caplog.clear()
        with caplog.at_level("INFO", "luigi-interface"):
            result = build(task, log_level="INFO")
        assert result.status is LuigiStatusCode.SUCCESS, result.summary_text
        said = [record.getMessage() for record in caplog.records]
        return [m[1] for text in said if (m := re.match(r"Making (\w+)", text))]

    return run


@pytest.fixture
def failed(build, caplog):
    """Runs a task that fails; what was said of it."""

    def run(task):
        caplog.clear()
        result = build(task, log_level="INFO")
        assert result.status is not LuigiStatusCode.SUCCESS, result.summary_text
        return caplog.text

    return run


@pytest.fixture
def range_of(clock):
    """Luigi's range of an asset's days, from one of November 2026 until before another."""

    def range_of(kind, start, stop):
        now = int((clock.at - datetime(1970, 1, 1)).total_seconds())
        start, stop = date(2026, 11, start), date(2026, 11, stop)
        return RangeDaily(of=kind, start=start, stop=stop, now=now)

    return range_of


@pytest.fixture
def value():
    """What is stored of an asset whose format is JSON or a text."""

    def read(task):
        text = Path(task.output().path).read_text()
        return json.loads(text) if task.suffix == ".json" else text

    return read


@pytest.fixture
def days(clock):
    """Goes to a day of November 2026, at noon."""

    def to(day, hour=12, minute=0):
        clock.at = datetime(2026, 11, 1) + timedelta(days=day - 1, hours=hour, minutes=minute)

    return to
