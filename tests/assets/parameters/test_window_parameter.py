from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import luigi
import pandas as pd
import pytest
from luigi.cmdline_parser import CmdlineParser
from luigi.tools.range import RangeDaily, RangeHourly, RangeMonthly

from hn_luigi.assets import Asset, Choice, Number, Text
from hn_luigi.assets.errors import SettingError


@pytest.fixture
def step():
    class Step(Asset):
        suffix = ".json"

        def compute(self):
            return 1

    return Step


@pytest.fixture
def section():
    class oven(luigi.Config):
        degrees = Number(180, minimum=50, maximum=300)
        share = Number(0.5, minimum=0, maximum=1)
        mode = Choice("fan", choices=("fan", "grill"))
        name = Text("hot", required=True)

    return oven


def test_without_a_time_a_task_is_about_the_present_window(step, clock):
    assert step().as_of == datetime(2026, 11, 22, 12, 30)
    clock.advance(minutes=10)
    assert step().as_of == datetime(2026, 11, 22, 12, 40)


def test_a_clock_that_enters_a_window_while_a_task_is_made_gives_one_window(step, monkeypatch):
    # Luigi's cache of instances is looked at before the window is.
    ticks = iter([datetime(2026, 11, 22, 12, 29, 59)] * 2 + [datetime(2026, 11, 22, 12, 30)] * 9)
    monkeypatch.setattr("hn_luigi.assets.window.now", lambda: next(ticks))
    task = step()
    assert task.as_of == datetime(2026, 11, 22, 12, 20)
    assert task == step(as_of=datetime(2026, 11, 22, 12, 20))


def test_the_window_s_length_is_a_setting(step, clock, settings):
    settings("assets", window_minutes=60)
    assert step().as_of == datetime(2026, 11, 22, 12, 0)


def test_an_aware_time_in_code_is_taken_as_the_instant_it_is(step, clock):
    in_tokyo = datetime(2026, 11, 22, 21, 31, tzinfo=timezone(timedelta(hours=9)))
    assert step(as_of=in_tokyo).as_of == datetime(2026, 11, 22, 12, 30)


@pytest.mark.parametrize(
    ("value", "start"),
    [
        (date(2026, 11, 1), datetime(2026, 11, 1)),
        ("2026-11-01T05", datetime(2026, 11, 1, 5)),
        ("2026-11-01T0517", datetime(2026, 11, 1, 5, 10)),
        ("2026-11-01T0510Z", datetime(2026, 11, 1, 5, 10)),
        ("now", datetime(2026, 11, 22, 12, 30)),
        ("", datetime(2026, 11, 22, 12, 30)),
        (pd.Timestamp("2026-11-01T05:17"), datetime(2026, 11, 1, 5, 10)),
        (pd.Timestamp("2026-11-01T05:17+02:00"), datetime(2026, 11, 1, 3, 10)),
    ],
)
def test_a_window_is_named_in_code_as_on_a_command_line_or_by_a_date(step, clock, value, start):
    task = step(as_of=value)
    assert (task.as_of, type(task.as_of)) == (start, datetime)
    assert task is step(start)
    assert task.task_id == step.from_str_params(task.to_str_params()).task_id


@pytest.mark.parametrize(
    "value",
    [
        "noon",
        "2026-11-31",
        3,
        True,
        ("2026-11-01",),
        pd.NaT,
        timedelta(days=1),
        datetime(9999, 12, 31, 23, 50),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=9))),
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused_in_a_line_that_names_it(step, clock, value):
    with pytest.raises(SettingError) as caught:
        step(as_of=value)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"--as-of is {value!r}: it must be ")


@pytest.mark.parametrize(
    ("tool", "start", "stop", "of", "windows"),
    [
        (RangeDaily, date(2026, 11, 20), date(2026, 11, 22), 1440, ["20T0000Z", "21T0000Z"]),
        (RangeDaily, date(2026, 11, 21), date(2026, 11, 22), 10, ["21T0000Z"]),
        (RangeHourly, datetime(2026, 11, 22, 8), datetime(2026, 11, 22, 9), 60, ["22T0800Z"]),
        (RangeMonthly, date(2026, 11, 1), date(2026, 12, 1), 1440, ["01T0000Z"]),
    ],
)
def test_luigi_s_range_tools_make_the_windows_that_they_name(
    step, succeed, settings, root, tool, start, stop, of, windows
):
    settings("assets", window_minutes=of)
    at = int(datetime(2026, 12, 3, tzinfo=UTC).timestamp())
    for _ in range(2):
        succeed(tool(of=step, start=start, stop=stop, now=at))
        made = sorted(path.name for path in (root / "step").iterdir())
        assert made == [f"2026-11-{window}.json" for window in windows]


def test_a_task_survives_the_way_through_strings(step, clock):
    task = step()
    assert step.from_str_params(task.to_str_params()) is task


def test_the_rest_of_the_present_window_is_not_the_future(step, clock):
    task = step.from_str_params({"as_of": "2026-11-22T1239"})
    assert task.as_of == datetime(2026, 11, 22, 12, 30)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("2026-11-22T1240", "in the future: it is 2026-11-22 12:34 UTC"),
        ("noon", "must be now, latest, or a UTC time like"),
    ],
)
def test_a_bad_time_is_refused_with_what_is_wanted(step, clock, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        step.from_str_params({"as_of": text})


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("degrees", "hot", r"\[oven\] degrees \(--oven-degrees\) is 'hot': .* from 50 to 300"),
        ("degrees", "301", "whole number from 50 to 300"),
        ("degrees", "180.5", "whole number"),
        ("share", "nan", "a number from 0 to 1"),
        ("mode", "boil", "choose from fan, grill"),
        ("name", " ", "must not be empty"),
    ],
)
def test_a_bad_setting_says_which_and_what_it_takes(section, settings, name, value, complaint):
    settings("oven", **{name: value})
    with pytest.raises(ValueError) as caught:
        section()
    assert caught.match("oven")
    assert caught.value.__cause__ is not None
    with pytest.raises(ValueError, match=complaint):
        raise caught.value.__cause__


def test_on_a_command_line_a_bad_value_is_one_line_and_exit_code_2(section, settings, capsys):
    settings("oven", degrees="hot")
    with (
        CmdlineParser.global_instance(["oven"], allow_override=True),
        pytest.raises(SystemExit) as caught,
    ):
        section()
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("luigi: [oven] degrees (--oven-degrees) is 'hot': ")


@pytest.mark.parametrize("values", [{"degrees": 301}, {"degrees": "hot"}, {"mode": "boil"}])
def test_a_bad_value_in_code_is_refused_too(section, values):
    with pytest.raises(ValueError, match=r"\[oven\]"):
        section(**values)


def test_good_settings_have_the_type_of_their_default(section, settings):
    settings("oven", degrees="200", share="0.25", mode="grill", name=" warm ")
    values = section().param_kwargs
    assert values == {"degrees": 200, "share": 0.25, "mode": "grill", "name": "warm"}
