"""One making of an asset: attempts, what is noted of them, and what its record says."""

from __future__ import annotations

import json
import logging
import platform
from datetime import datetime

import luigi
import pytest
from luigi.execution_summary import LuigiStatusCode
from luigi.parameter import ParameterVisibility

from hn_luigi.assets import Asset, Backoff, Number, RetryPolicy, requires, settings_of
from hn_luigi.assets.catalog.failure import failures_of as everywhere
from hn_luigi.assets.storage import Folder, local_notes


class hearth(luigi.Config):
    heat = Number(200, minimum=0, maximum=300)
    minutes = Number(40, minimum=0, maximum=99)


class Burnt(Exception):
    final = True


@pytest.fixture
def troubles():
    """What the next attempts raise."""
    return []


@pytest.fixture
def bread(troubles, clock):
    class Bread(Asset):
        suffix = ".json"
        capture = True
        retry = RetryPolicy(max_retries=2, delay=5, backoff=Backoff.LINEAR)
        libraries = ("pandas", "no-such-thing")

        def compute(self):
            self.report(**{f"with_{len(troubles)}_to_come": True})
            clock.advance(seconds=10)
            if troubles:
                raise troubles.pop(0)
            return "bread"

    return Bread


def record_of(root, asset):
    return json.loads((root / f"_records/{asset}/2026-11-22T1230Z.json").read_text())


def failures_of(root, asset):
    return [json.loads(p.read_text()) for p in sorted((root / "_failures" / asset).iterdir())]


def test_a_step_that_fails_is_tried_again_by_its_policy(bread, troubles, succeed, naps, root):
    troubles += [OSError("cold"), OSError("smoke")]
    succeed(bread())
    assert naps == [5, 10]
    assert record_of(root, "bread")["attempts"] == 3
    assert [(f["attempt"], f["error"], f["retried"]) for f in failures_of(root, "bread")] == [
        (1, "OSError: cold", True),
        (2, "OSError: smoke", True),
    ]


def test_when_no_attempt_is_left_the_run_fails_and_each_is_kept(bread, troubles, build, naps, root):
    troubles += [OSError("cold"), OSError("smoke"), OSError("fire")]
    assert build(bread()).status is LuigiStatusCode.FAILED
    assert naps == [5, 10]
    assert [(f["error"], f["retried"]) for f in failures_of(root, "bread")] == [
        ("OSError: cold", True),
        ("OSError: smoke", True),
        ("OSError: fire", False),
    ]
    assert not (root / "bread").exists()


def test_a_failure_says_which_asset_window_and_code_and_when(bread, troubles, build, root):
    troubles += [Burnt("x" * 5000)]
    build(bread())
    (failure,) = failures_of(root, "bread")
    assert failure["asset"] == "bread"
    assert failure["window"] == "2026-11-22T1230Z"
    assert failure["failed_at"] == "2026-11-22T12:35:06.000Z"
    assert failure["code_version"] == bread.loaded_code.version
    assert failure["error"] == ("Burnt: " + "x" * 5000)[:2000]


def test_a_final_error_is_not_retried(bread, troubles, build, naps, root):
    troubles += [Burnt("to coal"), OSError("never seen")]
    assert build(bread()).status is LuigiStatusCode.FAILED
    assert naps == []
    assert len(failures_of(root, "bread")) == 1


def test_without_a_policy_there_is_one_attempt(bread, troubles, build, naps):
    class Once(bread):
        retry = Asset.retry

    troubles += [OSError("cold")]
    assert build(Once()).status is LuigiStatusCode.FAILED
    assert naps == []


def test_an_attempt_is_told_in_the_log_and_in_the_visualiser(
    bread, troubles, succeed, caplog, monkeypatch
):
    told = []
    monkeypatch.setattr(bread, "set_status_message", None, raising=False)
    monkeypatch.setattr(
        "luigi.worker.TaskStatusReporter.update_status_message", lambda _, text: told.append(text)
    )
    troubles += [OSError("cold")]
    with caplog.at_level(logging.WARNING, logger="luigi-interface"):
        succeed(bread())
    line = "attempt 1 of 3 failed, trying again in 5 s: OSError: cold"
    assert told == [line]
    assert any(line in message for message in caplog.messages)


def test_what_a_failed_attempt_reported_is_forgotten(bread, troubles, succeed, root):
    troubles += [OSError("cold")]
    succeed(bread())
    assert record_of(root, "bread")["metadata"] == {"with_0_to_come": True}


