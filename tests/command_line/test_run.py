"""What a run makes, says and exits with, alone and beside another."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import termios
import time
from datetime import date, timedelta

import pytest

from hn_luigi.replica import Faults

from ..limits import patience
from ..processes import PIPES, wait_until
from .runs import SHIPPED, page_of, present

IMPATIENT = """
from hn_luigi.assets.execution import attempt
attempt.sleep = lambda seconds: None
"""


def test_it_makes_the_page_where_the_configuration_says(python, folder):
    (folder / "luigi.cfg").write_text(SHIPPED)
    done = python()
    assert done.returncode == 0, done.stderr
    assert "3 ran successfully" in done.stderr
    assert page_of(folder).startswith(b"# Hacker News")
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr


def test_it_needs_no_configuration_file(python, folder):
    (folder / "luigi.cfg").unlink()
    done = python("--local-scheduler", "--hackernews-limit", "20")
    assert done.returncode == 0, done.stderr
    assert page_of(folder)


def test_a_second_run_asks_for_nothing(luigi, api, made, folder):
    as_of = present()
    shutil.copytree(made(as_of), folder / "data")
    asked = len(api.requests)
    done = luigi("--as-of", as_of)
    assert done.returncode == 0
    assert "Did not run any tasks" in done.stderr
    assert len(api.requests) == asked


def test_a_terminal_shows_a_bar_and_a_log_does_not(command, luigi, api):
    api.latency = 0.05
    terminal, inside = pty.openpty()
    termios.tcsetwinsize(inside, (24, 100))
    options = {**command(task="Stories"), **PIPES, "stderr": inside, "stdin": inside}
    with subprocess.Popen(**options) as run:
        os.close(inside)
        shown = b"".join(iter(lambda: _read(terminal), b"")).decode()
    assert run.returncode == 0
    assert re.search(r"Stories: +\d+%.* items/s", shown)
    shutil.rmtree(options["cwd"] / "data")
    assert "items/s" not in luigi(task="Stories").stderr


def _read(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side was closed
        return b""


def test_help_describes_each_flag(python):
    text = " ".join(python("--help").stdout.split())
    for flag in ("--as-of", "--feed", "--storage-root", "--hackernews-limit", "--cloud-width"):
        assert flag in text
    assert "a UTC time such as 2026-11-22T1230" in text
    assert "Width of the picture in pixels" in text


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--as-of", "noon"], "luigi: --as-of is 'noon': it must be now, latest, or a UTC time"),
        (["--as-of", "2999-01-01T0000"], "luigi: --as-of is '2999-01-01T0000': that is in the fut"),
        (["--as-of", "latest"], "luigi: --as-of latest: no window of top/stories is stored under"),
        (["--feed", "tops"], "luigi: --feed is 'tops': choose from top, new, best, ask, show, job"),
        (["--cloud-width", "wide"], "luigi: [cloud] width (--cloud-width) is 'wide': it must be a"),
        (["--hackernews-limit", "0"], "luigi: [hackernews] limit (--hackernews-limit) is '0': it"),
        (
            ["--hackernews-base-url", "me:secret@h"],
            "luigi: [hackernews] base_url (--hackernews-",
        ),
        (["--hackernews-base-url", "http://h/?k=secret"], "luigi: [hackernews] base_url (--hacker"),
        (["--storage-root", " "], "luigi: [storage] root (--storage-root) is ' ': it must not be"),
        (
            ["--storage-root", "ftp://me:secret@h"],
            "luigi: the storage root begins with ftp://, whi",
        ),
        (["--storage-root", ""], "luigi: [storage] root (--storage-root) is '': it must not be em"),
        (["--cloud-width", ""], "luigi: [cloud] width (--cloud-width) is '': it must be a whole"),
        (
            ["--cloud-label", "caf\udce9"],
            "luigi: [cloud] label (--cloud-label) is 'caf\\udce9': i",
        ),
        (["--assistant"], "luigi: an assistant (--assistant, [core] assistant) can't make assets"),
    ],
)
def test_a_bad_value_is_one_line_and_exit_code_2(luigi, folder, flags, line):
    done = luigi(*flags)
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith(line)
    assert "secret" not in complaint
    assert not (folder / "data").exists()


def test_a_bad_value_in_the_configuration_is_one_line_too(python, folder):
    (folder / "luigi.cfg").write_text(SHIPPED.replace("limit = 500", "limit = lots"))
    done = python()
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("luigi: [hackernews] limit (--hackernews-limit) is 'lots'")


def test_an_assistant_by_the_configuration_is_one_line_too(luigi, folder):
    (folder / "luigi.cfg").write_text(SHIPPED.replace("[core]", "[core]\nassistant = true"))
    done = luigi()
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert "start the same luigi command in its place" in complaint


def test_a_lone_percent_sign_in_the_configuration_is_one_line_too(luigi, folder):
    (folder / "luigi.cfg").write_text(SHIPPED.replace("[cloud]", "[cloud]\nlabel = 50%"))
    done = luigi()
    assert done.returncode == 2
    (complaint,) = done.stderr.splitlines()
    assert complaint.startswith("luigi: [cloud]: '%' must be followed by")


def test_without_a_standard_error_it_works_all_the_same(command, folder):
    options = {**command(), **PIPES, "stderr": None}
    argv = ["bash", "-c", 'exec "$@" 2>&-', "bash", *options.pop("args")]
    assert subprocess.run(argv, **options, timeout=patience()).returncode == 0
    assert page_of(folder)


FAILED, REFUSED = (30, 35), (2,)


@pytest.mark.parametrize(
    ("flags", "url", "line", "codes"),
    [
        ([], "http://127.0.0.1:9/v0", "can't read http://127.0.0.1:9/v0/topstories.json: ", FAILED),
        (["--cloud-colormap", "mud"], None, "mud", FAILED),
        (["--as-of", "2020-02-02T0202"], None, "its window, which starts at 2020-02-02", FAILED),
        (["--storage-root", "/dev/full"], None, "something in this path is a file", REFUSED),
        (["--storage-root", "/proc/none"], None, "can't write /proc/none/", FAILED),
    ],
)
def test_trouble_names_the_cause_and_exits_non_zero(luigi, folder, flags, url, line, codes):
    done = luigi(*flags, url=url, before=IMPATIENT)
    assert done.returncode in codes, done.stderr
    assert line in done.stderr
    assert "Traceback (most recent call last)" not in done.stderr
    assert not (folder / "data/top/wordcloud").exists()


def test_a_failed_refresh_keeps_the_last_good_page(luigi, folder, api, made):
    shutil.copytree(made(present()), folder / "data")
    before = page_of(folder)
    api.faults = Faults(rate=1, kinds=("html",))
    shutil.rmtree(folder / "data/top/story_ids")
    done = luigi(before=IMPATIENT)
    assert done.returncode == 30
    assert "bytes of text/html" in done.stderr
    assert page_of(folder) == before
    api.faults = Faults()
    assert luigi().returncode == 0


def test_two_runs_at_once_do_the_work_once(start, api):
    asked = len(api.requests)
    as_of = present()
    runs = [start("--as-of", as_of), start("--as-of", as_of, task="Stories")]
    logs = [run.communicate(timeout=patience())[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], logs
    assert len(api.requests) - asked == 61


@pytest.mark.parametrize("task", ["Wordcloud", "Stories"])
def test_a_run_by_other_settings_meanwhile_fails_neither(start, api, folder, task):
    """The second meets the first in its fetch, waits for it or remakes after it, and goes on."""
    api.latency = 0.08
    asked = len(api.requests)
    as_of = present()
    first = start("--as-of", as_of)
    wait_until(lambda: len(api.requests) > asked + 1)
    second = start("--as-of", as_of, "--hackernews-limit", "100", task=task)
    logs = [run.communicate(timeout=patience())[1] for run in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], logs
    assert not any("Unfulfilled" in log for log in logs)
    assert page_of(folder)


def copy_window(folder, name, copies):
    """Store what is stored of the window called ``name`` under the names of ``copies`` too."""
    for path in list((folder / "data").rglob(f"{name}.*")):
        for copied in copies:
            shutil.copy2(path, path.with_name(path.name.replace(name, copied)))
            if path.parts[len(folder.parts) + 1] == "_records":
                record = path.with_name(f"{copied}.json")
                told = path.read_text().replace(name, copied)
                record.write_text(told.replace(day_before(name), day_before(copied)))


def day_before(name):
    """The day before that of a window, as records name it that were made from what it holds."""
    day = date.fromisoformat(name[:10])
    return f"{day - timedelta(days=1)}T0000Z--{day}T0000Z"


def test_a_range_remakes_stale_pages_and_fails_fast_where_nothing_was_captured(
    luigi, folder, api, made
):
    now = time.time() // 600 * 600
    past = [time.strftime("%Y-%m-%dT%H%MZ", time.gmtime(now - 600 * n)) for n in range(60, 63)]
    as_of = time.strftime("%Y-%m-%dT%H%MZ", time.gmtime(now))
    shutil.copytree(made(as_of.rstrip("Z")), folder / "data")
    copy_window(folder, as_of, past)
    asked = len(api.requests)

    def remake(*flags, since):
        start, stop = (
            time.strftime("%Y-%m-%dT%H%M", time.gmtime(now - 600 * n)) for n in (since, 59)
        )
        return luigi(
            *("--of", "Wordcloud", "--start", start, "--stop", stop, "--reverse"),
            *("--minutes-interval", "10", "--minutes-back", "1500", "--task-limit", "200"),
            *flags,
            task="RangeByMinutes",
        )

    done = remake(since=62)
    assert (done.returncode, done.stderr.count("INFO: Making")) == (0, 0), done.stderr
    done = remake("--cloud-width", "300", since=62)
    assert (done.returncode, done.stderr.count("INFO: Making Wordcloud")) == (0, 3), done.stderr
    done = remake(since=63)
    assert (done.returncode, done.stderr.count("INFO: Making Wordcloud")) == (30, 3), done.stderr
    assert (
        done.stderr.count("is over, and its source can be read only while the window is open") == 1
    )
    assert len(api.requests) == asked


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own, and a way to mount it anew with other options."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"mounting a small file system takes root: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def remount(disk, options):
    subprocess.run(["mount", "-o", f"remount,{options}", disk], check=True)


def test_a_full_disk_is_said_and_freed_space_puts_it_right(luigi, disk):
    done = luigi("--storage-root", str(disk))
    assert done.returncode == 30
    assert "No space left on device; free some space, and run again" in done.stderr
    assert not list(disk.rglob("*.tmp"))
    assert not list(disk.rglob("*.md"))
    remount(disk, "size=8m")
    assert luigi("--storage-root", str(disk)).returncode == 0
    assert list(disk.rglob("latest.md"))


def test_a_read_only_root_is_said_and_the_page_stays(luigi, disk, made):
    remount(disk, "size=8m")
    shutil.copytree(made(present()), disk, dirs_exist_ok=True)
    before = {path: path.read_bytes() for path in disk.rglob("*.*")}
    remount(disk, "ro")
    done = luigi("--storage-root", str(disk), "--as-of", "latest", "--cloud-width", "300")
    assert done.returncode == 30
    assert "Read-only file system; mount it writable, or set another [storage] root" in done.stderr
    assert luigi("--storage-root", str(disk), "--as-of", "latest").returncode == 0
    assert {path: path.read_bytes() for path in disk.rglob("*.*")} == before
