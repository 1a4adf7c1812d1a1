"""What counts as code of the other modules of a package, and by what name."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hn_luigi.assets.code import Code, code_of
from hn_luigi.assets.code.imports import Use
from hn_luigi.assets.code.package import followed

BAKERY = {
    "bakery/__init__.py": "from .helpers import fold\nUNUSED = 1",
    "bakery/tasks.py": """
from __future__ import annotations
import json
import herbs
import bakery.mill as mill
from typing import TYPE_CHECKING
from bakery import fold, oven
from .helpers import knead as work
from .table import *
from . import spices

if TYPE_CHECKING:
    from .types_only import Dough

class Asset: pass

class Loaf(Asset):
    shape = staticmethod(oven.shape)

    def compute(self, flour: Dough):
        from bakery.late import glaze
        from .sub.cellar import water
        import bakery.sub.attic
        import bakery.unused
        value = fold(work(mill.grind.finely(flour)))
        rows = (lay(value), bakery.sub.attic.dust, herbs.thyme, json.dumps)
        return self.shape(glaze(rows, water)), getattr(spices, "salt")

class Roll(Asset):
    def compute(self):
        return 1
""",
    "bakery/helpers.py": """
'''Helps.'''
from .deep import DEPTH
LIMIT = 3
LIMIT = 5
OTHER = 1
def fold(x): return x * LIMIT
def knead(x):
    'Knead it.'
    return _again(x)
def _again(x): return x + DEPTH
def unrelated(): return DEPTH
""",
    "bakery/deep.py": "DEPTH = 1\nWIDTH = 1",
    "bakery/mill.py": "class grind:\n    def finely(x): return x\nSTONES = 2",
    "bakery/oven.py": """
from __future__ import annotations
import typing
if typing.TYPE_CHECKING:
    from .types_only import Dough
def shape(x: Dough): return x
def heat(): return 1
""",
    "bakery/table.py": "def lay(x): return x\nLEGS = 4",
    "bakery/spices.py": "salt = 1\nprint",
    "bakery/types_only.py": "class Dough: pass",
    "bakery/late.py": "raise SystemExit('it is imported')\ndef glaze(x, y): return x",
    "bakery/sub/__init__.py": "raise SystemExit('it is imported')",
    "bakery/sub/cellar.py": "from ..deep import WIDTH\nwater = WIDTH",
    "bakery/sub/attic.py": "dust = 1\nweb = 1",
    "bakery/unused.py": "x = 1",
    "herbs.py": "thyme = 1",
}

Load = Callable[..., dict[str, Code]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """The code of the classes of ``bakery.tasks``, imported anew from ``folder``."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load(
        files: dict[str, str],
        folder: str = "a",
        *,
        module: str = "bakery.tasks",
        asked: bool = True,
    ) -> dict[str, Code]:
        for path, content in files.items():
            file = tmp_path / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        monkeypatch.syspath_prepend(tmp_path / folder)
        for name in [each for each in sys.modules if each.partition(".")[0] in ("bakery", "herbs")]:
            monkeypatch.delitem(sys.modules, name)
        made = importlib.import_module(module)
        found = {
            name: code_of(kind, base=made.Asset)
            for name, kind in vars(made).items()
            if isinstance(kind, type) and kind is not made.Asset and issubclass(kind, made.Asset)
        }
        return found if not asked or [code.sources for code in found.values()] else {}

    return load


