"""An edit of what a module says remakes what it makes; one of how it says it does not.

Random edits of modules in a chain, each of which makes an asset.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

import luigi
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ..properties import CAREFUL, MEMORY

PLACES = st.integers(0, 7)
SOURCE = """
{comment}
import luigi

from hn_luigi.assets import Asset

FACTOR = {factor}
UNUSED = {unused}

def scaled(value):
    return value{space}*{space}FACTOR

class Link(Asset):
    place = luigi.IntParameter({place})
    suffix = ".json"

    def requires(self):
        return [below(as_of=self.as_of)] if below else []

    def compute(self, *inputs):
        {docstring}
        computed.append({place})
        return (scaled(sum(inputs) + 1) + {bonus}) % 5
"""


AS_WRITTEN = {"comment": "", "unused": 0, "space": "", "docstring": "'one'"}
COSMETIC = st.fixed_dictionaries(
    {
        "comment": st.sampled_from(["", "# new", "\n\n"]),
        "unused": st.integers(0, 3),
        "space": st.sampled_from(["", " "]),
        "docstring": st.sampled_from(["'one'", "'two'"]),
    }
)
MEANT = st.fixed_dictionaries({"factor": st.integers(1, 3), "bonus": st.integers(0, 2)})


class Chain:
    """Assets, each made from the one before and in a module of its own, which is edited."""

    def __init__(self, folder: Path, length: int) -> None:
        self.folder = folder
        self.texts = [AS_WRITTEN | {"factor": 1, "bonus": 0} for _ in range(length)]
        self.computed: list[int] = []
        self.load()

    def edit(self, place: int, change: dict[str, object]) -> None:
        self.texts[place] |= change
        text = SOURCE.format(place=place, **self.texts[place])
        (self.folder / f"link{place}.py").write_text(text)

    def load(self) -> None:
        """Import the modules as they are now."""
        self.loaded = [dict(text) for text in self.texts]
        below = None
        for place in range(len(self.texts)):
            self.edit(place, {})
            name = f"link{place}"
            spec = spec_from_file_location(name, self.folder / f"{name}.py")
            sys.modules[name] = module = module_from_spec(spec)
            spec.loader.exec_module(module)
            module.below, module.computed = below, self.computed
            below = module.Link
        self.last = below

    def values(self) -> list[int]:
        """What the loaded code comes to, from the first asset to the last."""
        value, values = 0, []
        for text in self.loaded:
            value = ((value + 1) * text["factor"] + text["bonus"]) % 5
            values.append(value)
        return values


@pytest.mark.slow
@hypothesis_settings(CAREFUL, max_examples=20)
@given(
    length=st.integers(1, 4),
    rounds=st.lists(
        st.tuples(st.lists(st.tuples(PLACES, COSMETIC | MEANT), max_size=3), st.booleans()),
        max_size=6,
    ),
)
def test_an_edit_of_what_a_module_says_remakes_what_it_makes_and_no_other_edit_does(
    clock, settings, monkeypatch, length, rounds
):
    """Nor does an edit count before it is imported."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made: dict[int, object] = {}
    with TemporaryDirectory(dir=MEMORY) as folder:
        settings("storage", root=f"{folder}/data")
        chain = Chain(Path(folder), length)
        for edits, is_loaded in [([], True), *rounds]:
            for place, change in edits:
                chain.edit(place % length, change)
            if is_loaded:
                chain.load()
            chain.computed.clear()
            assert luigi.build([chain.last()], local_scheduler=True)
            expected, before = [], 0
            for place, (text, value) in enumerate(zip(chain.loaded, chain.values(), strict=True)):
                making = text["factor"], text["bonus"], before
                if made.get(place) != making:
                    expected.append(place)
                made[place] = making
                path = Path(folder, f"data/{place}/link/2026-11-22T1230Z.json")
                assert path.read_text() == f"{value}\n"
                before = value
            assert chain.computed == expected
    for place in range(length):
        del sys.modules[f"link{place}"]
