"""What a person sees at a glance in Chromium, as hours pass by the server's clock.

With and without JavaScript, since that is all the same but for how a page is kept up to date.
"""

from __future__ import annotations

import pytest
from luigi.rpc import RemoteScheduler

from hn_luigi import StoryIds
from hn_luigi.web.verdict import Standing

from ..chromium import chromium
from ..limits import patience

expect = pytest.importorskip("playwright.sync_api").expect
BOTH = "hn_luigi Wordcloud\nnosuch Asset"
FOCUSED = "document.activeElement.textContent"
MOST_STOPS = 10
AMBER = ("warn", "bad")


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def page(browser, request, made):
    """A page that is up to date as soon as ``look`` is called."""
    context = browser.new_context(java_script_enabled=request.param)
    context.set_default_timeout(patience() * 1000)
    yield context.new_page()
    context.close()


@pytest.fixture
def look(page, server):
    def at(path="/assets"):
        page.goto(f"http://{server.host}{path}")
        return page

    return at


def alarms(page):
    """What is amber or red on a page, but for what a legend explains."""
    return page.locator(", ".join(f"main .{tone}" for tone in AMBER)).all_inner_texts()


def verdict(page):
    """The verdict and its tone, as the heading, the title and the icon agree on them."""
    heading = page.get_by_role("heading", level=1)
    text, (_, tone) = heading.inner_text(), heading.get_attribute("class").split()
    assert page.title() == f"{text} · hn_luigi"
    assert f"/icon-{tone}.svg" in page.locator("link[rel=icon]").get_attribute("href")
    return text, tone


def test_a_window_that_begins_is_due_and_alarms_nobody(look, clock):
    assert verdict(look()) == ("All fresh", "good")
    clock.advance(minutes=5, seconds=30)
    page = look()
    assert verdict(page) == (f"All fresh, 5 {Standing.DUE.value}", "good")
    assert alarms(page) == []
    for name in ("story_ids", "stories", "stories_of_day", "wordcloud", "trends", "digest"):
        assert alarms(look(f"/assets/top/{name}")) == []


def test_an_outage_of_five_windows_is_seen_in_the_strip(look, clock, fail):
    for _ in range(5):
        clock.advance(minutes=10)
        fail(StoryIds(), "OSError: no net")
    slots = look("/assets/top/story_ids").locator(".strip a")
    told = [slot.split(": ")[1].split(",")[0] for slot in slots.all_inner_texts()]
    assert told[-8:] == ["made", "never run", "made", *["failed"] * 5]
    classes = slots.evaluate_all("all => all.map(e => e.className.split(' ')[0])")
    assert classes[-5:] == [classes[-1]] * 5
    assert classes[-1] not in classes[:-5]


def test_a_remake_that_fails_leaves_good_data_fresh(look, fail):
    fail(StoryIds(), "OSError: no net")
    page = look()
    assert verdict(page) == ("All fresh", "good")
    told = page.get_by_role("row").filter(has_text="story_ids").locator(".note")
    assert "The last attempt to make it again failed" in told.inner_text()


def test_a_paused_scheduler_and_a_broken_line_are_told_above_what_is_well(look, server, settings):
    settings("assets", watch=BOTH)
    server.scheduler.pause()
    page = look()
    assert verdict(page) == ("1 broken graph", "bad")
    told = page.locator("main").inner_text()
    places = [told.index(text) for text in ("is paused", "there is no module nosuch", "fresh")]
    assert places == sorted(places)


@pytest.mark.parametrize("path", ["/assets", "/assets/top/wordcloud"])
def test_the_keyboard_reaches_the_primary_action_within_ten_stops(look, path):
    page = look(path)
    stops = []
    while not stops or "primary" not in stops[-1]:
        page.keyboard.press("Tab")
        stops.append(page.locator(":focus").get_attribute("class") or "")
        assert len(stops) <= MOST_STOPS
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")


class TestAPageThatIsOpen:
    """With JavaScript, half a minute or two seconds later by a clock that stands still."""

    @pytest.fixture
    def page(self, browser, made):
        context = browser.new_context(viewport={"width": 390, "height": 300})
        context.set_default_timeout(patience() * 1000)
        page = context.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1)
        yield page
        context.close()

    @pytest.fixture
    def work(self, server):
        """A worker that has StoryIds under way, and then is done."""
        task = StoryIds()
        told = {"worker": "w", "task_id": task.task_id}
        remote = RemoteScheduler(f"http://{server.host}")
        remote.add_task(**told, family=task.task_family, params=task.to_str_params())
        assert remote.get_work(worker="w")["task_id"] == task.task_id
        yield lambda: remote.add_task(**told, status="DONE")
        remote.close()

    def test_keeps_focus_and_scroll_when_a_window_begins(self, look, clock):
        page = look()
        link = page.get_by_role("row").get_by_role("link", name="top/stories", exact=True)
        link.focus()
        scrolled = page.evaluate("(scrollBy(0, 50), scrollY)")
        clock.advance(minutes=5, seconds=30)
        page.clock.run_for(30_000)
        expect(page).to_have_title(f"All fresh, 5 {Standing.DUE.value} · hn_luigi")
        assert page.evaluate(FOCUSED) == "top/stories"
        assert page.evaluate("scrollY") == scrolled > 0

    def test_keeps_an_open_record_and_scroll_when_a_run_ends(self, look, work):
        page = look("/assets/top/story_ids")
        expect(page.get_by_role("heading", level=1)).to_contain_text("running")
        page.locator("summary", has_text="Record").click()
        scrolled = page.evaluate("scrollY")
        work()
        page.clock.run_for(2000)
        expect(page.get_by_role("heading", level=1)).to_contain_text("fresh")
        assert page.evaluate(FOCUSED) == "Record"
        expect(page.get_by_text("Code version")).to_be_visible()
        assert page.evaluate("scrollY") == scrolled > 0
