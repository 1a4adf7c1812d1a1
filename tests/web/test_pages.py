"""What the pages show of a root: a browser's reader, and no browser."""

from __future__ import annotations

import base64
import io
import json
import re

import pandas as pd
import pytest
from PIL import Image

from hn_luigi import Stories, StoryIds, Wordcloud
from hn_luigi.display import outputs
from hn_luigi.web import strip as strip_module

from .conftest import HOSTILE, NEWER, OLDER
from .reading import KINDS, areas_of, cells, titles


def strip(page):
    """What became of each window of the strip."""
    return [a["class"] for a in page.one("ol", class_="strip").all("a")]


def selected(page):
    """The slot of the window that is shown."""
    return page.one("ol", class_="strip").one("a", aria_current="page")


class TestAnAsset:
    @pytest.mark.parametrize("name", KINDS)
    def test_of_which_nothing_was_made_says_so(self, server, name):
        page = server.page(f"/assets/{name}")
        assert "Nothing has been made yet" in page.text
        assert page.one("form", class_="run-buttons")

    @pytest.mark.parametrize(
        ("name", "minutes", "says"),
        [
            ("wordcloud", 0, ", limit 30 min: PASS"),
            ("wordcloud", 22, ", limit 30 min: WARN"),
            ("wordcloud", 40, ", limit 30 min: FAIL"),
            ("stories_of_day", 40, ""),
        ],
    )
    def test_tells_its_age_and_what_a_policy_says_of_it_as_commands_do(
        self, made, server, clock, name, minutes, says
    ):
        clock.advance(minutes=minutes)
        told = server.page(f"/assets/top/{name}").one("div", class_="title").one("small").text
        assert re.fullmatch(rf"\d+ (s|min) old{says}", told)

    @pytest.mark.parametrize("name", KINDS)
    def test_tells_its_record(self, made, server, name):
        stored = json.loads((made / f"_records/{name}/{NEWER}.json").read_text())
        told = server.page(f"/assets/{name}").one("dl", class_="record").text
        assert stored["data_version"] in told
        assert stored["code_version"] in told
        assert all(version in told for version in stored["upstream"].values())
        assert all(setting in told for setting in stored["settings"])

    @pytest.mark.parametrize(
        ("name", "above"), [("wordcloud", "stories"), ("stories", "story_ids")]
    )
    def test_leads_to_the_very_window_that_it_was_made_from(self, made, server, name, above):
        record = server.page(f"/assets/top/{name}?window={OLDER}").one("dl", class_="record")
        link = record.all("a")[0]
        assert link.text == f"top/{above}/{OLDER}"
        assert link["href"] == f"/assets/top/{above}?window={OLDER}"
        assert server.get(link["href"]).status == 200

    def test_made_from_what_is_no_asset_names_it_without_a_link(self, made, server):
        path = made / f"_records/top/stories/{NEWER}.json"
        keys = ["Plain_1", "top/nope/x", f"../stories/{NEWER}", f"top/../{NEWER}", HOSTILE]
        record = json.loads(path.read_text()) | {"upstream": dict.fromkeys(keys, "0")}
        path.write_text(json.dumps(record))
        told = server.page("/assets/top/stories").one("dl", class_="record")
        assert all(key in told.text for key in keys)
        assert told.all("a") == []

    def test_lists_numbers(self, made, server):
        numbers = server.page("/assets/top/story_ids").one("ol", class_="numbers").all("li")
        assert [number.text for number in numbers[:3]] == ["1", "2", "3"]

    @pytest.mark.parametrize("name", KINDS)
    def test_s_output_can_be_downloaded_and_is_never_shown_as_it_is(self, made, server, name):
        page = server.page(f"/assets/{name}?window={OLDER}")
        (link,) = [a["href"] for a in page.all("a") if a.text == "Download"]
        answer = server.get(link)
        assert (answer.status, answer.body) == (
            200,
            (made / f"{name}/{OLDER}{KINDS[name]}").read_bytes(),
        )
        named = f"{name.replace('/', '-')}-{OLDER}{KINDS[name]}"
        assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{named}"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
        head = server.ask("HEAD", link)
        assert (head.status, head.body) == (200, b"")

    def test_shows_the_newest_window_and_leads_to_others(self, made, server):
        page = server.page("/assets/top/stories")
        assert page.one("nav", class_="windows").one("strong").text == "Window 2026-11-22 12:30"
        older = server.page(page.one("a", rel="prev")["href"])
        assert older.one("nav", class_="windows").one("strong").text == "Window 2026-11-22 12:10"
        assert not older.all("a", rel="prev")
        assert older.one("a", rel="next")["href"] == f"/assets/top/stories?window={NEWER}"
        assert selected(older)["class"] == "made"

    def test_tells_of_windows_that_failed(self, made, server, clock, fail):
        fail(Stories(), "OSError: no net", retried=True)
        clock.advance(minutes=10)
        fail(Stories(), HOSTILE, attempt=3)
        page = server.page("/assets/top/stories")
        assert strip(page) == ["made", "never", "made failures", "failed"]
        assert "attempt 1 (retried): OSError: no net" in page.text
        failed = server.page("/assets/top/stories?window=2026-11-22T1240Z")
        assert "The output of this window is not stored" in failed.text
        assert HOSTILE in failed.one("p", class_="error").text
        told = page.one("p", class_="error")
        assert HOSTILE in told.text
        assert told.one("a")["href"] == "/assets/top/stories?window=2026-11-22T1240Z"

    def test_tells_of_windows_that_failed_however_many_came_after(
        self, made, server, clock, fail, monkeypatch
    ):
        """A mail from a bad night leads there in the morning."""
        monkeypatch.setattr(strip_module, "MOST", 2)
        for minutes in (0, 10, 20, 20, 30):
            clock.advance(minutes=minutes)
            fail(Stories(), f"OSError: failed after {minutes} minutes")
        page = server.page("/assets/top/stories?window=2026-11-22T1240Z")
        assert "OSError: failed after 10 minutes" in page.text
        assert strip(page) == ["failed", "never"]
        assert page.one("a", rel="prev")["href"].endswith(f"window={NEWER}")
        assert page.one("a", rel="next")["href"].endswith("window=2026-11-22T1300Z")
        assert "failed after 0 minutes" in server.page(f"/assets/top/stories?window={NEWER}").text

    def test_leads_as_far_back_as_anything_was_made_and_forth_again(
        self, made, server, clock, monkeypatch
    ):
        monkeypatch.setattr(strip_module, "MOST", 2)
        clock.advance(hours=1)
        page = server.page("/assets/top/stories?window=2026-11-22T1330Z")
        seen = [strip(page)]
        for way in ("« earlier windows", "« earlier windows", "later windows »"):
            (link,) = [a for a in page.all("a") if a.text == way]
            page = server.page(link["href"])
            seen.append(strip(page))
        assert seen == [["never", "due"], ["never", "made"], ["made"], ["never", "made"]]

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
        page = server.page(f"/assets/top/stories?window={OLDER}")
        assert selected(page)["class"] == "gone"
        assert "The output of this window is not stored" in page.text

    @pytest.mark.parametrize("name", KINDS)
    def test_has_a_page_of_a_window_that_nothing_ran_for(self, made, server, name):
        page = server.page(f"/assets/{name}?window=2026-11-22T1220Z")
        assert "Nothing ran for this window" in page.text
        assert selected(page)["class"] == "never"
        assert selected(page)["title"] == "2026-11-22 12:20: never run"

    @pytest.mark.parametrize("name", KINDS)
    @pytest.mark.parametrize(
        "at", ["2026-11-22T1240Z", "2027-01-01", "9999-12-31T2350Z", "1969-12-31T2350Z", "x", ""]
    )
    def test_has_no_page_of_what_can_be_no_window(self, made, server, name, at):
        page = server.page(f"/assets/{name}?window={at}", 404)
        assert "There is no such page" in page.text

    def test_of_a_past_window_that_is_stale_says_why_and_can_be_made_again(
        self, made, server, settings
    ):
        settings("cloud", width=300)
        page = server.page(f"/assets/top/wordcloud?window={OLDER}")
        assert strip(page) == ["stale", "never", "stale"]
        told = page.one("section", aria_label="Output").one("p", class_="reason").text
        assert told == "It is stale: the setting cloud.width changed from 400 to 300"
        form = page.one("form", class_="run-buttons")
        assert form.one("input", name="window")["value"] == OLDER
        (button,) = form.all("button")
        assert button.text.startswith("Materialize this window again")

    def test_of_which_only_the_code_changed_is_not_alarmed(self, made, server):
        for path in (made / "_records/top/wordcloud").iterdir():
            other = {"sources": "0" * 64, "code_version": "0" * 64}
            path.write_text(json.dumps(json.loads(path.read_text()) | other))
        page = server.page("/assets/top/wordcloud")
        assert strip(page) == ["outdated", "never", "outdated"]
        assert page.one("h1").text == "top/wordcloud code changed"

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            (f"story_ids?window={OLDER}", "can’t be made again: its window is over, and its"),
            ("story_ids?window=2026-11-22T1200Z", "can’t be made: its window is over, and its"),
            (
                "wordcloud?window=2026-11-22T1200Z",
                "can’t be made: top/stories/2026-11-22T1200Z, which it is made from, is not stored",
            ),
        ],
    )
    def test_says_why_a_window_can_t_be_made(self, made, server, path, why):
        page = server.page(f"/assets/top/{path}")
        assert page.one("p", class_="obstacle").text.startswith(f"This window {why}")
        assert not page.all("form", class_="run-buttons")
        (newest,) = [a["href"] for a in page.all("a") if a.text == "newest"]
        assert server.page(newest).one("form", class_="run-buttons")

    def test_s_button_is_about_the_present_window_unless_another_is_asked_for(
        self, made, server, clock
    ):
        clock.advance(minutes=10)
        for path in ("/assets/top/wordcloud", "/assets/top/wordcloud?window=2026-11-22T1240Z"):
            form = server.page(path).one("form", class_="run-buttons")
            assert not form.all("input", name="window")
            assert form.all("button")[0].text == "Materialize"

    def test_that_was_not_made_says_what_failed_upstream(self, made, server, clock, fail):
        clock.advance(minutes=10)
        fail(StoryIds(), f"OSError: no net {HOSTILE}")
        for query in ("?window=2026-11-22T1240Z", "?window=2026-11-22+12:40"):
            page = server.page(f"/assets/top/wordcloud{query}")
            told = page.one("p", class_="error")
            assert f"failed 2026-11-22 12:44: OSError: no net {HOSTILE}" in told.text
            link = told.one("a")
            assert link.text == "top/story_ids"
            assert HOSTILE in server.page(link["href"]).one("p", class_="error").text

    def test_whose_remake_failed_is_still_current(self, made, server, clock, fail):
        clock.advance(minutes=1)
        fail(Wordcloud(), "CloudError: no words")
        page = server.page("/assets/top/wordcloud")
        assert page.one("h1").text == "top/wordcloud fresh"
        assert strip(page) == ["made", "never", "made failures"]
        assert selected(page)["title"].endswith("and the last attempt failed")
        (told,) = page.all("p", class_="notice")
        assert told.text.startswith("The last attempt failed 2026-11-22 12:35, attempt 1: CloudErr")
        assert told.text.endswith("What was made before is still current.")
        assert page.one("figure", class_="picture")

    def test_of_another_length_by_now_is_still_shown(self, made, server, settings, clock):
        settings("assets", window_minutes=60)
        clock.advance(hours=2)
        page = server.page(f"/assets/top/stories?window={OLDER}")
        assert "Rust in space" in page.text
        assert "windows have another length by now" in page.one("p", class_="obstacle").text
        assert not page.one("ol", class_="strip").all("a", aria_current="page")

    def test_is_there_whatever_other_lines_of_the_watch_list_are(self, made, server, settings):
        settings("assets", watch="nosuch Asset\nhn_luigi Wordcloud")
        assert server.page("/assets/top/wordcloud").one("figure", class_="picture")
        assert server.get(f"/assets/_outputs/top/wordcloud/{OLDER}.md").status == 200
        assert "'nosuch Asset'" in server.page("/assets/top/nothing", 503).text

    def test_draws_what_was_reported_over_time(self, made, server):
        plots = server.page("/assets/top/stories").all("svg", class_="plot")
        assert len(plots) == 4
        for plot in plots:
            assert len(plot.all("circle")) == len(plot.one("polyline")["points"].split()) == 2


