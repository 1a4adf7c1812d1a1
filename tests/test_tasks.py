"""The graph: each task alone with plain values, and the whole against the API on loopback."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections import Counter
from datetime import datetime

import pandas as pd
import pytest
from luigi.execution_summary import LuigiStatusCode

from hn_luigi import Stories, StoriesOfDay, StoryIds, Wordcloud, tasks
from hn_luigi.assets.operations import view_of
from hn_luigi.hackernews import SCHEMA, NoStories, to_frame
from hn_luigi.replica import Faults, FrontPage, bundled_front_page, read_front_page
from hn_luigi.trends.days import stories_of_day

from .limits import scaled

ITEMS = [
    {"id": 1, "type": "story", "title": "Rust in space", "url": "https://a.example/", "score": 9},
    {"id": 2, "type": "story", "title": "Ask HN: Rust or Go?", "descendants": 3, "score": 5},
    {"id": 3, "type": "job", "title": "Space &amp; Co is hiring", "url": ""},
]
WINDOW = "2026-11-22T1230Z"


@pytest.fixture
def small(replica):
    replica.front_page = FrontPage({item["id"]: item for item in ITEMS})
    return replica


@pytest.fixture
def page(root):
    return root / f"top/wordcloud/{WINDOW}.md"


class TestEachTaskAlone:
    def test_story_ids_are_the_feed_s_up_to_the_limit(self, small, settings):
        settings("hackernews", limit=2)
        assert StoryIds().compute() == [1, 2]
        assert StoryIds(feed="job").compute() == [3]

    def test_stories_are_rows_of_their_window(self, small):
        frame = Stories(as_of=datetime(2026, 11, 22, 12, 30)).compute([3, 1])
        assert list(frame["title"]) == ["Space & Co is hiring", "Rust in space"]
        assert set(frame["as_of"]) == {pd.Timestamp("2026-11-22 12:30", tz="UTC")}

    def test_no_story_is_an_error(self, small):
        with pytest.raises(NoStories):
            Stories().compute([])

    def test_an_empty_feed_is_an_error(self, small, build, settings):
        small.front_page = FrontPage({})
        with pytest.raises(NoStories):
            StoryIds().compute()

    def test_wordcloud_is_a_page_of_the_headlines(self):
        frame, _ = to_frame(ITEMS, as_of=datetime(2026, 11, 22, 12, 30))
        page = Wordcloud(as_of=datetime(2026, 11, 22, 12, 30)).compute(frame)
        assert page.startswith("# Hacker News")
        assert "2026-11-22 12:30" in page
        assert re.search(r"^\| Rust +\| +2 \|$", page, re.MULTILINE)
        assert re.search(r"^\| Space +\| +2 \|$", page, re.MULTILINE)
        assert "| Ask |" not in page
        assert "[Rust in space](https://a.example/) — 9 points, " in page
        assert "[3 comments](https://news.ycombinator.com/item?id=2)" in page
        png = base64.b64decode(re.search(r"data:image/png;base64,(.+)", page).group(1))
        assert png.startswith(b"\x89PNG")

    def test_a_label_stands_before_the_heading(self, settings):
        settings("cloud", label="SAMPLE")
        frame, _ = to_frame(ITEMS, as_of=datetime(2026, 11, 22, 12, 30))
        assert Wordcloud().compute(frame).startswith("# SAMPLE")

    def test_stop_words_are_a_setting(self, settings):
        settings("cloud", stopwords="rust, go")
        frame, _ = to_frame(ITEMS, as_of=datetime(2026, 11, 22, 12, 30))
        assert "| Rust |" not in Wordcloud().compute(frame)


def listed(*titles, at, **facts):
    """Rows of Stories of that moment, of the titles in rank order; of one title is one story."""
    items = [{"id": abs(zlib.crc32(t.encode())), "title": t, **facts} for t in titles]
    return to_frame(items, as_of=at)[0]


class TestWhatChangedSinceYesterday:
    NOW = datetime(2026, 11, 22, 12, 30)
    BEFORE = "Rust in space", "Kettle", "Ada", "Bob climbs", "Cyd"
    STORIES = "Bob climbs", "Rust in space", "Zig leads", "Zig wins", "Zig stays", "Kettle"

    @pytest.fixture
    def page(self):
        windows = [listed(*self.BEFORE, at=datetime(2026, 11, 21, hour)) for hour in (3, 14)]
        day = stories_of_day(windows, feed="top")
        stories = listed(*self.STORIES, at=self.NOW)
        stories.loc[3, "time"] = pd.Timestamp("2026-11-22T12:20:00Z")
        stories.loc[4, "time"] = pd.Timestamp("2026-11-22T12:19:59Z")
        return Wordcloud(as_of=self.NOW).compute(stories, {datetime(2026, 11, 21): day})

    def test_yesterday_is_told_as_far_as_it_is_stored(self, page):
        assert "\nYesterday: 2026-11-21, 03:00 to 14:00 UTC · Stories: 5\n" in page

    def test_new_words_are_told(self, page):
        table = page.partition("### New and rising words\n\n")[2].partition("\n\n")[0]
        assert [line.split("|")[1:4] for line in table.splitlines()[2:]] == [
            [" Zig  ", "         3 ", "       new "]
        ]

    def test_new_stories_are_told_and_which_came_since_the_window_before(self, page):
        told = page.partition("### New stories\n\n")[2].partition("\n\n###")[0]
        yesterday, since = told.split("\n\nSubmitted since 12:20 UTC: 1\n\n")
        begin = "Not listed yesterday: 3 of 6\n\n- rank 3: [Zig leads]("
        assert yesterday.startswith(begin)
        assert yesterday.count("\n- rank") == 3
        assert since.startswith("- rank 4: [Zig wins](")
        assert "\n" not in since

    def test_climbers_are_told_with_both_ranks(self, page):
        told = page.partition("### Climbers\n\n")[2].partition("\n\n")[0]
        assert told.startswith("- rank 4 → 1: [Bob climbs](")
        assert "\n" not in told

    def test_it_comes_before_the_words_which_stay(self, page):
        plain = Wordcloud(as_of=self.NOW).compute(listed(*self.STORIES, at=self.NOW))
        head, words = plain.split("## Leading words")
        assert page.startswith(f"{head}## What changed since yesterday\n")
        assert page.endswith(f"## Leading words{words}")

    @pytest.mark.parametrize("windows", [0, 1])
    def test_without_a_yesterday_nothing_is_said_of_it(self, windows):
        empty = stories_of_day([listed("Rust", at=self.NOW)], feed="top").head(0)
        days = {self.NOW: empty} if windows else {}
        page = Wordcloud(as_of=self.NOW).compute(listed(*self.STORIES, at=self.NOW), days)
        assert "esterday" not in page

    def test_where_nothing_changed_the_page_says_so(self):
        titles = ["Rust in space", "Kettle"]
        day = stories_of_day([listed(*titles, at=datetime(2026, 11, 21))], feed="top")
        page = Wordcloud(as_of=self.NOW).compute(listed(*titles, at=self.NOW), {self.NOW: day})
        told = page.partition("Stories: 2\n\n## What changed")[2].partition("## Leading")[0]
        assert told == (
            " since yesterday\n\nYesterday: 2026-11-21, 00:00 to 00:00 UTC · Stories: 2\n\n"
            "### New stories\n\nNot listed yesterday: 0 of 2\n\n"
            "Submitted since 12:20 UTC: 0\n\n"
        )

    @pytest.mark.parametrize(
        ("as_of", "day"), [("2026-11-22T0000", 21), ("2026-11-22T2350", 21), ("2026-11-23", 22)]
    )
    def test_yesterday_is_the_day_that_is_over(self, as_of, day):
        _, yesterday = Wordcloud.from_str_params({"as_of": as_of}).requires()
        assert (yesterday.since, yesterday.until) == (
            datetime(2026, 11, day),
            datetime(2026, 11, day + 1),
        )

    def test_three_headlines_are_under_each_of_ten_words(self):
        titles = [f"{letter * 3} {n}" for letter in "abcdefghijkl" for n in range(4)]
        page = Wordcloud(as_of=self.NOW).compute(listed(*titles, at=self.NOW))
        told = page.partition("## Headlines of the leading words\n\n")[2].partition("\n\n##")[0]
        assert re.findall(r"^[0-9]+\. \*\*(.+)\*\*: 4 headlines$", told, re.MULTILINE) == [
            letter * 3 for letter in "abcdefghij"
        ]
        assert re.findall(r"^    - \[(.+?)\]\(", told, re.MULTILINE) == [
            f"{letter * 3} {n}" for letter in "abcdefghij" for n in range(3)
        ]


class TestColours:
    NOW = datetime(2026, 11, 22, 12, 30)

    @pytest.fixture
    def pages(self, settings):
        """The page of some stories, by what its colours tell, with a yesterday or without one."""
        settings("cloud", width=300, height=200)
        stories = listed("Rust leads", "Rust falls", "Zig", at=self.NOW)
        day = stories_of_day([listed("Rust", at=datetime(2026, 11, 21))], feed="top")

        def page(colours, *, yesterday):
            settings("cloud", colours=colours)
            return Wordcloud(as_of=self.NOW).compute(stories, {self.NOW: day} if yesterday else {})

        return page

    def test_by_changes_the_picture_is_another(self, pages):
        chance, change = (pages(colours, yesterday=True) for colours in ("chance", "change"))
        assert "The colours" not in change
        assert chance.partition("[cloud]: ")[0] == change.partition("[cloud]: ")[0]
        assert chance.partition("[cloud]: ")[2] != change.partition("[cloud]: ")[2]

    def test_without_a_yesterday_they_are_by_chance_and_the_page_says_so(self, pages):
        chance, change = (pages(colours, yesterday=False) for colours in ("chance", "change"))
        said = "The colours tell nothing: no list of the day before is stored to compare with.\n\n"
        assert change.replace(said, "") == chance
        assert said in change


@pytest.mark.slow
class TestTheWholeGraph:
    @pytest.fixture(autouse=True)
    def at_half_past(self, clock):
        pass

    @pytest.fixture(autouse=True)
    def a_small_picture(self, settings):
        settings("cloud", width=200, height=100)

    @pytest.fixture
    def hundred(self, replica, settings):
        settings("hackernews", limit=100)
        return replica

    def test_it_keeps_ids_stories_and_page(self, replica, succeed, root, page):
        succeed(Wordcloud())
        ids = json.loads((root / f"top/story_ids/{WINDOW}.json").read_text())
        assert ids == list(replica.front_page.lists["top"])
        stories = pd.read_parquet(root / "top/stories")
        assert {name: str(dtype) for name, dtype in stories.dtypes.items()} == SCHEMA
        assert list(stories["id"]) == [i for i in ids if i in set(stories["id"])]
        assert len(stories) > 480
        assert page.read_bytes() == (page.parent / "latest.md").read_bytes()
        metadata = json.loads((root / f"_records/top/stories/{WINDOW}.json").read_text())[
            "metadata"
        ]
        assert metadata["rows"] == len(stories)
        assert len(ids) - len(stories) == sum(metadata["skipped"].values()) > 0

    def test_records_say_what_was_read_and_with_what(self, replica, succeed, settings, root):
        settings("cloud", width=1200, height=600)
        succeed(Wordcloud())
        records = {
            name: json.loads((root / f"_records/top/{name}/{WINDOW}.json").read_text())
            for name in ("story_ids", "stories", "wordcloud")
        }
        for record in records.values():
            assert {"python", "hn_luigi", "luigi", "pandas", "wordcloud"} <= set(record["versions"])
        for name in ("story_ids", "stories"):
            assert records[name]["metadata"]["base_url"] == replica.base_url
        assert records["story_ids"]["metadata"]["rows"] == 500
        told = records["wordcloud"]["metadata"]
        assert told["words"] == len(told["areas"]) > 100
        left, top, right, bottom = map(int, told["areas"]["Rust"].split(","))
        assert 0 <= left < right <= 1200
        assert 0 <= top < bottom <= 600

    def test_a_failed_fetch_is_tried_again_and_each_attempt_kept(
        self, replica, build, settings, root, naps
    ):
        settings("hackernews", attempts=1)
        replica.faults = Faults(rate=1, kinds=("5xx",))
        assert build(Wordcloud()).status is LuigiStatusCode.FAILED
        kept = [json.loads(p.read_text()) for p in (root / "_failures/top/story_ids").iterdir()]
        assert len(kept) == len(naps) + 1 == StoryIds.retry.max_retries + 1
        assert all("Unavailable: can't read" in failure["error"] for failure in kept)

    def test_what_can_t_pass_by_itself_is_not_tried_again(self, replica, build, naps):
        replica.front_page = FrontPage({})
        assert build(Wordcloud()).status is LuigiStatusCode.FAILED
        assert naps == []

    def test_the_same_stories_give_the_same_page(self, hundred, succeed, page):
        succeed(Wordcloud())
        first = page.read_bytes()
        page.unlink()
        succeed(Wordcloud())
        assert page.read_bytes() == first

    def test_a_second_run_asks_for_nothing(self, hundred, succeed):
        succeed(Wordcloud())
        asked = len(hundred.requests)
        succeed(Wordcloud())
        assert len(hundred.requests) == asked

    @pytest.mark.parametrize(
        ("removed", "asked_again"),
        [
            (f"top/wordcloud/{WINDOW}.md", 0),
            ("top/wordcloud/latest.md", 0),
            (f"top/stories/{WINDOW}.parquet", 3),
            (f"top/story_ids/{WINDOW}.json", 1),
        ],
    )
    def test_a_removed_output_is_made_again_alone(self, small, succeed, root, removed, asked_again):
        succeed(Wordcloud())
        before = {path: path.read_bytes() for path in root.glob("top/*/*")}
        asked = len(small.requests)
        (root / removed).unlink()
        succeed(Wordcloud())
        assert {path: path.read_bytes() for path in root.glob("top/*/*")} == before
        assert len(small.requests) - asked == asked_again

    def test_a_removed_output_that_comes_out_different_remakes_what_follows(
        self, small, succeed, root, page
    ):
        succeed(Wordcloud())
        small.front_page = FrontPage({1: {**ITEMS[0], "title": "Zig on the moon"}})
        (root / f"top/story_ids/{WINDOW}.json").unlink()
        succeed(Wordcloud())
        assert "Zig on the moon" in page.read_text()

    @pytest.mark.parametrize(
        ("name", "value"), [("width", 800), ("max_words", 2), ("colours", "change")]
    )
    def test_a_changed_look_remakes_the_page_alone(
        self, small, succeed, settings, page, name, value
    ):
        succeed(Wordcloud())
        asked, before = len(small.requests), page.read_bytes()
        settings("cloud", **{name: value})
        succeed(Wordcloud())
        assert len(small.requests) == asked
        assert page.read_bytes() != before

    @pytest.fixture
    def with_a_yesterday(self, small, succeed, clock):
        """The page of a window, the day before which is stored as well."""
        for _ in range(3):
            clock.advance(minutes=10)
            succeed(StoriesOfDay())
        clock.advance(days=1)
        succeed(Wordcloud())
        return Wordcloud()

    def test_a_changed_look_is_tried_on_two_files(
        self, with_a_yesterday, succeed, settings, root, opened
    ):
        settings("cloud", width=300)
        with opened() as paths:
            succeed(Wordcloud())
        assert {path for path in paths if path.suffix == ".parquet"} == {
            root / "top/stories/2026-11-23T1300Z.parquet",
            root / "top/stories_of_day/2026-11-22T0000Z.parquet",
        }
        assert "What changed since yesterday" in (root / "top/wordcloud/latest.md").read_text()

    @pytest.mark.parametrize("left", ["as it is", "no day", "no day, which was pruned"])
    @pytest.mark.parametrize("record", ["of now", "of before there were days"])
    def test_a_page_is_shown_with_its_words_whatever_is_left_of_yesterday(
        self, with_a_yesterday, root, clock, left, record
    ):
        asset = with_a_yesterday
        if record != "of now":
            path = root / asset.partition.record_key
            document = json.loads(path.read_text())
            stories, days = document["inputs"]
            del document["upstream"][days], document["windows"]
            path.write_text(json.dumps({**document, "inputs": stories}))
        clock.advance(days=2)
        if left != "as it is":
            (root / "top/stories_of_day/2026-11-22T0000Z.parquet").unlink()
        if left.endswith("pruned"):
            StoriesOfDay().dataset.note_pruned("2026-11-23T0000Z")
        view = view_of(asset, asset.partition.window, largest=10**7)
        assert "| [Rust](#Rust)" in view.markdown
        assert "Rust in space" in view.details["Rust"]()

    def test_a_changed_limit_remakes_all(self, small, succeed, settings, root):
        succeed(Wordcloud())
        settings("hackernews", limit=1)
        succeed(Wordcloud())
        assert len(pd.read_parquet(root / "top/stories")) == 1

    def test_latest_tries_a_change_without_a_request_however_old(
        self, small, succeed, settings, clock, page
    ):
        succeed(Wordcloud())
        asked = len(small.requests)
        clock.advance(days=400)
        settings("cloud", width=800)
        settings("hackernews", limit=1, base_url="http://127.0.0.1:1/v0")
        before = page.read_bytes()
        succeed(Wordcloud.from_str_params({"as_of": "latest"}))
        assert page.read_bytes() != before
        assert len(small.requests) == asked

    def test_all_windows_of_stories_are_read_as_one_table(self, small, succeed, clock, root):
        succeed(Wordcloud())
        clock.advance(minutes=10)
        succeed(Wordcloud())
        stories = pd.read_parquet(root / "top/stories")
        assert stories.groupby("as_of").size().tolist() == [3, 3]
        assert {name: str(dtype) for name, dtype in stories.dtypes.items()} == SCHEMA

    def test_feeds_lie_apart(self, small, succeed, root):
        succeed(Wordcloud(feed="job"))
        assert (root / f"job/wordcloud/{WINDOW}.md").exists()
        assert not (root / "top").exists()

    def test_how_it_is_fetched_makes_nothing_stale(self, small, succeed, settings):
        succeed(Wordcloud())
        settings("hackernews", concurrency=3, attempts=9, deadline=11, read_timeout=7)
        assert Wordcloud().complete()

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["5xx", "401", "429", "reset", "stall", "truncated", "html"])
    def test_it_gets_through_each_fault(self, hundred, succeed, settings, page, kind):
        settings("hackernews", read_timeout=scaled(0.5))
        hundred.faults = Faults(rate=0.1, kinds=(kind,), times=2, retry_after=0.01)
        succeed(Wordcloud())
        assert page.exists()

    def test_the_page_is_the_same_whatever_failed_on_the_way(self, hundred, succeed, page):
        succeed(Wordcloud())
        calm = page.read_bytes()
        for path in page.parents[1].glob("*/*"):
            path.unlink()
        hundred.faults = Faults(rate=0.3, kinds=("5xx", "reset", "html"), times=1)
        succeed(Wordcloud())
        assert page.read_bytes() == calm

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", ["5xx", "stall", "html"])
    def test_when_half_the_items_fail_the_last_good_page_stays(
        self, replica, succeed, build, settings, clock, page, kind
    ):
        settings("hackernews", limit=40)
        succeed(Wordcloud())
        before = page.read_bytes()
        clock.advance(minutes=10)
        settings("hackernews", read_timeout=0.2, attempts=2)
        replica.faults = Faults(rate=0.5, kinds=(kind,), retry_after=0.01, only="item/")
        result = build(Wordcloud())
        assert result.status is LuigiStatusCode.FAILED
        assert (page.parent / "latest.md").read_bytes() == before
        assert not list(page.parents[1].glob("stories/2026-11-22T1240Z*"))
        replica.faults = Faults()
        settings("hackernews", read_timeout=30)
        succeed(Wordcloud())
        assert (page.parent / "2026-11-22T1240Z.md").exists()

    def test_a_snapshot_of_stories_replays_the_same_page(self, hundred, succeed, root, page):
        succeed(Wordcloud())
        before = page.read_bytes()
        captured = root.parent / "captured.parquet"
        (root / f"top/stories/{WINDOW}.parquet").rename(captured)
        hundred.front_page = read_front_page(captured)
        for path in root.glob("top/*/*"):
            path.unlink()
        succeed(Wordcloud())
        assert pd.read_parquet(captured)["title"].tolist() == (
            pd.read_parquet(root / "top/stories")["title"].tolist()
        )
        assert page.read_bytes() == before


def _front_page(ids, **facts):
    items = {
        i: {"id": i, "type": "story", "title": f"Story {i} of {i}", "score": 7, **facts}
        for i in ids
    }
    return FrontPage(items, {"top": tuple(ids)})


def _set(column, row, value):
    def corrupt(frame):
        frame.loc[row, column] = value
        return frame

    return corrupt


@pytest.mark.slow
class TestChecks:
    """Corruptions of stories: those that are errors are refused, and latest never is bad."""

    @pytest.fixture(autouse=True)
    def good(self, replica, succeed, settings, clock):
        """A good window, and after it the clock in the next one."""
        settings("cloud", width=200, height=100)
        replica.front_page = _front_page(range(1, 41))
        succeed(Wordcloud())
        clock.advance(minutes=10)

    @pytest.fixture
    def warnings(self, root):
        def of(asset, window="2026-11-22T1240Z"):
            record = json.loads((root / f"_records/top/{asset}/{window}.json").read_text())
            return list(record["warnings"])

        return of

    @pytest.mark.parametrize(
        ("corrupt", "check"),
        [
            (_set("id", 3, 1), "unique(id)"),
            (_set("rank", 3, 0), "ranks_ascend"),
            (_set("title", 3, "\u200b"), "titles_show"),
        ],
        ids=["a story twice", "ranks of no list", "a title that shows nothing"],
    )
    def test_an_error_is_refused_after_its_retries(
        self, build, succeed, root, naps, monkeypatch, corrupt, check
    ):
        latest = (root / "top/wordcloud/latest.md").read_bytes()
        with monkeypatch.context() as faulty:
            faulty.setattr(
                tasks, "to_frame", lambda *a, **k: (corrupt(to_frame(*a, **k)[0]), Counter())
            )
            assert build(Wordcloud()).status is LuigiStatusCode.FAILED
        kept = [json.loads(p.read_text()) for p in (root / "_failures/top/stories").iterdir()]
        assert {failure["check"] for failure in kept} == {check}
        assert len(kept) == len(naps) + 1 == Stories.retry.max_retries + 1
        assert [p.stem for p in (root / "top/stories").iterdir()] == [WINDOW]
        assert (root / "top/wordcloud/latest.md").read_bytes() == latest
        succeed(Wordcloud())

    def test_ids_that_are_listed_twice_are_refused(self, build, root, monkeypatch):
        monkeypatch.setattr(tasks.Client, "story_ids", lambda client, feed: [1, 2, 2])
        assert build(Wordcloud()).status is LuigiStatusCode.FAILED
        kept = [json.loads(p.read_text()) for p in (root / "_failures/top/story_ids").iterdir()]
        assert {failure["check"] for failure in kept} == {"unique()"}

    def test_other_stories_than_a_window_ago_are_told_and_published(
        self, replica, succeed, warnings, root
    ):
        replica.front_page = _front_page(range(101, 141))
        succeed(Wordcloud())
        assert warnings("stories") == ["half_is_known"]
        assert "Story 101" in (root / "top/wordcloud/latest.md").read_text()

    def test_scores_that_are_all_missing_are_told_and_published(self, replica, succeed, warnings):
        replica.front_page = _front_page(range(1, 41), score=None)
        succeed(Wordcloud())
        assert warnings("stories") == ["scores_are_known"]

    def test_after_an_outage_all_may_be_other(self, replica, succeed, clock, warnings):
        clock.advance(hours=8)
        replica.front_page = _front_page(range(101, 141))
        succeed(Wordcloud())
        assert warnings("stories", "2026-11-22T2040Z") == []

    def test_a_few_stories_are_published_however_many_are_other(
        self, replica, succeed, settings, warnings
    ):
        settings("hackernews", limit=5)
        replica.front_page = _front_page(range(101, 141))
        succeed(Wordcloud())
        assert warnings("stories") == []

    def test_a_wide_picture_is_published(self, succeed, settings, warnings):
        settings("cloud", width=8000)
        succeed(Wordcloud())
        assert warnings("wordcloud") in ([], ["has_ten_words"])

    def test_the_whole_front_page_has_nothing_to_warn_of(self, replica, succeed, warnings, clock):
        replica.front_page = bundled_front_page()
        clock.advance(days=1)
        succeed(Wordcloud())
        for asset in ("story_ids", "stories", "wordcloud"):
            assert warnings(asset, "2026-11-23T1240Z") == []
