"""Runs that a button starts: real processes, which report to the very server that started them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from hn_luigi import StoryIds
from hn_luigi.assets import AssetError
from hn_luigi.assets.operations import override
from hn_luigi.replica import Faults, FrontPage
from hn_luigi.watchlist import Watched
from hn_luigi.web import runs
from hn_luigi.web.run_job import RunRequest

from ..limits import patience
from ..processes import wait_until
from .client import Client
from .conftest import SCRIPT
from .test_guard import basic

# Each starts a run, which is a process that imports all.
pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).parents[2]
TOKEN = "s3cr3tT0kenOf24Characters"


@pytest.fixture
def api(replica):
    """The API, with a story that has no word worth drawing."""
    replica.front_page = FrontPage({1: {"id": 1, "type": "story", "title": "2 of 3"}})
    return replica


@pytest.fixture
def configuration(tmp_path, root, api, monkeypatch):
    """The file that runs read, as who started the server set it; a day is a window."""
    path = tmp_path / "luigi.cfg"
    monkeypatch.setenv("LUIGI_CONFIG_PATH", os.fspath(path))
    monkeypatch.setenv("PYTHONPATH", os.fspath(REPOSITORY), prepend=os.pathsep)
    monkeypatch.chdir(tmp_path)

    def write(root=root, **core):
        path.write_text(
            f"[storage]\nroot = {root}\n[assets]\nwindow_minutes = 1440\n"
            f"[hackernews]\nbase_url = {api.base_url}\n[core]\nrpc_retry_wait = 0\n"
            "[scheduler]\nstable_done_cooldown_secs = 0\n"
        )

    write()
    return write


@pytest.fixture
def server(settings, configuration, serve):
    settings("assets", window_minutes=1440)
    settings("scheduler", stable_done_cooldown_secs=0)
    return serve()


@pytest.fixture
def hangs(api):
    """The API never answers."""
    api.faults = Faults(rate=1, kinds=("stall",))


def ended(server, address):
    """The page of a run, once it is over."""

    def over():
        page = server.page(address)
        return page if state_of(page) != "running" else None

    return wait_until(over)


def press(server, *words):
    """Press a button; the address that it leads to."""
    answer = server.press(*words)
    assert answer.status == 303, answer.text
    return answer.headers["Location"]


def state_of(page):
    return page.one("h1").one("span", class_="badge").text


def status_of(page):
    return page.one("div", role="status").text


def address_of(run):
    return f"/runs/{run.id}"


def rows(page):
    """The runs that a page lists."""
    return [row for row in page.one("table", class_="runs").all("tr") if row.all("td")]


def cells(row):
    """Of a run in the list: its length, who started it, what it made, how it ended."""
    return [" ".join(cell.text.split()) for cell in row.all("td")]


@pytest.fixture
def kept(tmp_path):
    """Where servers keep notes and logs of runs."""
    return tmp_path / "state/runs"


@dataclass(frozen=True)
class Script(RunRequest):
    """A request that a shell carries out."""

    text: str = ":"

    def command(self):
        return ["sh", "-c", self.text]


def script(text):
    return Script(("top/story_ids",), ("top/story_ids",), text=text)


def test_a_button_makes_again_what_is_current_by_a_run_that_the_scheduler_knows(
    server, root, succeed
):
    succeed(StoryIds())
    (record,) = root.glob("_records/top/story_ids/*")
    before = record.read_text()
    page = ended(server, press(server, "top/story_ids"))
    assert state_of(page) == "done"
    assert status_of(page) == "Done."
    assert "StoryIds" in page.one("pre", class_="log").text
    assert not page.all("meta", http_equiv="refresh")
    (task,) = server.tasks("DONE").values()
    assert (task["name"], task["params"]["feed"]) == ("StoryIds", "top")
    assert server.page("/assets/top/story_ids").one("h1").text == "top/story_ids fresh"
    assert record.read_text() != before
    assert json.loads(record.read_text())["started_by"] == "page"
    (made,) = page.one("table", class_="gantt").one("tbody").all("tr")
    assert made.one("a")["href"].startswith("/assets/top/story_ids?window=20")
    (listed,) = rows(server.page("/runs"))
    assert cells(listed)[1:] == ["page", "top/story_ids", "done"]


SMALL = """
import luigi
from hn_luigi.assets import Asset


class Names(Asset):
    suffix = ".json"
    window_length = None
    capture = True

    def compute(self):
        return {}


class Plain(luigi.Task):
    def requires(self):
        return Names()

    def output(self):
        return self.input()


