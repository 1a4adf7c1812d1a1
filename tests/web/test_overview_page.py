"""``/assets``: the verdict, graphs as drawings and as tables, and what is in trouble first."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from luigi.rpc import RemoteScheduler

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.watchlist import Watched
from hn_luigi.web.run_job import RunRequest

from .conftest import HOSTILE, NEWER

NAMES = [
    *("top/story_ids", "top/stories", "top/stories_of_day"),
    *("top/wordcloud", "top/trends", "top/digest"),
]
UNMADE = ["not made yet", "not made yet", "due", "not made yet"]
"""What those of a word cloud are on an empty root, which looks back at a day of stories."""
FRESH = ["fresh", "fresh", "current", "fresh", "current", "fresh"]
"""What they are, of which two have no policy, so that what they are made into tells how old."""
BOTH = "hn_luigi Wordcloud\nhn_luigi Wordcloud --feed show"


def section(page, graph=1):
    return page.one("section", aria_labelledby=f"graph-{graph}")


def row(page, folder):
    """What the table tells of an asset."""
    (found,) = [tr for tr in page.all("tr") if tr.all("th")[0].text == folder]
    return found


def notes(page, folder):
    return [p.text for p in row(page, folder).one("td", class_="why").all("p")]


def states(page, graph=1):
    """The state of each asset of a graph, as the drawing and the table agree on it."""
    of_graph = section(page, graph)
    rows = of_graph.one("tbody").all("tr")
    told = {tr.one("th").text: badge(tr) for tr in rows}
    assert {a["title"]: badge(a) for a in of_graph.one("svg").all("a")} == told
    return [state for state, _ in told.values()]


def badge(element):
    """The state in it, and its tone."""
    found = element.one("span", class_="badge")
    return found.text, found["class"]


def verdict(page):
    """The verdict, as heading, title and icon agree on it; and its tone."""
    heading = page.one("h1")
    assert page.one("title").text == f"{heading.text} · hn_luigi"
    _, tone = heading["class"].split()
    assert f"/icon-{tone}.svg" in page.one("link", rel="icon")["href"]
    return heading.text, tone


class TestTheVerdict:
    def test_on_what_is_made_is_that_it_is_fresh(self, made, server):
        assert verdict(server.page("/assets")) == ("All fresh", "good")

    def test_stays_so_when_a_window_begins(self, made, server, clock):
        clock.advance(minutes=10)
        page = server.page("/assets")
        assert verdict(page) == ("All fresh, 5 due", "good")
        # The day's window is still open, and its data young enough.
        assert states(page) == ["due"] * 5 + ["fresh"]

    def test_counts_what_is_in_trouble_the_worst_first(self, made, server, clock, fail):
        clock.advance(minutes=50)
        fail(Stories())
        assert verdict(server.page("/assets")) == ("1 failed, 2 late, 1 late soon", "bad")

    def test_on_an_empty_root_alarms_nobody(self, server):
        assert verdict(server.page("/assets")) == ("6 not made yet", "soft")

    def test_counts_what_can_t_be_read(self, made, server, settings):
        settings("assets", watch="hn_luigi Wordcloud\nnosuch Asset")
        assert verdict(server.page("/assets")) == ("1 broken graph", "bad")

    @pytest.mark.parametrize("tone", ["good", "soft", "busy", "warn", "bad"])
    def test_has_an_icon_for_each_tone(self, server, tone):
        answer = server.get(f"/assets/_static/icon-{tone}.svg")
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")


class TestAGraph:
    def test_of_an_empty_root_says_what_was_never_made(self, server, root):
        page = server.page("/assets")
        assert states(page) == ["not made yet"] * 6
        assert not root.exists()  # looking made nothing

    def test_of_what_is_current_gives_no_reasons(self, made, server):
        page = server.page("/assets")
        assert states(page) == FRESH
        assert [notes(page, name) for name in NAMES] == [[]] * 6
        assert "12:30" in row(page, "top/stories").text
        assert page.one("meta", http_equiv="refresh")["content"] == "30"

    def test_tells_age_limit_rows_and_window_in_a_row_and_age_and_rows_in_its_box(
        self, made, server, clock
    ):
        clock.advance(minutes=2)
        page = server.page("/assets")
        told = [td.text for td in row(page, "top/stories").all("td")]
        rows = json.loads((made / f"_records/top/stories/{NEWER}.json").read_text())["metadata"][
            "rows"
        ]
        assert told[1:3] == ["3 min (30 min)", str(rows)]
        assert told[4] == "2026-11-22 12:30"
        (box,) = [a for a in section(page).one("svg").all("a") if a["title"] == "top/stories"]
        assert box["href"] == "/assets/top/stories"
        assert box.one("span", class_="facts").text == f"3 min {rows} rows"

    def test_says_why_something_is_stale(self, made, server, settings):
        settings("cloud", width=300)
        page = server.page("/assets")
        assert states(page) == [*FRESH[:3], "stale", "current", "stale"]
        (told,) = notes(page, "top/wordcloud")
        assert told == "the setting cloud.width changed from 400 to 300"

    def test_says_how_something_failed_and_what_waits_for_it(self, made, server, clock, fail):
        clock.advance(minutes=10)
        fail(StoryIds(), f"OSError: no\nnet {HOSTILE}", attempt=3)
        page = server.page("/assets")
        assert states(page) == ["failed", "due", "due", "due", "due", "fresh"]
        assert notes(page, "top/story_ids") == [
            f"Failed 2026-11-22 12:44: OSError: no net {HOSTILE}"
        ]
        for name in NAMES[1:]:
            assert notes(page, name)[-1] == "it is made from top/story_ids, which failed"

    def test_says_of_good_data_that_it_could_not_be_made_again(self, made, server, fail):
        fail(Wordcloud(), "OSError: no fonts")
        page = server.page("/assets")
        assert verdict(page) == ("All fresh", "good")
        (told,) = notes(page, "top/wordcloud")
        assert told == (
            "The last attempt to make it again failed 2026-11-22 12:34: OSError: no fonts"
        )

    def test_and_the_asset_s_own_page_say_what_checks_warn_of(self, made, server, rewrite):
        rewrite(lambda record: record.update(warnings={"has_words": f"few\n{HOSTILE}"}))
        told = f"has_words: few {HOSTILE}"
        assert notes(server.page("/assets"), "top/wordcloud") == [f"Warning {told}"]
        assert told in server.page("/assets/top/wordcloud").text

    def test_says_since_when_something_is_late(self, made, server, clock):
        clock.advance(minutes=25)
        soon, late = "late soon", "late"
        assert states(server.page("/assets")) == [soon, soon, "due", soon, "due", "fresh"]
        clock.advance(minutes=25)
        page = server.page("/assets")
        assert states(page) == [late, late, "due", late, "due", soon]
        assert notes(page, "top/stories") == ["Late: since 2026-11-22 13:04"]

    def test_draws_a_line_from_each_asset_to_what_is_made_from_it(self, made, server):
        drawing = section(server.page("/assets")).one("svg")
        assert drawing["aria-label"].count(" from ") == 1 + 7
        assert drawing["aria-label"].startswith(
            "Which asset is made from which: top/stories from top/story_ids; "
            "top/stories_of_day from top/stories; top/wordcloud from top/stories; "
            "top/wordcloud from top/stories_of_day; "
        )

    def test_that_is_watched_has_a_section(self, made, server, settings):
        settings("assets", watch=BOTH)
        page = server.page("/assets")
        assert (states(page), states(page, 2)) == (FRESH[:4], UNMADE)
        headings = [page.one("h2", id=f"graph-{number}").text for number in (1, 2)]
        assert headings == ["top/wordcloud", "show/wordcloud"]
        link = row(page, "show/stories").one("a")["href"]
        assert "Nothing has been made yet" in server.page(link).text


class TestTheButton:
    def button(self, page, graph=1):
        """What a press of it sends, and what it says."""
        form = section(page, graph).one("form")
        pressed = form.one("button", class_="primary")
        fields = [(i["name"], i["value"]) for i in form.all("input") if i["name"] != "_xsrf"]
        return [*fields, ("scope", pressed["value"])], pressed.text

    def test_makes_what_is_not_current(self, made, server, settings):
        settings("cloud", width=300)
        assert self.button(server.page("/assets")) == (
            [("asset", "top/digest"), ("asset", "top/wordcloud"), ("scope", "needed")],
            "Materialize 2 of 6",
        )

    def test_makes_all_again_where_all_is_current(self, made, server):
        assert self.button(server.page("/assets")) == (
            [("asset", "top/digest"), ("asset", "top/wordcloud"), ("scope", "all")],
            "Materialize again",
        )

    @pytest.mark.parametrize("width", [300, 400])
    def test_has_the_other_way_behind_it(self, made, server, settings, width):
        settings("cloud", width=width)
        form = section(server.page("/assets")).one("form")
        scopes = [button["value"] for button in form.all("button")]
        assert sorted(scopes) == ["all", "needed"]
        assert [b["value"] for b in form.one("details").all("button")] == scopes[1:]

    def test_is_of_each_root_of_a_graph(self, server, settings, modules):
        modules("two", TWO_ROOTS)
        settings("assets", watch="two Left\ntwo Right")
        form = section(server.page("/assets")).one("form")
        assert [i["value"] for i in form.all("input", name="asset")] == ["right", "left"]

    def test_comes_before_the_tenth_stop_of_the_tab_key(self, made, server):
        server.start(RunRequest(("top/story_ids",)))
        page = server.page("/assets")
        stops = [each for each in page if each.tag in ("a", "button", "summary")]
        first = next(n for n, stop in enumerate(stops) if "primary" in stop.attributes.values())
        assert first < 9


TWO_ROOTS = """
from hn_luigi.assets import Asset, requires


