"""How a page that is open keeps up with its server, in Chromium, by its own script.

The page's clock stands still, and is moved on by the test: so nothing here waits for seconds.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from ..chromium import chromium
from ..limits import patience

TOGGLED = """() => {
  const toggled = (done) => addEventListener("toggle", done, {capture: true, once: true});
  window.toggled = new Promise((done) => toggled(() => done()));
}"""
HIDE = """isHidden => {
  Object.defineProperty(document, "hidden", {value: isHidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser):
    from playwright.sync_api import expect

    context = browser.new_context(viewport={"width": 800, "height": 600})
    context.set_default_timeout(patience() * 1000)
    expect.set_options(timeout=patience() * 1000)
    yield context
    expect.set_options(timeout=None)
    context.close()


@pytest.fixture
def expect(context):
    from playwright.sync_api import expect

    return expect


def hold_still(page):
    """Have its clock stand still at 0:00:01, and count how often it asks the server."""
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.add_init_script(
        "const real = fetch; window.asked = 0;"
        "window.fetch = (...all) => (window.asked += 1, real(...all))"
    )


@dataclass
class Open:
    """A page that is open, and what the server has in its place by now."""

    page: Any
    expect: Any
    url: str
    body: str = ""
    asked: int = 0
    seconds: int = 2
    title: str = "Page"

    def answer(self, route):
        self.asked += 1
        text = f"""<!doctype html>
<html lang="en" data-refresh="{self.seconds}" data-asked="{self.asked}"><head>
<title>{self.title}</title><link rel="icon" href="data:,{self.title}">
<script src="/assets/_static/refresh.js" defer></script></head>
<body><header></header><main>{self.body}</main><footer></footer></body></html>"""
        route.fulfill(body=text, content_type="text/html; charset=utf-8")

    def show(self, body):
        """Open it."""
        self.body = body
        self.page.goto(self.url)
        return self.page

    def turn(self, body, **more):
        """Have the server serve that, and the page look again."""
        self.body = body
        for name, value in more.items():
            setattr(self, name, value)
        with self.looks_again():
            self.page.clock.run_for(2000)

    @contextmanager
    def looks_again(self):
        """Waits until the page has put what it asks for in its place, which it does all at once."""
        awaited = str(self.asked + 1)
        yield
        self.expect(self.page.locator("html")).to_have_attribute("data-asked", awaited)


@pytest.fixture
def opened(context, server, expect):
    page = context.new_page()
    hold_still(page)
    opened = Open(page, expect, f"http://{server.host}/assets/_page")
    page.route("**/assets/_page", opened.answer)
    return opened


def focused(page):
    return page.evaluate("document.activeElement.textContent")


class TestWhatStays:
    def test_is_all_that_has_not_changed(self, opened, expect):
        page = opened.show("<h1>One</h1><p id=same>Here</p>")
        page.evaluate("document.getElementById('same').mark = 1")
        opened.turn("<h1>Two</h1><p id=same>Here</p>", title="Other")
        expect(page.locator("h1")).to_have_text("Two")
        expect(page).to_have_title("Other")
        assert page.locator("link[rel=icon]").get_attribute("href") == "data:,Other"
        assert page.evaluate("document.getElementById('same').mark") == 1

    def test_is_the_focus_on_what_moved_down(self, opened, expect):
        row = "<li><a href=/{0}>Run {0}</a> {1}</li>".format
        page = opened.show(f"<ol>{row(2, 'running')}{row(1, 'done')}</ol>")
        page.get_by_role("link", name="Run 2").focus()
        opened.turn(f"<ol>{row(3, 'running')}{row(2, 'done')}{row(1, 'done')}</ol>")
        expect(page.locator("li")).to_have_text(["Run 3 running", "Run 2 done", "Run 1 done"])
        assert focused(page) == "Run 2"

    def test_is_the_focus_on_what_is_made_anew(self, opened, expect):
        page = opened.show("<p>Begun</p><div><button>Materialize</button></div>")
        page.get_by_role("button").focus()
        opened.turn("<section><p>Done</p><button class=new>Materialize</button></section>")
        expect(page.locator("p")).to_have_text("Done")
        assert focused(page) == "Materialize"

    def test_is_what_the_reader_opened_and_closed(self, opened, expect):
        one, two = (
            "<details{}><summary>One</summary>{}</details>".format,
            "<details open><summary>Two</summary>{}</details>".format,
        )
        page = opened.show(one("", "a") + two("b"))
        for summary in ("One", "Two"):
            page.locator("summary", has_text=summary).click()
        opened.turn(one("", "c") + two("d"))
        expect(page.locator("details").first).to_contain_text("c")
        assert page.locator("details").evaluate_all("all => all.map(e => e.open)") == [True, False]

    def test_is_what_is_open_though_something_of_its_kind_comes_before_it(self, opened, expect):
        record = "<details><summary><h2 id=record>Record</h2></summary>It</details>"
        page = opened.show(record)
        page.get_by_text("Record").click()
        opened.turn(f"<details><summary>1 failed attempt</summary>It</details>{record}")
        expect(page.locator("details")).to_have_count(2)
        assert page.locator("details").evaluate_all("all => all.map(e => e.open)") == [False, True]

    def test_is_how_far_the_page_and_what_is_in_it_are_scrolled(self, opened, expect):
        def body(text):
            wide = f"<div class=wide style='width: 9rem; overflow: auto'>{'wide' * 99}{text}</div>"
            return f"<h1>{text}</h1>{wide}<p style='height: 9000px'></p><p>{text}</p>"

        page = opened.show(body("One"))
        page.evaluate("scrollTo(0, 4000), document.querySelector('.wide').scrollLeft = 200")
        opened.turn(body("Two"))
        expect(page.locator("h1")).to_have_text("Two")
        assert page.evaluate("[scrollY, document.querySelector('.wide').scrollLeft]") == [4000, 200]

    def test_is_what_is_selected_of_a_text_that_grows(self, opened, expect):
        page = opened.show("<pre>one two</pre>")
        select = "text => getSelection().setBaseAndExtent(text, 4, text, 7)"
        page.evaluate_handle("document.querySelector('pre').firstChild").evaluate(select)
        opened.turn("<pre>one two three</pre>")
        expect(page.locator("pre")).to_have_text("one two three")
        assert page.evaluate("getSelection().toString()") == "two"


LOGS = {
    "from its end": "height: 90px; overflow: auto; display: flex; flex-direction: column-reverse",
    "from its top": "height: 90px; overflow: auto",
}


@pytest.mark.parametrize("style", LOGS.values(), ids=LOGS)
class TestALog:
    @pytest.fixture
    def log(self, style):
        def of(lines):
            return f"<pre class=log style='{style}'>{chr(10).join(map(str, range(lines)))}</pre>"

        return of

    SHOWN = """() => {
      const log = document.querySelector(".log"), range = document.createRange();
      range.selectNodeContents(log);
      const {top, bottom} = range.getBoundingClientRect(), box = log.getBoundingClientRect();
      return [Math.round(box.top - top), Math.round(bottom - box.bottom)];
    }"""

    def test_at_its_end_stays_there(self, opened, log, expect):
        page = opened.show(log(50))
        page.evaluate("document.querySelector('.log').scrollTop = 9999")
        before = page.evaluate(self.SHOWN)
        opened.turn(log(80))
        above, below = page.evaluate(self.SHOWN)
        assert above > before[0]
        assert below == before[1]

    def test_that_is_read_higher_up_stays_there(self, opened, log, expect):
        page = opened.show(log(50))
        page.evaluate("document.querySelector('.log').scrollTop = 9999")
        page.evaluate("document.querySelector('.log').scrollTop -= 300")
        before = page.evaluate(self.SHOWN)
        opened.turn(log(80))
        above, below = page.evaluate(self.SHOWN)
        assert above == before[0]
        assert below > before[1]


class TestAnOpenMenu:
    MENU = """<section><p>{0}</p>
<details><summary>Choices</summary><form><button>All</button></form></details></section>
<p class=far>{0}</p>"""

    def test_is_left_where_it_is_until_it_is_closed(self, opened, expect):
        page = opened.show(self.MENU.format("One"))
        page.get_by_text("Choices").click()
        opened.turn(self.MENU.format("Two"))
        expect(page.locator(".far")).to_have_text("Two")
        expect(page.locator("section p")).to_have_text("One")
        page.evaluate(TOGGLED)
        page.get_by_text("Choices").click()
        page.evaluate("toggled")
        with opened.looks_again():
            page.clock.run_for(0)
        expect(page.locator("section p")).to_have_text("Two")

    def test_that_is_forgotten_is_told(self, opened, expect):
        page = opened.show(self.MENU.format("One"))
        page.get_by_text("Choices").click()
        opened.turn(self.MENU.format("Two"))
        expect(page.get_by_role("status")).to_have_count(0)
        for _ in range(30):
            opened.turn(self.MENU.format("Two"))
        told = "This page has not been up to date since 00:00:01 UTC: a menu is open."
        expect(page.get_by_role("status")).to_have_text(told)


class TestHowOften:
    def test_is_as_the_newest_page_says(self, opened, expect):
        page = opened.show("One")
        opened.turn("Two")
        opened.turn("Three", seconds=30)
        page.clock.run_for(29_999)
        assert page.evaluate("asked") == 2
        page.clock.run_for(1)
        assert page.evaluate("asked") == 3

    def test_is_not_before_the_answer_is_there(self, opened, expect):
        page, held = opened.show("One"), []
        page.unroute("**/assets/_page")
        page.route("**/assets/_page", lambda route: held.append(route))
        page.clock.run_for(2000)
        page.evaluate(HIDE, False)
        page.clock.run_for(30_000)
        assert page.evaluate("asked") == 1
        with opened.looks_again():
            opened.answer(*held)
        page.clock.run_for(2000)
        assert page.evaluate("asked") == 2

    def test_is_never_in_a_hidden_tab_and_at_once_in_one_that_is_seen_again(self, opened, expect):
        page = opened.show("One")
        page.evaluate(HIDE, True)
        page.clock.run_for(3_600_000)
        assert page.evaluate("asked") == 0
        opened.body = "Two"
        with opened.looks_again():
            page.evaluate(HIDE, False)
            page.clock.run_for(0)
        expect(page.locator("main")).to_have_text("Two")


class TestAServer:
    """A real page of it, which looks again every 30 seconds."""

    @pytest.fixture
    def visit(self, context, made, clock, expect):
        def come(server, path="/assets"):
            page = context.new_page()
            hold_still(page)
            page.goto(f"http://{server.host}{path}")
            page.evaluate("document.body.mark = 1")
            return page

        return come

    @pytest.fixture
    def is_up_to_date(self, clock, expect):
        """Waits until a page is, half a minute later; ``clock`` is the server's."""

        def wait(page, asks=None):
            clock.advance(minutes=1)
            page.clock.run_for(30_000)
            expect(page.locator("body > footer")).to_contain_text(f"{clock():%H:%M} UTC")
            assert page.evaluate("document.body.mark") == 1

        return wait

    def test_answers_its_own_page(self, visit, server, is_up_to_date):
        page, asked = visit(server), []
        page.on("request", lambda request: asked.append((request.resource_type, request.url)))
        is_up_to_date(page)
        assert asked == [("fetch", page.url)]

    def test_lets_in_whom_it_gave_its_cookie(self, visit, serve, is_up_to_date, expect):
        page = visit(serve(token="correct-horse-battery"), "/assets?token=correct-horse-battery")
        is_up_to_date(page)
        page.context.clear_cookies()
        page.clock.run_for(30_000)
        expect(page.locator("#outdated")).to_contain_text("asks for its token; reload the page.")

    def test_whose_storage_fails_is_quoted(self, visit, server, settings, is_up_to_date, expect):
        page = visit(server)
        is_up_to_date(page)
        settings("storage", root="nfs://there/data")
        page.clock.run_for(30_000)
        told = "not been up to date since 00:00:31 UTC: the storage root begins with nfs://"
        expect(page.locator("#outdated")).to_contain_text(told)
        expect(page.locator("main")).to_contain_text("top/wordcloud")

    def test_whose_storage_fails_is_told_by_the_title_of_a_tab_until_it_is_back(
        self, visit, server, settings, root, expect
    ):
        page = visit(server)
        fresh = "All fresh · hn_luigi"
        assert page.title() == fresh
        settings("storage", root="nfs://there/data")
        page.clock.run_for(30_000)
        expect(page.locator("#outdated")).to_contain_text("nfs://")
        assert page.title() == f"Not up to date: {fresh}"
        settings("assets", watch="nosuch Asset")
        page.clock.run_for(60_000)
        expect(page.locator("#outdated")).to_contain_text("there is no module nosuch")
        assert page.title() == f"Not up to date: {fresh}"
        settings("assets", watch="")
        settings("storage", root=root)
        page.clock.run_for(120_000)
        expect(page.locator("#outdated")).to_have_count(0)
        assert page.title() == fresh

    def test_that_is_down_is_asked_less_and_less_often_until_it_is_back(self, opened, expect):
        page = opened.show("One")
        page.unroute("**/assets/_page")
        told = page.locator("#outdated")
        page.route("**/assets/_page", lambda route: route.abort("connectionrefused"))
        failed = []
        page.on("requestfailed", lambda request: failed.append(request))
        for wait in (2, 4, 8, 16, 32, 64, 128, 256, 300, 300):
            before = len(failed)
            page.clock.run_for(wait * 1000 - 1)
            assert len(failed) == before
            with page.expect_event("requestfailed"):
                page.clock.run_for(1)
            why = "since 00:00:01 UTC: the server doesn’t answer."
            expect(told).to_have_text(f"This page has not been up to date {why}")
        page.unroute("**/assets/_page")
        page.route("**/assets/_page", opened.answer)
        opened.body = "Two"
        with opened.looks_again():
            page.clock.run_for(300_000)
        expect(page.locator("main")).to_have_text("Two")
        expect(told).to_have_count(0)
        opened.turn("Three")
        expect(page.locator("main")).to_have_text("Three")
