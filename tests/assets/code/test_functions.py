from __future__ import annotations

import functools
import importlib.util
import linecache
import os
import subprocess
import sys

import pytest

from hn_luigi.assets.code.functions import functions

PANTRY = '''"""A pantry."""
import functools
import json
from enum import Enum

SEP = ","
SEPS = {"a": ","}
UNUSED = 1

def escape(cell):
    """Escape it."""
    return cell.replace(SEP, "")

def unrelated():
    return 1

def encode(rows, end="\\n"):
    # by rows
    return end.join(SEP.join(map(escape, row)) for row in rows).encode()

def csv(sep, *more):
    quote = "'"
    return lambda rows: sep.join(rows + [quote]).encode()

def noted(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

@noted
def decorated(rows):
    return escape(rows)

@functools.lru_cache
def cached(rows):
    return escape(rows)

class Kind(Enum):
    COMMA = ","

class Csv:
    """Rows."""
    __slots__ = ("quote", "__dict__")
    def __init__(self, sep, quote=0):
        self.sep, self.quote = sep, quote
    def encode(self, rows):
        return self.join(rows)
    def join(self, rows):
        return escape(self.sep.join(rows))
    def __call__(self, rows):
        return self.join(rows)

two = (lambda rows: rows + 1, lambda rows: rows + 2)
nested = lambda rows: (lambda row: row + 3)
inner = nested(1)
'''


@pytest.fixture
def version(tmp_path):
    """The version of what ``expression`` gives in a module of that text."""

    def found(expression, text=PANTRY, name="pantry.py"):
        path = tmp_path / name
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("pantry", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return functions(eval(expression, vars(module))).version

    return found


@pytest.mark.parametrize(
    ("expression", "old", "new"),
    [
        ("encode", "for row in rows", "for row in rows[:]"),
        ("encode", 'SEP = ","', 'SEP = ";"'),
        ("encode", 'replace(SEP, "")', 'replace(SEP, "_")'),
        ("encode", 'end="\\n"', 'end="\\r"'),
        ("csv(',')", "sep.join(rows + [quote])", "sep.join([quote] + rows)"),
        ("csv(',')", 'quote = "\'"', 'quote = "`"'),
        ("decorated", 'replace(SEP, "")', 'replace(SEP, "_")'),
        ("decorated", "return function(*args)", "return function(*args, 1)"),
        ("cached", 'replace(SEP, "")', 'replace(SEP, "_")'),
        ("functools.partial(encode, end='')", 'replace(SEP, "")', 'replace(SEP, "_")'),
        ("Csv(',').encode", "self.sep.join(rows)", "self.sep.join(rows[1:])"),
        ("Csv(',')", 'replace(SEP, "")', 'replace(SEP, "_")'),
        ("Csv", "self.sep.join(rows)", "self.sep.join(rows[1:])"),
        ("two[0]", "rows + 1", "rows + 0"),
        ("two[1]", "rows + 2", "rows + 0"),
        ("nested", "row + 3", "row + 0"),
        ("inner", "row + 3", "row + 0"),
    ],
)
def test_a_change_of_what_a_function_does_changes_its_version(version, expression, old, new):
    assert PANTRY.count(old) == 1
    assert version(expression, PANTRY.replace(old, new)) != version(expression)


@pytest.mark.parametrize(
    ("expression", "old", "new"),
    [
        ("encode", "UNUSED = 1", "UNUSED = 2\n\n\n"),
        ("encode", "# by rows", "# by lines"),
        ("encode", '"""Escape it."""', '"""Escape a cell."""'),
        ("encode", "return 1", "return 2"),
        ("csv(',')", "rows + [quote]", "(rows + [quote])"),
        ("two[0]", "rows + 2", "rows + 0"),
        ("two[1]", "rows + 1", "rows + 0"),
        ("inner", "nested = lambda rows:", "nested = lambda rows :"),
        ("Csv(',').encode", '"""Rows."""', ""),
    ],
)
def test_a_change_of_anything_else_doesn_t(version, expression, old, new):
    assert PANTRY.count(old) == 1
    assert version(expression, PANTRY.replace(old, new)) == version(expression)
    assert version(expression, name="elsewhere.py") == version(expression)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("csv(',')", "csv(';')"),
        ("csv(1)", "csv(True)"),
        ("csv(1)", "csv('1')"),
        ("csv({'a': [1]})", "csv({'a': [2]})"),
        ("csv({1: 2})", "csv({1: 3})"),
        ("csv(frozenset({1, 2}))", "csv(frozenset({1, 3}))"),
        ("csv(Kind.COMMA)", "csv(',')"),
        ("csv(escape)", "csv(encode)"),
        ("csv(json.dumps)", "csv(json.loads)"),
        ("csv(len)", "csv(max)"),
        ("csv(str)", "csv(bytes)"),
        ("csv(functools.partial(escape))", "csv(escape)"),
        ("csv(csv(','))", "csv(csv(';'))"),
        ("functools.partial(encode, end=',')", "functools.partial(encode, end=';')"),
        ("functools.partial(encode, 1)", "functools.partial(encode, 2)"),
        ("Csv(',').encode", "Csv(';').encode"),
        ("Csv(',').encode", "Csv(',').join"),
        ("Csv(',', 1)", "Csv(',', 2)"),
        ("lambda rows, sep=',': rows", "lambda rows, sep=';': rows"),
        ("lambda rows, *, sep=',': rows", "lambda rows, *, sep=';': rows"),
        ("two[0]", "two[1]"),
        ("nested", "inner"),
        ("bytes.decode", "bytes.hex"),
    ],
)
def test_what_a_function_holds_counts_besides_its_text(version, one, other):
    assert version(one) == version(one)
    assert version(one) != version(other)