class TestATable:
    @pytest.mark.parametrize(
        "column", ["rank", "id", "title", "url", "domain", "by", "score", "descendants", "time"]
    )
    @pytest.mark.parametrize("order", ["", "-"])
    def test_is_sorted_by_any_column_and_what_has_no_value_comes_last(
        self, made, server, column, order
    ):
        page = server.page(f"/assets/top/stories?sort={order}{column}")
        shown = cells(page, column)
        given = [cell for cell in shown if cell != "-"]
        assert shown[: len(given)] == given
        is_number = column in ("rank", "id", "score", "descendants")
        values = [int(cell) if is_number else cell.casefold() for cell in given if cell.isascii()]
        assert len(set(values)) > 1
        assert values == sorted(values, reverse=bool(order))
        (told,) = [th for th in page.all("th") if "aria-sort" in th.attributes]
        assert told["aria-sort"] == ("descending" if order else "ascending")
        other = column if order else f"-{column}"
        assert told.one("a")["href"].endswith(f"&sort={other}")

    def test_is_as_it_is_stored_where_there_is_no_such_column(self, made, server):
        plain = titles(server.page("/assets/top/stories"))
        assert plain[0] == "Rust in space"
        for column in ("nothing", "-nothing", "__class__", "", "-", "rank,title"):
            assert titles(server.page(f"/assets/top/stories?sort={column}")) == plain

    def test_keeps_its_window_when_sorted(self, made, server):
        page = server.page(f"/assets/top/stories?window={OLDER}")
        for th in page.one("thead").all("th"):
            assert f"window={OLDER}" in th.one("a")["href"]
            assert server.page(th.one("a")["href"]).one("strong").text == "Window 2026-11-22 12:10"

    def test_shows_all_rows_where_that_is_asked_and_keeps_order_and_window(
        self, made, server, monkeypatch
    ):
        monkeypatch.setattr(outputs, "FIRST_ROWS", 5)
        first = server.page(f"/assets/top/stories?window={OLDER}&sort=-title")
        assert len(titles(first)) == 5
        url = first.one("p", class_="more").one("a")["href"]
        assert url == f"/assets/top/stories?window={OLDER}&sort=-title&rows=all"
        complete = server.page(url)
        assert len(titles(complete)) > 5
        assert titles(complete)[:5] == titles(first)
        assert not complete.all("p", class_="more")
        assert complete.one("strong").text == "Window 2026-11-22 12:10"
        assert all("&rows=all" in th.one("a")["href"] for th in complete.one("thead").all("th"))
        answer = server.get("/assets/Stories?rows=all")
        assert answer.headers["Location"].endswith("rows=all")


