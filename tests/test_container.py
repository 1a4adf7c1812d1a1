"""``scripts/Containerfile``, built and run by podman or Docker as the documents have it.

The containers have no network but their own loopback, where the replica of the API is, too.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from .documents import commands
from .limits import scaled
from .processes import REPOSITORY, wait_until

BUILD = commands("podman build")
RUN, RUN_FOR_OTHERS = commands("podman run")
IMAGE = "localhost/hn-luigi-tested"
(DEBIAN,) = re.findall("^ARG BASE=(.*)$", (REPOSITORY / "scripts/Containerfile").read_text(), re.M)
AS_INSTALLED = "localhost/debian:trixie"
"""What `.ci/install-servers` makes where no registry of images can be reached."""
# crun 1.8 wants more open files than root may have who lacks CAP_SYS_RESOURCE, and no cgroups of
# both versions at once. runc does with less.
MODEST = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
"""
CONFIGURATION = """
[hackernews]
base_url = http://127.0.0.1:8080/v0
read_timeout = 600
limit = 30
[assets]
window_minutes = 1440
[cloud]
width = 200
height = 100
"""
TOKEN = "long enough for a token"
ASK = """
import http.client, os, sys
server = http.client.HTTPConnection("127.0.0.2", 8082)
server.request("GET", "/assets?" + "".join(sys.argv[1:]))
print(server.getresponse().status)
"""
pytestmark = pytest.mark.slow
_numbers = count()


