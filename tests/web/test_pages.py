"""What the pages show of a root: a browser's reader, and no browser."""

from __future__ import annotations

import io
import json
from datetime import datetime
from itertools import pairwise

import pandas as pd
import pytest
from luigi.rpc import RemoteScheduler
from PIL import Image

from hn_luigi import Stories, StoryIds, watchlist
from hn_luigi.assets import Asset, requires
from hn_luigi.web import handlers, views
from hn_luigi.web.story_table import COLUMNS

from .conftest import HOSTILE, NEWER, OLDER
from .reading import KINDS, areas_of, titles


def card(page, name, feed="top"):
    """What is told of an asset on the overview."""
    section = page.one("section", aria_labelledby=f"feed-{feed}")
    (found,) = [a for a in section.all("article") if a.one("h3").one("a").text == name]
    return found


def states(page, feed="top"):
    """The state of each asset, as the cards and the graph agree on it."""
    section = page.one("section", aria_labelledby=f"feed-{feed}")
    cards = {a.one("h3").one("a").text: a.one("span").text for a in section.all("article")}
    nodes = {a.one("strong").text: a["class"] for a in section.one("ol", class_="graph").all("a")}
    assert nodes == {name: f"node {state}" for name, state in cards.items()}
    return list(cards.values())


class TestTheOverview:
    def test_of_an_empty_root_says_what_is_missing(self, server, root):
        page = server.page("/assets")
        assert states(page) == ["missing"] * 3
        assert "its output is missing" in card(page, "StoryIds").text
        assert not root.exists()  # looking made nothing

    def test_of_what_is_current_gives_no_reasons(self, made, server):
        page = server.page("/assets")
        assert states(page) == ["current"] * 3
        assert not [p for p in page.all("p") if p.attributes.get("class") in ("reason", "error")]
        assert "12:30" in card(page, "Stories").text
        assert page.one("meta", http_equiv="refresh")["content"] == "30"

    def test_says_why_something_is_stale(self, made, server, settings):
        settings("cloud", width=300)
        page = server.page("/assets")
        assert states(page) == ["current", "current", "stale"]
        assert "cloud.width" in card(page, "Wordcloud").one("p", class_="reason").text

    def test_says_how_something_failed(self, made, server, clock, fail):
        clock.advance(minutes=10)
        fail(StoryIds(), f"OSError: no\nnet {HOSTILE}", attempt=3)
        page = server.page("/assets")
        assert states(page) == ["failed", "missing", "missing"]
        told = card(page, "StoryIds").one("p", class_="error").text
        assert told == f"Failed: OSError: no net {HOSTILE}"
        assert "no net" not in card(page, "Stories").text

    def test_and_the_asset_s_own_page_say_what_checks_warn_of(self, made, server, rewrite):
        rewrite(lambda record: record.update(warnings={"has_words": f"few\n{HOSTILE}"}))
        told = f"Warning has_words: few {HOSTILE}"
        for path in ("/assets", "/assets/wordcloud"):
            page = server.page(path)
            assert [p.text for p in page.all("p", class_="notice")] == [told]

    def test_says_since_when_something_is_late(self, made, server, clock):
        assert "fresh" in card(server.page("/assets"), "Stories").text
        clock.advance(minutes=25)
        assert "getting late" in card(server.page("/assets"), "Stories").text
        clock.advance(minutes=25)
        told = card(server.page("/assets"), "Stories").one("dd", class_="late").text
        assert told == "late since 2026-11-22 13:04"

    def test_has_each_watched_feed(self, made, server, settings):
        settings("assets", feeds="top, show")
        page = server.page("/assets")
        assert (states(page), states(page, "show")) == (["current"] * 3, ["missing"] * 3)
        link = card(page, "Stories", "show").one("h3").one("a")["href"]
        assert "Nothing has been made yet" in server.page(link).text
        assert server.page(link).one("input", name="feed")["value"] == "show"

    def test_of_feeds_that_there_are_not_says_so(self, server, settings):
        settings("assets", feeds="top,nope")
        assert "[assets] feeds names 'nope'" in server.page("/assets", 503).text

    @pytest.mark.parametrize("path", ["/assets", "/assets/wordcloud", "/assets/story_ids"])
    def test_of_storage_that_can_t_be_reached_says_why(self, server, settings, path):
        settings("storage", root="nfs://there/data")
        page = server.page(path, 503)
        assert "the storage root begins with nfs://" in page.one("p", class_="error").text

    def test_of_a_folder_that_can_t_be_read_says_why(self, server, root):
        root.symlink_to(root)
        told = server.page("/assets", 503).one("p", class_="error").text
        assert str(root) in told


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
        assert "under way" in card(server.page("/assets"), "StoryIds").text
        remote.set_task_progress_percentage(task_id, 40)
        remote.set_task_status_message(task_id, HOSTILE)
        page = server.page("/assets")
        assert states(page) == ["running", "current", "current"]
        told = card(page, "StoryIds")
        assert told.one("progress")["value"] == "40"
        assert HOSTILE in told.one("p", class_="progress").text
        assert page.one("meta", http_equiv="refresh")["content"] == "2"
        assert server.page("/assets/story_ids").one("h1").text == "StoryIds now running"

    def test_is_not_mistaken_for_another_feed_s(self, made, server, settings, worker):
        settings("assets", feeds="top,show")
        worker(feed="show")
        page = server.page("/assets")
        assert states(page) == ["current"] * 3
        assert states(page, "show") == ["running", "missing", "missing"]

    def test_of_another_window_or_root_is_not_this_one_s(
        self, made, server, worker, settings, root, tmp_path
    ):
        worker(as_of=datetime(2026, 11, 22, 12, 20))
        settings("storage", root=tmp_path / "other")
        StoryIds.clear_instance_cache()
        worker()
        settings("storage", root=root)
        StoryIds.clear_instance_cache()
        assert states(server.page("/assets")) == ["current"] * 3

    def test_ends(self, made, server, worker):
        remote, task_id = worker()
        remote.add_task(worker="w", task_id=task_id, status="DONE")
        assert states(server.page("/assets")) == ["current"] * 3


