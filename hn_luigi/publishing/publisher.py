"""What is published: the newest page of each watched asset, the days of those that have days.

A page that was made from the same as now isn't drawn again, and a file that comes out the same
isn't replaced. What is published stays: when its window is pruned, or its asset is watched no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from shlex import quote

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import StorageError, Timestamp, is_private, window
from hn_luigi.formatting import listed as in_a_sentence
from hn_luigi.publishing.feed import Entry, address_of, feed_of
from hn_luigi.publishing.site_folder import Page, Site, open_site
from hn_luigi.publishing.site_pages import (
    FEED,
    INDEX,
    Listed,
    days_path,
    first_page,
    list_of_days,
    listed,
    newest_path,
    output_in,
)
from hn_luigi.publishing.windows import Windows, publish_windows, said_of, windows_of
from hn_luigi.watchlist import WatchedLine, graphs, watched_lines

_MOST_ENTRIES = 20
"""In the feed: a reader asks for all of it each time."""


@dataclass
class Outcome:
    """What became of the site."""

    written: int = 0
    """Files that are new, or were replaced."""
    removed: int = 0
    pages: int = 0
    """Of windows, all that are published."""
    troubles: list[str] = field(default_factory=list)
    """Why some isn't published, or isn't up to date; a line each."""


def publish_site(
    folder: str,
    *,
    base_url: str = "",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Bring the site in ``folder`` up to date with what is stored.

    Args:
        folder: that holds the site, or nothing yet.
        base_url: where it is served, for its feed; empty for no feed.
        progress: is called with how many of how many pages have been looked at.

    Raises:
        SiteError: the site can't be written.
        SettingError: the watch list itself can't be read.
    """
    outcome = Outcome()
    with open_site(folder) as site:
        lines, broken = watched_lines()
        outcome.troubles += [f"{line.line}: {line.why}" for line in broken]
        published = list(_published(lines, outcome))
        has_feed = bool(base_url) and any(
            each.is_for_feed and (each.stored or each.pages(site)) for each in published
        )
        done, total = count(1), sum(len(each.stored) for each in published)
        for each in published:
            try:
                outcome.troubles += publish_windows(
                    site, each, has_feed=has_feed, progress=lambda: progress(next(done), total)
                )
            except StorageError as error:
                outcome.troubles.append(f"{each.folder}: {error}")
            outcome.troubles += _publish_lists(site, each, has_feed=has_feed)
        outcome.troubles += _publish_feed(site, published, base_url if has_feed else "")
        outcome.troubles += _publish_first_page(site, published)
        site.save()
        outcome.written, outcome.removed = site.written, site.removed
        outcome.pages = len(site.pages)
    return outcome


def _published(lines: Sequence[WatchedLine], outcome: Outcome) -> Iterator[Windows]:
    """What is to be published of each asset of those lines, upstream first."""
    roots, there = {line.root for line in lines}, set[str]()
    for asset in dict.fromkeys(asset for line in lines for asset in line.assets):
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
                found = windows_of(asset)
            except (Exception, SystemExit) as error:  # also of a user's storage_root()
                outcome.troubles.append(f"{asset.folder}: {said_of(error)}")
                continue
            # What a root is made from may have been pruned, or be what it can do without.
            if not found.stored and asset in roots:
                told = f"no window is stored: make one with hn-luigi run {quote(asset.folder)}"
                outcome.troubles.append(f"{asset.folder}: {told}")
            yield found


def _private_parameters(asset: Asset) -> list[str]:
    """The parameters in the name of an asset's folder that its class keeps from people."""
    return [
        name
        for name, parameter in asset.get_params()
        if parameter.significant and is_private(parameter)
    ]


def _publish_lists(site: Site, windows: Windows, *, has_feed: bool) -> list[str]:
    """The newest day once more, at an address that stays, and the list of days."""
    pages, length = windows.pages(site), windows.length
    if length is None or not pages:
        return []
    days, newest = days_path(windows.folder), newest_path(windows.folder)
    taken = site.claim([days, newest])
    html = list_of_days(windows.folder, [page for _, page in pages], length, has_feed=has_feed)
    for path, data in ((days, html.encode()), (newest, site.read(pages[0][0]))):
        if path not in taken:
            site.write(path, data)
    return [*taken.values()]


def _publish_feed(site: Site, published: Sequence[Windows], base_url: str) -> list[str]:
    """The feed, if there is an address for it."""
    in_feed = [each for each in published if each.is_for_feed]
    pages = [at for each in in_feed for at in each.pages(site)]
    pages.sort(key=lambda at: (at[1].window, at[0]), reverse=True)
    if not (base_url and pages):
        site.remove([FEED])
        return []
    if taken := site.claim([FEED]):
        return [*taken.values()]
    address = address_of(base_url)
    site.ids_begin = site.ids_begin or address
    entries = [_entry(site, path, page) for path, page in pages[:_MOST_ENTRIES]]
    feed = feed_of(
        entries,
        title=in_a_sentence([each.folder for each in in_feed]),
        base_url=address,
        ids_begin=site.ids_begin,
    )
    site.write(FEED, feed)
    return []


def _entry(site: Site, path: str, page: Page) -> Entry:
    updated = window.moment(Timestamp(page.updated))
    return Entry(path, page.title, updated, output_in(site.read(path).decode()))


def _publish_first_page(site: Site, published: Sequence[Windows]) -> list[str]:
    """The page that leads to all others, written last."""
    shown: dict[str, Listed] = {}
    for each in published:
        if pages := each.pages(site):
            shown[each.folder] = listed(each.folder, pages[0][1], len(pages), each.length)
    sections, roots = [], []
    for graph in graphs([each.asset for each in published]):
        # What people watch first, and then what it is made from.
        first = [root.folder for root in graph.roots]
        order = dict.fromkeys([*first, *(asset.folder for asset in reversed(graph.assets))])
        if found := [shown[folder] for folder in order if folder in shown]:
            sections.append((in_a_sentence(first), found))
        roots += first
    others = {page.folder for page in site.pages.values()} - {each.folder for each in published}
    if others:
        unwatched = [(folder, site.pages_of(folder)[0][1]) for folder in sorted(others)]
        found = [listed(folder, newest, 0, None) for folder, newest in unwatched]
        sections.append(("No longer watched", found))
    if len(sections) == 1:  # which the page's heading names
        sections = [("", sections[0][1])]
    if taken := site.claim([INDEX]):
        return [*taken.values()]
    title = in_a_sentence(roots)
    site.write(INDEX, first_page(title, sections, has_feed=site.is_there(FEED)).encode())
    return []
