"""The scripts as a user runs them: in a checkout of their own, from another folder, offline.

The first installation, which takes a network, is what CI does before it can run this.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import site
import socket
import subprocess
import sys
import urllib.request

import psutil
import pytest

from hn_luigi.replica import Faults, Replica, bundled_front_page

from .chromium import chromium
from .command_line.test_central import tasks_of
from .documents import FRONT, blocks, commands, text_of
from .limits import patience
from .processes import REPOSITORY, wait_until

HERE = ("hn_luigi", "scripts", "tests")
FILES = ("LICENSE", "README.md", "luigi.cfg", "pyproject.toml", "setup.cfg")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout whose ``.venv`` is installed: it has what this Python has.

    It reads fewer stories than the shipped one, draws a smaller cloud, and is short of patience.
    Its windows are days, or one may end between a script and what is asked about its outputs.
    """
    checkout = tmp_path_factory.mktemp("it's a checkout")
    for name in HERE:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=ignored)
    for name in FILES:
        shutil.copy(REPOSITORY / name, checkout)
    config = checkout / "luigi.cfg"
    text = config.read_text().replace("limit = 500", "limit = 60")
    text = text.replace("window_minutes = 10", "window_minutes = 1440")
    config.write_text(
        text.replace("width = 1200", "width = 400").replace("height = 600", "height = 200")
    )
    tasks = checkout / "hn_luigi/tasks.py"
    patient = tasks.read_text()
    assert "delay=2," in patient
    tasks.write_text(patient.replace("delay=2,", "delay=0.01,"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout / ".venv"], check=True)
    (packages,) = checkout.glob(".venv/lib/python3*/site-packages")
    (packages / "shared.pth").write_text("\n".join([str(checkout), *site.getsitepackages()]))
    command = checkout / ".venv/bin/hn-luigi"  # as pip has it for a path with blanks
    command.write_text('#!/bin/sh\nexec "${0%/*}/python" -m hn_luigi.cli "$@"\n')
    command.chmod(0o755)
    stamp = 'for extra in "" -lint -test; do wanted > "$venv/.installed$extra"; done'
    subprocess.run(["bash", "-c", f". scripts/venv.sh; {stamp}"], cwd=checkout, check=True)
    return checkout


@pytest.fixture
def elsewhere(tmp_path):
    return tmp_path


@pytest.fixture
def script(checkout, elsewhere):
    def run(name, *arguments, **options):
        return subprocess.run(
            [checkout / "scripts" / name, *arguments],
            cwd=elsewhere,
            capture_output=True,
            text=True,
            timeout=patience(),
            **options,
        )

    return run


@pytest.fixture
def configured(checkout):
    """Points the checkout's configuration to an API."""
    config = checkout / "luigi.cfg"
    shipped = config.read_text()

    def point_to(base_url, limit=60):
        text = shipped.replace("limit = 60", f"limit = {limit}\nbackoff = 0.01")
        config.write_text(text.replace("[hackernews]", f"[hackernews]\nbase_url = {base_url}"))

    yield point_to
    config.write_text(shipped)


@pytest.fixture
def scheduler(checkout, elsewhere):
    """Starts ``scripts/scheduler``, or what another ``line`` for a shell does, at any port."""
    started = []
    here = f"cd {shlex.quote(str(checkout))} && "

    def start(*arguments, line=f"{here}scripts/scheduler", **environment):
        line = line.replace(" && ", " && exec env ")  # so that a signal to it is one to the server
        words = shlex.join([*arguments, "--port", "0"])
        with open(elsewhere / "said", "w") as said:
            server = subprocess.Popen(
                ["bash", "-c", f"{line} {words}"],
                cwd=elsewhere,
                env={**os.environ, **environment},
                stdout=said,
                stderr=said,
            )
        started.append(Scheduler(server, elsewhere / "said"))
        return started[-1]

    yield start
    for each in started:
        each.stop()


class Scheduler:
    """A server that was started, at ``url``, where it serves ``root``."""

    def __init__(self, process, said):
        self._process, self._said = process, said
        self.url = self._told(r"(http://127\.0\.0\.1:\d+)/assets")
        self.root = self._told("^What is stored under (.*):$")

    def _told(self, pattern):
        def found():
            said = self._said.read_text()
            assert self._process.poll() is None, said
            return re.search(pattern, said, re.MULTILINE)

        return wait_until(found)[1]

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def read(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=patience()) as answer:
            return answer.read()

    def children(self):
        return psutil.Process(self._process.pid).children()

    def stop(self, name="SIGTERM"):
        """What it exits with."""
        self._process.send_signal(getattr(signal, name))
        return self._process.wait(patience())