class TestAnAsset:
    @pytest.mark.parametrize("name", KINDS)
    def test_of_which_nothing_was_made_says_so(self, server, name):
        page = server.page(f"/assets/{name}")
        assert "Nothing has been made yet" in page.text
        assert page.one("form", class_="run-buttons")

    @pytest.mark.parametrize("name", KINDS)
    def test_tells_its_record(self, made, server, name):
        stored = json.loads((made / f"_records/top/{name}/{NEWER}.json").read_text())
        told = server.page(f"/assets/{name}").one("dl", class_="record").text
        assert stored["data_version"] in told
        assert stored["code_version"] in told
        assert all(version in told for version in stored["upstream"].values())
        assert all(setting in told for setting in stored["settings"])

    @pytest.mark.parametrize(
        ("name", "above"), [("wordcloud", "stories"), ("stories", "story_ids")]
    )
    def test_leads_to_the_very_window_that_it_was_made_from(self, made, server, name, above):
        (link,) = server.page(f"/assets/{name}?window={OLDER}").one("dl", class_="record").all("a")
        assert link.text == f"top/{above}/{OLDER}"
        assert link["href"] == f"/assets/{above}?window={OLDER}"
        assert server.get(link["href"]).status == 200

    def test_made_from_what_is_no_asset_names_it_without_a_link(self, made, server):
        path = made / f"_records/top/stories/{NEWER}.json"
        keys = ["Plain_1", "top/nope/x", f"../stories/{NEWER}", f"top/../{NEWER}", HOSTILE]
        record = json.loads(path.read_text()) | {"upstream": dict.fromkeys(keys, "0")}
        path.write_text(json.dumps(record))
        told = server.page("/assets/stories").one("dl", class_="record")
        assert all(key in told.text for key in keys)
        assert told.all("a") == []

    def test_lists_ids_that_lead_to_their_discussions(self, made, server):
        links = server.page("/assets/story_ids").one("ol", class_="ids").all("a")
        assert links[0].text == "1"
        assert links[0]["href"] == "https://news.ycombinator.com/item?id=1"

    def test_shows_the_newest_window_and_leads_to_others(self, made, server):
        page = server.page("/assets/stories")
        assert page.one("nav", class_="windows").one("strong").text == "Window 2026-11-22 12:30"
        older = server.page(page.one("a", rel="prev")["href"])
        assert older.one("nav", class_="windows").one("strong").text == "Window 2026-11-22 12:10"
        assert not older.all("a", rel="prev")
        assert older.one("a", rel="next")["href"] == f"/assets/stories?window={NEWER}"
        assert older.one("a", aria_current="page")["class"] == "made"

    def test_tells_of_windows_that_failed(self, made, server, clock, fail):
        fail(Stories(), "OSError: no net", retried=True)
        clock.advance(minutes=10)
        fail(Stories(), HOSTILE, attempt=3)
        page = server.page("/assets/stories")
        strip = [a["class"] for a in page.one("ol", class_="strip").all("a")]
        assert strip == ["made", "made failures", "failed"]
        assert "attempt 1 (retried): OSError: no net" in page.text
        failed = server.page("/assets/stories?window=2026-11-22T1240Z")
        assert "The output of this window is not stored" in failed.text
        assert HOSTILE in failed.all("p", class_="error")[0].text
        assert HOSTILE in page.all("p", class_="error")[-1].text

    def test_tells_of_windows_that_failed_however_many_came_after(
        self, made, server, clock, fail, monkeypatch
    ):
        """A mail from a bad night leads there in the morning."""
        monkeypatch.setattr(views, "PAST", 2)
        for minutes in (0, 10, 20, 20, 30):
            clock.advance(minutes=minutes)
            fail(Stories(), f"OSError: failed after {minutes} minutes")
        page = server.page("/assets/stories?window=2026-11-22T1240Z")
        assert "OSError: failed after 10 minutes" in page.text
        assert page.one("a", rel="prev")["href"].endswith(f"window={NEWER}")
        assert page.one("a", rel="next")["href"].endswith("window=2026-11-22T1300Z")
        assert "failed after 0 minutes" in server.page(f"/assets/stories?window={NEWER}").text

    @pytest.mark.parametrize("column", ["rank", "id", "title", "url", "score", "by", "domain"])
    def test_of_another_s_table_says_so(self, made, server, column):
        """Whatever kind of value is in it, and whoever put it there."""
        path = made / f"top/stories/{NEWER}.parquet"
        frame = pd.read_parquet(path)
        kinds = [1.5, "x", [1], {"a": 1}, None, True, float("inf"), b"\xff", pd.Timestamp(0), -5]
        tables = [frame.assign(**{column: [kind] * len(frame)}) for kind in kinds]
        for table in (*tables, frame.drop(columns=column)):
            table.to_parquet(path)
            for page in ("stories", "stories&sort=score", "wordcloud", "wordcloud/word"):
                name, _, more = page.partition("&")
                answer = server.get(f"/assets/{name}?window={NEWER}&word=rust&{more}")
                assert answer.status in (200, 404), (page, table[:1])

    def test_tells_of_a_window_whose_output_is_gone(self, made, server):
        (made / f"top/stories/{OLDER}.parquet").unlink()
        page = server.page(f"/assets/stories?window={OLDER}")
        assert page.one("a", aria_current="page")["class"] == "gone"
        assert "The output of this window is not stored" in page.text

    @pytest.mark.parametrize("name", KINDS)
    def test_has_no_page_of_a_window_that_was_never_made(self, made, server, name):
        page = server.page(f"/assets/{name}?window=2026-11-22T1220Z", 404)
        assert "There is no such page" in page.text

    def test_draws_what_was_reported_over_time(self, made, server):
        plots = server.page("/assets/stories").all("svg", class_="plot")
        assert len(plots) == 4
        for plot in plots:
            assert len(plot.all("circle")) == len(plot.one("polyline")["points"].split()) == 2


