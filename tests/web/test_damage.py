"""Damage and text of strangers: pages say in words what is wrong, and text stays text."""

from __future__ import annotations

import pandas as pd
import pytest

from hn_luigi.strangers import one_line, web_address

from .conftest import BIDI, HOSTILE, LABEL, NEWER, OLDER, SCRIPT, STORIES
from .reading import KINDS, areas_of, cells, titles

NO_AREAS = [
    *(None, 7, {}, [10, 20, 110, 60], ["10,20,110,60"], '10,20,110,60" onclick="alert(1)'),
    *("", "10,20,110", "10,20,110,60,70", "10 20 110 60", "10,20,110,60\n"),
    *("-1,20,110,60", "10,-20,110,60", "+10,20,110,60", "1e1,20,110,60", "\u0661,2,3,4"),
    *("110,20,10,60", "10,60,110,20", "10,20,10,60", "10,20,110,20"),
    *("10,20,401,60", "10,20,110,201", f"10,20,{10**9},60", f"10,20,{'9' * 5000},60"),
]
"""Others' ideas of where a word is in a picture of 400 x 200 pixels."""


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.slow
class TestDamage:
    @pytest.mark.parametrize(
        "name, damage",
        [
            *((name, damage) for name in KINDS for damage in (b"", half, b"\xff\0" * 9, b"null")),
            ("top/story_ids", b"[" * 20_000),
            ("top/story_ids", b'{"a": 1}'),
            ("top/story_ids", b'[true, "2", null, 3, {}, 1e400, -1]'),
            ("top/wordcloud", b"\n\n![x](data:image/png;base64,AAAAA)"),
            ("top/wordcloud", b"- ![x](data:image/png;base64,AAAA)\n\n# End"),
            ("top/wordcloud", b"# ![x](data:image/png;base64,AAAA)"),
            ("top/wordcloud", b"[x](javascript:y) [x](ftp://y/) <script></script> ![x](http://y/)"),
        ],
    )
    def test_to_an_output_is_told_in_words(self, made, server, name, damage):
        path = made / f"{name}/{NEWER}{KINDS[name]}"
        path.write_bytes(damage if isinstance(damage, bytes) else damage(path.read_bytes()))
        answer = server.get(f"/assets/{name}")
        assert answer.status in (200, 503)
        assert answer.page.one("h1").text in ("503", f"{name} stale")
        assert server.page("/assets/top/wordcloud").one("form", class_="run-buttons")
        server.page(f"/assets/{name}?window={OLDER}")

    @pytest.mark.parametrize("name", KINDS)
    def test_to_a_record_is_a_reason(self, made, server, name):
        for text in ("", "[]", '{"version": 1}', '{"version": 99}', "[" * 10_000):
            (made / f"_records/{name}/{NEWER}.json").write_text(text)
            page = server.page(f"/assets/{name}")
            assert page.one("h1").text == f"{name} late soon"  # as the window before it
            assert "record" in page.one("p", class_="reason").text

    def test_to_stories_leaves_the_page_made_of_them(self, made, server):
        (made / f"top/stories/{NEWER}.parquet").write_text("no table")
        page = server.page("/assets/top/wordcloud")
        assert page.one("figure", class_="picture").one("img")

    @pytest.mark.parametrize("columns", [["rank"], ["rank", "id"], ["title"], ["nothing"]])
    def test_is_a_table_of_something_else_too(self, made, server, columns):
        pd.DataFrame({name: [1] for name in columns}).to_parquet(
            made / f"top/stories/{NEWER}.parquet"
        )
        for name in ("stories", "wordcloud"):
            assert server.page(f"/assets/top/{name}").one("h1").text

    @pytest.mark.parametrize(
        "recorded",
        [
            {"cloud.stopwords": None},
            {"cloud.width": "wide"},
            {"cloud.width": []},
            {"cloud.height": 10**9},
            {"cloud.nothing": {}},
            {"cloud.background": HOSTILE},
            {"cloud.colormap": HOSTILE, HOSTILE: HOSTILE},
        ],
        ids=range(7),
    )
    def test_to_recorded_settings_costs_nothing_of_the_page(self, made, server, rewrite, recorded):
        rewrite(lambda record: record["settings"].update(recorded))
        page = server.page("/assets/top/wordcloud")
        assert page.one("figure", class_="picture").one("img")
        assert len(page.all("rect")) > 20
        for name in recorded:
            assert name in page.one("dl", class_="record").text

    @pytest.mark.parametrize("area", NO_AREAS, ids=range(len(NO_AREAS)))
    def test_to_a_recorded_area_costs_that_one_alone(self, made, server, rewrite, area):
        before = server.page("/assets/top/wordcloud").all("rect")
        rewrite(lambda record: record["metadata"]["areas"].update(Rust=area))
        page = server.page("/assets/top/wordcloud")
        assert len(page.all("rect")) == len(before) - 1
        assert "Rust" not in areas_of(page)

    @pytest.mark.parametrize("areas", [None, 7, "Rust", ["Rust", "10,20,110,60"], {}, [{}]])
    def test_to_all_recorded_areas_costs_them_alone(self, made, server, rewrite, areas):
        rewrite(lambda record: record["metadata"].update(areas=areas))
        page = server.page("/assets/top/wordcloud")
        assert page.one("figure", class_="picture").one("img")
        assert not page.all("rect")
        assert page.one("table").all("a")

    def test_has_no_area_of_a_word_that_no_story_holds(self, made, server, rewrite):
        before = server.page("/assets/top/wordcloud").all("rect")
        rewrite(
            lambda record: record["metadata"]["areas"].update(
                dict.fromkeys((SCRIPT, "nosuch", "", "\ud800"), "10,20,110,60")
            )
        )
        page = server.page("/assets/top/wordcloud")
        assert len(page.all("rect")) == len(before)


