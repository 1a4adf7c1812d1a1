"""Each page that leads from the first, of assets that nobody here knows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from luigi.scheduler import Scheduler

from hn_luigi.web.handlers import NotFound, Page, application
from hn_luigi.web.runs import Runs

from ..limits import patience
from ..processes import PIPES, REPOSITORY, wait_until
from ..web.client import Answer, Client
from ..web.document import Element, parsed
from .conftest import AT, OURS, PIN

pytestmark = pytest.mark.slow
SERVE = "from hn_luigi.cli import main\nmain(['serve', '--port', '0'])"
MOST_PAGES = 1000
IN_RUNS = ("/runs", "/runs/1")
"""What test_each_button_starts_a_run_that_ends asks for."""
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


@pytest.fixture(scope="module")
def site(made_once, tmp_path_factory):
    """All of it, at 12:34:56."""
    folder = tmp_path_factory.mktemp("site") / "work"
    shutil.copytree(made_once, folder)
    with served(folder, AT.format(34)) as client:
        site = Site()
        site.explore(client, "/assets")
    return site


def test_no_link_is_dead_and_no_page_fails(site):
    bad = {
        p: (a.status, site.linked_from.get(p)) for p, a in site.answers.items() if a.status != 200
    }
    assert bad == {}


def test_each_asset_has_a_page_that_is_linked_from_the_first(site, assets):
    first = {unquote(urlsplit(link).path) for link in links_in(site.pages["/assets"], "/assets")}
    for asset in assets:
        assert f"/assets/{asset.folder}" in first
        assert site.of(asset), asset.folder


def test_each_page_calls_its_asset_by_its_folder(site, assets):
    for asset in assets:
        for page in site.of(asset).values():
            assert asset.folder in page.one("main").text


def test_nothing_speaks_of_our_graph_or_tells_what_is_private(site):
    for path, page in site.pages.items():
        assert not OURS.search(page.text), path
        assert PIN not in site.answers[path].text, path


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("sky", ["constellation", "<i>Orion</i>", "int64"]),
        ("names", ["<i>Orion</i>: the hunter"]),
        ("signal", ["4.1 kB"]),
        ("night", ["2 looks at the sky, 8,192 bytes."]),
        ("vault", ["characters", "nested", "<i>"]),
        ("comet", ["LookupError: no comet in <b>Lyra</b>"]),
        ("orbit", ["missing"]),
    ],
)
def test_an_output_is_shown_by_what_it_is(site, assets, name, shown):
    (asset,) = [asset for asset in assets if asset.folder == name]
    text = " ".join(page.text for page in site.of(asset).values())
    assert [what for what in shown if what not in text] == []


def test_a_page_says_what_a_plain_task_read(site, assets):
    dues = assets[1]
    text = " ".join(page.text for page in site.of(dues).values())
    assert "Ané <b>maria</b>" in text
    assert "600.0" in text


def test_what_a_class_shows_itself_leads_to_details(site, assets):
    (night,) = [asset for asset in assets if asset.folder == "night"]
    text = " ".join(page.text for page in site.of(night).values())
    assert "4 of its stars" in text
    assert "<i>Orion</i>" in text


def test_each_kind_of_page_is_among_them(site):
    rules = application(Scheduler(), Runs("")).wildcard_router.rules
    own = [rule for rule in rules if issubclass(rule.target, Page) and rule.target != NotFound]
    patterns = [rule.matcher.regex for rule in own]
    paths = {*(urlsplit(link).path for link in site.answers), *IN_RUNS}
    assert [each for each in patterns if not any(map(each.fullmatch, paths))] == []


def test_a_picture_is_a_picture(site, assets):
    (plate,) = [asset for asset in assets if asset.folder == "plate"]
    pictures = {
        link: site.answers[link]
        for path, page in site.of(plate).items()
        for link in links_in(page, path)
        if site.answers[link].body.startswith(b"\x89PNG")
    }
    assert pictures
    assert all(p.headers["Content-Type"] == "image/png" for p in pictures.values())


def test_what_nobody_knows_can_be_downloaded(site, assets):
    (signal,) = [asset for asset in assets if asset.folder == "signal"]
    told = [
        site.answers[link]
        for path, page in site.of(signal).items()
        for link in links_in(page, path)
    ]
    assert bytes(range(256)) * 16 in [answer.body for answer in told]


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


@pytest.mark.parametrize("name", ["dues", "vault", "comet"])
def test_each_button_starts_a_run_that_ends(name, empty, tmp_path, assets):
    (asset,) = [asset for asset in assets if asset.folder.endswith(name)]
    work = tmp_path / "now"
    shutil.copytree(empty, work)
    with served(work) as client:
        links = links_in(client.page("/assets"), "/assets")
        path = next(link for link in links if unquote(link) == f"/assets/{asset.folder}")
        count = len([*buttons_of(client.page(path))])
        assert count
        for number in range(count):
            seen = client.get(path)
            button = [*buttons_of(parsed(seen.text))][number]
            headers = {"Cookie": seen.cookie, "Origin": f"http://{client.host}"}
            answer = client.post(urljoin(path, button.action), headers, **button.fields)
            assert answer.status == 303, answer.text
            run = answer.headers["Location"]
            said = wait_until(lambda run=run: ended(client, run))
            assert ("Done." in said) == ("no comet" not in said), said
        site = Site()
        site.explore(client, "/assets")
        assert {a.status for a in site.answers.values()} == {200}
        assert run in site.answers
    outputs = [p for p in work.rglob(f"{name}/*") if not re.search("/_(records|fail)", str(p))]
    assert bool(outputs) == (name != "comet")


def ended(client, run):
    """What the page of a run says once it is over, and no longer loads itself again."""
    time.sleep(0.1)  # each look takes the server from the run
    page = client.page(run)
    return not page.all("meta", http_equiv="refresh") and page.text