def test_an_error_that_quotes_what_is_private_doesn_t_show_it(build, settings, root, caplog):
    class oven(luigi.Config):
        recipe = luigi.Parameter(visibility=ParameterVisibility.PRIVATE)

    class Cake(Asset):
        suffix = ".json"
        customer = luigi.Parameter(significant=False, visibility=ParameterVisibility.PRIVATE)

        def settings(self):
            return settings_of(self.settings_from(oven))

        def compute(self):
            raise ValueError(f"no {oven().recipe} for {self.customer} today")

    settings("oven", recipe="grandmother's")
    assert build(Cake(customer="Elvis Presley")).status is LuigiStatusCode.FAILED
    assert failures_of(root, "cake")[0]["error"] == "ValueError: no … for … today"
    assert "no … for … today" in caplog.text
    assert "Presley" not in caplog.text
    assert "grandmother" not in caplog.text


def test_nor_does_one_that_is_raised_before_anything_is_made(build, root, caplog):
    class Cake(Asset):
        suffix = ".json"
        window_length = None
        customer = luigi.Parameter(visibility=ParameterVisibility.PRIVATE)

        def requires(self):
            raise ValueError(f"who is {self.customer}?")

    assert build(Cake(customer="Elvis Presley")).status is not LuigiStatusCode.SUCCESS
    assert "who is …?" in caplog.text
    assert "Presley" not in caplog.text


@pytest.mark.parametrize(
    ("kind", "value", "quoted"),
    [
        (luigi.FloatParameter, 4711.0815, "4711.0815"),
        (luigi.ListParameter, [["rye", "grandmother's"]], "grandmother"),
        (luigi.DictParameter, {"by": {"hand": "grandmother's"}}, "grandmother"),
    ],
)
def test_whatever_its_kind(build, root, caplog, kind, value, quoted):
    class Cake(Asset):
        suffix = ".json"
        recipe = kind(visibility=ParameterVisibility.PRIVATE, significant=False)

        def compute(self):
            raise ValueError(f"no {self.recipe}")

    assert build(Cake(recipe=value)).status is LuigiStatusCode.FAILED
    (failure,) = failures_of(root, "cake")
    assert "ValueError: no " in failure["error"]
    assert quoted not in failure["error"] + caplog.text


def test_data_is_as_old_as_the_attempt_that_read_it(bread, troubles, succeed, root):
    troubles += [OSError("cold")]
    succeed(bread())
    record = record_of(root, "bread")
    assert record["read_at"] == record["data_time"] == "2026-11-22T12:35:06.000Z"


def test_no_attempt_is_waited_for_that_would_come_after_the_window(
    bread, troubles, build, root, naps, caplog
):
    class Slow(bread):
        retry = RetryPolicy(max_retries=2, delay=3600)

    troubles += [OSError("cold"), OSError("never seen")]
    assert build(Slow()).status is LuigiStatusCode.FAILED
    assert naps == []
    assert [(f["error"], f["retried"]) for f in failures_of(root, "slow")] == [
        ("OSError: cold", False)
    ]
    assert "OSError: cold" in caplog.text


def test_what_comes_too_late_for_its_window_is_kept_as_a_failure(bread, build, root, clock):
    class Late(bread):
        def compute(self):
            clock.advance(hours=2)
            return "stale bread"

    assert build(Late()).status is LuigiStatusCode.FAILED
    (failure,) = failures_of(root, "late")
    assert failure["error"].startswith("WindowClosed: ")
    assert not (root / "late").exists()


def test_an_error_that_is_no_text_is_kept_and_retried_like_any_other(
    bread, troubles, succeed, root
):
    class Explained(bread):
        expected_errors = (OSError,)

    troubles += [OSError("caf\udce9.txt")]
    succeed(Explained())
    assert failures_of(root, "explained")[0]["error"] == "OSError: caf\\udce9.txt"


def test_what_was_not_tried_is_no_failure(bread, build, root):
    assert build(bread(as_of=datetime(2020, 2, 2))).status is LuigiStatusCode.FAILED
    assert not (root / "_failures").exists()


def test_a_failure_that_the_root_can_t_hold_is_noted_and_stored_when_it_can(
    bread, troubles, build, succeed, root, notes, clock
):
    root.mkdir()
    (root / "_failures").write_text("in the way")
    troubles += [Burnt("to coal")]
    build(bread())
    (noted,) = notes.rglob("*.json")
    (failure,) = everywhere(bread().dataset)
    assert failure.error == "Burnt: to coal"
    assert noted.parents[2].parent == notes
    (root / "_failures").unlink()
    clock.advance(minutes=1)
    succeed(bread())
    assert not list(notes.rglob("*.json"))
    assert [path.name for path in (root / "_failures/bread").iterdir()] == [noted.name]


