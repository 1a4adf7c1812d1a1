"""A file of a page holds the details that something leads to, or those that its view names."""

from __future__ import annotations

import pytest

from hn_luigi.assets import Asset, View
from hn_luigi.display import export_html

from ..web.document import parsed


@pytest.fixture
def exported(clock, succeed):
    """The file of an asset whose ``view()`` gives what it is told to."""

    def export(given):
        def compute(self):
            return "bread"

        def view(self, made):
            return given

        body = {"suffix": ".txt", "compute": compute, "view": view, "__module__": "oven"}
        loaf = type(Asset)("Loaf", (Asset,), body)()
        succeed(loaf)
        return parsed(export_html(loaf))

    return export


def loud(name):
    return lambda: pytest.fail(f"{name} is made")


def sections_of(page):
    return [each.one("h2").one("bdi").text for each in page.all("section")]


BODY = "[rye](#rye), [all](#all)"


def test_without_a_word_of_it_all_that_is_led_to_is_there(exported):
    details = {"rye": lambda: "Rye", "all": lambda: "[oat](#oat)", "oat": lambda: "Oat"}
    page = exported(View(BODY, {**details, "nobody's": loud("nobody's")}))
    assert sorted(sections_of(page)) == ["all", "oat", "rye"]


def test_else_those_that_are_named_and_a_link_to_another_is_text(exported):
    details = {"rye": lambda: "As [oat](#oat), [spelt](#spelt)", "oat": lambda: "Oat"}
    others = {name: loud(name) for name in ("all", "spelt")}
    page = exported(View(BODY, {**details, **others}, in_file=["rye", "oat"]))
    assert sorted(sections_of(page)) == ["oat", "rye"]
    body = page.one("div", id="top")
    assert body.text.strip() == "rye, all"
    linked = {a.text for a in page.all("a") if "href" in a.attributes}
    assert linked == {"rye", "oat", "Back"}


@pytest.mark.parametrize("in_file", [[], ["nobody"]])
def test_or_none(exported, in_file):
    page = exported(View(BODY, {"rye": loud("rye"), "all": loud("all")}, in_file=in_file))
    assert sections_of(page) == []
