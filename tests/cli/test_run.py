"""``hn-luigi run`` makes an asset as ``luigi`` does, and says what it makes and why."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
from configparser import ConfigParser
from itertools import count
from pathlib import Path

import luigi
import pytest
from luigi.retcodes import run_with_retcodes

from hn_luigi import Wordcloud
from hn_luigi.assets.luigi_internals.luigi_run import DEFAULTS
from hn_luigi.assets.operations import WAITING, set_defaults
from hn_luigi.replica import Faults

from ..assets.storage.servers import free_port
from ..history.months import put
from ..limits import patience
from ..processes import REPOSITORY

NUMBERS = count()
STEPS = '''
import luigi
from hn_luigi.assets import Asset, AssetError, requires
from hn_luigi.assets.operations import SettingError


class Late(AssetError):
    """Expected."""


class Base(Asset):
    suffix = ".json"
    window_length = None


class Fine(Base):
    def compute(self):
        return 1


@requires(Fine)
class Above(Base):
    number = luigi.IntParameter(1)
    def compute(self, fine):
        return fine + self.number


class Expected(Base):
    def compute(self):
        raise Late("the van is stuck\\nin the snow")


class Surprise(Base):
    def compute(self):
        return {}["nothing"]


@requires(Surprise)
class AboveSurprise(Base):
    def compute(self, value):
        return value


class Parcel(luigi.ExternalTask):
    def output(self):
        return luigi.LocalTarget("nowhere/parcel")


class Opened(Base):
    def requires(self):
        return Parcel()
    def compute(self, parcel):
        return 1


class Broken(Base):
    def requires(self):
        raise ValueError("who knows")
    def compute(self):
        return 1


class Unset(Base):
    def requires(self):
        raise SettingError("[van] city (--van-city) is empty: set it")
    def compute(self):
        return 1


@requires(Unset)
class AboveUnset(Base):
    def compute(self, value):
        return value


class Undecided(luigi.Task):
    def complete(self):
        raise ValueError("perhaps")


class AboveUndecided(Base):
    def requires(self):
        return Undecided()
    def compute(self, undecided):
        return 1


class Plain(luigi.Task):
    path = luigi.Parameter("plain.txt")
    def output(self):
        return luigi.LocalTarget(self.path)
    def run(self):
        with self.output().open("w") as file:
            file.write("1")


class AbovePlain(Base):
    def requires(self):
        return Plain()
    def compute(self, plain):
        return 1


class Interrupted(Base):
    def compute(self):
        raise KeyboardInterrupt
'''
FAILING = {
    "Expected": 30,
    "AboveSurprise": 30,
    "Opened": 20,
    "Broken": 35,
    "AboveUndecided": 35,
    "Above": 0,
}


def lines_of(said):
    """The lines about steps, and the last one."""
    return [line for line in said.err.splitlines() if not line.startswith("WARNING: ")]


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """The name of a module of a user's, in the present folder."""
    name = f"steps_{next(NUMBERS)}"
    (tmp_path / f"{name}.py").write_text(STEPS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield name
    sys.modules.pop(name, None)


@pytest.fixture
def make(say, steps, settings):
    """Has a class of that module watched, and made."""

    def make(task, *words):
        settings("assets", watch=f"{steps} {task}")
        return say(["run", *words])

    return make


class TestTheShippedGraph:
    @pytest.fixture(autouse=True)
    def small(self, small):
        return small

    def test_is_made_with_a_line_a_step_and_the_path_at_the_end(self, say, root):
        said = say("run")
        assert said.code == 0
        took = r"in [\d.]+ m?s: its output is missing"
        for line, name in zip(lines_of(said), ["story_ids", "stories", "wordcloud"], strict=True):
            assert re.fullmatch(rf"Made top/{name} of 2026-11-22 12:30 {took}", line)
        assert said.out == f"{root}/top/wordcloud/latest.md\n"
        assert (root / "top/wordcloud/latest.md").exists()

    def test_is_made_once(self, say, root):
        say("run")
        said = say("run")
        path = f"{root}/top/wordcloud/latest.md"
        assert said == (
            0,
            f"{path}\n",
            "top/wordcloud of 2026-11-22 12:30 is current: nothing to do\n",
        )

    def test_takes_flags_of_the_class_of_settings_and_of_luigi(self, say, root):
        flags = "--feed ask --cloud-width 220 --workers 1 --log-level WARNING --hackernews-limit=1"
        said = say(f"run Wordcloud {flags}")
        assert (said.code, said.out) == (0, f"{root}/ask/wordcloud/latest.md\n")
        made = Wordcloud(feed="ask").partition.record()
        assert (made.settings["cloud.width"], made.metadata["rows"]) == (220, 1)

    def test_is_remade_for_a_setting_which_is_the_reason(self, say):
        say("run")
        said = say("run top/wordcloud --as-of latest --cloud-width=220")
        assert said.code == 0
        assert said.err.endswith(": the setting cloud.width changed from 200 to 220\n")

    def test_of_an_older_window_ends_with_that_window_s_path(self, say, root, run):
        run(windows=2)
        said = say("run --as-of 2026-11-22T1235 --cloud-width 220")
        assert said.out == f"{root}/top/wordcloud/2026-11-22T1230Z.md\n"

    def test_of_what_keeps_no_latest_ends_with_the_window_s_path(self, say, root):
        assert say("run Stories").out == f"{root}/top/stories/2026-11-22T1230Z.parquet\n"

    def test_that_fails_ends_with_the_error_in_a_line_and_30(self, say, small):
        small.faults = Faults(rate=1, kinds=("5xx",))
        said = say("run")
        failed, last = lines_of(said)
        assert (said.code, said.out) == (30, "")
        assert re.fullmatch(r"Failed: top/story_ids of 2026-11-22 12:30, after [\d.]+ m?s", failed)
        assert last.startswith(
            "hn-luigi: top/story_ids of 2026-11-22 12:30 failed: Unavailable: can't read "
        )
        assert "Traceback" not in said.err

    def test_waits_for_another_process_and_says_so(self, say):
        partition = Wordcloud().partition
        lock = partition.store.lock(partition.key)
        lock.__enter__()

        @luigi.Task.event_handler(WAITING)
        def let_go(asset):
            assert asset == Wordcloud()
            lock.__exit__(None, None, None)

        try:
            said = say("run")
        finally:
            luigi.Task.remove_event_handler(WAITING, let_go)
        assert said.code == 0
        line = "top/wordcloud of 2026-11-22 12:30 is being made by another process: waiting for it"
        assert line in said.err.splitlines()

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("run --cloud-width ten", "[cloud] width (--cloud-width) is 'ten': it must be a whole"),
            ("run --cloud-width", "--cloud-width: expected one argument"),
            ("run --workers x", "--workers is 'x': ValueError: "),
            ("run --log-level LOUD", "--log-level is 'LOUD': ValueError: "),
            ("run --feed nosuch", "--feed is 'nosuch': choose from top, new"),
            ("run --feed show Wordcloud", "'Wordcloud' belongs to no flag"),
            ("run Wordcloud --nosuch 1", "Wordcloud has no flag --nosuch: it takes --feed"),
            ("run Wordcloud --module mine", "Wordcloud has no flag --module: it takes --feed"),
            ("run Nothing", "no asset that is watched is called 'Nothing': choose from"),
            ("run --as-of latest", "no window of top/stories is stored"),
            ("run --assistant", "start the same luigi command in its place"),
            ("run --assets-window-minutes 0", "window_minutes"),
        ],
    )
    def test_refuses_a_bad_line_in_one(self, line, told, say, root):
        said = say(line)
        assert (said.code, said.out) == (2, "")
        assert said.err.startswith("hn-luigi: ")
        assert told in said.err
        assert said.err.count("\n") == 1
        assert not list(root.iterdir())


