"""Outputs as a browser draws them: on a screen, a phone, a dark page and paper."""

from __future__ import annotations

import base64
import io
import re

import pytest
from PIL import Image

from hn_luigi.cloud import draw as draw_cloud
from hn_luigi.cloud.colours import contrast
from hn_luigi.display import STYLE
from hn_luigi.display.markdown_html import to_html
from hn_luigi.display.outputs import Output, rendered
from hn_luigi.display.tables import records_table

from ..chromium import chromium
from ..web.axe import barriers

pytestmark = pytest.mark.slow

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ROWS = [
    {
        "n": n,
        **{f"column_{c}": "some words of a text" for c in range(20)},
        "at": f"https://a.example/{n}/" + "x" * 200,
    }
    for n in range(60)
]
COUNTS = "| Name | Number |\n|---|--:|\n" + "".join(f"| n{n} | {n} |\n" for n in range(20))


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def drawn(browser):
    """Draws HTML in a window of that size and scheme."""

    def draw(body, size=WIDE, scheme="light"):
        page = browser.new_page(viewport=size, color_scheme=scheme)
        style = f"<!doctype html><style>{STYLE.read_text()}</style>"
        page.set_content(f"{style}<main><div class=page>{body}</div></main>")
        return page

    return draw


def table():
    output = Output(None, "", 0)
    return rendered("table.html", table=records_table(ROWS, None), output=output)


def box(page, selector, last=False):
    found = page.locator(selector)
    return (found.last if last else found.first).bounding_box()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_table_scrolls_in_its_frame_with_head_and_first_column_in_sight(drawn, size):
    page = drawn(table(), size)
    head, first = box(page, "thead th"), box(page, "tbody tr:nth-child(40) td")
    other = box(page, "thead th", last=True)
    page.locator(".rows").evaluate("frame => frame.scrollBy(700, 900)")
    assert page.locator(".rows").evaluate("frame => frame.scrollLeft") == 700
    assert box(page, "thead th") == head
    assert box(page, "thead th", last=True)["y"] == other["y"]
    moved = box(page, "tbody tr:nth-child(40) td")
    assert (moved["x"], moved["y"]) == (first["x"], first["y"] - 900)
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]


def test_an_address_takes_no_more_than_its_share_of_the_width(drawn):
    assert box(drawn(table()), "td.url")["width"] < 200


def test_numbers_of_names_stand_in_two_columns_where_there_is_room(drawn):
    body = to_html(COUNTS).body
    first, last = (box(drawn(body), "tbody tr", last=last) for last in (False, True))
    assert last["x"] > first["x"] + 200
    page = drawn(body, NARROW)
    assert box(page, "tbody tr")["x"] == box(page, "tbody tr", last=True)["x"]


