"""The feed is valid by RFC 4287, by itself, and says of each day what its page does."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest

from hn_luigi.publishing.feed import Entry, address_of, feed_of

from ..web.document import parsed
from .conftest import DAYS, TODAY, picture

BASE = "https://news.example.org/hn"
ATOM = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
FEED_HAS = {"author", "category", "contributor", "entry", "generator", "icon", "id", "link", "logo",
            "rights", "subtitle", "title", "updated"}  # fmt: skip
ENTRY_HAS = {"author", "category", "content", "contributor", "id", "link", "published", "rights",
             "source", "summary", "title", "updated"}  # fmt: skip


def require_valid(data):
    """What RFC 4287 demands of a feed (4.1.1, 4.1.2, 4.2.6, 4.2.7, 3.1, 3.3)."""
    feed = ElementTree.fromstring(data)
    assert feed.tag == f"{ATOM}feed"
    authors = _all(feed, "author")
    _require_once(feed, FEED_HAS)
    (own,) = [link for link in _all(feed, "link") if link.get("rel") == "self"]
    assert urlsplit(own.get("href")).scheme in ("http", "https")
    entries = _all(feed, "entry")
    for entry in entries:
        _require_once(entry, ENTRY_HAS)
        assert authors or _all(entry, "author")
        (content,) = _all(entry, "content")
        assert content.get("type") == "html"
        assert not list(content)  # 3.1.1.2: no child elements
        assert [link.get("rel") for link in _all(entry, "link")] == ["alternate"]
    ids = [_all(entry, "id")[0].text for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(author.find(f"{ATOM}name").text for author in authors)
    return feed


def _require_once(element, allowed):
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= allowed
    for name in ("id", "title", "updated"):
        assert names.count(name) == 1, name
    (id_,) = _all(element, "id")
    assert urlsplit(id_.text).scheme == "https"
    assert DATE.fullmatch(_all(element, "updated")[0].text)


def _all(element, name):
    return element.findall(ATOM + name)


@pytest.fixture
def read(site):
    """Publishes the site at an address, and reads its feed as a reader does."""

    def publish(base_url=BASE):
        site.publish(base_url=base_url)
        data = (site.path / "feed.xml").read_bytes()
        require_valid(data)
        found = feedparser.parse(data)
        assert not found.bozo
        assert found.version == "atom10"
        return found

    return publish


def test_it_has_the_newest_days_first_each_with_all_that_its_page_shows(site, read):
    entries = read().entries
    assert [entry.title for entry in entries] == [f"Menu of {day}" for day in reversed(DAYS)]
    for entry, day in zip(entries, reversed(DAYS), strict=True):
        assert entry.link == f"{BASE}/menu/{day}.html"
        # What is behind a link is on the page, hidden; a reader would show all of it.
        assert parsed(entry.content[0].value).text == f"Menu of {day} Today: Soup, salt"
        record = site.module.Menu(datetime.fromisoformat(day)).partition.record()
        assert entry.updated_parsed[:6] == datetime(2026, 11, 22, 12, 34, 56).timetuple()[:6]
        assert entry.updated.startswith(record.created_at[:19])


def test_an_entry_shows_its_pictures_and_leads_to_its_page_wherever_it_is_read(site, read):
    for entry in read().entries:
        # As it is written: feedparser makes addresses absolute itself.
        day = entry.link[-15:-5]
        content = parsed(entry.content[0].value)
        (image,) = content.all("img")
        where = urlsplit(image["src"])
        assert where.geturl().startswith(f"{BASE}/menu/{day}-1.png?")
        assert where.path.removeprefix("/hn/") in site.files()
        links = {a["href"] for a in content.all("a") if "href" in a.attributes}
        page = f"{BASE}/menu/{day}.html"
        assert links == {f"{page}#detail-0", "https://salt.example/"}
        assert not content.all("svg")


def test_no_address_in_it_is_relative(site):
    site.publish(base_url=BASE)
    text = (site.path / "feed.xml").read_text()
    found = re.findall(r'(?:href|src)=(?:"|&quot;)([^"&]*)', text)
    assert found
    assert all(url.startswith("https://") for url in found)


def test_ids_stay_when_the_site_moves(site, read):
    before = [entry.id for entry in read().entries]
    moved = read("http://elsewhere.example/").entries
    assert [entry.id for entry in moved] == before
    assert moved[0].link.startswith("http://elsewhere.example/menu/")


def test_ids_stay_when_the_site_is_published_from_nothing(site, read):
    before = [entry.id for entry in read().entries]
    site.path = site.work / "again"
    assert [entry.id for entry in read(BASE + "/").entries] == before


def test_pages_tell_readers_of_it(site, read):
    read()
    for path, feed in (("index.html", "feed.xml"), ("menu/index.html", "../feed.xml")):
        (link,) = site.page(path).all("link", rel="alternate")
        assert (link["type"], link["href"]) == ("application/atom+xml", feed)
    assert site.dead_links() == ([], set())


def test_it_is_as_long_as_a_reader_can_bear(site, read):
    for _ in range(22):
        site.next_day()
    entries = read().entries
    assert len(entries) == 20
    assert entries[0].title == "Menu of 2026-12-14"


def test_a_title_of_strangers_is_text(site, read):
    site.menu(f"# </title> <b>&amp; \ufffe @day\n\n{picture()}\n\n- \x1f")
    site.next_day()
    entry = read().entries[0]
    assert entry.title_detail.type == "text/plain"
    assert entry.title == "</title> <b>& \ufffd 2026-11-23"


def test_without_an_address_there_is_none_and_an_old_one_goes(site, read):
    read()
    assert site.publish().removed == 1
    assert "feed.xml" not in site.files()
    assert not site.page("index.html").all("link", rel="alternate")
    assert site.dead_links() == ([], set())


@pytest.mark.parametrize("watched", ["Week", "Till"])
def test_it_is_of_days_that_keep_their_latest(site, watched):
    """Of a week too, but of none that is only watched for what is made from it."""
    site.make(watched)
    site.watch(watched)
    site.publish(base_url=BASE)
    assert "feed.xml" not in site.files()


def test_it_stays_as_it_is_while_its_days_do(site, read, clock):
    read()
    clock.advance(hours=3)
    assert site.replaced(lambda: site.publish(base_url=BASE)) == set()


def test_a_pruned_day_stays_in_it(site, read):
    read()
    site.module.Menu(TODAY - timedelta(days=1)).output().remove()
    assert len(read().entries) == 3


@pytest.mark.parametrize(
    "given, address",
    [
        ("https://a.example", "https://a.example/"),
        ("HTTPS://A.example/x/", "https://a.example/x/"),
        ("https://bücher.example/ü b", "https://xn--bcher-kva.example/%C3%BC%20b/"),
        ("http://127.0.0.1:8000/a&b", "http://127.0.0.1:8000/a&b/"),
        ("http://[::1]:80/a%20b", "http://[::1]:80/a%20b/"),
    ],
)
def test_an_address_is_ascii_and_ends_with_a_slash(given, address):
    assert address_of(given) == address
    entry = Entry("a b/c.html", "t", TODAY, '<img src="c-1.png?1"><a href="#detail-1">x</a>')
    feed = ElementTree.fromstring(
        feed_of([entry], title="t", base_url=address, ids_begin="https://first.example/")
    )
    (found,) = _all(feed, "entry")
    assert _all(found, "link")[0].get("href") == f"{address}a%20b/c.html"
    assert _all(found, "id")[0].text == "https://first.example/a%20b/c.html"
    content = parsed(_all(found, "content")[0].text)
    assert content.one("img")["src"] == f"{address}a%20b/c-1.png?1"
    assert content.one("a")["href"] == f"{address}a%20b/c.html#detail-1"