@pytest.mark.parametrize(("task", "code"), FAILING.items())
class TestTheExitCode:
    def test_is_the_shipped_one_without_any_configuration(self, task, code, make):
        assert make(task).code == code

    def test_is_luigi_s_of_a_retcode_section_of_the_user_s(self, task, code, make, steps, settings):
        settings("retcode", **{name: str(n) for n, name in enumerate(DEFAULTS["retcode"], 61)})
        settings("core", local_scheduler="true", no_lock="true")
        said = make(task)
        with pytest.raises(SystemExit) as ended:
            run_with_retcodes(["--module", steps, task])
        assert said.code == ended.value.code
        assert (said.code > 60) == (code > 0)


class TestASettingThatOnlyRequiresCanTellOf:
    @pytest.mark.parametrize("words", [[], ["AboveUnset"], ["above_unset"]])
    def test_is_refused_in_a_line_before_anything_runs(self, make, words):
        assert make("AboveUnset", *words) == (
            2,
            "",
            "hn-luigi: [van] city (--van-city) is empty: set it\n",
        )

    @pytest.mark.parametrize(
        ("month", "words"), [("2026-11", []), ("2026-01", ["--as-of", "2026-01"])]
    )
    def test_such_as_the_folder_of_an_archive(self, say, settings, tmp_path, clock, month, words):
        settings("assets", watch="hn_luigi WordHistoryPage")
        settings("history", source=tmp_path)
        if words:
            put(tmp_path, "2026-11", ["Rust in space"])
        said = say(["run", *words])
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
        where = f"{tmp_path}/data holds no month of Hacker News until {month}"
        assert said.err.startswith(f"hn-luigi: [history] source (--history-source): {where}, such")


