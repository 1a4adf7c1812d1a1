"""Luigi's visualiser in Chromium: it shows what strangers wrote, and runs none of it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import luigi
import pytest

from hn_luigi import StoryIds
from hn_luigi.assets.execution import attempt

from ..limits import patience
from .client import data
from .test_browser import browser, expect

__all__ = ["browser"]
# What it would do, it does as soon as it is a part of the page.
IMAGE = "<img src=x onerror=\"document.title='Pwned'\">"
INDEX = "/static/visualiser/index.html"
TITLE = "Luigi Task Visualiser"


@pytest.fixture
def page(browser):
    context = browser.new_context()
    context.set_default_timeout(patience() * 1000)
    expect.set_options(timeout=patience() * 1000)
    yield context.new_page()
    expect.set_options(timeout=None)
    context.close()


@pytest.fixture
def said(page):
    """What the browser complains of."""
    said = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def call(server):
    """Calls the API as Luigi's own workers do."""

    def run(method, **arguments):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return server.ask("POST", f"/api/{method}", kind, data(**arguments).encode()).status

    return run


@pytest.fixture
def hostile_api(settings):
    """An API whose errors are a page's."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"error": IMAGE}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as api:
        thread = threading.Thread(target=api.serve_forever)
        thread.start()
        settings("hackernews", base_url=f"http://127.0.0.1:{api.server_port}/v0", attempts=1)
        yield
        api.shutdown()
        thread.join()


@pytest.fixture
def failing(server, hostile_api, clock, monkeypatch):
    """A run that has failed once, and waits for its next try until the test is over."""
    told, over = threading.Event(), threading.Event()

    def wait(seconds):
        told.set()
        over.wait(patience())

    monkeypatch.setattr(attempt, "sleep", wait)
    options = {"local_scheduler": False, "scheduler_url": f"http://{server.host}"}
    run = threading.Thread(target=luigi.build, args=([StoryIds()],), kwargs=options)
    run.start()
    yield lambda: told.wait(patience())
    over.set()
    run.join(patience())


def see_the_message(page, server):
    page.goto(f"http://{server.host}{INDEX}")
    page.locator("#taskTable .statusMessage").click()
    return page.locator("#statusMessageModal pre")


def test_an_api_s_error_is_text(page, server, failing, said):
    assert failing()
    (task,) = server.tasks("RUNNING").values()
    assert "Pwned" in task["status_message"]  # or there would be nothing to see
    expect(see_the_message(page, server)).to_contain_text(IMAGE[:30])
    assert page.locator("#statusMessageModal img").count() == 0
    expect(page).to_have_title(TITLE)
    assert IMAGE[:30] in server.page("/assets").text
    assert [line for line in said if "404" not in line] == []  # it has no icon


def test_a_message_of_any_worker_is_text(page, server, call):
    assert call("add_task", worker="w", task_id="T", family="T") == 200
    assert call("get_work", worker="w") == 200
    assert call("set_task_status_message", task_id="T", status_message=f"a & b {IMAGE}") == 200
    expect(see_the_message(page, server)).to_have_text(f"a & b {IMAGE}")
    expect(page).to_have_title(TITLE)


def test_what_gets_in_as_html_is_no_script(page, server, call):
    """From the state of an older server, say: the policy of the page stops it."""
    assert call("add_task", worker="w", task_id="T", family="T") == 200
    assert call("get_work", worker="w") == 200
    server.scheduler.set_task_status_message("T", IMAGE)
    with page.expect_console_message(lambda line: "Content Security Policy" in line.text):
        see_the_message(page, server)
    expect(page.locator("#statusMessageModal img")).to_have_count(1)
    page.wait_for_function("document.querySelector('#statusMessageModal img').complete")
    expect(page).to_have_title(TITLE)


def test_all_of_it_works_under_its_policy(page, server, call, said):
    params = {"a": IMAGE, "b": "1"}
    for status, name in (("PENDING", "Above"), ("PENDING", "Below"), ("FAILED", "Failed")):
        deps = ["Below_1"] if name == "Above" else []
        added = {"task_id": f"{name}_1", "family": name, "params": params, "deps": deps}
        expl = json.dumps(f"Traceback: {IMAGE}")
        assert call("add_task", worker="w", status=status, expl=expl, **added) == 200
    assert call("add_worker", worker="w", info=[["workers", 1], ["first_task", "Above_1"]]) == 200
    assert call("get_work", worker="w") == 200
    assert call("set_task_progress_percentage", task_id="Below_1", progress_percentage=40) == 200

    page.goto(f"http://{server.host}{INDEX}")
    expect(page.locator("#taskTable tbody")).to_contain_text(IMAGE)
    expect(page.locator(".toggle")).to_contain_text("Running")
    page.locator("#taskTable .showError").click()
    expect(page.locator("#errorModal pre").first).to_have_text(f"Traceback: {IMAGE}")
    for kind in ("svg", "d3"):
        page.goto("about:blank")
        page.goto(f"http://{server.host}{INDEX}#tab=graph&taskId=Above_1&visType={kind}")
        expect(page.locator("#graphPlaceholder svg")).to_contain_text("Above")
        expect(page.locator("#graphPlaceholder svg")).to_contain_text("Below")
    page.goto("about:blank")
    page.goto(f"http://{server.host}{INDEX}#tab=workers")
    expect(page.locator("#workerList .progress-bar")).to_have_text("40%")
    wide = "e => getComputedStyle(e).width != getComputedStyle(e.parentElement).width"
    assert page.locator("#workerList .progress-bar").evaluate(wide)
    expect(page).to_have_title(TITLE)
    assert [line for line in said if "404" not in line] == []


def test_an_address_has_no_say(page, server):
    """The page puts what is behind its # into searches."""
    for name in ("family", "search__search", "taskId", "statuses", "resources"):
        page.goto("about:blank")
        page.goto(f"http://{server.host}{INDEX}#{name}={quote(IMAGE)}")
        expect(page.locator(".toggle")).to_be_visible()
        expect(page).to_have_title(TITLE)
