"""The site as a person meets it in Chromium, from ``python -m http.server`` and from the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from ..chromium import chromium
from ..web.axe import axe, barriers
from .conftest import DAYS

SIZES = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})


@pytest.fixture(scope="module")
def browser():
    axe()
    with chromium() as browser:
        yield browser


class Quiet(SimpleHTTPRequestHandler):
    """What ``python -m http.server`` answers with."""

    def log_message(self, *_):
        pass


@contextmanager
def served(folder) -> Iterator[str]:
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def whole(site):
    """A site with each kind of page, which is below the server's root."""
    site.watch("Menu", "Till", "Week", "Staff")
    site.make("Till")
    site.make("Week")
    site.make("Staff", at=None)
    site.publish(base_url="https://news.example.org")
    return site


def test_each_page_is_whole_bars_nobody_and_asks_nobody_else(whole, browser):
    pages = [path for path in whole.files() if path.endswith(".html")]
    assert len(pages) > 8
    with served(whole.work) as base, browser.new_page() as page:
        asked, wrong = [], []
        page.on("response", lambda answer: asked.append((answer.url, answer.status)))
        page.on("console", lambda told: wrong.append((told.text, told.location["url"])))
        for path in pages:
            url = f"{base}/site/{path.replace('%', '%25')}"
            assert page.goto(url).status == 200, url
            assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0)"), url
            for size in SIZES:
                for scheme in ("light", "dark"):
                    page.set_viewport_size(size)
                    page.emulate_media(color_scheme=scheme)
                    where = f"{path}, {size['width']}, {scheme}"
                    assert [f"{where}: {one}" for one in barriers(page)] == []
                    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    # What a browser asks of any server by itself.
    assert [told for told in wrong if told[1] != f"{base}/favicon.ico"] == []
    assert {status for url, status in asked if url != f"{base}/favicon.ico"} <= {200, 304}
    assert [url for url, _ in asked if not url.startswith(f"{base}/")] == []


@pytest.mark.parametrize("from_disk", [False, True])
def test_a_visitor_goes_from_the_first_page_to_a_day_and_what_is_behind_a_word(
    whole, browser, from_disk
):
    with served(whole.work) as base, browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"file://{whole.path}/index.html" if from_disk else f"{base}/site/")
        page.get_by_role("link", name="3 days").click()
        page.get_by_role("link", name=DAYS[1]).click()
        assert page.title() == f"Menu of {DAYS[1]}"
        assert page.locator("img").bounding_box()["width"] > 5
        assert page.evaluate("document.images[0].naturalWidth") == 10
        assert not page.get_by_text("Of leeks").is_visible()
        page.get_by_role("link", name="Soup", exact=True).click()
        assert page.get_by_text("Of leeks").is_visible()
        page.get_by_role("link", name=f"{DAYS[2]} →").click()
        page.get_by_role("link", name="All pages").click()
        assert page.url.endswith("/site/index.html")