class TestWhatFails:
    def test_as_its_author_expects_is_one_line(self, make):
        said = make("Expected")
        assert said.err.splitlines()[1:] == [
            "hn-luigi: expected failed: Late: the van is stuck in the snow"
        ]

    def test_by_surprise_has_its_traceback_before_the_last_line(self, make):
        said = make("AboveSurprise")
        assert "Traceback (most recent call last):" in said.err
        assert said.err.splitlines()[-1] == "hn-luigi: surprise failed: KeyError: 'nothing'"

    def test_in_a_process_of_its_own_is_told_alike(self, make):
        said = make("Expected", "--workers", "2")
        assert said.code == 30
        assert said.err.splitlines()[-1].startswith("hn-luigi: expected failed: Late: the van is")

    def test_as_data_that_is_missing_is_named(self, make):
        assert make("Opened").err.splitlines()[-1] == (
            "hn-luigi: Parcel() is missing, and no step makes it"
        )

    @pytest.mark.parametrize(
        ("task", "cause"), [("Broken", "who knows"), ("AboveUndecided", "perhaps")]
    )
    def test_before_it_begins_is_named_after_the_cause(self, make, task, cause):
        said = make(task)
        *before, last = said.err.splitlines()
        assert cause in "\n".join(before)
        assert last.startswith("hn-luigi: ")

    def test_by_ctrl_c_is_130_and_nothing_is_lost(self, make, root):
        make("Fine")
        before = (root / "fine/fine.json").read_bytes()
        said = make("Interrupted")
        assert said.code == 130
        assert "was interrupted. What was published stays" in said.err
        assert (root / "fine/fine.json").read_bytes() == before


class TestAPlainTask:
    def test_is_a_line_too(self, make):
        said = make("AbovePlain")
        plain, above = said.err.splitlines()
        assert re.fullmatch(r"Made Plain\(path=plain.txt\) in [\d.]+ m?s", plain)
        assert above.startswith("Made above_plain in ")


def test_what_comes_out_the_same_makes_nothing_new(make, settings, root, say):
    make("Above")
    say("invalidate Fine")
    said = make("Above")
    assert said.err.splitlines()[1:] == ["1/above is current: nothing to do"]


class TestLuigisLog:
    def test_is_left_out(self, make):
        assert "Informed scheduler" not in make("Fine").err

    def test_is_shown_by_a_flag(self, process, steps):
        words = ["--watch", f"{steps} Fine", "run", "--log-level", "INFO"]
        done = subprocess.run(**process(*words), text=True, capture_output=True, timeout=patience())
        assert "INFO: Informed scheduler that task" in done.stderr
        assert "\nMade fine in " in done.stderr

    def test_has_its_warnings_shown(self, make):
        @luigi.Task.event_handler(luigi.Event.START)
        def warn(task):
            logging.getLogger("luigi-interface").warning("mind %s", "it")

        try:
            said = make("Fine")
        finally:
            luigi.Task.remove_event_handler(luigi.Event.START, warn)
        assert said.err.splitlines()[0] == "WARNING: mind it"


