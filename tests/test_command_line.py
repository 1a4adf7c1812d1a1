"""`luigi` as a user starts it: a process of its own, in a folder with or without luigi.cfg."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager

import psutil
import pytest

from hn_luigi.replica import Faults, Replica, bundled_front_page

from .limits import patience
from .processes import PIPES, REPOSITORY, Forked, ended, wait_until

SHIPPED = (REPOSITORY / "luigi.cfg").read_text()
LITTLE = {
    "limit = 500": "limit = 60\nconcurrency = 8",  # so that a fetch lasts
    "width = 1200": "width = 400",
    "height = 600": "height = 200",
    "max_words = 150": "max_words = 40",
}
IMPATIENT = """
from hn_luigi.assets.execution import attempt
attempt.sleep = lambda seconds: None
"""


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


def a_little_of_it():
    """The shipped configuration with fewer stories and a smaller cloud."""
    text = SHIPPED
    for shipped, little in LITTLE.items():
        assert shipped in text
        text = text.replace(shipped, little)
    return text


@pytest.fixture
def command(api, folder):
    """How to start a process that runs Wordcloud against the API on loopback."""

    def build(*flags, **options):
        return process(api, folder, *flags, **options)

    return build


def process(api, folder, *flags, task="Wordcloud", url=None):
    argv = [sys.executable, "-m", "luigi", "--module", "hn_luigi", task]
    argv += ["--hackernews-base-url", url or api.base_url, "--hackernews-backoff", "0.01"]
    return {
        "args": [*argv, *flags],
        "cwd": folder,
        "env": {**os.environ, "PYTHONPATH": str(REPOSITORY)},
    }


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


def present():
    """The minute as a value of ``--as-of``, for runs that are to be of one window."""
    return time.strftime("%Y-%m-%dT%H%M", time.gmtime())


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def page_of(folder):
    return (folder / "data/top/wordcloud/latest.md").read_bytes()


def test_it_makes_the_page_where_the_configuration_says(python, folder):
    (folder / "luigi.cfg").write_text(SHIPPED)
    done = python()
    assert done.returncode == 0, done.stderr
    assert "3 ran successfully" in done.stderr
    assert page_of(folder).startswith(b"# Hacker News")
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_it_needs_no_configuration_file(python, folder):
    (folder / "luigi.cfg").unlink()
    done = python("--local-scheduler", "--hackernews-limit", "20")
    assert done.returncode == 0, done.stderr
    assert page_of(folder)


def test_a_second_run_asks_for_nothing(luigi, api, made, folder):
    as_of = present()
    shutil.copytree(made(as_of), folder / "data")
    asked = len(api.requests)
    done = luigi("--as-of", as_of)
    assert done.returncode == 0
    assert "Did not run any tasks" in done.stderr
    assert len(api.requests) == asked


def test_a_terminal_shows_a_bar_and_a_log_does_not(command, luigi, api):
    api.latency = 0.05
    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, (24, 100))
    options = {**command(task="Stories"), **PIPES, "stderr": inside, "stdin": inside}
    with subprocess.Popen(**options) as run:
        os.close(inside)
        shown = b"".join(iter(lambda: _read(terminal), b"")).decode()
    assert run.returncode == 0
    assert re.search(r"Stories: +\d+%.* items/s", shown)
    shutil.rmtree(options["cwd"] / "data")
    assert "items/s" not in luigi(task="Stories").stderr


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side was closed
        return b""


def test_help_describes_each_flag(python):
    text = " ".join(python("--help").stdout.split())
    for flag in ("--as-of", "--feed", "--storage-root", "--hackernews-limit", "--cloud-width"):
        assert flag in text
    assert "a UTC time such as 2026-11-22T1230" in text
    assert "Width of the picture in pixels" in text


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--as-of", "noon"], "luigi: --as-of is 'noon': it must be now, latest, or a UTC time"),
        (["--as-of", "2999-01-01T0000"], "luigi: --as-of is '2999-01-01T0000': that is in the fut"),
        (["--as-of", "latest"], "luigi: --as-of latest: no window of top/stories is stored under"),
        (["--feed", "tops"], "luigi: --feed is 'tops': choose from top, new, best, ask, show, job"),
        (["--cloud-width", "wide"], "luigi: [cloud] width (--cloud-width) is 'wide': it must be a"),
        (["--hackernews-limit", "0"], "luigi: [hackernews] limit (--hackernews-limit) is '0': it"),
        (
            ["--hackernews-base-url", "me:secret@h"],
            "luigi: [hackernews] base_url (--hackernews-",
        ),
        (["--hackernews-base-url", "http://h/?k=secret"], "luigi: [hackernews] base_url (--hacker"),
        (["--storage-root", " "], "luigi: [storage] root (--storage-root) is ' ': it must not be"),
        (
            ["--storage-root", "ftp://me:secret@h"],
            "luigi: the storage root begins with ftp://, whi",
        ),
        (["--storage-root", ""], "luigi: [storage] root (--storage-root) is '': it must not be em"),
        (["--cloud-width", ""], "luigi: [cloud] width (--cloud-width) is '': it must be a whole"),
        (
            ["--cloud-label", "caf\udce9"],
            "luigi: [cloud] label (--cloud-label) is 'caf\\udce9': i",
        ),
    ],
)
def test_a_bad_value_is_one_line_and_exit_code_2(luigi, folder, flags, line):
    done = luigi(*flags)
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith(line)
    assert "secret" not in complaint
    assert not (folder / "data").exists()


def test_a_bad_value_in_the_configuration_is_one_line_too(python, folder):
    (folder / "luigi.cfg").write_text(SHIPPED.replace("limit = 500", "limit = lots"))
    done = python()
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("luigi: [hackernews] limit (--hackernews-limit) is 'lots'")


def test_a_lone_percent_sign_in_the_configuration_is_one_line_too(luigi, folder):
    (folder / "luigi.cfg").write_text(SHIPPED.replace("[cloud]", "[cloud]\nlabel = 50%"))
    done = luigi()
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("luigi: [cloud]: '%' must be followed by")


def test_without_a_standard_error_it_works_all_the_same(command, folder):
    options = {**command(), **PIPES, "stderr": None}
    argv = ["bash", "-c", 'exec "$@" 2>&-', "bash", *options.pop("args")]
    assert subprocess.run(argv, **options, timeout=patience()).returncode == 0
    assert page_of(folder)


FAILED, REFUSED = (30, 35), (2,)


@pytest.mark.parametrize(
    ("flags", "url", "line", "codes"),
    [
        ([], "http://127.0.0.1:9/v0", "can't read http://127.0.0.1:9/v0/topstories.json: ", FAILED),
        (["--cloud-colormap", "mud"], None, "mud", FAILED),
        (["--as-of", "2020-02-02T0202"], None, "its window, which starts at 2020-02-02", FAILED),
        (["--storage-root", "/dev/full"], None, "something in this path is a file", REFUSED),
        (["--storage-root", "/proc/none"], None, "can't write /proc/none/", FAILED),
    ],
)
def test_trouble_names_the_cause_and_exits_non_zero(luigi, folder, flags, url, line, codes):
    done = luigi(*flags, url=url, before=IMPATIENT)
    assert done.returncode in codes, done.stderr
    assert line in done.stderr
    assert "Traceback (most recent call last)" not in done.stderr
    assert not (folder / "data/top/wordcloud").exists()


def test_a_failed_refresh_keeps_the_last_good_page(luigi, folder, api, made):
    shutil.copytree(made(present()), folder / "data")
    before = page_of(folder)
    api.faults = Faults(rate=1, kinds=("html",))
    shutil.rmtree(folder / "data/top/story_ids")
    done = luigi(before=IMPATIENT)
    assert done.returncode == 30
    assert "bytes of text/html" in done.stderr
    assert page_of(folder) == before
    api.faults = Faults()
    assert luigi().returncode == 0


@pytest.fixture
def start(command, forkserver):
    """Starts runs that are killed at the end of the test, if they still run."""
    started = []

    def run(*flags, **options):
        started.append(Forked(**command(*flags, **options)))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


@contextmanager
def busy(api):
    """The API never answers for an item, so that a run is met in the middle of its fetch."""
    api.faults = Faults(rate=1, kinds=("stall",), only="item/")
    yield
    api.faults = Faults()


def children_of(process):
    return psutil.Process(process.pid).children(recursive=True)


SAID_WHEN_STOPPED = "feed=top) was interrupted. What was published stays; run again."


class TestInterrupted:
    @pytest.fixture(params=["1", "2"], ids=["one worker", "two workers"])
    def workers(self, request):
        return request.param

    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
    def test_a_run_stopped_in_its_fetch_leaves_nothing_and_the_next_succeeds(
        self, start, luigi, folder, api, name, workers
    ):
        """Asked to stop, a run of one worker also says what it was doing."""
        asked = len(api.requests)
        with busy(api):
            run = start("--workers", workers)
            wait_until(lambda: len(api.requests) > asked + 1)
            children = children_of(run)
            run.send_signal(signal.Signals[name])
            _, log = run.communicate(timeout=patience())
        assert run.returncode != 0
        if name != "SIGKILL" and workers == "1":
            assert SAID_WHEN_STOPPED in log
        psutil.wait_procs(children, timeout=patience())
        assert not any(child.is_running() for child in children)
        assert not (folder / "data/top/stories").exists() or not files(folder / "data/top/stories")
        assert not list((folder / "data").rglob("*.tmp"))
        done = luigi(task="Stories")  # all that had begun
        assert done.returncode == 0, done.stderr
        assert files(folder / "data/top/stories")

    @pytest.mark.parametrize(
        "moment",
        [
            "data/top/story_ids/*.json",
            "data/_records/top/story_ids/*.json",
            "data/top/stories/*.parquet",
            "data/top/wordcloud/2*.md",
            "data/top/wordcloud/latest.md",
        ],
    )
    def test_killed_while_it_publishes_the_next_run_puts_all_right(
        self, start, luigi, folder, made, moment
    ):
        as_of = present()
        undisturbed = made(as_of)
        run = start("--as-of", as_of)
        wait_until(lambda: list(folder.glob(moment)))
        run.kill()
        run.communicate()
        done = luigi("--as-of", as_of)
        assert done.returncode == 0, done.stderr
        assert not list((folder / "data").rglob("*.tmp"))
        for path in files(folder / "data/top"):
            assert (folder / "data/top" / path).read_bytes() == (
                undisturbed / "top" / path
            ).read_bytes(), path


def test_two_runs_at_once_do_the_work_once(start, api):
    asked = len(api.requests)
    as_of = present()
    runs = [start("--as-of", as_of), start("--as-of", as_of, task="Stories")]
    logs = [run.communicate(timeout=patience())[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], logs
    assert len(api.requests) - asked == 61


@pytest.mark.parametrize("task", ["Wordcloud", "Stories"])
def test_a_run_by_other_settings_meanwhile_fails_neither(start, api, folder, task):
    """The second meets the first in its fetch, waits for it or remakes after it, and goes on."""
    api.latency = 0.08
    asked = len(api.requests)
    as_of = present()
    first = start("--as-of", as_of)
    wait_until(lambda: len(api.requests) > asked + 1)
    second = start("--as-of", as_of, "--hackernews-limit", "100", task=task)
    logs = [run.communicate(timeout=patience())[1] for run in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], logs
    assert not any("Unfulfilled" in log for log in logs)
    assert page_of(folder)


def copy_window(folder, name, copies):
    """Store what is stored of the window called ``name`` under the names of ``copies`` too."""
    for path in list((folder / "data").rglob(f"{name}.*")):
        for copied in copies:
            shutil.copy2(path, path.with_name(path.name.replace(name, copied)))
            if path.parts[len(folder.parts) + 1] == "_records":
                record = path.with_name(f"{copied}.json")
                record.write_text(path.read_text().replace(name, copied))


def test_a_range_remakes_stale_pages_and_fails_fast_where_nothing_was_captured(
    luigi, folder, api, made
):
    now = time.time() // 600 * 600
    past = [time.strftime("%Y-%m-%dT%H%MZ", time.gmtime(now - 600 * n)) for n in range(60, 63)]
    as_of = time.strftime("%Y-%m-%dT%H%MZ", time.gmtime(now))
    shutil.copytree(made(as_of.rstrip("Z")), folder / "data")
    copy_window(folder, as_of, past)
    asked = len(api.requests)

    def remake(*flags, since):
        start, stop = (
            time.strftime("%Y-%m-%dT%H%M", time.gmtime(now - 600 * n)) for n in (since, 59)
        )
        return luigi(
            *("--of", "Wordcloud", "--start", start, "--stop", stop, "--reverse"),
            *("--minutes-interval", "10", "--minutes-back", "1500", "--task-limit", "200"),
            *flags,
            task="RangeByMinutes",
        )

    done = remake(since=62)
    assert (done.returncode, done.stderr.count("INFO: Making")) == (0, 0), done.stderr
    done = remake("--cloud-width", "300", since=62)
    assert (done.returncode, done.stderr.count("INFO: Making Wordcloud")) == (0, 3), done.stderr
    done = remake(since=63)
    assert (done.returncode, done.stderr.count("INFO: Making Wordcloud")) == (30, 3), done.stderr
    assert done.stderr.count(" UTC, is over, and its source can be read only in its own time") == 1
    assert len(api.requests) == asked


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own, and a way to mount it anew with other options."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small file system takes root: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def remount(disk, options):
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def test_a_full_disk_is_said_and_freed_space_puts_it_right(luigi, disk):
    done = luigi("--storage-root", str(disk))
    assert done.returncode == 30
    assert "No space left on device; free some space, and run again" in done.stderr
    assert not list(disk.rglob("*.tmp"))
    assert not list(disk.rglob("*.md"))
    remount(disk, "size=8m")
    assert luigi("--storage-root", str(disk)).returncode == 0
    assert list(disk.rglob("latest.md"))


def test_a_read_only_root_is_said_and_the_page_stays(luigi, disk, made):
    remount(disk, "size=8m")
    shutil.copytree(made(present()), disk, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in disk.rglob("*.*")}
    remount(disk, "ro")
    done = luigi("--storage-root", str(disk), "--as-of", "latest", "--cloud-width", "300")
    assert done.returncode == 30
    assert "Read-only file system; mount it writable, or set another [storage] root" in done.stderr
    assert luigi("--storage-root", str(disk), "--as-of", "latest").returncode == 0
    assert {path: path.read_bytes() for path in disk.rglob("*.*")} == before


@pytest.fixture
def central(start, folder, tmp_path, monkeypatch):
    """Starts runs through a central scheduler of the test's own; ``central.port`` is its port."""
    with socket_on_a_free_port() as port:
        scheduler = subprocess.Popen(
            [sys.executable, "-c", LUIGID, str(port), str(tmp_path / "state")],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: answers(port))
        overlay = (REPOSITORY / "scripts/central.cfg").read_text().replace("8082", str(port))
        (folder / "central.cfg").write_text(overlay)
        monkeypatch.setenv("LUIGI_CONFIG_PATH", "central.cfg")

        def run(*flags, **options):
            return start(*flags, **options)

        run.port = port
        yield run
    finally:
        scheduler.terminate()
        scheduler.communicate(timeout=patience())
    assert (tmp_path / "state").exists()


