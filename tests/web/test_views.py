"""The graph as the overview draws it, of whatever shape."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hn_luigi.web.views import GraphView


@pytest.mark.parametrize(
    "names, edges, columns",
    [
        ("a b c", "ab bc", "a b c"),
        ("a b c d", "ab bc bd", "a b cd"),
        ("a b c d", "ab ac bd cd", "a bc d"),
        ("a b c", "ab bc ac", "a b c"),
        ("a b c", "ac", "ab c"),
        ("a", "", "a"),
        ("", "", ""),
    ],
    ids=["chain", "fork", "diamond", "short cut", "two roots", "alone", "nothing"],
)
def test_an_asset_stands_right_of_all_that_it_is_made_from(names, edges, columns):
    assets = [SimpleNamespace(folder=name) for name in names.split()]
    graph = GraphView(assets, [(edge[0], edge[1]) for edge in edges.split()], [])
    drawn = ["".join(asset.folder for asset in column) for column in graph.columns]
    assert drawn == columns.split()
