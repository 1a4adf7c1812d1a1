"""What a step declares: where it is stored, and what it does without storage."""

from __future__ import annotations

import pickle

import pytest

from hn_luigi import Wordcloud
from hn_luigi.assets import Asset, AssetError

from .bakery import files


def test_one_asset_can_be_kept_elsewhere_by_overriding_one_method(
    bakery, made, tmp_path, root, clock
):
    class Museum(bakery[2]):
        def storage_root(self):
            return str(tmp_path / "museum")

    assert made(Museum()) == ["Flour", "Bread", "Shop"]
    assert files(tmp_path / "museum")[:2] == [
        "_layout.json",
        "_records/ulm/museum/2026-11-22T1230Z.json",
    ]
    assert not (root / "ulm/museum").exists()
    assert made(Museum()) == []


def test_outside_a_run_compute_needs_no_storage(shop, root):
    assert shop().compute(["oat"]) == "1 oat loaves, glaze 0"
    assert not root.exists()


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_a_suffix_without_a_format_is_refused_before_anything_is_computed(clock, suffix):
    class Pan(Asset):
        def compute(self):
            pytest.fail("it was computed")

    Pan.suffix = suffix
    with pytest.raises(AssetError, match=f"Pan: there is no format for the suffix '{suffix}'"):
        Pan().run()


def test_what_an_instance_sets_over_its_identity_fails_at_once(clock):
    pan = type(Asset)("Pan", (Asset,), {"suffix": ".json", "__module__": "pan"})()
    with pytest.raises(AttributeError, match="identity"):
        pan.identity = "x"


def test_an_asset_can_be_pickled_whatever_was_asked_of_it(clock):
    """As a worker that doesn't fork does, and --parallel-scheduling."""
    asset = Wordcloud()
    assert asset.folder
    copy = pickle.loads(pickle.dumps(asset))
    assert copy == asset
    assert copy.identity.ignored == asset.identity.ignored