class TestThroughTheCentralScheduler:
    def test_workers_do_the_work_once(self, central, api, folder):
        asked = len(api.requests)
        as_of = present()
        wanted = "Wordcloud", "Wordcloud", "Stories"
        runs = [central("--as-of", as_of, task=task) for task in wanted]
        logs = [run.communicate(timeout=patience())[1] for run in runs]
        assert [run.returncode for run in runs] == [0, 0, 0], logs
        assert len(api.requests) - asked == 61
        assert page_of(folder)

    def test_the_visualiser_is_told_of_the_progress(self, central, api):
        run = central()
        _, log = run.communicate(timeout=patience())
        assert run.returncode == 0, log
        shown = next(t for n, t in tasks_of(central.port).items() if n.startswith("Stories_"))
        assert shown["status_message"] == "60 of 60 items"
        assert shown["progress_percentage"] == 100
        assert shown["tracking_url"] == f"{api.base_url}/topstories.json"

    def test_a_run_by_other_settings_meanwhile_fails_neither(self, central, api):
        asked = len(api.requests)
        api.latency = 0.08
        as_of = present()
        first = central("--as-of", as_of)
        wait_until(lambda: len(api.requests) > asked + 1)
        second = central("--as-of", as_of, "--hackernews-limit", "100", "--workers", "2")
        logs = [run.communicate(timeout=patience())[1] for run in (first, second)]
        assert [first.returncode, second.returncode] == [0, 0], logs
        assert not any("Unfulfilled" in log for log in logs)

    def test_when_a_worker_is_killed_the_one_that_waits_takes_over(self, central, api, folder):
        asked = len(api.requests)
        as_of = present()
        with busy(api):
            killed = central("--as-of", as_of, "--workers", "2")
            wait_until(lambda: len(api.requests) > asked + 1)
            second = central("--as-of", as_of)
            wait_until(
                lambda: any("/_locks/" in f.path for f in psutil.Process(second.pid).open_files())
            )
            killed.kill()
        _, log = second.communicate(timeout=patience())
        assert second.returncode == 0, log
        assert page_of(folder)


