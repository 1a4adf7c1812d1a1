from __future__ import annotations

from pathlib import Path

import pytest

from hn_luigi.assets.code import Code
from hn_luigi.assets.code.source import Text

BAKERY = '''"""A bakery."""

import json, math
import os.path
from shutil import move, copy as copy_file
from spices import *

try:
    import fast
except ImportError:
    fast = None

if math.pi > 3:
    GRAMS: int = 500
else:
    GRAMS = 400
GRAMS += 1
SPICES = ["salt"]
SPICES.append("pepper")
TABLE = {}
TABLE["rye"] = 1
UNUSED = 1
for size in range(3):
    print(1)


def knead(dough, times=3):
    """Knead it."""
    global state
    state += 1
    return fold(dough, times), unknown, size


def fold(dough, times):
    return f"{dough}" * times if times > 1 else dough


def unrelated():
    return 0


state = None


class Mill:
    grain = "rye"

    def compute(self):
        return self.grind(self.grain)

    def grind(self, grain):
        return copy_file(grain)

    def idle(self):
        return 1


class Oven:
    degrees = 200


class Loaf(Mill, Asset):
    """A loaf."""

    title = Text("the title")
    retry = Retry(3)
    portions: int = 4
    """How many it serves."""
    half = portions // 2

    def compute(self, flour, salt=portions, *, water=GRAMS):
        """Bake it."""
        # slowly
        first = super().compute()
        half = 0
        self.report(self.title, TABLE, SPICES, fast)
        value = {"a": 1, 'b': (flour), "c": os.path.sep}
        return self.shape(knead(value), half), Oven().degrees

    @staticmethod
    def shape(dough, at):
        return dough[at]

    def other(self):
        return 1
'''


def version(text: str | bytes, **options) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    own = (Text("Loaf", data), Text("Mill", data))
    return Code(own, ignored=frozenset({"title"}), **options).version


def edited(old: str, new: str) -> str:
    assert BAKERY.count(old) == 1, f"{old!r} is not there once"
    return BAKERY.replace(old, new)


@pytest.mark.parametrize(
    "old, new",
    [
        ("dough[at]", "dough[0]"),
        ("    @staticmethod\n", ""),
        ("salt=portions", "salt=5"),
        ("salt=portions", "sugar=portions"),
        ("portions: int = 4", "portions: int = 5"),
        ("water=GRAMS", "water=400"),
        ("GRAMS: int = 500", "GRAMS: int = 501"),
        ("GRAMS = 400", "GRAMS = 401"),
        ("GRAMS += 1", "GRAMS += 2"),
        ("math.pi > 3", "math.pi > 4"),
        ("range(3)", "range(4)"),
        ("import json, math", "import json, numpy as math"),
        ("import os.path", "import ntpath as os"),
        ("import os.path", "import os.path, os.shelf"),
        ("    fast = None", "    fast = 0"),
        ("except ImportError", "except Exception"),
        ('append("pepper")', 'append("chili")'),
        ('TABLE["rye"] = 1', 'TABLE["rye"] = 2'),
        ("from spices", "from herbs"),
        ("times=3", "times=4"),
        ("times > 1", "times >= 1"),
        ("state = None", "state = 0"),
        ("degrees = 200", "degrees = 220"),
        ("return self.grind(self.grain)", "return self.grind(0)"),
        ('grain = "rye"', 'grain = "oats"'),
        ("return copy_file(grain)", "return grain"),
        ("copy as copy_file", "copy2 as copy_file"),
        ('{"a": 1,', '{"a": 1.0,'),
        ('{"a": 1,', '{"a": True,'),
        ('{"a": 1,', '{b"a": 1,'),
        (
            "first = super().compute()\n        half = 0\n",
            "half = 0\n        first = super().compute()\n",
        ),
    ],
)
def test_a_change_of_what_compute_does_changes_the_version(old, new):
    assert version(edited(old, new)) != version(BAKERY)


@pytest.mark.parametrize(
    "old, new",
    [
        ("# slowly", "# fast"),
        ('"""Bake it."""', '"""Bake it well."""'),
        ('        """Bake it."""\n', ""),
        ('"""Knead it."""', "'Fold it.'"),
        ('"""A loaf."""', ""),
        ('"""A bakery."""', ""),
        ('"""How many it serves."""', ""),
        ("'b'", '"b"'),
        ("(flour)", "flour"),
        ('"c": os.path.sep}', '"c": os.path.sep,\n        }'),
        ("water=GRAMS):", "water=GRAMS,):  # type: (...) -> None"),
        ('"rye"\n', '("r"\n             "ye")\n'),
        ('f"{dough}"', '(f"{dough}" "")'),
        ("import json, math", "import csv\nimport math"),
        ("import move, copy as copy_file", "import copy as copy_file"),
        ("UNUSED = 1", "UNUSED = 2"),
        ("def unrelated():\n    return 0", "def unrelated():\n    return 1"),
        ("def idle(self):\n        return 1", "def idle(self):\n        return 2"),
        ("def other(self):\n        return 1", "def other(self):\n        return 2"),
        ("Retry(3)", "Retry(5)"),
        ("half = portions // 2", "half = portions // 3"),
        ('Text("the title")', 'Text("the headline")'),
        ("class Oven:", "class Shop:\n    pass\n\n\nclass Oven:"),
        ("class Loaf", "@decorated\nclass Loaf"),
    ],
)
def test_a_change_of_anything_else_doesn_t(old, new):
    assert version(edited(old, new)) == version(BAKERY)