class TestTheTableOfStories:
    @pytest.mark.parametrize("column", COLUMNS)
    def test_is_sorted_by_any_column(self, made, server, column):
        page = server.page(f"/assets/stories?sort={column}")
        place = ["rank", "title", "score", "descendants", "by"].index(column)
        cells = [row.all("td")[place].text for row in page.one("tbody").all("tr")]
        given = [cell for cell in cells if cell not in ("-", "talk")]
        assert cells[: len(given)] == given  # what has no value comes last
        if column in ("score", "descendants"):
            values = [-int(cell) for cell in given]
        elif column == "rank":
            values = [int(cell) for cell in given]
        else:
            values = [cell.casefold() for cell in given if cell.isascii()]
        assert len(set(values)) > 1
        assert all(a <= b for a, b in pairwise(values))
        (told,) = [th for th in page.all("th") if "aria-sort" in th.attributes]
        assert told.one("a")["href"].endswith(f"sort={column}")

    def test_is_by_rank_where_there_is_no_such_column(self, made, server):
        plain = titles(server.page("/assets/stories"))
        assert plain[0] == "Rust in space"
        for column in ("nothing", "url", "__class__", "", "rank,title"):
            assert titles(server.page(f"/assets/stories?sort={column}")) == plain

    def test_keeps_its_window_and_feed_when_sorted(self, made, server):
        page = server.page(f"/assets/stories?window={OLDER}")
        for th in page.one("thead").all("th"):
            assert f"window={OLDER}" in th.one("a")["href"]
            assert server.page(th.one("a")["href"]).one("strong").text == "Window 2026-11-22 12:10"


