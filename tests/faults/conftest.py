"""A pipeline for each test, as a run of an hour ago left it."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from hn_luigi.replica import Faults, Replica, bundled_front_page

from ..processes import Machine, wait_until
from .pipeline import AN_HOUR_AGO, Pipeline, configuration, killed_at
from .table import TRIED


def pytest_collection_modifyitems(config, items):
    """A soak is there with its option alone."""
    if not config.option.soak:
        soaks = [item for item in items if "soak" in item.fixturenames]
        config.hook.pytest_deselected(items=soaks)
        items[:] = [item for item in items if item not in soaks]


@pytest.fixture(scope="session")
def shared_api():
    with Replica(bundled_front_page()) as api:
        yield api


@pytest.fixture
def api(shared_api):
    """The API, healthy."""
    shared_api.start()
    shared_api.faults = Faults()
    return shared_api


@pytest.fixture(scope="session")
def made(shared_api, forkserver, tmp_path_factory):
    """The root that a run of an hour ago has left."""
    folder = tmp_path_factory.mktemp("made")
    machine = Machine(folder / "machine", configuration(shared_api, folder / "data"), os.environ)
    pipeline = Pipeline(machine, folder / "data", at=AN_HOUR_AGO)
    run = pipeline.run()
    assert run.end() == 0, run.said
    machine.stop()
    return pipeline.root


@pytest.fixture(scope="session")
def undisturbed(shared_api, forkserver, made, tmp_path_factory):
    """How long a run takes, and how often it touches the file system under its root."""
    folder = tmp_path_factory.mktemp("undisturbed")
    machine = Machine(folder / "machine", configuration(shared_api, folder / "data"), os.environ)
    pipeline = Pipeline(machine, folder / "data", made=made)
    begun = time.monotonic()
    run = pipeline.run(before=killed_at(pipeline, None))
    assert run.end() == 0, run.said
    seconds = time.monotonic() - begun
    machine.stop()
    touches = (machine.folder / "touches").stat().st_size
    return SimpleNamespace(seconds=seconds, touches=touches, root=pipeline.root)


@pytest.fixture
def pipelines(machines, api, tmp_path, made):
    """Makes pipelines."""

    def make(root=tmp_path / "data", *, environment=None, copied=True, **options):
        environment = {**os.environ, **(environment or {})}
        machine = machines(configuration(api, root, **options), environment)
        return Pipeline(machine, root, made=made if copied else None)

    return make


@pytest.fixture
def pipeline(pipelines):
    return pipelines()


@pytest.fixture
def fetching(api):
    """Meets a run of a pipeline while it waits for the list, or for all its items."""

    @contextmanager
    def held(pipeline, only="item/"):
        asked = len(api.requests)
        api.faults = Faults(rate=1, kinds=("stall",), only=only)
        run = pipeline.run()
        wait_until(lambda: len(api.requests) - asked >= (21 if only == "item/" else 1))
        yield run
        api.faults = Faults()

    return held


@pytest.fixture
def tried(record_property):
    """Notes for the table what was done to a run, and the exit code that it ended with."""

    def note(what, code):
        record_property(TRIED, [what, f"exit {code}" if code >= 0 else f"signal {-code}"])
        return code

    return note


class Disk:
    """A small file system, mounted at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def leave(self, room):
        """Fill it up to ``room`` bytes."""
        (self.path / "ballast").unlink(missing_ok=True)
        with open(self.path / "ballast", "wb") as ballast:
            free = os.statvfs(self.path)
            size = free.f_bavail * free.f_frsize - room
            os.posix_fallocate(ballast.fileno(), 0, size)

    def free(self):
        """Remove what fills it."""
        (self.path / "ballast").unlink()

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", self.path], check=True)


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True)
        refusal = mounted.stderr.partition("\n")[0].rpartition(": ")[2]
    except FileNotFoundError:
        mounted, refusal = None, "there is no mount"
    if mounted is None or mounted.returncode:
        pytest.skip(f"mounting a small file system takes root: {refusal}")
    yield Disk(path)
    subprocess.run(["umount", "--lazy", path], check=True)  # where it failed, a run may go on
