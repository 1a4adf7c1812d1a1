"""A real ``hn-luigi serve --refresh`` for minutes, what is done to it, and what is seen of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psutil

from hn_luigi.assets import window
from hn_luigi.replica import Replica
from hn_luigi.web.kept_runs import RunFolder

from ..limits import scaled
from ..processes import REPOSITORY, ended
from .observed import WINDOW, Absence, Attempt, Gone, News, Observed, Sample

HERE = Path(__file__).parent
# Tenths of the defaults, as the windows are: a stalled answer holds up its run for so long.
CONFIGURATION = """
[storage]
root = {root}

[assets]
window_minutes = 1
watch = minutes Wordcloud

[hackernews]
base_url = {api}
read_timeout = 1
backoff = 0.05

[refresh]
time_limit = 54

[alerts]
urls = json://127.0.0.1:{hook}/
"""
SECONDS_TO_POLL = 30  # the server's own five minutes are half of a window of ten
SECONDS_TO_END = 10
MARK = "HN_LUIGI_SOAK"  # in the environment of the server and of all that it starts
NEWS = re.compile(r"^(no longer )?(failed|late|suspect): ([^\s,]+),", re.MULTILINE)


@dataclass
class Soak:
    """A server in ``folder`` that reads ``api``, and tells the hook at that port."""

    folder: Path
    api: Replica
    hook: int
    port: int
    samples: list[Sample] = field(default_factory=list)
    made: set[Attempt] = field(default_factory=set)
    absences: list[Absence] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root = self.folder / "data"
        configuration = CONFIGURATION.format(root=self.root, api=self.api.base_url, hook=self.hook)
        (self.folder / "luigi.cfg").write_text(configuration)
        self.log = self.folder / "log"
        self.start()
        self.began = window.now()

    def lasts(self, length: timedelta) -> None:
        """Look on for so long, while the server is killed twice and the API is gone.

        Of 20 minutes it is for three. Nobody is there to help: what is made is the server's doing.
        """
        with ThreadPoolExecutor(2) as aside:
            happening, polls = self._what_happens(length, aside), list[Future[None]]()
            for second in self._seconds(length):
                self._look()
                next(happening, None)
                if second // SECONDS_TO_POLL > len(polls):
                    polls.append(aside.submit(self._poll))
            for poll in polls:
                poll.result()
        assert next(happening, "all") == "all", "it was too short for all that is to happen"

    def _what_happens(self, length: timedelta, aside: Executor) -> Iterator[None]:
        """Do what is to be done by now."""
        while self._passed() < 0.2 * length:
            yield
        while self._passed() < 0.35 * length and not self._run_under_way():
            yield
        gone, orphans = self.kill()
        self.start()
        self.note(Gone.SERVER, gone)
        aside.submit(self.end, orphans)
        while self._passed() < 0.4 * length:
            yield
        gone = window.now()
        self.api.stop()
        while window.now() - gone < 0.15 * length:
            yield
        self.api.start()
        self.note(Gone.API, gone)
        while self._passed() < 0.7 * length:
            yield
        gone, orphans = self.kill()
        aside.submit(self.end, orphans)
        while window.now() - gone < WINDOW:
            yield
        self.start()
        self.note(Gone.SERVER, gone)

    def start(self) -> None:
        with self.log.open("a") as log:
            self.server = subprocess.Popen(
                self._command("serve", "--refresh", "--port", str(self.port)),
                cwd=self.folder,
                env={**self.environment, MARK: str(self.folder)},
                stdout=log,
                stderr=log,
            )

    def kill(self) -> tuple[datetime, dict[psutil.Process, str]]:
        """Kill the server; when that was, and what it has started and is there yet."""
        self.server.kill()
        self.server.wait()
        return window.now(), dict(self._processes())

    def stop(self) -> int:
        """Ask the server to end; its exit code."""
        self.note(Gone.SERVER, window.now())
        self.server.terminate()
        code = ended(self.server).returncode
        self.end(dict(self._processes()))
        return code

    def end(self, orphans: Mapping[psutil.Process, str]) -> None:
        """Note which of them don't end by themselves, and end these."""
        _, alive = psutil.wait_procs(orphans, timeout=scaled(SECONDS_TO_END))
        for process in alive:
            self.left.append(f"{window.now():%H:%M:%S}: left behind: {orphans[process]}")
            with suppress(psutil.Error):
                process.kill()

    def note(self, what: Gone, since: datetime) -> None:
        self.absences.append(Absence(what, since, window.now()))

    def observed(self, messages: list[tuple[datetime, str]]) -> Observed:
        """All that was seen, and the messages that were sent, with their texts."""
        return Observed(
            self.began,
            window.now(),
            self.samples,
            sorted(self.made, key=lambda each: each.at),
            [_attempt(told, "failed_at") for told in self._stored("_failures")],
            RunFolder(str(self.folder / ".luigid/runs")).runs(),
            self.absences,
            len(messages),
            [
                News(at, folder, kind, bool(is_over))
                for at, text in messages
                for is_over, kind, folder in NEWS.findall(text)
            ],
            self.left,
        )

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{HERE}"}

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "hn_luigi.cli", *words]

    def _seconds(self, length: timedelta) -> Iterator[int]:
        """Once a second until so long after the begin; how many have passed."""
        begun = time.monotonic()
        while (passed := self._passed()) < length:
            yield int(passed.total_seconds())
            time.sleep(1 - (time.monotonic() - begun) % 1)

    def _poll(self) -> None:
        subprocess.run(
            self._command("alert", "--no-heartbeat"),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=True,
        )

    def _passed(self) -> timedelta:
        return window.now() - self.began

    def _look(self) -> None:
        """Read what is stored, as any other program would."""
        now, read = window.now(), []
        for told in self._stored("_records"):
            self.made.add(_attempt(told, "created_at"))
            if told["asset"].endswith("/wordcloud"):
                read.append(window.moment(told["data_time"]))
        self.samples.append(Sample(now, now - max(read) if read else None))

    def _stored(self, kind: str) -> Iterator[Mapping[str, str]]:
        for path in (self.root / kind).rglob("[!.]*.json"):
            yield json.loads(path.read_bytes())

    def _run_under_way(self) -> bool:
        return any("hn_luigi.web.run_job" in command for _, command in self._processes())

    def _processes(self) -> Iterator[tuple[psutil.Process, str]]:
        """The server and all that it started, also where that has another parent by now."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get(MARK) == str(self.folder):
                    yield process, " ".join(process.cmdline())


def _attempt(told: Mapping[str, str], at: str) -> Attempt:
    start = window.parse(told["window"])
    return Attempt(told["asset"], start, told["run"], window.moment(told[at]))
