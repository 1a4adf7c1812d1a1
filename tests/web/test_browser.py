"""The pages as a person meets them in Chromium: one visit, from an empty root to a failed run.

The visitor has JavaScript off, since the pages promise to need none; a second one, who has it,
looks each page over: that it can be read in both colour schemes, fits a telephone, names what is
on it, and bars nobody.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from PIL import Image

from hn_luigi.replica import Replica, bundled_front_page

from ..chromium import chromium
from ..limits import patience, scaled
from ..processes import wait_until
from .axe import axe, barriers

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="there is no Playwright: pip install playwright"
)
expect = sync_api.expect

REPOSITORY = Path(__file__).parents[2]
# A window as long as a day, since one that ends meanwhile would leave the assets missing.
CONFIGURATION = """
[storage]
root = data
[assets]
window_minutes = 1440
[hackernews]
limit = 30
base_url = {api}
concurrency = 2
attempts = 1
read_timeout = 600
[cloud]
width = 600
height = 300
max_words = 40
"""
SLOW = 1.0  # seconds that each answer takes, until what is to be seen meanwhile was seen
HOSTILE = "<script>alert(1)</script> and other templating languages"
OLDER, GAP = "2020-02-20T0000Z", "2020-02-22T0000Z"
MOST_TABS_TO_THE_BUTTON = 10
MOST_TABS = 300
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

# What is wrong with a page as it is laid out and coloured now, a line for each complaint.
LOOK = r"""() => {
  const found = [], root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (e) => (e.getAttribute("aria-label") || e.textContent).trim();
  const say = (what, e) => found.push(e ? `${what}: ${e.outerHTML.slice(0, 160)}` : what);
  const each = (selector, wrong, what) => all(selector).filter(wrong).forEach((e) => say(what, e));

  if (!root.lang) say("no lang");
  if (!document.title.trim()) say("no title");
  for (const one of ["h1", "main", "body > header", "body > footer"])
    if (all(one).length != 1) say(`${all(one).length} of ${one}`);
  if (root.scrollWidth > root.clientWidth) say(`${root.scrollWidth} pixels wide`);
  each("nav", (e) => !e.ariaLabel, "nav without a name");
  each("img", (e) => !e.alt.trim(), "image without alt");
  each("svg", (e) => !e.ariaLabel, "drawing without a name");
  each("button, a, summary", (e) => !named(e), "nothing to call it by");
  each("[id]", (e) => all("#" + CSS.escape(e.id)).length > 1, "id used twice");
  each("a", (e) => !/^https?:/.test(new URL(e.getAttribute("href"), location).href), "bad link");
  each("script:not([src^='/assets/_static/'])", () => true, "script");
  each("iframe, object, embed, [onclick], [onerror], [onload]", () => true, "active");

  const parsed = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], below) =>
    [r, g, b].map((value, i) => value * a + below[i] * (1 - a)).concat(1);
  const ground = (e) => {
    if (!e) return [255, 255, 255, 1];
    const box = e.localName == "text" && e.parentNode.querySelector("rect");
    const colour = parsed(box ? getComputedStyle(box).fill : getComputedStyle(e).backgroundColor);
    return colour[3] == 1 ? colour : over(colour, ground(e.parentElement));
  };
  const opacity = (e) => (e ? getComputedStyle(e).opacity * opacity(e.parentElement) : 1);
  const bright = (colour) => {
    const [r, g, b] = colour.map((c) =>
      c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (e) => {
    const style = getComputedStyle(e), below = ground(e);
    const [r, g, b, a] = parsed(e.localName == "text" ? style.fill : style.color);
    const both = [bright(over([r, g, b, a * opacity(e)], below)), bright(below)];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  const isShown = (e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".hidden");
  const least = (e) => {
    const {fontSize, fontWeight} = getComputedStyle(e);
    const size = parseFloat(fontSize);
    return size >= 24 || (size >= 18.66 && fontWeight >= 700) ? 3 : 4.5;
  };
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, e = text.parentElement, range = document.createRange();
    range.selectNode(text);
    if (!text.data.trim() || !isShown(e) || !range.getClientRects().length) continue;
    texts += 1;
    if (contrast(e) < least(e)) say(`contrast ${contrast(e).toFixed(2)}`, e);
  }
  if (texts < 6) say(`only ${texts} texts were looked at`);
  return found;
}"""
FOCUSED = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  if (e == document.body) return null;
  const box = e.querySelector("rect"), line = box && getComputedStyle(box);  // in a picture
  const isSeen = line
    ? line.stroke != "none" && parseFloat(line.strokeWidth) >= 2
    : style.outlineStyle != "none" && parseFloat(style.outlineWidth) >= 2;
  return [e.outerHTML.slice(0, 160), isSeen];
}"""
CAN_BE_FOCUSED = """() => [...document.querySelectorAll("a, button, summary, [tabindex]")]
  .filter((e) => e.checkVisibility() && e.tabIndex >= 0).length"""  # bars of runs repeat a table


@dataclass
class Site:
    """What ``hn-luigi serve`` serves, and where it is from."""

    folder: Path
    api: Replica
    url: str

    @property
    def pages(self) -> str:
        return f"{self.url}/assets"


NEXT = re.compile(r"Next at [-0-9]+ 00:00:\d\d UTC, in .*: its next window begins\.")
RUNNING, DONE, FAILED = (re.compile(rf"Run of .* {end}") for end in ("running", "done", "failed"))


@pytest.fixture
def api():
    with Replica(bundled_front_page(), latency=scaled(SLOW)) as api:
        yield api


@pytest.fixture
def site(tmp_path, api, request):
    """A server with a folder of its own, in which nothing was made yet; by flags, if it has any."""
    flags = getattr(request, "param", ())
    (tmp_path / "luigi.cfg").write_text(CONFIGURATION.format(api=api.base_url))
    with open(tmp_path / "log", "wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "hn_luigi.cli", "serve", "--port", "0", *flags],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=log,
            stderr=log,
        )
    try:
        yield Site(tmp_path, api, address_in(tmp_path / "log", server))
    finally:
        server.terminate()
        server.wait(patience())


def address_in(log, server):
    """Where the server says it is."""

    def found():
        assert server.poll() is None, log.read_text()
        return re.search(r"(http://127\.0\.0\.1:\d+)/assets", log.read_text())

    return wait_until(found)[1]


@pytest.fixture
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def complaints():
    """What the browser complains of, and what it does that it should not."""
    return []


@pytest.fixture
def visitor(browser, site, complaints):
    """Opens a window of the browser for somebody new, whose options are Playwright's."""

    def come(**options):
        context = browser.new_context(viewport=WIDE, **options)
        context.set_default_timeout(patience() * 1000)
        listen(context, site, complaints)
        return context.new_page()

    expect.set_options(timeout=patience() * 1000)
    yield come
    expect.set_options(timeout=None)
    for context in browser.contexts:
        context.close()


def listen(context, site, complaints):
    """Note what ought not to happen in any page of ``context``."""

    def message(said):
        if said.type in ("error", "warning"):
            complaints.append(f"console: {said.text}")

    def request(asked):
        if not asked.url.startswith((f"{site.url}/", "data:")):
            complaints.append(f"asked elsewhere: {asked.url}")

    def failure(asked):
        if asked.failure != "net::ERR_ABORTED":  # by going on while a page loads again
            complaints.append(f"{asked.failure}: {asked.url}")

    def response(answer):
        if answer.status >= 400:
            complaints.append(f"{answer.status}: {answer.url}")

    def dialog(opened):
        complaints.append(f"dialog: {opened.message}")
        opened.dismiss()

    context.on("console", message)
    context.on("dialog", dialog)
    context.on("request", request)
    context.on("requestfailed", failure)
    context.on("response", response)
    context.on("weberror", lambda thrown: complaints.append(f"script: {thrown.error}"))


def test_a_visit_from_the_first_run_to_one_that_fails(visitor, site, complaints):
    axe()
    page, other = visitor(java_script_enabled=False), visitor()
    hold_still(other)
    meet_an_empty_root(page, site)
    go_to_luigi_s_tasks_and_back(other, site)
    make_everything(page, site, other)
    see_the_picture(page, site)
    read_the_stories_of_a_word(page)
    step_to_an_older_window_and_back_by_keyboard(page, site)
    sort_the_stories_by_points(page, site)
    read_hostile_titles_as_text(page, site)
    fail_for_want_of_the_api(page, site)
    see_the_tasks_that_luigi_ran(other, site)
    look_everything_over(other, site)
    reach_everything_by_keyboard(other, site)
    assert complaints == []
    be_told_what_is_not_there(other, site)
    assert {said.split(": ")[0] for said in complaints} == {"404", "console"}


@pytest.mark.parametrize("site", [("--refresh",)], indirect=True)
def test_a_visit_to_a_server_that_refreshes_by_itself(visitor, site, api, complaints):
    axe()
    api.latency = 0
    page, other = visitor(java_script_enabled=False), visitor()
    page.goto(site.pages)
    expect(heading(page)).to_have_text("All fresh")
    expect(page.locator(".refreshed").first).to_contain_text(NEXT)
    other.goto(site.pages)
    page.get_by_role("button", name="Pause the refresh of top/wordcloud").press("Enter")
    expect(page).to_have_url(f"{site.pages}#refresh-top%2Fwordcloud")
    expect(heading(page)).to_have_text("All fresh, 1 paused")
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as if it came back
    expect(heading(other)).to_have_text("All fresh, 1 paused")
    places = [f"{site.pages}{below}" for below in ("", "/top/stories", "/top/wordcloud")]
    places += [f"{site.url}{place}" for place in ("/runs", *runs_of(site))]
    wrong = [line for place in places for line in wrong_with(other, place)]
    page.get_by_role("button", name="Resume the refresh of top/wordcloud").press("Enter")
    expect(page.locator(".refreshed").first).to_contain_text(NEXT)
    wrong += [line for place in places[:2] for line in wrong_with(other, place)]
    assert not wrong, "\n".join(wrong)
    assert not complaints, "\n".join(complaints)


def hold_still(page):
    """Keep pages from loading again by themselves while they are looked over."""

    def answer(route):
        given = route.fetch()
        route.fulfill(response=given, body=re.sub(' data-refresh="[0-9]+"', "", given.text()))

    page.route(re.compile(r"/(assets|runs(/[0-9a-f]+)?)$"), answer)


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def heading(page):
    return page.get_by_role("heading", level=1)


def meet_an_empty_root(page, site):
    page.goto(site.pages)
    expect(page).to_have_title("6 not made yet · hn_luigi")
    expect(heading(page)).to_have_text("6 not made yet")
    for name in ("top/story_ids", "top/stories", "top/wordcloud"):
        expect(row(page, name).locator(".badge")).to_have_text("not made yet")
    page.locator(".graph").get_by_role("link", name="top/wordcloud").click()
    expect(page.get_by_text("Nothing has been made yet.")).to_be_visible()


def go_to_luigi_s_tasks_and_back(page, site):
    page.goto(site.pages)
    page.get_by_role("link", name="Luigi’s visualiser").click()
    expect(page.get_by_role("link", name="Task List")).to_be_visible()
    page.get_by_role("link", name="Assets").click()
    expect(page).to_have_url(site.pages)


def make_everything(page, site, other):
    page.goto(site.pages)
    page.get_by_role("button", name="Materialize 6 of 6").click()
    expect(heading(page)).to_have_text(RUNNING)
    see_it_under_way(page.context.new_page(), site)
    wrong = wrong_with(other, site.pages) + wrong_with(other, page.url)
    assert not wrong, "\n".join(wrong)
    site.api.latency = 0
    expect(heading(page)).to_have_text(DONE)
    expect(page.get_by_role("status")).to_have_text("Done.")
    expect(page.locator("pre")).to_contain_text("Making Wordcloud")


def see_it_under_way(page, site):
    """In a window of its own, so that nothing but itself loads the run's page again."""
    page.goto(site.pages)
    expect(row(page, "top/stories").locator(".badge")).to_contain_text("running")
    expect(page.locator(".graph progress:not([value='0'])")).to_be_visible()
    page.get_by_role("link", name="follow its log").click()
    expect(page.locator("pre")).to_contain_text("Making Stories")
    page.close()


def see_the_picture(page, site):
    page.goto(f"{site.pages}/top/wordcloud")
    expect(heading(page)).to_have_text("top/wordcloud fresh")
    picture = page.get_by_role("img", name=re.compile("cloud", re.IGNORECASE))
    assert picture.evaluate("e => e.complete && [e.naturalWidth, e.naturalHeight]") == [600, 300]
    assert has_colours(drawn(picture))


def drawn(element):
    # Playwright hides the caret by a style of its own, which these pages allow nobody.
    return Image.open(BytesIO(element.screenshot(caret="initial"))).convert("RGB")


def has_colours(image):
    """Whether it is of several colours, none of them grey."""
    hues = image.convert("HSV")
    found = hues.getcolors(image.width * image.height)
    vivid = {hue // 16 for _, (hue, saturation, _) in found if saturation > 64}
    return len(vivid) >= 3


def read_the_stories_of_a_word(page):
    area = page.locator(".picture svg a").last
    word, asked = area.get_attribute("aria-label"), area.locator("title").text_content()
    area.click()
    expect(heading(page)).to_have_text(f"“{word}”")
    titles = page.locator(".page li a:first-child").all_inner_texts()
    assert titles
    assert all(word.casefold() in title.casefold() for title in titles)
    assert asked == word
    page.get_by_role("link", name="Back to top/wordcloud").click()
    expect(heading(page)).to_contain_text("top/wordcloud")


def step_to_an_older_window_and_back_by_keyboard(page, site):
    (made,) = (path.stem for path in (site.folder / "data/top/stories").glob("*.parquet"))
    copy_window(site.folder, made, OLDER)
    page.goto(f"{site.pages}/top/wordcloud")
    shown = page.get_by_role("navigation", name="Windows").locator("strong")
    newest = shown.inner_text()
    press(page, "← older")
    expect(shown).to_have_text("Window 2020-02-20")
    assert has_colours(drawn(page.locator(".picture img")))
    press(page, "newer →")
    expect(shown).to_have_text(newest)


def copy_window(folder, name, copied):
    """Store what is stored of the window called ``name`` under the name ``copied`` too."""
    for path in list((folder / "data").rglob(f"{name}.*")):
        copy = path.with_name(path.name.replace(name, copied))
        shutil.copy2(path, copy)
        if "_records" in path.parts:
            copy.write_text(path.read_text().replace(name, copied))


def press(page, name):
    """Go to the link called ``name`` from the page's top, and along it, with two keys."""
    link = page.get_by_role("link", name=name, exact=True)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if link.evaluate("e => e == document.activeElement"):
            break
    page.keyboard.press("Enter")


def sort_the_stories_by_points(page, site):
    page.goto(f"{site.pages}/top/stories")
    points = [int(text) for text in page.locator("td:nth-child(8)").all_inner_texts()]
    assert len(points) == 30
    for order, rising in (("ascending", sorted(points)), ("descending", sorted(points)[::-1])):
        page.get_by_role("link", name="score").click()
        expect(page.locator(f"th[aria-sort={order}]")).to_contain_text("score")
        expect(page.locator("td:nth-child(8)")).to_have_text([str(n) for n in rising])
        assert points != rising


def read_hostile_titles_as_text(page, site):
    page.goto(f"{site.pages}/top/stories")
    expect(page.get_by_text(HOSTILE, exact=True)).to_be_visible()
    expect(page.locator("tbody tr").nth(15)).to_contain_text("![tracking pixel](")
    expect(page.locator("main :is(script, img), a[href^='javascript:']")).to_have_count(0)


def fail_for_want_of_the_api(page, site):
    site.api.stop()
    page.goto(site.pages)
    expect(page).to_have_title("All fresh · hn_luigi")
    page.get_by_role("button", name="Materialize again").click()
    expect(heading(page)).to_have_text(FAILED)
    why = re.compile(rf".*: .*{re.escape(site.api.base_url)}")
    expect(page.get_by_role("status")).to_have_text(why)
    page.get_by_role("link", name="All runs").click()
    expect(page.locator(".runs td").nth(3)).to_contain_text("failed")
    page.get_by_role("link", name="Assets", exact=True).click()
    expect(heading(page)).to_have_text("All fresh")  # what is stored is as good as it was
    told = row(page, "top/story_ids").locator(".note")
    expect(told).to_have_text(re.compile("The last attempt to make it again failed"))
    expect(told).to_contain_text(site.api.base_url)
    row(page, "top/story_ids").get_by_role("link", name="top/story_ids").click()
    expect(heading(page)).to_have_text("top/story_ids fresh")
    failed = re.compile(rf"The last attempt failed.*: .*{re.escape(site.api.base_url)}")
    expect(page.locator(".notice")).to_have_text(failed)


def see_the_tasks_that_luigi_ran(page, site):
    page.goto(f"{site.url}/static/visualiser/index.html")
    expect(page.locator("#taskTable tbody")).to_contain_text("Wordcloud")


def runs_of(site):
    """The pages of the runs that were started, the newest first."""
    with urlopen(f"{site.url}/runs") as answer:
        return list(dict.fromkeys(re.findall(r"/runs/[0-9a-f]{12}", answer.read().decode())))


def places(site):
    """The pages, by their addresses."""
    below = (
        "/assets", "/assets/top/story_ids", "/assets/top/stories", "/assets/top/wordcloud",
        f"/assets/top/wordcloud?window={OLDER}", f"/assets/top/wordcloud?window={GAP}",
        f"/assets/top/story_ids?window={OLDER}", "/runs", *runs_of(site),
    )  # fmt: skip
    return [f"{site.url}{place}" for place in below]


def look_everything_over(page, site):
    word = f"{site.url}{page_of_a_word(page, site)}"
    wrong = [line for place in [*places(site), word] for line in wrong_with(page, place)]
    assert not wrong, "\n".join(wrong)


def page_of_a_word(page, site):
    page.goto(f"{site.pages}/top/wordcloud")
    return page.locator(".picture svg a").first.get_attribute("href")


def wrong_with(page, place):
    """What is wrong with a page, on a telephone and on a desk, by day and by night."""
    page.goto(place)
    page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    found = []
    for size in (WIDE, NARROW):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            seen = f"{urlsplit(place).path}, {size['width']} pixels, {scheme}"
            found += [f"{seen}: {line}" for line in [*page.evaluate(LOOK), *barriers(page)]]
    page.set_viewport_size(WIDE)
    return found


def reach_everything_by_keyboard(page, site):
    for place in ("/assets", "/assets/top/wordcloud", "/runs", runs_of(site)[0]):
        page.goto(f"{site.url}{place}")
        focused = tabbed_through(page)
        assert [element for element, is_seen in focused if not is_seen] == []
        assert len(focused) == page.evaluate(CAN_BE_FOCUSED)
        first = [element for element, _ in focused[:MOST_TABS_TO_THE_BUTTON]]
        assert place.startswith("/runs") or any('class="primary"' in each for each in first)


def tabbed_through(page):
    """What the Tab key leads to until it leaves the page, and whether one sees that."""
    found = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return found
        found.append(focused)
    raise AssertionError(f"it is more than {MOST_TABS} long, or a trap: {found[-3:]}")


def be_told_what_is_not_there(page, site):
    assert wrong_with(page, f"{site.pages}/nonsense") == []
    expect(heading(page)).to_have_text("404")
