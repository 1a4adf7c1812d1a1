"""invalidate, rebuild, prune and verify as a user meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from hn_luigi import StoryIds, Wordcloud
from hn_luigi.assets import verify as verifying
from hn_luigi.cli import act, main, upkeep
from hn_luigi.replica import FrontPage

ITEMS = [
    {"id": 1, "type": "story", "title": "Rust in space", "url": "https://a.example/", "score": 9},
    {"id": 2, "type": "story", "title": "Ask HN: Rust or Go?", "score": 5},
]
WINDOW = "2026-11-22T1230Z"
COMMANDS = (
    "invalidate Wordcloud",
    "rebuild Wordcloud --since 7d",
    "prune --keep 30d",
    "prune --keep 30d --dry-run",
    "verify",
)


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def say(capsys):
    """Runs ``hn-luigi`` with the words of a line."""

    def run(line):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(line.split())
        out, err = capsys.readouterr()
        return Said(ended.value.code or 0, out, err)

    return run


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(verifying, "sleep", lambda seconds: None)


@pytest.fixture
def run(replica, succeed, clock, settings):
    """Makes as many windows as it is told, from 12:30 on; then there is no API any more."""
    replica.front_page = FrontPage({item["id"]: item for item in ITEMS})

    def make(windows=1, feed="top"):
        settings("hackernews", base_url=replica.base_url)
        for i in range(windows):
            if i:
                clock.advance(minutes=10)
            succeed(Wordcloud(feed=feed))
        settings("hackernews", base_url="http://127.0.0.1:1/v0")

    return make


def contents(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


class TestInvalidate:
    def test_the_page_stays_until_the_next_run_remakes_it_alone(self, run, say, succeed, root):
        run()
        before = contents(root)
        said = say("invalidate Wordcloud")
        assert said == Said(
            0,
            f"top/wordcloud/{WINDOW} is invalidated: the next run for its window makes it again\n",
            "",
        )
        assert [path for path, data in contents(root).items() if data != before[path]] == [
            root / f"_records/top/wordcloud/{WINDOW}.json"
        ]
        assert not Wordcloud().complete()
        succeed(Wordcloud())
        assert Wordcloud().complete()

    def test_of_latest_it_is_the_newest_page(self, run, say, clock):
        run(2)
        clock.advance(days=1)
        assert say("invalidate wordcloud --as-of latest").out.startswith(
            "top/wordcloud/2026-11-22T1240Z is invalidated"
        )

    def test_a_capture_that_is_over_is_refused_in_one_line(self, run, say, clock):
        run()
        clock.advance(days=1)
        said = say("invalidate Stories --as-of latest")
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
        assert "its window is over" in said.err

    def test_a_capture_in_its_window_is_made_again(self, run, say):
        run()
        assert "the next run in its window" in say("invalidate StoryIds").out
        assert not StoryIds().complete()

    def test_what_is_not_stored_is_made_anyway(self, clock, say):
        said = say("invalidate Wordcloud --feed job")
        assert said.code == 0
        assert said.out.startswith(f"job/wordcloud/{WINDOW} isn't stored")


class TestRebuild:
    def test_it_remakes_the_stale_without_a_request(self, run, say, replica, settings, root):
        run(3)
        asked, before = len(replica.requests), contents(root / "top/wordcloud")
        settings("cloud", width=400)
        said = say("rebuild Wordcloud --since 7d")
        assert said == Said(
            0, "Remade 3 of 3 stale windows in top/wordcloud since 2026-11-15 12:54 UTC\n", ""
        )
        assert len(replica.requests) == asked
        after = contents(root / "top/wordcloud")
        assert all(after[path] != data for path, data in before.items())
        assert say("rebuild Wordcloud --since 7d").out == (
            "Nothing to remake in top/wordcloud since 2026-11-15 12:54 UTC: 3 windows current\n"
        )

    def test_captures_have_nothing_to_remake(self, run, say, settings):
        run(2)
        settings("hackernews", limit=1, min_share=0.5)
        for name in ("StoryIds", "Stories"):
            said = say(f"rebuild {name} --since 7d")
            assert (said.code, said.out[:17]) == (0, "Nothing to remake")

    def test_failures_are_a_line_each(self, run, say, settings):
        run(2)
        settings("cloud", colormap="nope")
        said = say("rebuild Wordcloud --since 7d")
        assert said.code == 1
        first, second, last = said.out.splitlines()
        assert first.startswith(f"top/wordcloud/{WINDOW} failed: CloudError: ")
        assert second.startswith("top/wordcloud/2026-11-22T1240Z failed: ")
        assert last.startswith("Remade 0 of 2 stale windows")

    def test_what_its_stories_are_gone_for_is_told(self, run, say, settings, clock, root):
        run()
        clock.advance(days=1)
        (root / f"top/stories/{WINDOW}.parquet").unlink()
        settings("cloud", width=400)
        said = say("rebuild Wordcloud --since 7d")
        assert said.code == 0
        assert said.out.startswith("1 stale window in top/wordcloud since")
        assert "can't be remade" in said.out

    def test_ctrl_c_leaves_every_window_whole(self, run, say, root, tmp_path):
        run(2)
        (tmp_path / "luigi.cfg").write_text("[cloud]\nwidth = 8000\nheight = 8000\n")
        command = [sys.executable, "-m", "hn_luigi.cli", "--storage-root", root]
        command += ["rebuild", "Wordcloud", "--since", "999999h"]
        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        started = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
        lock = root / f"_locks/top/wordcloud/{WINDOW}.lock"
        until = time.monotonic() + 30
        while not lock.exists() and time.monotonic() < until:
            time.sleep(0.005)
        started.send_signal(signal.SIGINT)
        error = started.communicate(timeout=30)[1].decode()
        assert started.returncode == 130, error
        assert "Traceback" not in error
        assert say("verify").code == 0
        assert not [path for path in root.rglob("*") if path.suffix in (".lock", ".tmp")]


class TestPrune:
    def test_it_says_what_it_removes_of_each_asset(self, run, say, clock, root):
        run(3)
        run(1, feed="ask")
        clock.advance(days=30)
        before = contents(root)
        told = say("prune --keep 30d --dry-run")
        assert contents(root) == before
        done = say("prune --keep 30d")
        assert done.out.splitlines()[0] == (
            "Removed windows that began before 2026-11-22 12:54 UTC"
        )
        rows = [line.split()[:2] for line in done.out.splitlines()[2:]]
        assert rows == [
            ["top/story_ids", "2"],
            ["top/stories", "2"],
            ["top/wordcloud", "2"],
            ["all", "6"],
        ]
        assert told.out == done.out.replace("Removed", "Would remove")
        assert say("verify").out == "6 outputs match their records\n"
        assert say("prune --keep 30d").out == (
            "Nothing to remove among windows that began before 2026-11-22 12:54 UTC\n"
        )

    def test_a_window_that_is_being_made_is_named(self, run, say, clock):
        run(2)
        slot = Wordcloud.from_str_params({"as_of": WINDOW}).slot
        clock.advance(days=30)
        with slot.store.lock(slot.key):
            said = say("prune --keep 30d")
        assert f"just being made: top/wordcloud/{WINDOW}" in said.out
        assert slot.stat()

    def test_on_a_read_only_root_it_is_one_line(self, run, say, clock, settings, disk):
        settings("storage", root=disk)
        run(2)
        clock.advance(days=30)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        before = contents(disk)
        said = say("prune --keep 30d")
        assert (said.code, said.out) == (2, "")
        (line,) = said.err.splitlines()
        assert "Read-only file system; mount it writable" in line
        assert contents(disk) == before

    def test_how_much_to_keep_must_be_said(self, say):
        assert say("prune").code == 2
        assert "like 90m, 12h, 30d or 2w" in say("prune --keep 0d").err


@pytest.fixture
def disk(tmp_path):
    """A file system of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a file system takes root")
    yield disk
    subprocess.run(["umount", disk], check=True)