class TestTheCloud:
    @pytest.fixture
    def page(self, made, server):
        return server.page("/assets/wordcloud")

    @pytest.fixture
    def picture(self, page, server):
        """The picture that the page shows, and its paper's colour."""
        shown = page.one("figure", class_="cloud").one("img")
        answer = server.get(shown["src"])
        assert answer.headers["Content-Type"] == "image/png"
        image = Image.open(io.BytesIO(answer.body)).convert("RGB")
        assert image.size == (int(shown["width"]), int(shown["height"])) == (400, 200)
        return image, (255, 255, 255)

    def test_has_each_word_in_its_area_and_nothing_elsewhere(self, page, picture):
        image, paper = picture
        areas = page.one("figure", class_="cloud").all("rect")
        assert len(areas) > 20
        boxes = []
        for area in areas:
            left, top = int(area["x"]), int(area["y"])
            boxes.append((left, top, left + int(area["width"]), top + int(area["height"])))
            assert any(colour != paper for _, colour in image.crop(boxes[-1]).getcolors())
        for box in boxes:
            image.paste(paper, box)
        assert image.getcolors() == [(400 * 200, paper)]

    def test_s_words_lead_to_the_stories_that_hold_them(self, page, server):
        links = {a["aria-label"]: a for a in page.one("figure", class_="cloud").all("a")}
        listed = {a.text: a for a in page.one("table").all("a")}
        for word in ("Rust", "C++", ".NET", "AT&T"):
            found = server.page(links[word]["href"])
            assert found.one("h1").text == f"“{word}”"
            assert all(word in title for title in titles(found))
            assert f": {len(titles(found))} headline" in links[word].one("title").text
        assert titles(server.page(links["Rust"]["href"])) == [
            "Rust in space",
            "Ask HN: Rust or Zig?",
        ]
        assert titles(server.page(listed["Rust"]["href"])) == titles(
            server.page(links["Rust"]["href"])
        )

    def test_s_list_has_all_words(self, page, server):
        words = page.one("details").all("a")
        assert page.one("summary").text == f"All {len(words)} words"
        assert server.page(words[-1]["href"]).one("tbody").all("tr")

    def test_has_no_page_of_a_word_that_isn_t_in_it(self, made, server):
        for word in ("nosuch", "", "%26", "C%23", "<script>", "the", "rust", "%3F"):
            server.page(f"/assets/wordcloud/word?word={word}", 404)

    def test_outlives_its_stories(self, made, server):
        for path in (f"top/stories/{OLDER}.parquet", f"_records/top/stories/{OLDER}.json"):
            (made / path).unlink()
        page = server.page(f"/assets/wordcloud?window={OLDER}")
        assert server.get(page.one("figure", class_="cloud").one("img")["src"]).status == 200
        assert not page.all("rect")
        assert not page.all("details")
        server.page(f"/assets/wordcloud/word?word=Rust&window={OLDER}", 404)

    def test_has_its_areas_where_its_record_says(self, made, server, rewrite):
        rewrite(lambda record: record["metadata"]["areas"].update(Rust="10,20,400,200"))
        assert areas_of(server.page("/assets/wordcloud"))["Rust"] == [10, 20, 390, 180]

    def test_has_a_list_of_words_alone_if_its_record_is_from_before_there_were_areas(
        self, made, server, rewrite
    ):
        rewrite(lambda record: record["metadata"].pop("areas"))
        page = server.page("/assets/wordcloud")
        assert page.one("figure", class_="cloud").one("img")
        assert not page.all("rect")
        assert page.one("details").all("a")

    def test_s_record_tells_how_many_areas_there_are_and_not_which(self, page):
        told = page.one("dl", class_="record").text
        assert f"areas {len(areas_of(page))} values" in told

    def test_has_no_areas_if_it_isn_t_the_page_that_was_recorded(self, made, server):
        path = made / f"top/wordcloud/{NEWER}.md"
        path.write_text(path.read_text() + "\nMore.\n")
        page = server.page("/assets/wordcloud")
        assert page.one("figure", class_="cloud").one("img")
        assert not page.all("rect")
        assert page.one("details").all("a")


