"""What is published: the newest page of each watched asset, the days of those that have days.

A page that was made from the same as now isn't drawn again, and a file that comes out the same isn't
replaced. What is published stays: when its window is pruned, or its asset is watched no more.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from luigi.parameter import ParameterVisibility

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import (
    NO_WINDOW,
    Record,
    StorageError,
    Timestamp,
    WindowLength,
    WindowName,
    cached_requests,
    in_words,
    masked,
    window,
)
from hn_luigi.display import export
from hn_luigi.formatting import listed as in_a_sentence
from hn_luigi.formatting import of_window, window_name
from hn_luigi.publishing.feed import Entry, address_of, feed_of
from hn_luigi.publishing.look import look_of
from hn_luigi.publishing.pictures import apart
from hn_luigi.publishing.site_folder import Page, Site, SiteError, open_site
from hn_luigi.publishing.site_pages import (
    FEED,
    INDEX,
    Around,
    Listed,
    day_path,
    days_path,
    first_page,
    list_of_days,
    listed,
    newest_path,
    output_in,
    window_page,
)
from hn_luigi.watchlist import BrokenLine, graphs, watched_or_broken

_LARGEST, _LARGEST_OF_A_DAY = 1_000_000, 140_000
"""Bytes of a page's HTML. A year is to have 300 MB at most: 820 kB a day, for three assets of a day,
one of them with pictures."""
_PICTURES_OF_A_DAY = 400_000
"""Bytes."""
_MOST_ENTRIES = 20
"""In the feed: a reader asks for all of it each time."""
_DAY = 1440  # minutes
Progress = Callable[[int, int], None]


@dataclass
class Outcome:
    """What became of the site."""

    written: int = 0
    """Files that were replaced, or are new."""
    removed: int = 0
    pages: int = 0
    """How many pages of windows there are."""
    has_feed: bool = False
    troubles: list[str] = field(default_factory=list)
    """Why some isn't published, or not as it is now; a line each."""


@dataclass(frozen=True)
class _Published:
    """An asset and its windows that have a page, or are to have one."""

    asset: Asset
    length: WindowLength | None
    """How long windows are that have a page each; None if only the newest one has one."""
    stored: Sequence[WindowName]
    """Oldest first; the newest alone of an asset without days."""
    known: Sequence[WindowName]
    """The same, and those that were published before."""

    @property
    def folder(self) -> str:
        return self.asset.folder

    @property
    def is_in_feed(self) -> bool:
        return self.asset.keeps_latest and self.length is not None and bool(self.known)

    def label(self, name: WindowName) -> str:
        length = self.asset.own_length()
        return "" if length == NO_WINDOW else window_name(name, length)

    def path(self, name: WindowName) -> str:
        return day_path(self.folder, self.label(name)) if self.length else newest_path(self.folder)

    def around(self, name: WindowName, read: str, *, has_feed: bool) -> Around:
        """What stands around the page of a window."""
        at = self.known.index(name)
        before, after = self.known[max(at - 1, 0) : at], self.known[at + 1 : at + 2]
        return Around(
            self.folder,
            self.label(name),
            read,
            "".join(map(self.label, before)) if self.length else "",
            "".join(map(self.label, after)) if self.length else "",
            self.length,
            has_feed,
        )


def publish_site(
    folder: str, *, base_url: str = "", progress: Progress = lambda done, total: None
) -> Outcome:
    """Bring the site in ``folder`` up to date with what is stored.

    Args:
        folder: that holds the site, or nothing yet.
        base_url: where it is served, for its feed; empty for no feed.
        progress: is called with how many of how many pages are looked at.

    Raises:
        SiteError: the site can't be written.
        SettingError: the watch list itself can't be read.
    """
    outcome = Outcome()
    with open_site(folder) as site:
        assets, broken = watched_or_broken()
        outcome.troubles += map(_of_line, broken)
        published = list(_published(assets, site, outcome))
        has_feed = bool(base_url) and any(each.is_in_feed for each in published)
        _publish_windows(site, published, outcome, has_feed=has_feed, progress=progress)
        site.forget_removed([each.path(name) for each in published for name in each.stored])
        for each in published:
            _publish_lists(site, each, outcome, has_feed=has_feed)
        _publish_feed(site, published, outcome, base_url if has_feed else "")
        _publish_first_page(site, published, outcome, has_feed=has_feed)
        site.save()
        outcome.written, outcome.removed = site.written, site.removed
        outcome.pages, outcome.has_feed = len(site.pages), has_feed
    return outcome