def changed(one: Code, other: Code) -> list[str]:
    """The parts that differ; the version and the texts differ if any of them does."""
    names = sorted({*one.parts, *other.parts})
    found = [name for name in names if one.parts.get(name) != other.parts.get(name)]
    assert (one.version == other.version) is (found == [])
    assert found == [] or one.sources != other.sources
    return found


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("helpers", "x * LIMIT", "x - LIMIT"),
        ("helpers", "LIMIT = 3", "LIMIT = 4"),
        ("helpers", "LIMIT = 3\nLIMIT = 5", "LIMIT = 5\nLIMIT = 3"),
        ("helpers", "x + DEPTH", "x - DEPTH"),
        ("deep", "DEPTH = 1", "DEPTH = 2"),
        ("deep", "WIDTH = 1", "WIDTH = 2"),
        ("mill", "return x", "return x + 1"),
        ("oven", "return x", "return x + 1"),
        ("table", "return x", "return x + 1"),
        ("spices", "salt = 1", "salt = 2"),
        ("spices", "print", "repr"),
        ("late", "return x", "return y"),
        ("sub.cellar", "water = WIDTH", "water = -WIDTH"),
        ("sub.attic", "dust = 1", "dust = 2"),
    ],
)
def test_what_compute_uses_of_its_package_counts_and_is_named(load, module, old, new):
    path = f"bakery/{module.replace('.', '/')}.py"
    assert BAKERY[path].count(old) == 1
    edited = {**BAKERY, path: BAKERY[path].replace(old, new)}
    before, after = load(BAKERY), load(edited, "b")
    assert changed(before["Loaf"], after["Loaf"]) == [f"bakery.{module}"]
    assert changed(before["Roll"], after["Roll"]) == []


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("bakery/__init__.py", "UNUSED = 1", "UNUSED = 2"),
        ("bakery/helpers.py", "'''Helps.'''", "# It helps."),
        ("bakery/helpers.py", "'Knead it.'", "'Knead it well.'"),
        ("bakery/helpers.py", "OTHER = 1", "OTHER = 2"),
        ("bakery/helpers.py", "return DEPTH", "return 0"),
        ("bakery/helpers.py", "def _again(x): return x + DEPTH\n", ""),
        ("bakery/mill.py", "STONES = 2", "STONES = 3"),
        ("bakery/oven.py", "return 1", "return 2"),
        ("bakery/table.py", "LEGS = 4", "LEGS = 3"),
        ("bakery/sub/attic.py", "web = 1", "web = 2"),
        ("bakery/types_only.py", "pass", "x = 1"),
        ("bakery/unused.py", "x = 1", "x = 2"),
        ("herbs.py", "thyme = 1", "thyme = 2"),
    ],
)
def test_nothing_else_counts(load, path, old, new):
    assert BAKERY[path].count(old) == 1
    text = BAKERY[path].replace(old, new)
    if "_again" in old:
        text += "\n\n" + old  # at another place
    assert changed(load(BAKERY)["Loaf"], load({**BAKERY, path: text}, "b")["Loaf"]) == []


def test_a_change_of_its_own_module_goes_without_the_name_of_another(load):
    text = BAKERY["bakery/tasks.py"].replace("fold(work(", "fold(fold(")
    before, after = load(BAKERY), load({**BAKERY, "bakery/tasks.py": text}, "b")
    assert "" in changed(before["Loaf"], after["Loaf"])


def test_a_moved_package_has_the_same_version(load):
    before, after = load(BAKERY)["Loaf"], load(BAKERY, "moved/far")["Loaf"]
    assert (before.version, before.sources, before.parts) == (
        after.version,
        after.sources,
        after.parts,
    )


def test_nothing_is_imported_to_be_read(load):
    """Modules that would end the process are read here, which the first test relies on."""
    code = load(BAKERY)["Loaf"]
    assert {"bakery.late", "bakery.sub.cellar"} <= code.parts.keys()
    assert not {"bakery.late", "bakery.sub", "bakery.sub.cellar"} & sys.modules.keys()


def test_equal_texts_are_told_without_parsing(load, monkeypatch):
    recorded = load(BAKERY)["Loaf"]
    names, sources = recorded.parts.keys(), recorded.sources
    again = load(BAKERY, "b")["Loaf"]
    monkeypatch.setattr("ast.parse", lambda *_: pytest.fail("it is parsed"))
    assert again.sources_with(names) == sources


@pytest.mark.parametrize("name", ["..", "bakery.", "bakery..x", "bakery.\0", "bakery.gone", "x.y"])
def test_a_record_may_name_what_is_no_module(load, name):
    code = load(BAKERY)["Loaf"]
    assert code.sources_with([name]) == code.sources_with([name])


