"""What pages tell of refresh by line of the watch list: what comes next, when, what is paused."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from hn_luigi.assets.operations import assets, new_run_id
from hn_luigi.refresh import LineFacts, Need, Try, due, pause, paused
from hn_luigi.web.kept_runs import REFRESH, KeptRun, RunLog
from hn_luigi.web.refresh_plans import Plan
from hn_luigi.web.refresh_views import line_views, seconds_to_look
from hn_luigi.web.run_job import RunRequest
from hn_luigi.web.runs import Run

from ..limits import scaled
from ..processes import wait_until
from ..refresh.lines import DAY, HOUR, NOON, TEN, asset, line, policy
from .conftest import HOSTILE
from .test_overview_page import verdict
from .test_runs import REPOSITORY, cells, rows, state_of, status_of

NOW = NOON + timedelta(minutes=2, seconds=3)
RUN = new_run_id()


def run(reason="its window begins", *, is_under_way=True):
    request = RunRequest(("page",))
    kept = KeptRun(RUN, request, NOW, started_by=REFRESH, reason=reason, is_under_way=is_under_way)
    return Run(kept, RunLog(), None, -1)


def plan(known: LineFacts, made_by=None):
    return Plan(known, due(known, NOW, 0.5), made_by)


def view(known: LineFacts, made_by=None, since=None, troubles=None):
    plans = {known.root.folder: plan(known, made_by)}
    (found,) = line_views(plans, since or {}, NOW, troubles or {})
    return found


MISSING = asset(need=Need.MISSING)
HOUR_AGO = NOON - timedelta(hours=1)
BEFORE = asset("hour", HOUR, HOUR_AGO, inputs_every=TEN, need=Need.INPUTS)


class TestWhatComesNext:
    @pytest.mark.parametrize(
        ("known", "text"),
        [
            (
                line(asset()),
                "Next at 12:10:15 UTC, in 9 min: its next window begins",
            ),
            (
                line(asset(length=DAY)),
                "Next at 2026-11-23 00:00:15 UTC, in 11 h 59 min: its next window begins",
            ),
            (
                line(replace(MISSING, tries=[Try("a", NOW - timedelta(seconds=20))])),
                "Next at 12:02:43 UTC, in 40 s: 1 try failed",
            ),
            (
                line(replace(MISSING, is_being_made=True)),
                "Nothing is planned: another run is making it",
            ),
            (line(MISSING), "Due now: its window begins"),
            (
                line(asset(need=Need.STALE, reason="the setting a.b changed")),
                "Due now: the setting a.b changed",
            ),
            (
                line(
                    asset("tick", policy=policy(15), data_time=NOON),
                    asset("day", DAY, policy=policy(300), inputs_every=TEN, data_time=NOON),
                ),
                "Next at 12:10:15 UTC, in 9 min, tick alone: its next window begins",
            ),
            (
                line(asset("hour", HOUR, inputs_every=TEN), settling=[BEFORE]),
                "Due now, 2026-11-22 11:00 once more: its window is over, and its last inputs are "
                "new",
            ),
            (
                line(asset("hour", HOUR, inputs_every=TEN), asset("day", DAY), settling=[BEFORE]),
                "Due now, hour alone, 2026-11-22 11:00 once more: its window is over, and its last "
                "inputs are new",
            ),
        ],
    )
    def test_is_told_with_its_time_and_why(self, known, text):
        assert (view(known).text, view(known).state) == (text, "")

    def test_is_the_run_that_is_under_way(self):
        # The lock is held by that run, and so all that is planned is to wait for it.
        known = line(replace(MISSING, is_being_made=True))
        found = view(known, run())
        assert (found.state, found.run) == ("under way", RUN)
        assert found.text == "since 12:02:03 UTC: its window begins"

    def test_is_no_run_that_is_over_since_the_refresher_looked(self):
        found = view(line(MISSING), run(is_under_way=False))
        assert (found.state, found.run, found.text) == ("", "", "Due now: its window begins")

    def test_waits_for_the_run_of_another_line(self):
        other = line(asset("other", need=Need.MISSING))
        plans = {"page": plan(line(MISSING), run()), "other": plan(other)}
        _, waits = line_views(plans, {}, NOW, {})
        assert waits.text == "Due now, after the run that is under way: its window begins"

    def test_is_nothing_while_it_is_paused(self):
        known = line(MISSING)
        found = view(known, since={"page": NOON})
        assert (found.is_paused, found.tone, found.when) == (True, "warn", None)
        assert found.text.startswith("since 12:00:00 UTC: ")
        assert view(known, run(), since={"page": NOON}).run == RUN  # which is let end

    def test_is_what_is_due_as_soon_as_it_is_resumed(self):
        """Also before the refresher looked again."""
        assert view(line(MISSING, paused_since=NOON)).text == "Due now: its window begins"

    def test_stays_paused_as_far_as_is_known_where_the_root_doesn_t_answer(self):
        known = line(MISSING, paused_since=NOON)
        (found,) = line_views({"page": plan(known)}, None, NOW, {})
        assert found.is_paused

    def test_is_told_with_what_keeps_it_from_being_started(self):
        found = view(line(MISSING), troubles={"a line": "no memory", "another line": "no"})
        assert (found.text, found.trouble) == ("Due now: its window begins", "no memory")

    @pytest.mark.parametrize(
        ("made_by", "notes"),
        [("scripts/refresh", ["Last made by scripts/refresh."]), ("refresh", []), ("page", [])],
    )
    def test_is_told_with_who_else_made_the_present_window(self, made_by, notes):
        known = line(asset(policy=policy(30)))
        plans = {"page": replace(plan(known), made_by=made_by)}
        (found,) = line_views(plans, {}, NOW, {})
        assert found.notes == notes

    def test_quotes_what_others_wrote_on_one_line_of_some_length(self):
        found = view(line(asset(need=Need.STALE, reason="\x1b[31m\n" + "long " * 999)))
        assert found.text.startswith("Due now: \\x1b[31m long ")
        assert len(found.text) < 400

    @pytest.mark.parametrize(
        ("known", "seconds"),
        [
            (line(asset()), 30),  # it is 8 minutes away
            (line(replace(MISSING, tries=[Try("a", NOW - timedelta(seconds=50))])), 11),
            (line(MISSING), 2),
            (line(MISSING, paused_since=NOON), 30),
        ],
    )
    def test_is_when_a_page_looks_again_if_that_is_soon(self, known, seconds):
        found = view(known, since={"page": NOON} if known.paused_since else {})
        assert seconds_to_look([found], NOW, 2, 30) == seconds


@pytest.fixture
def refreshing(serve, settings):
    """Starts servers that refresh a line, unless told another, and have looked."""
    if not assets().watch:
        settings("assets", watch="hn_luigi Wordcloud")

    def start(**how):
        server = serve(parallel=1, **how)
        wait_until(lambda: server.refresher.plans)
        return server

    return start


def told(page, folder="top/wordcloud"):
    """What a page tells of a line, and what its button does."""
    found = page.one("div", id=f"refresh-{folder.replace('/', '%2F')}")
    button = found.one("button")
    assert button["aria-label"].startswith(button.text)
    assert button["value"] == button.text.lower()
    return found.all("p")[0].text, button.text


def press(server, path="/assets", folder="top/wordcloud", do=None, **headers):
    """Load a page, and press the button of a line."""
    seen = server.get(path)
    found = seen.page.one("div", id=f"refresh-{folder.replace('/', '%2F')}")
    form = found.one("form", action="/refresh")
    fields = {field["name"]: field["value"] for field in form.all("input")}
    said = {"Cookie": seen.cookie, "Origin": f"http://{server.host}", **headers}
    return server.post("/refresh", said, **fields, do=do or form.one("button")["value"])


class TestAPage:
    def test_of_a_server_that_refreshes_nothing_says_nothing_of_it(self, made, server):
        for path in ("/assets", "/assets/top/wordcloud"):
            page = server.page(path)
            assert "Next at" not in page.text
            assert not page.all("form", action="/refresh")
        assert not server.page("/assets/top/wordcloud").all("meta", http_equiv="refresh")

    def test_tells_what_comes_next(self, made, refreshing):
        server = refreshing()
        for path in ("/assets", "/assets/top/wordcloud"):
            page = server.page(path)
            text, button = told(page)
            assert text.startswith("Next at 12:40:")
            assert text.endswith(" UTC, in 6 min: its next window begins.")
            assert button == "Pause"
            assert page.one("meta", http_equiv="refresh")["content"] == "30"

    def test_of_what_is_upstream_names_the_line(self, made, refreshing):
        page = refreshing().page("/assets/top/stories")
        assert told(page)[0].startswith("top/wordcloud: Next at 12:40:")

    def test_tells_the_lines_of_a_graph_apart(self, made, refreshing, settings):
        settings("assets", watch="hn_luigi Wordcloud\nhn_luigi Stories")
        page = refreshing().page("/assets")
        for folder in ("top/stories", "top/wordcloud"):
            assert told(page, folder)[0].startswith(f"{folder}: Next at 12:40:")

    def test_of_an_asset_has_its_own_line_first(self, made, refreshing, settings):
        settings("assets", watch="hn_luigi Wordcloud\nhn_luigi Stories")
        page = refreshing().page("/assets/top/stories")
        found = [div["id"] for div in page.all("div", class_="refreshed")]
        assert found == ["refresh-top%2Fstories", "refresh-top%2Fwordcloud"]

    def test_tells_what_a_policy_can_t_have(self, refreshing, settings, modules):
        modules(
            "mine",
            "from datetime import timedelta\n"
            "from hn_luigi.assets import Asset, FreshnessPolicy\n"
            "class Mine(Asset):\n"
            "    suffix, freshness = '.json', FreshnessPolicy(timedelta(minutes=5))\n"
            "    def compute(self): return 1\n",
        )
        settings("assets", watch="mine Mine")
        pause("mine")  # or it would be made
        server = refreshing()
        for path in ("/assets", "/assets/mine"):
            (note,) = server.page(path).all("div", class_="refreshed")[0].all("p", class_="reason")
            assert "5 min is shorter than its window of 10 minutes" in note.text

    def test_tells_that_another_server_does_it(self, made, refreshing, serve):
        first, second = refreshing(), serve(parallel=1)
        wait_until(lambda: second.refresher.plans)
        for path in ("/assets", "/assets/top/wordcloud"):
            assert "This server refreshes nothing: another server" in second.page(path).text
            assert "refreshes nothing" not in first.page(path).text


class TestPausing:
    def test_is_seen_at_once_and_undone_by_resuming(self, made, refreshing):
        server = refreshing()
        answer = press(server)
        assert answer.status == 303
        assert answer.headers["Location"] == "/assets#refresh-top%2Fwordcloud"
        page = server.page("/assets")
        text, button = told(page)
        assert text.startswith("paused since 12:34:56 UTC: ")
        assert button == "Resume"
        assert verdict(page) == ("All fresh, 1 paused", "good")
        assert press(server).status == 303
        page = server.page("/assets")
        assert told(page)[0].startswith("Next at 12:40:")
        assert verdict(page) == ("All fresh", "good")

    def test_of_a_line_leaves_the_others(self, made, refreshing, settings):
        settings("assets", watch="hn_luigi Wordcloud\nhn_luigi Stories")
        server = refreshing()
        press(server, "/assets/top/stories", folder="top/stories")
        page = server.page("/assets")
        assert [told(page, f"top/{name}")[1] for name in ("stories", "wordcloud")] == [
            "Resume",
            "Pause",
        ]

    def test_leaves_what_is_late_to_be_seen(self, made, refreshing, clock):
        server = refreshing()
        press(server)
        clock.advance(minutes=50)
        page = server.page("/assets")
        assert verdict(page) == ("3 late, 1 paused", "bad")
        assert told(page)[0].startswith("paused since 12:34:56 UTC: ")

    def test_outlives_the_server(self, made, refreshing):
        first = refreshing()
        press(first)
        first.stop()
        assert told(refreshing().page("/assets"))[1] == "Resume"

    @pytest.mark.parametrize(
        ("came_from", "back"),
        [
            ("http://news1:8082/assets", "/assets"),
            (
                "http://news1:8082/assets/top/wordcloud?window=2026-11-22T1210Z",
                "/assets/top/wordcloud?window=2026-11-22T1210Z",
            ),
            ("", "/assets"),
            ("http://news1:8082", "/assets"),
            ("http://news1:8082/runs", "/assets"),
            ("http://news1:8082//evil.example/assets", "/assets"),
            ("http://news1:8082/assetsofsomebody", "/assets"),
            ("javascript:alert(1)", "/assets"),
            ("http://[half", "/assets"),
        ],
    )
    def test_leads_back(self, made, refreshing, came_from, back):
        answer = press(refreshing(), Referer=came_from)
        assert answer.headers["Location"] == f"{back}#refresh-top%2Fwordcloud"

    def test_is_refused_to_a_form_that_isn_t_from_here(self, made, refreshing):
        server = refreshing()
        answer = server.post("/refresh", asset="top/wordcloud", do="pause")
        assert answer.status == 403
        assert not paused()

    @pytest.mark.parametrize("do", ["", "Pause", "delete"])
    def test_takes_no_other_verb(self, made, refreshing, do):
        assert press(refreshing(), do=do or " ").status == 400
        assert not paused()

    @pytest.mark.parametrize("folder", ["", "top/stories", "../etc", HOSTILE])
    def test_of_what_no_line_names_is_no_page(self, made, refreshing, folder):
        server = refreshing()
        seen = server.get("/assets")
        form = seen.page.one("form", action="/refresh")
        fields = {field["name"]: field["value"] for field in form.all("input")}
        said = {"Cookie": seen.cookie, "Origin": f"http://{server.host}"}
        answer = server.post("/refresh", said, **{**fields, "asset": folder, "do": "pause"})
        assert answer.status in (400, 404)
        assert not paused()

    def test_is_no_page_of_a_server_that_refreshes_nothing(self, made, refreshing, server):
        with_form = refreshing()
        seen = with_form.get("/assets")
        form = seen.page.one("form", action="/refresh")
        fields = {field["name"]: field["value"] for field in form.all("input")}
        said = {"Cookie": seen.cookie, "Origin": f"http://{server.host}"}
        assert server.post("/refresh", said, **fields, do="pause").status == 404
        assert server.get("/refresh").status == 405

    def test_that_can_t_be_kept_says_why(self, made, refreshing):
        server = refreshing()
        (made / "_refresh").write_text("a file where a folder should be")
        answer = press(server)
        assert answer.status == 503
        assert "_refresh" in answer.page.one("p", class_="error").text
        server.page("/assets")


@pytest.mark.slow
class TestARunOfRefresh:
    @pytest.fixture
    def hanging(self, modules, tmp_path, root, settings, clock, monkeypatch):
        """An asset that is never done is all that is watched, by servers and their runs."""
        modules(
            "hanging",
            "import threading\n"
            "from hn_luigi.assets import Asset\n"
            "class Hanging(Asset):\n"
            "    suffix = '.json'\n"
            "    def compute(self): threading.Event().wait()\n",
        )
        settings("assets", watch="hanging Hanging")
        path = tmp_path / "luigi.cfg"
        path.write_text(f"[storage]\nroot = {root}\n[assets]\nwatch = hanging Hanging\n")
        monkeypatch.setenv("LUIGI_CONFIG_PATH", os.fspath(path))
        monkeypatch.setenv("PYTHONPATH", os.fspath(REPOSITORY), prepend=os.pathsep)

    def test_is_told_of_until_its_time_limit_and_listed_with_why(self, hanging, refreshing):
        server = refreshing(time_limit=scaled(3))
        (run_id,) = wait_until(lambda: [run.id for run in server.runs.under_way])
        page = server.page("/assets")
        assert told(page, "hanging")[0].startswith("under way since ")
        assert page.one("a", href=f"/runs/{run_id}").text == "Follow its log"
        assert page.one("meta", http_equiv="refresh")["content"] == "2"
        wait_until(lambda: not server.runs.under_way)
        (row,) = rows(server.page("/runs"))
        assert cells(row)[1:] == [
            "refresh hanging: its window begins",
            "nothing",
            "timed out",
        ]
        page = server.page(f"/runs/{run_id}")
        assert state_of(page) == "timed out"
        assert page.one("dl").all("dd")[0].text == "refresh: its window begins"
        assert "its time limit" in status_of(page)
        wait_until(lambda: "1 try failed" in told(server.page("/assets"), "hanging")[0])