def _of_line(line: BrokenLine) -> str:
    return f"{line.line}: {line.error}"


def _published(assets: Sequence[Asset], site: Site, outcome: Outcome) -> Iterator[_Published]:
    """What is to be published of each of ``assets``, upstream first."""
    there: set[str] = set()
    for asset in assets:
        kind = type(asset).__name__
        if private := _private_parameters(asset):
            told = f"its folder tells {in_a_sentence(private)}, which isn't public"
            outcome.troubles.append(f"{kind} isn't published: {told}")
        elif asset.folder in there:  # of another root
            told = f"another asset is published as {asset.folder}"
            outcome.troubles.append(f"{kind} isn't published: {told}")
        else:
            there.add(asset.folder)
            try:
                found = _windows(asset, site)
            except (AssetError, StorageError) as error:
                outcome.troubles.append(f"{asset.folder}: {error}")
                continue
            if not found.stored:
                told = f"{asset.folder}: no window is stored; hn-luigi run {asset.folder} makes one"
                outcome.troubles.append(told)
            yield found


def _private_parameters(asset: Asset) -> list[str]:
    """The parameters in the name of an asset's folder that its class keeps from people."""
    return [
        name
        for name, parameter in asset.get_params()
        if parameter.significant and parameter.visibility != ParameterVisibility.PUBLIC
    ]


def _windows(asset: Asset, site: Site) -> _Published:
    """The windows of ``asset`` that have a page; raises StorageError."""
    length = asset.own_length()

    def is_one(name: WindowName) -> bool:
        """And not of another length, from before that changed."""
        return length == NO_WINDOW or length.floor(window.parse(name)) == window.parse(name)

    newest_first = filter(is_one, asset.dataset.stored_newest_first())
    if length == NO_WINDOW or length.minutes < _DAY:
        name = next(newest_first, None)
        return _Published(asset, None, [name] if name else [], [name] if name else [])
    stored = sorted(newest_first)
    before = [page for path, page in site.pages.items() if page.folder == asset.folder]
    known = {WindowName(page.window) for page in before if window.is_name(page.window)}
    return _Published(asset, length, stored, sorted({*stored, *filter(is_one, known)}))


def _publish_windows(
    site: Site,
    published: Sequence[_Published],
    outcome: Outcome,
    *,
    has_feed: bool,
    progress: Progress,
) -> None:
    """Bring the pages of windows up to date."""
    done, total = 0, sum(len(each.stored) for each in published)
    for each in published:
        taken = site.claim(map(each.path, each.stored))
        outcome.troubles += taken.values()
        keys = _keys(each, outcome, has_feed=has_feed)
        for name in each.stored:
            progress(done, total)
            done += 1
            path = each.path(name)
            if path in taken or name not in keys:
                continue
            key, facts = keys[name]
            page = site.pages.get(path)
            if page and page.key == key and all(map(site.is_as_left, (path, *page.pictures))):
                continue
            try:
                _publish_window(site, each, name, key, facts, has_feed=has_feed)
            except SiteError:
                raise
            except (Exception, SystemExit) as error:  # of view(), which is its author's code
                said = str(error) if isinstance(error, AssetError) else in_words(error)
                outcome.troubles.append(f"{of_window(each.asset, name)}: {masked(said)}")
        site.save()


@dataclass(frozen=True)
class _Facts:
    """What is told of a window beside its output."""

    updated: Timestamp
    read: str


def _keys(
    each: _Published, outcome: Outcome, *, has_feed: bool
) -> dict[WindowName, tuple[str, _Facts]]:
    """What tells whether the pages of an asset's windows are up to date, and what they tell."""
    dataset = each.asset.dataset
    look = look_of(type(each.asset))
    found = {}
    with cached_requests():
        partitions = {name: dataset.partition(name) for name in each.stored}
        try:
            dataset.store.cache_ahead(
                dataset.folder,
                [name + dataset.suffix for name in each.stored],
                [partition.record_key for partition in partitions.values()],
            )
            for name, partition in partitions.items():
                record = partition.record()
                end = each.asset.own_length().end(window.parse(name))
                facts = _Facts(window.timestamp(end), "")
                if isinstance(record, Record):
                    facts = _Facts(record.created_at, record.data_time)
                around = each.around(name, facts.read, has_feed=has_feed)
                made_from = [look, partition.version_by_size(), facts.updated, repr(around)]
                key = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
                found[name] = (key, facts)
        except StorageError as error:
            outcome.troubles.append(f"{each.folder}: {error}")
    return found


