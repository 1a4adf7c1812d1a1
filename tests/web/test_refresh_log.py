"""The runs of ``scripts/refresh``, as its day's logs tell of them."""

from __future__ import annotations

import os
from datetime import datetime

import pytest

from hn_luigi.web.refresh_log import refresh_run, refresh_runs

DAY = "2026-11-22"
IDS = [f"{number:012x}" for number in range(10)]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    return tmp_path


@pytest.fixture
def log(here):
    """Appends lines to a day's log; a time stands for its day's."""

    def write(*lines, day=DAY):
        with open(here / f"logs/refresh-{day}.log", "a") as file:
            file.writelines(f"{line}\n".replace("DAY", day) for line in lines)

    return write


def begins(run_id, at="12:30:00", process=999_999_999):
    return f"DAY {at} UTC scripts/refresh begins: run {run_id}, process {process}"


def test_a_run_has_its_part_of_the_log_and_how_luigi_ended(log):
    log(begins(IDS[0]), "12:30:01 made", "DAY 12:30:09 UTC luigi exited with 0 after 8.0 s")
    log("12:30:10 PASS", "DAY 12:30:10 UTC hn-luigi alert exited with 0 after 0.9 s")
    log(begins(IDS[1], "12:40:00"), "12:40:01 ERROR: no net")
    log("DAY 12:40:09 UTC luigi exited with 30 after 8.0 s")
    (failed, done), more = refresh_runs(5)
    assert not more
    assert (done.id, done.state) == (IDS[0], "done")
    assert (done.began, done.ended) == (
        datetime(2026, 11, 22, 12, 30),
        datetime(2026, 11, 22, 12, 30, 9),
    )
    assert done.text.splitlines()[1] == "12:30:01 made"
    assert "12:40" not in done.text
    assert (failed.state, failed.code) == ("failed", 30)
    assert failed.last_words() == "luigi exited with 30: ERROR: no net"
    assert refresh_run(IDS[1]) == failed


@pytest.mark.parametrize(
    "lines, state",
    [
        ([], "broken off"),
        (["DAY 12:30:05 UTC ended by signal 15"], "broken off"),
        (["DAY 12:30:05 UTC luigi exited with 10 after 5.0 s"], "left to another run"),
        (["DAY 12:30:05 UTC luigi exited with 25 after 5.0 s"], "left to another run"),
        (["DAY 12:30:05 UTC luigi exited with 124 after 540.0 s"], "failed"),
    ],
)
def test_how_it_stands(log, lines, state):
    log(begins(IDS[0]), "12:30:01 making", *lines)
    ((run,), _) = refresh_runs(1)
    assert run.state == state


def test_what_has_not_ended_is_running_while_its_process_is_there(log):
    log(begins(IDS[0], process=os.getpid()))
    assert refresh_run(IDS[0]).state == "running"
    log(begins(IDS[1]))  # another could not have begun
    assert refresh_run(IDS[0]).state == "broken off"


def test_older_ones_are_before_a_time_and_of_days_before(log):
    log(begins(IDS[0], "23:50:00"), day="2026-11-21")
    log(begins(IDS[1], "00:00:00"), begins(IDS[2], "00:10:00"))
    assert [run.id for run in refresh_runs(2)[0]] == [IDS[2], IDS[1]]
    assert refresh_runs(2)[1]
    (older, more) = refresh_runs(2, datetime(2026, 11, 22))
    assert [run.id for run in older] == [IDS[0]]
    assert not more


def test_logs_of_a_version_before_runs_had_ids_are_passed_over(log):
    log("DAY 12:20:00 UTC scripts/refresh begins", "made", begins(IDS[0]), "12:30:01 made")
    log("DAY 12:40:00 UTC scripts/refresh begins", "half")
    ((run,), _) = refresh_runs(5)
    assert run.id == IDS[0]
    assert "half" not in run.text


def test_without_logs_there_is_none(here):
    (here / "logs").rmdir()
    assert refresh_runs(5) == ([], False)
    assert refresh_run(IDS[0]) is None


def test_a_link_to_another_s_file_is_not_followed(here, log):
    secret = here / "secret"
    secret.write_text(begins(IDS[0]).replace("DAY", DAY))
    (here / f"logs/refresh-{DAY}.log").symlink_to(secret)
    log(begins(IDS[1], "10:00:00"), day="2026-11-21")
    assert [run.id for run in refresh_runs(5)[0]] == [IDS[1]]


def test_times_and_numbers_that_are_none_are_passed_over(log):
    log(begins(IDS[0]).replace("-11-22", "-13-45").replace("DAY", "2026-13-45"))
    log(begins(IDS[1], "99:99:99"), begins(IDS[2]), "\x00\ufffd")
    assert [run.id for run in refresh_runs(5)[0]] == [IDS[2]]