class TestTheCloud:
    @pytest.fixture
    def page(self, made, server):
        return server.page("/assets/top/wordcloud")

    @pytest.fixture
    def picture(self, page):
        """The picture that the page shows, and its paper's colour."""
        shown = page.one("figure", class_="picture").one("img")
        data = base64.b64decode(shown["src"].removeprefix("data:image/png;base64,"))
        image = Image.open(io.BytesIO(data)).convert("RGB")
        assert image.size == (int(shown["width"]), int(shown["height"])) == (400, 200)
        return image, (255, 255, 255)

    def test_has_each_word_in_its_area_and_nothing_elsewhere(self, page, picture):
        image, paper = picture
        areas = page.one("figure", class_="picture").all("rect")
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
        links = {a["aria-label"]: a for a in page.one("figure", class_="picture").all("a")}
        listed = {a.text: a for a in page.one("table").all("a")}
        for word in ("Rust", "C++", ".NET", "AT&T"):
            found = server.page(links[word]["href"])
            assert found.one("h1").text == f"“{word}”"
            assert all(word in title for title in titles(found))
            assert links[word].one("title").text == word
        for link in (links["Rust"], listed["Rust"]):
            assert titles(server.page(link["href"])) == ["Rust in space", "Ask HN: Rust or Zig?"]

    def test_s_list_has_all_words(self, page, server):
        (to_all,) = [a for a in page.one("div", class_="page").all("a") if "All " in a.text]
        words = server.page(to_all["href"]).one("div", class_="page").all("a")
        assert to_all.text == f"All {len(words)} words"
        assert titles(server.page(words[-1]["href"]))

    def test_has_no_page_of_a_word_that_isn_t_in_it(self, made, server):
        for word in ("nosuch", "", "%26", "C%23", "<script>", "the", "rust", "%3F"):
            server.page(f"/assets/top/wordcloud?detail={word}", 404)

    def test_outlives_its_stories_and_says_what_it_lacks(self, made, server):
        for path in (f"top/stories/{OLDER}.parquet", f"_records/top/stories/{OLDER}.json"):
            (made / path).unlink()
        for more in ("", "&detail=Rust"):
            page = server.page(f"/assets/top/wordcloud?window={OLDER}{more}")
            (told,) = page.all("p", class_="error")
            assert re.match(r"Shown without its view\(\): .*parquet is missing", told.text)
            assert not page.all("rect")
            assert bool(page.all("img")) == (more == "")

    def test_has_its_areas_where_its_record_says(self, made, server, rewrite):
        rewrite(lambda record: record["metadata"]["areas"].update(Rust="10,20,400,200"))
        assert areas_of(server.page("/assets/top/wordcloud"))["Rust"] == [10, 20, 390, 180]

    def test_has_a_list_of_words_alone_if_its_record_is_from_before_there_were_areas(
        self, made, server, rewrite
    ):
        rewrite(lambda record: record["metadata"].pop("areas"))
        page = server.page("/assets/top/wordcloud")
        assert page.one("figure", class_="picture").one("img")
        assert not page.all("rect")
        assert page.one("table").all("a")

    def test_s_record_tells_how_many_areas_there_are_and_not_which(self, page):
        told = page.one("dl", class_="record").text
        assert f"areas {len(areas_of(page))} values" in told

    def test_has_no_areas_if_it_isn_t_the_page_that_was_recorded(self, made, server):
        path = made / f"top/wordcloud/{NEWER}.md"
        path.write_text(path.read_text() + "\nMore.\n")
        page = server.page("/assets/top/wordcloud")
        assert page.one("figure", class_="picture").one("img")
        assert not page.all("rect")
        assert page.one("table").all("a")


class TestAnythingElse:
    def test_is_nothing(self, server):
        for path in ("/assets/nope", "/assets/top/stories/nope", "/assets/runs/", "/assets/a/b/c"):
            assert "There is no such page" in server.page(path, 404).text
        for path in ("/nope", "/asset", "/assetsx"):
            assert server.get(path).status == 404

    def test_than_asking_for_a_page_is_not_allowed(self, server):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
            assert server.ask(method, "/assets").status in (403, 405)
        assert server.ask("POST", "/assets").status == 403  # it needs a form's token

    @pytest.mark.parametrize("path", ["/assets", "/assets/top/stories", "/assets/top/stories/nope"])
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