def _publish_window(
    site: Site, each: _Published, name: WindowName, key: str, facts: _Facts, *, has_feed: bool
) -> None:
    """Draw the page of a window; raises whatever the ``view()`` of its class does."""
    at: dict[str, Any] = {}
    if each.asset.own_length() != NO_WINDOW:
        at["as_of"] = window.parse(name)
    task = each.asset.clone(stored_only=True, **at)
    is_day, path = each.length is not None, each.path(name)
    found = export(task, largest=_LARGEST_OF_A_DAY if is_day else _LARGEST)
    stem = posixpath.basename(path).removesuffix(".html")
    parts = apart(found.body, stem, largest=_PICTURES_OF_A_DAY if is_day else None)
    html = window_page(
        path, found.title, parts.html, each.around(name, facts.read, has_feed=has_feed)
    )
    pictures = {f"{each.folder}/{file}": data for file, data in parts.pictures.items()}
    for picture, data in pictures.items():
        site.write(picture, data)
    site.write(path, html.encode())
    was = site.pages.get(path)
    site.remove([picture for picture in was.pictures if picture not in pictures] if was else ())
    site.pages[path] = Page(
        each.folder, name, each.label(name), found.title, facts.updated, facts.read,
        tuple(pictures), key,
    )  # fmt: skip


def _pages(site: Site, folder: str) -> list[tuple[str, Page]]:
    """The pages that are published of an asset, newest first."""
    found = [(path, page) for path, page in site.pages.items() if page.folder == folder]
    return sorted(found, key=lambda at: at[1].window, reverse=True)


def _publish_lists(site: Site, each: _Published, outcome: Outcome, *, has_feed: bool) -> None:
    """The newest day once more, at an address that stays, and the list of days."""
    pages = [(path, page) for path, page in _pages(site, each.folder) if page.label]
    if each.length is None or not pages:
        return
    days, newest = days_path(each.folder), newest_path(each.folder)
    taken = site.claim([days, newest])
    outcome.troubles += taken.values()
    html = list_of_days(each.folder, [page for _, page in pages], each.length, has_feed=has_feed)
    for path, data in ((days, html.encode()), (newest, site.read(pages[0][0]))):
        if path not in taken:
            site.write(path, data)


def _publish_feed(
    site: Site, published: Sequence[_Published], outcome: Outcome, base_url: str
) -> None:
    """The feed, if there is an address for it."""
    in_feed = [each for each in published if each.is_in_feed]
    pages = [at for each in in_feed for at in _pages(site, each.folder)]
    pages.sort(key=lambda at: (at[1].window, at[0]), reverse=True)
    if not (base_url and pages):
        site.remove([FEED])
        return
    if taken := site.claim([FEED]):
        outcome.troubles += taken.values()
        return
    address = address_of(base_url)
    site.ids_begin = site.ids_begin or address
    entries = [
        Entry(path, page.title, _moment(page.updated), output_in(site.read(path).decode()))
        for path, page in pages[:_MOST_ENTRIES]
    ]
    title = in_a_sentence([each.folder for each in in_feed])
    feed = feed_of(entries, title=title, base_url=address, ids_begin=site.ids_begin)
    site.write(FEED, feed)


def _moment(timestamp: str) -> datetime:
    return window.moment(Timestamp(timestamp))


def _publish_first_page(
    site: Site, published: Sequence[_Published], outcome: Outcome, *, has_feed: bool
) -> None:
    """The page that leads to all others, written last."""
    by_asset = {each.asset: each for each in published}
    shown: dict[str, Listed] = {}
    for each in published:
        if pages := _pages(site, each.folder):
            shown[each.folder] = listed(each.folder, pages[0][1], len(pages), each.length)
    sections, titles = [], []
    for graph in graphs(list(by_asset)):
        roots = [root.folder for root in graph.roots]
        titles += roots
        # What people watch first, and then what it is made from.
        order = dict.fromkeys([*roots, *(asset.folder for asset in reversed(graph.assets))])
        found = [shown[folder] for folder in order if folder in shown]
        if found:
            sections.append((in_a_sentence(roots), found))
    others = sorted({page.folder for page in site.pages.values()} - {e.folder for e in published})
    if others:
        found = [_no_longer_watched(site, folder) for folder in others]
        sections.append(("No longer watched", found))
    if taken := site.claim([INDEX]):
        outcome.troubles += taken.values()
        return
    site.write(INDEX, first_page(in_a_sentence(titles), sections, has_feed=has_feed).encode())


def _no_longer_watched(site: Site, folder: str) -> Listed:
    return listed(folder, _pages(site, folder)[0][1], 0, None)
