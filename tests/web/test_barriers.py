"""Every page, on a desk and on a telephone, by day and by night, bars nobody."""

from __future__ import annotations

import pytest

from hn_luigi import StoryIds, Wordcloud

from ..chromium import chromium
from .axe import axe, barriers
from .conftest import NEWER

SIZES = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})
BOTH = "hn_luigi Wordcloud\nhn_luigi Wordcloud --feed show"


@pytest.fixture(scope="module")
def browser():
    axe()
    with chromium() as browser:
        yield browser


@pytest.fixture
def barriers_of(browser, server):
    """What bars people from the page at a path, whose status is that."""
    context = browser.new_context()

    def look(path, status=200):
        page, found = context.new_page(), []
        assert page.goto(f"http://{server.host}{path}").status == status
        page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
        for size in SIZES:
            for scheme in ("light", "dark"):
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)
                found += [f"{path}, {size['width']}, {scheme}: {one}" for one in barriers(page)]
        return found

    yield look
    context.close()


@pytest.mark.parametrize("name", ["top/wordcloud", "top/stories", "top/story_ids"])
def test_an_output_bars_nobody(made, barriers_of, name):
    for query in ("", f"?window={NEWER}"):
        assert barriers_of(f"/assets/{name}{query}") == []


def test_the_overview_bars_nobody(made, barriers_of, settings):
    assert barriers_of("/assets") == []
    settings("assets", watch=BOTH)
    assert barriers_of("/assets") == []


def test_what_is_behind_a_word_bars_nobody(made, barriers_of):
    assert barriers_of("/assets/top/wordcloud?detail=Rust") == []


def test_a_table_that_is_sorted_bars_nobody(made, barriers_of):
    assert barriers_of("/assets/top/stories?sort=-score") == []


def test_nothing_made_bars_nobody(root, barriers_of):
    assert barriers_of("/assets") == []
    assert barriers_of("/assets/top/wordcloud") == []


@pytest.mark.parametrize("minutes", [10, 40, 300])
def test_what_failed_and_is_late_bars_nobody(made, barriers_of, clock, fail, minutes):
    clock.advance(minutes=minutes)
    fail(StoryIds(), "OSError: no net\nat all", attempt=2)
    fail(Wordcloud(), "ValueError: few words")
    for path in ("", "/top/story_ids", "/top/stories", "/top/wordcloud"):
        assert barriers_of(f"/assets{path}") == []


def test_what_is_stale_or_warned_of_bars_nobody(made, barriers_of, settings, rewrite):
    settings("cloud", width=300)
    rewrite(lambda record: record.update(warnings={"has_words": "few"}))
    for path in ("", "/top/wordcloud"):
        assert barriers_of(f"/assets{path}") == []


def test_an_output_that_is_gone_bars_nobody(made, barriers_of):
    (made / f"top/wordcloud/{NEWER}.md").unlink()
    assert barriers_of(f"/assets/top/wordcloud?window={NEWER}") == []


def test_an_error_bars_nobody(server, barriers_of, settings):
    assert barriers_of("/assets/nope", 404) == []
    assert barriers_of("/runs/7", 404) == []
    settings("assets", watch=BOTH)
    assert barriers_of("/assets/Wordcloud", 300) == []
    settings("storage", root="nfs://there/data")
    assert barriers_of("/assets", 503) == []
    assert barriers_of("/assets/top/wordcloud", 503) == []


def test_what_can_hardly_be_read_would_be_found(browser, server):
    with browser.new_page() as page:
        page.goto(f"http://{server.host}/assets")
        page.evaluate("document.querySelector('h1').style.color = 'silver'")
        assert [one.split(":")[0] for one in barriers(page)] == ["color-contrast"]


def test_runs_bar_nobody(made, barriers_of, server, fail):
    fail(StoryIds(), "OSError: no net")
    links = {a["href"] for a in server.page("/runs").one("main").all("a")}
    runs = [link for link in links if link.startswith("/runs/")]
    assert len(runs) >= 2
    for path in ("/runs", *runs):
        assert barriers_of(path) == []
