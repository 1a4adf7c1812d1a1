from __future__ import annotations

import importlib
import linecache
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from hn_luigi.assets.code import Code, code_of
from hn_luigi.assets.code.source import texts_of_modules
from hn_luigi.assets.errors import DefinitionError

LOAF = """
class Asset:
    def compute(self):
        return 0

class Loaf(Asset):
    def compute(self):
        return 1
"""
SHOP = {
    "shop/__init__.py": "import shop.till",
    "shop/till.py": "a = 1",
    "shop/back/__init__.py": "",
    "shop/back/store.py": "raise SystemExit('it is imported')",
    "shop/loose/shelf.py": "b = 1",
    "shop/prices.txt": "1",
    "shop/.#till.py": "half written",
    "shop/__pycache__/till.py": "",
}

Load = Callable[..., ModuleType]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Writes ``text`` to a module below ``folder`` and imports it anew, with all of ``files``."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def load(
        text: str, *, folder: str = "a", name: str = "bakery", files: dict[str, str] | None = None
    ) -> ModuleType:
        for path, content in {f"{name}.py": text, **(files or {})}.items():
            file = tmp_path / folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        monkeypatch.syspath_prepend(tmp_path / folder)
        for loaded in [each for each in sys.modules if each.partition(".")[0] in (name, "shop")]:
            monkeypatch.delitem(sys.modules, loaded)
        return importlib.import_module(name)

    return load


def code(module: ModuleType, **options) -> Code:
    return code_of(module.Loaf, base=module.Asset, **options)


def test_the_class_counts_and_what_it_inherits_but_not_its_base(load):
    before = code(load(LOAF))
    assert code(load(LOAF.replace("return 0", "return 2"), folder="b")).version == before.version
    assert code(load(LOAF.replace("return 1", "return 2"), folder="c")).version != before.version


def test_a_class_inherited_from_another_module_counts(load):
    text = "from shop import Mill\nclass Asset: pass\nclass Loaf(Mill, Asset): pass"
    mill = "class Mill:\n def compute(self): return 1"
    one = load(text, files={"shop.py": mill})
    before = code(one).version
    same = load(text, folder="b", files={"shop.py": mill + "\nx = 1"})
    assert code(same).version == before
    other = load(text, folder="c", files={"shop.py": mill.replace("1", "2")})
    assert code(other).version != before


def test_a_moved_folder_has_the_same_versions(load):
    before, after = (
        code(load(LOAF, folder=folder, files=SHOP), modules=("shop", "bakery"))
        for folder in ("a", "moved/far/away")
    )
    assert (before.sources, before.version) == (after.sources, after.version)


def test_the_text_is_read_when_the_class_is_made_and_parsed_when_it_is_asked_for(load):
    text = """
from hn_luigi.assets.code import code_of

class Maker(type):
    def __init__(cls, *args):
        super().__init__(*args)
        cls.code = code_of(cls, base=cls.__mro__[-2])

class Asset(metaclass=Maker): pass

class Loaf(Asset):
    def compute(self): return 1
"""
    made = load(text).Loaf.code
    edited = load(text.replace("return 1", "return 2"), folder="b")
    Path(edited.__file__).write_text(text)
    assert edited.Loaf.code.version != made.version


def test_a_class_made_after_an_edit_has_the_text_its_module_was_loaded_from(load):
    module = load(LOAF)
    before = code(module)
    Path(module.__file__).write_text(LOAF.replace("return 1", "return 2"))
    assert code(module).version == before.version
    importlib.reload(module)
    assert code(module).version != before.version


def test_a_package_counts_with_all_that_can_be_imported_from_it(load):
    module = load(LOAF, files=SHOP)
    names = [text.name for text in texts_of_modules(module.Loaf, ("shop",))]
    assert names == ["shop", "shop.back", "shop.back.store", "shop.loose.shelf", "shop.till"]


@pytest.mark.parametrize("path", [path for path in SHOP if path.endswith(".py")])
def test_a_change_in_a_package_changes_the_version(load, path):
    before, after = (
        code(load(LOAF, folder=folder, files=files), modules=("shop",)).version
        for folder, files in (("a", SHOP), ("b", {**SHOP, path: "changed = 1"}))
    )
    assert (before == after) is ("#" in path or "__pycache__" in path)


@pytest.mark.parametrize("order", [("shop.till", "shop.back"), ("shop.back", "shop.till")])
def test_modules_count_alike_in_any_order_and_as_names_or_objects(load, order):
    module = load(LOAF, files=SHOP)
    by_name = code(module, modules=order)
    assert "shop.back" not in sys.modules
    assert [text.name for text in by_name.modules] == ["shop.back", "shop.back.store", "shop.till"]
    objects = [importlib.import_module(name) for name in sorted(order)]
    assert by_name == code(module, modules=objects)


@pytest.mark.parametrize("name", ["shop.cellar", "cellar", "bakery.cellar", "", ".shop", 3])
def test_a_module_that_doesn_t_exist_is_refused_by_name(load, name):
    module = load(LOAF, files=SHOP)
    with pytest.raises(
        DefinitionError, match="Loaf names .* as part of its code, but there is no such"
    ):
        code(module, modules=(name,))


def test_run_as_a_script_it_has_the_same_version(load, monkeypatch):
    imported = load(LOAF)
    before = code(imported, modules=("bakery",))
    script = ModuleType("__main__")
    script.__file__ = imported.__file__
    monkeypatch.setitem(sys.modules, "__main__", script)
    exec(LOAF, vars(script))
    for name in ("bakery", "__main__"):
        after = code(script, modules=(name,))
        assert (after.sources, after.version) == (before.sources, before.version)


def test_of_two_scripts_run_in_a_row_each_has_its_own_text(tmp_path, monkeypatch):
    versions = set()
    for text in (LOAF, LOAF.replace("return 1", "return 2")):
        script = ModuleType("__main__")
        script.__file__ = str(tmp_path / "script.py")
        Path(script.__file__).write_text(text)
        monkeypatch.setitem(sys.modules, "__main__", script)
        exec(text, vars(script))
        versions.add(code(script).version)
    assert len(versions) == 2


def test_a_notebook_s_cell_is_a_class_s_text(monkeypatch):
    def run(cell: int, text: str) -> Code:
        file = f"<cell {cell}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        notebook = ModuleType("notebook")
        monkeypatch.setitem(sys.modules, "notebook", notebook)
        exec(compile(text, file, "exec"), vars(notebook))
        return code(notebook)

    assert run(1, LOAF).version == run(2, LOAF + "# one").version
    assert run(1, LOAF).version != run(3, LOAF.replace("return 1", "return 2")).version


def test_in_an_archive_texts_are_found_too(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "bakery.zip", "w") as archive:
        archive.writestr("zipped_bakery.py", LOAF)
    monkeypatch.syspath_prepend(tmp_path / "bakery.zip")
    module = importlib.import_module("zipped_bakery")
    monkeypatch.delitem(sys.modules, "zipped_bakery")
    assert code(module).own[0].source is None
    monkeypatch.setitem(sys.modules, "zipped_bakery", module)
    assert code(module).own[0].source == LOAF.encode()


def test_what_has_no_text_anywhere_counts_by_the_class_s_name():
    namespace: dict[str, type] = {"__name__": "nowhere"}
    exec(LOAF, namespace)
    made = code_of(namespace["Loaf"], base=namespace["Asset"])
    assert [(text.name, text.source) for text in made.own] == [("Loaf", None)]
    assert len(made.version) == len(made.sources) == 64
