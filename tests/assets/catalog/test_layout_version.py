"""A root tells its layout, so that an older hn_luigi keeps its hands off a newer one's."""

from __future__ import annotations

import json
import shutil

import pytest
from luigi.cmdline import luigi_run

from hn_luigi.assets.catalog.layout_version import LAYOUT_VERSION, claim, layout_of, require_usable
from hn_luigi.assets.errors import UnknownLayout
from hn_luigi.assets.storage import Folder

NEWER = {"layout": LAYOUT_VERSION + 1, "hn_luigi": "9.0"}


@pytest.fixture
def store(root):
    return Folder(str(root))


@pytest.fixture
def tells(root):
    """Has the root tell this of its layout."""

    def write(value):
        root.mkdir(exist_ok=True)
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        (root / "_layout.json").write_bytes(data)

    return write


def test_a_root_tells_it_from_the_first_output_on(bake, store, root):
    require_usable(store)
    assert not root.exists()
    bake()
    assert layout_of(store) == LAYOUT_VERSION
    told = (root / "_layout.json").stat()
    bake(2)
    assert (root / "_layout.json").stat() == told


def test_a_root_that_doesn_t_tell_is_of_the_first(bake, store, root, mill):
    bake()
    (root / "_layout.json").unlink()
    require_usable(store)
    assert mill.Bread().complete()
    bake(2)
    assert layout_of(store) == LAYOUT_VERSION


def test_what_a_newer_one_adds_to_it_is_passed_over(tells, store):
    tells({"layout": LAYOUT_VERSION, "more": [1]})
    require_usable(store)


def test_what_a_kill_left_of_it_goes(store, root):
    root.mkdir()
    (root / "._layout.json.99.tmp").touch()
    claim(store)
    assert [path.name for path in root.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("value", [{**NEWER, "hn_luigi": None}, {"layout": 10**30}])
def test_a_newer_one_is_refused(tells, store, value):
    tells(value)
    for look in (require_usable, claim):
        with pytest.raises(UnknownLayout, match="by a newer hn_luigi, and this hn_luigi knows"):
            look(store)


@pytest.mark.parametrize(
    "value", [b"", b"[" * 100_000, b"\xff", [], 3, {}, {"layout": "1"}, {"layout": True}]
)
def test_a_damaged_one_is_refused_with_the_remedy(tells, store, value):
    tells(value)
    with pytest.raises(UnknownLayout, match="_layout.json is damaged .*; put it back, or remove"):
        require_usable(store)


def test_a_run_on_a_newer_root_is_one_line_and_changes_nothing(bake, mill, tells, root, capsys):
    bake()
    tells(NEWER)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit) as ended:
        luigi_run(["--local-scheduler", "Bread", "--as-of", "now"])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert (
        "this root has layout 2, by hn_luigi 9.0, and this hn_luigi knows layouts up to 1" in line
    )
    assert line.endswith(": upgrade hn_luigi, or set another [storage] root")
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_a_root_that_becomes_a_newer_one_meanwhile_is_left_alone(bake, mill, tells, build, root):
    bake()
    tells(NEWER)
    shutil.rmtree(root / "bread")
    build(mill.Bread())
    assert not (root / "bread").exists()
