"""An output is shown by what its name ends in, and whatever is in it."""

from __future__ import annotations

import io
import json
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from hn_luigi.assets import Asset
from hn_luigi.display import outputs
from hn_luigi.display.outputs import Output, shown_by_suffix

from ..web.document import parsed, require_harmless

WINDOW = "2026-11-22T1230Z"


@pytest.fixture
def stored(root, clock):
    """Stores bytes as the output of an asset of that suffix."""

    def store(suffix, data, **options):
        kind = type(Asset)("Thing", (Asset,), {"suffix": suffix, "__module__": "here"})
        dataset = kind().dataset
        stat = dataset.store.write(dataset.partition(WINDOW).output_key, data)
        return Output(dataset, WINDOW, stat.size, **options)

    return store


def url(sort, all_rows):
    return f"/{sort}{'+' if all_rows else ''}"


def seen(shown):
    page = parsed(shown.body)
    require_harmless(page)
    return page


@pytest.mark.parametrize("suffix", [".txt", ".html", ".sql", ".svg", ".log", ".bin", ".MD.txt"])
def test_what_is_text_is_shown_as_text(stored, suffix):
    shown = shown_by_suffix(stored(suffix, b"<script>alert(1)</script>\n"))
    assert seen(shown).one("pre").text == "<script>alert(1)</script>"
    assert (shown.cut, shown.notice) == ("", "")


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a\0b", bytes(range(256))])
def test_what_is_not_text_is_told_by_its_size(stored, data):
    shown = shown_by_suffix(stored(".bin", data))
    assert (shown.body, shown.cut) == ("", f"{len(data)} B that aren't text")


def test_long_text_is_cut(stored):
    shown = shown_by_suffix(stored(".txt", b"x" * 200_001))
    assert len(seen(shown).one("pre").text) == 200_000
    assert shown.cut == "The first 200,000 of 200,001 characters"


def test_long_markdown_is_cut_text_but_its_pictures_count_for_nothing(stored):
    picture = b"![x](data:image/png;base64," + b"A" * 300_000 + b")\n\n"
    shown = shown_by_suffix(stored(".md", b"# Page\n\n" + picture + b"x" * 199_000))
    assert (shown.title, shown.cut) == ("Page", "")
    shown = shown_by_suffix(stored(".md", b"# Page\n\n" + b"x" * 200_001))
    assert shown.cut == "The first 200,000 of 200,009 characters"
    assert seen(shown).one("pre")


def test_a_picture_that_the_end_of_markdown_holds_counts_for_nothing(stored):
    begin = b"# Page\n\n![x][cloud]\n\n" + b"x" * 199_000
    end = b"\n\n[cloud]: data:image/png;base64," + b"A" * 300_000 + b"\n"
    shown = shown_by_suffix(stored(".md", begin + end))
    assert (shown.title, shown.cut) == ("Page", "")
    assert seen(shown).one("figure").one("img")["src"].endswith("AAAA")


@pytest.mark.parametrize(
    "value, text",
    [
        (7, "7"),
        ("<b>", "<b>"),
        (None, "null"),
        ([], "none"),
        ({}, "none"),
        ({"a": 1, "b": [True, "x"]}, "a: 1 b 2 valuestrue x"),
        ([[1, 2], {"a": {}}], "1 2 values1 2 2 1 valuea: none"),
        ({"\ud800": "\ud800"}, "\ufffd: \ufffd"),
    ],
)
def test_json_is_a_tree(stored, value, text):
    assert seen(shown_by_suffix(stored(".json", json.dumps(value).encode()))).text == text


def test_a_list_of_flat_objects_is_a_table_to_sort(stored):
    data = json.dumps([{"a": 2, "b": "x"}, {"a": 1, "c": None}]).encode()
    page = seen(shown_by_suffix(stored(".json", data, sort="a", table_url=url)))
    assert [td.text for td in page.all("td")] == ["1", "-", "-", "2", "x", "-"]
    assert [a["href"] for a in page.all("a")] == ["/-a+", "/b+", "/c+"]
    mixed = json.dumps([{"a": 2}, {"a": "x"}]).encode()
    assert not seen(shown_by_suffix(stored(".json", mixed))).all("table")


@pytest.mark.parametrize("sort", [None, "-n"])
@pytest.mark.parametrize("suffix", [".json", ".csv", ".parquet"])
def test_of_a_table_the_first_rows_are_shown_and_a_link_to_all(stored, suffix, sort):
    frame = pd.DataFrame({"n": range(51)})
    data = io.BytesIO()
    write = {".json": partial(frame.to_json, orient="records"), ".csv": frame.to_csv}
    write.get(suffix, frame.to_parquet)(data, **({} if suffix == ".json" else {"index": False}))

    def numbers(page):
        return [int(td.text) for td in page.all("td")]

    def show(**options):
        return shown_by_suffix(stored(suffix, data.getvalue(), sort=sort, **options))

    ordered = [*range(51)] if sort is None else [*range(50, -1, -1)]
    first = show(table_url=url, all_rows=False)
    assert numbers(seen(first)) == ordered[:50]
    assert first.cut == "The first 50 of 51 rows"
    order, more = seen(first).all("a")
    assert (order["href"], more["href"], more.text) == ("/n", f"/{sort}+", "Show all 51 rows")
    complete = show(table_url=url, all_rows=True)
    assert (numbers(seen(complete)), complete.cut) == (ordered, "")
    assert [a["href"] for a in seen(complete).all("a")] == ["/n+"]
    assert not seen(show(all_rows=False)).all("a")
    assert numbers(seen(show())) == ordered


