"""What a step declares of its code: files; and what is said where its source can't be had."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import luigi
import pytest

from hn_luigi.assets import Asset
from hn_luigi.assets.code import without_parts
from hn_luigi.assets.errors import DefinitionError

REPOSITORY = Path(__file__).parents[3]
STEP = """
from pathlib import Path
from hn_luigi.assets import Asset

class Query(Asset):
    suffix = ".json"
    files = ("query.sql",)

    def compute(self):
        return (Path(__file__).parent / "query.sql").read_text()
"""

Load = Callable[..., ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Imports a module anew from ``folder``, with the files in it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load(files: dict[str, str], name: str = "kiosk", folder: str = "a") -> ModuleType:
        for path, content in files.items():
            file = tmp_path / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        monkeypatch.syspath_prepend(tmp_path / folder)
        for loaded in [each for each in sys.modules if each.partition(".")[0] == "kiosk"]:
            monkeypatch.delitem(sys.modules, loaded)
        return importlib.import_module(name)

    return load


def reasons(task: Asset) -> list[str]:
    return list(task.staleness().reasons)


class TestFiles:
    @pytest.mark.parametrize("named", ["query.sql", "sql/query.sql", "../query.sql"])
    def test_a_changed_file_makes_it_stale_and_is_named(self, load, succeed, named, tmp_path):
        text = STEP.replace("query.sql", named)
        before = load({"kiosk.py": text, named: "select 1"})
        succeed(before.Query())
        assert load({}).Query().complete()
        after = load({named: "select 2"})
        assert reasons(after.Query()) == [f"its code changed in {named}"]
        succeed(after.Query())
        assert after.Query().complete()
        assert load({named: "select 1"}).Query().complete() is False

    def test_one_that_is_added_or_is_no_longer_named_is_a_change(self, load, succeed):
        succeed(load({"kiosk.py": STEP, "query.sql": "select 1", "b.sql": ""}).Query())
        named = STEP.replace('("query.sql",)', '["query.sql", "b.sql"]')
        after = load({"kiosk.py": named}).Query()
        assert reasons(after) == ["its code changed in b.sql"]
        succeed(after)
        assert reasons(load({"kiosk.py": STEP}).Query()) == ["its code changed in b.sql"]

    def test_a_moved_folder_changes_nothing(self, load, tmp_path):
        text = STEP.replace('("query.sql",)', '(Path(__file__).parent / "query.sql", "/dev/null")')
        files = {"kiosk.py": text, "query.sql": "select 1"}
        one, other = (load(files, folder=name).Query.loaded_code for name in ("a", "moved"))
        assert (one.version, one.sources, one.parts) == (other.version, other.sources, other.parts)

    def test_they_are_read_when_the_class_is_made(self, load, tmp_path):
        made = load({"kiosk.py": STEP, "query.sql": "select 1"}).Query
        (tmp_path / "a/query.sql").write_text("select 2")
        same = load({"kiosk.py": STEP, "query.sql": "select 1"}, folder="b").Query
        assert made.loaded_code.version == same.loaded_code.version
        assert made.loaded_code.sources == same.loaded_code.sources

    def test_an_inherited_one_lies_beside_the_class_that_names_it(self, load):
        files = {
            "kiosk/__init__.py": "",
            "kiosk/base/__init__.py": STEP,
            "kiosk/base/query.sql": "select 1",
            "kiosk/tasks.py": "from kiosk.base import Query\nclass Mine(Query):\n    pass",
        }
        before = load(files, "kiosk.tasks").Mine.loaded_code
        files["kiosk/base/query.sql"] = "select 2"
        after = load(files, "kiosk.tasks", "b").Mine.loaded_code
        assert before.version != after.version
        assert "query.sql" in before.parts

    def test_in_an_archive_they_are_found_too(self, tmp_path, monkeypatch):
        with zipfile.ZipFile(tmp_path / "kiosk.zip", "w") as archive:
            archive.writestr("zipped_kiosk.py", STEP)
            archive.writestr("query.sql", "select 1")
        monkeypatch.syspath_prepend(tmp_path / "kiosk.zip")
        made = importlib.import_module("zipped_kiosk").Query
        monkeypatch.delitem(sys.modules, "zipped_kiosk")
        assert "query.sql" in made.loaded_code.parts

    @pytest.mark.parametrize("there", [None, "folder"])
    def test_one_that_can_t_be_read_is_refused_with_its_path(self, load, tmp_path, there):
        if there:
            (tmp_path / "a/query.sql").mkdir(parents=True)
        with pytest.raises(
            DefinitionError, match=r"^Query names '.*/a/query.sql' in files, .* can't"
        ):
            load({"kiosk.py": STEP})

    @pytest.mark.parametrize("value", ["query.sql", Path("query.sql"), 3, None, (3,), {"a.sql"}])
    def test_what_names_no_files_is_refused(self, value):
        with pytest.raises(DefinitionError, match="Pan: files is .*; make it a tuple of paths"):
            type(Asset)("Pan", (Asset,), {"files": value, "__module__": "pan"})


class TestTheNameBefore:
    """Whoever had something called ``files`` goes on as they were."""

    def test_a_parameter_of_that_name_is_a_parameter(self, succeed):
        class Listed(Asset):
            files = luigi.Parameter(default="a.csv", positional=False)
            suffix = ".json"

            def compute(self):
                return self.files.split()

        task = Listed(files="b.csv c.csv")
        succeed(task)
        assert task.complete()
        assert task.folder == "b.csv c.csv/listed"
        assert task.dataset.partition(task.partition.window).record().parameters == {
            "files": "b.csv c.csv"
        }
        assert Listed.loaded_code.files == ()

    def test_a_method_or_a_property_of_that_name_stays_one(self, succeed):
        class Listed(Asset):
            suffix = ".json"

            def files(self):
                return ["a.csv"]

            def compute(self):
                return self.files()

        class Shown(Asset):
            suffix = ".json"
            files = property(lambda self: ["a.csv"])

            def compute(self):
                return self.files

        for task in (Listed(), Shown()):
            succeed(task)
            assert task.complete()


PINNED = (
    "80bb528e41aaad2d01708a7dd759aa79a97f0a6ff777798bb7d29641380c925a",
    "59fc7e25adc890c4afef2219f738a692223e62fde37b3a3a4434ac64c4ced279",
)


def test_without_what_came_later_a_version_is_what_the_version_before_gave(load, monkeypatch):
    """As the release before imports were followed computed it, of the same texts."""
    files = {
        "kiosk/__init__.py": "",
        "kiosk/helpers.py": "SALT = 3\ndef knead(x): return x * SALT\n",
        "kiosk/tasks.py": "from hn_luigi.assets import Asset\n"
        "from kiosk.helpers import knead\n"
        "class Flour(Asset):\n"
        '    suffix = ".json"\n'
        '    code = ("kiosk.helpers",)\n'
        "    def compute(self):\n"
        "        from . import helpers\n"
        "        return helpers.knead(knead(2))\n",
    }
    code = load(files, "kiosk.tasks").Flour.loaded_code
    former = without_parts(code)
    assert (former.sources, former.version) == PINNED
    assert (code.sources, code.version) != PINNED


TYPED = """
import luigi
from hn_luigi.assets import Asset, requires

class Flour(Asset):
    suffix = ".json"
    def compute(self): return 1

@requires(Flour)
class Bread(Asset):
    suffix = ".json"
    def compute(self, flour): return flour

assert luigi.build([Bread()], local_scheduler=True, workers=2)
assert luigi.build([Bread()], local_scheduler=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["-c", "stdin", "file"])
@pytest.mark.parametrize("declared", [False, True])
def test_that_a_source_can_t_be_had_is_said_once(tmp_path, how, declared):
    program = TYPED.replace("    def", '    code_version = "1"\n    def') if declared else TYPED
    (tmp_path / "program.py").write_text(program)
    arguments = {"-c": ["-c", program], "stdin": ["-"], "file": ["program.py"]}[how]
    done = subprocess.run(
        [sys.executable, *arguments],
        input=program if how == "stdin" else "",
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
    )
    said = [line for line in done.stderr.splitlines() if "can't be read" in line]
    assert len(said) == (0 if declared or how == "file" else 1)
    for line in said:
        assert "Flour" in line
        assert 'code_version = "1"' in line
