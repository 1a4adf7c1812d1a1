"""`luigi` as a user starts it: a process of its own, in a folder with or without luigi.cfg."""

from __future__ import annotations

import subprocess

import pytest

from hn_luigi.replica import Faults, Replica, bundled_front_page

from ..processes import PIPES, Forked, ended
from .runs import a_little_of_it, process


@pytest.fixture(scope="module")
def api():
    with Replica(bundled_front_page()) as api:
        yield api


@pytest.fixture(autouse=True)
def healthy(api):
    api.faults, api.latency = Faults(), 0.0


@pytest.fixture
def folder(tmp_path):
    """A working folder with the configuration that is shipped, but for the size of the work."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "luigi.cfg").write_text(a_little_of_it())
    return folder


@pytest.fixture
def command(api, folder):
    """How to start a process that runs Wordcloud against the API on loopback."""

    def build(*flags, **options):
        return process(api, folder, *flags, **options)

    return build


@pytest.fixture
def luigi(command, forkserver):
    """Runs it, once the code ``before`` has been executed."""

    def run(*flags, before="", **options):
        return ended(Forked(**command(*flags, **options), before=before))

    return run


@pytest.fixture
def python(command):
    """Runs it by a Python of its own: where it counts how that starts, or what it imports."""

    def run(*flags, **options):
        return ended(subprocess.Popen(**command(*flags, **options), **PIPES))

    return run


@pytest.fixture(scope="module")
def made(api, forkserver, tmp_path_factory):
    """The root that a run of a time leaves, made once for its window: copy it to change it."""
    roots = {}

    def made(as_of):
        window = as_of[:-1]  # of ten minutes
        if window not in roots:
            folder = tmp_path_factory.mktemp("made")
            (folder / "luigi.cfg").write_text(a_little_of_it())
            run = process(api, folder, "--as-of", as_of)
            done = ended(Forked(**run))
            assert done.returncode == 0, done.stderr
            roots[window] = folder / "data"
        return roots[window]

    return made


@pytest.fixture
def start(command, forkserver):
    """Starts runs that are killed at the end of the test, if they still run."""
    started = []

    def run(*flags, **options):
        started.append(Forked(**command(*flags, **options)))
        return started[-1]

    yield run
    for begun in started:
        begun.kill()
        begun.communicate()