NOWHERE = "http://127.0.0.1:9/v0"
VISUALISER = "/static/visualiser/index.html"
NAMES = [
    f"top/{name}"
    for name in ("story_ids", "stories", "stories_of_day", "wordcloud", "trends", "digest")
]


class TestRun:
    def test_the_sample_lies_in_its_own_root_and_says_so_twice_in_a_row(self, script, checkout):
        shutil.rmtree(checkout / "data", ignore_errors=True)
        for _ in range(2):
            done = script("run", "--sample")
            assert done.returncode == 0, done.stderr
            page = checkout / "wordcloud-sample.html"
            assert done.stderr.endswith(self.ending(checkout))
            stored = checkout / "data-sample/top/wordcloud/latest.md"
            for text in (page.read_text(), stored.read_text()):
                assert "SAMPLE (invented stories) · Hacker News" in text
        assert not (checkout / "data").exists()

    def ending(self, checkout):
        """As README.md shows it, but for the place."""
        (shown,) = [text for text in blocks("text", text_of(FRONT)) if "The SAMPLE page" in text]
        _, _, shown = shown.rpartition("...\n")
        place = str(checkout)
        quoted = place.replace("'", r"\'").replace(" ", r"\ ")
        return shown.replace("cd /home/me/hn_luigi", f"cd {quoted}").replace(
            "/home/me/hn_luigi", place
        )

    def test_where_the_api_can_t_be_reached_it_says_so_and_shows_the_sample(
        self, script, configured
    ):
        configured(NOWHERE)
        done = script("run")
        assert done.returncode == 0, done.stderr
        assert f"can't read {NOWHERE}/topstories.json" in done.stderr
        assert "##  Hacker News can't be reached. What follows is the bundled SAMPLE" in done.stderr
        assert "The SAMPLE page, to open" in done.stderr

    def test_a_broken_configuration_is_not_taken_for_a_missing_network(
        self, script, checkout, configured
    ):
        configured(NOWHERE, limit="many")
        done = script("run")
        assert done.returncode != 0
        assert "[hackernews] limit (--hackernews-limit) is 'many'" in done.stderr
        assert "SAMPLE" not in done.stderr

    def test_live_alone_fails_where_the_api_can_t_be_reached(self, script, configured, checkout):
        configured(NOWHERE)
        shutil.rmtree(checkout / "data-sample", ignore_errors=True)
        done = script("run", "--live")
        assert done.returncode == 30
        assert not (checkout / "data-sample").exists()

    @pytest.mark.parametrize("arguments", [[], ["--live"]])
    def test_the_live_api_is_read_where_it_can_be(self, script, configured, checkout, arguments):
        with Replica(bundled_front_page()) as api:
            configured(api.base_url)
            done = script("run", *arguments)
        assert done.returncode == 0, done.stderr
        page = checkout / "wordcloud.html"
        assert f"The page, to open in a browser: {page}\n" in done.stderr
        assert "Hacker News" in page.read_text()
        assert "SAMPLE" not in done.stderr + page.read_text()

    @pytest.mark.parametrize("mode", ["--live", "--sample"])
    def test_its_last_lines_work_as_printed_from_any_folder(
        self, script, configured, elsewhere, mode, scheduler
    ):
        with Replica(bundled_front_page()) as api:
            configured(api.base_url)
            page, digest, status, serve = script("run", mode).stderr.splitlines()[-4:]

            def shell(line):
                command = ["bash", "-c", line]
                return subprocess.run(command, cwd=elsewhere, capture_output=True, text=True)

            assert shell(page).stdout.startswith("Written: wordcloud")
            assert shell(digest).stdout.endswith("/top/digest/latest.md\n")
            shown = shell(f"{status} --json")
            assert shown.returncode == 0, shown.stderr
            states = {asset["asset"]: asset["state"] for asset in json.loads(shown.stdout)}
            assert states == dict.fromkeys(NAMES, "current")
            root = "data-sample" if mode == "--sample" else "data"
            assert scheduler(line=serve).root.endswith(f"/{root}")

    def test_it_leads_to_its_page_whatever_else_is_configured(
        self, script, configured, elsewhere, monkeypatch
    ):
        own = elsewhere / "my own.cfg"
        own.write_text(f"[storage]\nroot = {elsewhere}/root\n[assets]\nwatch = hn_luigi StoryIds\n")
        monkeypatch.setenv("LUIGI_CONFIG_PATH", str(own))
        with Replica(bundled_front_page()) as api:
            configured(api.base_url)
            done = script("run", "--live")
        assert done.returncode == 0, done.stderr
        monkeypatch.delenv("LUIGI_CONFIG_PATH")
        page, _, status, _ = done.stderr.splitlines()[-4:]
        assert subprocess.run(["bash", "-c", page], capture_output=True).returncode == 0
        shown = subprocess.run(["bash", "-c", status], capture_output=True, text=True).stdout
        assert f"stored under {elsewhere}/root" in shown
        assert "top/story_ids  current" in shown

    def test_the_replica_ends_with_the_script(self, script, checkout):
        assert script("run", "--sample").returncode == 0
        assert [p.cmdline() for p in psutil.process_iter() if _cwd(p) == str(checkout)] == []

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_what_it_started_ends_with_it(self, checkout, elsewhere, number, configured):
        with Replica(bundled_front_page()) as api:
            api.faults = Faults(rate=1, kinds=("stall",), only="item/")
            configured(api.base_url)
            script = subprocess.Popen(
                [checkout / "scripts/run", "--live"],
                cwd=elsewhere,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            shutil.rmtree(checkout / "data", ignore_errors=True)
            wait_until(lambda: len(api.requests) > 1)
            children = psutil.Process(script.pid).children(recursive=True)
            script.send_signal(number)
            assert script.wait(patience()) == 128 + (2 if number == signal.SIGINT else 15)
            assert psutil.wait_procs(children, timeout=patience())[1] == []

    def test_it_runs_through_a_link_and_with_a_cdpath(self, checkout, elsewhere):
        (elsewhere / "news").symlink_to(checkout / "scripts/run")
        done = subprocess.run(
            [elsewhere / "news", "--help"],
            cwd=checkout,
            env={**os.environ, "CDPATH": f".:{elsewhere}"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    def test_help_tells_the_ways_to_run_it(self, script):
        assert "scripts/run --sample" in script("run", "--help").stdout

    def test_what_it_does_not_know_is_refused(self, script):
        done = script("run", "--fast")
        assert done.returncode == 2
        assert "unknown argument --fast" in done.stderr


def test_test_passes_its_arguments_to_pytest(script):
    done = script("test", "--collect-only", "--quiet", "tests/test_surface.py")
    assert done.returncode == 0, done.stderr
    assert "test_importing_the_graph_loads_nothing_heavy" in done.stdout


class TestScheduler:
    def test_it_serves_the_visualiser_and_keeps_its_state(self, checkout, scheduler):
        for _ in range(2):
            started = scheduler()
            assert b"Luigi Task Visualiser" in started.read(VISUALISER)
            assert VISUALISER.encode() in started.read("/")
            assert started.stop() == 0
            assert (checkout / ".luigid/state.pickle").exists()

    def test_it_serves_the_root_of_the_last_run_but_for_one_that_is_named(
        self, checkout, script, scheduler, configured, elsewhere
    ):
        (elsewhere / "own.cfg").write_text(f"[storage]\nroot = {elsewhere}/configured\n")
        own = {"LUIGI_CONFIG_PATH": str(elsewhere / "own.cfg")}
        assert script("run", "--sample").returncode == 0
        assert scheduler().root == f"{checkout}/data-sample"
        assert scheduler("--storage-root", "data").root == f"{checkout}/data"
        assert scheduler(f"--storage-root={elsewhere}/given").root == f"{elsewhere}/given"
        assert scheduler(**own).root == f"{elsewhere}/configured"
        assert scheduler("--sample", **own).root == f"{checkout}/data-sample"
        configured(NOWHERE)
        assert script("run", "--live").returncode == 30
        assert scheduler().root == f"{checkout}/data"

    def test_a_taken_port_is_one_line(self, script):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for more in ([], ["--sample"]):
                done = script("scheduler", "--port", str(taken.getsockname()[1]), *more)
                assert done.returncode == 2
                (line,) = done.stderr.splitlines()
                assert "Address already in use; stop what uses it" in line

    @pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"])
    def test_the_sample_s_replica_ends_with_it(self, scheduler, tmp_path, name):
        (folder := tmp_path / "tmp").mkdir()
        urls = {"HN_LUIGI_ALERT_URLS": "json://127.0.0.1:9/"}
        started = scheduler("--sample", TMPDIR=str(folder), **urls)
        assert started.read("/assets")
        (replica,) = started.children()  # and nothing that tells people of it
        assert list(folder.iterdir())
        started.stop(name)
        replica.wait(patience())
        assert list(folder.iterdir()) == []

    def test_help_tells_of_the_sample(self, script):
        assert "scripts/scheduler --sample" in script("scheduler", "--help").stdout


@pytest.fixture
def nothing_made(checkout):
    for name in ("data", "data-sample", ".luigid"):
        shutil.rmtree(checkout / name, ignore_errors=True)


def test_without_a_network_a_reader_sees_luigi_work(checkout, nothing_made, scheduler):
    """From an empty root: a press of a button, and the visualiser has six tasks and a graph."""
    url = scheduler("--sample").url
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(patience() * 1000)
        press_the_button(page, url)
        see_the_page(page, url)
        see_six_tasks_and_the_graph_of_one(page, url)
    assert not (checkout / "data").exists()


def press_the_button(page, url):
    page.goto(url)
    page.get_by_role("button", name="Materialize 6 of 6").click()
    page.get_by_role("heading", name="done").wait_for()


def see_the_page(page, url):
    page.goto(f"{url}/assets")
    page.get_by_role("link", name=re.compile("wordcloud")).first.click()
    page.get_by_role("heading", name="SAMPLE (invented stories)").wait_for()


def see_six_tasks_and_the_graph_of_one(page, url):
    page.goto(url)
    page.get_by_role("link", name="Luigi’s visualiser").click()
    done = page.locator("#taskTable tbody tr", has_text="DONE")
    done.nth(5).wait_for()
    assert done.count() == 6
    done.filter(has_text="Wordcloud").locator("a[title='View graph']").click()
    # Not uncheck(): the box takes its click back, and follows the address, a moment later.
    page.get_by_label("Hide Done").click()
    drawn = page.locator("#graphPlaceholder svg a[data-task-status=DONE]")
    drawn.nth(2).wait_for()
    assert sorted(drawn.all_text_contents()) == ["Stories", "StoryIds", "Wordcloud"]
    assert page.locator("#graphPlaceholder svg line.link").count() == 2


def test_the_next_lines_of_the_readme_run_through_the_scheduler(
    checkout, nothing_made, configured, scheduler
):
    (serve,), (run,) = commands("scripts/scheduler", FRONT), commands("LUIGI_CONFIG_PATH=", FRONT)
    configured(NOWHERE)
    started = scheduler(line=f"cd {shlex.quote(str(checkout))} && {serve.partition('#')[0]}")
    central = checkout / "scripts/central.cfg"
    shipped = central.read_text()
    central.write_text(shipped.replace("8082", str(started.port)))
    try:
        done = subprocess.run(["bash", "-c", run], cwd=checkout, capture_output=True, text=True)
    finally:
        central.write_text(shipped)
    assert done.returncode == 0, done.stderr
    tasks = tasks_of(started.port).values()
    assert sorted(task["name"] for task in tasks) == ["Stories", "StoryIds", "Wordcloud"]


def _cwd(process):
    try:
        return process.cwd()
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return None


def test_where_there_is_no_python_it_says_what_to_install(checkout, tmp_path):
    bare = tmp_path / "bin"
    bare.mkdir()
    for tool in ("bash", "cat", "cksum", "dirname", "env", "flock", "readlink"):
        if found := shutil.which(tool):
            (bare / tool).symlink_to(found)
    empty = tmp_path / "checkout"
    shutil.copytree(checkout / "scripts", empty / "scripts")
    shutil.copy(checkout / "setup.cfg", empty)
    done = subprocess.run(
        ["bash", empty / "scripts/run"],
        env={"PATH": str(bare), "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or later with pip and venv, and found none" in done.stderr