def test_a_top_level_module_has_only_itself(load):
    """Nor is a script's neighbour followed, whatever else is in the folder."""
    tasks = (
        "import herbs\nclass Asset: pass\n"
        "class Loaf(Asset):\n def compute(self): return herbs.thyme"
    )
    before = load({"bakery.py": tasks, "herbs.py": "thyme = 1"}, module="bakery")["Loaf"]
    after = load({"bakery.py": tasks, "herbs.py": "thyme = 2"}, "b", module="bakery")["Loaf"]
    assert before.version == after.version
    assert before.parts.keys() == {""}


def test_names_that_are_brought_late_are_followed_where_they_are_said_for_type_checkers(load):
    lazy = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from bakery.oven import shape
    from bakery.deep import DEPTH
_MODULES = {"shape": "oven"}
def __getattr__(name):
    return import_module(_MODULES[name])
"""
    tasks = (
        "class Asset: pass\nclass Loaf(Asset):\n def compute(self):\n"
        "  from bakery import shape\n  return shape()"
    )
    files = {**BAKERY, "bakery/__init__.py": lazy, "bakery/tasks.py": tasks}
    before = load(files)["Loaf"]
    for path, old, new, names in (
        ("bakery/oven.py", "return x", "return 0", ["bakery.oven"]),
        ("bakery/__init__.py", '"oven"', '"deep"', ["bakery"]),
        ("bakery/deep.py", "DEPTH = 1", "DEPTH = 2", []),
    ):
        edited = {**files, path: files[path].replace(old, new)}
        assert changed(before, load(edited, f"b{new[:4]}")["Loaf"]) == names


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("Number(3)", "Number(4)", False),
        ("width = Number(3)\n", "width = Number(3)\n    height = Number(1)\n", False),
        ("return self.width", "return 2 * self.width", True),
        ("UNITS = 'px'", "UNITS = 'mm'", True),
        ("[a-z]", "[A-Z]", True),
    ],
)
def test_of_a_section_its_settings_count_by_their_values_alone(load, old, new, counts):
    settings = """
import luigi
import re
Number = luigi.IntParameter
class look(luigi.Config):
    width = Number(3)
    UNITS = 'px'
    WORD = re.compile('[a-z]')
    def twice(self): return self.width
