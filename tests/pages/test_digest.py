"""The page of a day, as Markdown readers and terminals show it."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta

import pandas as pd
import pytest
from markdown_it import MarkdownIt
from PIL import Image

from hn_luigi import Digest, Trends
from hn_luigi.pages.checks import is_below_a_megabyte, picture_decodes

from ..trends.invented import A_DAY, DAY, a_day, headlines, table


def a_morning(titles, **columns):
    """Two windows with these titles; in the second the stories stand the other way round."""
    first = a_day(DAY, titles)
    later = first.assign(
        rank=first["rank"].to_numpy()[::-1], as_of=first["as_of"] + timedelta(hours=1)
    )
    both = pd.concat([first, later]).sort_values(["id", "as_of"], ignore_index=True)
    return both.assign(**columns)


@pytest.fixture
def digest(settings):
    settings("cloud", width=300, height=150)

    def made(today, before=None):
        trends = Trends(as_of=DAY).compute(today, before or {})
        return Digest(as_of=DAY).compute(today, trends)

    return made


@pytest.fixture
def days():
    """Ten days before, one of them missing, in which a word is planted."""
    before = {
        DAY - n * A_DAY: a_day(DAY - n * A_DAY, headlines(n, 60, {"Planted": 3, "Quagmire": 12}))
        for n in range(1, 11)
        if n != 4
    }
    return a_morning(headlines("today", 60, {"Planted": 12})), before


def sections(page):
    """The text below each heading."""
    parts = re.split(r"^#{1,2} (.*)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def tables(text):
    return re.findall(r"^\| (\S+) +\| +([0-9]+) \| +(.+?) \| +(.+?) \|$", text, re.MULTILINE)


def test_it_says_what_rose_and_fell_with_the_shares_of_both(digest, days):
    parts = sections(digest(*days))
    assert tables(parts["What rose"])[0] == ("Planted", "12", "20.0 %", "5.0 %")
    assert tables(parts["What fell"])[0] == ("Quagmire", "0", "0 %", "20.0 %")


def test_it_says_what_it_is_made_of(digest, days):
    page = digest(*days)
    assert page.startswith("# Hacker News on 2026-11-22: its top stories\n\n")
    assert (
        "Windows: 2, the last of 2026-11-22 01:00 UTC · Stories: 60"
        " · Compared with 9 of the 28 days before\n"
    ) in page


def test_it_names_the_days_that_are_missing_where_they_are_few(digest):
    before = {DAY - n * A_DAY: a_day(DAY - n * A_DAY, headlines(n, 9)) for n in range(1, 29)}
    del before[DAY - 3 * A_DAY]
    assert "Compared with 27 of the 28 days before, without 2026-11-19\n" in digest(
        a_morning(headlines("today", 9, {"Planted": 5})), before
    )


def test_the_first_day_has_nothing_to_compare_with(digest):
    page = digest(a_morning(headlines("today", 60)))
    assert "This is the first day: there is nothing to compare it with." in page
    assert "Compared" not in page
    assert "What rose\n" not in page
    assert picture_decodes(page) is None


def test_where_nothing_moved_it_says_so(digest):
    titles = headlines("every day", 60)
    before = {DAY - n * A_DAY: a_day(DAY - n * A_DAY, titles) for n in range(1, 6)}
    parts = sections(digest(a_morning(titles), before))
    assert parts["What rose"].strip() == "No word rose clearly."
    assert parts["What fell"].strip().startswith("No word fell clearly.")


def test_its_pictures_are_its_last_lines_and_whole(digest, days):
    page = digest(*days)
    lines = page.rstrip().splitlines()
    names = [re.match(r"\[(\w+)\]: data:image/png;base64,", line) for line in lines[-5::2]]
    assert [name[1] for name in names] == ["cloud", "risen", "fallen"]
    assert max(map(len, lines[:-5])) < 2000
    for name in names:
        data = page.partition(f"[{name[1]}]: data:image/png;base64,")[2].partition("\n")[0]
        Image.open(io.BytesIO(base64.b64decode(data))).load()
    assert [check(page) for check in (picture_decodes, is_below_a_megabyte)] == [None, None]
    assert picture_decodes(page[: page.rindex("iVBOR")] + "iVBOR\n") is not None


def test_readers_of_markdown_show_its_pictures_with_what_they_show(digest, days):
    tokens = MarkdownIt("commonmark").enable("table").parse(digest(*days))
    images = [c for token in tokens for c in token.children or () if c.type == "image"]
    assert len(images) == 3
    cloud, risen, fallen = (image.content for image in images)
    assert cloud.startswith("Word cloud of the day's headlines; largest: ")
    assert "what rose, 2026-10-25 to 2026-11-22: Planted 20.0 %, before 5.0 %" in risen
    assert "Quagmire 0 %, before 20.0 %" in fallen


def test_stories_that_stood_out_lead_to_where_they_are(digest):
    titles = [f"Story of {word}" for word in ("Ada", "Zig", "Lua", "Rust")] + ["x y z"] * 40
    day = a_morning(titles, url="https://site.example/a b", score=7)
    day["descendants"] = pd.array([n % 50 for n in range(len(day))], dtype="Int32")
    parts = sections(digest(day))
    first = parts["Longest among the first 30"].strip().splitlines()[0]
    assert first.startswith("- 2 h, best rank 15: [x y z](https://site.example/a%20b) — 7 points, ")
    assert "](https://news.ycombinator.com/item?id=" in first
    assert re.match(r"\n- from rank 44 to 1 in 1 h: \[x y z\]", parts["Fastest to the first 30"])
    assert re.match(r"\n- 49 new comments: \[x y z\]", parts["Most discussed"])
    assert all(part.count("\n- ") == 5 for name, part in parts.items() if "ost" in name)


HOSTILE = [
    "![x](https://evil.example/x.png) hello",
    "[cloud]: https://evil.example/x.png",
    "<script>alert(1)</script> | a | b",
    "first\n\n# second",
    "שלום | reversed \u202etxet",
    "[risen]",
]


def test_titles_stay_text(digest):
    day = a_morning(HOSTILE, url="javascript:alert(1)", score=7, descendants=9)
    page = digest(day)
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    inline = [child for token in tokens for child in token.children or ()]
    assert not [t for t in tokens if t.type == "html_block"]
    assert not [c for c in inline if c.type == "html_inline"]
    addresses = {c.attrs["href"].split("?")[0] for c in inline if c.type == "link_open"}
    assert addresses == {"https://news.ycombinator.com/item"}
    assert len([c for c in inline if c.type == "image"]) == 1
    assert [t.tag for t in tokens if t.type == "heading_open"].count("h1") == 1


def test_the_same_day_gives_the_same_page(digest, days):
    today, before = days
    assert digest(today, before) == digest(today, dict(reversed(before.items())))


def test_stop_words_and_the_label_are_settings(digest, days, settings):
    settings("cloud", stopwords="planted", label="SAMPLE")
    page = digest(*days)
    assert page.startswith("# SAMPLE · Hacker News on 2026-11-22")
    assert "Planted" not in page.partition("## Longest")[0]


def test_a_single_window_of_few_stories_is_a_page(digest):
    day = table(
        [
            {
                "id": 1,
                "title": "Rust",
                "rank": 1,
                "as_of": pd.Timestamp("2026-11-22 08:00Z"),
            }
        ]
    )
    page = digest(day)
    assert "Windows: 1, the last of 2026-11-22 08:00 UTC · Stories: 1\n" in page
    assert "##" in page


def test_weight_and_colours_are_settings(digest, days, settings):
    """Words weigh by points and are coloured by their changes, as on the word cloud's page."""
    today, before = days
    points = [90 if title.endswith("Planted") else 1 for title in today["title"]]
    today["score"] = pd.array(points, dtype="Int32")
    before = dict(before)
    plain = digest(today, before)
    settings("cloud", weight="points")
    assert "largest: Planted, " in digest(today, before)
    settings("cloud", weight="headlines", colours="change")
    assert digest(today, before).partition("[cloud]:")[2] != plain.partition("[cloud]:")[2]
