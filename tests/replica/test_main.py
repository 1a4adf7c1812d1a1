"""The command: its messages, its codes, how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import pytest
import requests

from hn_luigi.replica import FrontPage, Replica
from hn_luigi.replica.__main__ import main

from ..limits import patience

COMMAND = [sys.executable, "-m", "hn_luigi.replica"]


@pytest.mark.slow
class TestCommand:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_it_says_where_it_is_and_ends_in_peace(self, number: signal.Signals) -> None:
        process = subprocess.Popen(
            [*COMMAND, "--port", "0", "--error-rate", "1", "--faults", "429"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            start, _, url = line.strip().rpartition(" ")
            assert start == "Replica of the Hacker News API:"
            assert requests.get(f"{url}/topstories.json", timeout=patience()).status_code == 429
            process.send_signal(number)
            _, errors = process.communicate(timeout=patience())
        finally:
            process.kill()
        assert (process.returncode, errors) == (0, "")

    def test_a_taken_port_is_one_line_and_exit_2(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert f"127.0.0.1:{port}" in refusal("--port", str(port))

    @pytest.mark.parametrize(
        ("arguments", "named"),
        [
            (["--error-rate", "2"], "fault rate 2"),
            (["--error-rate", "often"], "often"),
            (["--error-rate", "0.1", "--faults", "fire"], "fire"),
            (["--faults", "reset"], "--error-rate"),
            (["--latency-ms", "-5"], "invalid delay '-5'"),
            (["--latency-ms", "soon"], "invalid delay 'soon'"),
            (["--port", "70000"], "70000"),
            (["--snapshot", "nowhere.json"], "nowhere.json"),
        ],
    )
    def test_what_cannot_be_served_is_one_line_and_exit_2(
        self, arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        errors = capsys.readouterr().err
        assert (ended.value.code, errors.count("\n")) == (2, 1)
        assert named in errors

    def test_help_shows_an_example(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["--help"])
        assert ended.value.code == 0
        assert "hn-replica --port 8080" in capsys.readouterr().out


def refusal(*arguments: str) -> str:
    """What the command says when it ends with 2, which must be one line."""
    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    return ended.stderr


def test_the_command_leaves_signals_as_they_were_when_it_can_t_serve():
    """Else they would stay blocked in every process started afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with Replica(FrontPage({})) as taken, pytest.raises(SystemExit):
        main(["--port", taken.base_url.split(":")[2].partition("/")[0]])
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