@pytest.mark.parametrize("scheme, least, most", [("light", 255, 255), ("dark", 180, 225)])
def test_a_white_picture_is_as_white_as_its_page_can_bear(drawn, scheme, least, most):
    png = io.BytesIO()
    Image.new("RGB", (400, 200), "white").save(png, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
    page = drawn(to_html(f"![x]({source})").body, scheme=scheme)
    shown = Image.open(io.BytesIO(page.locator(".picture img").screenshot())).convert("L")
    low, high = shown.getextrema()
    assert least <= low == high <= most


@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_picture_of_any_colour_has_a_dark_frame_on_a_dark_page(drawn, colour):
    png = io.BytesIO()
    Image.new("RGB", (400, 200), colour).save(png, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
    page = drawn(to_html(f"![x]({source})").body, scheme="dark")
    shown = Image.open(io.BytesIO(page.locator(".picture").screenshot())).convert("L")
    assert shown.getpixel((5, shown.height // 2)) < 60
    assert shown.width > 400 + 2 * 5


def test_an_area_lies_on_its_place_in_the_picture_at_any_width(drawn):
    png = io.BytesIO()
    Image.new("RGB", (800, 400), "white").save(png, "PNG")
    source = f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
    body = to_html(f"![x]({source})", lambda name: "#", {"a": (400, 200, 800, 400)}).body
    for size in (WIDE, NARROW):
        page = drawn(body, size)
        image, area = box(page, ".picture img"), box(page, "rect")
        for side, length in (("x", "width"), ("y", "height")):
            assert area[length] == pytest.approx(image[length] / 2, abs=1)
            assert area[side] == pytest.approx(image[side] + image[length] / 2, abs=1)
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert outline == "rgb(185, 58, 8) solid 3px"


def cloud(**how):
    """A word cloud of the usual size as a figure, and the boxes of its words."""
    picture = draw_cloud({f"word{n}": 60 // n + 1 for n in range(1, 61)}, **how)
    source = f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"
    return to_html(f"![x]({source})").body, picture.drawn


def test_a_wide_drawing_on_a_phone_is_large_and_scrolls_in_its_frame(drawn):
    page = drawn(cloud()[0], NARROW)
    assert box(page, ".picture img")["width"] == 960
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    frame = page.locator(".picture")
    if page.evaluate("CSS.supports('scroll-initial-target: nearest')"):
        spare = frame.evaluate("frame => frame.scrollWidth - frame.clientWidth")
        assert frame.evaluate("frame => frame.scrollLeft") == pytest.approx(spare / 2, abs=2)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "picture scrolls"
    frame.evaluate("frame => frame.scrollTo(10000, 0)")
    end, image = box(page, ".picture"), box(page, ".picture img")
    assert image["x"] + image["width"] <= end["x"] + end["width"]


def test_a_drawing_that_scrolls_bars_nobody(drawn):
    page = drawn(cloud()[0], NARROW)
    page.evaluate("document.documentElement.lang = 'en'; document.title = 'A page'")
    assert barriers(page) == []


def test_a_wide_drawing_fits_a_desk_and_a_small_one_a_phone(drawn):
    assert box(drawn(cloud()[0]), ".picture img")["width"] < WIDE["width"] - 40
    page = drawn(cloud(width=600, height=300)[0], NARROW)
    frame = page.locator(".picture")
    assert frame.evaluate("frame => frame.scrollWidth == frame.clientWidth")


@pytest.mark.parametrize("background", ["white", "black"])
@pytest.mark.parametrize("changes", [None, {f"word{n}": n % 5 - 2 for n in range(60)}])
def test_words_can_be_read_on_a_dark_page_too(drawn, background, changes):
    body, words = cloud(background=background, changes=changes)
    page = drawn(body, scheme="dark")
    shown = Image.open(io.BytesIO(page.locator(".picture img").screenshot())).convert("RGB")
    scale = shown.width / 1200
    paper = shown.getpixel((3, 3))
    for word, (left, top, right, bottom) in words.items():
        part = shown.crop(tuple(round(side * scale) for side in (left, top, right, bottom)))
        ratios = [contrast(colour, paper) for _, colour in part.getcolors(1 << 20)]
        assert max(ratios) >= 3, word


def test_paper_has_all_of_a_table_in_light_colours(drawn):
    page = drawn(table(), scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    frame = page.locator(".rows")
    assert frame.evaluate(
        "frame => frame.clientHeight >= frame.querySelector('table').offsetHeight"
    )
    style = page.evaluate(
        "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    )
    ink, paper = (sum(map(int, re.findall("[0-9]+", colour))) for colour in style)
    assert ink < 150 < 750 < paper


def test_code_is_set_in_a_face_of_equal_widths(drawn):
    page = drawn("<p><code>iiiii</code><br><code>WWWWW</code></p>")
    assert box(page, "code")["width"] == box(page, "code", last=True)["width"]


def test_what_led_to_a_page_that_is_left_out_looks_like_text(drawn):
    page = drawn("<p>20 of <a>747 stories</a>, <a href='#top'>top</a></p>")
    text, left_out, link = page.evaluate(
        "['p', 'a:not([href])', 'a[href]'].map(of => getComputedStyle(document.querySelector(of))"
        ".color)"
    )
    assert left_out == text != link
