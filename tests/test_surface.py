"""What the packages offer, and what importing them costs."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

HEAVY = ("matplotlib", "numpy", "pandas", "PIL", "pyarrow", "pyspark", "tqdm", "wordcloud")


@pytest.mark.parametrize(
    "name",
    [
        "hn_luigi",
        "hn_luigi.alerts",
        "hn_luigi.assets",
        "hn_luigi.assets.operations",
        "hn_luigi.cloud",
        "hn_luigi.hackernews",
        "hn_luigi.replica",
        "hn_luigi.spark",
    ],
)
def test_what_a_package_offers_is_there_sorted_and_complete(name):
    package = importlib.import_module(name)
    offered = package.__all__
    assert list(offered) == sorted(offered, key=lambda n: (not n.isupper(), n[0].islower(), n))
    public = {
        n
        for n, value in vars(package).items()
        if not n.startswith("_")
        and getattr(value, "__module__", "").startswith("hn_luigi")
        and not isinstance(value, type(importlib))
    }
    assert public <= set(offered)
    assert all(hasattr(package, n) for n in offered)


def test_importing_the_graph_loads_nothing_heavy():
    """A run that has nothing to do costs what an empty Luigi run costs."""
    code = f"import hn_luigi, sys; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
