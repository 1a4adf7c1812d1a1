"""``hn-luigi due`` tells what is made next, when and why, as the server would start it."""

from __future__ import annotations

import re
import signal
import subprocess
from datetime import timedelta

import pytest

from hn_luigi import Wordcloud
from hn_luigi.refresh import pause, resume, share, spread
from hn_luigi.watchlist import roots

STATIONS = """
from datetime import timedelta
from hn_luigi.assets import Asset, FreshnessPolicy

class Tick(Asset):
    suffix = ".json"
    capture = True
    freshness = FreshnessPolicy(timedelta(minutes=15))

    def compute(self):
        return 1

class Day(Asset):
    suffix = ".json"
    window_length = "day"
    freshness = FreshnessPolicy(timedelta(hours=2))

    def requires(self):
        return self.windows(Tick)

    def compute(self, ticks):
        return len(ticks)

class Rushed(Asset):
    suffix = ".json"
    window_length = "day"
    freshness = FreshnessPolicy(timedelta(hours=2))

    def compute(self):
        return 1

class Table(Asset):
    suffix = ".json"
    window_length = None

    def compute(self):
        return 1
"""

BROKEN = """
import sys
from hn_luigi.assets import Asset

class Raises(Asset):
    suffix = ".json"

    def settings(self):
        raise ValueError("not today")

class Exits(Asset):
    suffix = ".json"

    def settings(self):
        sys.exit(3)
"""


@pytest.fixture
def stations(tmp_path, monkeypatch):
    """A module of a folder of a user's, which the present one is."""
    (tmp_path / "due_stations.py").write_text(STATIONS)
    monkeypatch.chdir(tmp_path)
    return ["--watch", "due_stations Day"]


def after(start):
    """The moment at which this installation begins a window of ten minutes, as it is printed."""
    own = roots()[0].own_length()
    return (start + spread(own, share())).isoformat(" ", timespec="seconds")


def test_what_was_never_made_is_due_now_and_then_once_in_each_window(small, say, clock):
    said = say("due --hours 1")
    assert said.code == 0
    head, titles, first, *others = said.lines
    assert head == "2026-11-22 12:34 UTC, the next hour"
    assert re.split(r"\s{2,}", titles) == ["When", "In", "What", "Window", "Why"]
    begin = clock.at.replace(minute=30, second=0)
    told = [after(begin), "now", "top/wordcloud", "2026-11-22 12:30", "its window begins"]
    assert re.split(r"\s{2,}", first) == told
    assert len(others) == 6
    assert re.split(r"\s{2,}", others[0])[0] == after(begin + timedelta(minutes=10))
    assert re.split(r"\s{2,}", others[0])[1] == "6 min"


def test_before_the_first_run_it_tells_the_same(small, say, root):
    root.rmdir()
    said = say("due --hours 1")
    assert (said.code, said.err) == (0, "")
    assert re.split(r"\s{2,}", said.lines[2])[1:3] == ["now", "top/wordcloud"]
    assert not root.exists()


@pytest.mark.parametrize(
    ("width", "columns"),
    [(60, "When What Why"), (80, "When In What Why"), (100, "When In What Window Why")],
)
def test_a_terminal_has_the_reasons_however_narrow_it_is(small, on_terminal, width, columns):
    _, _, head, *rows = on_terminal("due --hours 168", width)
    assert head.split() == columns.split()
    assert all(len(row) <= width for row in rows)
    told = [row for row in rows if " top/wordcloud " in row]
    assert len(told) > 7 * 24 * 6 - 2
    assert all("its window begins" in row for row in told)


def test_what_is_made_comes_next_in_its_next_window(made, say):
    row = re.split(r"\s{2,}", say("due").lines[2])
    assert row[2:4] == ["top/wordcloud", "2026-11-22 12:40"]


def test_a_try_that_failed_is_told_with_the_next(failed, say, clock):
    """It failed at 12:44:56, and is tried again a minute later."""
    first = re.split(r"\s{2,}", say("due").lines[2])
    assert first == [
        "2026-11-22 12:45:56",
        "1 min",
        "top/wordcloud",
        "2026-11-22 12:40",
        "1 try failed",
    ]


def test_a_paused_line_has_no_rows_and_says_since_when(made, say):
    pause("top/wordcloud")
    said = say("due").lines
    assert said[1:] == [
        "paused top/wordcloud: since 2026-11-22 12:34 UTC, until it is resumed on its page"
    ]
    resume("top/wordcloud")
    assert len(say("due").lines) > 10