LUIGID = """
import sys
from luigi.cmdline import luigid
luigid(["--address", "127.0.0.1", "--port", sys.argv[1], "--state-path", sys.argv[2]])
"""


@contextmanager
def socket_on_a_free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def tasks_of(port):
    """What the visualiser shows of each task that is done."""
    query = urllib.parse.urlencode({"data": json.dumps({"status": "DONE", "upstream_status": ""})})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/task_list?{query}") as answer:
        return json.load(answer)["response"]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=patience()).close()
    except OSError:
        return False
    return True


OWN_STEPS = """
import datetime, luigi, sys
from hn_luigi.assets import Asset, requires

class Feed(Asset):
    suffix = ".json"
    capture = True
    def compute(self):
        print("FETCHED", self.as_of, file=sys.stderr)
        return 1

@requires(Feed)
class Export(luigi.Task):
    def output(self):
        return luigi.LocalTarget(f"export-{self.as_of:%Y-%m-%d}.txt")
    def run(self):
        with self.output().open("w") as file:
            file.write("1")

@requires(Export)
class Further(Export):
    def output(self):
        return luigi.LocalTarget(f"further-{self.as_of:%Y-%m-%d}.txt")

class All(luigi.WrapperTask):
    as_of = Asset.as_of
    def requires(self):
        return [Further(as_of=self.as_of), Feed(as_of=self.as_of)]

class Later(luigi.Task):
    def requires(self):
        return Feed()
    def output(self):
        return luigi.LocalTarget("later.txt")
    def run(self):
        self.output().open("w").close()

class Yielding(luigi.Task):
    def output(self):
        return luigi.LocalTarget("yielded.txt")
    def run(self):
        yield [Later()]
        self.output().open("w").close()

class Page(Asset):
    suffix = ".json"
    def requires(self):
        tomorrow = self.as_of + datetime.timedelta(days=1)
        return [Feed(as_of=self.as_of), Feed(as_of=tomorrow), Yielding()]
    def compute(self, *_):
        return 1

class Exits(Asset):
    suffix = ".json"
    def compute(self):
        sys.exit(0)

@requires(Exits, Feed)
class Both(luigi.WrapperTask):
    pass
"""
YESTERDAY = "import datetime; from hn_luigi.assets import window\n" + (
    "window.now = lambda: datetime.datetime(2026, 11, 21, 12, 34)\n"
)
TODAY = YESTERDAY.replace("11, 21", "11, 22")


