"""A server that makes what is due by itself: real runs, of a user's own small graph."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from hn_luigi.assets import window
from hn_luigi.assets.operations import WindowLength, invalidate_asset, new_run_id, override
from hn_luigi.refresh import Need, due
from hn_luigi.watchlist import roots
from hn_luigi.web import refresh_plans, refresher, runs
from hn_luigi.web.kept_runs import OVERDUE, REFRESH, KeptRun, RunFolder
from hn_luigi.web.refresh_plans import Plan
from hn_luigi.web.run_job import RunRequest

from ..limits import patience, scaled
from ..processes import wait_until
from ..refresh.lines import NOON, asset, line

# Each starts runs, which are processes that import all.
pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[2]
DAY = WindowLength("minutes", 1440)
LINES = """
import os, signal, subprocess, time
from datetime import timedelta
from pathlib import Path
from hn_luigi.assets import Asset, FreshnessPolicy


class Line(Asset):
    suffix = ".json"
    window_length = "day"
    freshness = FreshnessPolicy(timedelta(days=3))

    def compute(self):
        return 1


class Good(Line):
    pass


class Well(Line):
    pass


class Failing(Line):
    def compute(self):
        raise OSError("it fell")


class Held(Line):
    def compute(self):
        Path("up").touch()
        while not Path("go").exists():
            time.sleep(0.01)
        return 1