class Day(Asset):
    suffix = ".json"
    window_length = "day"

    def requires(self):
        return Plain()

    def compute(self, names):
        return 1


class Report(Asset):
    suffix = ".json"

    def requires(self):
        return self.clone(Day)

    def compute(self, day):
        return 1


class Aside(Asset):
    suffix = ".json"

    def requires(self):
        return self.clone(Day)

    def compute(self, day):
        return 1
"""


class TestAGraphOfAnother:
    @pytest.fixture
    def small(self, server, modules):
        """Is watched, in a folder where something else than the library is called json."""
        modules("small", SMALL)
        Path("json.py").write_text("raise SystemExit('not the library')")
        override("assets", "watch", "small Report\nsmall Aside")

    @pytest.mark.parametrize(
        "folder, scope, made",
        [
            ("report", "all", {"Names", "Day", "Report", "Aside"}),
            ("report", "upstream", {"Names", "Day", "Report"}),
            ("day", "upstream", {"Names", "Day"}),
            ("day", "one", {"Day"}),
            ("names", "one", {"Names"}),
        ],
    )
    def test_is_remade_as_the_button_says(self, small, server, succeed, folder, scope, made):
        succeed(Watched())
        page = ended(server, press(server, folder, scope))
        assert state_of(page) == "done"
        log = page.one("pre", class_="log").text
        assert set(re.findall(r"INFO: Making (\w+)", log)) == made

    def test_that_is_no_longer_watched_isn_t_made(self, small, server):
        run = server.start(RunRequest(("gone",), ("gone", "names")))
        page = ended(server, address_of(run))
        assert state_of(page) == "failed"
        said = "nothing that is watched is called gone any more"
        assert status_of(page) == f"Failed: {said}"
        assert f"Not remade: {said}" in page.text
        run = server.start(RunRequest(("names", "gone")))
        page = ended(server, address_of(run))
        assert status_of(page) == "Done."
        assert f"Not remade: {said}" in page.text

    def test_whose_module_is_gone_fails_in_words_and_leaves_the_pages(self, small, server):
        Path("small.py").unlink()
        page = ended(server, press(server, "names"))
        assert "there is no module small" in status_of(page)
        assert server.page("/assets").one("h1").text == "4 not made yet"


def test_a_run_may_find_nothing_to_do(server, succeed):
    succeed(StoryIds())
    run = server.start(RunRequest(("top/story_ids",)))
    page = ended(server, address_of(run))
    assert state_of(page) == "nothing to do"
    assert status_of(page) == "Nothing to do: all that is stored is current."


def test_a_run_that_fails_says_why(server, settings):
    """A line of the watch list, where the last step finds no word to draw."""
    settings("assets", watch="hn_luigi Wordcloud")
    page = ended(server, press(server, "top/story_ids", "all"))
    assert state_of(page) == "failed"
    assert re.match("top/wordcloud: CloudError: no words to draw", status_of(page))
    assert "Failed: CloudError: no words to draw" in page.one("pre", class_="log").text
    (listed,) = rows(server.page("/runs"))
    assert cells(listed)[2] == "top/story_ids top/stories top/stories_of_day"
    assert cells(listed)[3].startswith("failed top/wordcloud: CloudError: no words to draw")
    assert "top/wordcloud, remaking top/story_ids, top/stories, top/stories_of_day" in page.text
    assert {t["name"] for t in server.tasks("DONE").values()} == {
        "StoryIds",
        "Stories",
        "StoriesOfDay",
    }
    assert server.page("/assets/top/wordcloud").one("h1").text == "top/wordcloud failed"


FRAGILE = """
from pathlib import Path
from hn_luigi.assets import Asset, FreshnessPolicy
from datetime import timedelta


class Vase(Asset):
    suffix = ".json"
    window_length = "day"
    freshness = FreshnessPolicy(timedelta(days=3))

    def compute(self):
        if Path("broken").exists():
            raise OSError("it fell")
        return 1
