"""Whatever the values of parameters are, each asset has a path of its own below the root."""

from __future__ import annotations

import os
import string

import luigi
import pytest

from hn_luigi.assets import Asset, AssetError

from ..bakery import value_of


def test_a_parameter_can_t_leave_the_root(shop, root):
    path = shop(town="../bad").output().path
    assert path == str(root / "%2E.%2Fbad/shop/2026-11-22T1230Z.txt")


@pytest.mark.parametrize(
    "town", ["北" * 28, "北" * 29, "u/" * 500, "x" * 256, "北" * 28 + "x" * 90]
)
def test_a_long_parameter_has_a_place_of_its_own(made, world, root, clock, build, succeed, town):
    class Flour(Asset):
        town = luigi.Parameter()
        suffix = ".json"
        keeps_latest = True

        def compute(self):
            world.made.append("Flour")
            if world.trouble:
                raise world.trouble
            return self.town

    task, other = Flour(town=town), Flour(town=town + "y")
    world.trouble = OSError("no flour")
    build(task)
    world.trouble = None
    assert made(task) == ["Flour"]
    assert made(other) == ["Flour"]
    assert (value_of(task), value_of(other)) == (town, town + "y")
    assert made(task) == []
    assert len(list((root / "_failures").rglob("*.json"))) == 1
    assert all(len(os.fsencode(part)) <= 255 for part in task.folder.split("/"))
    assert set(task.folder.split("/")[0]) <= {*string.ascii_letters, *string.digits, *"%~"}


def test_what_is_too_long_for_a_path_is_named(clock):
    class Flour(Asset):
        suffix = ".json"

        def compute(self):
            return 1

    flour = type("Flour" + "x" * 260, (Flour,), {})
    with pytest.raises(AssetError, match=r"'flourx+' takes 265 bytes.*: shorten that"):
        flour().run()
    kinds = {f"p{i}": luigi.Parameter(default="x" * 250) for i in range(17)}
    with pytest.raises(AssetError, match=r"the path takes 4\d\d\d bytes.*: shorten the"):
        type("Rye", (Flour,), kinds)().complete()
