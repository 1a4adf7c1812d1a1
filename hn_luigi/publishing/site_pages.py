"""The pages of a site: of windows, of the list of an asset's days, and the first one."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.template import Loader

from hn_luigi.assets.operations import Timestamp, WindowLength
from hn_luigi.display import page_html
from hn_luigi.formatting import counted, moment
from hn_luigi.publishing.site_folder import Page

_HERE = Path(__file__).parent
_TEMPLATES = Loader(os.fspath(_HERE))
_BEGIN, _END = "<!-- the output -->", "<!-- its end -->"
"""Around what a page shows. It has no comment of its own: text of strangers is escaped."""
INDEX, FEED = "index.html", "feed.xml"


@dataclass(frozen=True)
class Around:
    """What stands around what a page of a window shows."""

    folder: str
    label: str = ""
    """What people call the window; empty if it has none."""
    read: str = ""
    """When its data was read, a timestamp."""
    before: str = ""
    """The label of the day before, of those that are published; empty if there is none."""
    after: str = ""
    plural: str = ""
    """What people call windows that have a page each, such as days; empty if none have."""
    has_feed: bool = False


@dataclass(frozen=True)
class Listed:
    """An asset as the first page lists it."""

    folder: str
    title: str
    read: str
    url: str
    days: str = ""
    """How many days there are, in words."""
    days_url: str = ""


def newest_path(folder: str) -> str:
    """Where the newest page of an asset is."""
    return f"{folder}/{INDEX}"


def day_path(folder: str, label: str) -> str:
    """Where the page of a day is, or of a week or month."""
    return f"{folder}/{label}.html"


def days_path(folder: str) -> str:
    """Where the list of an asset's days is."""
    return f"{folder}/days.html"


def window_page(path: str, title: str, body: str, around: Around) -> str:
    """The page at ``path`` of a window, of which ``body`` is what is to be seen."""

    def url_of(label: str) -> str:
        return _relative(path, day_path(around.folder, label))

    header = _rendered(
        "header.html",
        around=around,
        heading=around.label,
        read=moment(Timestamp(around.read)) if around.read else "",
        home=_relative(path, INDEX),
        days=_relative(path, days_path(around.folder)) if around.plural else "",
        url_of=url_of,
    )
    return _page(path, title, f"{_BEGIN}{body}{_END}", header, has_feed=around.has_feed)


def output_in(html: str) -> str:
    """What a window's page shows, without what stands around it."""
    return html.partition(_BEGIN)[2].rpartition(_END)[0]


def list_of_days(
    folder: str, pages: Sequence[Page], length: WindowLength, *, has_feed: bool
) -> str:
    """The page with links to those ``pages``, which are newest first."""
    path = days_path(folder)
    header = _rendered(
        "header.html",
        around=Around(folder),
        heading=f"all {plural_of(length)}",
        read="",
        home=_relative(path, INDEX),
        days="",
        url_of=lambda label: "",
    )
    by_month = groupby(pages, key=lambda page: page.window[:7])
    body = _rendered(
        "days.html",
        months=[(month, list(of_month)) for month, of_month in by_month],
        url_of=lambda page: _relative(path, day_path(folder, page.label)),
    )
    return _page(path, f"{folder}: all {plural_of(length)}", body, header, has_feed=has_feed)


def first_page(
    title: str, sections: Sequence[tuple[str, Sequence[Listed]]], *, has_feed: bool
) -> str:
    """The page that leads to all others."""
    body = _rendered("index.html", sections=sections, has_feed=has_feed)
    header = _rendered("first_header.html", title=title)
    return _page(INDEX, title, body, header, has_feed=has_feed)


def listed(folder: str, newest: Page, days: int, length: WindowLength | None) -> Listed:
    """An asset for the first page, by its ``newest`` one."""
    days_url = quote(days_path(folder)) if length else ""
    return Listed(
        folder,
        newest.title,
        moment(Timestamp(newest.read)) if newest.read else "",
        quote(newest_path(folder)),
        counted(days, _noun(length)) if length else "",
        days_url,
    )


def _page(path: str, title: str, body: str, header: str, *, has_feed: bool) -> str:
    feed = f'<link rel="alternate" type="application/atom+xml" href="{_relative(path, FEED)}">'
    return page_html(
        title,
        body,
        head=feed if has_feed else "",
        header=header,
        style=(_HERE / "site.css").read_text(),
        files=True,
    )


def plural_of(length: WindowLength | None) -> str:
    """What people call windows of that ``length``: days, weeks or months; empty without one."""
    return f"{_noun(length)}s" if length else ""


def _noun(length: WindowLength | None) -> str:
    return str(length).removeprefix("a ")


def _relative(path: str, to: str) -> str:
    """The address of ``to`` for the page at ``path``, wherever the site is."""
    return quote(posixpath.relpath(to, posixpath.dirname(path) or "."))


def _rendered(name: str, **values: Any) -> str:
    html: bytes = _TEMPLATES.load(name).generate(**values)
    return html.decode()
