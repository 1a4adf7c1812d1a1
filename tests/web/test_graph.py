"""The drawing of a graph: however wide it is, and however long the names are in it."""

from __future__ import annotations

import pytest

from ..chromium import chromium

IS_SEEN = """node => {
  const [own, frame] = [node, node.closest(".frame")].map((e) => e.getBoundingClientRect());
  return frame.left <= own.left && own.right <= frame.right;
}"""

HAS_ITS_END = """node => {
  const own = node.querySelector(".name .own"), end = own.lastElementChild;
  const above = own.previousElementSibling;
  const isWhole = (e) => !e || e.scrollWidth <= e.clientWidth + 1;
  const reaches = end.getBoundingClientRect().right <= own.getBoundingClientRect().right + 1;
  return isWhole(above) && isWhole(end) && reaches && (above?.textContent ?? "") + end.textContent;
}"""
LONG = """
import luigi
from hn_luigi.assets import Asset

class CustomerRevenueByRegionBefore(Asset):
    suffix = ".json"
    window_length = None

    def compute(self):
        return 1

class CustomerRevenueByRegionAfter(CustomerRevenueByRegionBefore):
    region = luigi.Parameter("eu")

    def requires(self):
        return CustomerRevenueByRegionBefore()
"""


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


def test_names_that_begin_alike_are_told_apart(modules, settings, server, browser):
    modules("sales", LONG)
    settings("assets", watch="sales CustomerRevenueByRegionAfter")
    with browser.new_page() as page:
        page.goto(f"http://{server.host}/assets")
        ends = [node.evaluate(HAS_ITS_END) for node in page.locator(".node").all()]
        assert ends == ["n_before", "eu/on_after"]
