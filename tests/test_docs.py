"""What the documents show works as printed, and what they say can be checked is so."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import types
from configparser import ConfigParser
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import get_type_hints

import luigi
import luigi.notifications
import pandas as pd
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, errors
from hn_luigi.assets.catalog.failure import Failure
from hn_luigi.assets.catalog.record import Record
from hn_luigi.assets.definition_checks import OFFERED
from hn_luigi.assets.formats.format import FORMATS, decode, encode
from hn_luigi.assets.parameters.sections import SECTIONS
from hn_luigi.assets.staleness.evaluate import Category
from hn_luigi.cli import cli
from hn_luigi.display import export_html
from hn_luigi.replica import Replica, bundled_front_page

from .documents import (
    ASSETS,
    DOCUMENTS,
    FRONT,
    INSIDE,
    OPERATE,
    STORAGE,
    blocks,
    commands,
    prose_of,
    section,
    text_of,
)
from .foreign.site import ended as ended_run
from .foreign.site import press, served
from .limits import patience
from .processes import PIPES, REPOSITORY, Forked, ended, wait_until

ALL = "\n".join(map(text_of, DOCUMENTS))
TWO_SCREENS = 120  # lines


def test_these_are_all_the_documents():
    folders = ("", "scripts", ".github", "hn_luigi", "tests")
    found = {p.relative_to(REPOSITORY).as_posix() for f in folders for p in _documents_in(f)}
    others = {"CHANGELOG.md", "hn_luigi/cli/template/README.md"}  # the latter of another project
    assert found - others == set(DOCUMENTS)


def _documents_in(folder):
    return (REPOSITORY / folder).glob("**/*.md" if folder else "*.md")


@pytest.mark.parametrize("document", DOCUMENTS)
class TestADocument:
    def test_begins_with_what_it_is_for(self, document):
        title, _, purpose, *_ = text_of(document).split("\n")
        assert title.startswith("# ")
        assert re.match(r"[A-Z]\w* ", purpose)  # and no list, code or heading
        assert document == FRONT or purpose.startswith("This is for ")

    def test_has_a_list_of_its_contents_if_it_is_long(self, document):
        listed = re.findall(r"^- \[(.*)\]\(#(.*)\)$", prose_of(document), re.MULTILINE)
        headings = re.findall("^## (.*)$", prose_of(document), re.MULTILINE)
        is_long = len(text_of(document).splitlines()) > TWO_SCREENS
        if listed or (is_long and document != FRONT):
            named = [(name, _anchor(name)) for name in headings if name != "Contents"]
            assert [(_unmarked(name), anchor) for name, anchor in listed] == named

    def test_has_no_dead_link(self, document):
        links = re.findall(r"\]\((?!https?:)([^)]+)\)", prose_of(document))
        assert links
        assert [link for link in links if not _leads_somewhere(link, document)] == []

    def test_names_only_paths_that_exist(self, document):
        named = re.findall(r"`((?:scripts|hn_luigi|tests|\.ci)/[\w./]+)[` ]", prose_of(document))
        assert [path for path in named if not (REPOSITORY / path).exists()] == []

    def test_leaves_nothing_to_fill_in(self, document):
        assert re.findall(r"\b[A-Z]+_OF_[A-Z]+\b|TODO|TBD", text_of(document)) == []

    def test_says_nothing_that_another_says(self, document):
        others = {said for d in DOCUMENTS if d != document for said in _sentences(d)}
        assert [said for said in _sentences(document) if said in others] == []


def _anchor(heading):
    """As GitHub makes one of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _unmarked(name):
    return name.replace("`", "")


def _leads_somewhere(link, document):
    path, _, anchor = link.partition("#")
    target = (REPOSITORY / document).parent / path if path else REPOSITORY / document
    if not target.exists() or not anchor:
        return target.exists()
    name = target.resolve().relative_to(REPOSITORY).as_posix()
    return anchor in map(_anchor, re.findall("^#+ (.*)$", prose_of(name), re.MULTILINE))


def _sentences(document):
    """What is long enough to be no chance: sentences, cells of tables, lines of code."""
    parts = re.split(r"(?<=[.:;]) |\||\n", text_of(document))
    return {part.strip() for part in parts if len(part.strip()) > 35}


