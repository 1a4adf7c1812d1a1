"""Damage and text of strangers: pages say in words what is wrong, and text stays text."""

from __future__ import annotations

import pandas as pd
import pytest

from hn_luigi.hackernews import discussion
from hn_luigi.strangers import one_line, web_address

from .conftest import BIDI, HOSTILE, LABEL, LONG, NEWER, OLDER, SCRIPT, STORIES
from .reading import KINDS, NAMES, areas_of, titles

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
            ("story_ids", b"[" * 20_000),
            ("story_ids", b'{"a": 1}'),
            ("story_ids", b'[true, "2", null, 3, {}, 1e400, -1]'),
            ("wordcloud", b"\n\n![x](data:image/png;base64,AAAAA)"),
            ("wordcloud", b"- ![x](data:image/png;base64,AAAA)\n\n# End"),
            ("wordcloud", b"# ![x](data:image/png;base64,AAAA)"),
            ("wordcloud", b"[x](javascript:y) [x](ftp://y/) <script></script> ![x](http://y/)"),
        ],
    )
    def test_to_an_output_is_told_in_words(self, made, server, name, damage):
        path = made / f"top/{name}/{NEWER}{KINDS[name]}"
        path.write_bytes(damage if isinstance(damage, bytes) else damage(path.read_bytes()))
        answer = server.get(f"/assets/{name}")
        assert answer.status in (200, 503)
        assert answer.page.one("h1").text in ("503", f"{NAMES[name]} now stale")
        assert server.page("/assets/wordcloud").one("form", class_="run-buttons")
        assert server.get("/assets/wordcloud/picture.png").status in (200, 404)
        server.page(f"/assets/{name}?window={OLDER}")

    @pytest.mark.parametrize("name", KINDS)
    def test_to_a_record_is_a_reason(self, made, server, name):
        for text in ("", "[]", '{"version": 1}', '{"version": 99}', "[" * 10_000):
            (made / f"_records/top/{name}/{NEWER}.json").write_text(text)
            page = server.page(f"/assets/{name}")
            assert page.one("h1").text == f"{NAMES[name]} now stale"
            assert "record" in page.one("p", class_="reason").text

    def test_to_stories_leaves_the_page_made_of_them(self, made, server):
        (made / f"top/stories/{NEWER}.parquet").write_text("no table")
        page = server.page("/assets/wordcloud")
        assert page.one("figure", class_="cloud").one("img")
        assert server.get("/assets/wordcloud/picture.png").status == 200

    @pytest.mark.parametrize("columns", [["rank"], ["rank", "id"], ["title"], ["nothing"]])
    def test_is_a_table_of_something_else_too(self, made, server, columns):
        pd.DataFrame({name: [1] for name in columns}).to_parquet(
            made / f"top/stories/{NEWER}.parquet"
        )
        for name in ("stories", "wordcloud"):
            answer = server.get(f"/assets/{name}")
            assert answer.status in (200, 503)
            assert answer.page.one("h1").text

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
        page = server.page("/assets/wordcloud")
        assert page.one("figure", class_="cloud").one("img")
        assert len(page.all("rect")) > 20
        for name in recorded:
            assert name in page.one("dl", class_="record").text

    @pytest.mark.parametrize("area", NO_AREAS, ids=range(len(NO_AREAS)))
    def test_to_a_recorded_area_costs_that_one_alone(self, made, server, rewrite, area):
        before = server.page("/assets/wordcloud").all("rect")
        rewrite(lambda record: record["metadata"]["areas"].update(Rust=area))
        page = server.page("/assets/wordcloud")
        assert len(page.all("rect")) == len(before) - 1
        assert "Rust" not in areas_of(page)

    @pytest.mark.parametrize("areas", [None, 7, "Rust", ["Rust", "10,20,110,60"], {}, [{}]])
    def test_to_all_recorded_areas_costs_them_alone(self, made, server, rewrite, areas):
        rewrite(lambda record: record["metadata"].update(areas=areas))
        page = server.page("/assets/wordcloud")
        assert page.one("figure", class_="cloud").one("img")
        assert not page.all("rect")
        assert page.one("details").all("a")

    def test_has_no_area_of_a_word_that_no_story_holds(self, made, server, rewrite):
        before = server.page("/assets/wordcloud").all("rect")
        rewrite(
            lambda record: record["metadata"]["areas"].update(
                dict.fromkeys((SCRIPT, "nosuch", "", "\ud800"), "10,20,110,60")
            )
        )
        page = server.page("/assets/wordcloud")
        assert len(page.all("rect")) == len(before)


class TestStrangersText:
    def test_stays_text_in_the_table(self, made, server):
        page = server.page("/assets/stories")
        shown = titles(page)
        assert shown[: len(STORIES)] == [
            one_line(story["title"].replace("&lt;", "<").replace("&gt;", ">")) for story in STORIES
        ]
        assert {SCRIPT, one_line(BIDI), LONG.strip()} <= set(shown)
        assert '"><script>alert(1)</script>' in page.one("tbody").text

    def test_leads_to_the_web_alone(self, made, server):
        rows = server.page("/assets/stories").one("tbody").all("tr")[: len(STORIES)]
        links = [row.all("td")[1].one("a")["href"] for row in rows]
        discussions = [discussion(n) for n in range(1, len(STORIES) + 1)]
        own = dict(enumerate(links)).items() - dict(enumerate(discussions)).items()
        assert dict(own) == {n: web_address(STORIES[n]["url"]) for n in (0, 2, 4)}
        for link in server.page("/assets/stories").one("tbody").all("a"):
            assert link["rel"] == "noopener noreferrer"

    def test_stays_text_on_the_page_of_the_cloud(self, made, server):
        page = server.page("/assets/wordcloud")
        assert page.one("h2", id="record")
        assert page.one("div", class_="page").all("h2")[0].text.startswith(LABEL)
        shown = [item.all("a")[0].text for item in page.one("div", class_="page").all("li")]
        assert SCRIPT in shown
        assert "".join(BIDI.split("\u202e\u2066")) in shown
        assert LABEL in page.one("dl", class_="record").text

    def test_stays_text_in_every_window(self, made, server):
        for name in KINDS:
            page = server.page(f"/assets/{name}?window={OLDER}")
            assert page.one("h1").text == f"{NAMES[name]} now current"

    def test_moves_nothing_that_stands_beside_it(self, made, server):
        """Right-to-left letters would take the points and the word's count to their other side."""
        table = server.page("/assets/stories").one("tbody")
        for row in table.all("tr"):
            cells = row.all("td")
            assert [len(cell.all("bdi")) for cell in cells] == [0, 1, 0, 0, 1]
            assert cells[1].one("a").text == cells[1].one("bdi").text
        page = server.page("/assets/wordcloud")
        for item in page.one("div", class_="page").all("li"):
            assert item.all("a")[0].text == item.all("bdi")[0].text
        listed = page.one("details").all("a")
        assert all(f"{a.one('bdi').text} {a.one('small').text}" == a.text for a in listed)
        (of_hebrew,) = [a for a in listed if "שלום" in a.text]
        assert titles(server.page(of_hebrew["href"])) == ["שלום 2026"]
        assert server.page(of_hebrew["href"]).one("h1").one("bdi").text == "שלום"

    def test_of_an_address_is_not_repeated(self, server):
        for path in ("/assets/<script>", "/assets/stories?window=<script>", "/assets?x=<script>"):
            assert b"script>" not in server.get(path).body
