"""What README shows works as printed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import get_type_hints

import pytest

from hn_luigi.assets.catalog.failure import Failure
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.parameters.sections import SECTIONS
from hn_luigi.cli import cli
from hn_luigi.replica import Replica, bundled_front_page

from .processes import PIPES, REPOSITORY, Forked, ended

README = (REPOSITORY / "README.md").read_text()


def blocks(language, since=""):
    """Code of that language, in README or from a heading of it on."""
    _, found, rest = README.partition(since) if since else ("", "all", README)
    assert found, f"README has no {since!r}"
    return re.findall(rf"```{language}\n(.*?)```", rest, re.DOTALL)


def test_each_setting_is_in_the_table_with_its_default_and_description():
    rows = re.findall(r"^\| `\[(\w+)\] (\w+)` \| (.*?) \| (.*?) \|$", README, re.MULTILINE)
    told = {(section, name): (default, text) for section, name, default, text in rows}
    ours = [section for section in SECTIONS if section.__module__.startswith("hn_luigi")]
    real = {
        (section.__name__, name): (
            f"`{parameter._default}`" if parameter._default else "",
            parameter.description.partition(" Default: ")[0],
        )
        for section in ours
        for name, parameter in section.get_params()
    }
    assert told == real


def test_nothing_in_it_is_left_to_fill_in():
    assert re.findall(r"\b[A-Z]+_OF_[A-Z]+\b|TODO|TBD", README) == []


def test_every_path_and_picture_it_names_exists():
    named = re.findall(r"\]\((?!http|#)([^)]+)\)|`((?:scripts|hn_luigi|\.ci)/[\w./]+)`", README)
    assert len(named) > 5
    assert [p for pair in named for p in pair if p and not (REPOSITORY / p).exists()] == []


def commands(start):
    lines = [line for block in blocks("console") for line in block.splitlines()]
    ours = [line.removeprefix("$ ") for line in lines if line.startswith(f"$ {start}")]
    return [line for line in ours if "s3://" not in line]  # those run in tests/assets/storage


MAKE, *OTHERS = commands("luigi --module hn_luigi Wordcloud")


def run_as_reader(folder, command):
    """Has a shell in ``folder`` run it as it is printed, with what an installation gives alone."""
    environment = {**os.environ, "TMPDIR": str(folder)}  # where Luigi keeps locks by command line
    environment["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for name in ("PYTHONPATH", "LUIGI_CONFIG_PATH"):
        environment.pop(name, None)
    done = ended(subprocess.Popen(["bash", "-c", command], cwd=folder, env=environment, **PIPES))
    assert done.returncode == 0, done.stderr
    return done


def run_in(folder, command):
    modules = {"luigi": "luigi", "hn-luigi": "hn_luigi.cli"}
    name, *arguments = shlex.split(command)
    words = [sys.executable, "-m", modules[name], *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = ended(Forked(words, cwd=folder, env=environment))
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def made(forkserver, tmp_path_factory):
    """A folder with the shipped configuration, and what README's first command makes there."""
    folder = tmp_path_factory.mktemp("made")
    config = (REPOSITORY / "luigi.cfg").read_text()
    with Replica(bundled_front_page()) as api:
        config = config.replace("[hackernews]", f"[hackernews]\nbase_url = {api.base_url}")
        (folder / "luigi.cfg").write_text(config)
        run_as_reader(folder, MAKE)
        yield folder


