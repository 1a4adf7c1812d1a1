"""The pages of an asset's windows: which there are, and which have to be drawn.

What a page shows is drawn anew when that was made anew, or by other code; what stands around it,
such as the link to the next day, is put around what is there. So a page outlives its window.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from hn_luigi.assets import Asset, AssetError
from hn_luigi.assets.operations import (
    NO_WINDOW,
    Record,
    WindowLength,
    WindowName,
    cached_requests,
    in_words,
    masked,
    window,
)
from hn_luigi.display import export
from hn_luigi.formatting import of_window, window_name
from hn_luigi.publishing.look import look_of
from hn_luigi.publishing.pictures import apart
from hn_luigi.publishing.site_folder import Page, Site, SiteError
from hn_luigi.publishing.site_pages import (
    Around,
    day_path,
    newest_path,
    output_in,
    plural_of,
    window_page,
)

_LARGEST, _LARGEST_OF_A_DAY = 2_000_000, 125_000
"""Bytes of what a page shows. A year is to have 300 MB at most, which is 820 kB a day: here for
three assets of a day, one of them with pictures, and 12 kB of style in each page."""
_PICTURES_OF_A_DAY = 400_000
"""Bytes."""
_DAY = 1440  # minutes


@dataclass(frozen=True)
class Windows:
    """An asset, and its windows that have a page or are to have one."""

    asset: Asset
    length: WindowLength | None
    """How long windows are that have a page each; None if only the newest one has one."""
    stored: Sequence[WindowName]
    """Oldest first; the newest alone where ``length`` is None."""

    @property
    def folder(self) -> str:
        """Of the asset."""
        return self.asset.folder

    @property
    def is_for_feed(self) -> bool:
        """Whether its pages are entries of the feed."""
        return self.asset.keeps_latest and self.length is not None

    def label(self, name: WindowName) -> str:
        """What people call the window; empty if it has none."""
        length = self.asset.own_length()
        return "" if length == NO_WINDOW else window_name(name, length)

    def path(self, name: WindowName) -> str:
        """Where its page is."""
        return day_path(self.folder, self.label(name)) if self.length else newest_path(self.folder)

    def pages(self, site: Site) -> list[tuple[str, Page]]:
        """Those that are published, by path, newest first."""
        return [
            (path, page)
            for path, page in site.pages_of(self.folder)
            # And not of when its windows were of another length.
            if window.is_name(page.window) and path == self.path(page.window)
        ]


def windows_of(asset: Asset) -> Windows:
    """The windows of ``asset`` that are to have a page.

    Raises:
        StorageError: they can't be listed.
        Exception: whatever the ``storage_root()`` of its class raises.
    """
    length = asset.own_length()
    # Others may be stored that are of another length, from before that changed.
    newest_first = (
        name
        for name in asset.dataset.stored_newest_first()
        if length == NO_WINDOW or length.floor(window.parse(name)) == window.parse(name)
    )
    if length == NO_WINDOW or length.minutes < _DAY:
        return Windows(asset, None, [name for name in [next(newest_first, None)] if name])
    return Windows(asset, length, sorted(newest_first))


@dataclass(frozen=True)
class _Drawn:
    """A page that there is, or is to be."""

    path: str
    page: Page
    body: str | None = None
    """What it shows; None if that is as it was."""
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """Files that it shows, by path."""


def publish_windows(
    site: Site, windows: Windows, *, has_feed: bool, progress: Callable[[], None]
) -> list[str]:
    """Bring the pages of ``windows`` up to date.

    Args:
        site: that they are in.
        windows: of an asset.
        has_feed: whether they tell of a feed.
        progress: is called for each that is stored.

    Returns:
        Why some are not up to date, in lines.

    Raises:
        SiteError: they can't be written.
        StorageError: storage can't be read.
    """
    if windows.length:
        site.take_back(newest_path(windows.folder))  # of when it had no days
    taken = site.claim(map(windows.path, windows.stored))
    troubles = [*taken.values()]
    drawn = (each for each in _drawn(site, windows, troubles, progress) if each.path not in taken)
    # Newest first, so that no page leads to the next day before that is there.
    for after, at, before in _with_neighbours(drawn):
        around = Around(
            windows.folder,
            at.page.label,
            at.page.read,
            before.page.label if before else "",
            after.page.label if after else "",
            plural_of(windows.length),
            has_feed,
        )
        _publish(site, at, around)
    site.save()
    return troubles


def _drawn(
    site: Site, windows: Windows, troubles: list[str], progress: Callable[[], None]
) -> Iterator[_Drawn]:
    """The pages that there are or are to be, newest first; why others are not in ``troubles``."""
    made = _made(windows)
    published = {page.window: (path, page) for path, page in windows.pages(site)}
    if windows.length is None and windows.stored:  # whose page takes the place of another's
        published = dict(zip(windows.stored, published.values(), strict=False))
    for name in sorted({*windows.stored, *published}, reverse=True):
        path, was = published.get(name, (windows.path(WindowName(name)), None))
        is_as_left = was is not None and all(map(site.is_as_left, (path, *was.pictures)))
        now = made.get(WindowName(name))
        if now is not None:
            progress()
        if was is not None and is_as_left and (now is None or now.key == was.key):
            # Its data may have been read once more, and found the same.
            facts = now or was
            yield _Drawn(path, replace(was, updated=facts.updated, read=facts.read))
        elif now is not None:
            try:
                yield _draw(windows, now)
            except SiteError:
                raise
            except (Exception, SystemExit) as error:  # of view(), which is its author's code
                troubles.append(f"{of_window(windows.asset, name)}: {said_of(error)}")
                if was is not None and is_as_left:
                    yield _Drawn(path, was)


def _made(windows: Windows) -> dict[WindowName, Page]:
    """What a page of each window that is stored is to be noted as; raises StorageError."""
    dataset, length = windows.asset.dataset, windows.asset.own_length()
    look, found = look_of(type(windows.asset)), {}
    partitions = [dataset.partition(name) for name in windows.stored]
    with cached_requests():
        outputs = [name + dataset.suffix for name in windows.stored]
        records = [partition.record_key for partition in partitions]
        dataset.store.cache_ahead(dataset.folder, outputs, records)
        for partition in partitions:
            name, record = partition.window, partition.record()
            updated, read = window.timestamp(length.end(window.parse(name))), ""
            if isinstance(record, Record):
                updated, read = record.created_at, record.data_time
            made_from = [look, name, partition.version_by_size(), updated]
            key = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()
            found[name] = Page(windows.folder, name, windows.label(name), "", updated, read, key)
    return found


def _draw(windows: Windows, page: Page) -> _Drawn:
    """The page of a window; raises whatever the ``view()`` of its class does."""
    name, is_day = WindowName(page.window), windows.length is not None
    at: dict[str, Any] = {}
    if windows.asset.own_length() != NO_WINDOW:
        at["as_of"] = window.parse(name)
    task = windows.asset.clone(stored_only=True, **at)
    found = export(task, largest=_LARGEST_OF_A_DAY if is_day else _LARGEST)
    path = windows.path(name)
    stem = posixpath.basename(path).removesuffix(".html")
    parts = apart(found.body, stem, largest=_PICTURES_OF_A_DAY if is_day else None)
    pictures = {f"{windows.folder}/{file}": data for file, data in parts.pictures.items()}
    noted = replace(page, title=found.title, pictures=tuple(pictures))
    return _Drawn(path, noted, parts.html, pictures)


def _publish(site: Site, drawn: _Drawn, around: Around) -> None:
    """Write a page, unless it is as it is to be, and what it shows."""
    path, was = drawn.path, site.pages.get(drawn.path)
    page = replace(drawn.page, around=astuple(around))
    if drawn.body is None and page == was:
        return
    body = output_in(site.read(path).decode()) if drawn.body is None else drawn.body
    for picture, data in drawn.pictures.items():
        site.write(picture, data)
    site.write(path, window_page(path, page.title, body, around).encode())
    site.remove(
        [picture for picture in was.pictures if picture not in page.pictures] if was else ()
    )
    site.pages[path] = page


def _with_neighbours(
    drawn: Iterable[_Drawn],
) -> Iterator[tuple[_Drawn | None, _Drawn, _Drawn | None]]:
    """Each between the last one and the next one; one is drawn ahead."""
    last, at = None, None
    for coming in drawn:
        if at is not None:
            yield last, at, coming
        last, at = at and replace(at, body=None, pictures={}), coming
    if at is not None:
        yield last, at, None


def said_of(error: BaseException) -> str:
    """What people are told of ``error``, which may be of a class's own code."""
    return masked(str(error) if isinstance(error, AssetError) else in_words(error))
