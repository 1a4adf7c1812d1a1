"""``hn-luigi prune`` removes old windows, and says what."""

from __future__ import annotations

import importlib
import os
import pty
import subprocess
import sys

import pytest

from hn_luigi import Digest, Wordcloud
from hn_luigi.assets.operations.prune import Pruned
from hn_luigi.cli import prune as prune_module

from ..limits import patience


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


def test_it_says_what_it_removes_of_each_asset(run, say, clock, root, contents):
    run(3)
    run(1, feed="ask")
    clock.advance(days=30)
    before = contents(root)
    told = say("prune --keep 30d --dry-run")
    assert contents(root) == before
    done = say("prune --keep 30d")
    assert done.out.splitlines()[0] == ("Removed windows that began before 2026-11-22 12:54 UTC")
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


def test_a_window_that_is_being_made_is_named(run, say, clock, window):
    run(2)
    partition = Wordcloud.from_str_params({"as_of": window}).partition
    clock.advance(days=30)
    with partition.store.lock(partition.key):
        said = say("prune --keep 30d")
    assert f"are being made: top/wordcloud/{window}" in said.out
    assert partition.stat()


def test_on_a_read_only_root_it_is_a_line_each(run, say, clock, settings, disk, contents):
    settings("storage", root=disk)
    run(2)
    clock.advance(days=30)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    before = contents(disk)
    said = say("prune --keep 30d")
    assert said.code == 1
    assert said.out == "Removed none of the windows that began before 2026-11-22 12:44 UTC\n"
    assert len(said.err.splitlines()) == 3
    for line in said.err.splitlines():
        assert "Read-only file system; mount it writable" in line
    assert contents(disk) == before


def test_how_much_to_keep_must_be_said(say):
    assert say("prune").code == 2
    assert "like 90m, 12h, 30d or 2w" in say("prune --keep 0d").err


def test_what_can_t_be_removed_stops_nothing_else(run, say, clock, root, window):
    run(3)
    clock.advance(days=30)
    output = root / f"top/stories/{window}.parquet"
    output.unlink()
    output.mkdir()
    said = say("prune --keep 30d")
    assert said.code == 1
    (line,) = said.err.splitlines()
    assert str(output) in line
    rows = [line.split()[:2] for line in said.lines[2:]]
    assert rows == [
        ["top/story_ids", "2"],
        ["top/stories", "1"],
        ["top/wordcloud", "2"],
        ["all", "5"],
    ]


def test_errors_move_no_cursor(say, clock, monkeypatch):
    def prune(datasets, **options):
        return [Pruned(datasets[0], errors=("can't remove a\x1b[2J\nb",))]

    monkeypatch.setattr(prune_module, "prune_windows", prune)
    said = say("prune --keep 30d")
    assert (said.code, said.err) == (1, "can't remove a\\x1b[2J b\n")


def test_everything_that_was_ever_made_is_within_100_years(say, clock):
    assert say("prune --keep 36500d").code == 0
    said = say("prune --keep 36501d")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "it must be at most 36500 days" in said.err


OWN = """
import luigi
from hn_luigi.assets import Asset, requires

class Disk(Asset):
    suffix = ".json"
    city = luigi.Parameter("Paris")
    def compute(self):
        return 1

@requires(Disk)
class DiskReport(Asset):
    suffix = ".md"
    keeps_latest = True
    def compute(self, disk):
        return "1"
"""


