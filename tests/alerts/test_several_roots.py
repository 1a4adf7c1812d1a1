"""Any graph is watched: assets without a policy or a window, and some that are stored elsewhere."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import ModuleType, SimpleNamespace

import luigi
import pytest

from hn_luigi.assets import Asset, FreshnessPolicy
from hn_luigi.assets.catalog.failure import Failure, keep
from hn_luigi.assets.window import timestamp
from hn_luigi.watchlist import watched


@pytest.fixture
def graph(clock, monkeypatch, settings, tmp_path):
    """Rates, stored elsewhere, of which Report is made by way of a plain task; and Stock."""
    elsewhere = str(tmp_path / "elsewhere")

    class Rates(Asset):
        suffix = ".json"

        def storage_root(self):
            return elsewhere

        def compute(self):
            return [1]

    class Passed(luigi.Task):
        as_of = luigi.DateMinuteParameter()

        def requires(self):
            return Rates(as_of=self.as_of)

        def output(self):
            return self.input()

    class Report(Asset):
        suffix = ".json"
        freshness = FreshnessPolicy(maximum_lag=timedelta(minutes=30))

        def requires(self):
            return Passed(self.as_of)

        def compute(self, rates):
            return rates.path

    class Stock(Asset):
        suffix = ".json"
        window_length = None

        def compute(self):
            return 1

    module = ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", module)
    vars(module).update({"Report": Report, "Stock": Stock})
    settings("assets", watch="shop Report\nshop Stock")
    return SimpleNamespace(
        Rates=Rates, Report=Report, Stock=Stock, elsewhere=tmp_path / "elsewhere"
    )


@pytest.fixture
def made(graph, succeed):
    for asset in watched():
        succeed(asset)
    return graph


@pytest.fixture
def fail(clock):
    def run(asset, error):
        clock.advance(minutes=1)
        for number in (1, 2):
            at = timestamp(clock())
            keep(asset.dataset, Failure(asset.folder, asset.partition.window, at, error, number))

    return run


@pytest.fixture
def titles(hook):
    def run():
        found = [message["title"].removeprefix("hn_luigi: ") for message in hook.messages]
        hook.asked.clear()
        return found

    return run


def test_what_has_no_policy_or_window_may_fail_and_is_never_late(made, fail, say, titles, clock):
    clock.advance(minutes=25)
    assert say("alert").out == "Nothing failed, and nothing is late.\n"
    fail(made.Rates(), "OSError: no net")
    fail(made.Stock(), "OSError: no paper")
    say("alert")
    assert titles() == ["failed: rates and stock"]


def test_a_message_names_the_roots_of_what_it_is_about(made, fail, say, hook, root):
    fail(made.Rates(), "OSError: no net")
    say("alert")
    assert f"Stored under {made.elsewhere}, seen from" in hook.messages[0]["message"]
    hook.asked.clear()
    fail(made.Stock(), "OSError: no paper")
    say("alert")
    assert f"Stored under {root}, seen from" in hook.messages[0]["message"]


class TestARootThatCantBeRead:
    @pytest.fixture
    def down(self, hook, made, clock, say):
        """The other root is gone for ten minutes, in which somebody looked twice."""
        made.elsewhere.rename(made.elsewhere.with_name("away"))
        made.elsewhere.write_text("a file where the folder was")
        for _ in range(2):
            clock.advance(minutes=5)
            said = say("alert")
        return said

    def test_is_told_of_what_is_stored_there_alone(self, down, titles):
        assert down.code == 2
        assert down.err.startswith("hn-luigi: can't ")
        assert titles() == ["failed: rates"]

    def test_keeps_no_news_of_the_others_back(self, down, made, fail, say, titles, clock, root):
        titles()
        fail(made.Stock(), "OSError: no paper")
        assert say("alert").code == 2
        assert titles() == ["failed: stock"]
        assert (root / "_alerts/stock.json").exists()
        assert say("alert").code == 2
        assert titles() == []

    def test_is_over_once_it_can_be_read_and_what_was_made_from_it_is_judged(
        self, down, made, say, titles, clock, succeed
    ):
        titles()
        made.elsewhere.unlink()
        made.elsewhere.with_name("away").rename(made.elsewhere)
        succeed(made.Rates())
        clock.advance(minutes=21)
        assert say("alert").code == 0
        assert titles() == ["no longer failed: rates; late: report"]
