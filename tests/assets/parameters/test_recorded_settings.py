"""Settings of every kind that Luigi has, as records hold them; private ones aren't shown."""

from __future__ import annotations

import datetime as dt
import json
from enum import Enum, IntEnum
from pathlib import Path

import luigi
import numpy as np
import pytest
from luigi.date_interval import Month
from luigi.parameter import ParameterVisibility

from hn_luigi.assets import Address, Asset, AssetError, Number, Text, settings_of
from hn_luigi.assets.parameters.kinds import JsonObject
from hn_luigi.assets.parameters.private_digest import is_digest
from hn_luigi.assets.staleness.plan import steps_to

PRIVATE, HIDDEN = ParameterVisibility.PRIVATE, ParameterVisibility.HIDDEN
DAY = dt.date(2026, 11, 22)
HOUR = dt.datetime(2026, 11, 22, 12)


class Sort(Enum):
    RYE = "rye"
    OAT = "oat"


class Size(IntEnum):
    SMALL = 1


class Oven(luigi.Task):
    """One that a TaskParameter can name."""


@pytest.fixture
def baked(clock):
    """Bread whose settings are those of one parameter, with that value."""

    def bread(parameter, value, name="x"):
        oven = type("oven", (luigi.Config,), {name: parameter, "__module__": __name__})

        class Bread(Asset):
            suffix = ".json"

            def settings(self):
                return settings_of(oven(**{name: value}))

            def compute(self):
                return 1

        return Bread()

    return bread


KINDS = {
    "text": (luigi.Parameter(), "a", "a", "b"),
    "number": (luigi.IntParameter(), 3, 3, 4),
    "fraction": (luigi.FloatParameter(), 0.5, 0.5, 0.25),
    "switch": (luigi.BoolParameter(), True, True, False),
    "ours": (Number(3, minimum=0, maximum=9), 3, 3, 4),
    "nothing": (luigi.OptionalIntParameter(), None, None, 3),
    "list": (luigi.ListParameter(), [1, [2]], [1, [2]], [1, [3]]),
    "tuple": (luigi.TupleParameter(), ((1, 2),), [[1, 2]], ((1, 3),)),
    "numbers of an enumeration": (luigi.EnumParameter(enum=Size), Size.SMALL, 1, None),
    "numpy's number": (luigi.Parameter(), np.int64(3), 3, np.int64(4)),
    "set": (luigi.Parameter(), frozenset({2, 1}), [1, 2], frozenset({1})),
    "date": (luigi.DateParameter(), DAY, "2026-11-22", dt.date(2026, 11, 23)),
    "month": (luigi.MonthParameter(), DAY.replace(day=1), "2026-11", dt.date(2026, 12, 1)),
    "hour": (luigi.DateHourParameter(), HOUR, "2026-11-22T12", dt.datetime(2026, 11, 22, 13)),
    "second": (
        luigi.DateSecondParameter(),
        HOUR.replace(second=5),
        "2026-11-22T120005",
        HOUR.replace(second=6),
    ),
    "interval": (luigi.DateIntervalParameter(), Month(2026, 11), "2026-11", Month(2026, 12)),
    "span": (
        luigi.TimeDeltaParameter(),
        dt.timedelta(days=8, seconds=5),
        "1 w 1 d 0 h 0 m 5 s",
        dt.timedelta(days=8, seconds=6),
    ),
    "span of less than its text tells": (
        luigi.TimeDeltaParameter(),
        dt.timedelta(microseconds=5),
        "timedelta '0:00:00.000005'",
        dt.timedelta(microseconds=6),
    ),
    "enumeration": (luigi.EnumParameter(enum=Sort), Sort.RYE, "RYE", Sort.OAT),
    "enumerations": (luigi.EnumListParameter(enum=Sort), (Sort.RYE,), "RYE", (Sort.OAT,)),
    "dict": (luigi.DictParameter(), {"a": {"b": 1}}, '{"a": {"b": 1}}', {"a": {"b": 2}}),
    "dicts": (luigi.ListParameter(), [{"a": 1}], '[{"a": 1}]', [{"a": 2}]),
    "optional dict": (luigi.OptionalDictParameter(), {"a": 1}, '{"a": 1}', {"a": 2}),
    "choice": (luigi.ChoiceParameter(choices=[3, 4], var_type=int), 3, 3, 4),
    "path": (luigi.PathParameter(), Path("a/b"), "a/b", Path("a/c")),
    "optional path": (luigi.OptionalPathParameter(), Path("a/b"), "a/b", None),
    "task": (luigi.TaskParameter(), Oven, "Oven", None),
}


