"""Runs whose workers share a central scheduler."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.parse
import urllib.request

import psutil
import pytest

from ..assets.storage.servers import free_port
from ..limits import patience
from ..processes import REPOSITORY, wait_until
from .runs import busy, page_of, present


@pytest.fixture
def central(start, folder, tmp_path, monkeypatch):
    """Starts runs through a central scheduler of the test's own; ``central.port`` is its port."""
    port = free_port()
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
