"""Pages of a graph that is not ours: other names, windows, formats, plain tasks, bad views."""

from __future__ import annotations

import re
import threading

import pytest

from hn_luigi.display import outputs, show
from hn_luigi.watchlist import Watched

GRAPH = '''
import io
import threading

import luigi
import pandas as pd
from PIL import Image

from hn_luigi.assets import FORMATS, Asset, Format, FreshnessPolicy, View

FORMATS[".bin"] = Format(bytes, bytes, binary=True)
FORMATS[".csv"] = Format(str.encode, bytes.decode)
PATIENCE = threading.Event()


class Static(Asset):
    """What knows no time."""

    suffix = ".json"
    window_length = None

    def compute(self):
        return {"a": {"b": [1, "<b>two</b>", None]}, "long": list(range(3000))}


class Prices(Asset):
    city = luigi.Parameter()
    unit = luigi.Parameter("GB")
    suffix = ".parquet"
    capture = True

    def compute(self):
        return pd.DataFrame({"n": range(2500), "link": ["https://a.example/?a=1&b"] * 2500})


class Audit(luigi.Task):
    city = luigi.Parameter()

    def requires(self):
        return Prices(city=self.city)

    def output(self):
        return self.input()


class Plot(Asset):
    city = luigi.Parameter()
    suffix = ".png"

    def requires(self):
        return Audit(self.city)

    def compute(self, prices):
        png = io.BytesIO()
        Image.new("RGB", (30, 20), "red").save(png, "PNG")
        return png.getvalue()


class Runs(Asset):
    city = luigi.Parameter()
    suffix = ".csv"
    window_length = "day"

    def requires(self):
        return self.windows(Prices), Static()

    def compute(self, prices, static):
        return "".join(f"day,{n}\\n" for n in range(3))


class Page(Asset):
    city = luigi.Parameter()
    suffix = ".md"

    def requires(self):
        return {"plot": self.clone(Plot), "runs": self.clone(Runs)}

    def compute(self, plot, runs):
        return "# Page\\n\\n<script>alert(1)</script> ![x](https://evil.example/x.png)\\n"

    def view(self, made):
        return VIEWS[self.city](made)


class Quits(Asset):
    suffix = ".json"

    def settings(self):
        exit()

    def compute(self):
        return []


class Noise(Asset):
    suffix = ".bin"

    def compute(self):
        return bytes(range(256))


def link(made):
    of_runs = lambda: f"[on](#%C3%A4) with {len(made.inputs['runs'])}"
    details = {"a b ": of_runs, "ä": lambda: "**end**"}
    return View("# Seen\\n\\n[go](#a%20b%20) and [nowhere](#nope)", details)


def raises(made):
    raise ValueError("no <b>luck</b>")


VIEWS = {
    "a/b": link,
    "raises": raises,
    "exits": lambda made: exit(3),
    "nothing": lambda made: None,
    "a str": lambda made: "# Seen",
    "details": lambda made: View("x", {"a": 7}),
    "hangs": lambda made: PATIENCE.wait(60) and View("late"),
}
'''
WATCH = "graph Page --city {}\ngraph Noise"


@pytest.fixture
def graph(modules):
    return modules("graph", GRAPH)


@pytest.fixture
def watch(graph, settings, succeed):
    """Watches and makes the graph of a city."""

    def run(city, *, made=True):
        # Days: a window may end while all of it is made, and Audit then asks for the next one.
        settings("assets", watch=WATCH.format(f"'{city}'"), window_minutes=1440)
        if made:
            succeed(Watched())

    return run


def output(page):
    return page.one("section", aria_label="Output")