class TestVerify:
    def test_problems_are_a_line_each_and_exit_code_1(self, run, say, root):
        run(2)
        (root / f"top/wordcloud/{WINDOW}.md").write_text("mine")
        (root / "top/wordcloud/latest.md").write_text("mine")
        said = say("verify")
        assert said == Said(
            1,
            f"top/wordcloud/{WINDOW}: its output was changed by another hand\n"
            "top/wordcloud/latest: it is not the output of 2026-11-22T1240Z\n"
            "2 problems; otherwise 5 outputs match their records\n",
            "",
        )

    def test_json_holds_the_same(self, run, say, root):
        run()
        assert json.loads(say("verify --json").out) == {"matching": 3, "problems": []}
        (root / f"top/stories/{WINDOW}.parquet").unlink()
        said = say("verify --json")
        assert said.code == 1
        assert json.loads(said.out) == {
            "matching": 2,
            "problems": [
                {
                    "asset": "top/stories",
                    "window": WINDOW,
                    "problem": "its output is missing, though it is recorded",
                }
            ],
        }

    def test_all_feeds_are_looked_at_or_those_named(self, run, say, root):
        run()
        run(1, feed="ask")
        (root / f"ask/wordcloud/{WINDOW}.md").write_text("mine")
        assert say("verify").code == 1
        assert say("verify --feed top").out == "3 outputs match their records\n"


def test_what_is_printed_moves_no_cursor(run, say, settings, tmp_path):
    """Neither the path in an error nor what storage holds."""
    root = tmp_path / "a\x1b[2J"
    settings("storage", root=root)
    run()
    (root / f"top/stories/{WINDOW}.parquet").write_text("mine")
    settings("cloud", width=400)
    said = say("rebuild Wordcloud --since 7d")
    assert f"a\\x1b[2J/top/stories/{WINDOW}.parquet" in said.out
    assert "\x1b" not in said.out
    (root / f"top/stories/{WINDOW}.parquet").unlink()
    (root / f"top/stories/{WINDOW}.parquet").mkdir()
    said = say("verify")
    assert f"a\\x1b[2J/top/stories/{WINDOW}.parquet" in said.out
    assert "\x1b" not in said.out


@pytest.mark.parametrize("line", COMMANDS)
def test_on_an_empty_root_there_is_nothing_to_do(say, root, clock, line):
    said = say(line)
    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) == 1
    assert not root.exists()


@pytest.mark.parametrize("command", [*act.COMMANDS, *upkeep.COMMANDS], ids=lambda c: c.name)
def test_help_has_a_paragraph_and_an_example(say, command):
    said = say(f"{command.name} --help")
    assert said.code == 0
    assert f"\n    hn-luigi {command.name} " in said.out
    assert "\\b" not in said.out
    assert len(said.out) > 500
    assert "..." not in say("--help").out.partition(f"  {command.name} ")[2].splitlines()[0]


def test_an_unknown_asset_is_one_line(say):
    for line in ("invalidate Cake", "rebuild Cake --since 7d"):
        said = say(line)
        assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)
        assert "choose from StoryIds, Stories, Wordcloud" in said.err