def test_what_is_said_to_be_in_a_file_is_there():
    told = re.findall(r"`(\w+)` in `([\w/]+\.py)`", text_of(INSIDE))
    assert len(told) > 15
    code = {path: (REPOSITORY / "hn_luigi" / path).read_text() for _, path in told}
    assert [
        at for at in told if not re.search(rf"(def|class) {at[0]}\b|^{at[0]}\b", code[at[1]], re.M)
    ] == []


def test_the_walk_to_a_run_names_what_is_there():
    named = re.findall(r"`(\w+)`", section(INSIDE, "From a freshness policy to a run"))
    rooms = [REPOSITORY / "hn_luigi" / room for room in ("refresh", "watchlist", "web")]
    code = "\n".join(path.read_text() for room in rooms for path in room.glob("*.py"))
    assert [name for name in named if not re.search(rf"(def|class) {name}\b", code)] == []


def test_the_front_page_is_short():
    assert len(text_of(FRONT).splitlines()) <= 160


def test_each_setting_is_in_the_table_with_its_default_and_description():
    rows = re.findall(r"^\| `\[(\w+)\] (\w+)` \| (.*?) \| (.*?) \|$", ALL, re.MULTILINE)
    told = {(where, name): (default, text) for where, name, default, text in rows}
    ours = [config for config in SECTIONS if config.__module__.startswith("hn_luigi")]
    real = {
        (config.__name__, name): (
            f"`{parameter._default}`" if parameter._default else "",
            parameter.description.partition(" Default: ")[0],
        )
        for config in ours
        for name, parameter in config.get_params()
    }
    assert told == real


def test_each_setting_of_an_example_is_one_that_is_read():
    config = ConfigParser(interpolation=None, strict=False)
    for block in blocks("ini", ALL):
        if "[Unit]" not in block:  # of systemd's
            config.read_string(block)
    assert len(config.sections()) > 5
    read = {s.__name__: s for s in (*SECTIONS, luigi.notifications.email, luigi.notifications.smtp)}
    read["core"] = luigi.interface.core
    for name in config.sections():
        assert set(config[name]) <= {each for each, _ in read[name].get_params()}, name


