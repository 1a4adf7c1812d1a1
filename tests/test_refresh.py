"""``scripts/refresh`` as cron starts it: with an empty environment, from anywhere.

What it decides is tried with a stand-in for luigi, a few lines of shell; whole runs with luigi.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib
from math import ceil
from pathlib import Path

import psutil
import pytest

from hn_luigi.replica import Replica, bundled_front_page

from .alerts.test_incidents import FLAPPING, MESSAGES_OF_FLAPPING
from .limits import patience, scaled
from .processes import REPOSITORY, wait_until

HARD_TO_QUOTE = """it's 100% "mine" $(true)"""
OLD = "FAIL top/wordcloud: 3 h old, limit 30 min"


def answers(*lines, code=0):
    """A ``hn-luigi freshness --json`` that says this of assets, and a word on standard error."""
    told = [{"freshness": line.split()[0], "line": line} for line in lines]
    return f"echo a word >&2; echo '{json.dumps(told, indent=1)}'; exit {code}"


FRESH = answers("PASS top/wordcloud: 3 min old, limit 30 min")
AGEING = answers("WARN top/wordcloud: 25 min old, limit 30 min, warning after 20 min", code=1)
LATE = answers(OLD, code=2)
STAND_IN = f"""#!/bin/sh
case "$*" in
    '-m luigi --module hn_luigi.watchlist Watched') . ./luigi.sh ;;
    '-m hn_luigi.cli freshness --json') . ./freshness.sh ;;
    '-m hn_luigi.cli alert'*) echo "$*" >alerted; . ./alert.sh ;;
    *) exec '{sys.executable}' -S "$@" ;;
esac
"""


@pytest.fixture
def repository(tmp_path):
    """The scripts, and a Python that runs ``luigi.sh`` for luigi, and so on."""
    repository = tmp_path / HARD_TO_QUOTE
    shutil.copytree(REPOSITORY / "scripts", repository / "scripts")
    (repository / "hn_luigi").symlink_to(REPOSITORY / "hn_luigi")
    python = repository / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(STAND_IN)
    python.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    return repository


@pytest.fixture
def given(repository):
    """Says what luigi, freshness and alert are to do."""

    def given(luigi="echo made", freshness=FRESH, alert="echo told"):
        (repository / "luigi.sh").write_text(luigi)
        (repository / "freshness.sh").write_text(freshness)
        (repository / "alert.sh").write_text(alert)

    given()
    return given