def test_what_can_t_begin_for_want_of_a_root_is_a_failed_try(bread, build, root, notes):
    root.mkdir()
    (root / "_locks").write_text("in the way")
    build(bread())
    (failure,) = everywhere(bread().dataset)
    assert failure.error.startswith(f"FileUnavailable: can't write {root}/_locks/bread/")
    assert (failure.retried, list(notes.rglob("*.json"))) == (False, [])


def test_a_failure_that_can_t_be_kept_hides_nothing(
    bread, troubles, build, root, caplog, monkeypatch, tmp_path
):
    def no_place():
        yield str(tmp_path / "in the way/x")

    (tmp_path / "in the way").write_text("")
    monkeypatch.setattr(local_notes, "_tops", no_place)
    root.mkdir()
    (root / "_failures").write_text("in the way")
    troubles += [Burnt("to coal")]
    build(bread())
    assert "Burnt: to coal" in caplog.text
    assert "can't record its failure: can't write" in caplog.text


def test_a_failed_attempt_to_publish_is_kept_too(bread, build, root, monkeypatch):
    write = Folder.write

    def full(store, key, data):
        if key.startswith("bread/"):
            raise Burnt("no space")
        return write(store, key, data)

    monkeypatch.setattr(Folder, "write", full)
    assert build(bread()).status is LuigiStatusCode.FAILED
    assert [f["error"] for f in failures_of(root, "bread")] == ["Burnt: no space"]


def test_a_record_says_what_made_it_and_how_long_that_took(bread, succeed, root):
    @requires(bread)
    class Toast(Asset):
        suffix = ".json"

        def compute(self, bread):
            return f"toasted {bread}"

    succeed(Toast())
    bread_record, record = record_of(root, "bread"), record_of(root, "toast")
    assert record["code_version"] == Toast.loaded_code.version
    assert record["code_version"] != bread_record["code_version"]
    assert record["upstream"] == {"bread/2026-11-22T1230Z": bread_record["data_version"]}
    assert record["attempts"] == 1
    assert 0 <= record["duration"] < 60
    assert record["invalidated_at"] is None
    assert set(bread_record["versions"]) == {"python", "hn_luigi", "luigi", "pandas"}
    assert record["versions"]["python"] == platform.python_version()
    assert record["versions"]["luigi"] == luigi.__version__


@pytest.fixture
def baked(settings, troubles, clock):
    """A step that takes its settings as it should, while somebody changes them."""

    class Baked(Asset):
        suffix = ".json"
        retry = RetryPolicy(max_retries=1)

        def settings(self):
            return settings_of(self.settings_from(hearth), "heat")

        def compute(self, *, disturbed=True):
            before = self.settings_from(hearth).heat
            if disturbed:
                settings("hearth", heat=hearth().heat + 20, minutes=10)
            if troubles:
                raise troubles.pop(0)
            return [before, self.settings_from(hearth).heat, self.settings_from(hearth).minutes]

    return Baked


class TestSettings:
    """Resolved once an attempt, so that what was used is what is recorded."""

    def test_a_change_meanwhile_is_neither_used_nor_recorded(self, baked, build, root):
        build(baked())
        assert json.loads((root / "baked/2026-11-22T1230Z.json").read_text()) == [200, 200, 40]
        assert record_of(root, "baked")["settings"] == {"hearth.heat": 200}

    def test_it_makes_what_was_made_stale_when_the_attempt_is_over(self, baked, build):
        build(baked())
        assert baked().staleness().reasons == ("the setting hearth.heat changed from 200 to 220",)

    def test_the_next_attempt_resolves_them_anew(self, baked, build, troubles, root):
        troubles += [OSError("cold")]
        build(baked())
        assert json.loads((root / "baked/2026-11-22T1230Z.json").read_text()) == [220, 220, 10]
        assert record_of(root, "baked")["settings"] == {"hearth.heat": 220}

    def test_outside_a_run_they_are_what_the_configuration_says(self, baked, settings, root):
        assert baked().compute(disturbed=False) == [200, 200, 40]
        settings("hearth", heat=90)
        assert baked().compute(disturbed=False) == [90, 90, 40]
        assert not root.exists()
