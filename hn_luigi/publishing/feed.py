"""The feed of a site: Atom, RFC 4287, each entry with all that its page shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from urllib.parse import quote, urlsplit, urlunsplit

from tornado.escape import xhtml_escape

from hn_luigi.publishing.pictures import DETAILS

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say."""
_SOURCE = re.compile(r'(<img src=")(?=[^":]*")')
_DETAIL = re.compile(r'(<a href=")#')
_ABOVE_A_PICTURE = re.compile(r"<svg .*?</svg>\s*", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """An entry of the feed: a page."""

    path: str
    """Of its page, in the site."""
    title: str
    updated: datetime
    """UTC."""
    html: str
    """What it shows, as in the page."""


def feed_of(entries: Sequence[Entry], *, title: str, base_url: str, ids_begin: str) -> bytes:
    """The feed with those ``entries``, of which there is one at least.

    Args:
        entries: newest first.
        title: of the feed.
        base_url: where the site is, as ``address_of`` has it.
        ids_begin: where it was at first. An id is that address, and stays when the site moves:
            RFC 4287 (4.2.6) has an id never change, so that readers know what they have read.
    """
    # getpelican/feedgenerator, Django's own set free: no dependency, where feedgen (1.0.0 of 2023)
    # has lxml. Imported here, where it is used.
    from feedgenerator import Atom1Feed

    feed = Atom1Feed(
        _said(title),
        f"{base_url}index.html",
        "",
        language="en",
        author_name=urlsplit(base_url).netloc,
        feed_url=f"{base_url}feed.xml",
        feed_guid=f"{ids_begin}feed.xml",
    )
    for entry in entries:
        path = quote(entry.path)
        feed.add_item(
            _said(entry.title),
            f"{base_url}{path}",
            None,
            unique_id=f"{ids_begin}{path}",
            updateddate=entry.updated,
            content=_said(_by_itself(entry.html, f"{base_url}{path}")),
        )
    out = StringIO()
    feed.write(out, "utf-8")
    return out.getvalue().encode()


def address_of(base_url: str) -> str:
    """``base_url`` as others are made from it: in ASCII, and with a slash at the end."""
    parts = urlsplit(base_url)
    host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~")
    return urlunsplit((parts.scheme.lower(), host.lower(), f"{path}/", "", ""))


def _by_itself(html: str, url: str) -> str:
    """What the page at ``url`` shows at first, without places in pictures, to be read elsewhere."""
    html = html.partition(DETAILS)[0]  # a reader of feeds hides nothing
    folder, page = xhtml_escape(url.rpartition("/")[0]), xhtml_escape(url)
    html = _ABOVE_A_PICTURE.sub("", html)
    html = _SOURCE.sub(lambda found: f"{found[0]}{folder}/", html)
    return _DETAIL.sub(lambda found: f"{found[1]}{page}#", html)


def _said(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
