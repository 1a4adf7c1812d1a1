"""How the watched assets stand, and how their graphs are drawn on other pages than the first."""

from __future__ import annotations

import shutil

import pytest

from hn_luigi.watchlist import watched
from hn_luigi.web import asset_views
from hn_luigi.web.asset_views import graph_view_of
from hn_luigi.web.verdict import Standing


@pytest.fixture
def view_of():
    def run(name):
        assets = watched()
        (asset,) = [asset for asset in assets if asset.folder == f"top/{name}"]
        return graph_view_of(asset, assets, [])

    return run


def folders(view):
    return [asset.folder.removeprefix("top/") for asset in view.assets]


def test_a_small_graph_is_there_in_full(made, view_of):
    view = view_of("wordcloud")
    days = ["trends", "digest"]
    assert folders(view) == ["story_ids", "stories", "stories_of_day", "wordcloud", *days]
    assert {*view.standings} == {Standing.FRESH, Standing.CURRENT}


def test_what_is_only_looked_back_at_is_no_run_s_to_make(made, view_of, settings):
    """A page of yesterday's stories needs none of today's."""
    settings("assets", watch="hn_luigi Wordcloud")
    for folder in ("top/stories_of_day", "_records/top/stories_of_day"):
        shutil.rmtree(made / folder)
    view = view_of("wordcloud")
    standings = {asset.folder: found.standing for asset, found in view.assets.items()}
    assert standings.pop("top/stories_of_day") is Standing.DUE
    assert {*standings.values()} == {Standing.FRESH}
    assert view.needed == 0


@pytest.mark.parametrize(
    "name, beside",
    [
        ("story_ids", ["story_ids", "stories"]),
        ("stories", ["story_ids", "stories", "stories_of_day", "wordcloud"]),
        ("wordcloud", ["stories", "stories_of_day", "wordcloud"]),
    ],
)
def test_of_a_large_one_there_is_what_is_beside_it(made, view_of, monkeypatch, name, beside):
    monkeypatch.setattr(asset_views, "_FEW", 2)
    assert folders(view_of(name)) == beside


def test_a_small_drawing_has_smaller_boxes(made, view_of):
    view = view_of("stories")
    assert view.layout(small=True).width < view.layout().width
    assert view.layout(small=True).height < view.layout().height


def test_a_store_that_can_t_be_asked_is_told_in_words(view_of, root):
    root.symlink_to(root)
    view = view_of("stories")
    assert str(root) in view.error
    assert (view.assets, view.standings) == ({}, [])
