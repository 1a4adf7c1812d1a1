"""What is watched: the roots, and all upstream of them, each for its own present window."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hn_luigi import Digest, Stories, StoriesOfDay, StoryIds, Trends, Wordcloud
from hn_luigi.assets.operations import LATEST, SettingError
from hn_luigi.watchlist import (
    Graph,
    graphs,
    roots,
    watched,
    watched_lines,
    watched_or_broken,
)


def folders(assets):
    return [asset.folder for asset in assets]


OURS = ["top/story_ids", "top/stories", "top/stories_of_day", "top/wordcloud"]


def test_without_a_setting_it_is_the_shipped_graph():
    """Each once, also what the day before is made from, at which today's looks back."""
    assert roots() == [Wordcloud(), Digest()]
    assert watched() == [StoryIds(), Stories(), StoriesOfDay(), Wordcloud(), Trends(), Digest()]
    of_page, of_digest = watched_lines()[0]
    assert folders(of_page.assets) == OURS
    assert of_digest.assets == [StoryIds(), Stories(), StoriesOfDay(), Trends(), Digest()]


def test_what_is_upstream_is_watched_through_plain_tasks_and_ranges(shops, settings):
    settings("assets", watch="shops Total --city Rome")
    prices = "city=Rome/unit=EUR/prices"
    assert folders(watched()) == [prices, "names", "Rome/total"]


def test_each_is_there_once_in_the_order_of_the_lines(settings):
    settings(
        "assets", watch="hn_luigi Stories\n\n# a comment\nhn_luigi Wordcloud\nhn_luigi Stories"
    )
    assert folders(roots()) == ["top/stories", "top/wordcloud"]
    assert folders(watched()) == [
        "top/story_ids",
        "top/stories",
        "top/stories_of_day",
        "top/wordcloud",
    ]


SHARED = """
from hn_luigi.assets import Asset

class Names(Asset):
    suffix = ".json"
    window_length = None

    def compute(self):
        return {}

class Report(Asset):
    suffix = ".json"

    def requires(self):
        return Names()

    def compute(self, names):
        return {}
"""


@pytest.mark.parametrize("line", ["others Names", "others Report"])
def test_two_classes_that_share_a_folder_are_refused_wherever_they_are(shops, settings, line):
    (shops / "others.py").write_text(SHARED)
    settings("assets", watch=f"shops Total --city Rome\n{line}")
    with pytest.raises(SettingError) as refused:
        watched()
    assert "shops.Names and others.Names share the folder names: set stored_as" in str(
        refused.value
    )


class TestWhatIsBroken:
    def test_takes_nothing_from_the_lines_beside_it(self, shops, settings):
        settings("assets", watch="hn_luigi Stories\nshops Nowhere\ngone Report\nshops Total")
        assets, broken = watched_or_broken()
        assert folders(assets)[:2] == OURS[:2]
        assert [each.line for each in broken] == ["shops Nowhere", "gone Report", "shops Total"]
        assert broken[0].why.startswith("there is no Nowhere in shops")
        assert broken[1].why.startswith("there is no module gone")
        assert broken[1].error == f"[assets] watch: 'gone Report': {broken[1].why}"
        assert "--city" in broken[2].why

    def test_is_the_later_of_two_lines_whose_classes_share_a_folder(self, shops, settings):
        (shops / "others.py").write_text(SHARED)
        settings("assets", watch="shops Total --city Rome\nothers Report")
        assets, (broken,) = watched_or_broken()
        assert folders(assets) == ["city=Rome/unit=EUR/prices", "names", "Rome/total"]
        assert broken.line == "others Report"
        assert broken.why.startswith("shops.Names and others.Names share the folder names")

    @pytest.mark.parametrize("error", ["KeyError('no luck')", "SystemExit('no luck')"])
    def test_may_be_the_code_of_a_step(self, shops, settings, error):
        (shops / "bad.py").write_text(
            "from hn_luigi.assets import Asset\nclass Lost(Asset):\n    suffix = '.json'\n"
            f"    def storage_root(self): raise {error}\n    def compute(self): return 1\n"
        )
        settings("assets", watch="bad Lost\nshops Total --city Rome")
        assets, (broken,) = watched_or_broken()
        assert folders(assets)[-1] == "Rome/total"
        assert "no luck" in broken.why

    def test_of_a_good_list_is_nothing(self):
        assert watched_or_broken() == (watched(), [])


def test_of_one_class_the_first_counts_where_a_flag_makes_no_other_folder(shops, settings):
    settings("assets", watch="shops Total --city Rome --deep\nshops Total --city Rome")
    assert [asset.deep for asset in roots()] == [True]