class TestStrangersText:
    def test_stays_text_in_the_table(self, made, server):
        page = server.page("/assets/top/stories")
        given = [one_line(s["title"].replace("&lt;", "<").replace("&gt;", ">")) for s in STORIES]
        shown = cells(page, "title")
        assert shown[: len(STORIES)] == [
            title if len(title) <= 2000 else f"{title[:1999]}…" for title in given
        ]
        assert {SCRIPT, one_line(BIDI)} <= set(shown)
        assert '"><script>alert(1)</script>' in page.one("tbody").text

    def test_leads_to_the_web_alone(self, made, server):
        rows = server.page("/assets/top/stories").one("tbody").all("tr")[: len(STORIES)]
        links = {n: a["href"] for n, row in enumerate(rows) for a in row.all("a")}
        assert links == {n: web_address(STORIES[n]["url"]) for n in (0, 2, 4)}
        for link in server.page("/assets/top/stories").one("tbody").all("a"):
            assert link["rel"] == "noopener noreferrer"

    def test_stays_text_on_the_page_of_the_cloud(self, made, server):
        page = server.page("/assets/top/wordcloud")
        assert page.one("h2", id="record")
        assert page.one("div", class_="page").all("h2")[0].text.startswith(LABEL)
        shown = [item.all("a")[0].text for item in page.one("div", class_="page").all("li")]
        assert SCRIPT in shown
        assert "".join(BIDI.split("\u202e\u2066")) in shown
        assert LABEL in page.one("dl", class_="record").text

    def test_stays_text_in_every_window(self, made, server):
        for name in KINDS:
            page = server.page(f"/assets/{name}?window={OLDER}")
            assert page.one("h1").text == f"{name} fresh"

    def test_moves_nothing_that_stands_beside_it(self, made, server):
        """Right-to-left letters would take the points and the word's count to their other side."""
        table = server.page("/assets/top/stories").one("tbody")
        for cell in table.all("td"):
            assert cell.attributes.get("class") == "number" or cell.one("bdi").text == cell.text
        page = server.page("/assets/top/wordcloud")
        for item in page.one("div", class_="page").all("li"):
            assert item.all("a")[0].text == item.all("bdi")[0].text
        (to_all,) = [a for a in page.one("div", class_="page").all("a") if "All " in a.text]
        listed = server.page(to_all["href"]).one("div", class_="page").all("a")
        (of_hebrew,) = [a for a in listed if "שלום" in a.text]
        (title,) = titles(server.page(of_hebrew["href"]))
        assert title.strip("\u2068\u2069") == "שלום 2026"
        assert server.page(of_hebrew["href"]).one("h1").one("bdi").text == "שלום"

    def test_of_an_address_is_not_repeated(self, server):
        for path in (
            "/assets/<script>",
            "/assets/top/stories?window=<script>",
            "/assets?x=<script>",
        ):
            assert b"<script>" not in server.get(path).body
