"""The recipe that loads a window's rows into a database keeps what it promises."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets.operations import check_stored
from hn_luigi.cli.app import cli

from ..documents import ASSETS, blocks, section
from ..limits import patience

REPOSITORY = Path(__file__).parents[2]
DISK, _ = blocks("python", section(ASSETS, "Put your own steps on it"))
SECTION = section(ASSETS, "Load into a database")
(LOAD,), (TABLE,) = blocks("python", SECTION), blocks("sql", SECTION)
WINDOW = "2026-11-22T12:30:00"
FIRST, SECOND = {"used": 1, "free": 3}, {"used": 2, "free": 1, "total": 3}

pytest.importorskip("sqlalchemy", reason="pip install sqlalchemy")
pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgres"])
def load(request, tmp_path, monkeypatch, clock, succeed):
    """Both modules as they are printed, the table, and ``usage``, which the first step reads."""
    url = f"sqlite:///{tmp_path}/disk.db"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres").geturl()
    monkeypatch.setenv("DISK_DATABASE", url)
    for name, text in (("disk", DISK), ("load", LOAD)):
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    load = importlib.import_module("load")
    disk = sys.modules["disk"]
    used = SimpleNamespace(usage=FIRST, load=load, LoadedUsage=load.LoadedUsage, url=url)
    monkeypatch.setattr(disk.DiskUsage, "compute", lambda self: dict(used.usage))
    with load.database().begin() as transaction:
        transaction.execute(load.text("DROP TABLE IF EXISTS disk_usage"))
        transaction.execute(load.text(TABLE))

    def read(usage):
        """Have the first step read that, as it would have in the same window."""
        used.usage = usage
        disk.DiskUsage().output().remove()
        succeed(disk.DiskUsage())

    used.read = read
    yield used
    for name in ("load", "disk"):
        del sys.modules[name]


def rows(load):
    """The rows of the table, by kind; twice the same can't be told from one by a dict."""
    with load.load.database().connect() as connection:
        found = connection.execute(load.load.text("SELECT as_of, kind, bytes FROM disk_usage"))
        return sorted((kind, size) for as_of, kind, size in found if as_of == WINDOW)


def receipt(root):
    return json.loads((root / "loaded_usage/2026-11-22T1230Z.json").read_text())


def test_a_window_s_rows_are_loaded_once_however_often_it_is_run(load, succeed, root):
    succeed(load.LoadedUsage())
    first = receipt(root)
    assert rows(load) == sorted(FIRST.items())
    assert (first["table"], first["window"], first["rows"]) == ("disk_usage", WINDOW, 2)
    (root / "loaded_usage/2026-11-22T1230Z.json").unlink()
    succeed(load.LoadedUsage())
    assert rows(load) == sorted(FIRST.items())
    assert receipt(root) == first


def test_other_rows_replace_them_and_leave_other_windows_alone(load, succeed, root, clock):
    succeed(load.LoadedUsage())
    first = receipt(root)
    load.read({"used": 5, "free": 9})
    assert not load.LoadedUsage().complete()
    succeed(load.LoadedUsage())
    assert rows(load) == [("free", 9), ("used", 5)]
    assert receipt(root) != first  # though there are as many
    clock.advance(minutes=10)
    load.usage = SECOND
    succeed(load.LoadedUsage())
    assert rows(load) == [("free", 9), ("used", 5)]
    load.read({})
    succeed(load.LoadedUsage())  # no rows are rows, too


def test_an_error_in_the_middle_leaves_the_former_rows_and_the_former_receipt(
    load, succeed, build, root
):
    succeed(load.LoadedUsage())
    first = receipt(root)
    load.read({"used": 7, "free": None, "total": 9})
    assert build(load.LoadedUsage()).status is LuigiStatusCode.FAILED
    assert rows(load) == sorted(FIRST.items())
    assert receipt(root) == first
    load.read(SECOND)
    succeed(load.LoadedUsage())
    assert rows(load) == sorted(SECOND.items())


def test_who_reads_meanwhile_sees_the_former_rows(load, succeed):
    from sqlalchemy import event

    seen = []

    def before(connection, cursor, statement, *_):
        if statement.startswith("INSERT"):
            seen.append(rows(load))

    succeed(load.LoadedUsage())
    load.read(SECOND)
    create_engine = load.load.create_engine

    def watched(*arguments, **options):
        engine = create_engine(*arguments, **options)
        event.listen(engine, "before_cursor_execute", before)
        return engine

    load.load.create_engine = watched
    succeed(load.LoadedUsage())
    assert seen == [sorted(FIRST.items())]
    assert rows(load) == sorted(SECOND.items())