def test_each_has_the_window_of_its_own_length(shops, settings, clock):
    settings("assets", watch="shops Total --city Rome")
    then = clock.at - timedelta(days=1)
    prices, _, total = watched(then)
    assert prices.as_of == prices.own_length().floor(then)
    assert total.as_of == then.replace(hour=0, minute=0, second=0)


def test_the_latest_of_a_graph_is_where_its_captures_are_stored(clock, build, replica):
    build(Wordcloud())
    made = Wordcloud(as_of=LATEST)
    clock.at += timedelta(minutes=30)
    assert [made.clone(StoryIds), made.clone(Stories), made] == [
        asset for asset in watched(LATEST) if asset.own_length() == made.own_length()
    ]
    assert made not in watched()


def test_the_future_is_refused(clock):
    with pytest.raises(SettingError, match="is in the future"):
        watched(clock.at + timedelta(days=1))


def test_feeds_of_an_older_configuration_are_watched_until_a_list_is_given(settings):
    settings("assets", feeds="top, show")
    assert folders(roots()) == ["top/wordcloud", "show/wordcloud"]
    settings("assets", watch="hn_luigi Stories")
    assert folders(roots()) == ["top/stories"]


def test_a_percent_sign_is_doubled_as_everywhere_in_the_configuration(shops, settings):
    settings("assets", watch="shops Prices --city 100%%")
    assert roots()[0].city == "100%"


class TestGraphs:
    def test_are_what_hangs_together(self, shops, settings):
        settings("assets", watch="hn_luigi Wordcloud\nshops Total --city Rome\nhn_luigi Stories")
        ours, theirs = graphs(watched())
        assert folders(ours.assets) == OURS
        assert folders(theirs.assets)[-1] == "Rome/total"

    def test_have_arrows_that_pass_plain_tasks(self, shops, settings):
        settings("assets", watch="shops Total --city Rome")
        (graph,) = graphs(watched())
        prices, names, total = graph.assets
        assert set(graph.edges) == {(prices, total), (names, total)}
        assert graph.roots == [total]

    def test_that_share_an_asset_are_one(self, shops, settings):
        lines = ["shops Total --city Rome", "shops Total --city Oslo"]
        settings("assets", watch="\n".join(lines))
        (graph,) = graphs(watched())
        assert folders(graph.roots) == ["Oslo/total", "Rome/total"]


def test_a_requires_that_raises_is_a_line_that_names_the_task(shops, settings):
    (shops / "raises.py").write_text(
        "from hn_luigi.assets import Asset\nclass Lost(Asset):\n    suffix = '.json'\n"
        "    def requires(self): return {}['gone']\n    def compute(self): return 1\n"
    )
    settings("assets", watch="raises Lost")
    with pytest.raises(SettingError, match=r"Lost\(.*KeyError: 'gone'"):
        watched()


def test_parts_that_hang_together_cost_no_more_each_the_more_there_are(shops, settings):
    """A user's ``storage_root`` is what each look at an asset asks."""

    def asked_of_each(count):
        settings("assets", watch="\n".join(f"shops Prices --city c{n}" for n in range(count)))
        assets = watched()
        asked = []
        kind = type(assets[0])
        kind.storage_root = lambda self: asked.append(self) or "data"
        assert [len(graph.assets) for graph in graphs(assets)] == [1] * count
        return len(asked) / count

    assert asked_of_each(20) == asked_of_each(2)


def test_what_is_upstream_of_each_takes_one_look_at_the_edges():
    """A page asks it of each: with 200 assets and 1,900 edges it held a server up for 10 s."""

    class Edges(list):
        looks = 0

        def __iter__(self):
            self.looks += 1
            return super().__iter__()

    edges = Edges(zip("abc", "bcd", strict=True))
    graph = Graph("abcd", edges)
    assert ["".join(graph.upstream_of(asset)) for asset in "abcd"] == ["a", "ab", "abc", "abcd"]
    assert graph.columns == [["a"], ["b"], ["c"], ["d"]]
    assert edges.looks == 1


@pytest.mark.parametrize(
    "asset, beside, edges",
    [("a", "ab", "ab"), ("b", "abc", "ab bc"), ("c", "bcde", "bc ce dc"), ("e", "ce", "ce")],
)
def test_around_an_asset_is_what_it_is_made_from_and_into_directly(asset, beside, edges):
    graph = Graph([*"abdce"], [("a", "b"), ("b", "c"), ("d", "c"), ("c", "e")])
    around = graph.around(asset)
    assert sorted(around.assets) == sorted(beside)
    assert sorted(map("".join, around.edges)) == edges.split()
    assert [each for each in graph.assets if each in around.assets] == around.assets


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
    graph = Graph(names.split(), [(edge[0], edge[1]) for edge in edges.split()])
    assert ["".join(column) for column in graph.columns] == columns.split()