class Source(Asset):
    suffix = ".json"

    def compute(self):
        return 1


@requires(Source)
class Left(Asset):
    suffix = ".json"

    def compute(self, source):
        return 1


@requires(Source)
class Right(Asset):
    suffix = ".json"

    def compute(self, source):
        return 1
"""


class TestTrouble:
    @pytest.fixture
    def headings(self, server):
        return lambda status=200: [h2.text for h2 in server.page("/assets", status).all("h2")]

    @pytest.fixture
    def shown(self, made, modules, settings):
        """A fresh graph, and another whose steps a test chooses."""

        def run(text, *names):
            modules("other", text)
            lines = [f"other {name}" for name in names]
            settings("assets", watch="\n".join(["hn_luigi Wordcloud", *lines]))

        return run

    def test_comes_first(self, shown, headings, succeed, fail, clock):
        shown(STEPS, "Good", "Late", "Bad")
        succeed(Watched())
        assert headings() == ["top/wordcloud", "good", "late", "bad"]
        clock.advance(minutes=10)
        module = __import__("other")
        fail(module.Bad())
        assert headings() == ["bad", "late", "top/wordcloud", "good"]

    def test_with_a_line_of_the_watch_list_leaves_the_others(self, shown, server, headings):
        shown(STEPS, "Nope", "Good")
        assert headings() == [
            "A line of the watch list can’t be used",
            "top/wordcloud",
            "good",
        ]
        page = server.page("/assets")
        assert page.one("p", class_="error").text.startswith("there is no Nope in other")
        assert states(page) == FRESH[:4]

    @pytest.mark.parametrize(
        "method, graph_left", [("requires", 1), ("settings", 2), ("storage_root", 1)]
    )
    @pytest.mark.parametrize("error", ["KeyError('no luck')", "SystemExit('no luck')"])
    def test_with_the_code_of_a_step_leaves_the_others(
        self, shown, server, method, graph_left, error
    ):
        shown(BROKEN.format(method, error), "Broken")
        for _ in range(2):
            page = server.page("/assets")
            (told,) = page.all("p", class_="error")
            assert "no luck" in told.text
            assert states(page, graph_left) == FRESH[:4]

    def test_with_a_store_leaves_the_others(self, shown, server, tmp_path):
        (tmp_path / "file").write_text("")
        shown(ELSEWHERE.format(f"{tmp_path}/file"), "Elsewhere")
        page = server.page("/assets")
        assert section(page).one("h2").text == "elsewhere"
        assert f"{tmp_path}/file" in section(page).one("p", class_="error").text
        assert not section(page).all("form")
        assert states(page, 2) == FRESH[:4]

    def test_with_the_only_line_is_told_with_a_status_for_probes(self, server, settings):
        settings("assets", watch="nosuch Asset")
        page = server.page("/assets", 503)
        told = page.one("p", class_="error").text
        assert page.one("code").text == "nosuch Asset"
        assert told.startswith("there is no module nosuch")
        assert page.one("meta", http_equiv="refresh")
        settings("assets", watch="")
        server.page("/assets")

    def test_with_the_storage_of_all_says_why(self, server, settings):
        settings("storage", root="nfs://there/data")
        page = server.page("/assets", 503)
        told = [p.text for p in page.all("p", class_="error")]
        assert ["the storage root begins with nfs://" in each for each in told] == [True, True]

    def test_with_a_folder_that_can_t_be_read_says_why(self, server, root):
        root.symlink_to(root)
        assert str(root) in server.page("/assets", 503).one("p", class_="error").text

    def test_is_a_scheduler_that_is_paused(self, made, server):
        assert "paused" not in server.page("/assets").text
        server.scheduler.pause()
        notice = server.page("/assets").one("p", class_="notice")
        assert "is paused" in notice.text
        assert notice.one("a")["href"].startswith("/static/visualiser/index.html")
        server.scheduler.unpause()
        assert "paused" not in server.page("/assets").text


STEPS = """
from datetime import timedelta

