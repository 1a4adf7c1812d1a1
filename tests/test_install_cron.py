"""``scripts/install-cron`` with a ``crontab`` that keeps a file; `.ci/cron` tries the real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
HARD_TO_QUOTE = """it's 100% "mine" $(true)"""
CRONTAB = """#!/bin/sh
spool=$(dirname "$0")/../spool
case $1 in
    -l) cat "$spool" 2>/dev/null || { echo "no crontab for you" >&2; exit 1; } ;;
    -r) rm "$spool" ;;
    *)  # Debian's refuses a last line without an end
        [ -z "$(tail -c 1 "$1")" ] || { echo "missing newline before EOF" >&2; exit 1; }
        cp "$1" "$spool" ;;
esac
"""
MARK = b"# hn_luigi: by scripts/install-cron\n"


@pytest.fixture
def repository(tmp_path):
    return copy(tmp_path / HARD_TO_QUOTE)


def copy(folder):
    """The scripts, and a Python that only knows the length of a window."""
    shutil.copytree(REPOSITORY / "scripts", folder / "scripts")
    (folder / ".venv/bin").mkdir(parents=True)
    set_window(folder, 10)
    return folder


def set_window(repository, minutes):
    program(repository / ".venv/bin/python", f"#!/bin/sh\necho {minutes}\n")


