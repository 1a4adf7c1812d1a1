"""A process that asked for it ends with its parent, even if that is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys

import pytest

from hn_luigi.parent_death import die_with

from .limits import patience

fork = multiprocessing.get_context("fork")


def _start_child_and_wait(pipe, number):
    fork.Process(target=_wait_for_the_parent_s_end, args=[pipe, number]).start()
    signal.pause()


def _wait_for_the_parent_s_end(pipe, number):
    signal.signal(signal.SIGTERM, lambda *_: pipe.send("SIGTERM") or os._exit(0))
    assert die_with(os.getppid(), number)
    pipe.send("waits")
    signal.pause()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does it on Linux alone")
@pytest.mark.parametrize("number, heard", [(signal.SIGKILL, []), (signal.SIGTERM, ["SIGTERM"])])
def test_the_kernel_sends_the_signal_when_the_parent_is_killed(number, heard):
    ours, theirs = fork.Pipe()
    parent = fork.Process(target=_start_child_and_wait, args=[theirs, number])
    parent.start()
    assert ours.recv() == "waits"
    theirs.close()
    parent.kill()
    parent.join()
    for word in heard:
        assert ours.poll(patience())
        assert ours.recv() == word
    assert ours.poll(patience()), "the child still holds its end of the pipe"
    with pytest.raises(EOFError):
        ours.recv()


def test_a_parent_that_is_gone_is_told():
    assert not die_with(os.getpid())