class Stubborn(Line):
    def compute(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.Popen(["setsid", "sh", "-c", "trap '' TERM; echo $$ > far; sleep 600"])
        while not Path("go").exists():
            time.sleep(0.01)
        return 1


class Asks(Line):
    \"\"\"What hangs when it is asked how it stands, and not when it is made.\"\"\"

    def settings(self):
        while Path("hangs").exists() and Path("hangs").read_text() == str(os.getpid()):
            time.sleep(0.01)
        return {}


class Odd(Asset):
    \"\"\"What a server takes for stale, and its runs for current.\"\"\"

    suffix = ".json"
    window_length = None

    def compute(self):
        return 1

    def settings(self):
        odd = Path("odd")
        return {"odd": odd.exists() and odd.read_text() == str(os.getpid())}


class Raises(Line):
    def settings(self):
        raise KeyboardInterrupt("no")
"""


@pytest.fixture
def work(tmp_path, modules, monkeypatch, settings):
    """The folder that servers and their runs are in, with a module ``lines``."""
    modules("lines", LINES)
    folder = Path.cwd()
    monkeypatch.setenv("PYTHONPATH", os.fspath(REPOSITORY), prepend=os.pathsep)
    monkeypatch.setenv("LUIGI_CONFIG_PATH", os.fspath(folder / "luigi.cfg"))
    settings("scheduler", stable_done_cooldown_secs=0)
    (folder / "luigi.cfg").write_text(
        "[core]\nrpc_retry_wait = 0\n[scheduler]\nstable_done_cooldown_secs = 0\n"
        f"[storage]\nroot = {tmp_path / 'data'}\n"
    )
    return folder


@pytest.fixture
def watch(work):
    """Sets what is watched, for servers of this process and their runs."""

    def run(*classes):
        lines = [name if " " in name else f"lines {name}" for name in classes]
        override("assets", "watch", "\n".join(lines))
        with (work / "luigi.cfg").open("a") as file:
            file.write("[assets]\nwatch =\n" + "".join(f"  {line}\n" for line in lines))

    return run


@pytest.fixture
def refresh(serve):
    """Starts servers of this process that refresh."""

    def run(parallel=1, time_limit=None, **options):
        limit = patience() if time_limit is None else time_limit
        return serve(parallel=parallel, time_limit=limit, **options)

    return run


def plan(server, folder):
    return server.refresher.plans.get(folder)


def is_made(server, folder):
    """Whether a look found it made."""
    found = plan(server, folder)
    return found is not None and not found.run and found.line.root.need.value == "nothing"


def started(server):
    """The runs that were started, the oldest first: of what, by whom, and how they ended."""
    found = sorted(server.runs.kept, key=lambda run: (run.began, run.id))
    return [(*run.request.make, run.started_by, run.state) for run in found]


def test_what_is_due_is_made_once_and_listed_as_refreshed(watch, refresh, root):
    watch("Good")
    server = refresh()
    wait_until(lambda: is_made(server, "good"))
    server.look()
    server.look()
    (record,) = root.glob("_records/good/*.json")
    assert '"started_by": "refresh"' in record.read_text()
    assert started(server) == [("good", "refresh", "done")]
    assert plan(server, "good").made_by == ""


def test_lines_that_fail_or_can_t_be_told_keep_no_other(watch, refresh, caplog):
    watch("Raises", "Failing", "no_such Thing", "Good")
    server = refresh()
    wait_until(lambda: is_made(server, "good"))
    wait_until(lambda: plan(server, "failing").line.root.tries)
    assert "there is no module no_such" in server.refresher.troubles["no_such Thing"]
    assert "KeyboardInterrupt: no" in server.refresher.troubles["lines Raises"]
    assert server.refresher.trouble == ""
    next_try = plan(server, "failing").next
    assert next_try.why == "1 try failed"
    assert next_try.when > window.now()
    server.look()
    server.look()
    assert caplog.text.count("Traceback") == 1, "a traceback with every look"
    (told,) = [said for said in caplog.messages if "no_such" in said]
    assert told.startswith("no_such Thing: there is no module no_such: ")


def test_a_line_that_hangs_is_ended_and_comes_after_those_that_do_well(
    watch, refresh, work, monkeypatch
):
    monkeypatch.setattr(runs, "_SECONDS_TO_END", 0.1)
    watch("Stubborn", "Good")
    server = refresh(time_limit=scaled(4))
    wait_until(lambda: is_made(server, "good"))
    assert started(server) == [("stubborn", "refresh", "timed out"), ("good", "refresh", "done")]
    far = int((work / "far").read_text())
    assert not psutil.pid_exists(far) or psutil.Process(far).status() == psutil.STATUS_ZOMBIE
    # A day later both are due at the same second.
    real = window.now
    monkeypatch.setattr(window, "now", lambda: real() + timedelta(days=1))
    server.look()
    wait_until(lambda: len(started(server)) > 2)
    assert started(server)[2][0] == "good"


@pytest.mark.parametrize("parallel", [1, 2])
def test_so_many_runs_are_under_way_as_may_be(watch, refresh, work, parallel):
    watch("Held", "Stubborn", "Good")
    server = refresh(parallel)
    wait_until(lambda: len(server.runs.under_way) == parallel)
    server.look()
    wait_until(lambda: plan(server, "held"))
    assert len(server.runs.under_way) == parallel
    (work / "go").touch()
    wait_until(lambda: all(is_made(server, name) for name in ("held", "stubborn", "good")))
    assert len(started(server)) == 3


def test_one_server_refreshes_a_root_until_another_takes_over(watch, refresh, tmp_path, caplog):
    caplog.set_level(logging.INFO, "hn_luigi.refresh")
    watch("Good")
    first = refresh()
    wait_until(lambda: is_made(first, "good"))
    second = refresh(folder=tmp_path / "state/others")
    wait_until(lambda: is_made(second, "good"))
    assert second.refresher.trouble.startswith("another server on this machine refreshes")
    assert plan(second, "good").made_by == "refresh"
    assert second.runs.kept == []
    assert "Nothing is refreshed: another server on this machine" in caplog.text
    first.stop()
    second.look()
    wait_until(lambda: not second.refresher.trouble)


def test_what_a_command_line_makes_is_left_to_it_and_told(watch, refresh, work, caplog):
    caplog.set_level(logging.INFO, "hn_luigi.refresh")
    watch("Held")
    command = [sys.executable, "-m", "luigi", "--module", "lines", "Held", "--local-scheduler"]
    environment = {**os.environ, "PYTHONPATH": f"{work}:{os.environ['PYTHONPATH']}"}
    with subprocess.Popen(command, cwd=work, env=environment, stderr=subprocess.DEVNULL) as luigi:
        wait_until(lambda: (work / "up").exists() or luigi.poll() is not None)
        server = refresh()
        wait_until(lambda: plan(server, "held"))
        assert plan(server, "held").next.why == "another run is making it"
        assert server.runs.under_way == []
        (work / "go").touch()
        assert luigi.wait(patience()) == 0
    server.look()
    wait_until(lambda: is_made(server, "held"))
    assert server.runs.kept == []
    assert plan(server, "held").made_by == "luigi"
    assert "lines Held: another run is making it" in caplog.text
    assert re.search(r"lines Held: \d{4}-\d\d-\d\d was made by luigi", caplog.text)


def test_what_a_button_makes_is_left_to_it(watch, refresh, work):
    """From its begin on, before its run has taken any lock."""
    watch("Held", "Good")
    server = refresh()
    server.ask_refresher(server.refresher.pause, "held")
    wait_until(lambda: plan(server, "held") and plan(server, "held").line.paused_since)
    pressed = server.start(RunRequest(("held",)))
    server.ask_refresher(server.refresher.resume, "held")
    wait_until(lambda: plan(server, "held").next.why == "another run is making it")
    assert pressed in server.runs.under_way
    (work / "go").touch()
    wait_until(lambda: is_made(server, "held"))
    assert [run for run in started(server) if run[0] == "held"] == [("held", "page", "done")]
    assert plan(server, "held").made_by == "page"


def test_a_button_for_what_is_refreshed_leads_to_that_run(watch, refresh, work):
    watch("Held")
    server = refresh()
    wait_until(lambda: server.runs.under_way)
    assert server.start(RunRequest(("held",))) is server.runs.current
    (work / "go").touch()
    wait_until(lambda: is_made(server, "held"))
    assert started(server) == [("held", "refresh", "done")]


def test_a_line_stays_paused_when_the_server_is_restarted(watch, refresh):
    watch("Good", "Well")
    server = refresh()
    server.ask_refresher(server.refresher.pause, "well")
    wait_until(lambda: is_made(server, "good") and plan(server, "well").line.paused_since)
    server.stop()
    before = len([run for run in started(server) if run[0] == "well"])
    restarted = refresh()
    wait_until(lambda: plan(restarted, "well"))
    assert plan(restarted, "well").next.why == "paused"
    assert len([run for run in started(restarted) if run[0] == "well"]) == before
    restarted.ask_refresher(restarted.refresher.resume, "well")
    wait_until(lambda: is_made(restarted, "well"))


@pytest.mark.parametrize("code", [1, OVERDUE], ids=["failed", "timed out"])
def test_a_run_that_failed_before_a_restart_counts_as_a_try(watch, refresh, tmp_path, code):
    """Though it left nothing in storage."""
    watch("Good")
    folder = RunFolder(os.fspath(tmp_path / "runs"))
    run = KeptRun(new_run_id(), RunRequest(("good",)), window.now(), started_by=REFRESH)
    folder.log_of(run).close()
    folder.note(replace(run, ended=window.now(), code=code))
    server = refresh(folder=tmp_path / "runs")
    wait_until(lambda: plan(server, "good"))
    assert plan(server, "good").next.why == "1 try failed"
    assert server.runs.under_way == []


def test_a_line_that_doesn_t_answer_is_told_and_keeps_no_other(watch, refresh, work, monkeypatch):
    monkeypatch.setattr(refresh_plans, "_PATIENCE", 0.1)
    (work / "hangs").write_text(str(os.getpid()))
    watch("Asks", "Good")
    server = refresh()
    wait_until(lambda: is_made(server, "good"))
    assert "isn't told within" in server.refresher.troubles["lines Asks"]
    assert plan(server, "asks") is None
    monkeypatch.setattr(refresh_plans, "_PATIENCE", patience())
    (work / "hangs").unlink()
    wait_until(lambda: not server.refresher.troubles or server.look())
    wait_until(lambda: is_made(server, "asks"))


def test_what_a_run_found_current_is_made_when_it_is_stale_again(watch, refresh, work, succeed):
    """As where somebody else had just made it, of what has no window in which all is new."""
    watch("Odd")
    succeed(roots()[0])
    (work / "odd").write_text(str(os.getpid()))
    server = refresh()
    wait_until(lambda: plan(server, "odd"))
    wait_until(lambda: "a run found nothing to do" in plan(server, "odd").next.why)
    (work / "odd").unlink()
    server.look()
    wait_until(lambda: is_made(server, "odd"))
    invalidate_asset(roots()[0])
    server.look()
    wait_until(lambda: len(started(server)) == 2)
    wait_until(lambda: is_made(server, "odd"))
    assert [run[-1] for run in started(server)] == ["nothing to do", "done"]


def test_storage_that_is_down_is_told_until_it_is_back(watch, refresh, root, caplog):
    watch("Good")
    root.write_text("no folder")
    server = refresh()
    wait_until(lambda: server.refresher.troubles)
    server.look()
    assert os.fspath(root) in server.refresher.troubles["lines Good"]
    assert server.runs.kept == []
    root.unlink()
    server.look()
    wait_until(lambda: is_made(server, "good"))
    assert server.refresher.troubles == {}
    assert caplog.text.count(f"lines Good: can't read {root}") == 1


def test_a_root_that_is_removed_is_made_again(watch, refresh, root, monkeypatch):
    watch("Good")
    server = refresh()
    wait_until(lambda: is_made(server, "good"))
    root.rename(root.with_name("gone"))
    server.look()
    wait_until(lambda: plan(server, "good").next.why.endswith(", though a run made it"))
    real = window.now
    monkeypatch.setattr(window, "now", lambda: real() + timedelta(minutes=2))
    server.look()
    wait_until(lambda: root.exists() and is_made(server, "good"))
    assert [run[-1] for run in started(server)] == ["done", "done"]


def test_a_run_that_can_t_be_started_is_told_and_tried_again(watch, refresh, monkeypatch):
    watch("Good")
    python = sys.executable
    monkeypatch.setattr("sys.executable", "/no/such/python")
    server = refresh()
    wait_until(lambda: server.refresher.troubles)
    assert "The run can't be started: No " in server.refresher.troubles["lines Good"]
    monkeypatch.setattr("sys.executable", python)
    server.look()
    wait_until(lambda: is_made(server, "good"))


def test_nothing_ends_refreshing(watch, refresh, monkeypatch, caplog):
    """Not even a fault of its own."""
    watch("Good")
    honest = refresher.Refresher._note_ends
    faults = [ZeroDivisionError("a fault of ours") for _ in range(2)]

    def faulty(self):
        if faults:
            raise faults.pop()
        honest(self)

    monkeypatch.setattr(refresher.Refresher, "_note_ends", faulty)
    server = refresh()
    wait_until(lambda: "a fault of ours" in server.refresher.trouble)
    server.look()
    wait_until(lambda: not faults)
    server.look()
    wait_until(lambda: is_made(server, "good"))
    assert server.refresher.trouble == ""
    assert caplog.text.count("Traceback") == 1


@pytest.mark.parametrize("hours", [-25, 25])
def test_it_looks_at_once_when_the_clock_was_set(watch, refresh, monkeypatch, hours):
    """As after a sleep, too, in which asyncio counts no time."""
    monkeypatch.setattr(refresher, "_SECONDS_TO_COMPARE", 0.01)
    watch("Good")
    server = refresh()
    wait_until(lambda: is_made(server, "good"))
    real = window.now
    monkeypatch.setattr(window, "now", lambda: real() + timedelta(hours=hours))
    wait_until(lambda: plan(server, "good").line.root.start == DAY.floor(window.now()))


@pytest.mark.parametrize(
    ("minutes", "has_news"), [(11, False), (1, True)], ids=["another window", "news"]
)
def test_nothing_is_started_by_a_plan_that_is_out_of_date(minutes, has_news):
    """As when the machine slept while it was made, or somebody pressed *Pause*."""
    known = line(asset(need=Need.MISSING))
    plans = {"page": Plan(known, due(known, NOON, 0))}
    started = []

    async def start(*_, **__):
        started.append(1)

    async def begin():
        known_runs = SimpleNamespace(news=asyncio.Event(), under_way=[], start=start)
        if has_news:
            known_runs.news.set()
        now = NOON + timedelta(minutes=minutes)
        await refresher.Refresher(known_runs, None)._start(plans, {}, now)

    asyncio.run(begin())
    assert started == []


def test_a_line_waits_for_the_run_of_what_it_is_made_from():
    """Though another could be under way: it would only wait for the lock."""
    lines = [line(asset("a", need=Need.MISSING)), line(asset("a"), asset("b", need=Need.MISSING))]
    plans = {each.root.folder: Plan(each, due(each, NOON, 0)) for each in lines}
    under_way = []

    async def start(request, **_):
        under_way.append(SimpleNamespace(id="0123456789ab", request=request))
        return under_way[-1]

    async def begin():
        known_runs = SimpleNamespace(news=asyncio.Event(), under_way=under_way, start=start)
        await refresher.Refresher(known_runs, None, parallel=2)._start(plans, {}, NOON)

    asyncio.run(begin())
    assert [run.request.make for run in under_way] == [("a",)]


class Serving:
    """``hn-luigi serve --refresh`` as a process."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*(sys.executable, "-m", "hn_luigi.cli", "serve"), "--port=0", "--refresh"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": f"{folder}:{os.environ['PYTHONPATH']}"},
                stdout=log,
                stderr=log,
            )

    def keepers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(patience())


