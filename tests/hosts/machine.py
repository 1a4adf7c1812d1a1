"""Machines on a network: processes with a disk of their own, and what of them is seen from here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from ..processes import REPOSITORY, Machine, Running, wait_until
from .network import JOIN, Host

HERE = Path(__file__).parent
COMMAND = "from hn_luigi.cli import main\nmain(words)"
# As the shipped luigi.cfg, but for where things are.
CONFIGURATION = """
[core]
log_level = INFO
no_lock = true
{scheduler}

[retcode]
already_running = 10
missing_data = 20
not_run = 25
task_failed = 30
scheduling_error = 35
unhandled_exception = 40

[scheduler]
stable_done_cooldown_secs = 0
worker_disconnect_delay = {gone_after}

[storage]
root = {root}

[storage_s3]
endpoint_url = {store}
region = us-east-1

[assets]
window_minutes = 1440
watch =
    {watch}

[cloud]
width = 200
height = 100
max_words = 10

[hackernews]
limit = 20
base_url = {api}
read_timeout = {read_timeout}
attempts = 20
backoff = 0.01
"""


@dataclass(frozen=True)
class Made:
    """One making of an asset, from when ``compute`` began."""

    name: str
    host: str
    pid: int
    began: float
    """By the clock that all hosts share, and no test sets."""
    ended: float | None
    """None where it never came to that, or hasn't yet."""


class HostMachine(Machine):
    """What runs on one host: it shares nothing with another host but the network."""

    def __init__(
        self, host: Host, folder: Path, configuration: str, environment: Mapping[str, str]
    ) -> None:
        own = {
            name: str(folder / name.lower())
            for name in ("HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")
        }
        mine = {"MILL_HOST": folder.name, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}"}
        super().__init__(folder, configuration, {**environment, **own, **mine})
        for path in own.values():
            Path(path).mkdir(mode=0o700)
        self.host = host

    def start(self, code: str, **names: object) -> Running:
        return super().start(JOIN + code, namespace=self.host.path, **names)

    def command(self, *words: str, before: str = "") -> Running:
        """``hn-luigi`` with these words, once the code ``before`` has been executed."""
        return self.start(before + COMMAND, words=list(words))

    def crash(self) -> set[int]:
        """Kill all that runs on it, as a power cut does; the process ids."""
        killed: set[int] = set()
        # Anew until none is left: one may have been forked while the others were looked for.
        while alive := [process for running in self.started for process in running.rest()]:
            for process in alive:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            killed.update(process.pid for process in alive)
        return killed


class Notes:
    """What the steps of ``mill`` noted, and which of them are to wait."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def hold(self, number: int) -> None:
        """Have the next piece of this number go on only after ``release``."""
        self.path.with_name(f"hold-{number}").touch()

    def release(self, number: int) -> None:
        self.path.with_name(f"hold-{number}").unlink()

    def made(self, name: str = "") -> list[Made]:
        """All makings so far, or those of one asset, in the order in which they began."""
        found: list[Made] = []
        latest: dict[tuple[str, str, int], int] = {}
        for line in self.path.read_text().splitlines():
            what, asset, host, pid, at = line.split()
            key = asset, host, int(pid)
            if what == "began":
                latest[key] = len(found)
                found.append(Made(*key, float(at), None))
            else:
                found[latest[key]] = replace(found[latest[key]], ended=float(at))
        return [each for each in found if name in ("", each.name)]

    def wait_for(self, name: str, *, times: int = 1) -> Made:
        """The latest making of an asset, once it was begun so often."""
        return wait_until(lambda: self.made(name)[times - 1 :])[-1]

    def names(self) -> list[str]:
        """What was made, once for each time that it was begun."""
        return sorted(each.name for each in self.made())