class TestAnythingElse:
    def test_is_nothing(self, server):
        for path in ("/assets/nope", "/assets/stories/nope", "/assets/runs/", "/assets/a/b/c"):
            assert "There is no such page" in server.page(path, 404).text
        for path in ("/nope", "/asset", "/assetsx"):
            assert server.get(path).status == 404

    def test_than_asking_for_a_page_is_not_allowed(self, server):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert server.ask(method, "/assets").status in (403, 405)
        assert server.ask("POST", "/assets").status == 403  # it needs a form's token
        assert server.ask("HEAD", "/assets/runs").status == 405

    @pytest.mark.parametrize("path", ["/assets", "/assets/stories", "/assets/stories/nope"])
    def test_of_a_page_its_headers_can_be_had_alone(self, made, server, path):
        head, page = server.ask("HEAD", path), server.get(path)
        assert (head.status, head.body) == (page.status, b"")
        assert head.headers["Content-Type"] == page.headers["Content-Type"]

    def test_stored_is_left_as_it_is(self, made, server):
        def contents():
            return {p: p.read_bytes() for p in made.rglob("*") if p.is_file()}

        before = contents()
        for name in KINDS:
            server.page(f"/assets/{name}?window={OLDER}")
        server.page("/assets")
        assert contents() == before

    def test_than_a_page_is_served_as_it_is(self, server):
        page = server.page("/assets")
        for link in page.all("link"):
            answer = server.get(link["href"])
            assert answer.status == 200
            assert answer.headers["Content-Type"] in ("text/css", "image/svg+xml")


class TestWindowsOfOtherLengths:
    @pytest.fixture
    def graph(self, root, monkeypatch, clock, succeed):
        class Plan(Asset):
            feed = StoryIds.feed
            suffix = ".json"
            window_length = "week"

            def compute(self, *given):
                return [1]

        class Countries(Plan):
            window_length = None

        @requires(Countries)
        class Rates(Plan):
            window_length = "day"

        for module in (watchlist, handlers):
            monkeypatch.setattr(module, "GRAPH", (Countries, Plan, Rates))
        for kind in (Countries, Plan, Rates):
            succeed(kind())
        clock.advance(days=1)

    def test_are_called_by_week_and_by_day(self, graph, server):
        page = server.page("/assets")
        assert states(page) == ["current", "missing", "missing"]
        shown = [card(page, name).text for name in ("Countries", "Plan", "Rates")]
        for text, label in zip(shown, ("always", "2026-W47", "2026-11-22"), strict=True):
            assert label in text
        assert "Window 2026-W47" in server.page("/assets/plan").one("nav", class_="windows").text

    @pytest.mark.parametrize("name", ["2026-W47", "2026-11-18", "2026-11-16T0000Z"])
    def test_are_found_as_they_are_called(self, graph, server, name):
        page = server.page(f"/assets/plan?window={name}")
        assert "Window 2026-W47" in page.one("nav", class_="windows").text

    @pytest.mark.parametrize("name", ["2026-W46", "2026-W54", "0001-01-01T0000Z", "always"])
    def test_of_which_there_is_none_are_not_found(self, graph, server, name):
        assert server.ask("GET", f"/assets/plan?window={name}").status == 404

    def test_lead_to_what_has_none(self, graph, server):
        record = server.page("/assets/rates").one("dl", class_="record")
        (link,) = [a["href"] for a in record.all("a") if a.text == "top/countries/countries"]
        assert "Window always" in server.page(link).one("nav", class_="windows").text