@pytest.fixture
def serving(work):
    started = []

    def run():
        started.append(Serving(work))
        return started[-1]

    yield run
    for server in started:
        server.end(signal.SIGKILL)


def told(path):
    """The process whose number is in the file at ``path``, once it is."""
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
    return psutil.Process(int(path.read_text()))


@pytest.mark.parametrize("name", ["SIGKILL", "SIGHUP", "SIGTERM"])
def test_no_run_outlives_its_server_and_the_next_one_makes_it(watch, serving, work, root, name):
    """Though it ignores SIGTERM, and has started what leads a session of its own."""
    watch("Stubborn")
    server = serving()
    far = told(work / "far")
    (keeper,) = server.keepers()
    (run,) = keeper.children()
    assert server.end(signal.Signals[name]) == (0 if name == "SIGTERM" else -signal.Signals[name])
    assert psutil.wait_procs([keeper, run, far], timeout=patience())[1] == []
    (work / "far").unlink()
    (work / "go").touch()
    serving()
    wait_until(lambda: list(root.glob("_records/stubborn/*.json")))


def test_a_class_that_hangs_keeps_no_server_from_ending(watch, serving, work):
    watch("Asks", "Good")
    server = serving()
    # It asks the classes only once it serves.
    (work / "hangs").write_text(str(server.process.pid))
    wait_until(lambda: "The assets: " in server.log.read_text())
    assert server.end(signal.SIGTERM) == 0