class TestTheOverview:
    def test_draws_it_through_plain_tasks(self, watch, server):
        watch("a/b")
        page = server.page("/assets")
        first, second = page.all("svg", class_="graph")
        columns = {}
        for box in first.all("foreignobject"):
            columns.setdefault(int(box["x"]), set()).add(box.one("span", class_="name").text)
        assert [columns[left] for left in sorted(columns)] == [
            {"city=a%2Fb/unit=GB/prices", "static"},
            {"a%2Fb/plot", "a%2Fb/runs"},
            {"a%2Fb/page"},
        ]
        assert [a["title"] for a in second.all("a")] == ["noise"]
        assert [page.one("h2", id=f"graph-{n}").text for n in (1, 2)] == ["a%2Fb/page", "noise"]

    def test_shows_what_has_no_window_freshness_or_rows(self, watch, server):
        watch("a/b")
        page = server.page("/assets")
        (row,) = [tr for tr in page.all("tr") if tr.all("th")[0].text == "static"]
        told = [td.text for td in row.all("td")]
        assert (told[0], told[1], told[2], told[4]) == ("current", "-", "-", "always")

    def test_of_what_was_never_made_is_there(self, watch, server):
        watch("a/b", made=False)
        badges = server.page("/assets").one("main").all("span", class_="badge")
        assert [badge.text for badge in badges] == ["not made yet"] * 12  # in its box and its row

    def test_says_of_a_class_that_ends_the_process_that_it_did_and_goes_on(
        self, graph, settings, server
    ):
        settings("assets", watch="graph Quits")
        for _ in range(2):
            assert "SystemExit" in server.page("/assets", status=503).one("p", class_="error").text

    @pytest.mark.parametrize("bad", ["requires", "settings", "storage_root"])
    def test_of_a_class_whose_code_fails_says_so(self, modules, settings, server, bad):
        modules("bad", BAD.format(bad))
        settings("assets", watch="bad Bad")
        told = server.page("/assets", 503).one("p", class_="error").text
        assert "no luck" in told


BAD = """
from hn_luigi.assets import Asset


class Bad(Asset):
    suffix = ".json"
    made = 0

    def {}(self):
        raise KeyError("no luck")

    def compute(self):
        return 1
"""


class TestAnAsset:
    def test_is_called_by_its_folder_whatever_that_is(self, watch, server):
        watch("a/b")
        page = server.page("/assets")
        for a in (a for row in page.all("tbody") for a in row.all("a")):
            shown = server.page(a["href"])
            assert shown.one("h1").text == f"{a.text} current"
            (link,) = [a["href"] for a in shown.all("a") if a.text == "Download"]
            assert server.get(link).status == 200
            for upstream in shown.one("dl", class_="record").all("a"):
                server.page(upstream["href"])

    def test_of_many_windows_is_led_to(self, watch, server):
        watch("a/b")
        record = server.page("/assets/a%252Fb/runs").one("dl", class_="record")
        assert "/assets/city=a%252Fb/unit=GB/prices" in [a["href"] for a in record.all("a")]

    def test_whose_name_is_one_of_ours_has_its_page(self, watch, server):
        watch("x")
        for name in ("static", "x/runs"):
            assert server.page(f"/assets/{name}").one("h1").text == f"{name} current"

    @pytest.mark.parametrize(
        "name, query, folder",
        [
            ("Plot", "", "x/plot"),
            ("plot", "", "x/plot"),
            ("Prices", "unit=GB&city=x&window=2026-11-22", "city=x/unit=GB/prices"),
        ],
    )
    def test_is_found_by_its_class(self, watch, server, name, query, folder):
        watch("x")
        answer = server.get(f"/assets/{name}?{query}")
        assert answer.status == 302
        window = "?window=2026-11-22" if "window" in query else ""
        assert answer.headers["Location"] == f"/assets/{folder}{window}"

    def test_is_not_found_by_what_it_hasn_t(self, watch, server):
        watch("x")
        for path in ("Plot?city=y", "Plot?nope=1", "Nope", "x/Plot", "pl_ot/", "y/plot"):
            assert server.get(f"/assets/{path}").status in (302, 404)
        server.page("/assets/Plot?city=y", 404)

    def test_is_chosen_where_several_are_called_so(self, graph, settings, server):
        settings("assets", watch="graph Plot --city x\ngraph Plot --city y")
        page = server.page("/assets/Plot?sort=n", 300)
        links = [a["href"] for a in page.one("main").all("a")]
        assert links == ["/assets/x/plot?sort=n", "/assets/y/plot?sort=n"]


