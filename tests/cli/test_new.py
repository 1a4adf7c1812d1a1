"""``hn-luigi new`` writes a project that works as it is, or nothing."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from ..processes import PIPES, REPOSITORY, ended

FILES = ["README.md", "luigi.cfg", "my_pipeline.py", "test_my_pipeline.py"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The present folder, which is empty."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class TestAProject:
    def test_is_a_module_its_test_a_configuration_and_ten_lines_to_read(self, say, folder):
        said = say("new my_pipeline")
        assert (said.code, said.err) == (0, "")
        assert said.lines[0] == f"Written: {folder}/my_pipeline"
        assert said.lines[-2:] == ["  cd my_pipeline", "  hn-luigi run"]
        assert names(folder) == ["my_pipeline"]
        assert names(folder / "my_pipeline") == FILES
        assert len((folder / "my_pipeline/README.md").read_text().splitlines()) == 10

    def test_is_called_as_its_author_likes(self, say, folder):
        assert say(f"new {folder}/deep_down").code == 0
        written = {path.name: path.read_text() for path in (folder / "deep_down").iterdir()}
        assert sorted(written) == ["README.md", "deep_down.py", "luigi.cfg", "test_deep_down.py"]
        assert "\n    deep_down DiskReport\n" in written["luigi.cfg"]
        assert "\nfrom deep_down import DiskReport\n" in written["test_deep_down.py"]
        assert not re.search("my_pipeline|template", "".join(written.values()))

    def test_is_for_whoever_may_read_the_folder_it_is_in(self, say, folder):
        before = os.umask(0o022)
        try:
            say("new my_pipeline")
        finally:
            os.umask(before)
        assert (folder / "my_pipeline").stat().st_mode & 0o777 == 0o755

    def test_fills_a_folder_that_is_empty(self, say, folder):
        (folder / "my_pipeline").mkdir()
        assert say("new my_pipeline").code == 0
        assert names(folder / "my_pipeline") == FILES

    def test_has_the_configuration_that_is_shipped(self, say, folder):
        """But for what is of Hacker News; so ``luigi`` does in it as ``hn-luigi run`` does."""
        say("new my_pipeline")
        shipped, written = ConfigParser(), ConfigParser()
        shipped.read(REPOSITORY / "luigi.cfg")
        written.read(folder / "my_pipeline/luigi.cfg")
        for section in ("core", "retcode", "scheduler", "storage"):
            assert written[section].items() <= shipped[section].items()
        assert dict(written["retcode"]) == dict(shipped["retcode"])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("my-pipeline", "can't be the name of a module"),
        ("2nd", "can't be the name of a module"),
        ("class", "can't be the name of a module"),
        ("größe", "can't be the name of a module"),
        ("", "is the present folder"),
        ("json", "is the name of an installed module"),
        ("__main__", "is the name of an installed module"),
        ("luigi", "is the name of an installed module"),
        ("hn_luigi", "is the name of an installed module"),
        ("full", "isn't empty"),
        ("file", "is there, and no folder"),
        ("link", "is there, and no folder"),
        ("missing/my_pipeline", "No such file or directory"),
    ],
)
def test_a_place_or_name_that_won_t_do_is_one_line_and_nothing_is_written(name, told, say, folder):
    (folder / "full").mkdir()
    (folder / "full/mine").touch()
    (folder / "file").touch()
    (folder / "link").symlink_to("full")
    before = sorted(folder.rglob("*"))
    said = say(["new", name])
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert told in said.err
    assert sorted(folder.rglob("*")) == before


def test_the_present_folder_is_refused(say, folder, monkeypatch):
    """It would be replaced under the feet of the shell."""
    (folder / "mine").mkdir()
    monkeypatch.chdir(folder / "mine")
    said = say(f"new {folder}/mine")
    assert said.code == 2
    assert "is the present folder" in said.err
    assert not names(folder / "mine")


def test_a_full_disk_leaves_nothing(say, folder, monkeypatch):
    def full(path, text, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    said = say("new my_pipeline")
    assert said.err == f"hn-luigi: can't write {folder}/my_pipeline: No space left on device\n"
    assert not names(folder)


def test_it_needs_no_good_settings(say, folder, settings):
    """Whatever luigi.cfg is in the folder above is about something else."""
    settings("assets", window_minutes=0)
    assert say("new my_pipeline").code == 0


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project that ``hn-luigi new`` has written into an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    done = shell(folder, "hn-luigi new my_pipeline")
    assert done.returncode == 0, done.stderr
    return folder / "my_pipeline"


@pytest.mark.slow
class TestInIt:
    def test_its_test_passes(self, project):
        done = shell(project, "python -m pytest -q -p no:cacheprovider")
        assert done.returncode == 0, done.stdout
        assert "2 passed" in done.stdout
        assert not (project / "data").exists()

    def test_its_run_ends_with_the_report_and_both_are_current(self, project):
        done = shell(project, "hn-luigi run")
        assert (done.returncode, done.stdout) == (0, f"{project}/data/disk_report/latest.md\n")
        assert "of the disk is used" in Path(done.stdout.strip()).read_text()
        done = shell(project, "hn-luigi status --as-of latest")
        assert re.search(r"^disk_usage +current .* PASS ", done.stdout, re.MULTILINE)
        assert re.search(r"^disk_report +current ", done.stdout, re.MULTILINE)

    def test_luigi_does_the_same(self, project, tmp_path):
        root = f"--storage-root {tmp_path}/data"
        done = shell(project, f"python -m luigi --module my_pipeline DiskReport {root}")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "data/disk_report/latest.md").exists()

    def test_a_step_that_fails_fails_the_run_by_either(self, project):
        broken = (project / "my_pipeline.py").read_text().replace("usage['used']", "usage['sued']")
        (project / "broken.py").write_text(broken)
        root = f"--storage-root {project}/broken"
        ours = shell(project, f"hn-luigi --watch 'broken DiskReport' run {root}")
        luigis = shell(project, f"python -m luigi --module broken DiskReport {root}")
        assert ours.returncode == luigis.returncode == 30
        assert ours.stderr.splitlines()[-1].endswith(" failed: KeyError: 'sued'")

    def test_each_command_that_it_names_is_one(self, project):
        commands = re.findall(r"^    (.*?) +#", (project / "README.md").read_text(), re.MULTILINE)
        assert commands == ["hn-luigi run", "hn-luigi status", "hn-luigi serve", "python -m pytest"]
        for command in commands[:3]:
            assert shell(project, f"{command} --help").returncode == 0


def shell(folder, command):
    """What a shell in ``folder`` says, that finds what an installation gives."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for name in ("PYTHONPATH", "LUIGI_CONFIG_PATH"):
        environment.pop(name, None)
    process = subprocess.Popen(["sh", "-c", command], cwd=folder, env=environment, **PIPES)
    return ended(process)