from hn_luigi.assets import Asset, FreshnessPolicy


class Good(Asset):
    suffix = ".json"

    def compute(self):
        return 1


class Late(Good):
    freshness = FreshnessPolicy(timedelta(minutes=5))


class Bad(Good):
    pass
"""
BROKEN = """
from hn_luigi.assets import Asset


class Broken(Asset):
    suffix = ".json"

    def {}(self):
        raise {}

    def compute(self):
        return 1
"""
ELSEWHERE = """
from hn_luigi.assets import Asset


class Elsewhere(Asset):
    suffix = ".json"

    def storage_root(self):
        return {!r}

    def compute(self):
        return 1
"""


class TestWhatIsUnderWay:
    @pytest.fixture
    def worker(self, server):
        """A worker that has StoryIds of a feed under way."""
        remote = RemoteScheduler(f"http://{server.host}")

        def work(**parameters):
            task = StoryIds(**parameters)
            family, params = task.task_family, task.to_str_params()
            remote.add_task(worker="w", task_id=task.task_id, family=family, params=params)
            assert remote.get_work(worker="w")["task_id"] == task.task_id
            return remote, task.task_id

        yield work
        remote.close()

    def test_is_shown_with_how_far_it_is(self, made, server, worker):
        remote, task_id = worker()
        assert states(server.page("/assets"))[0] == "running"
        remote.set_task_progress_percentage(task_id, 40)
        remote.set_task_status_message(task_id, HOSTILE)
        page = server.page("/assets")
        assert states(page) == ["running 40 %", *FRESH[1:]]
        assert section(page).one("svg").one("progress")["value"] == "40"
        assert notes(page, "top/story_ids") == [f"Under way: {HOSTILE}"]
        assert page.one("meta", http_equiv="refresh")["content"] == "2"
        assert "running" in server.page("/assets/top/story_ids").one("h1").text

    def test_is_not_mistaken_for_another_feed_s(self, made, server, settings, worker):
        settings("assets", watch=BOTH)
        worker(feed="show")
        page = server.page("/assets")
        assert states(page) == FRESH[:4]
        assert states(page, 2) == ["running", *UNMADE[1:]]

    def test_of_another_window_or_root_is_not_this_one_s(
        self, made, server, worker, settings, root, tmp_path
    ):
        worker(as_of=datetime(2026, 11, 22, 12, 20))
        settings("storage", root=tmp_path / "other")
        StoryIds.clear_instance_cache()
        worker()
        settings("storage", root=root)
        StoryIds.clear_instance_cache()
        assert states(server.page("/assets")) == FRESH

    def test_ends(self, made, server, worker):
        remote, task_id = worker()
        remote.add_task(worker="w", task_id=task_id, status="DONE")
        assert states(server.page("/assets")) == FRESH


class TestTheWayHere:
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_is_from_the_server_s_address(self, server, method):
        answer = server.ask(method, "/")
        assert (answer.status, answer.headers["Location"]) == (302, "/assets")

    def test_is_kept_by_a_link_with_a_token(self, serve):
        server = serve(token="a-secret-of-some-length")
        first = server.get(f"/?token={server.secret}")
        assert (first.status, first.headers["Location"]) == (303, "/")
        answer = server.get("/", Cookie=first.cookie)
        assert (answer.status, answer.headers["Location"]) == (302, "/assets")

    def test_leads_on_to_luigi_s_visualiser_first(self, made, server):
        links = [a["href"] for a in server.page("/assets").all("a")]
        assert links[:2] == ["#main", "/static/visualiser/index.html"]