"""
    tasks = (
        "from bakery.settings import look\nclass Asset: pass\nclass Loaf(Asset):\n"
        " def compute(self): return self.settings_from(look)"
    )
    files = {"bakery/__init__.py": "", "bakery/tasks.py": tasks}
    before = load({**files, "bakery/settings.py": settings})["Loaf"]
    after = load({**files, "bakery/settings.py": settings.replace(old, new)}, "b")["Loaf"]
    assert changed(before, after) == (["bakery.settings"] if counts else [])


def test_modules_that_use_each_other_are_followed_once(load):
    files = {
        "bakery/__init__.py": "",
        "bakery/tasks.py": "from bakery import one\nLIMIT = 1\nclass Asset: pass\n"
        "class Loaf(Asset):\n def compute(self): return one.f()",
        "bakery/one.py": "from bakery import two\ndef f(): return two.g()",
        "bakery/two.py": "def g():\n from bakery.one import f\n"
        " from .tasks import LIMIT\n return f, LIMIT",
    }
    before = load(files)["Loaf"]
    assert before.parts.keys() == {"", "bakery", "bakery.one", "bakery.two", "bakery.tasks"}
    edited = {**files, "bakery/tasks.py": files["bakery/tasks.py"].replace("= 1", "= 2")}
    assert changed(before, load(edited, "b")["Loaf"]) == ["bakery.tasks"]


@pytest.mark.parametrize("text", ["from ...... import x", "def f(:", "\0", None])
def test_what_leads_nowhere_or_is_no_python_is_no_trouble(load, text):
    files = {
        "bakery/__init__.py": "",
        "bakery/tasks.py": "class Asset: pass\nclass Loaf(Asset):\n def compute(self):\n"
        "  from bakery.odd import f\n  from bakery.gone import g\n  return f(), g()",
    }
    if text is not None:
        files["bakery/odd.py"] = text
    before = load(files)["Loaf"]
    assert ("bakery.odd" in before.parts) is (text is not None)
    if text is not None and "x" not in text:
        after = load({**files, "bakery/odd.py": text + " "}, "b")["Loaf"]
        assert changed(before, after) == ["bakery.odd"]


def test_what_is_inherited_is_followed_from_the_module_that_it_is_in(load):
    files = {
        **BAKERY,
        "bakery/sub/__init__.py": "",
        "bakery/sub/base.py": "class Base:\n def compute(self): return self.bake()",
        "bakery/sub/mixin.py": "from ..deep import WIDTH\n"
        "class Mixin:\n def bake(self): return WIDTH",
        "bakery/tasks.py": "from .sub.base import Base\nfrom .sub.mixin import Mixin\n"
        "class Asset: pass\nclass Loaf(Mixin, Base, Asset): pass",
    }
    before = load(files)["Loaf"]
    after = load({**files, "bakery/deep.py": "DEPTH = 1\nWIDTH = 2"}, "b")["Loaf"]
    assert changed(before, after) == ["bakery.deep"]


@pytest.mark.parametrize("module", ["hn_luigi.assets", "hn_luigi.assets.window"])
def test_the_layer_itself_is_never_followed(module):
    assert followed([Use("hn_luigi.pages.wordcloud", "page_of")], "hn_luigi")
    assert followed([Use(module, "window"), Use(module, "")], "hn_luigi") == {}


class TestAsLoaded:
    def test_a_module_that_was_edited_after_the_class_was_made_has_the_text_it_had(
        self, load, tmp_path
    ):
        edited = {**BAKERY, "bakery/deep.py": "DEPTH = 9\nWIDTH = 1"}
        untouched = load(BAKERY)["Loaf"]
        late = load(BAKERY, "b", asked=False)["Loaf"]
        (tmp_path / "b/bakery/deep.py").write_text(edited["bakery/deep.py"])
        assert changed(untouched, late) == []
        assert changed(untouched, load(edited, "c")["Loaf"]) == ["bakery.deep"]

    def test_one_that_is_imported_late_has_the_text_of_the_first_question(self, load, tmp_path):
        """So a process may record an older text than it ran by, which is remade, and no newer."""
        files = {**BAKERY, "bakery/late.py": "def glaze(x, y): return x"}
        untouched, asked = load(files)["Loaf"], load(files, "b")["Loaf"]
        assert changed(untouched, asked) == []
        importlib.import_module("bakery.late")
        (tmp_path / "b/bakery/late.py").write_text("def glaze(x, y): return y")
        tasks = sys.modules["bakery.tasks"]
        assert changed(untouched, code_of(tasks.Loaf, base=tasks.Asset)) == []
        importlib.reload(sys.modules["bakery.late"])
        after = code_of(tasks.Loaf, base=tasks.Asset)
        assert changed(untouched, after) == ["bakery.late"]


@pytest.mark.slow
def test_as_a_script_a_module_of_a_package_has_the_version_of_the_module(load, tmp_path):
    """Whether by its path, by ``-m`` or imported, it makes the same asset."""
    tasks = BAKERY["bakery/tasks.py"].replace("from . import", "from bakery import")
    tasks = tasks.replace("from .", "from bakery.") + (
        "\nfrom hn_luigi.assets.code import code_of\n"
        "if __name__ == '__main__':\n    print(code_of(Loaf, base=Asset).version)\n"
    )
    files = {**BAKERY, "bakery/tasks.py": tasks}
    imported = load(files)["Loaf"]
    folder = tmp_path / "a"
    for arguments in (["bakery/tasks.py"], ["-m", "bakery.tasks"]):
        told = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{folder}:{os.getcwd()}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert told.stdout.strip() == imported.version
