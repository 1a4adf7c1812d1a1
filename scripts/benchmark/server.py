"""What the pages of the assets cost, beside the visualiser's that the same process serves."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urljoin

import requests

CALLS = 300
SECONDS_BETWEEN_REFRESHES = 0.2  # as ten people do who look at a page that refreshes itself
_RESOURCE = re.compile(r"""<(?:script|link|img)\b[^>]*?(?:src|href)=["']([^"']+)""")


@contextmanager
def server(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """``hn-luigi serve`` in a process of its own; its address."""
    with served(folder, environment) as (_, address):
        yield address


@contextmanager
def served(
    folder: Path, environment: Mapping[str, str], *flags: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The same with those flags; its process, and its address."""
    command = [sys.executable, "-m", "hn_luigi.cli", "serve", "--port", "0", *flags]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            line = next(line for line in process.stderr if "The assets: " in line)
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield process, line.rpartition(" ")[2].strip().removesuffix("/assets")
        finally:
            process.terminate()


def seconds_of_page(url: str) -> float:
    """The median time that a page takes to load, with all that it shows, one after the other."""
    with requests.Session() as session:
        page = session.get(url)
        page.raise_for_status()
        found = (urljoin(page.url, each) for each in _RESOURCE.findall(page.text))
        urls = [url, *(each for each in found if not each.startswith("data:"))]  # came with it

        def load() -> float:
            began = time.perf_counter()
            for each in urls:
                session.get(each).raise_for_status()
            return time.perf_counter() - began

        return median(load() for _ in range(15))


def seconds_of_call(base: str) -> float:
    """The median time of a worker's call of the scheduler."""
    with requests.Session() as session:

        def call() -> float:
            began = time.perf_counter()
            session.post(f"{base}/api/ping", data={"data": '{"worker": "bench"}'})
            return time.perf_counter() - began

        return median(call() for _ in range(CALLS))


@contextmanager
def watching(url: str) -> Iterator[None]:
    """A page is loaded again and again meanwhile."""
    stopped = threading.Event()

    def watch() -> None:
        with requests.Session() as session:
            while not stopped.wait(SECONDS_BETWEEN_REFRESHES):
                session.get(url).raise_for_status()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
