"""``hn-luigi page`` writes a page that needs nothing else, of what strangers wrote."""

from __future__ import annotations

import os
import shlex
from html.parser import HTMLParser

import pytest

from hn_luigi import Wordcloud
from hn_luigi.replica import FrontPage
from hn_luigi.strangers import one_line

from ..web.document import parsed

HOSTILE = "</title><script>alert(1)</script> Rust"
ITEMS = [
    {"id": 1, "type": "story", "title": HOSTILE, "url": "javascript:alert(1)", "score": 9},
    {"id": 2, "type": "story", "title": 'Go" onclick="x Rust', "url": "https://a.example/?a=1&b"},
    {"id": 3, "type": "story", "title": "Ask HN: C++ or Rust?", "score": 5},
    {
        "id": 4,
        "type": "story",
        "title": "Rust שלום",
        "url": "https://www.bank.example@evil.example",
    },
    {"id": 5, "type": "story", "title": "Rust \u202etxet", "score": 1},
]


class Tags(HTMLParser):
    """What is in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.ids, self.words = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        self.ids.add(attributes.get("id"))
        self.links += [v for n, v in attributes.items() if n in ("href", "src")]

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def made(replica, settings, clock, succeed):
    replica.front_page = FrontPage({item["id"]: item for item in ITEMS})
    settings("cloud", width=300, height=150)
    succeed(Wordcloud())


@pytest.fixture
def page(made, say, tmp_path):
    said = say(["page", "--file", str(tmp_path / "cloud.html")])
    assert said == (0, f"Written: {tmp_path / 'cloud.html'}\n", "")
    return Tags((tmp_path / "cloud.html").read_text())


def test_it_needs_no_other_file_and_runs_nothing(page):
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    starts = {link.partition(":")[0] if ":" in link else link[:1] for link in page.links}
    assert starts == {"#", "data", "https"}


def test_a_word_leads_to_the_stories_behind_it(page):
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= page.ids
    (rust,) = {a["href"] for tag, a in page.tags if a.get("aria-label") == "Rust"}
    assert rust[1:] in page.ids
    text = "".join(page.words)
    for item in ITEMS:
        assert one_line(item["title"]) in text


def test_a_title_moves_nothing_that_stands_beside_it(page, tmp_path):
    """Right-to-left letters would take the points to their other side, a control all the rest."""
    text = (tmp_path / "cloud.html").read_text()
    behind = parsed(text).all("section", class_="detail")
    for item in (item for section in behind for item in section.all("li")):
        assert item.all("a")[0].text == item.all("bdi")[0].text
    assert {section.one("h2").one("bdi").text for section in behind} >= {"Rust", "שלום"}
    assert "\u202e" not in text
    (hebrew,) = [a for a in parsed(text).one("table").all("a") if "שלום" in a.text]
    assert parsed(text).one("section", id=hebrew["href"][1:]).one("h2").text == "“שלום”"


def test_no_address_leads_elsewhere_than_it_says(page):
    assert not [link for link in page.links if "evil.example" in link]


def test_a_window_that_is_not_stored_is_one_line(made, say, tmp_path):
    said = say(f"page --as-of 2026-11-21T1230 --file {tmp_path / 'cloud.html'}")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert "top/wordcloud of 2026-11-21 12:30 is not stored under " in said.err
    assert list(tmp_path.glob("*.html")) == []


@pytest.mark.parametrize("words", [[], ["--feed", "show"], ["Wordcloud", "--feed", "show"]])
def test_before_the_first_run_it_says_how_to_make_one_where_it_looked(words, say, root, tmp_path):
    """With the flags for root and watch list that it was given, before it or after."""
    watch = ["--watch", "hn_luigi Wordcloud --feed ask"]
    path = str(tmp_path / "cloud.html")
    said = say([*watch, "page", *words, "--storage-root", str(root), "--file", path])
    told = shlex.join(["hn-luigi", "run", *words, *watch, "--storage-root", str(root)])
    assert (said.code, said.out) == (2, "")
    assert f"wordcloud is stored under {root}: make one with {told}, or " in said.err


def test_it_takes_any_asset_that_is_watched(made, say, tmp_path):
    """The newest window by default, which may be over."""
    path = tmp_path / "page.html"
    assert say(f"page top/wordcloud --file {path}").code == 0
    assert "Rust" in path.read_text()


class TestTheFile:
    @pytest.mark.parametrize("command", ["page", "metrics"])
    def test_is_replaced_for_everybody_to_read(self, made, say, tmp_path, command):
        (tmp_path / "there").write_text("old")
        (tmp_path / "link").symlink_to("there")
        assert say(f"{command} --file {tmp_path / 'link'}").code == 0
        assert (tmp_path / "link").is_symlink()
        assert len((tmp_path / "there").read_text()) > 100
        assert (tmp_path / "there").stat().st_mode & 0o777 == 0o644
        assert not list(tmp_path.glob(".*"))

    @pytest.mark.parametrize("command", ["page", "metrics"])
    def test_is_no_device_or_pipe(self, made, say, tmp_path, command):
        os.mkfifo(tmp_path / "pipe")
        said = say(f"{command} --file {tmp_path / 'pipe'}")
        assert said.code == 2
        assert said.err.endswith("/pipe: it is no file; name another\n")
        assert (tmp_path / "pipe").is_fifo()
