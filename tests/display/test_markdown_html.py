"""Markdown of strangers becomes HTML that runs nothing, and leads to the web and details alone."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from hn_luigi.display.markdown_html import to_html

from ..web.document import parsed, require_harmless


def png(width, height):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


SOURCE = png(40, 20)
PICTURE = f'![A <b>plot</b> "x"]({SOURCE})'


def link(name):
    return f"/x?detail={name}" if name != "nope" else None


def drawn(markdown, areas=None):
    page = parsed(to_html(markdown, link, areas).body)
    require_harmless(page)
    return page


def test_its_title_is_its_first_heading_and_headings_are_a_level_lower():
    html = to_html("text\n\n## A *title*\n\n# Another\n")
    assert html.title == "A title"
    page = parsed(html.body)
    assert (page.one("h3").text, page.one("h2").text) == ("A title", "Another")


@pytest.mark.parametrize(
    "markdown",
    [
        *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<b onclick=x>y</b>"),
        *("[x](javascript:alert(1))", "[x](<javascript:alert(1)>)", "[x](data:text/html,x)"),
        *(
            "[x](//evil.example)",
            "[x](vbscript:x)",
            "<javascript:alert(1)>",
            "[x]: javascript:y\n[x]",
        ),
        *("![x](https://evil.example/a.png)", "![x](//evil.example/a.png)", "![x](/assets)"),
        *("![x](data:image/svg+xml;base64,PHN2Zy8+)", "![x](data:text/html;base64,AAAA)"),
        *('![x](data:image/png;base64,AAA"onerror=x)', "&lt;script&gt;", "[a](#nope)"),
        "[x](https://www.bank.example@evil.example/)",
    ],
)
def test_what_a_page_may_not_hold_stays_text_or_goes(markdown):
    page = drawn(markdown)
    assert not page.all("img")
    assert not [a for a in page.all("a") if "href" in a.attributes]


def test_a_link_to_the_web_tells_it_nothing_and_is_isolated():
    (a,) = drawn("[שלום](https://a.example/?q=1&b)").all("a")
    assert (a["href"], a["rel"]) == ("https://a.example/?q=1&b", "noopener noreferrer")
    assert a.one("bdi").text == a.text == "שלום"


@pytest.mark.parametrize("name", ["rust", "C++", "a b", "ä/ö?#&", "100%", "<b>", "שלום"])
def test_a_fragment_leads_to_the_detail_of_that_name(name):
    from urllib.parse import quote

    (a,) = drawn(f"[x](#{quote(name, safe='')})").all("a")
    assert a["href"] == f"/x?detail={name}"
    assert "rel" not in a.attributes


def test_a_picture_in_it_is_a_figure_of_its_size():
    page = drawn(f"Before.\n\n{PICTURE}\n\nAfter.")
    image = page.one("figure", class_="picture").one("img")
    assert (image["src"], image["width"], image["height"]) == (SOURCE, "40", "20")
    assert image["alt"] == 'A <b>plot</b> "x"'
    assert [p.text for p in page.all("p")] == ["Before.", "After."]


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp"])
def test_a_picture_within_text_stays_there(kind):
    page = drawn(f"See ![it](data:image/{kind};base64,AAAA) here.")
    assert page.one("p").one("img")["alt"] == "it"


@pytest.mark.parametrize("width, scrolls", [(660, False), (661, True), (1200, True)])
def test_a_drawing_too_wide_for_a_phone_scrolls_there_and_keys_reach_it(width, scrolls):
    source = png(width, 20)
    figure = drawn(f"![x]({source})").one("figure")
    assert figure.one("img")["width"] == str(width)
    assert ("scrolls" in figure["class"].split()) == scrolls
    assert figure.attributes.get("tabindex") == ("0" if scrolls else None)
    linked = drawn(f"![x]({source})", {"a": (0, 0, 40, 20)}).one("figure")
    assert "tabindex" not in linked.attributes  # its links have the focus


def test_the_first_picture_has_the_areas_that_are_within_it():
    areas = {"a": (0, 0, 40, 20), "nope": (1, 1, 2, 2), "b": [1, 2, 3, 4], "<x>": (5, 5, 6, 6)}
    page = drawn(f"{PICTURE}\n\n{PICTURE}", areas)
    first, second = page.all("figure")
    rects = {
        a["aria-label"]: [int(v) for v in list(a.one("rect").attributes.values())[:4]]
        for a in first.all("a")
    }
    assert rects == {"a": [0, 0, 40, 20], "b": [1, 2, 2, 2], "<x>": [5, 5, 1, 1]}
    assert not second.all("a")


@pytest.mark.parametrize(
    "area",
    [
        *((0, 0, 41, 20), (0, 0, 40, 21), (-1, 0, 4, 4), (4, 0, 4, 4), (0, 4, 4, 4), (5, 0, 4, 4)),
        *(
            (0, 0, 4),
            (0, 0, 4, 4, 4),
            ("0", 0, 4, 4),
            (0.0, 0, 4, 4),
            (True, 0, 4, 4),
            None,
            7,
            "0,0,4,4",
        ),
    ],
)
def test_what_is_no_area_is_passed_over(area):
    assert not drawn(PICTURE, {"a": area}).all("svg")


def test_a_picture_of_no_size_has_no_areas():
    for source in ("data:image/png;base64,AAAA", "data:image/gif;base64,AAAA"):
        assert not drawn(f"![x]({source})", {"a": (0, 0, 1, 1)}).all("svg")


@pytest.mark.parametrize("end", ["", "\n", "\n\nMore.\n"])
def test_a_picture_whose_data_is_at_the_end_is_the_same_figure(end):
    areas = {"a": (0, 0, 40, 20)}
    inline = to_html(f"Before.\n\n{PICTURE}\n\nAfter.\n\nMore.", link, areas).body
    text = PICTURE.replace(f"]({SOURCE})", "][cloud]")
    rest = "" if "More" in end else "\n\nMore."
    at_end = f"Before.\n\n{text}\n\nAfter.{rest}\n\n[cloud]: {SOURCE}{end}"
    assert to_html(at_end, link, areas).body == inline
    assert drawn(at_end, areas).one("figure").one("rect")


def test_a_reference_shows_no_more_than_a_picture_in_its_place():
    for source in ("https://evil.example/a.png", "data:image/svg+xml;base64,PHN2Zy8+"):
        assert not drawn(f"![x][cloud]\n\n[cloud]: {source}").all("img")


def test_a_table_of_names_and_numbers_is_no_wide_one():
    rows = "|---|--:|\n" + "| x | 1 |\n" * 20
    page = drawn(f"| a | b |\n{rows}")
    assert len(page.one("div", class_="counts").all("tr")) == 21
    for head in ("| a | b |\n|---|---|\n| x | y |", "| a | b | c |\n|---|--:|--:|\n| x | 1 | 2 |"):
        assert drawn(head).one("div", class_="wide")["tabindex"] == "0"


def test_a_wide_table_scrolls_by_itself_and_numbers_stand_right():
    page = drawn("| a | b | c |\n|---|--:|:--|\n| x | 1 | y |")
    cells = page.one("div", class_="wide").one("table").all("td")
    assert [cell.attributes.get("class") for cell in cells] == [None, "number", None]
