"""Many steps: what each costs beside Luigi's own, and in its own process on an object store."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from object_store import WRITER, flags, seaweed
from processes import LUIGI_FLAGS, environment, run
from row import Row

MANY = 5000
STEPS, SECONDS, WORKERS = 200, 1, 4
GRAPH = """
import time

import luigi

from hn_luigi.assets import Asset


class Step(Asset):
    number = luigi.IntParameter()
    seconds = luigi.IntParameter(significant=False)
    suffix = ".json"
    window_length = None

    def compute(self):
        time.sleep(self.seconds)
        return self.number


class Steps(Asset):
    count = luigi.IntParameter()
    seconds = luigi.IntParameter(0, significant=False)
    suffix = ".json"
    window_length = None

    def requires(self):
        return [Step(number=number, seconds=self.seconds) for number in range(self.count)]

    def compute(self, *numbers):
        return sum(numbers)


class PlainStep(luigi.Task):
    number = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"plain/{self.number}.json")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(self.number))


class PlainSteps(luigi.Task):
    count = luigi.IntParameter()

    def requires(self):
        return [PlainStep(number=number) for number in range(self.count)]

    def output(self):
        return luigi.LocalTarget("plain/sum.json")

    def run(self):
        numbers = []
        for target in self.input():
            with target.open() as file:
                numbers.append(int(file.read()))
        with self.output().open("w") as file:
            file.write(str(sum(numbers)))
"""


def many_steps(folder: Path) -> list[Row]:
    """Make 5,000 assets of one graph, and so many plain tasks that each write a file."""
    (folder / "many_steps.py").write_text(GRAPH)
    plain, assets = (
        run(_luigi(name, MANY), folder, f"{MANY:,} of {name}").cpu_seconds
        for name in ("PlainSteps", "Steps")
    )
    each = [f"{1000 * seconds / MANY:.1f} ms" for seconds in (assets, plain)]
    return [
        Row(
            f"{MANY:,} assets, times as many plain tasks",
            f"{each[0]} of CPU a task, plain {each[1]}",
            assets / plain,
            1.5,
        )
    ]


def steps_of_workers(folder: Path) -> list[Row]:
    """Make 200 steps of a second on SeaweedFS, by one run of four workers and by two of two."""
    folder.mkdir()
    (folder / "many_steps.py").write_text(GRAPH)
    rows = []
    with seaweed(folder / "seaweedfs") as url:
        for hosts in (1, 2) if url is not None else ():
            print(f"\rmeasuring {f'workers of {hosts} hosts':<30}", end="", file=sys.stderr)
            workers = WORKERS // hosts
            steps = _luigi("Steps", STEPS, "--seconds", SECONDS, "--workers", workers)
            taken, cpu = _together(folder, [*steps, *flags(str(url), f"of-{hosts}")], hosts)
            rows.append(
                Row(
                    f"{STEPS} steps of 1 s, {hosts} × {workers} workers, times ideal",
                    f"{taken:.0f} s, {1000 * cpu / STEPS:.0f} ms of CPU a step",
                    taken / (STEPS * SECONDS / WORKERS),
                    1.3,
                )
            )
    return rows


def _luigi(task: str, count: int, *more: object) -> list[object]:
    graph = ["-m", "luigi", "--module", "many_steps", task, "--count", count]
    return [*graph, *LUIGI_FLAGS, "--scheduler-stable-done-cooldown-secs", 0, *more]


def _together(folder: Path, arguments: list[object], hosts: int) -> tuple[float, float]:
    """Seconds, and those of CPU, that so many runs take together, each as on a host of its own."""
    began, before = time.perf_counter(), os.times()
    runs = []
    for host in range(hosts):
        own = folder / f"host-{host}-of-{hosts}"  # where its locks are
        own.mkdir()
        env = {**environment(folder), **WRITER, "TMPDIR": str(own), "XDG_RUNTIME_DIR": str(own)}
        command = [sys.executable, *map(str, arguments)]
        runs.append(subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL))
    for each in runs:
        if each.wait():
            raise RuntimeError(f"{arguments} exited with {each.returncode}")
    seconds, after = time.perf_counter() - began, os.times()
    children = [times.children_user + times.children_system for times in (before, after)]
    return seconds, children[1] - children[0]