def program(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def spool(tmp_path):
    program(tmp_path / "bin/crontab", CRONTAB)
    return tmp_path / "spool"


@pytest.fixture
def install(repository, tmp_path):
    def run(*arguments, of=repository):
        return subprocess.run(
            [of / "scripts/install-cron", *arguments],
            cwd="/",
            env={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
        )

    return run


def test_it_shows_the_line_and_changes_nothing(install, spool):
    done = install()
    assert done.returncode == 0
    assert done.stdout.startswith("*/10 * * * * '/")
    assert done.stdout.encode().endswith(MARK)
    assert done.stderr == "To add this line to your crontab: scripts/install-cron --yes\n"
    assert not spool.exists()


@pytest.mark.parametrize(
    "minutes, starts",
    [
        (1, "* * * * * HN_LUIGI_TIME_LIMIT=54 '/"),
        (5, "*/5 * * * * HN_LUIGI_TIME_LIMIT=270 '/"),
        (7, "*/6 * * * * HN_LUIGI_TIME_LIMIT=324 '/"),
        (25, "*/20 * * * * '/"),
        (60, "0 * * * * '/"),
        (90, "0 * * * * '/"),
        (300, "0 */4 * * * '/"),
        (1440, "0 0 * * * '/"),
    ],
)
def test_it_is_often_enough_for_the_length_of_a_window(install, repository, minutes, starts):
    set_window(repository, minutes)
    assert install().stdout.startswith(starts)


def test_what_cron_makes_of_the_line_runs(install, repository):
    program(repository / "scripts/refresh", "#!/bin/sh\necho ran\n")
    command = install().stdout.split(" ", 5)[5]
    for cron in (command.replace("\\%", "%"), command):  # Debian's, and BusyBox's
        assert subprocess.run(["sh", "-c", cron], capture_output=True).stdout == b"ran\n"
    assert "%" not in command.replace("\\%", "")


OTHERS = [
    None,
    b"",
    b"\n",
    b"MAILTO=me\n# a note\n\n5 4 * * * run \\% x\t\n",
    b"# \xff\xfe bytes\r\n* * * * * a\\\n",
    b"# */10 * * * * scripts/refresh " + MARK,
    b" \t# */10 * * * * scripts/refresh " + MARK,
]


@pytest.mark.parametrize("others", OTHERS)
def test_other_lines_stay_as_they_are(install, spool, others):
    if others is not None:
        spool.write_bytes(others)
    line = install().stdout.encode()
    assert install("--yes").returncode == 0
    assert spool.read_bytes() == (others or b"") + line
    assert "already has this line" in install("--yes").stderr
    assert spool.read_bytes() == (others or b"") + line
    assert install("--remove").returncode == 0
    assert (spool.read_bytes() if spool.exists() else b"") == (others or b"")
    assert "has no line of" in install("--remove").stderr


def test_a_last_line_without_an_end_gets_one_before_ours(install, spool):
    spool.write_bytes(b"5 4 * * * mine")
    line = install("--yes").stdout.encode()
    assert spool.read_bytes() == b"5 4 * * * mine\n" + line


def test_its_older_lines_are_replaced_in_place(install, spool, repository):
    set_window(repository, 5)
    older = install().stdout.encode()
    set_window(repository, 10)
    newer = install().stdout.encode()
    spool.write_bytes(b"a\n" + older + b"b\n#" + older + older)
    install("--yes")
    assert spool.read_bytes() == b"a\n" + newer + b"b\n#" + older


def test_another_checkout_s_line_is_another_line(install, spool, tmp_path):
    other = copy(tmp_path / "x" / HARD_TO_QUOTE)
    install("--yes", of=other)
    before = spool.read_bytes()
    install("--yes")
    assert spool.read_bytes().count(MARK) == 2
    install("--remove")
    assert spool.read_bytes() == before


def test_it_is_removed_without_a_venv(install, spool, repository):
    install("--yes")
    shutil.rmtree(repository / ".venv")
    assert install("--remove").returncode == 0
    assert not spool.exists()


def test_a_crontab_that_can_t_be_read_is_not_overwritten(install, tmp_path):
    program(tmp_path / "bin/crontab", "#!/bin/sh\necho 'you may not' >&2; touch \"$0.$1\"; exit 1")
    for argument in ("--yes", "--remove"):
        done = install(argument)
        assert done.returncode == 1
        assert "Can't read your crontab: you may not" in done.stderr
    assert [p.name for p in (tmp_path / "bin").iterdir() if p.name != "crontab"] == ["crontab.-l"]


def test_a_crontab_that_refuses_is_a_failure(install, spool, tmp_path):
    program(tmp_path / "bin/crontab", CRONTAB.replace('cp "$1" "$spool"', "exit 3"))
    done = install("--yes")
    assert done.returncode == 3
    assert "now has this line" not in done.stderr


def test_without_crontab_it_says_what_to_install(install, repository, tmp_path):
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "dirname", "env", "mktemp", "readlink", "rm", "sed", "sh"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    for argument in ("--yes", "--remove"):
        done = subprocess.run(
            [repository / "scripts/install-cron", argument],
            env={"PATH": str(tmp_path / "bin")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert "There is no crontab here: install cron (Debian: apt install cron)" in done.stderr


def test_without_a_venv_it_says_how_to_make_it(install, repository, spool):
    shutil.rmtree(repository / ".venv")
    done = install("--yes")
    assert done.returncode == 1
    assert done.stderr == "There is no .venv yet: run scripts/run once, which makes it.\n"
    assert not spool.exists()


@pytest.mark.parametrize("name", ["a\\b", "a\nb"])
def test_a_path_that_no_crontab_can_hold_is_refused(install, tmp_path, name):
    done = install("--yes", of=copy(tmp_path / name))
    assert done.returncode == 1
    assert "A crontab can't hold the path" in done.stderr


DISK = """
from datetime import timedelta
from hn_luigi.assets import Asset

class Minute(Asset):
    suffix = ".json"
    window_length = timedelta(minutes=5)

class Names(Asset):
    suffix = ".json"
    window_length = None
"""


def test_the_length_of_a_window_is_read_as_luigi_reads_it(install, repository):
    program(
        repository / ".venv/bin/python",
        f"#!/bin/sh\nPYTHONPATH='{REPOSITORY}' exec '{sys.executable}' \"$@\"\n",
    )
    (repository / "luigi.cfg").write_text("[assets]\nwindow_minutes = 30\n")
    assert install().stdout.startswith("*/30 ")
    (repository / "disk.py").write_text(DISK)
    watched = "watch = hn_luigi Wordcloud\n  disk Minute\n"
    (repository / "luigi.cfg").write_text(f"[assets]\nwindow_minutes = 30\n{watched}")
    assert install().stdout.startswith("*/5 ")
    (repository / "luigi.cfg").write_text("[assets]\nwatch = disk Names\n")
    assert install().stdout.startswith("0 0 ")
    for setting, why in (
        ("window_minutes = often", "[assets] window_minutes (--assets-window-minutes) is 'often'"),
        ("watch = disk Nothing", "[assets] watch: 'disk Nothing': there is no Nothing in disk"),
    ):
        (repository / "luigi.cfg").write_text(f"[assets]\n{setting}\n")
        done = install("--yes")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert f"Can't tell how long a window is: {why}" in line


def test_help_and_what_it_does_not_know(install):
    assert "scripts/install-cron --remove" in install("--help").stdout
    for arguments in (["--now"], ["--yes", "--remove"]):
        assert install(*arguments).returncode == 2


def test_nothing_is_left_in_the_folder_for_temporary_files(install, spool, tmp_path, monkeypatch):
    program(tmp_path / "bin/mktemp", f'#!/bin/sh\nmkdir "{tmp_path}/t" && echo "{tmp_path}/t"\n')
    install("--yes")
    assert not os.path.exists(tmp_path / "t")
