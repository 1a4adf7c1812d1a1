"""Every stored output is compared with its record, and latest with the newest window."""

from __future__ import annotations

import math
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hn_luigi.assets.operations import verify as module
from hn_luigi.assets.operations.verify import Problem, has_turn, verify_outputs

FIRST, LAST = "2026-11-22T1230Z", "2026-11-22T1240Z"


@pytest.fixture(autouse=True)
def meanwhile(monkeypatch):
    """What happens while it waits before it looks again."""
    happening = []
    monkeypatch.setattr(module, "sleep", lambda seconds: [event() for event in happening])
    return happening


@pytest.fixture
def check(mill, bake):
    """Looks at both assets, of which two windows are made."""
    bake(2)
    return lambda: verify_outputs([mill.Flour(), mill.Bread()])


def test_after_a_run_there_is_no_problem(check):
    assert check() == module.Verification(matching=4, problems=())


@pytest.mark.parametrize(
    ("path", "data", "problem"),
    [
        (f"bread/{FIRST}.txt", b"crumbs", "its output was modified outside hn_luigi"),
        (f"bread/{FIRST}.txt", None, "its output is missing, though it is recorded"),
        (f"_records/bread/{FIRST}.json", None, "it has no record"),
        (f"_records/bread/{FIRST}.json", b"{", "its record is unreadable (JSONDecodeError: "),
        (f"_records/bread/{FIRST}.json", b'{"version": 99}', "its record has the later form 99"),
    ],
)
def test_each_kind_of_problem_is_found(check, root, path, data, problem):
    (root / path).unlink() if data is None else (root / path).write_bytes(data)
    found = check()
    assert found.matching == 3
    assert [(p.asset, p.window) for p in found.problems] == [("bread", FIRST)]
    assert found.problems[0].problem.startswith(problem)


def test_a_change_of_the_same_size_and_time_is_found(check, root):
    """A run would not look at the bytes."""
    path = root / f"bread/{FIRST}.txt"
    times = path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(times, times))
    assert check().problems == (
        Problem("bread", FIRST, "its output was modified outside hn_luigi"),
    )


@pytest.mark.parametrize(
    ("data", "problem"), [(b"other", f"it is not the output of {LAST}"), (None, "it is missing")]
)
def test_a_latest_that_is_not_the_newest_output_is_found(check, root, data, problem):
    latest = root / "bread/latest.txt"
    latest.unlink() if data is None else latest.write_bytes(data)
    assert check() == module.Verification(4, (Problem("bread", "latest", problem),))


def test_an_older_output_as_latest_is_found(check, root):
    (root / "bread/latest.txt").write_bytes((root / f"bread/{FIRST}.txt").read_bytes())
    assert [p.window for p in check().problems] == ["latest"]


@pytest.mark.parametrize("data", [b"crumbs", None])
def test_a_latest_that_outlives_its_output_is_no_problem_of_its_own(check, root, data):
    path = root / f"bread/{LAST}.txt"
    path.unlink() if data is None else path.write_bytes(data)
    assert [p.window for p in check().problems] == [LAST]


def test_a_folder_in_an_output_s_place_is_a_problem_and_stops_nothing(check, root):
    (root / f"bread/{FIRST}.txt").unlink()
    (root / f"bread/{FIRST}.txt").mkdir()
    found = check()
    assert found.matching == 3
    assert found.problems[0].problem == "its output is missing, though it is recorded"


def test_a_run_that_publishes_meanwhile_is_no_problem(check, root, meanwhile):
    record: Path = root / f"_records/bread/{LAST}.json"
    data = record.read_bytes()
    record.unlink()
    meanwhile.append(lambda: record.write_bytes(data))
    assert check().problems == ()


def test_it_only_looks(check, root):
    (root / f"bread/{FIRST}.txt").write_text("crumbs")
    (root / "bread/latest.txt").unlink()
    before = {path: os.stat(path).st_mtime_ns for path in root.rglob("*")}
    check()
    assert {path: os.stat(path).st_mtime_ns for path in root.rglob("*")} == before


def test_an_empty_root_has_nothing_to_compare(mill, root):
    assert verify_outputs([mill.Flour(), mill.Bread()]) == module.Verification(0, ())
    assert not root.exists()


def test_windows_since_a_time_are_looked_at_and_no_others(mill, bake, root):
    bake(4)
    for name in (FIRST, "2026-11-22T1300Z"):
        (root / f"bread/{name}.txt").write_text("crumbs")
    found = verify_outputs([mill.Flour(), mill.Bread()], since=datetime(2026, 11, 22, 12, 50))
    assert [problem.window for problem in found.problems] == ["2026-11-22T1300Z"]
    assert (found.matching, found.looked_at, found.left_out) == (3, 4, 4)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.003])
def test_looks_at_a_share_a_day_come_to_all_in_turn(share):
    """Each at about as many, and on the same day at the same."""
    keys = [f"top/stories/{n}" for n in range(3000)]
    days = [datetime(2026, 11, 22, 12) + timedelta(days=n) for n in range(math.ceil(1 / share))]
    taken = [{key for key in keys if has_turn(key, share, day)} for day in days]
    assert set.union(*taken) == set(keys)
    assert all(0.7 * share < len(some) / 3000 < 1.3 * share for some in taken) or share < 0.01
    assert taken[0] == {key for key in keys if has_turn(key, share, days[0].replace(hour=23))}
    if share <= 0.5:
        assert not taken[0] & taken[1]


def test_a_share_of_the_windows_is_looked_at_and_latest_always(mill, bake, root, clock):
    bake(6)
    for name in ("bread/latest.txt", f"bread/{FIRST}.txt"):
        (root / name).write_text("crumbs")
    seen = []
    for _ in range(4):
        found = verify_outputs([mill.Flour(), mill.Bread()], share=0.25)
        assert found.looked_at + found.left_out == 12
        assert "latest" in [problem.window for problem in found.problems]
        seen += [problem.window for problem in found.problems if problem.window != "latest"]
        clock.advance(days=1)
    assert seen == [FIRST]
