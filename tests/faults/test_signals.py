"""Runs that are ended at a random moment: killed, or asked to stop."""

from __future__ import annotations

import random
import signal
from contextlib import suppress

import pytest

from ..processes import wait_until
from .pipeline import AN_HOUR_AGO, LATEST, killed_at

RUNS = 10
PAGE = "top/wordcloud/2026-11-22T1130Z.md"
SETTINGS = ["--hackernews-limit", "18", "--cloud-max-words", "9"]


def pytest_generate_tests(metafunc):
    if "number" in metafunc.fixturenames:
        asked = metafunc.config.option.kills
        metafunc.parametrize("number", range(RUNS if asked is None else asked))


@pytest.fixture
def rng(kill_seed, number):
    print(f"--kill-seed={kill_seed}")  # shown on failure
    return random.Random(f"{kill_seed} {number}")


@pytest.fixture
def flags(pipeline, rng):
    """Those of a run that makes another window, or remakes the one that is there."""
    if rng.random() < 0.5:
        return []
    pipeline.set_clock(AN_HOUR_AGO)
    return SETTINGS


def test_killed_at_a_random_moment(pipeline, undisturbed, rng, flags, number, tried):
    """Every other by the clock, alone or with its children; the rest as it touches a file."""
    if number % 2:
        moment = rng.randint(1, undisturbed.touches)
        run = pipeline.run(*flags, before=killed_at(pipeline, moment))
    else:
        run = pipeline.run(*flags, "--workers", rng.choice("12"))
        run.process.join(rng.uniform(0, undisturbed.seconds))
        send(run, "SIGKILL")
        for process in run.rest() if rng.random() < 0.5 else ():
            process.kill()
        wait_until(lambda: not run.rest())
    assert tried("kill -9", run.end()) in (-signal.SIGKILL, 0), run.said
    pipeline.survived(*flags)


@pytest.mark.parametrize("page", [PAGE, LATEST])
def test_killed_as_it_replaces_a_page(pipeline, page, tried):
    pipeline.set_clock(AN_HOUR_AGO)
    run = pipeline.run(*SETTINGS, before=killed_at(pipeline, str(pipeline.root / page)))
    assert tried("kill -9", run.end()) == -signal.SIGKILL, run.said
    assert pipeline.contents()[page] == pipeline.before[page]
    pipeline.survived(*SETTINGS)


def test_killed_as_it_brings_back_the_page_called_latest(pipeline, tried):
    """What else it left would stay until the next window."""
    pipeline.set_clock(AN_HOUR_AGO)
    (pipeline.root / LATEST).unlink()
    del pipeline.before[LATEST]
    run = pipeline.run(before=killed_at(pipeline, str(pipeline.root / LATEST)))
    assert tried("kill -9", run.end()) == -signal.SIGKILL, run.said
    assert len(pipeline.stray()) == 1
    pipeline.survived()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_asked_to_stop(pipeline, undisturbed, name, share, tried):
    run = pipeline.run()
    run.process.join(share * undisturbed.seconds)
    send(run, name)
    # 30, where pyarrow takes the signal for another error.
    assert tried(name, run.end()) in (0, 1, 30, -signal.Signals[name]), run.said
    pipeline.survived()


def send(run, name):
    with suppress(ProcessLookupError):  # it has ended by then
        run.kill(name)
