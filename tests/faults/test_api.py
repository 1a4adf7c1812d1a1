"""An API that goes, comes back, or answers with what is no answer."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from hn_luigi.replica import ALL_KINDS, Faults

from ..limits import scaled


def test_the_api_dies_and_returns(pipeline, api, fetching, tried):
    """Once every item was refused; the retries of its requests bridge that."""
    with fetching(pipeline) as run:
        api.stop()
    address = urlsplit(api.base_url)
    with socket.create_server((address.hostname, address.port), backlog=100) as door:
        for _ in range(20):
            door.accept()[0].close()
    api.start()
    assert tried("API dies and returns", run.end()) == 0, run.said
    pipeline.survived()


def test_the_api_dies_for_good(pipeline, api, fetching, tried):
    with fetching(pipeline) as run:
        api.stop()
    assert tried("API dies", run.end()) == 30, run.said
    assert f"can't read {api.base_url}/item/" in run.said
    api.start()
    pipeline.survived()


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("rate, codes", [(0.1, [0]), (0.5, [0, 30])], ids=["10 %", "50 %"])
def test_the_api_fails(pipelines, api, kind, rate, codes, tried):
    pipeline = pipelines(read_timeout=scaled(0.3 if kind == "stall" else 10))
    api.faults = Faults(rate=rate, kinds=(kind,), retry_after=0)
    run = pipeline.run()
    code = tried(f"API fails: {kind}, {rate:.0%}", run.end())
    assert code in codes, run.said
    assert code == 0 or run.said.count("Unavailable: "), run.said
    api.faults = Faults()
    pipeline.survived()