@pytest.fixture
def shell(made, tmp_path):
    """Runs a command of README's in a copy of that folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return partial(run_in, tmp_path)


@pytest.mark.parametrize("command", [line for line in OTHERS if "base-url" not in line])
def test_its_commands_run_as_printed(command, shell, tmp_path):
    assert "INFO: Making Wordcloud" in shell(command).stderr
    assert list(tmp_path.glob("data/*/wordcloud/latest.md"))


def test_its_commands_to_look_after_it_run_as_printed(shell, tmp_path):
    told = [*commands("hn-luigi"), *re.findall("^\\| `(hn-luigi .*?)` \\|", README, re.MULTILINE)]
    run_as_reader(tmp_path, commands("hn-luigi status")[0])
    assert {line.split()[1] for line in told} == set(cli.commands) - {"serve"}  # it never ends
    for command in dict.fromkeys(told):
        assert shell(command).stdout


def test_its_range_remakes_the_stale_pages_it_names(shell, tmp_path):
    (command,) = commands("luigi --module hn_luigi RangeByMinutes")
    (page,) = tmp_path.glob("data/top/wordcloud/2*.md")
    for path in list(tmp_path.glob(f"data/**/{page.stem}.*")):
        for minutes in range(0, 60, 10):
            past = f"2026-11-21T06{minutes:02}Z"
            copied = path.with_name(path.name.replace(page.stem, past))
            shutil.copy2(path, copied)
            if "_records" in path.parts:
                copied.write_text(path.read_text().replace(page.stem, past))
    stop = datetime(2026, 11, 21, 7, tzinfo=UTC).timestamp()
    log = shell(f"{command} --cloud-width 400 --cloud-height 200 --now {stop:.0f}").stderr
    assert re.findall("INFO: Making ([A-Za-z]+)", log) == ["Wordcloud"] * 6


WALK = blocks("python", since="\n## From a script")


@pytest.mark.slow
class TestTheWalk:
    @pytest.fixture
    def walk(self, tmp_path, monkeypatch):
        """Runs the first ``count`` blocks of the walk in an empty folder, against the replica."""
        monkeypatch.chdir(tmp_path)

        def run(count, api):
            names = {"__name__": "walk"}
            for block in WALK[:count]:
                exec(block.replace("https://hacker-news.firebaseio.com/v0", api.base_url), names)
            return names

        return run

    def test_the_script_is_as_long_as_it_says(self):
        assert len(WALK[0].splitlines()) <= 30

    def test_the_script_makes_a_picture(self, walk, replica, tmp_path):
        names = walk(1, replica)
        names["load"](names["transform"](names["extract"]()))
        assert (tmp_path / "cloud.png").read_bytes().startswith(b"\x89PNG")

    @pytest.mark.parametrize("step", [2, 3])
    def test_one_task_is_done_once(self, walk, replica, succeed, tmp_path, step):
        cloud = walk(step, replica)["Cloud"]
        succeed(cloud())
        asked = len(replica.requests)
        succeed(cloud())
        assert (tmp_path / "cloud.png").exists()
        assert len(replica.requests) == asked == 31

    @pytest.mark.parametrize("step", [4, 5])
    def test_a_window_is_made_once(self, walk, replica, succeed, tmp_path, clock, step):
        cloud = walk(step, replica)["Cloud"]
        succeed(cloud(as_of=clock()))
        (picture,) = tmp_path.glob("clouds/2026-11-22T1230Z.png")
        asked = len(replica.requests)
        picture.unlink()
        succeed(cloud(as_of=clock()))
        assert len(replica.requests) - asked == (0 if step == 5 else 31)

    def test_at_its_end_it_is_on_the_layer(self, walk, replica, succeed, root, clock):
        names = walk(7, replica)
        succeed(names["Cloud"]())
        assert (root / "cloud/latest.png").read_bytes().startswith(b"\x89PNG")
        names["test_a_cloud_is_a_picture"]()


STEPS, STEPS_TEST = blocks("python", since="\n## Put your own steps")


class TestYourOwnSteps:
    @pytest.fixture
    def steps(self, tmp_path, monkeypatch):
        """The folder with disk.py in it, as README prints it."""
        (tmp_path / "disk.py").write_text(STEPS)
        return tmp_path

    def test_they_are_short(self):
        lines = [line for line in STEPS.splitlines() if line]
        assert len(lines) < 25
        assert len(STEPS_TEST.splitlines()) == 3

    @pytest.mark.slow
    def test_they_run_in_their_folder_as_printed_and_do_nothing_twice(self, steps):
        (command,) = commands("python -m luigi --module disk")
        first = run_as_reader(steps, command).stderr
        assert (steps / "data/disk_report/latest.md").read_text().endswith("is used.\n")
        (page,) = steps.glob("data/disk_report/2*.md")
        again = run_as_reader(steps, f"{command} --as-of {page.stem}").stderr
        assert [log.count("INFO: Making") for log in (first, again)] == [2, 0], first + again

    def test_with_the_shipped_configuration_they_need_no_flags(self, steps):
        shutil.copy(REPOSITORY / "luigi.cfg", steps)
        (command,) = commands("python -m luigi --module disk")
        run_as_reader(steps, command.partition(" --local-scheduler")[0])
        assert (steps / "data/disk_report/latest.md").exists()

    def test_the_test_of_a_step_passes(self, steps, monkeypatch):
        names = {"__name__": "disk"}
        exec(STEPS + STEPS_TEST, names)
        names["test_the_report_names_the_share"]()


def test_each_key_of_a_record_is_told():
    _, _, told = README.partition("## Records")
    keys = re.findall(r"^\| (`.*?) \|", told.partition("\n## ")[0], re.MULTILINE)
    assert {k for row in keys for k in re.findall("`(\\w+)`", row)} == set(get_type_hints(Record))
    for name in get_type_hints(Failure).keys() - {"version"}:
        assert f"`{name}`" in told