@pytest.fixture
def started(repository, tmp_path, given):
    def start(**environment):
        return subprocess.Popen(
            [repository / "scripts/refresh"],
            cwd="/",
            env={"TMPDIR": str(tmp_path / "tmp"), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


@pytest.fixture
def in_memory(repository):
    """Where it remembers what no disk can hold."""
    name = f"refresh-{zlib.crc32(os.fsencode(repository.resolve())):08x}.incident"
    path = Path(f"/dev/shm/hn_luigi-{os.geteuid()}") / name
    yield path
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)


@pytest.fixture
def refresh(started):
    """Runs it to its end; its exit code and what cron would mail."""

    def run(**environment):
        process = started(**environment)
        said, _ = process.communicate(timeout=patience())
        return process.returncode, said

    return run


def log_of(repository):
    (log,) = repository.glob("logs/refresh-*.log")
    return log.read_text(errors="replace")


def fails(code, says="boom"):
    return f"echo {says}; exit {code}"


DISK = """
import luigi
from hn_luigi.assets import Asset

class Disk(Asset):
    city = luigi.Parameter()
    suffix = ".json"

    def compute(self):
        return [1]
"""
HANGING = "sleep 1000 & echo $! >child; echo $$ >self; wait"
STUBBORN = f"trap '' TERM; {HANGING}"


def pids_of(repository):
    """The processes that a hanging luigi.sh has started."""
    wait_until(lambda: (repository / "self").exists() and (repository / "self").read_text().strip())
    return [int((repository / name).read_text()) for name in ("self", "child")]


def wait_for_the_end_of(pids):
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def is_running(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE  # which init has yet to see
    except psutil.NoSuchProcess:
        return False


class TestWhatItSays:
    def test_nothing_when_all_is_well(self, refresh, repository):
        assert refresh() == (0, "")
        clock = r"\d\d:\d\d:\d\d"
        assert re.search(
            rf"^\d{{4}}-\d\d-\d\d {clock} UTC scripts/refresh begins: "
            rf"run [0-9a-f]{{12}}, process \d+\n{clock} made\n"
            rf".* luigi exited with 0 after .*\n{clock} a word\n"
            rf"{clock} PASS top/wordcloud: 3 min old, limit 30 min\n"
            rf".* freshness exited with 0 .*\n{clock} told\n.* alert exited with 0",
            log_of(repository),
        )

    def test_in_its_log_what_a_step_prints_is_no_note_of_its_own(self, refresh, repository, given):
        given(luigi="printf '2026-11-27 11:00:00 UTC scripts/refresh begins\\nhalf'; printf '\\n'")
        refresh()
        notes = re.findall(r"^\d{4}-.*", log_of(repository), re.MULTILINE)
        assert len([note for note in notes if "begins" in note]) == 1
        assert re.search(r"^\d\d:\d\d:\d\d half$", log_of(repository), re.MULTILINE)

    def test_luigi_is_told_which_run_it_is_and_who_started_it(self, refresh, repository, given):
        given(luigi='echo "$HN_LUIGI_RUN by $HN_LUIGI_STARTED_BY"')
        refresh()
        (told,) = re.findall(r"run ([0-9a-f]{12}), process", log_of(repository))
        assert f" {told} by scripts/refresh\n" in log_of(repository)

    def test_a_failure_at_the_second_in_a_row_and_its_end_once(self, refresh, given, repository):
        given(luigi=fails(30))
        assert refresh() == (30, "")
        code, said = refresh()
        assert code == 30
        first, *tail = said.splitlines()
        assert first.startswith(f"hn_luigi in {repository}, ")
        assert first.endswith(" UTC: luigi exited with 30, a step failed. Its last lines:")
        (log,) = repository.glob("logs/refresh-*.log")
        assert tail[:2] == ["    boom", f"The log: {log}"]
        assert [refresh(), refresh()] == [(30, ""), (30, "")]
        given()
        code, said = refresh()
        assert code == 0
        assert re.fullmatch(
            rf"hn_luigi in {re.escape(str(repository))} is fine again after 4 failed runs "
            r"since \d{4}-\d\d-\d\d \d\d:\d\d UTC\n",
            said,
        )
        assert refresh() == (0, "")

    def test_nothing_of_a_failure_that_the_next_run_mends(self, refresh, given, repository):
        for _ in range(2):
            given(luigi=fails(30))
            assert refresh() == (30, "")
            given()
            assert refresh() == (0, "")
            assert not (repository / "logs/refresh.incident").exists()

    def test_a_run_that_leaves_it_to_another_is_no_try(self, refresh, given):
        said = []
        for luigi in (fails(30), fails(10), fails(30)):
            given(luigi=luigi)
            said.append(refresh()[1])
        assert [bool(text) for text in said] == [False, False, True]

    def test_failing_then_late_then_fine_is_three_messages(self, refresh, given):
        said = []
        for luigi, freshness in [
            (fails(30), FRESH),
            (fails(30), FRESH),
            (fails(30), AGEING),
            (fails(30), LATE),
            ("echo made", LATE),
            ("echo made", FRESH),
            ("echo made", FRESH),
        ]:
            given(luigi, freshness)
            said.append(refresh()[1])
        assert [bool(text) for text in said] == [False, True, False, True, False, True, False]
        assert "boom" in said[1]
        assert OLD in said[3]
        assert "boom" not in said[3]
        assert "fine again after 4 failed runs and 1 late run since" in said[5]

    def test_nothing_of_a_warning(self, refresh, given):
        given(freshness=AGEING)
        assert [refresh(), refresh()] == [(0, ""), (0, "")]

    def test_nothing_where_no_asset_has_to_be_fresh(self, refresh, given):
        given(freshness="echo []; exit 3")
        assert refresh() == (0, "")

    def test_late_data_alone_once_and_with_a_code_of_its_own(self, refresh, given):
        given(freshness=answers(OLD, "PASS top/stories: 3 min old, limit 30 min", code=2))
        code, said = refresh()
        assert code == 50
        assert f"what is stored is not fresh:\n    {OLD}\n" in said
        assert "PASS" not in said
        assert refresh() == (50, "")
        given()
        assert "fine again after 2 late runs" in refresh()[1]

    def test_late_data_of_one_asset_among_many(self, refresh, given):
        ageing = [f"WARN {feed}/wordcloud: 25 min old, limit 30 min" for feed in range(30)]
        given(freshness=answers(OLD, *ageing, code=2))
        code, said = refresh()
        assert code == 50
        assert f"what is stored is not fresh:\n    {OLD}\n" in said

    def test_what_keeps_freshness_from_an_answer(self, refresh, given):
        given(freshness="echo hn-luigi: FAIL is no such root >&2; exit 2")
        assert refresh() == (50, "")
        code, said = refresh()
        assert code == 50
        assert "it is unknown whether what is stored is fresh" in said
        assert "    hn-luigi: FAIL is no such root" in said

    @pytest.mark.parametrize(
        "luigi, beats", [("echo made", True), (fails(10), True), (fails(2), False)]
    )
    def test_people_are_told_and_the_heart_beats_after_a_good_run(
        self, refresh, given, repository, luigi, beats
    ):
        given(luigi=luigi, freshness=LATE)
        refresh()
        words = (repository / "alerted").read_text().split()
        assert words[2:] == (["alert"] if beats else ["alert", "--no-heartbeat"])

    def test_that_alerts_may_not_arrive_once(self, refresh, given):
        given(alert="echo hn-luigi: no space; exit 2")
        assert refresh() == (60, "")
        code, said = refresh()
        assert code == 60
        assert "alerts may not arrive: `hn-luigi alert` exited with 2. Its last lines:" in said
        assert "    hn-luigi: no space\n" in said
        assert refresh() == (60, "")
        given(luigi=fails(2), alert="exit 2")
        assert "may not arrive" not in refresh()[1]

    def test_a_failure_once_whatever_it_is(self, refresh, given):
        said = []
        for code in (30, 2, 124, 2):
            given(luigi=fails(code))
            said.append(refresh()[1])
        assert [bool(text) for text in said] == [False, True, False, False]
        assert "exited with 2, a bad value in the configuration" in said[1]

    def test_nothing_of_what_another_worker_does_unless_it_gets_late(self, refresh, given):
        given(luigi=fails(25))
        assert refresh() == (25, "")
        given(luigi=fails(10), freshness=LATE)
        assert refresh() == (10, "")  # it may be what that worker mends
        assert OLD in refresh()[1]
        given(luigi=fails(10))
        assert refresh() == (10, "")  # and this is no all-clear yet
        given()
        assert "fine again" in refresh()[1]

    def test_a_death_by_a_signal_is_named(self, refresh, given):
        given(luigi="kill -9 $$")
        assert refresh() == (137, "")
        code, said = refresh()
        assert code == 137
        assert "killed by SIGKILL; was the machine out of memory?" in said

    def test_little_and_readable_of_megabytes_of_garbage(self, refresh, given, repository):
        given(luigi=r"head -c 3000000 /dev/urandom; printf '\n\033[31mthe\tend\n'; exit 30")
        refresh()
        (log,) = repository.glob("logs/refresh-*.log")
        log.unlink()
        code, said = refresh()
        assert code == 30
        assert "    the    end\n" in said
        assert len(said) < 9000
        assert said.replace("\n", "").isprintable()
        (log,) = repository.glob("logs/refresh-*.log")
        assert 1_000_000 < log.stat().st_size < 1_200_000
        assert b"the rest of the output is not logged" in log.read_bytes()
        assert b"the\tend" in log.read_bytes()


def test_of_flapping_cron_s_mail_tells_what_the_channels_tell(refresh, given):
    """32 windows at 50 % errors, as ``tests/alerts/test_incidents.py`` has them."""
    mails = 0
    for fails_now in FLAPPING:
        given(luigi=fails(30) if fails_now else "echo made")
        mails += bool(refresh()[1])
    assert mails == MESSAGES_OF_FLAPPING


def test_no_mail_has_a_secret(refresh, given):
    given(luigi="echo token: $HN_LUIGI_TOKEN at http://me:pw@host/x?sig=y; exit 30")
    refresh(HN_LUIGI_TOKEN="hush-hush")
    said = refresh(HN_LUIGI_TOKEN="hush-hush")[1]
    assert "    token: … at http://…host/x…\n" in said


class TestWhatEndsIt:
    def test_a_second_one_leaves_it_to_the_first(self, started, refresh, given, repository):
        given(luigi="echo $$ >self; while [ ! -e go ]; do sleep 0.02; done")
        first = started()
        wait_until((repository / "self").exists)
        code, said = refresh()
        assert code == 75
        (line,) = said.splitlines()
        assert "another scripts/refresh is running" in line
        (repository / "go").touch()
        assert first.communicate(timeout=patience())[0] == ""
        assert first.returncode == 0

    @pytest.mark.parametrize(
        "luigi, how", [(HANGING, "(SIGTERM)"), (STUBBORN, "(SIGTERM, then SIGKILL)")]
    )
    def test_the_time_limit_leaves_nothing_running(self, refresh, given, repository, luigi, how):
        given(luigi=fails(30))
        refresh()
        given(luigi=f"echo so far; {luigi}")
        limit = ceil(scaled(2))  # a tenth of it is from SIGTERM to SIGKILL
        code, said = refresh(HN_LUIGI_TIME_LIMIT=str(limit))
        assert code == 124
        assert f"luigi was ended {how} after its time limit of {limit} s (124)" in said
        assert "    so far" in said
        wait_for_the_end_of(pids_of(repository))
        given()
        assert "fine again after 2 failed runs since" in refresh()[1]

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
    def test_a_signal_ends_the_run_and_is_no_incident(
        self, started, refresh, given, repository, number
    ):
        given(luigi=HANGING)
        process = started()
        pids = pids_of(repository)
        process.send_signal(number)
        said, _ = process.communicate(timeout=patience())
        assert process.returncode == 128 + number
        assert said.endswith(f"the run was ended by signal {int(number)}\n")
        wait_for_the_end_of(pids)
        given()
        assert refresh() == (0, "")

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel does it on Linux alone")
    def test_a_kill_takes_luigi_with_it_and_the_next_start_works(
        self, started, refresh, given, repository
    ):
        given(luigi="echo $$ >self; exec sleep 1000")
        process = started()
        (repository / "child").write_text("999999999")
        luigi, _ = pids_of(repository)
        process.kill()
        process.communicate(timeout=patience())
        wait_for_the_end_of([luigi])
        given()
        assert refresh() == (0, "")

    def test_what_luigi_leaves_behind_ends_with_it(self, refresh, given, repository):
        given(luigi="sleep 1000 & echo $! >child; echo $$ >self")
        assert refresh() == (0, "")
        wait_for_the_end_of(pids_of(repository))

    def test_what_gets_away_holds_up_neither_it_nor_the_next(self, refresh, given, repository):
        daemon = "import os, time; os.setsid(); open('self', 'w').write('x'); time.sleep(1000)"
        awaited = "echo $! >child; until [ -s self ]; do sleep 0.01; done"
        given(luigi=f'"{sys.executable}" -S -c "{daemon}" & {awaited}')
        try:
            assert refresh() == (0, "")
            given()
            assert refresh() == (0, "")
        finally:
            os.kill(int((repository / "child").read_text()), signal.SIGKILL)


class TestWhatItCantDo:
    def test_it_installs_nothing_and_says_once_how_to(self, refresh, repository, given):
        python = repository / ".venv/bin/python"
        python.unlink()
        python.symlink_to("/usr/bin/python3.1415")  # as an upgrade of the system leaves it
        code, said = refresh()
        assert code == 1
        (line,) = said.splitlines()
        assert line.startswith(f"hn_luigi in {repository} can't run: there is no .venv")
        assert line.endswith("run scripts/run once.")
        assert refresh() == (1, "")
        python.unlink()
        python.write_text(STAND_IN)
        python.chmod(0o755)
        assert "is fine again after 2 failed runs since 2" in refresh()[1]

    def test_a_missing_venv_is_said_within_an_incident_too(self, refresh, repository, given):
        given(luigi=fails(30))
        refresh()
        (repository / ".venv").rename(repository / "away")
        assert refresh()[1].count("\n") == 1
        (repository / "away").rename(repository / ".venv")
        assert "boom" in refresh()[1]
        given()
        assert "after 3 failed runs" in refresh()[1]

    def test_without_a_place_for_logs_it_runs_and_says_so_once(self, refresh, repository):
        (repository / "logs").write_text("in the way")
        code, said = refresh()
        assert code == 60
        assert f"can't keep {repository}/logs: File exists; the log is incomplete" in said
        assert refresh() == (60, "")
        (repository / "logs").unlink()
        assert "fine again after 2 hampered runs" in refresh()[1]
        assert refresh() == (0, "")

    def test_what_can_t_be_remembered_is_said_each_time(
        self, refresh, repository, tmp_path, in_memory
    ):
        (repository / "logs").write_text("in the way")
        (tmp_path / f"tmp/hn_luigi-{os.geteuid()}").write_text("in the way too")
        in_memory.mkdir(parents=True)
        for _ in range(2):
            code, said = refresh()
            assert code == 60
            assert said.endswith("the next run will report this again.\n")

    @pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no /dev/shm here")
    def test_where_the_only_disk_is_full_it_is_remembered_in_memory(
        self, refresh, repository, tmp_path, in_memory
    ):
        (repository / "logs").write_text("in the way")
        (tmp_path / f"tmp/hn_luigi-{os.geteuid()}").write_text("in the way too")
        assert refresh()[1]
        assert refresh() == (60, "")
        assert in_memory.stat().st_mode & 0o777 == 0o600
        (repository / "logs").unlink()
        assert "fine again after 2 hampered runs" in refresh()[1]
        assert not in_memory.exists()

    def test_on_a_disk_without_a_place_for_temporary_files_it_runs(
        self, refresh, repository, given, monkeypatch, in_memory
    ):
        """Python finds none that it can write in where all are on a full disk."""
        (repository / "logs").write_text("in the way")
        code = (repository / "scripts/refresher/refresh_state.py").read_text()
        nowhere = "def none():\n    raise FileNotFoundError\ntempfile.gettempdir = none\n\n"
        head, tail = code.split("@dataclass", 1)
        (repository / "scripts/refresher/refresh_state.py").write_text(
            f"{head}{nowhere}@dataclass{tail}"
        )
        code, said = refresh()
        assert (code, "Traceback" in said) == (60, False)

    def test_a_missing_venv_without_a_place_for_logs_is_one_line(self, refresh, repository):
        (repository / "logs").write_text("in the way")
        shutil.rmtree(repository / ".venv")
        for _ in range(2):
            code, said = refresh()
            assert (code, said.count("\n")) == (1, 1)

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
    def test_on_a_full_disk_a_failure_still_has_its_last_words(self, refresh, repository, given):
        (repository / "logs").mkdir()
        for day in (0, 1):  # it may turn midnight
            name = time.strftime("refresh-%Y-%m-%d.log", time.gmtime(time.time() + day * 86400))
            (repository / "logs" / name).symlink_to("/dev/full")
        given(luigi=fails(30))
        code, said = refresh()
        assert code == 30
        assert "No space left on device" in said
        code, said = refresh()
        assert "    boom\n" in said
        assert refresh() == (30, "")

    def test_a_bad_setting_is_said_and_not_used(self, refresh):
        code, said = refresh(HN_LUIGI_TIME_LIMIT="9m", HN_LUIGI_LOG_DAYS="0")
        assert code == 60
        assert "HN_LUIGI_TIME_LIMIT is '9m', not a number from 1: used 540" in said
        assert "HN_LUIGI_LOG_DAYS is '0', not a number from 1: used 14" in said

    def test_a_damaged_memory_keeps_nothing_from_running(self, refresh, repository):
        memory = repository / "logs/refresh.incident"
        memory.parent.mkdir()
        memory.write_bytes(b"\xff\x00\nsaid\n")
        assert refresh() == (0, "")
        memory.write_bytes(b"since \xff\ncount x y\ncount failed 2\nsaid run 30\n")
        assert "fine again after 2 failed runs" in refresh()[1]
        assert not memory.exists()


@pytest.mark.parametrize("hours, luigi, mails", [(0.2, 0, True), (8, 0, False), (8, 30, True)])
def test_after_a_night_what_another_run_may_mend_waits_for_the_next(
    refresh, repository, given, hours, luigi, mails
):
    (repository / "logs").mkdir()
    log = repository / "logs/refresh-2026-01-30.log"
    log.touch()
    os.utime(log, (time.time() - hours * 3600,) * 2)
    given(luigi=f"exit {luigi}", freshness=LATE)
    assert (OLD in refresh()[1]) is mails
    said = refresh()[1]
    assert (OLD in said) is not mails
    assert refresh()[1] == ""


def test_a_scheduler_serves_no_sample_any_more(refresh, repository):
    note = repository / ".luigid/last-run"
    note.parent.mkdir()
    note.write_text("sample\n")
    assert refresh() == (0, "")
    assert note.read_text() == "live\n"


def test_the_newest_days_are_kept_whatever_a_clock_said(refresh, repository):
    logs = repository / "logs"
    logs.mkdir()
    others = ["refresh-1970-01-01.log", "refresh-2026-01-30.log", "refresh-2026-01-31.log"]
    others += ["refresh-2099-12-31.log", "mine.log", "refresh-2026-01-01.log.gz"]
    for name in others:
        (logs / name).touch()
    refresh(HN_LUIGI_LOG_DAYS="3")
    today = time.strftime("refresh-%Y-%m-%d.log", time.gmtime())
    assert sorted(p.name for p in logs.iterdir()) == sorted(
        [*others[2:], today],
    )


def test_logs_are_for_their_owner_alone_also_those_of_before(refresh, repository):
    logs = repository / "logs"
    logs.mkdir()
    for name in ("refresh-2026-01-30.log", "mine.log"):
        (logs / name).touch(0o644)
    today = logs / time.strftime("refresh-%Y-%m-%d.log", time.gmtime())
    today.touch(0o644)
    refresh()
    modes = {path.name: path.stat().st_mode & 0o777 for path in logs.glob("*.log")}
    assert modes.pop("mine.log") == 0o644
    assert set(modes.values()) == {0o600}
    assert len(modes) >= 2


def test_help_tells_what_it_does_and_the_rest_is_refused(repository):
    for argument, code in [("--help", 0), ("--fast", 2)]:
        done = subprocess.run(
            [repository / "scripts/refresh", argument], env={}, capture_output=True, text=True
        )
        assert done.returncode == code
        assert "HN_LUIGI_TIME_LIMIT=540" in done.stdout + done.stderr
        assert "set -e" not in done.stdout + done.stderr


def test_what_is_watched_is_made_from_an_empty_environment(repository):
    """The real thing, from the first outputs to a broken configuration."""
    (repository / ".venv/bin/python").write_text(f"#!/bin/sh\nexec '{sys.executable}' \"$@\"\n")
    config = (REPOSITORY / "luigi.cfg").read_text()
    for shipped, quick in [("limit = 500", "limit = 50"), ("width = 1200", "width = 200")]:
        config = config.replace(shipped, quick)

    def refresh():
        command = [repository / "scripts/refresh"]
        done = subprocess.run(command, cwd="/", env={}, capture_output=True, text=True)
        assert done.stdout == ""
        return done.returncode, done.stderr

    with Replica(bundled_front_page()) as api:
        base_url = f"[hackernews]\nbase_url = {api.base_url}"
        config = config.replace("[hackernews]", base_url)
        (repository / "disk.py").write_text(DISK)
        watch = "[assets]\nwatch =\n    hn_luigi Wordcloud\n    disk Disk --city Paris"
        (repository / "luigi.cfg").write_text(config.replace("[assets]", watch))
        assert refresh() == (0, "")
    assert list(repository.glob("data/Paris/disk/*.json"))
    page = repository / "data/top/wordcloud/latest.md"
    assert page.read_text().startswith("# Hacker News")
    assert page.stat().st_mode & 0o777 == 0o644
    assert "5 ran successfully" in log_of(repository)
    assert "PASS top/wordcloud" in log_of(repository)
    assert oct((repository / "logs").stat().st_mode)[-3:] == "755"
    (repository / "luigi.cfg").write_text(config.replace("[assets]", f"{watch} --town Oslo"))
    assert refresh() == (2, "")
    code, said = refresh()
    assert code == 2
    why = "[assets] watch: 'disk Disk --city Paris --town Oslo': Disk has no flag --town"
    assert why in said
    assert len(said.splitlines()) == 4
    assert refresh() == (2, "")
    (repository / "logs/refresh.incident").unlink()  # as after a good run
    (repository / "luigi.cfg").write_text("[core")
    assert refresh() == (1, "")
    code, said = refresh()
    assert code == 1
    assert "MissingSectionHeaderError" in said
    assert "  File " not in said  # the log has the frames
    assert said.count("Its last lines:") == 1
