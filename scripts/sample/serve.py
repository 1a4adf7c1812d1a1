"""Serves the bundled sample as long as the process that started it lives, for scripts/venv.sh.

It prints the path of a configuration for ``LUIGI_CONFIG_PATH``: ``scripts/sample.cfg`` over what
that variable names now, with the replica's address in it. It is removed at the end.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from configparser import RawConfigParser
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from hn_luigi.parent_death import die_with
from hn_luigi.replica import Replica, bundled_front_page

__all__ = ["main"]

SAMPLE = Path(__file__).parents[1] / "sample.cfg"
SECONDS = 0.5
"""From one look at the parent to the next, where the kernel doesn't tell of its death: macOS."""


def main(parent: int) -> None:
    """Serve until that process, which started this one, is gone, or SIGTERM comes."""
    signal.signal(signal.SIGTERM, _leave)
    # What a terminal sends to all that runs there is the parent's to act on, and may take a while.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with (
        Replica(bundled_front_page()) as replica,
        TemporaryDirectory(prefix="hn_luigi-") as folder,
    ):
        config = Path(folder, "sample.cfg")
        with config.open("w") as file:
            overlay(replica.base_url).write(file)
        with suppress(BrokenPipeError):
            print(config, flush=True)
        while die_with(parent, signal.SIGTERM):
            time.sleep(SECONDS)


def overlay(base_url: str) -> RawConfigParser:
    """What is laid over luigi.cfg, to read the sample at that address."""
    # Luigi reads one file beside luigi.cfg, so that a user's own has to be in this one.
    config = RawConfigParser()
    config.optionxform = str  # type: ignore[assignment,method-assign]  # as Luigi's: case counts
    config.read([os.environ.get("LUIGI_CONFIG_PATH", ""), SAMPLE])
    config["hackernews"]["base_url"] = base_url
    return config


def _leave(number: int, frame: object) -> NoReturn:
    sys.exit()


if __name__ == "__main__":
    main(int(sys.argv[1]))
