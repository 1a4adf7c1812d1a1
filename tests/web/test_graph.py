"""The drawing on an asset's page begins with that asset, however wide the graph is."""

from __future__ import annotations

import pytest

from ..chromium import chromium

IS_SEEN = """node => {
  const [own, frame] = [node, node.closest(".frame")].map((e) => e.getBoundingClientRect());
  return frame.left <= own.left && own.right <= frame.right;
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("name", ["story_ids", "stories", "wordcloud"])
def test_a_phone_shows_the_asset_in_its_graph(made, server, browser, name):
    with browser.new_page(viewport={"width": 390, "height": 844}) as page:
        page.goto(f"http://{server.host}/assets/top/{name}")
        assert page.locator(".node[aria-current]").evaluate(IS_SEEN)
        assert page.evaluate("scrollY") == 0


def test_without_javascript_the_drawing_is_there_to_be_scrolled(made, server, browser):
    with browser.new_page(
        viewport={"width": 390, "height": 844}, java_script_enabled=False
    ) as page:
        page.goto(f"http://{server.host}/assets/top/wordcloud")
        page.locator(".node[aria-current]").scroll_into_view_if_needed()
        assert page.locator(".node[aria-current]").evaluate(IS_SEEN)
