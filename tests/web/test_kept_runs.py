"""What a server keeps of its runs: for itself alone, across its end, and at no run's cost."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hn_luigi.web import kept_runs
from hn_luigi.web.kept_runs import KeptRun, RunFolder, RunLog
from hn_luigi.web.run_job import RunRequest

BEGAN = datetime(2026, 11, 22, 12, 30)
RUN = KeptRun("0123456789ab", RunRequest(("top/report",)), BEGAN, is_under_way=True)
SECRET = "somebody's secret"


@pytest.fixture
def folder(tmp_path):
    return RunFolder(str(tmp_path / "state/runs"))


def over(run, code=0):
    return replace(run, code=code, ended=run.began + timedelta(seconds=5), is_under_way=False)


def keep(folder, run, text=b"said\n"):
    """Have a server start ``run``, and see its end."""
    log = folder.log_of(run)
    assert not log.trouble
    log.write(text)
    folder.note(over(run))
    log.close()


def test_a_run_is_known_to_the_next_server(folder):
    request = RunRequest(("a",), ("b", "a"), "2026-11-22T1230Z")
    run = KeptRun(RUN.id, request, BEGAN, is_under_way=True)
    keep(folder, run)
    again = RunFolder(folder.path)
    assert again.runs() == [over(run)] == [again.run(RUN.id)]
    assert again.text(RUN.id).endswith(b" said\n")


def test_what_is_kept_is_for_this_user_alone(folder):
    keep(folder, RUN)
    for path in (folder.path, *(os.path.join(folder.path, n) for n in os.listdir(folder.path))):
        assert stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0


def test_while_its_log_is_locked_it_is_under_way_and_then_it_died_with_its_server(folder):
    log = folder.log_of(RUN)
    assert RunFolder(folder.path).runs() == [RUN]
    assert RUN.state == "running"
    log.close()  # as the kernel does, however a process ends
    (died,) = RunFolder(folder.path).runs()
    assert (died.state, died.ended) == ("ended with the server", None)


@pytest.mark.parametrize(
    "code, state", [(0, "done"), (3, "nothing to do"), (1, "failed"), (-9, "failed")]
)
def test_how_it_ended_is_its_exit_code(code, state):
    assert over(RUN, code).state == state


def test_the_newest_are_kept_and_what_is_under_way(folder, monkeypatch):
    monkeypatch.setattr(kept_runs, "KEPT", 3)
    running = folder.log_of(replace(RUN, id="0" * 12))
    os.utime(os.path.join(folder.path, f"{'0' * 12}.json"), (0, 0))
    for number in range(1, 6):
        run = replace(RUN, id=f"{number:012}", began=BEGAN + timedelta(minutes=number))
        keep(folder, run)
        os.utime(os.path.join(folder.path, f"{run.id}.json"), (number, number))
    assert [run.id[-1] for run in folder.runs()] == ["5", "4", "3", "0"]
    assert {name[11:] for name in os.listdir(folder.path) if name.endswith(".log")} == {
        f"{number}.log" for number in (5, 4, 3, 0)
    }
    running.close()


class TestALog:
    def test_of_any_length_keeps_its_begin_and_its_end(self, folder):
        log = folder.log_of(RUN)
        log.write(b"The begin.\n")
        for _ in range(300):
            log.write(b"0123456789" * 1000 + b"\n")
        log.write(b"The end.\n")
        log.close()
        with open(os.path.join(folder.path, f"{RUN.id}.log"), "rb") as file:
            data = file.read()
        assert len(data) < kept_runs.MOST + kept_runs.END + 100
        assert data.split(b"\n")[0].endswith(b" The begin.")
        assert data.endswith(b" The end.\n")
        assert b"is not kept" in data
        assert len(folder.text(RUN.id)) <= kept_runs.LONGEST

    def test_that_was_made_larger_is_read_no_further(self, folder):
        keep(folder, RUN)
        with open(os.path.join(folder.path, f"{RUN.id}.log"), "r+b") as file:
            file.seek(100_000_000)
            file.write(b"\nThe end.\n")
        assert folder.text(RUN.id) == b"The end.\n"

    def test_on_a_full_disk_says_so_and_stops_nobody(self):
        log = RunLog(os.open("/dev/full", os.O_WRONLY))
        log.write(b"one\n")
        log.write(b"two\n")
        assert log.trouble == "No space left on device"
        assert log.end().endswith(" two\n")
        log.close()

    def test_without_room_for_its_note_leaves_nothing(self, folder):
        os.makedirs(os.path.join(folder.path, f"{RUN.id}.json/x"), mode=0o700)
        os.chmod(folder.path, 0o700)
        log = folder.log_of(RUN)
        assert "Is a directory" in log.trouble
        assert os.listdir(folder.path) == [f"{RUN.id}.json"]

    def test_that_is_gone_is_none(self, folder):
        keep(folder, RUN)
        os.unlink(os.path.join(folder.path, f"{RUN.id}.log"))
        assert folder.text(RUN.id) is None
        assert folder.run(RUN.id) == over(RUN)


class TestWhatIsAStrangers:
    """It is neither read nor written to."""

    @pytest.fixture
    def stranger(self, tmp_path):
        path = tmp_path / "secret"
        path.write_text(SECRET)
        return path

    @pytest.mark.parametrize("suffix", ["log", "json"])
    def test_a_link_is_not_followed(self, folder, stranger, suffix):
        keep(folder, RUN)
        path = os.path.join(folder.path, f"{RUN.id}.{suffix}")
        os.unlink(path)
        os.symlink(stranger, path)
        if suffix == "log":
            with pytest.raises(OSError):
                folder.text(RUN.id)
        else:
            assert folder.runs() == []

    def test_a_pipe_is_not_waited_for(self, folder):
        keep(folder, RUN)
        path = os.path.join(folder.path, f"{RUN.id}.log")
        os.unlink(path)
        os.mkfifo(path)
        with pytest.raises(OSError):
            folder.text(RUN.id)
        assert folder.run(RUN.id) == over(RUN)

    def test_a_log_that_is_there_is_not_written_to(self, folder, stranger):
        os.makedirs(folder.path, mode=0o700)
        os.symlink(stranger, os.path.join(folder.path, f"{RUN.id}.log"))
        assert "File exists" in folder.log_of(RUN).trouble
        assert stranger.read_text() == SECRET

    def test_a_folder_that_others_may_change_is_not_used(self, folder):
        keep(folder, RUN)
        os.chmod(folder.path, 0o777)
        log = folder.log_of(replace(RUN, id="0" * 12))
        assert "not a folder of this user alone" in log.trouble
        assert not log.is_kept
        assert folder.runs() == []

    @pytest.mark.parametrize(
        "change",
        [
            {"began": "yesterday"},
            {"began": 7},
            {"make": "top"},
            {"make": [1]},
            {"make": ["\ud800"]},
            {"remake": ["\ud800"]},
            {"window": "../x"},
            {"code": True},
            {"ended": "9999"},
            {"version": 2},
        ],
    )
    def test_a_note_that_is_damaged_is_left_out(self, folder, change):
        keep(folder, RUN)
        path = os.path.join(folder.path, f"{RUN.id}.json")
        with open(path) as file:
            told = json.load(file)
        with open(path, "w") as file:
            json.dump({**told, **change}, file)
        assert folder.runs() == []

    def test_other_files_are_left_alone(self, folder, monkeypatch):
        monkeypatch.setattr(kept_runs, "KEPT", 1)
        keep(folder, RUN)
        path = os.path.join(folder.path, "mine.json")
        with open(path, "w") as file:
            file.write("{}")
        keep(folder, replace(RUN, id="f" * 12))
        assert os.path.exists(path)
        assert [run.id for run in folder.runs()] == ["f" * 12]


def test_without_locks_a_run_is_started_all_the_same(folder, monkeypatch):
    """As on NFS without its lock daemon."""

    def refuse(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    keep(folder, RUN)
    assert folder.runs() == [over(RUN)]
