"""Runs of `luigi`: what they are started by, and what they leave."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager

from hn_luigi.replica import Faults

from ..processes import REPOSITORY

SHIPPED = (REPOSITORY / "luigi.cfg").read_text()


LITTLE = {
    "limit = 500": "limit = 60\nconcurrency = 8",  # so that a fetch lasts
    "width = 1200": "width = 400",
    "height = 600": "height = 200",
    "max_words = 150": "max_words = 40",
}


def a_little_of_it():
    """The shipped configuration with fewer stories and a smaller cloud."""
    text = SHIPPED
    for shipped, little in LITTLE.items():
        assert shipped in text
        text = text.replace(shipped, little)
    return text


def process(api, folder, *flags, task="Wordcloud", url=None):
    argv = [sys.executable, "-m", "luigi", "--module", "hn_luigi", task]
    argv += ["--hackernews-base-url", url or api.base_url, "--hackernews-backoff", "0.01"]
    return {
        "args": [*argv, *flags],
        "cwd": folder,
        "env": {**os.environ, "PYTHONPATH": str(REPOSITORY)},
    }


def present():
    """The minute as a value of ``--as-of``, for runs that are to be of one window."""
    return time.strftime("%Y-%m-%dT%H%M", time.gmtime())


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def page_of(folder):
    return (folder / "data/top/wordcloud/latest.md").read_bytes()


@contextmanager
def busy(api):
    """The API never answers for an item, so that a run is met in the middle of its fetch."""
    api.faults = Faults(rate=1, kinds=("stall",), only="item/")
    yield
    api.faults = Faults()