def test_a_list_that_holds_itself_is_no_trouble(version):
    assert version("csv([loop := [], loop.append(loop)])")


@pytest.mark.slow
@pytest.mark.parametrize("expression", ["csv(object())", "csv(open)", "csv({'a', 'b', 'c'})"])
def test_a_version_is_the_same_in_every_process(tmp_path, expression):
    (tmp_path / "pantry.py").write_text(PANTRY)
    program = (
        "from hn_luigi.assets.code.functions import functions; from pantry import *; "
        f"print(functions({expression}).version, functions({expression}).sources)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": f"{tmp_path}:{os.getcwd()}", "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]


def test_of_a_function_that_was_typed_in_the_cell_counts(version):
    def typed(text, cell):
        linecache.cache[cell] = (len(text), None, text.splitlines(keepends=True), cell)
        namespace = {"__name__": "__main__"}
        exec(compile(text, cell, "exec"), namespace)
        return functions(namespace["encode"]).version

    one = typed("def encode(rows):\n    return rows\n", "<ipython-1>")
    assert one == typed("def encode(rows):\n    # cells\n    return rows\n", "<ipython-2>")
    assert one != typed("def encode(rows):\n    return rows[1:]\n", "<ipython-3>")


def test_a_function_without_a_text_counts_by_what_it_does():
    def executed(text):
        namespace = {"__name__": "__main__"}
        exec(text, namespace)
        return functions(namespace["encode"]).version

    one = executed("encode = lambda rows: rows + 1")
    assert one == executed("encode = lambda rows:  rows + 1")
    assert one != executed("encode = lambda rows: rows + 2")


def test_a_function_keeps_the_text_that_it_was_loaded_from(tmp_path, monkeypatch):
    path = tmp_path / "larder.py"
    path.write_text("def encode(rows):\n    return rows\n")
    monkeypatch.syspath_prepend(tmp_path)
    import larder

    try:
        loaded = functions(larder.encode)
        path.write_text("def encode(rows):\n    return rows[1:]\n")
        assert functions(larder.encode).version == loaded.version
    finally:
        del sys.modules["larder"]


def test_equal_sources_are_told_without_parsing(monkeypatch):
    monkeypatch.setattr("ast.parse", lambda *_: pytest.fail("it is parsed"))
    one, other = (functions(functools.partial(os.path.join, end)) for end in "ab")
    assert one.sources == functions(functools.partial(os.path.join, "a")).sources
    assert one.sources != other.sources
