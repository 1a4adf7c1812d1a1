"""``/runs``: every run, whoever started it, and how it ended."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from hn_luigi import Digest, Stories, StoriesOfDay, StoryIds, Trends, Wordcloud
from hn_luigi.assets import window
from hn_luigi.assets.operations import new_run_id
from hn_luigi.web import run_views, urls
from hn_luigi.web.kept_runs import KeptRun, RunFolder
from hn_luigi.web.run_job import RunRequest

from .conftest import HOSTILE
from .test_runs import cells, rows, state_of, status_of


@pytest.fixture
def unnamed(made):
    """Has all that was made be from before records told of runs."""
    for kind in (StoryIds, Stories, Wordcloud, StoriesOfDay, Trends, Digest):
        asset = kind()
        for name in asset.dataset.recorded():
            partition = asset.dataset.partition(name)
            partition.write_record(replace(partition.record(), run="", started_by=""))


@pytest.fixture
def made_by(unnamed, clock):
    """Has what is made of the present window be a run's, which took 3 s."""

    def run(started_by, run_id="0123456789ab"):
        for seconds, asset in enumerate((StoryIds(), Stories(), Wordcloud()), start=-2):
            partition, at = asset.partition, window.timestamp(clock() + timedelta(seconds=seconds))
            told = {"run": run_id, "started_by": started_by, "created_at": at, "duration": 1.0}
            partition.write_record(replace(partition.record(), **told))
        return run_id

    return run


def listed(page):
    return [cells(row) for row in rows(page)]


def log_of(page):
    return page.one("pre", class_="log").verbatim


def test_before_there_is_any_it_says_so(server):
    assert "No run is known yet" in server.page("/runs").text


@pytest.mark.usefixtures("unnamed")
def test_what_was_made_before_records_told_of_runs_is_left_out_in_words(server):
    page = server.page("/runs")
    assert "was made before records told of runs" in page.text
    assert not page.all("table")


def test_a_run_from_a_command_line_is_listed_with_what_it_made(made_by, server):
    run = made_by("luigi")
    page = server.page("/runs")
    (row,) = rows(page)
    assert cells(row)[1:] == ["luigi", "top/story_ids top/stories top/wordcloud", "done"]
    hrefs = [a["href"] for a in row.all("a")]
    assert hrefs[0] == f"/runs/{run}"
    assert hrefs[1] == "/assets/top/story_ids?window=2026-11-22T1230Z"
    assert "records told of runs" in page.text  # those of the window before
    (bar,) = page.one("svg").all("a")
    assert bar["href"] == f"/runs/{run}"
    assert re.match(r"luigi, 2026-11-22 12:3\d, .*: done", bar["aria-label"])
    page = server.page(f"/runs/{run}")
    assert state_of(page) == "done"
    assert len(page.one("table", class_="gantt").one("tbody").all("tr")) == 3
    assert "run from a command line" in page.text
    assert not page.all("pre", class_="log")


def test_a_failure_says_what_failed_and_why(made_by, server, fail, clock):
    run = made_by("scripts/refresh")
    clock.advance(minutes=10)
    fail(Stories(), "OSError: no net", run=(later := new_run_id()), started_by="hn-luigi run")
    (last, first) = listed(server.page("/runs"))
    assert last[1:] == ["hn-luigi run", "nothing", "failed top/stories: OSError: no net"]
    assert first[3] == "done"
    page = server.page(f"/runs/{later}")
    assert status_of(page) == "top/stories: OSError: no net"
    assert run not in page.text


def test_a_later_attempt_that_made_it_is_no_failure(made_by, server, fail):
    run = new_run_id()
    fail(Wordcloud(), "OSError: no net", run=run, retried=True)
    made_by("luigi", run)
    ((*_, ended),) = listed(server.page("/runs"))
    assert ended == "done"
    page = server.page(f"/runs/{run}")
    assert "made, after 1 failed attempt OSError: no net" in " ".join(page.text.split())


