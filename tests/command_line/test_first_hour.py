"""The first hour: installed into an empty environment, run elsewhere, looked at, broken, mended.

What a command says is what the next one is taken from, as a newcomer takes it.
"""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from ..processes import PIPES, REPOSITORY, ended

SOURCES = ("hn_luigi", "LICENSE", "README.md", "pyproject.toml", "setup.cfg")
DAYS = "[assets]\nwindow_minutes = 1440"  # or a window may begin between two commands
SMALL = f"""{DAYS}

[hackernews]
base_url = API
limit = 30
attempts = 1

[cloud]
width = 300
height = 150
"""
NEITHER = shutil.ignore_patterns("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The variables of a user who has installed the package, and nothing else but what it needs.

    As after ``pipx install``: of the commands that libraries bring, such as ``luigi``, there is
    none.
    """
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:  # a copy, since a build leaves files in what it builds
        path = REPOSITORY / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=NEITHER)
        else:
            shutil.copy(path, source)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    offline = ["--no-deps", "--no-index"]
    build = ["wheel", *offline, "--no-build-isolation", "-w", folder, source]
    subprocess.run([*pip, *build], check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv/bin/python"
    subprocess.run([*pip, "--python", python, "install", *offline, wheel], check=True)
    # What it needs is taken from here, without what is installed here as editable: Python reads no
    # .pth files of such a folder.
    (site_packages,) = folder.glob("venv/lib/python3*/site-packages")
    (site_packages / "what_it_needs.pth").write_text("\n".join(site.getsitepackages()))
    return {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        "LANG": "C.UTF-8",
    }


@pytest.fixture
def elsewhere(tmp_path):
    """A folder of the user's, with nothing in it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture
def shell(environment, elsewhere):
    """What a command says that is typed there, or in a folder below it."""

    def shell(command, folder="."):
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=elsewhere / folder, env=environment, **PIPES
        )
        return ended(process)

    return shell


def hint_in(said):
    """The command that a message of one line tells to run."""
    (line,) = said.stderr.splitlines()
    return re.search(r"with (hn-luigi .*?)(, or |$)", line)[1]


@pytest.mark.slow
class TestTheFirstHour:
    def test_of_the_word_cloud(self, shell, elsewhere, api):
        done = shell("hn-luigi --version")
        assert done.stdout.startswith("hn-luigi 0.")
        assert shell("command -v luigi").returncode, "there is a luigi to lead them astray"

        # Look, before there is anything to look at: each says what to do.
        for look in ("status", "page --file cloud.html"):
            done = shell(f"hn-luigi {look}")
            assert (done.returncode, done.stdout) == (2, "")
            assert hint_in(done) == "hn-luigi run"
        assert not list(elsewhere.iterdir())

        # Run, and look again.
        (elsewhere / "luigi.cfg").write_text(SMALL.replace("API", api.base_url))
        done = shell(hint_in(done))
        assert (done.returncode, done.stdout) == (0, f"{elsewhere}/data/top/wordcloud/latest.md\n")
        made = re.findall(r"^Made (\S+) of .* in .*: its output is missing$", done.stderr, re.M)
        assert made == ["top/story_ids", "top/stories", "top/wordcloud"]
        assert shell("hn-luigi status").stdout.count(" current ") == 3
        assert shell("hn-luigi page --file cloud.html").returncode == 0
        assert (elsewhere / "cloud.html").read_text().startswith("<!doctype html>")

        # Break it: a typing error in a setting, then an address where nobody answers.
        config = (elsewhere / "luigi.cfg").read_text()
        (elsewhere / "luigi.cfg").write_text(config.replace("limit = 30", "limit = many"))
        done = shell("hn-luigi run")
        assert done.returncode == 2
        assert done.stderr.startswith("hn-luigi: [hackernews] limit (--hackernews-limit) is 'many'")
        (elsewhere / "luigi.cfg").write_text(config.replace(api.base_url, "http://127.0.0.1:1"))
        assert shell("hn-luigi invalidate top/story_ids").returncode == 0
        done = shell("hn-luigi run --hackernews-deadline 1")
        assert (done.returncode, done.stdout) == (30, "")
        last = done.stderr.splitlines()[-1]
        assert re.match(r"hn-luigi: top/story_ids of .* failed: Unavailable: can't read http", last)
        assert "check the network and [hackernews] base_url" in last
        assert "Traceback" not in done.stderr
        assert (elsewhere / "data/top/wordcloud/latest.md").exists()
        assert "failed top/story_ids of " in shell("hn-luigi status").stdout

        # Mend it, as it says.
        (elsewhere / "luigi.cfg").write_text(config)
        assert shell("hn-luigi run").returncode == 0
        told = shell("hn-luigi status").stdout
        assert told.count(" current ") == 3
        assert "failed" not in told

    def test_of_a_graph_of_one_s_own(self, shell, elsewhere):
        done = shell("hn-luigi new disk_watch")
        assert done.returncode == 0
        go_there, run = [line.strip() for line in done.stdout.splitlines()[-2:]]
        folder = go_there.removeprefix("cd ")
        config = elsewhere / folder / "luigi.cfg"
        config.write_text(config.read_text().replace("[assets]", DAYS))

        # Look, run, look.
        assert hint_in(shell("hn-luigi status", folder)) == run
        done = shell(run, folder)
        assert done.returncode == 0
        assert "of the disk is used" in Path(done.stdout.strip()).read_text()
        assert shell("hn-luigi status", folder).stdout.count(" current ") == 2
        assert shell("python -m pytest -q", folder).returncode == 0

        # Break the second step, and read why.
        module = elsewhere / folder / "disk_watch.py"
        whole = module.read_text()
        module.write_text(whole.replace("usage['total']", "usage['size']"))
        told = shell("hn-luigi explain disk_report", folder).stdout
        assert "would be made: its code changed" in told
        done = shell(run, folder)
        assert done.returncode == 30
        *traceback, last = done.stderr.splitlines()
        assert re.match(r"hn-luigi: disk_report of .* failed: KeyError: 'size'$", last)
        assert any("disk_watch.py" in line for line in traceback)
        assert shell("python -m pytest -q", folder).returncode == 1

        # So much that it can't be imported.
        module.write_text(f"{whole}\n)")
        done = shell("hn-luigi status", folder)
        assert done.returncode == 2
        assert re.match(r"hn-luigi: \[assets\] watch: 'disk_watch DiskReport': ", done.stderr)
        assert "SyntaxError" in done.stderr

        # Mend it; the first step isn't made again for it.
        module.write_text(whole)
        done = shell(run, folder)
        assert done.returncode == 0
        assert "Made disk_usage" not in done.stderr
        assert shell("hn-luigi status", folder).stdout.count(" current ") == 2