class TestAnOutput:
    @pytest.fixture
    def page(self, watch, server):
        watch("a/b")
        return lambda name: output(server.page(f"/assets/{name}"))

    def test_of_a_table_is_cut_with_a_word_of_how_much_there_is(self, page):
        first = page("city=a%252Fb/unit=GB/prices?sort=n")
        assert len(first.one("tbody").all("tr")) == 50
        assert "The first 50 of 2,500 rows." in first.text
        more = first.one("p", class_="more").one("a")
        assert more.text == "Show the first 1,000 rows"
        shown = page(more["href"].removeprefix("/assets/"))
        assert [th.attributes.get("aria-sort") for th in shown.all("th")] == ["ascending", None]
        assert len(shown.one("tbody").all("tr")) == 1000
        assert "The first 1,000 of 2,500 rows." in shown.text
        heads = [(th.one("bdi").text, th.one("small").text) for th in shown.all("th")]
        assert heads == [("n", "int64"), ("link", "string")]
        link = shown.one("tbody").all("a")[0]
        assert (link["href"], link["rel"]) == ("https://a.example/?a=1&b", "noopener noreferrer")

    def test_of_json_is_a_tree_that_is_cut(self, page):
        shown = page("static")
        assert [s.text for s in shown.all("summary")] == [
            "a 1 value",
            "b 3 values",
            "long 3,000 values",
        ]
        assert "<b>two</b>" in shown.text
        assert "… 1,006 more" in shown.text.replace("1,005", "1,006")
        assert "The first 2,000 values." in shown.text

    def test_of_a_picture_is_that(self, page, server):
        image = page("a%252Fb/plot").one("img")
        assert (image["width"], image["height"]) == ("30", "20")
        answer = server.get(image["src"])
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.body.startswith(b"\x89PNG")

    def test_of_values_is_a_table(self, page):
        shown = page("a%252Fb/runs")
        assert [th.one("bdi").text for th in shown.all("th")] == ["day", "0"]
        assert [td.text for td in shown.all("td")] == ["day", "1", "day", "2"]

    def test_of_anything_else_can_be_downloaded(self, page):
        shown = page("noise")
        assert shown.text == "256 B that aren't text. Download (256 B)."

    @pytest.mark.parametrize("name", ["a%252Fb/plot", "a%252Fb/runs", "noise", "static"])
    def test_that_is_too_large_is_not_read(self, page, monkeypatch, name):
        monkeypatch.setattr(outputs, "LARGEST", 10)
        assert re.fullmatch(
            r"[\d.]+ k?B, which is too much to be shown here. Download \([\d.]+ k?B\).",
            page(name).text,
        )

    @pytest.mark.parametrize("name", ["city=a%252Fb/unit=GB/prices", "a%252Fb/plot", "static"])
    def test_that_is_damaged_says_so_and_is_shown_as_text(self, page, root, name):
        (path,) = (root / name.replace("%25", "%")).glob("*")
        path.write_text("<b>no</b>")
        shown = page(name)
        assert f"It isn't a readable {path.suffix} file" in shown.one("p", class_="error").text
        assert shown.one("pre").text == "<b>no</b>"


class TestAView:
    def test_leads_to_its_details_and_these_to_others(self, watch, server):
        watch("a/b")
        page = server.page("/assets/a%252Fb/page")
        shown = page.one("div", class_="page")
        (go, nowhere) = shown.all("a")
        assert (shown.one("h2").text, go.text, nowhere.attributes) == ("Seen", "go", {})
        detail = server.page(go["href"])
        assert detail.one("h1").text == "“a b ”"
        on = detail.one("div", class_="page").one("a")
        assert server.page(on["href"]).one("strong").text == "end"
        server.page("/assets/a%252Fb/page?detail=nope", 404)

    @pytest.mark.parametrize(
        "city, why",
        [
            ("raises", "view() failed: ValueError: no <b>luck</b>"),
            ("exits", "view() failed: SystemExit: 3"),
            ("nothing", "Page: view() returns a NoneType; return a View"),
            ("a str", "Page: view() returns a str; return a View"),
        ],
    )
    def test_that_fails_is_told_in_a_line_above_the_output(self, watch, server, city, why):
        watch(city)
        folder = city.replace(" ", "%20")
        for more in ("", "?detail=a"):
            page = server.page(f"/assets/{folder}/page{more}")
            (told,) = page.all("p", class_="error")
            assert told.text == f"Shown without its view(): {why}"
        assert output(server.page(f"/assets/{folder}/page")).one("h2").text == "Page"

    def test_whose_detail_is_none_says_so(self, watch, server):
        watch("details")
        told = server.page("/assets/details/page?detail=a").one("p", class_="error").text
        assert "TypeError: 'int' object is not callable" in told

    def test_that_hangs_is_waited_for_once(self, watch, server, graph, monkeypatch):
        monkeypatch.setattr(show, "PATIENCE", 0.05)
        watch("hangs")
        try:
            for _ in range(3):
                page = server.page("/assets/hangs/page")
                assert "takes longer than 0.05 s" in page.one("p", class_="error").text
                assert output(page).one("h2").text == "Page"
            assert server.page("/assets").one("h1").text == "All current"
            views = [t for t in threading.enumerate() if t.name == "view of hangs/page"]
            assert len(views) == 1
        finally:
            graph.PATIENCE.set()