def test_a_run_of_scripts_refresh_has_its_part_of_the_log(made_by, server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    run, idle = made_by("scripts/refresh"), new_run_id()
    (tmp_path / "logs/refresh-2026-11-22.log").write_text(
        f"2026-11-22 12:20:00 UTC scripts/refresh begins: run {idle}, process 1\n"
        "12:20:02 INFO: nothing new\n2026-11-22 12:20:03 UTC luigi exited with 0 after 3.0 s\n"
        f"2026-11-22 12:34:50 UTC scripts/refresh begins: run {run}, process 1\n"
        "12:34:51 INFO: Making all\n2026-11-22 12:34:59 UTC luigi exited with 0 after 9.0 s\n"
    )
    assert listed(server.page("/runs")) == [
        ["9.0 s", "scripts/refresh", "top/story_ids top/stories top/wordcloud", "done"],
        ["3.0 s", "scripts/refresh", "nothing", "done"],
    ]
    assert "12:34:51 INFO: Making all" in log_of(server.page(f"/runs/{run}"))
    assert "Making all" not in log_of(server.page(f"/runs/{idle}"))


def test_a_run_of_this_server_is_known_after_a_restart(server, serve, tmp_path):
    folder = RunFolder(str(tmp_path / "state/runs"))
    run = KeptRun(new_run_id(), RunRequest(("top/wordcloud",)), window.now(), is_under_way=True)
    log = folder.log_of(run)
    log.write(b"INFO: Making it\n")
    (row,) = listed(server.page("/runs"))  # of another server, as far as this one can tell
    assert row[1:] == ["page", "nothing", "running"]
    assert server.page("/runs").all("meta", http_equiv="refresh")
    log.close()
    (row,) = listed(serve().page("/runs"))
    assert row[1:] == ["page", "nothing", "ended with the server"]
    page = server.page(f"/runs/{run.id}")
    assert "stopped or killed" in status_of(page)
    assert "INFO: Making it" in log_of(page)


def test_a_secret_that_a_step_prints_is_masked(server, tmp_path, monkeypatch):
    from hn_luigi.assets.secrets.log_masking import mask_secrets

    monkeypatch.setenv("MY_TOKEN", "Wr3n-And-0wl-And-Jay")
    mask_secrets()
    folder = RunFolder(str(tmp_path / "state/runs"))
    run = KeptRun(new_run_id(), RunRequest(("top/wordcloud",)), window.now(), is_under_way=True)
    log = folder.log_of(run)
    log.write(b"I have Wr3n-And-0wl-And-Jay here\n")
    log.close()
    assert "Wr3n-And-0wl" not in server.page(f"/runs/{run.id}").text


def test_without_a_place_a_run_is_started_and_its_page_says_why_there_is_no_log(server, tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    run = server.start(RunRequest(("gone",)))
    page = server.page(f"/runs/{run.id}")
    assert "The log is not whole: " in page.text
    assert re.search(r"state/runs: (Not a directory|File exists)", page.text)
    assert rows(server.page("/runs"))


@pytest.mark.usefixtures("unnamed")
def test_older_runs_can_be_reached(server, monkeypatch, fail, clock):
    monkeypatch.setattr(run_views, "SHOWN", 2)
    ids = []
    for number in range(5):
        clock.advance(minutes=1)
        ids.insert(0, new_run_id())
        fail(Stories(), f"E: {number}", run=ids[0], duration=1.0)
    seen, address = [], "/runs"
    while address:
        page = server.page(address)
        for row in rows(page):
            seen.append(row.all("a")[0]["href"])
            assert state_of(server.page(seen[-1])) == "failed"
        older = [a["href"] for a in page.all("a") if a.text == "Older runs"]
        address = older[0] if older else None
    assert [re.search("[0-9a-f]{12}", href)[0] for href in seen] == ids


@pytest.mark.parametrize(
    "path",
    ["/runs/1", "/runs/0123456789ab", "/runs/0123456789AB", "/runs/..%2f..%2fetc", "/runs/x"],
)
def test_what_is_no_run_is_no_page(made, server, path):
    server.page(path, 404)


@pytest.mark.parametrize("before", ["", "now", "2026-11-22", "9999-99-99T00:00:00.000Z", "%00"])
def test_what_is_no_time_is_no_page(made, server, before):
    server.page(f"/runs?before={before}", 404)
    server.page(f"/runs/0123456789ab?before={before}", 404)


def test_what_others_wrote_into_records_stays_text(made_by, server, fail):
    made_by(HOSTILE)
    fail(Stories(), HOSTILE, run=new_run_id(), started_by="\x1b[31m\u202e" * 99)
    for path in ("/runs", "/runs/0123456789ab"):
        server.page(path)


def test_the_address_of_an_old_run_says_before_when_to_look(clock):
    moment = clock() + timedelta(seconds=1)
    assert urls.run_url("0" * 12) == "/runs/000000000000"
    assert urls.run_url("0" * 12, moment).endswith("?before=2026-11-22T12:34:57.000Z")


def test_what_an_absurd_record_says_to_have_begun_before_1970_has_no_link_to_older(
    made_by, server, monkeypatch
):
    made_by("luigi")
    partition = Stories().partition
    told = {"run": new_run_id(), "created_at": "1970-01-02T00:00:00.000Z", "duration": 9e8}
    partition.write_record(replace(partition.record(), **told))
    monkeypatch.setattr(run_views, "_LEAST_READ", 1)
    monkeypatch.setattr(run_views, "_MOST_READ", 1)
    page = server.page("/runs")
    assert len(rows(page)) == 2
    assert "Older runs" not in page.text
