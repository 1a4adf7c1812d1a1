"""A folder of a user's with a graph of days, a week and a table, and the site of it."""

from __future__ import annotations

import base64
import importlib
import sys
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import quote, unquote, urldefrag, urljoin

import pytest
from PIL import Image

from hn_luigi.publishing import publish_site

from ..web.document import parsed

HERE = "https://site.example/"
TODAY = datetime(2026, 11, 22)
DAYS = [f"2026-11-{day}" for day in (20, 21, 22)]
GRAPH = '''
from pathlib import Path

import luigi
from luigi.parameter import ParameterVisibility
from hn_luigi.assets import Asset, View


class Menu(Asset):
    """A page of a day, with a picture; a dish leads to what is in it."""

    window_length = "day"
    suffix = ".md"
    keeps_latest = True

    def compute(self):
        return Path("menu.md").read_text().replace("@day", f"{self.as_of:%Y-%m-%d}")

    def view(self, made):
        with open("views.log", "a") as log:
            log.write(f"{made.window}\\n")
        if made.window in Path("bad.txt").read_text():
            raise RuntimeError("no such dish")
        details = {"soup": lambda: "Of [leeks](#leeks).", "leeks": lambda: "Grown here."}
        areas = {"soup": (0, 0, 5, 5)}
        return View(made.value + " [Soup](#soup), [salt](https://salt.example/)", details, areas)


class Till(Asset):
    """A table of ten minutes."""

    city = luigi.Parameter("Ulm & Oslo")
    suffix = ".json"

    def compute(self):
        return [{"dish": "soup", "sold": 3}]


class Week(Asset):
    window_length = "week"
    suffix = ".json"

    def compute(self):
        return {"sold": 21}


class Staff(Asset):
    """No window."""

    window_length = None
    suffix = ".json"

    def compute(self):
        return [{"name": "Ada"}]


class Safe(Asset):
    combination = luigi.Parameter("4711-secret", visibility=ParameterVisibility.PRIVATE)
    suffix = ".json"

    def compute(self):
        return 1
'''


def picture(size=(10, 10), *, noisy=False):
    """A picture in Markdown."""
    image = Image.effect_noise(size, 99) if noisy else Image.new("RGB", size, "red")
    image.save(out := BytesIO(), "PNG")
    return f"![Dishes](data:image/png;base64,{base64.b64encode(out.getvalue()).decode()})"


MENU = f"# Menu of @day\n\n{picture()}\n\nToday:"


class Folder:
    """Where the site is, and what it is made from."""

    def __init__(self, work, settings, succeed, clock):
        self.work, self._settings, self._succeed, self._clock = work, settings, succeed, clock
        self.path = work / "site"
        self.module = None

    def watch(self, *names):
        self._settings("assets", watch="\n".join(f"kitchen_of_site {name}" for name in names))

    def make(self, name="Menu", at=TODAY, **parameters):
        times = {} if at is None else {"as_of": at}
        task = getattr(self.module, name)(**times, **parameters)
        self._succeed(task)
        return task

    def next_day(self):
        """The next day begins, and is made."""
        self._clock.advance(days=1)
        return self.make(at=self._clock.at.replace(hour=0, minute=0, second=0))

    def menu(self, text):
        (self.work / "menu.md").write_text(text)

    def publish(self, **options):
        return publish_site(str(self.path), **options)

    def files(self):
        """What the site has, by path; without what it notes for itself."""
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in self.path.rglob("*")
            if path.is_file() and not path.name.startswith(".hn_luigi")
        }

    def times(self):
        """What tells that a file was replaced, by path."""
        return {
            path.relative_to(self.path).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in self.path.rglob("*")
            if path.is_file()
        }

    def replaced(self, publish):
        """The files that are other ones, or new, after ``publish``."""
        before = self.times()
        publish()
        return {path for path, at in self.times().items() if before.get(path) != at}

    def page(self, path):
        return parsed((self.path / path).read_text())

    def drawn(self):
        """The windows that were shown by view() so far."""
        log = self.work / "views.log"
        return log.read_text().split() if log.exists() else []

    def dead_links(self):
        """Links of all pages that lead to nothing in the site, and pages that none leads to."""
        pages = {path: self.page(path) for path in self.files() if path.endswith(".html")}
        dead, met = [], {"index.html"}
        for path, page in pages.items():
            links = [
                e["href"] for tag in ("a", "link") for e in page.all(tag) if "href" in e.attributes
            ]
            links += [e["src"] for e in page.all("img")]
            for link in links:
                if link.startswith(("http://", "https://")):
                    continue
                to, anchor = urldefrag(urljoin(f"{HERE}{quote(path)}", link).removeprefix(HERE))
                to = unquote(to.partition("?")[0])
                met.add(to)
                is_there = not link.startswith("/") and to in self.files()
                if not is_there or (anchor and anchor not in _ids(pages[to])):
                    dead.append((path, link))
        return dead, set(self.files()) - met


def _ids(page):
    return {element.attributes["id"] for element in page if "id" in element.attributes}


@pytest.fixture
def site(tmp_path, monkeypatch, settings, clock, succeed):
    """Three days of a menu are made; nothing is published yet."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "kitchen_of_site.py").write_text(GRAPH)
    (work / "bad.txt").write_text("")
    monkeypatch.chdir(work)
    monkeypatch.syspath_prepend(work)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    folder = Folder(work, settings, succeed, clock)
    folder.menu(MENU)
    folder.module = importlib.import_module("kitchen_of_site")
    folder.watch("Menu")
    for days in (2, 1, 0):
        folder.make(at=TODAY - timedelta(days=days))
    yield folder
    del sys.modules["kitchen_of_site"]
