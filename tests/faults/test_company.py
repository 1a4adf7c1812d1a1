"""Runs at the same time, and a central scheduler that is killed under one."""

from __future__ import annotations

import socket

import pytest

from ..limits import patience
from ..processes import wait_until
from .pipeline import to_be_held

HOST = "127.0.0.1"
CENTRAL = """
local_scheduler = false
scheduler_host = 127.0.0.1
scheduler_port = {port}
rpc_retry_attempts = 3
rpc_retry_wait = 0
"""
LUIGID = """
from luigi.cmdline import luigid
luigid(["--address", "127.0.0.1", "--port", str(port), "--state-path", "state"])
"""


def test_four_runs_at_once(pipeline, api, tried):
    asked = len(api.requests)
    runs = [pipeline.run() for _ in range(4)]
    assert [tried("four runs at once", run.end()) for run in runs] == [0] * 4, runs[0].said
    assert len(api.requests) - asked == 21
    pipeline.survived()


@pytest.fixture
def port():
    with socket.create_server((HOST, 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def scheduled(pipelines, port):
    """A pipeline whose runs ask a central scheduler."""
    pipeline = pipelines(**to_be_held())
    luigi_cfg = pipeline.machine.folder / "luigi.cfg"
    local = luigi_cfg.read_text()
    luigi_cfg.write_text(local.replace("local_scheduler = true", CENTRAL.format(port=port)))
    return pipeline


@pytest.fixture
def scheduler(scheduled, port):
    """Starts the central scheduler."""

    def start():
        luigid = scheduled.machine.start(LUIGID, port=port)
        wait_until(lambda: answers(port))
        return luigid

    return start


def answers(port):
    try:
        socket.create_connection((HOST, port), timeout=patience()).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("returns, code", [(True, 25), (False, 40)], ids=["returns", "stays away"])
def test_the_central_scheduler_is_killed(scheduled, scheduler, fetching, returns, code, tried):
    """The run publishes its step and ends: no scheduler knows of a next one."""
    luigid = scheduler()
    with fetching(scheduled) as run:
        luigid.kill()
        luigid.end()
        if returns:
            scheduler()
    what = f"central scheduler killed{' and restarted' if returns else ''}"
    assert tried(what, run.end()) == code, run.said
    assert list(scheduled.root.glob(f"top/stories/{scheduled.window}.parquet"))
    if not returns:
        scheduler()
    scheduled.survived()
