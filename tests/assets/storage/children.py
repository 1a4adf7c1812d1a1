"""Processes that are forked off, as Luigi forks its workers, and what they answer."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager

from hn_luigi.assets.storage import open_store

from ...limits import patience

FORK = multiprocessing.get_context("fork")


@contextmanager
def forked(run):
    """A process that runs ``run(end)``, and our end of its pipe."""
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=run, args=(theirs,))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        ours.close()


def answer_of(end):
    assert end.poll(patience()), "the other process says nothing"
    return end.recv()


def in_child(ask):
    """What ``ask()`` returns or raises in a forked process."""

    def run(end):
        try:
            end.send(ask())
        except Exception as error:
            end.send(error)

    with forked(run) as (_, end):
        answer = answer_of(end)
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def another_that_holds(root, key):
    """A process that holds a lock until it is killed, or the block ends."""

    def run(end):
        with open_store(root).lock(key):
            end.send("held")
            end.recv()

    with forked(run) as (process, end):
        assert answer_of(end) == "held"
        yield process