def test_what_is_beyond_the_hours_is_told_in_a_line(stations, succeed, say, root, clock):
    said = say(["due", "--hours", "1", "--watch", "due_stations Table"]).lines
    assert re.split(r"\s{2,}", said[2])[1:] == ["now", "table", "-", "nothing of it is stored"]
    (table,) = roots()
    succeed(table)
    said = say(["due", "--hours", "1", "--watch", "due_stations Table"]).lines
    assert said[1] == "table: nothing is planned: it is current"


def test_what_is_being_made_is_said_to_be(small, say, root):
    page = Wordcloud()
    with page.dataset.store.lock(page.partition.key):
        said = say("due").lines
    assert said[-1] == "top/wordcloud: another run is making it"
    assert "12:40" in said[2]


def test_policies_that_can_not_be_kept_are_told(stations, say):
    said = say(["due", *stations, "--watch", "due_stations Rushed"]).lines
    told = [line for line in said if line.startswith("note ")]
    assert len(told) == 1
    assert told[0].startswith("note rushed: its limit of 2 h is shorter than its window of a day.")


def test_a_line_that_names_nothing_takes_nothing_from_the_others(stations, say):
    said = say(["due", *stations, "--watch", "due_nowhere Nothing", "--json"])
    assert said.code == 2
    assert [each["asset"] for each in said.json] == ["day"]
    assert len(said.err.splitlines()) == 1
    assert "due_nowhere" in said.err


def test_a_class_that_raises_takes_nothing_from_the_others(stations, say, tmp_path):
    (tmp_path / "due_broken.py").write_text(BROKEN)
    said = say(["due", "--watch", "due_broken Raises", *stations, "--watch", "due_broken Exits"])
    assert said.code == 2
    assert any(" day " in line for line in said.lines)
    assert said.err.splitlines() == [
        "hn-luigi: due_broken Raises: ValueError: not today",
        "hn-luigi: due_broken Exits: SystemExit: 3",
    ]


def test_what_two_lines_are_made_from_is_planned_once(stations, say):
    rows = say(["due", "--watch", "due_stations Tick", *stations, "--hours", "24"]).lines
    windows = [line.split("  ")[-2] for line in rows if " tick " in line]
    assert len(windows) == len({*windows}) > 100


def test_programs_get_the_same_facts(made, say, clock):
    (line,) = say("due --hours 1 --json").json
    assert line["line"] == "hn_luigi Wordcloud"
    assert line["asset"] == "top/wordcloud"
    assert line["paused_since"] is None
    assert line["notes"] == []
    assert line["next"]["when"] == line["due"][0]["when"]
    assert line["next"] == {
        "asset": "top/wordcloud",
        "window": "2026-11-22T1240Z",
        "when": line["next"]["when"],
        "now": False,
        "settling": False,
        "why": "its next window begins",
    }
    assert len(line["due"]) == 6


def test_nothing_is_written_and_nothing_made(made, say, root, contents):
    before = contents(root)
    say("due --hours 24")
    assert contents(root) == before


@pytest.mark.parametrize("hours", ["0", "169", "x", "-1"])
def test_hours_are_up_to_a_week(hours, say):
    said = say(["due", "--hours", hours])
    assert said.code == 2
    assert "--hours" in said.err


def test_the_server_says_what_it_makes_and_what_policies_can_not_have(stations, process, tmp_path):
    words = ["serve", "--refresh", "--port", "0", "--watch", "due_nowhere Nothing"]
    watched = ["--watch", "due_stations Rushed", "--watch", "due_stations Table"]
    arguments = process(*words, *stations, *watched)
    serving = subprocess.Popen(
        **arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        said = [serving.stdout.readline().strip() for _ in range(7)]
        first_complaint = serving.stderr.readline()
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.communicate()
    assert said[3].startswith("Makes day as each window of a day begins, within it whenever")
    assert said[4].startswith("Makes rushed once in each window of a day")
    assert said[5].startswith("rushed: its limit of 2 h is shorter than its window of a day.")
    assert said[6] == "Makes table whenever it is stale."
    assert "due_nowhere" in first_complaint


def test_a_server_that_does_not_refresh_says_nothing_of_it(stations, process):
    arguments = process("serve", "--no-refresh", "--port", "0", *stations)
    serving = subprocess.Popen(
        **arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in serving.stderr:
        if "The assets:" in line:
            break
    serving.send_signal(signal.SIGTERM)
    out, _ = serving.communicate()
    assert "Makes" not in out


def test_what_a_run_of_another_line_makes_has_no_rows_of_its_own(made, say, settings):
    settings("assets", watch="hn_luigi Wordcloud\nhn_luigi Stories")
    *rows, told = say("due --hours 1").lines[2:]
    assert {re.split(r"\s{2,}", line)[2] for line in rows} == {"top/wordcloud"}
    assert told.startswith("top/stories: next at 2026-11-22 12:40:")