def test_of_what_is_too_long_the_link_says_how_much_it_leads_to(stored):
    data = b"n\n" + b"1\n" * 1_001
    shown = shown_by_suffix(stored(".csv", data, table_url=url, all_rows=False))
    assert shown.cut == "The first 50 of 1,001 rows"
    assert seen(shown).all("a")[-1].text == "Show the first 1,000 rows"


def test_a_cell_has_the_look_of_what_is_in_it(stored):
    rows = b"n,t,u,x,y\n1,2026-11-22 12:30:00,https://a.example/,x," + b"y" * 41 + b"\n"
    page = seen(shown_by_suffix(stored(".csv", rows)))
    classes = ["number", "time", "url", None, "long"]
    assert [td.attributes.get("class") for td in page.all("td")] == classes
    assert [th.attributes.get("class") for th in page.all("th")] == ["number", "time", *[None] * 3]


def test_lines_of_json_are_a_table_or_a_list(stored):
    rows = b'{"a": 1}\n\n{"a": 2, "b": "x"}\n'
    page = seen(shown_by_suffix(stored(".jsonl", rows, sort="-a")))
    assert [td.text for td in page.all("td")] == ["2", "x", "1", "-"]
    assert seen(shown_by_suffix(stored(".ndjson", b"null\n[1]\n"))).text == "null 2 1 value1"


def test_much_json_is_cut(stored):
    shown = shown_by_suffix(stored(".json", json.dumps([*range(5000)]).encode()))
    assert len(seen(shown).all("li")) == 2001
    assert "… 3,000 more" in seen(shown).text
    assert shown.cut == "The first 2,000 values"


@pytest.mark.parametrize("depth", [15, 30, 500, 50_000])
def test_deep_json_ends_somewhere(stored, depth):
    shown = shown_by_suffix(stored(".json", b"[" * depth + b"]" * depth))
    assert seen(shown).text


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_one(stored, kind):
    file = io.BytesIO()
    Image.new("RGB", (30, 20)).save(file, kind)
    output = stored(f".{kind.lower()}", file.getvalue(), url="/there")
    assert seen(shown_by_suffix(output)).one("img")["src"] == "/there"
    alone = seen(shown_by_suffix(stored(f".{kind.lower()}", file.getvalue()))).one("img")["src"]
    assert alone.startswith(f"data:image/{kind.lower()};base64,")


@pytest.mark.parametrize(
    "suffix",
    [".json", ".jsonl", ".md", ".png", ".gif", ".webp", ".jpg", ".parquet", ".csv", ".tsv"],
)
@pytest.mark.parametrize(
    "data", [b"", b"\xff\0" * 9, b"null", b"a,b\n1\n", b"PAR1" * 9, b"RIFF", b"{", b"\x89PNG"]
)
def test_damage_is_told_in_a_line_or_shown(stored, suffix, data):
    shown = shown_by_suffix(stored(suffix, data))
    seen(shown)
    assert shown.body or shown.cut or shown.notice or not data
    assert "\n" not in shown.notice


@pytest.mark.parametrize("suffix", [".json", ".md", ".png", ".csv", ".txt", ".bin"])
def test_what_is_too_large_is_not_read(stored, monkeypatch, suffix):
    monkeypatch.setattr(outputs, "LARGEST", 3)
    monkeypatch.setattr(Output, "open", None)
    shown = shown_by_suffix(stored(suffix, b"1234"))
    assert (shown.body, shown.cut) == ("", "4 B, which is too much to be shown here")


def test_of_a_large_table_the_first_rows_are_read_where_that_is_no_transfer(
    stored, monkeypatch, settings
):
    file = io.BytesIO()
    pq.write_table(pa.table({"n": [7]}), file)
    monkeypatch.setattr(outputs, "LARGEST", 3)
    output = stored(".parquet", file.getvalue())
    assert [td.text for td in seen(shown_by_suffix(output)).all("td")] == ["7"]
    settings("storage", root="memory://tables")
    assert "too much to be shown here" in shown_by_suffix(stored(".parquet", file.getvalue())).cut


def test_what_was_removed_meanwhile_is_told(stored, root):
    output = stored(".parquet", b"x")
    next(root.glob("thing/*.parquet")).unlink()
    assert "It isn't a readable .parquet file" in shown_by_suffix(output).notice
