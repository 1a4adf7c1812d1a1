"""``hn-luigi serve`` in a folder of a user's, and a reader who follows every link."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from ..limits import patience
from ..processes import PIPES, REPOSITORY
from ..web.client import Answer, Client
from ..web.document import Element, parsed

SERVE = "from hn_luigi.cli import main\nmain(['serve', '--port', '0'])"
MOST_PAGES = 1000
LINKS = (("a", "href"), ("img", "src"), ("image", "href"), ("link", "href"))


@contextmanager
def served(folder, before=""):
    """``hn-luigi serve`` in a folder; who asks it."""
    command = [sys.executable, "-c", before + SERVE]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=folder, env=environment, **PIPES) as process:
        try:
            line = next(line for line in process.stdout if "http://" in line)
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield Client(urlsplit(re.search(r"http://\S+", line)[0]).port)
        finally:
            process.terminate()
            process.wait(patience())


@dataclass
class Site:
    """What a reader finds who follows every link."""

    answers: dict[str, Answer] = field(default_factory=dict)
    pages: dict[str, Element] = field(default_factory=dict)
    linked_from: dict[str, str] = field(default_factory=dict)

    def explore(self, client, start):
        pending = [start]
        while pending:
            path = pending.pop(0)
            if path in self.answers:
                continue
            assert len(self.answers) < MOST_PAGES, "pages lead on and on"
            answer = self.answers[path] = client.get(path)
            kind = answer.headers.get("Content-Type", "")
            if not kind.startswith("text/html") or not path.startswith(("/assets", "/runs")):
                continue
            page = self.pages[path] = answer.page
            for link in links_in(page, path):
                self.linked_from.setdefault(link, path)
                pending.append(link)

    def of(self, asset):
        """The pages of an asset."""
        there = f"/assets/{asset.folder}"
        return {p: page for p, page in self.pages.items() if unquote(urlsplit(p).path) == there}


def links_in(page, path):
    """Addresses on the same server, without fragments."""
    for tag, name in LINKS:
        for element in page.all(tag):
            target = urljoin(path, element.attributes.get(name, ""))
            if not urlsplit(target).netloc and not urlsplit(target).scheme:
                yield urldefrag(target).url


@dataclass(frozen=True)
class Button:
    """What a press of it sends."""

    action: str
    fields: dict[str, str]


def buttons_of(page):
    for form in page.all("form"):
        if form.attributes.get("method", "").lower() == "post":
            fields = {each["name"]: each["value"] for each in form.all("input")}
            for button in form.all("button"):
                yield Button(form["action"], fields | {button["name"]: button["value"]})


def press(client, path, number=0):
    """Press that button of a page; the page of the run that it starts."""
    seen = client.get(path)
    button = [*buttons_of(parsed(seen.text))][number]
    headers = {"Cookie": seen.cookie, "Origin": f"http://{client.host}"}
    answer = client.post(urljoin(path, button.action), headers, **button.fields)
    assert answer.status == 303, answer.text
    return answer.headers["Location"]


def ended(client, run):
    """What the page of a run says once it is over, and no longer loads itself again."""
    time.sleep(0.1)  # each look takes the server from the run
    page = client.page(run)
    return not page.all("meta", http_equiv="refresh") and page.text
