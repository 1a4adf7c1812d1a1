"""Pictures of a page are files beside it, of which a browser asks for no hidden one."""

from __future__ import annotations

import base64

from hn_luigi.display import page_html
from hn_luigi.display.outputs import markdown_shown
from hn_luigi.publishing.pictures import apart

from ..web.document import parsed
from .conftest import picture


def data_of(markdown):
    return base64.b64decode(markdown.partition("base64,")[2].removesuffix(")"))


def test_each_is_the_file_that_it_was():
    first, second = picture(), picture((20, 20))
    html = markdown_shown(f"{first}\n\nand {second}\n").body
    parts = apart(html, "day", largest=None)
    assert parts.pictures == {"day-1.png": data_of(first), "day-2.png": data_of(second)}
    images = parsed(page_html("", parts.html)).all("img")
    assert [image["src"].partition("?")[0] for image in images] == ["day-1.png", "day-2.png"]
    assert [image.attributes.get("width") for image in images] == ["10", None]


def test_its_address_tells_a_browser_that_it_is_another():
    addresses = {
        parsed(apart(markdown_shown(picture(size)).body, "day", largest=None).html).one("img")[
            "src"
        ]
        for size in ((10, 10), (20, 20), (10, 10))
    }
    assert len(addresses) == 2


def test_what_is_hidden_is_asked_for_when_it_is_shown():
    shown = markdown_shown(picture()).body
    html = f'{shown}<section class="detail page" id="detail-0">{shown}</section>'
    first, second = parsed(apart(html, "day", largest=None).html).all("img")
    assert "loading" not in first.attributes
    assert second["loading"] == "lazy"


def test_a_damaged_one_is_told_of():
    body = markdown_shown("![x](data:image/png;base64,AAAA=A)\n\n![y](data:image/gif;base64,R0lG)")
    parts = apart(body.body, "day", largest=None)
    assert "A damaged picture is left out." in parsed(parts.html).text
    assert list(parts.pictures) == ["day-1.gif"]


def test_what_lies_above_one_that_is_left_out_goes_with_it():
    shown = markdown_shown(picture(), lambda name: "#detail-0", {"soup": (0, 0, 5, 5)})
    assert "<svg" in apart(shown.body, "day", largest=None).html
    parts = apart(shown.body, "day", largest=10)
    assert "<svg" not in parts.html
    assert parts.pictures == {}