UNITS = re.findall(
    r"`[^`]*/(hn_luigi\.(?:service|timer))`:\n\n```ini\n(.*?)^```$",
    text_of(OPERATE),
    re.DOTALL | re.MULTILINE,
)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
@pytest.mark.parametrize("manager, units", [("--user", UNITS[2:]), ("--system", UNITS[:2])])
def test_systemd_has_nothing_to_say_of_the_units(manager, units, tmp_path):
    """It exits with 0 although it ignores a line, and says so."""
    assert units
    repository = tmp_path / "my news"
    for name in ("scripts/refresh", ".venv/bin/hn-luigi"):
        (program := repository / name).parent.mkdir(parents=True)
        program.symlink_to("/bin/true")
    for name, unit in units:
        (tmp_path / name).write_text(unit.replace("/srv/hn_luigi", str(repository)))
    command = ["systemd-analyze", "verify", "--man=no", manager]
    done = ended(
        subprocess.Popen(
            [*command, *(tmp_path / name for name, _ in units)],
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
            **PIPES,
        )
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_each_exit_code_is_told():
    told = re.findall(r"^\| ([\d, ]+) \|", section(OPERATE, "Exit codes"), re.MULTILINE)
    config = ConfigParser()
    config.read(REPOSITORY / "luigi.cfg")
    codes = {int(code) for row in told for code in row.split(",")}
    assert set(map(int, config["retcode"].values())) <= codes
    source = (REPOSITORY / "scripts/refresher/troubles.py").read_text()
    (own,) = re.findall(r"^LATE, HAMPERED, LOCKED, TIMED_OUT = (.*)$", source, re.MULTILINE)
    assert set(map(int, own.split(","))) <= codes


def test_each_thing_that_a_step_declares_is_told():
    rows = re.findall(r"^\| `(\w+)(?:\(\))?` \|", section(ASSETS, "What a step can declare"), re.M)
    assert set(rows) == OFFERED - {"as_of", "compute", "on_failure"}


def test_each_error_of_the_layer_is_told():
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    names = {kind.__name__ for kind in kinds if issubclass(kind, errors.AssetError)}
    assert {name for name in names if f"`{name}`" not in section(ASSETS, "Errors")} == set()


def test_each_category_of_a_cause_is_told():
    told = re.search("`category` .*?, one of (.*?), of", section(OPERATE, "Monitor"))
    assert re.findall(r"`(\w+)`", told[1]) == [category.value for category in Category]


ELSEWHERE = {
    ".venv/bin/python -m ruff check --config .ci/ruff.toml .": (".ci/run", "-m ruff check"),
    ".venv/bin/python -m ruff format --check": (".ci/run", "-m ruff format --check"),
    ".venv/bin/python -m mypy": (".ci/run", "-m mypy"),
    ".venv/bin/lint-imports": (".ci/run", "/bin/lint-imports"),
    "LUIGI_CONFIG_PATH=scripts/central.cfg": (
        "tests/command_line/test_central.py",
        "central.cfg",
    ),
    "aws s3": ("tests/assets/storage/test_moving.py", '"aws"'),
    "hn-luigi --storage-root s3://": ("tests/assets/storage/test_moving.py", '"verify"'),
    "rclone": ("tests/assets/storage/test_moving.py", '"rclone"'),
    "podman": ("tests/test_container.py", "podman run"),
    "scripts/install-cron": ("tests/test_install_cron.py", "install-cron"),
    "scripts/run": ("tests/test_scripts.py", 'script("run"'),
    "scripts/scheduler": ("tests/test_scripts.py", 'script("scheduler"'),
    "scripts/test": ("tests/test_scripts.py", 'script("test"'),
}
"""Commands that aren't run here, by how they begin: what runs them, and how they show in that."""
HERE = (".venv/bin/hn-luigi run", "flock", "hn-luigi", "luigi --module hn_luigi", "python -m")


def test_each_command_is_run_somewhere():
    assert [c for c in commands() if not c.startswith((*HERE, *ELSEWHERE))] == []
    for start, (path, name) in ELSEWHERE.items():
        assert commands(start), start
        assert name in (REPOSITORY / path).read_text(), (start, path)


MAKE, *OTHERS = commands("luigi --module hn_luigi Wordcloud", OPERATE)


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
    """A folder with the shipped configuration, and what the first command makes there."""
    folder = tmp_path_factory.mktemp("made")
    config = (REPOSITORY / "luigi.cfg").read_text()
    with Replica(bundled_front_page()) as api:
        config = config.replace("[hackernews]", f"[hackernews]\nbase_url = {api.base_url}")
        (folder / "luigi.cfg").write_text(config)
        run_as_reader(folder, MAKE)
        yield folder


@pytest.fixture
def shell(made, tmp_path):
    """Runs a command in a copy of that folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return partial(run_in, tmp_path)


@pytest.mark.parametrize("command", [line for line in OTHERS if "base-url" not in line])
def test_its_commands_run_as_printed(command, shell, tmp_path):
    assert "INFO: Making Wordcloud" in shell(command).stderr
    assert list(tmp_path.glob("data/*/wordcloud/latest.md"))


def test_its_commands_to_look_after_it_run_as_printed(shell, tmp_path):
    ours = [document for document in DOCUMENTS if document != ASSETS]  # which has another graph
    printed = commands("hn-luigi", *ours)
    printed = [line for line in printed if "/backup" not in line and "://" not in line]
    told = [*printed, *re.findall("^\\| `(hn-luigi .*?)` \\|", ALL, re.MULTILINE)]
    shell("hn-luigi run --watch 'hn_luigi Digest' --as-of latest")  # as scripts/run says
    run_as_reader(tmp_path, commands("hn-luigi status")[0])
    assert {line.split()[1] for line in told} == set(cli.commands) - {"serve"}  # it never ends
    page = tmp_path / "data/top/wordcloud"
    records = tmp_path / "data/_records/top/wordcloud"
    for folder in (page, records):  # as if a class had been called OldName
        shutil.copytree(folder, folder.with_name("old_name"))
    for path in (records.with_name("old_name")).iterdir():
        path.write_text(path.read_text().replace("top/wordcloud", "top/old_name"))
    for command in dict.fromkeys(told):
        asks = "--folder" in command
        assert shell(f"{command} --yes" if asks else command).stdout


@pytest.mark.slow
def test_its_words_of_all_months_are_counted_as_printed(shell, tmp_path):
    (command,) = commands(".venv/bin/hn-luigi run", FRONT)
    (make,) = re.findall(r"`\.venv/bin/python (\S+) (/\S+) --stories \d+`", text_of(FRONT))
    script, folder = make
    few = ["--stories", "12000", "--months", "24"]
    subprocess.run([sys.executable, REPOSITORY / script, tmp_path / "months", *few], check=True)
    shell(command.removeprefix(".venv/bin/").replace(folder, f"{tmp_path}/months"))
    page = (tmp_path / "data/word_history_page/latest.md").read_text()
    assert "Months: 24" in page
    assert "Not drawn" not in page


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


def test_its_backup_is_whole_and_can_be_used(shell, made, tmp_path):
    copy, verify = commands("flock"), commands("hn-luigi verify --storage-root /backup")
    (backup := tmp_path / "backup/data").mkdir(parents=True)
    for command in (*copy, *verify):
        done = run_as_reader(tmp_path, command.replace("/backup/data", str(backup)))
    assert done.stdout == "3 outputs match their records\n"


def test_each_metric_is_told(shell, tmp_path):
    printed = set(re.findall(r"^(hn_luigi_asset_\w+)\{", shell("hn-luigi metrics").stdout, re.M))
    told = re.findall(r"^\| (`hn_luigi_asset.*?) \|", section(OPERATE, "Monitor"), re.M)
    assert {name for row in told for name in re.findall(r"`(\w+)`", row)} == printed
    (rules,) = blocks("yaml", section(OPERATE, "Monitor"))
    assert set(re.findall(r"hn_luigi_asset_\w+", rules)) <= printed


def test_without_hacker_news_its_commands_read_the_replica(shell, tmp_path):
    serve, read = commands("python -m hn_luigi.replica"), commands("luigi --module", OPERATE)
    (read,) = [command for command in read if "--hackernews-base-url" in command]
    words = [sys.executable, *shlex.split(serve[0].replace("8080", "0"))[1:]]
    with subprocess.Popen(words, cwd=tmp_path, **PIPES) as replica:
        try:
            address = replica.stdout.readline().split()[-1]
            assert address.startswith("http://127.0.0.1:")
            shell(read.replace("http://127.0.0.1:8080/v0", address))
        finally:
            replica.terminate()
            replica.communicate(timeout=patience())
    assert (tmp_path / "try/top/wordcloud/latest.md").exists()


*WALK, WALK_TEST = blocks("python", section(ASSETS, "From a script to the layer"))


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
        names = walk(len(WALK), replica)
        exec(WALK_TEST, names)
        succeed(names["Cloud"]())
        assert (root / "cloud/latest.png").read_bytes().startswith(b"\x89PNG")
        names["test_a_cloud_is_a_picture"]()


STEPS, STEPS_TEST = blocks("python", section(ASSETS, "Put your own steps on it"))


class TestYourOwnSteps:
    @pytest.fixture
    def steps(self, tmp_path, monkeypatch):
        """The folder with disk.py in it, as it is printed."""
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


LOOKED_AFTER = section(ASSETS, "Look after your own steps")
AT_12_34 = """
import datetime
from hn_luigi.assets import window
window.now = lambda: datetime.datetime(2026, 11, 22, 12, 34, 56)
"""


def run_at_12_34(folder, command):
    """Runs ``hn-luigi``, whatever the time is."""
    name, *words = shlex.split(command)
    assert name == "hn-luigi"
    code = f"{AT_12_34}\nfrom hn_luigi.cli import main\nmain({words})"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    argv = [sys.executable, "-c", code]
    done = ended(subprocess.Popen(argv, cwd=folder, env=environment, **PIPES))
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.slow
class TestLookingAfterYourOwnSteps:
    @pytest.fixture
    def disk(self, tmp_path):
        """The folder with disk.py in it, and the luigi.cfg that is printed."""
        (config,) = blocks("ini", LOOKED_AFTER)
        assert len(config.splitlines()) == 2
        (tmp_path / "luigi.cfg").write_text(config)
        (tmp_path / "disk.py").write_text(STEPS)
        return tmp_path

    def test_each_command_says_what_is_printed(self, disk):
        (block,) = blocks("console", LOOKED_AFTER)
        for told in block.removeprefix("$ ").split("\n$ "):
            command, *lines = told.splitlines()
            done = run_at_12_34(disk, command)
            said = f"{done.stderr}\n{done.stdout}".splitlines()
            assert sorted(map(shape_of, filter(None, said))) == sorted(map(shape_of, lines))

    def test_each_command_is_there_but_what_never_ends_or_begins(self):
        there = {line.split()[1] for line in re.findall("`?(hn-luigi [a-z]+)", LOOKED_AFTER)}
        assert there == set(cli.commands)

    def test_each_page_is_there(self, disk):
        run_at_12_34(disk, "hn-luigi run")
        told = re.findall(r"^\| `(/.*?)` \|", LOOKED_AFTER, re.MULTILINE)
        with served(disk, AT_12_34) as client:
            run = press(client, "/assets/disk_report")
            wait_until(lambda: ended_run(client, run))
            assert run in client.get("/runs").text
            assert {path: client.get(path).status for path in told} == dict.fromkeys(told, 200)


def shape_of(line):
    """A line without what differs from run to run: times, sizes, versions, folders, columns."""
    line = re.sub(r"20\d\d-\d\d-\d\d( \d\d:\d\d)?|\b[0-9a-f]{10}\b", "…", line)
    line = re.sub(r"\b\d+(\.\d+)? (ms|s|B)\b|/\S*(?=/data)", "…", line)
    return " ".join(line.split())


(NAMES,) = blocks("python", section(ASSETS, "Windows and captures"))


def test_a_table_without_windows_is_made_once_for_what_is_made_from_it(clock, succeed, root):
    names = {"__name__": "disk"}
    exec(STEPS + NAMES, names)
    for _ in range(2):
        succeed(names["DiskCaption"]())
        clock.advance(minutes=10)
    assert (root / "disk_names/disk_names.json").is_file()
    captions = [path.read_text() for path in (root / "disk_caption").iterdir()]
    assert len(captions) == 2
    assert all(text.endswith("bytes are free on the system disk.\n") for text in captions)


(ROLL_UPS,) = blocks("python", section(ASSETS, "Several windows in one"))


class TestSeveralWindowsInOne:
    @pytest.fixture
    def disk(self, tmp_path, monkeypatch):
        """The module disk with both parts of it, as they are printed."""
        (tmp_path / "disk.py").write_text(f"{STEPS}\n\n{ROLL_UPS}")
        monkeypatch.syspath_prepend(tmp_path)
        yield importlib.import_module("disk")
        del sys.modules["disk"]

    def test_a_day_s_peak_is_made_from_its_windows_and_a_week_from_its_days(
        self, disk, clock, succeed, root
    ):
        usage = SimpleNamespace(_asdict=lambda: {"used": 7_000, "free": 1, "total": 7_001})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("disk.shutil.disk_usage", lambda path: usage)
            for used in (7_000, 9_000, 8_000):
                usage._asdict = lambda used=used: {"used": used, "free": 0, "total": used}
                succeed(disk.DiskWeek())
                clock.advance(hours=12)
        week = (root / "disk_week/2026-11-23T0000Z.md").read_text()
        assert week == "- 22 November: 7,000 bytes\n- 23 November: 9,000 bytes\n"


SHOWN, SHOWN_TEST = blocks("python", section(ASSETS, "How it is shown"))


def test_a_step_of_the_example_is_shown_as_it_says(clock, succeed):
    names = {"__name__": "disk"}
    exec(STEPS + SHOWN + SHOWN_TEST, names)
    names["test_the_free_space_is_shown_with_its_reason"]()
    asset = names["DiskFree"]()
    succeed(asset)
    html = export_html(asset)
    assert re.search(r"<strong>[\d,]+ bytes</strong> are free: <a href=\"#detail-0\">", html)
    assert re.search(r"Of [\d,]+ bytes, [\d,]+ are used\.", html)


(CSV,) = blocks("python", section(ASSETS, "Formats"))


def test_the_format_of_the_example_gives_back_what_it_stores(monkeypatch):
    monkeypatch.setitem(FORMATS, ".csv", None)
    exec(CSV, {"__name__": "csv_format"})
    frame = pd.DataFrame({"city": ["Paris", "Oslo"], "degrees": [21, 12]})
    data = encode(".csv", frame, what="weather")
    pd.testing.assert_frame_equal(decode(".csv", data, what="weather"), frame)


CHECKS, PANDERA = blocks("python", section(ASSETS, "Checks"))


class TestChecksOfTheExample:
    @pytest.fixture
    def weather(self):
        """The class in a block, and what its step reads."""

        def define(block, frame):
            names = {"__name__": "weather", "Asset": Asset, "read_weather": lambda: frame[0]}
            exec(block, names)
            return names["Weather"]

        return define

    def test_they_refuse_and_warn(self, weather, build, succeed, root, clock):
        good = pd.DataFrame({"city": ["Ulm", "Oslo"], "kelvin": [280.0, 290.0]})
        good["city"] = good["city"].astype("string")
        read = [good]
        kind = weather(CHECKS, read)
        succeed(kind())
        clock.advance(minutes=10)
        for change in ({"kelvin": -1.0}, {"kelvin": None}, {"city": "Ulm"}, {"kelvin": 280}):
            read[0] = good.assign(**change)
            assert build(kind()).status is LuigiStatusCode.FAILED
        read[0] = good.assign(kelvin=280.0)
        succeed(kind())
        assert list(kind().partition.record().warnings) == ["not_all_alike"]

    def test_what_validates_fits_as_it_is(self, weather, build, succeed, monkeypatch):
        monkeypatch.setitem(sys.modules, "pandera", types.ModuleType("pandera"))
        monkeypatch.setitem(sys.modules, "pandera.pandas", PanderasDouble("pandera.pandas"))
        read = [pd.DataFrame({"city": ["Ulm"], "kelvin": [280.0]})]
        kind = weather(PANDERA, read)
        succeed(kind())
        read[0] = read[0].assign(kelvin=-1.0)
        (path := Path(kind().output().path)).unlink()
        assert build(kind()).status is LuigiStatusCode.FAILED
        assert not path.exists()


class PanderasDouble(types.ModuleType):
    """Its signatures, and that ``validate`` returns the frame or raises (pandera 0.35)."""

    class Check:
        ge = staticmethod(lambda least: lambda column: (column >= least).all())

    class Column:
        def __init__(self, dtype, check=lambda column: True):
            self.check = check

    class DataFrameSchema:
        def __init__(self, columns):
            self.columns = columns

        def validate(
            self, check_obj, head=None, tail=None, sample=None, random_state=None, lazy=False,
            inplace=False,
        ):  # fmt: skip
            for name, column in self.columns.items():
                if not column.check(check_obj[name]):
                    raise ValueError(f"Column '{name}' failed its check")
            assert head is None
            return check_obj.copy()


def test_all_python_code_is_run():
    reading = [code for code in blocks("python", text_of(STORAGE)) if "pd.read_parquet(" in code]
    run = [*WALK, WALK_TEST, STEPS, STEPS_TEST, NAMES, ROLL_UPS, CSV, CHECKS, PANDERA]
    run += [SHOWN, SHOWN_TEST, *reading]  # the last in tests/assets/storage
    run += blocks("python", section(ASSETS, "Load into a database"))  # in tests/assets
    run += blocks("python", section(ASSETS, "Compute on Spark"))  # in tests/spark
    assert sorted(blocks("python", ALL)) == sorted(run)


def test_each_key_of_a_record_is_told():
    keys = re.findall(r"^\| (`.*?) \|", section(ASSETS, "Records"), re.MULTILINE)
    assert {k for row in keys for k in re.findall("`(\\w+)`", row)} == set(get_type_hints(Record))
    for name in get_type_hints(Failure).keys() - {"version"}:
        assert f"`{name}`" in section(ASSETS, "Failed attempts")