PROGRAM = """
import os, signal, sys, time
from pathlib import Path
import luigi
import load
from sqlalchemy import create_engine, event

def kill(receipt):
    os.kill(os.getpid(), signal.SIGKILL)  # after the commit, and before the receipt

def meet(connection, cursor, statement, *_):
    # SQLite lets one in at a time; in Postgres each has deleted before the other inserts.
    where = "DELETE" if connection.dialect.name == "sqlite" else "INSERT"
    if statement.startswith(where) and not Path(me).exists():
        Path(me).touch()
        until = time.monotonic() + float(patience)
        while not Path(other).exists() and time.monotonic() < until:
            time.sleep(0.001)

def met(*arguments, **options):
    engine = create_engine(*arguments, **options)
    event.listen(engine, "before_cursor_execute", meet)
    return engine

how, me, other, patience = sys.argv[1:]
if how == "killed":
    load.LoadedUsage.checks = (kill,)
else:
    load.create_engine = met
task = load.LoadedUsage(as_of="2026-11-22T1230")
sys.exit(0 if luigi.build([task], local_scheduler=True, workers=1) else 1)
"""


def started(tmp_path, root, how, me="", other=""):
    (folder := tmp_path / f"at-{root.name}").mkdir(exist_ok=True)
    (folder / "luigi.cfg").write_text(f"[storage]\nroot = {root}\n")
    (folder / "program.py").write_text(PROGRAM)
    return subprocess.Popen(
        [sys.executable, "program.py", how, me, other, str(patience())],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{REPOSITORY}"},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("before", [None, SECOND])
def test_killed_between_the_commit_and_the_receipt_it_is_loaded_again_and_never_twice(
    load, succeed, root, tmp_path, before
):
    if before:
        load.usage = before
        succeed(load.LoadedUsage())
        former = receipt(root)
        load.read(FIRST)
    else:
        succeed(*load.LoadedUsage().deps())
    process = started(tmp_path, root, "killed")
    _, log = process.communicate(timeout=patience())
    assert process.returncode == -signal.SIGKILL, log
    assert rows(load) == sorted(FIRST.items())
    if before:
        assert receipt(root) == former
    assert not load.LoadedUsage().complete()
    succeed(load.LoadedUsage())
    assert rows(load) == sorted(FIRST.items())
    assert receipt(root)["rows"] == 2


def test_two_at_once_from_two_roots_load_the_rows_once(load, succeed, root, tmp_path):
    succeed(*load.LoadedUsage().deps())
    shutil.copytree(root, other := tmp_path / "other")
    signs = [str(tmp_path / "one"), str(tmp_path / "two")]
    two = [
        started(tmp_path, root, "met", *signs),
        started(tmp_path, other, "met", *reversed(signs)),
    ]
    for process in two:
        _, log = process.communicate(timeout=patience())
        assert process.returncode == 0, log
    assert all(map(os.path.exists, signs))
    assert rows(load) == sorted(FIRST.items())
    assert receipt(root) == receipt(other)


def test_whether_the_rows_are_still_there_is_a_check(load, succeed, settings):
    succeed(load.LoadedUsage())
    settings("assets", watch=f"{load.LoadedUsage.__module__} LoadedUsage")
    assert check_stored(load.LoadedUsage()).results[0].problem is None
    assert CliRunner().invoke(cli, ["check", "LoadedUsage"]).exit_code == 0
    with load.load.database().begin() as transaction:
        transaction.execute(load.load.text("DELETE FROM disk_usage WHERE kind = 'used'"))
    assert load.LoadedUsage().complete()
    said = CliRunner().invoke(cli, ["check", "LoadedUsage"])
    assert said.exit_code == 1
    assert f"rows of {WINDOW} in disk_usage: 1, not 2" in " ".join(said.output.split())


def test_its_password_is_in_nothing_that_is_stored(load, succeed, root, request):
    succeed(load.LoadedUsage())
    password = load.url.partition("@")[0].rpartition(":")[2]
    stored = [path.read_bytes() for path in root.rglob("*") if path.is_file()]
    assert stored
    assert not any(password.encode() in data for data in stored)
