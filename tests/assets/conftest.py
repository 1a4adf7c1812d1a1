"""Two small pipelines: Flour → Bread to look after, and Flour → Bread → Shop, for one town."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import luigi
import pytest

from hn_luigi.assets import Asset, Choice, Number, requires, settings_of, window

from .bakery import World, kitchen
from .storage.servers import HOST, free_port

POSTGRES = f"postgresql://me:Wr3n-And-0wl@{HOST}:{{}}/postgres"


class bakehouse(luigi.Config):
    loaves = Number(2, minimum=0, maximum=9)


@pytest.fixture(params=["folder", "memory"])
def place(request, settings, tmp_path, root):
    """A root in a folder, and in an object store."""
    where = str(root) if request.param == "folder" else f"memory://{tmp_path.name}"
    settings("storage", root=where)
    return where


@pytest.fixture
def mill(clock):
    """Flour, a capture, and Bread, made from it; ``made`` logs what was computed."""
    mill = SimpleNamespace(made=[], flour="rye", burnt=())

    class Flour(Asset):
        suffix = ".json"
        capture = True

        def compute(self):
            mill.made.append(self.key)
            return mill.flour

    @requires(Flour)
    class Bread(Asset):
        suffix = ".txt"
        keeps_latest = True

        def settings(self):
            return settings_of(bakehouse(), "loaves")

        def compute(self, flour):
            mill.made.append(self.key)
            if window.name(self.as_of) in mill.burnt:
                raise RuntimeError("the oven\nis too hot")
            return f"{bakehouse().loaves} {flour} loaves of {window.name(self.as_of)}"

    mill.Flour, mill.Bread = Flour, Bread
    return mill


@pytest.fixture
def bake(mill, succeed, clock):
    """Makes as many windows as it is told, from 12:30 on, and stays in the last."""

    def run(windows=1):
        for i in range(windows):
            if i:
                clock.advance(minutes=10)
            succeed(mill.Bread())
        mill.made.clear()

    return run


class Station:
    """Readings of every ten minutes, and a day's sum of them; ``made`` logs what was computed."""

    def __init__(self, clock, succeed):
        station = self
        self.made, self.reading, self.step = [], 1, 1
        self.clock, self.succeed = clock, succeed

        class Tick(Asset):
            suffix = ".json"
            capture = True

            def compute(self):
                station.made.append(self.key)
                if station.reading is None:
                    raise RuntimeError("the thermometer is broken")
                return station.reading

        self.Tick = Tick
        self.edit("1")

    def edit(self, version):
        """Have the code of Day be that."""
        station = self

        class Day(Asset):
            suffix = ".json"
            window_length = "day"
            code_version = version

            def requires(self):
                return self.windows(station.Tick)

            def compute(self, ticks):
                station.made.append(self.key)
                return [len(ticks), sum(ticks.values())]

        self.Day = Day

    def tick(self, *starts, reading=None):
        """Capture the windows that begin at ``starts``, such as 00:10, of the clock's day."""
        before = self.clock.at, self.reading
        self.reading = self.reading if reading is None else reading
        for start in starts:
            hour, minute = map(int, start.split(":"))
            self.clock.at = before[0].replace(hour=hour, minute=minute)
            self.succeed(self.Tick())
        self.clock.at, self.reading = before
        self.made.clear()

    def made_by(self, task):
        """Run ``task``, and tell what was computed for it."""
        self.made.clear()
        self.succeed(task)
        return list(self.made)


@pytest.fixture
def station(clock, succeed):
    """Tick → Day, in the morning of 2026-11-22."""
    return Station(clock, succeed)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def bakery(world):
    """Flour → Bread → Shop, for one town."""

    class Flour(Asset):
        town = Choice("ulm", choices=("ulm", "../bad"), positional=False)
        suffix = ".json"
        capture = True

        def compute(self):
            world.made.append("Flour")
            if world.trouble:
                raise world.trouble
            return {"kind": world.flour}

    @requires(Flour)
    class Bread(Asset):
        suffix = ".json"

        def settings(self):
            return settings_of(kitchen(), "loaves")

        def compute(self, flour):
            world.made.append("Bread")
            return [flour["kind"]] * min(kitchen().loaves, 3)

    @requires(Bread)
    class Shop(Asset):
        suffix = ".txt"
        keeps_latest = True

        def settings(self):
            return settings_of(kitchen(), "glaze")

        def compute(self, bread):
            world.made.append("Shop")
            self.report(loaves=len(bread))
            return f"{len(bread)} {bread[0]} loaves, glaze {kitchen().glaze}"

    return Flour, Bread, Shop


@pytest.fixture
def shop(bakery, clock):
    return bakery[2]


@pytest.fixture
def made(world, succeed):
    """Runs a task and tells what was computed for it."""

    def run(task):
        world.made.clear()
        succeed(task)
        return list(world.made)

    return run


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """The address of a Postgres server, in parts, which lets ``me`` in by the password there."""
    programs = [*map(str, Path("/usr/lib/postgresql").glob("*/bin")), os.environ["PATH"]]
    initdb = shutil.which("initdb", path=os.pathsep.join(programs))
    if initdb is None:
        pytest.skip("postgres is not installed: apt-get install postgresql")
    pytest.importorskip("psycopg2", reason="pip install psycopg2-binary")
    folder, address = tmp_path_factory.mktemp("postgres"), urlsplit(POSTGRES.format(free_port()))
    user = {}
    if os.geteuid() == 0:  # whom Postgres refuses
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        folder = Path("/tmp") / f"postgres-{os.getpid()}"
        folder.mkdir()
        shutil.chown(folder, "nobody", "nogroup")
    (secret := folder / "password").write_text(address.password)
    os.chmod(secret, 0o644)
    data, bin_ = folder / "data", Path(initdb).parent
    make = [initdb, "-D", data, "-U", "me", "--pwfile", secret, "-A", "scram-sha-256", "-N"]
    listen = f"-c listen_addresses={address.hostname} -c port={address.port}"
    options = f"{listen} -c unix_socket_directories= -c fsync=off"
    control = [bin_ / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log"]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder, **user}
    try:
        subprocess.run(make, **quiet)
        subprocess.run([*control, "-o", options, "start"], **quiet)
        yield address
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **{**quiet, "check": False})
        shutil.rmtree(folder, ignore_errors=True)
