"""That a soak can fail: each promise, broken, is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hn_luigi.web.kept_runs import OVERDUE, REFRESH, KeptRun
from hn_luigi.web.run_job import RunRequest

from .observed import Absence, Attempt, Gone, News, Observed, Sample, broken, figures

BEGAN = datetime(2026, 11, 22, 12, 30)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def at(minutes, seconds=0):
    return BEGAN + minutes * MINUTE + seconds * SECOND


def a_run(minute, code=0):
    return KeptRun(
        f"{minute:012x}",
        RunRequest(("top/wordcloud",)),
        at(minute, 2),
        at(minute, 9),
        code,
        started_by=REFRESH,
    )


def of_run(minute, run, window=None):
    start = at(minute if window is None else window)
    return Attempt("top/wordcloud", start, run.id, run.ended)


RUNS = [a_run(minute) for minute in range(10)]
GOOD = Observed(
    BEGAN,
    at(10),
    [Sample(at(0, s), (s % 60 + 55) * SECOND) for s in range(600)],
    [of_run(minute, run) for minute, run in enumerate(RUNS)],
    runs=RUNS,
)
API_GONE = Absence(Gone.API, at(4, 5), at(7, 5))
LATE = News(at(6, 30), "top/wordcloud", "late", is_over=False)
OVER = replace(LATE, at=at(7, 30), is_over=True)
OUTAGE = replace(
    GOOD,
    samples=[
        Sample(s.at, 200 * SECOND if at(6, 30) < s.at < at(7, 20) else s.lag) for s in GOOD.samples
    ],
    made=[made for made in GOOD.made if made.start not in (at(4), at(5), at(6))],
    failed=[of_run(minute, RUNS[minute]) for minute in (4, 5, 6)],
    runs=[replace(run, code=1) if n in (4, 5, 6) else run for n, run in enumerate(RUNS)],
    absences=[API_GONE],
    messages=2,
    news=[LATE, OVER],
)


def test_what_is_well_breaks_nothing():
    assert broken(GOOD) == []
    assert broken(OUTAGE) == []


def test_the_figures_tell_what_an_outage_cost():
    told = dict(figures(OUTAGE))
    assert told["lag"] == "median 87 s, 90 % 113 s, 99 % 200 s, most 200 s"
    assert told["lag while all is there"].endswith("most 114 s")
    assert told["late, of all time"] == "8.2%"
    assert told["late while the API answered"] == "3.6%"  # of 420 seconds, 15
    assert told["late while all is there"] == "0.0%"
    assert told["runs started"] == "10: 7 done, 3 failed"
    assert told["tries wasted"] == "3, 0 of them while all was there"
    assert told["windows made"] == "7, 4 of them of the 4 in which nothing was away"
    assert told["alerts sent"] == "2: 1 begun, 1 over"


def test_a_try_that_made_nothing_though_all_was_there_is_told():
    failed = replace(GOOD, runs=[*RUNS[:-1], a_run(9, OVERDUE)])
    assert dict(figures(failed))["tries wasted"] == "1, 1 of them while all was there"


TWICE = of_run(3, RUNS[4])


@pytest.mark.parametrize(
    "seen, told",
    [
        (replace(GOOD, samples=[Sample(at(5), 181 * SECOND)]), "12:35:00: late, by 0:03:01"),
        (replace(GOOD, samples=[Sample(at(5), None)]), "12:35:00: late, by None"),
        (
            replace(OUTAGE, samples=[Sample(at(8, 13), 181 * SECOND)]),
            "12:38:13: late, by 0:03:01",
        ),
        (replace(GOOD, made=[*GOOD.made, TWICE]), "12:33: made 2 times"),
        (replace(GOOD, made=GOOD.made[:5] + GOOD.made[6:]), "12:35: not made, though"),
        (replace(GOOD, made=[*GOOD.made, TWICE]), "12:33: tried by a run of 12:34:02"),
        (replace(OUTAGE, failed=[of_run(3, RUNS[5])]), "12:33: tried by a run of 12:35:02"),
        (replace(GOOD, runs=RUNS[:-1]), "12:39: by a run that no server has started"),
        (replace(OUTAGE, news=[LATE, LATE, OVER]), "told twice, that it has begun"),
        (replace(OUTAGE, news=[LATE, OVER, OVER]), "told twice, that it is over"),
        (replace(OUTAGE, news=[LATE]), "nobody was told that it is over"),
        (replace(GOOD, news=[LATE, OVER]), "late: top/wordcloud: told though all was there"),
        (replace(GOOD, left=["left behind: python"]), "left behind: python"),
    ],
)
def test_a_promise_that_is_broken_is_told(seen, told):
    assert any(told in line for line in broken(seen)), broken(seen)
