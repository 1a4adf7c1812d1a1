"""Checks at the making of an asset: what is refused, what is told, and what never is checked."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi.assets import Asset, Check, RetryPolicy, requires, row_count_change, unique, warn
from hn_luigi.assets.operations import invalidate_asset, mask_secrets

WINDOW = "2026-11-22T1230Z"
NEXT = "2026-11-22T1240Z"


@pytest.fixture
def oven(clock):
    """Rolls, a capture, and Basket, made from it: what ``rolls`` and ``basket`` say comes out."""
    oven = SimpleNamespace(rolls=[1, 2], basket=None, checked=[])

    def counted(value):
        oven.checked.append(value)

    def no_stone(value):
        return "a stone is among them" if 0 in value else None

    def no_fewer(value, last):
        return f"{last['rows']} then" if last.get("rows", 0) > len(value) else None

    class Rolls(Asset):
        suffix = ".json"
        capture = True
        keeps_latest = True
        retry = RetryPolicy(max_retries=2, delay=3)
        checks = (no_stone, unique(), counted, warn(no_fewer))

        def compute(self):
            self.report(rows=len(oven.rolls))
            return oven.rolls.pop(0) if isinstance(oven.rolls[0], list) else oven.rolls

    @requires(Rolls)
    class Basket(Asset):
        suffix = ".json"
        keeps_latest = True
        retry = RetryPolicy(max_retries=2, delay=3)
        checks = (no_stone, warn(no_fewer))

        def compute(self, rolls):
            basket = rolls if oven.basket is None else oven.basket
            self.report(rows=len(basket))
            return basket

    oven.Rolls, oven.Basket = Rolls, Basket
    return oven


@pytest.fixture
def read(root):
    def content(path):
        return json.loads((root / path).read_text())

    return content


@pytest.fixture
def failures(root):
    def stored(folder):
        return [json.loads(p.read_text()) for p in sorted((root / "_failures" / folder).iterdir())]

    return stored


class TestAnError:
    def test_keeps_the_last_good_output_and_latest(self, oven, succeed, build, clock, root, read):
        succeed(oven.Basket())
        clock.advance(minutes=10)
        oven.basket = [0]
        assert build(oven.Basket()).status is LuigiStatusCode.FAILED
        assert read("basket/latest.json") == [1, 2]
        assert [p.name for p in sorted((root / "basket").iterdir())] == [
            f"{WINDOW}.json",
            "latest.json",
        ]
        assert not (root / f"_records/basket/{NEXT}.json").exists()

    def test_keeps_what_is_stored_of_the_window_itself(self, oven, succeed, build, read):
        succeed(oven.Basket())
        oven.basket = [0]
        assert invalidate_asset(oven.Basket())
        assert build(oven.Basket()).status is LuigiStatusCode.FAILED
        assert read(f"basket/{WINDOW}.json") == [1, 2]

    def test_says_which_check_it_was_and_what_it_found(self, oven, build, failures, caplog):
        oven.basket = [0]
        build(oven.Basket())
        (failure,) = failures("basket")
        assert failure["check"] == "no_stone"
        assert failure["error"] == (
            f"CheckFailed: Basket(as_of={WINDOW}) is not published, and what was stored stays: the "
            "check no_stone found: a stone is among them. Correct what it is made from, or "
            "compute, or the check"
        )
        assert "Traceback" not in caplog.text

    def test_with_a_secret_in_it_has_no_traceback_either(self, oven, build, caplog):
        mask_secrets(anew=True)

        class Tray(oven.Basket):
            checks = (Check(lambda value: "it refused password=s3cretword", name="leak"),)

        build(Tray())
        assert "the check leak found: it refused password=" in caplog.text
        assert "s3cretword" not in caplog.text
        assert "Traceback" not in caplog.text

    def test_says_so_of_each_that_failed(self, oven, build, failures):
        oven.rolls = [0, 0]
        build(oven.Rolls())
        assert {f["check"] for f in failures("rolls")} == {"no_stone, unique()"}
        assert "unique() found: 1 row repeats another, such as 0" in failures("rolls")[0]["error"]

    def test_is_final_for_what_is_made_from_inputs(self, oven, build, naps, failures):
        oven.basket = [0]
        build(oven.Basket())
        assert naps == []
        assert [f["retried"] for f in failures("basket")] == [False]

    def test_of_a_capture_is_retried_by_its_policy(self, oven, succeed, naps, failures, read):
        oven.rolls = [[0], [7, 7], [3]]
        succeed(oven.Rolls())
        assert naps == [3, 3]
        assert [(f["check"], f["retried"]) for f in failures("rolls")] == [
            ("no_stone", True),
            ("unique()", True),
        ]
        assert read(f"rolls/{WINDOW}.json") == [3]

    def test_of_a_capture_without_a_policy_is_final(self, oven, build, naps, failures):
        class Once(oven.Rolls):
            retry = Asset.retry

        oven.rolls = [0]
        build(Once())
        assert len(failures("once")) == 1
        assert naps == []

    def test_is_no_failure_of_other_attempts(self, oven, build, failures):
        oven.rolls = ["no number"]
        oven.Rolls.compute = lambda self: 1 / 0
        build(oven.Rolls())
        assert {f["check"] for f in failures("rolls")} == {""}

    def test_is_what_a_check_that_can_t_be_run_is(self, oven, build, failures):
        class Tray(oven.Basket):
            checks = (Check(str.upper, name="loud"),)

        build(Tray())
        assert failures("tray")[0]["check"] == "loud"
        assert "the check loud found: TypeError: " in failures("tray")[0]["error"]


class TestAWarning:
    @pytest.fixture
    def fewer(self, oven, succeed, clock):
        succeed(oven.Basket())
        clock.advance(minutes=10)
        oven.basket = [1]
        succeed(oven.Basket())

    def test_is_published_and_in_the_record(self, fewer, read):
        assert read("basket/latest.json") == [1]
        assert read(f"_records/basket/{NEXT}.json")["warnings"] == {"no_fewer": "2 then"}
        assert read(f"_records/basket/{WINDOW}.json")["warnings"] == {}

    def test_is_in_the_log_of_the_run(self, fewer, caplog):
        said = [r.getMessage() for r in caplog.get_records("setup") if r.levelname == "WARNING"]
        assert said == [f"Basket(as_of={NEXT}): the check no_fewer warns: 2 then"]

    def test_is_gone_once_all_is_well(self, oven, fewer, succeed, clock, read):
        clock.advance(minutes=10)
        succeed(oven.Basket())
        assert read("_records/basket/2026-11-22T1250Z.json")["warnings"] == {}

    def test_of_a_window_of_the_past_compares_with_the_one_before_it(
        self, oven, fewer, succeed, read
    ):
        """Not with what was made since, nor with what it was before."""
        oven.basket = []
        past = oven.Basket(as_of="2026-11-22T1230")
        past.partition.store.remove(past.partition.output_key)
        succeed(past)
        assert read(f"_records/basket/{WINDOW}.json")["warnings"] == {}

    def test_of_what_has_no_windows_compares_with_what_it_was(self, succeed, root):
        rows = [1, 2]

        def other(value, last):
            return f"{last['rows']} then" if last.get("rows", 2) != len(value) else None

        class Countries(Asset):
            suffix = ".json"
            window_length = None
            checks = (warn(other),)

            def compute(self):
                self.report(rows=len(rows))
                return rows

        succeed(Countries())
        rows.pop()
        assert invalidate_asset(Countries())
        succeed(Countries())
        assert Countries().partition.record().warnings == {"other": "2 then"}

    def test_that_raises_keeps_nothing_from_being_published(self, oven, succeed, read):
        def broken(value):
            raise ValueError("no \ud800 taste")

        class Tray(oven.Basket):
            checks = (warn(broken), Check(bool, name="x", reports=lambda value: 1 / 0))

        succeed(Tray())
        assert read(f"_records/tray/{WINDOW}.json")["warnings"] == {
            "broken": "ValueError: no \\ud800 taste",
            "x": "ZeroDivisionError: division by zero",
        }

    def test_is_not_looked_for_in_what_is_refused(self, oven, build, failures):
        asked = []

        class Tray(oven.Basket):
            checks = (*oven.Basket.checks, warn(Check(asked.append, name="asked")))

        oven.basket = [0]
        build(Tray())
        assert failures("tray")[0]["check"] == "no_stone"
        assert asked == []

    def test_holds_no_secret(self, oven, succeed, read, settings):
        settings("hackernews", base_url="http://me:s3cretword@127.0.0.1/v0")
        mask_secrets(anew=True)

        class Tray(oven.Basket):
            checks = (warn(Check(lambda value: "s3cretword is stale", name="leak")),)

        succeed(Tray())
        assert "s3cretword" not in read(f"_records/tray/{WINDOW}.json")["warnings"]["leak"]
        mask_secrets(anew=True)


class TestWhatAChecksReports:
    @pytest.fixture
    def tray(self, oven):
        class Tray(oven.Basket):
            checks = (row_count_change(at_most=0.5),)

            def compute(self, rolls):
                return rolls if oven.basket is None else oven.basket

        return Tray

    def test_is_what_the_next_is_compared_with(self, oven, tray, succeed, clock, read):
        succeed(tray())
        assert read(f"_records/tray/{WINDOW}.json")["metadata"] == {"rows": 2}
        clock.advance(minutes=10)
        oven.basket = [1, 2, 3, 4]
        succeed(tray())
        record = read(f"_records/tray/{NEXT}.json")
        assert record["metadata"] == {"rows": 4}
        assert list(record["warnings"]) == ["row_count_change(0.5)"]

    def test_gives_way_to_what_compute_reports(self, oven, tray, succeed, read):
        class Heap(oven.Basket):
            checks = (warn(Check(bool, name="x", reports=lambda value: {"rows": -1, "more": 2})),)

        succeed(Heap())
        assert read(f"_records/heap/{WINDOW}.json")["metadata"] == {"rows": 2, "more": 2}

    @pytest.mark.parametrize("facts", [{"a": object()}, 3, {1: 2}])
    def test_if_json_can_t_say_it_is_a_warning(self, oven, tray, succeed, read, facts):
        class Heap(oven.Basket):
            checks = (warn(Check(bool, name="x", reports=lambda value: facts)),)

        succeed(Heap())
        record = read(f"_records/heap/{WINDOW}.json")
        assert record["metadata"] == {"rows": 2}
        assert list(record["warnings"]) == ["x"]


class TestWhatIsNotChecked:
    def test_what_is_current(self, oven, succeed):
        succeed(oven.Basket())
        oven.checked.clear()
        succeed(oven.Basket())
        oven.Rolls().run()
        assert oven.checked == []

    def test_a_copy_to_latest(self, oven, succeed, root):
        succeed(oven.Basket())
        oven.checked.clear()
        (root / "rolls/latest.json").unlink()
        succeed(oven.Rolls())
        assert (root / "rolls/latest.json").exists()
        assert oven.checked == []


def test_a_check_that_changes_the_value_changes_nothing_that_is_published(oven, succeed, read):
    class Tray(oven.Basket):
        checks = (Check(list.clear, name="clear"),)

    succeed(Tray())
    assert read(f"tray/{WINDOW}.json") == [1, 2]