"""


def test_a_remake_that_fails_leaves_what_was_good_fresh(server, modules, succeed, root):
    """From the button to the pages."""
    vase = modules("fragile", FRAGILE).Vase()
    override("assets", "watch", "fragile Vase")
    succeed(vase)
    (record,) = root.glob("_records/vase/*")
    before = record.read_text()
    Path("broken").touch()
    address = press(server, "vase")
    page = ended(server, address)
    assert (state_of(page), status_of(page)) == ("failed", "vase: OSError: it fell")
    assert server.page("/assets/vase").one("h1").text == "vase fresh"
    assert record.read_text() == before
    last, first = map(cells, rows(server.page("/runs")))
    assert last[1:] == ["page", "nothing", "failed vase: OSError: it fell"]
    assert first[2:] == ["vase", "done"]
    Path("broken").unlink()
    assert state_of(ended(server, press(server, "vase"))) == "done"
    assert state_of(server.page(address)) == "failed"


def test_a_line_that_names_nothing_keeps_no_other_graph_from_being_made(server, modules):
    modules("fragile", FRAGILE)
    override("assets", "watch", "gone Report\nfragile Vase")
    assert state_of(ended(server, press(server, "vase", "needed"))) == "done"
    assert server.page("/assets/vase").one("h1").text == "vase fresh"


@pytest.mark.usefixtures("hangs")
def test_a_run_whose_server_is_killed_is_known_to_have_ended_with_it(guarded, tmp_path, serve):
    client = Client(guarded_port(tmp_path))
    client.headers |= basic(TOKEN)
    address = press(client, "top/story_ids")
    wait_until(lambda: "StoryIds" in client.get(address).text)
    (run,) = psutil.Process(guarded.pid).children()
    guarded.kill()
    guarded.wait()
    assert psutil.wait_procs([run], timeout=patience())[1] == []
    folder = tmp_path / ".luigid/runs"
    page = serve(folder=folder).page(address)
    assert state_of(page) == "ended with the server"
    assert "StoryIds" in page.one("pre", class_="log").text


def test_a_run_that_finds_no_storage_says_why(server, configuration):
    configuration(root="nfs://there/data")
    page = ended(server, press(server, "top/story_ids"))
    assert state_of(page) == "failed"
    assert status_of(page).startswith("Failed: the storage root begins with nfs://")


def test_a_run_is_by_what_the_server_s_command_line_sets(server, configuration, root, tmp_path):
    configuration(root=tmp_path / "configured")
    override("storage", "root", str(root))
    page = ended(server, press(server, "top/story_ids"))
    assert state_of(page) == "done"
    assert (root / "top/story_ids").exists()
    assert not (tmp_path / "configured").exists()


@pytest.mark.usefixtures("hangs")
def test_presses_at_once_start_one_run_which_ends_with_the_server(server):
    together = threading.Barrier(3)

    def one(words):
        together.wait()
        return press(server, *words)

    with ThreadPoolExecutor(3) as people:
        words = [("top/story_ids",), ("top/stories", "upstream"), ("top/wordcloud", "all")]
        (address,) = set(people.map(one, words))
    run = server.runs.current
    assert address == address_of(run)
    process = psutil.Process(run.process.pid)
    assert press(server, "top/story_ids") == address

    wait_until(lambda: server.tasks("RUNNING"))
    page = server.page("/assets")
    assert "A run is under way" in page.text
    assert page.one("p", class_="notice").one("a")["href"] == address
    assert page.one("meta", http_equiv="refresh")
    assert state_of(server.page(address)) == "running"
    assert server.page(address).one("meta", http_equiv="refresh")
    (listed,) = rows(server.page("/runs"))
    assert cells(listed)[3] == "running"
    server.stop()
    assert not process.is_running()
    assert run.state == "ended with the server"


def test_a_run_that_won_t_end_is_ended(server, monkeypatch):
    monkeypatch.setattr(runs, "_SECONDS_TO_END", 0.05)
    run = server.start(script("trap '' TERM; echo up; exec sleep 60"))
    wait_until(lambda: "up" in run.log.end())
    server.stop()
    assert run.process.returncode == -signal.SIGKILL
    assert run.state == "ended with the server"


def test_a_run_that_hangs_is_ended_at_its_time_limit_and_lets_the_next_begin(serve, monkeypatch):
    monkeypatch.setattr("hn_luigi.web.runs._SECONDS_TO_END", 0.1)
    server = serve(time_limit=0.1)
    run = server.start(script("exec sleep 600"))
    page = ended(server, address_of(run))
    assert state_of(page) == "timed out"
    assert status_of(page) == "It was ended at its time limit, [refresh] time_limit."
    assert server.start(script(":")).id != run.id


def test_a_run_that_is_killed_says_so(server):
    run = server.start(script("echo up; kill -9 $$"))
    assert status_of(ended(server, address_of(run))) == "It was killed by signal 9."


def test_a_run_that_can_t_be_started_says_so(server, monkeypatch):
    """As while its .venv is being made anew."""
    monkeypatch.setattr("sys.executable", "/no/such/python")
    answer = server.press("top/story_ids")
    assert answer.status == 503
    assert "The run can't be started: No " in answer.page.text
    assert server.runs.kept == []


def test_nothing_starts_while_the_server_is_ending(server):
    server.stop()
    with pytest.raises(AssetError, match="the server is ending"):
        asyncio.run(server.runs.press(script(":")))
    assert server.runs.kept == []


@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), ValueError("a NUL")])
def test_whatever_keeps_a_run_from_starting_is_told(server, monkeypatch, error):
    async def fail(*_, **__):
        raise error

    monkeypatch.setattr(runs.asyncio, "create_subprocess_exec", fail)
    descriptors = len(os.listdir("/proc/self/fd"))
    with pytest.raises(AssetError, match=f"The run can't be started: {error}"):
        server.start(script(":"))
    assert server.runs.kept == []
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_what_a_run_says_stays_text(server):
    run = server.start(script(f"printf '%s\\n\\033[31m\\0\\377\\tx\\n' '{SCRIPT}'; exit 9"))
    page = ended(server, address_of(run))
    assert state_of(page) == "failed"
    first, second = page.one("pre", class_="log").verbatim.splitlines()
    assert re.fullmatch(rf"\d\d:\d\d:\d\d {re.escape(SCRIPT)}", first)
    assert second.endswith(" \\x00\N{REPLACEMENT CHARACTER}    x")
    assert "\\x1b[31m" in status_of(page)


def test_of_a_long_log_the_end_is_shown(server, kept):
    """And no more is kept than its begin and its end."""
    run = server.start(script("yes 0123456789 | head -c 8000000; echo; echo The end."))
    page = ended(server, address_of(run))
    assert page.one("pre", class_="log").text.endswith("The end.")
    assert len(page.one("pre", class_="log").verbatim) <= 200_000
    assert status_of(page) == "The end."
    assert 1_000_000 < (kept / f"{run.id}.log").stat().st_size < 1_100_000


def test_of_a_long_log_the_end_is_shown_while_it_grows(server):
    run = server.start(script("yes 0123456789 | head -c 2000000; echo; echo Now.; exec sleep 600"))

    def log():
        return server.page(address_of(run)).one("pre", class_="log").verbatim

    wait_until(lambda: run.log.end() and log().endswith("Now."))
    assert "what is between is not kept" in log()


def test_a_run_that_loses_the_scheduler_keeps_its_token(serve, configuration):
    """Luigi's complaint names the address, which doesn't hold it."""
    server = serve(TOKEN)
    server.headers |= basic(TOKEN)
    server.runs._scheduler = "http://127.0.0.1:1"
    run = server.start(RunRequest(("top/story_ids",)))
    page = ended(server, address_of(run))
    assert state_of(page) == "failed"
    assert "127.0.0.1:1" in page.text
    assert TOKEN not in page.text


def guarded_port(folder):
    """The port of ``guarded``, once it says so."""

    def told():
        return re.search(r"http://0\.0\.0\.0:(\d+)/assets", (folder / "log").read_text())

    return int(wait_until(told)[1])


@pytest.fixture
def guarded(configuration, tmp_path):
    """``hn-luigi serve`` to other machines, with a token."""
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [*(sys.executable, "-m", "hn_luigi.cli", "serve"), "--port=0", "--address=0.0.0.0"],
            env={**os.environ, "HN_LUIGI_TOKEN": TOKEN},
            stdout=log,
            stderr=log,
        )
    yield process
    process.kill()
    process.wait()


@pytest.mark.usefixtures("hangs")
def test_the_token_is_told_to_nobody(guarded, tmp_path):
    """Not in a log, on a page, or in a list of processes; and the server's end is its run's."""

    client = Client(guarded_port(tmp_path))
    assert client.get("/assets").status == 401
    client.headers |= basic(TOKEN)
    assert client.ask("GET", "/assets", {"Origin": "http://evil.example"}).status == 403
    address = press(client, "top/story_ids")
    wait_until(lambda: b"StoryIds" in client.get("/api/task_list?data={}").body)
    (run,) = psutil.Process(guarded.pid).children()
    for process in (run, psutil.Process(guarded.pid)):
        assert TOKEN not in " ".join(process.cmdline())
    paths = ("/assets", "/assets/top/story_ids", address, "/", "/api/worker_list", "/api/task_list")
    for path in paths:
        assert TOKEN not in client.get(path).text
    guarded.terminate()
    assert guarded.wait(patience()) == 0
    assert not run.is_running()
    assert TOKEN not in (tmp_path / "log").read_text()
    assert "POST /runs" in (tmp_path / "log").read_text()