@pytest.mark.parametrize(
    "data",
    [
        BAKERY.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + BAKERY.encode(),
        BAKERY.replace("\n", "   \n").encode(),
        BAKERY.replace("    ", "\t").encode(),
        b"# coding: latin-1\n" + BAKERY.encode(),
    ],
    ids=["CRLF", "BOM", "trailing blanks", "tabs", "another encoding"],
)
def test_how_the_file_is_written_doesn_t_matter(data):
    assert version(data) == version(BAKERY)


def test_a_declared_version_counts():
    assert len({version(BAKERY), version(BAKERY, declared="1"), version(BAKERY, declared="2")}) == 3


@pytest.mark.parametrize(
    "old, new, same",
    [
        ("UNUSED = 1", "UNUSED = 2", False),
        ("import json, math", "import math, json", False),
        ("UNUSED = 1", "UNUSED = (1)  # one", True),
        ('"""A bakery."""', "", True),
    ],
)
def test_of_a_module_that_counts_as_a_whole_every_statement_does(old, new, same):
    before, after = (
        version("", modules=(Text("bakery", text.encode()),)) for text in (BAKERY, edited(old, new))
    )
    assert (before == after) is same


def test_whole_modules_count_by_name():
    one, two = b"a = 1", b"a = 2"
    before = version("", modules=(Text("x", one), Text("y", two)))
    assert before != version("", modules=(Text("x", two), Text("y", one)))


LOCAL = """
def test_baking():
    grams = 500

    def knead(dough):
        return dough

    class Kitchen:
        grams = 1

        class Loaf:
            def compute(self):
                return knead(grams)
"""


@pytest.mark.parametrize(
    "old, new, same",
    [
        ("grams = 500", "grams = 501", False),
        ("return dough", "return dough + 1", False),
        ("grams = 1\n", "grams = 2\n", True),
    ],
)
def test_a_class_within_a_function_refers_to_what_is_in_it(old, new, same):
    before, after = (
        Code((Text("test_baking.<locals>.Kitchen.Loaf", text.encode()),)).version
        for text in (LOCAL, LOCAL.replace(old, new))
    )
    assert (before == after) is same


@pytest.mark.parametrize("bit", ["compute = 1", "compute = 2"])
def test_of_two_classes_of_one_name_both_count(bit):
    text = "if x:\n class Loaf:\n  compute = 1\nelse:\n class Loaf:\n  compute = 2\n"
    assert version(text) != version(text.replace(bit, "compute = 3"))


def test_a_class_that_no_statement_makes_counts_as_its_whole_module():
    text = "Loaf = type('Loaf', (), {})\nx = 1"
    assert version(text) != version(text.replace("x = 1", "x = 2"))
    assert version(text) == version(text + "  # one")


def test_what_is_no_python_counts_by_its_bytes():
    torn = BAKERY[: BAKERY.index("(flour)")]
    assert version(torn) == version(torn) != version(torn + " ")
    whole, more = (version("", modules=(Text("bakery", t.encode()),)) for t in (torn, torn + " "))
    assert whole != more


def test_a_class_without_text_counts_by_its_name():
    assert Code((Text("Loaf", None),)).version == Code((Text("Loaf", None),)).version
    assert Code((Text("Loaf", None),)).version != Code((Text("Roll", None),)).version


def test_a_doubtful_escape_is_parsed_in_silence(recwarn):
    text = r"""class Loaf: compute = '\d'"""
    assert version(text) == version(text + "  # digits")
    assert not recwarn.list


def test_a_sum_of_very_many_terms_is_no_trouble():
    text = "class Loaf:\n def compute(self):\n  return " + " + ".join(["a"] * 2000)
    assert version(text) == version(text.replace(" + ", "  +  "))
    assert version(text) != version(text[:-1] + "b")


def test_equal_sources_are_told_without_parsing(monkeypatch):
    monkeypatch.setattr("ast.parse", lambda *_: pytest.fail("it is parsed"))
    one, same, other = (
        Code((Text("Loaf", text.encode()),)).sources for text in (BAKERY, BAKERY, BAKERY + "#")
    )
    assert one == same != other


@pytest.mark.parametrize(
    "change",
    [
        {"own": (Text("Roll", b"a"),)},
        {"own": (Text("Loaf", b"a"), Text("m", b"b")), "modules": ()},
        {"modules": (Text("m", b"c"),)},
        {"modules": (Text("n", b"b"),)},
        {"modules": (Text("m", None),)},
        {"declared": "1"},
        {"ignored": frozenset({"title"})},
    ],
)
def test_sources_differ_where_the_version_might(change):
    facts = {"own": (Text("Loaf", b"a"),), "modules": (Text("m", b"b"),)}
    assert Code(**facts).sources != Code(**{**facts, **change}).sources


def test_a_version_stays_the_same_for_all_of_python():
    """Whatever Python runs this test: the same text has the same version under each."""
    text = Path(__file__).with_name("syntax.txt").read_bytes()
    compile(text, "syntax.txt", "exec")
    code = Code(own=(Text("Broad", text),), modules=(Text("syntax", text),))
    assert code.version == "1ff6bd6741565c2c6005200f54f44ab8b0b44a12e04add67ab13d45f4a0a24be"
    assert code.sources == "3228e8e01b4be0d333d416b9d237acb8718f144b8ace03a5386d93748a9acc43"
