"""The scheduler's server looks after the assets where cron doesn't, and serves on regardless."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime

import psutil
import pytest

from hn_luigi import StoryIds
from hn_luigi.web.alert_loop import alert_regularly

from ..limits import patience
from ..processes import REPOSITORY, wait_until

pytestmark = pytest.mark.usefixtures("one_asset")


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def serve(tmp_path, root, port):
    """Starts ``hn-luigi serve`` with a configuration; what it says is in ``log``."""
    started = []

    def start(configuration="", *words, root=root):
        (tmp_path / "luigi.cfg").write_text(f"[storage]\nroot = {root}\n{configuration}")
        with open(tmp_path / "log", "a") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "hn_luigi.cli", "serve", "--port", str(port), *words],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                stdout=log,
                stderr=log,
            )
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()
        server.wait()


def answers(port):
    address = f"http://127.0.0.1:{port}/static/visualiser/index.html"  # whatever the root is
    with suppress(OSError), urllib.request.urlopen(address) as page:
        return page.status == 200
    return False


def test_what_is_in_trouble_is_told_once_and_the_heart_doesn_t_beat_for_it(
    serve, hook, fail, port, tmp_path
):
    fail()
    urls = f"[alerts]\nurls = json://127.0.0.1:{hook.port}/hook\n"
    server = serve(urls + f"heartbeat_url = http://127.0.0.1:{hook.port}/beat\n")
    wait_until(lambda: hook.messages)
    assert "failed: top/story_ids" in hook.messages[0]["title"]
    wait_until(lambda: answers(port))
    server.terminate()
    assert server.wait(patience()) == 0
    assert "Saved state" in (tmp_path / "log").read_text()
    assert [kind for kind, _, _ in hook.asked] == ["POST"]


def test_while_it_refreshes_and_all_is_well_the_heart_beats(serve, web, replica, succeed, clock):
    """Nothing else runs there that could send the heartbeat, and no channel is needed for it."""
    clock.at = datetime.now(UTC).replace(tzinfo=None)
    succeed(StoryIds())
    heartbeat = f"[alerts]\nheartbeat_url = http://127.0.0.1:{web.port}/beat\n"
    watched = "[assets]\nwatch = hn_luigi StoryIds\n"
    serve(f"{heartbeat}{watched}[hackernews]\nbase_url = {replica.base_url}\n", "--refresh")
    wait_until(lambda: web.beats)


def test_what_its_command_line_sets_is_watched(serve, hook, fail, root, tmp_path):
    fail()
    urls = f"[alerts]\nurls = json://127.0.0.1:{hook.port}/hook\n"
    serve(urls, "--storage-root", str(root), root=tmp_path / "another")
    wait_until(lambda: hook.messages)
    assert "failed: top/story_ids" in hook.messages[0]["title"]


def test_where_nobody_is_to_be_told_it_only_serves(serve, port, tmp_path):
    server = serve()
    wait_until(lambda: answers(port))
    assert psutil.Process(server.pid).children() == []
    server.send_signal(signal.SIGINT)
    assert server.wait(patience()) == 0
    assert "alert" not in (tmp_path / "log").read_text()


def test_a_store_that_can_t_be_reached_keeps_it_from_nothing(serve, port, tmp_path, root):
    root.write_text("in the way")
    serve("[email]\nreceiver = me@example.org\n[smtp]\nhost = 127.0.0.1\nport = 1\n")
    wait_until(lambda: answers(port))
    wait_until(lambda: "hn_luigi.alert_loop" in (tmp_path / "log").read_text())


@pytest.mark.parametrize(
    "words, complaint",
    [
        (["--state", "log/x"], "can't keep log/x: "),
        (["--port", "1000000"], "Invalid value for '--port'"),
    ],
)
def test_what_can_t_be_served_is_one_line(serve, tmp_path, words, complaint):
    assert serve("", *words).wait(patience()) == 2
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert line.startswith(f"hn-luigi: {complaint}")


class TestTheWatch:
    def test_goes_on_and_logs_what_each_look_complains_of(self, tmp_path, caplog):
        command = ["sh", "-c", 'echo x >>"$0"; echo quiet; echo no disk >&2', tmp_path / "looks"]

        def looks():
            return len((tmp_path / "looks").read_text()) if (tmp_path / "looks").exists() else 0

        asyncio.run(self.watched(command, lambda: looks() >= 3 * len("x\n")))
        said = [record.message for record in caplog.records if record.name == "hn_luigi.alert_loop"]
        assert set(said) == {"no disk"}
        assert len(said) >= 2

    def test_goes_on_where_a_look_can_t_begin(self, caplog):
        asyncio.run(self.watched(["/nowhere/python"], lambda: len(caplog.messages) > 1))
        assert caplog.messages[0].startswith("can't start hn-luigi alert: No such file")

    def test_leaves_nothing_behind_that_hangs(self, tmp_path):
        command = ["sh", "-c", 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec sleep 1000', "pid"]
        command[-1] = tmp_path / "pid"
        asyncio.run(self.watched(command, (tmp_path / "pid").exists))
        assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))

    async def watched(self, command, condition):
        """Watch until ``condition`` holds."""
        watching = asyncio.create_task(alert_regularly(command, seconds=0.01))
        async with asyncio.timeout(patience()):
            while not condition():
                await asyncio.sleep(0.01)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