@dataclass(frozen=True)
class Engine:
    """``podman`` or ``docker``."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    base: str = DEBIAN

    def try_to(self, *words):
        return subprocess.run(
            [self.name, *words],
            env={**os.environ, **self.environment},
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *words):
        done = self.try_to(*words)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def can(self, *words):
        return self.try_to(*words).returncode == 0


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    named = [Engine(name) for name in ("podman", "docker") if _answers(name)]
    if not named:
        pytest.skip("there is no container engine: neither podman nor docker answers")
    found = named[0]
    there = (i for i in (DEBIAN, AS_INSTALLED) if found.can("image", "inspect", i))
    base = next(there, None) or (found.can("pull", DEBIAN) and DEBIAN)
    if not base:
        pytest.skip(f"{DEBIAN} can't be had; .ci/install-servers makes the like, as root")
    modest = tmp_path_factory.mktemp("engine") / "containers.conf"
    modest.write_text(MODEST)
    for environment in ({}, {"CONTAINERS_CONF": str(modest)}):
        one = replace(found, base=base, environment=environment)
        tried = one.try_to("run", "--rm", "--network=none", base, "true")
        if tried.returncode == 0:
            return one
    pytest.skip(f"{found.name} can't run a container here: {tried.stdout.strip()}")


def _answers(name):
    try:
        return subprocess.run([name, "info"], capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.fixture(scope="module")
def image(engine, tmp_path_factory):
    """The image, which stays: the next one takes over the layers that are the same."""
    (command,) = BUILD
    words = shlex.split(command.replace("--tag hn_luigi", f"--tag {IMAGE}"))[1:]
    if engine.name == "docker":
        words = [word for word in words if word not in ("--format", "docker")]
    words[1:1] = ["--network=host", f"--build-arg=BASE={engine.base}"]
    with open(tmp_path_factory.getbasetemp().parent / "image.lock", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # or each of xdist's workers installs it all
        older = engine.try_to("image", "inspect", "--format={{.Id}}", IMAGE).stdout.strip()
        built = engine.try_to(*words)
        if built.returncode and not _has_network(tmp_path_factory.mktemp("download")):
            pytest.skip("pip reaches no registry of packages to install from")
        assert built.returncode == 0, built.stdout
        if older != engine("image", "inspect", "--format={{.Id}}", IMAGE).strip():
            engine.try_to("rmi", older)
    return IMAGE


def _has_network(folder):
    download = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, "luigi"]
    return subprocess.run(download, capture_output=True).returncode == 0


@dataclass(frozen=True)
class Container:
    """A container that was started."""

    engine: Engine
    name: str

    def try_to(self, *words):
        return self.engine.try_to("exec", self.name, *words)

    def do(self, *words):
        return self.engine("exec", self.name, *words)

    def replicate(self, *words):
        """Serve the API within it, as long as it runs."""
        self.engine("exec", "--detach", self.name, "hn-replica", "--port=8080", *words)

    @property
    def log(self):
        return self.engine("logs", self.name)

    def says(self, text):
        """Whether it has said so, while it runs."""
        self._has_to_run()
        return text in self.log

    def is_fresh(self):
        self._has_to_run()
        return self.try_to("hn-luigi", "freshness").returncode == 0

    def is_reading(self):
        """Whether a run of it asks the API."""
        self._has_to_run()
        return "Making StoryIds" in self.do("sh", "-c", "cat .luigid/runs/*.log || true")

    def _has_to_run(self):
        running = self.engine("inspect", "--format={{.State.Running}}", self.name)
        assert running.strip() == "true", self.log

    def end(self, word, *words):
        """How it ends by that command."""
        self.engine(word, *words, self.name)
        return int(self.engine("wait", self.name).split()[-1])


@pytest.fixture
def start(engine, image, tmp_path):
    """Starts a container by a line of the documents; its own words come last."""
    names = []
    volume = f"hn-luigi-test-{os.getpid()}-{next(_numbers)}"
    (tmp_path / "luigi.cfg").write_text(CONFIGURATION)
    configuration = f"{tmp_path}/luigi.cfg:/var/lib/hn_luigi/luigi.cfg:ro"

    def begin(*words, line=RUN, options=(), network="none"):
        names.append(f"{volume}-{next(_numbers)}")
        told, _, own = line.rpartition(" hn_luigi ") if line == RUN_FOR_OTHERS else (line, "", "")
        told = told.removesuffix(" hn_luigi").replace("--name hn_luigi", f"--name {names[-1]}")
        told = re.sub("--publish [^ ]+", "", told).replace("hn_luigi:/", f"{volume}:/")
        flags = [*shlex.split(told)[1:], f"--network={network}", f"--volume={configuration}"]
        engine(*flags, *options, image, *shlex.split(own), *words)
        return Container(engine, names[-1])

    yield begin
    for name in reversed(names):
        engine.try_to("rm", "--force", name)
    engine.try_to("volume", "rm", volume)


def test_it_makes_what_is_due_as_nobody_in_particular_and_writes_in_its_volume_alone(start):
    container = start(options=["--read-only"])
    container.replicate()
    wait_until(container.is_fresh)
    users = container.do("sh", "-c", "grep -h ^Uid: /proc/[0-9]*/status")
    assert set(users.split()) == {"Uid:", "10001"}
    assert container.do("cat", ".luigid/token").strip() not in container.log


def test_it_ends_in_its_time_with_the_run_that_is_under_way(start):
    container = start()
    container.replicate("--error-rate=1", "--faults=stall")
    wait_until(container.is_reading)
    # Both engines give it 10 s, and then SIGKILL, which makes it 137.
    assert container.end("stop", f"--time={round(scaled(10))}") == 0


def test_killed_and_started_again_it_goes_on_where_it_was(start):
    container = start()
    container.replicate("--error-rate=1", "--faults=stall")
    wait_until(container.is_reading)
    assert container.end("kill") == 137
    container.engine("start", container.name)
    container.replicate()
    wait_until(container.is_fresh)


def test_what_steps_leave_behind_is_no_zombie(start):
    container = start()
    orphan = container.do("sh", "-c", "(sleep 0 & echo $!)").strip()
    wait_until(lambda: container.try_to("test", "-e", f"/proc/{orphan}").returncode)


def test_two_on_a_volume_do_the_work_once_and_say_so(start):
    one = start()
    other = start("--port=8083", network=f"container:{one.name}")
    one.replicate()
    wait_until(one.is_fresh)
    wait_until(lambda: any(c.says("another server on this machine") for c in (one, other)))
    assert (one.log + other.log).count(" makes top/wordcloud") == 1


class TestWhoMayUseThePages:
    def test_nobody_outside(self, start):
        container = start()
        wait_until(lambda: container.says("The assets: "))
        assert "Connection refused" in container.try_to("python", "-c", ASK).stdout

    def test_those_who_have_the_secret_where_the_user_has_it_so(self, start, monkeypatch):
        monkeypatch.setenv("HN_LUIGI_TOKEN", TOKEN)
        container = start(line=RUN_FOR_OTHERS)
        wait_until(lambda: container.says("The assets: "))
        assert container.do("python", "-c", ASK).strip() == "401"
        given = f"token={TOKEN.replace(' ', '+')}"
        assert container.do("python", "-c", ASK, given).strip() == "303"
        assert _is_healthy(container)
        assert TOKEN not in container.log

    def test_without_a_secret_it_is_refused_in_a_line(self, start, monkeypatch):
        monkeypatch.delenv("HN_LUIGI_TOKEN", raising=False)
        container = start(line=RUN_FOR_OTHERS)
        assert container.end("wait") == 2
        assert "set HN_LUIGI_TOKEN to a secret, or leave out --address" in container.log


def test_it_is_healthy_while_it_serves(start):
    container = start()
    wait_until(lambda: _is_healthy(container))
    container.do("sh", "-c", "kill -STOP $(cat /proc/1/task/1/children)")
    assert not _is_healthy(container)


def _is_healthy(container):
    """As the engine asks, which can do so by itself only where systemd or Docker's daemon is."""
    told = json.loads(container.engine("inspect", "--format={{json .Config}}", container.name))
    kind, command = told["Healthcheck"]["Test"]
    assert kind == "CMD-SHELL"
    return container.try_to("sh", "-c", command).returncode == 0