class TestDefaults:
    def test_are_what_is_shipped(self):
        shipped = ConfigParser()
        shipped.read(REPOSITORY / "luigi.cfg")
        for section in ("retcode", "email", "scheduler"):
            assert DEFAULTS[section] == dict(shipped[section])
        assert DEFAULTS["core"].items() <= dict(shipped["core"]).items()
        # Its scheduler is decided below; a log there is only where it is asked for.
        assert shipped["core"].keys() - DEFAULTS["core"].keys() == {
            "autoload_range",
            "local_scheduler",
            "log_level",
        }

    @pytest.mark.parametrize(
        ("core", "is_local"),
        [
            ({}, True),
            ({"local_scheduler": "false"}, False),
            ({"scheduler_url": "http://a.example"}, False),
            ({"scheduler_host": "a.example"}, False),
            ({"default_scheduler_port": "8083"}, False),
            ({"scheduler_port": "8083", "local_scheduler": "true"}, True),
        ],
    )
    def test_are_a_local_scheduler_unless_a_central_one_is_configured(
        self, core, is_local, settings
    ):
        settings("core", **core)
        set_defaults()
        assert luigi.interface.core().local_scheduler is is_local


def test_a_scheduler_that_is_down_is_named_and_nothing_is_made(make, settings, root):
    settings("core", rpc_retry_attempts=1, local_scheduler="true")
    said = make("Fine", "--scheduler-port", str(free_port()))
    assert said.code == 40
    assert "Traceback" not in said.err
    last = said.err.splitlines()[-1]
    assert last.startswith("hn-luigi: Errors (1 attempts) when connecting to remote ")
    assert "hn-luigi serve" in last
    assert not list(root.iterdir())


class TestOpen:
    @pytest.fixture
    def opened(self, made, process, tmp_path):
        """How the command ends, with a browser or without one."""

        def opened(browser):
            arguments = process("run", "--as-of", "latest", "--open")
            environment = arguments["env"]
            environment |= {"BROWSER": browser, "PATH": "/nowhere", "TMPDIR": str(tmp_path)}
            for name in ("DISPLAY", "WAYLAND_DISPLAY"):
                environment.pop(name, None)
            return subprocess.run(**arguments, text=True, capture_output=True, timeout=patience())

        return opened

    def test_shows_the_page_in_the_browser(self, opened, tmp_path, root):
        script = tmp_path / "browser"
        script.write_text(f'#!/bin/sh\necho "$1" >{tmp_path}/shown\n')
        script.chmod(0o755)
        done = opened(f"{script} %s")
        assert (done.returncode, done.stdout) == (0, f"{root}/top/wordcloud/latest.md\n")
        shown = (tmp_path / "shown").read_text().strip()
        assert shown.endswith("/top-wordcloud.html")
        assert "Rust" in Path(shown.removeprefix("file://")).read_text()

    def test_says_where_the_page_is_on_a_machine_without_a_browser(self, opened, root):
        done = opened("")
        assert (done.returncode, done.stdout) == (0, f"{root}/top/wordcloud/latest.md\n")
        last = done.stderr.splitlines()[-1]
        said, _, path = last.rpartition(" ")
        assert said == "hn-luigi: no browser can be started here; its page is"
        assert "Rust" in Path(path).read_text()


class TestOnATerminal:
    def test_a_step_s_line_is_there_while_it_is_made(self, process, made, tmp_path):
        ours, theirs = os.openpty()
        small = ("--cloud-width", "240", "--cloud-height", "100")
        arguments = process("run", "--as-of", "latest", *small)
        arguments["env"]["COLUMNS"] = "200"
        pipes = {"stdout": subprocess.PIPE, "stderr": theirs}
        done = subprocess.run(**arguments, **pipes, timeout=patience())
        os.close(theirs)
        with open(ours, "rb", closefd=True) as terminal:
            told = terminal.read1(100_000).decode()
        assert done.returncode == 0
        why = "the setting cloud.width changed from 200 to 240"
        line = rf"Making top/wordcloud of 2026-11-22 12:30: {why}\r\x1b\[K"
        assert re.match(line, told)
        assert re.search(rf"\nMade top/wordcloud of 2026-11-22 12:30 in [^\n]*: {why}\r\n$", told)