class TestOwnSteps:
    """Graphs that no one here has written, with plain tasks among them."""

    @pytest.fixture
    def run(self, folder, forkserver):
        (folder / "own.py").write_text(OWN_STEPS)
        config = folder / "luigi.cfg"
        config.write_text(SHIPPED.replace("window_minutes = 10", "window_minutes = 1440"))

        def run(*flags, before=TODAY):
            argv = [sys.executable, "-m", "luigi", "--module", "own", *flags]
            environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
            return ended(Forked(argv, cwd=folder, env=environment, before=before))

        return run

    @pytest.mark.parametrize("task", ["Export", "Further", "All"])
    def test_latest_is_a_stored_window_for_a_plain_task_too(self, run, folder, task):
        assert "no window of feed is stored" in run(task, "--as-of", "latest").stderr
        assert run("Feed", before=YESTERDAY).returncode == 0
        done = run(task, "--as-of", "latest")
        assert done.returncode == 0, done.stderr
        assert "FETCHED" not in done.stderr
        assert "9999" not in done.stderr
        assert {path.name[-14:] for path in folder.glob("*.txt")} == {"2026-11-21.txt"}

    @pytest.mark.parametrize("more", [[], ["--workers", "2"], ["--parallel-scheduling"]])
    def test_with_latest_nothing_is_fetched(self, run, more):
        run("Feed", before=YESTERDAY)
        done = run("Page", "--as-of", "latest", *more)
        assert done.returncode == 30, done.stderr
        assert "FETCHED" not in done.stderr
        assert "nothing but what is stored is to be read" in done.stderr
        assert "Traceback" not in done.stderr
        assert "FETCHED" in run("Later").stderr

    def test_a_step_that_exits_fails_and_the_others_go_on(self, run, folder):
        done = run("Both")
        assert done.returncode == 30, done.stderr
        assert list(folder.glob("data/_failures/exits/*.json"))
        assert list(folder.glob("data/feed/*.json"))