@pytest.fixture
def disks(tmp_path, monkeypatch, succeed, clock):
    """Another graph, of which two windows are stored; its module may be watched as ``disk``."""
    (tmp_path / "disk.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "disk", raising=False)
    module = importlib.import_module("disk")
    for _ in range(2):
        succeed(module.DiskReport())
        clock.advance(minutes=10)
    yield module
    sys.modules.pop("disk", None)


WATCH = ["--watch", "disk DiskReport"]
UNMADE = "No watched class makes Paris/disk and Paris/disk_report: watch one that does"


class TestNamedAssets:
    """Only these are pruned, and by what is needed of all."""

    @pytest.fixture
    def old(self, run, clock):
        """Two windows of the graph, and two of that of another feed, a month old."""
        run(2)
        run(2, feed="ask")
        clock.advance(days=30)

    @pytest.mark.parametrize(
        ("named", "gone"),
        [
            ("StoryIds Wordcloud", "ask/story_ids ask/wordcloud top/story_ids top/wordcloud"),
            ("top/stories", "top/stories"),
            ("top", "top/stories top/story_ids top/wordcloud"),
            ("stories top/stories", "ask/stories top/stories"),
            ("Stories --feed ask", "ask/stories"),
            ("Stories --feed=ask top/wordcloud", "ask/stories top/wordcloud"),
            ("story_ids Wordcloud --feed ask ask", "ask/stories ask/story_ids ask/wordcloud"),
        ],
    )
    def test_by_folder_class_or_flags(self, old, say, named, gone):
        said = say(f"prune {named} --keep 30d")
        rows = [line.split()[:2] for line in said.lines[2:]]
        expected = {*gone.split(), *(["top/story_ids"] if "story_ids" in named else [])}
        assert {folder for folder, _ in rows} - {"all"} == expected
        assert {count for folder, count in rows if folder != "all"} == {"1"}

    def test_in_one_word_with_flags(self, old, say):
        said = say(["prune", "Stories --feed ask", "top/stories", "--keep", "30d"])
        assert [line.split()[0] for line in said.lines[2:]] == ["ask/stories", "top/stories", "all"]

    @pytest.mark.parametrize(
        ("words", "why"),
        [
            ("Stories --dry-rum", "Stories has no flag --dry-rum"),
            ("--dry-rum", "--dry-rum stands where the asset should"),
            ("Stories nosuch", "no asset that is watched is called 'nosuch'"),
            ("Stories --feed", "expected one argument"),
        ],
    )
    def test_a_misspelt_one_removes_nothing(self, old, say, root, contents, words, why):
        before = contents(root)
        said = say(f"prune --keep 30d {words}")
        assert (said.code, said.out) == (2, "")
        assert why in said.err
        assert contents(root) == before

    def test_none_is_named_with_a_folder(self, old, say):
        said = say("prune Stories --folder ask/stories")
        assert said.code == 2
        assert "--folder removes what it names: leave out Stories" in said.err


class TestDaysStayWhereTheirWindowsGo:
    @pytest.fixture
    def days(self, run, clock, succeed, say, settings):
        """Three days of two windows, of which those before the last day's were pruned."""
        settings("assets", watch="")
        days = []
        for n in range(3):
            if n:
                clock.advance(days=1)
            run(2)
            succeed(Digest())
            days.append(f"{clock():%Y-%m-%d}")
        said = say("prune StoryIds Stories Wordcloud --keep 12h")
        assert [line.split()[:2] for line in said.lines[2:-1]] == [
            ["top/story_ids", "4"],
            ["top/stories", "4"],
            ["top/wordcloud", "4"],
        ]
        return days

    def test_a_day_stays_as_it_is_and_says_why(self, days, say):
        for day in days[:2]:
            said = say(f"explain StoriesOfDay --as-of {day}")
            assert "current, kept as it is, since 2 of the windows of top/stories" in said.out
        assert say("verify StoriesOfDay").out == "3 outputs match their records\n"

    def test_its_trends_and_digest_are_remade_with_another_setting(self, days, say, settings):
        settings("cloud", stopwords="rust")
        for asset in ("Trends", "Digest"):
            assert say(f"rebuild {asset} --since 7d").out.startswith("Remade 3 of 3 stale windows")
            for day in days:
                assert "Nothing would be made." in say(f"explain {asset} --as-of {day}").out

    def test_yesterday_is_still_read_for_the_word_cloud(self, days, say, settings, succeed):
        settings("cloud", colormap="plasma")
        succeed(Wordcloud())
        read = Wordcloud().partition.record().windows
        (windows,) = read.values()
        assert [*windows["stored"]] == [f"{days[1]}T0000Z"]

    def test_days_that_trends_of_today_look_back_at_stay(self, days, say):
        said = say("prune --keep 1d")
        assert {line.split()[0] for line in said.lines[2:-1]} == {"top/trends", "top/digest"}


class TestAnyGraph:
    """What is stored tells what it is, whichever classes are watched."""

    @pytest.mark.parametrize("watch", [[], WATCH])
    def test_its_old_windows_go_too(self, disks, say, clock, watch):
        clock.advance(days=30)
        said = say(["prune", "--keep", "30d", *watch])
        rows = [line.split()[:2] for line in said.lines[2:5]]
        assert rows == [["Paris/disk", "1"], ["Paris/disk_report", "1"], ["all", "2"]]
        assert (UNMADE in said.out) is not bool(watch)

    def test_what_no_watched_class_makes_is_named_with_the_remedy(self, disks, say, root):
        said = say(["prune", "--keep", "1d", "--storage-root", str(root)])
        assert said.code == 0
        assert said.lines[-1] == (
            f"{UNMADE} ([assets] watch, --watch), or remove each with hn-luigi prune --folder "
            f"Paris/disk --storage-root {root}"
        )

    @pytest.mark.parametrize("line", [["--keep", "1m"], ["--folder", "Paris/disk", "--yes"]])
    @pytest.mark.parametrize("watch", ["nosuch Thing", "disk Nothing", "disk"])
    def test_nothing_goes_where_the_watch_list_names_nothing(
        self, disks, say, clock, root, contents, line, watch
    ):
        clock.advance(days=30)
        before = contents(root)
        said = say(["prune", *line, "--watch", watch])
        assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
        assert "nothing was removed, since only the watched classes tell" in said.err
        assert contents(root) == before


def read_to(terminal, text):
    """What a terminal shows up to ``text``."""
    shown = ""
    while text not in shown:
        shown += os.read(terminal, 4096).decode()
    return shown


class TestFolder:
    def test_all_of_it_goes_and_nothing_else(self, disks, run, say, root, contents):
        run(1)
        before = {path for path in contents(root) if "disk_report" not in path.parts}
        told = say("prune --folder Paris/disk_report --dry-run")
        assert told.lines[0] == f"Would remove windows of {root}/Paris/disk_report"
        assert len(contents(root)) > len(before)
        said = say("prune --folder Paris/disk_report --yes")
        assert said.code == 0
        assert told.out == said.out.replace("Removed", "Would remove")
        assert {path for path in contents(root) if "_locks" not in path.parts} == {
            path for path in before if "_locks" not in path.parts
        }

    @pytest.mark.parametrize("folder", ["Paris/disk", "Paris/disk_report", "Paris/disk/"])
    def test_what_is_watched_is_refused(self, disks, say, root, contents, folder):
        before = contents(root)
        said = say(["prune", "--folder", folder, "--yes", *WATCH])
        assert said.code == 2
        assert "is watched, and would be made again" in said.err
        assert contents(root) == before

    @pytest.mark.parametrize("folder", ["Paris", "..", "/", "", ".", "_records", "../data/Paris"])
    def test_what_is_no_asset_s_is_refused(self, disks, say, root, contents, folder):
        before = contents(root)
        said = say(["prune", "--folder", folder, "--yes"])
        assert said.code == 2
        assert "choose from Paris/disk and Paris/disk_report" in said.err
        assert contents(root) == before

    def test_what_leads_out_of_the_root_stays(self, disks, say, root, tmp_path, contents):
        (root / "Paris/disk").rename(tmp_path / "elsewhere")
        (root / "Paris/disk").symlink_to(tmp_path / "elsewhere")
        before = contents(tmp_path / "elsewhere")
        said = say("prune --folder Paris/disk --yes")
        assert said.code == 1
        assert said.out == f"Removed none of the windows of {root}/Paris/disk\n"
        assert "leads out of the root by a symbolic link" in said.err
        assert contents(tmp_path / "elsewhere") == before

    def test_it_asks_nobody_who_isn_t_there(self, disks, say, root, contents):
        before = contents(root)
        said = say("prune --folder Paris/disk")
        assert (said.code, said.out) == (2, "")
        assert "without a terminal, add --yes" in said.err
        assert contents(root) == before

    @pytest.mark.parametrize(("answer", "stays"), [("y", False), ("n", True), ("", True)])
    def test_it_asks_before_it_removes(self, disks, process, root, answer, stays):
        ours, theirs = pty.openpty()
        asked = process("prune", "--folder", "Paris/disk")
        with subprocess.Popen(**asked, stdin=theirs, stdout=theirs, stderr=theirs) as child:
            os.close(theirs)
            assert f"Remove all of {root}/Paris/disk: 2 windows, " in read_to(ours, "[y/N]: ")
            os.write(ours, f"{answer}\n".encode())
            read_to(ours, "Nothing was removed" if stays else "Removed windows of")
            assert child.wait(patience()) == 0
        os.close(ours)
        assert (root / "Paris/disk").exists() is stays

    def test_what_to_prune_must_be_said_and_once(self, say):
        for line in ("prune", "prune --keep 1d --folder x"):
            said = say(line)
            assert said.code == 2
            assert "give --keep" in said.err