@pytest.mark.parametrize(("parameter", "value", "text", "other"), KINDS.values(), ids=KINDS.keys())
def test_a_setting_is_recorded_by_its_value_or_its_parameter_s_text(
    baked, succeed, parameter, value, text, other
):
    succeed(baked(parameter, value))
    assert baked(parameter, value).partition.record().settings == {"oven.x": text}
    assert baked(parameter, value).complete()
    if other is not None:
        assert not baked(parameter, other).complete()


def test_a_setting_without_any_text_of_its_own_is_refused_by_name(baked, root):
    bread = baked(luigi.Parameter(), object())
    with pytest.raises(AssetError, match="the setting oven.x isn't a JSON value"):
        bread.run()
    assert not (root / "bread").exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({1: "a"}, "the key 1 isn't a string"),
        ({"a": {2: "a"}}, r"\['a'\]: the key 2 isn't a string"),
        ({"a": DAY}, "date isn't JSON"),
        ({"a": np.array([1])}, "tolist"),
        ({"a": float("nan")}, "finite numbers"),
    ],
)
def test_a_setting_given_by_hand_is_held_to_json(clock, values, message):
    class Bread(Asset):
        suffix = ".json"

        def settings(self):
            return values

        def compute(self):
            pytest.fail("it was computed")

    with pytest.raises(AssetError, match=f"the settings of Bread must be JSON values: .*{message}"):
        Bread().run()


SECRETS = {
    "private": (luigi.Parameter(visibility=PRIVATE), "hunter2", "hunter3"),
    "hidden": (luigi.Parameter(visibility=HIDDEN), "hunter2", "hunter3"),
    "private number": (luigi.IntParameter(visibility=PRIVATE), 47110815, 47110816),
    "private date": (luigi.DateParameter(visibility=PRIVATE), DAY, dt.date(2026, 11, 23)),
    "ours": (Text("", visibility=PRIVATE), "hunter2", "hunter3"),
    "address": (Address(""), "https://me:hunter2@host", "https://me:hunter3@host"),
    "object": (JsonObject(""), '{"key": "hunter2"}', '{"key": "hunter3"}'),
}


@pytest.mark.parametrize(("parameter", "value", "other"), SECRETS.values(), ids=SECRETS.keys())
def test_a_private_setting_is_recorded_as_a_digest_and_shown_nowhere(
    baked, succeed, root, caplog, parameter, value, other
):
    succeed(baked(parameter, value))
    assert is_digest(baked(parameter, value).partition.record().settings["oven.x"])
    assert baked(parameter, value).complete()
    changed = baked(parameter, other)
    assert changed.staleness().reasons == ("the setting oven.x changed",)
    assert steps_to(changed)[-1].reasons == ("the setting oven.x changed",)
    succeed(changed)
    everything = caplog.text + "".join(p.read_text() for p in root.rglob("*") if p.is_file())
    for secret in ("hunter", "4711081", '"2026-11-22"', "'2026-11-22'"):
        assert secret not in everything


def test_an_address_that_names_no_user_is_no_secret(baked, succeed):
    bread = baked(Address(""), "https://host/path")
    succeed(bread)
    assert bread.partition.record().settings == {"oven.x": "https://host/path"}


def test_one_password_in_two_settings_doesn_t_show(baked):
    one, two = (baked(luigi.Parameter(visibility=PRIVATE), "hunter2", n) for n in ("x", "y"))
    assert one.recorded_settings()["oven.x"] != two.recorded_settings()["oven.y"]


def test_a_private_setting_that_an_older_record_holds_in_clear_isn_t_told(baked, succeed, root):
    bread = baked(luigi.Parameter(visibility=PRIVATE), "hunter2")
    succeed(bread)
    [path] = (root / "_records/bread").iterdir()
    record = json.loads(path.read_text())
    record["settings"] = {"oven.x": "hunter2"}
    path.write_text(json.dumps(record))
    again = baked(luigi.Parameter(visibility=PRIVATE), "hunter2")
    assert again.staleness().reasons == ("the setting oven.x changed",)
    succeed(again)
    assert "hunter" not in path.read_text()


@pytest.mark.parametrize("value", [np.int64(3), np.float64(0.5), np.bool_(True)])
def test_what_a_step_reports_may_be_numpy_s_numbers(succeed, clock, value):
    class Counted(Asset):
        suffix = ".json"

        def compute(self):
            self.report(rows=value, by={"a": [value]})
            return 1

    succeed(Counted())
    assert Counted().partition.record().metadata == {
        "rows": value.item(),
        "by": {"a": [value.item()]},
    }


@pytest.mark.parametrize("reported", [{1: 2}, {"a": {(1, 2): 3}}, np.zeros(2)])
def test_what_a_step_reports_is_refused_where_it_would_come_back_different(clock, root, reported):
    class Counted(Asset):
        suffix = ".json"

        def compute(self):
            self.report(by=reported)
            return 1

    with pytest.raises(AssetError, match="what Counted.* reports must be JSON values: "):
        Counted().run()
    assert not (root / "counted").exists()
