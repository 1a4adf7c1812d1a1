"""What is to be seen of a window as HTML that asks no server for anything, for publishing."""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import FormatError, InputMissing, view_of
from hn_luigi.display.markdown_html import PICTURE
from hn_luigi.display.outputs import (
    LARGEST,
    Output,
    Shown,
    markdown_of,
    markdown_shown,
    rendered,
    shown_by_suffix,
    too_large,
)
from hn_luigi.display.show import detail_shown, view_shown
from hn_luigi.formatting import counted

STYLE = Path(__file__).parent / "output.css"
"""What all that is shown looks like."""
_MOST_DETAILS = 2_000
_LED_TO = re.compile(r'href="#detail-(\d+)"')
_LEADS = re.compile(r' href="#(detail-\d+)"')


@dataclass(frozen=True)
class Exported:
    """What is to be seen of a window, its pictures within."""

    title: str
    body: str
    """HTML: what its page shows, and the details that this leads to, hidden until they are asked
    for."""


def export_html(asset: Asset) -> str:
    """The window of ``asset`` as one file that needs nothing else; raises as ``export`` does."""
    found = export(asset)
    return page_html(found.title, found.body)


def export(asset: Asset, *, largest: int | None = None) -> Exported:
    """The window of ``asset`` as its page shows it, with the details that its view leads to.

    Args:
        asset: of the window.
        largest: bytes of HTML, beside pictures, that it may have; of what is larger the first part
            is shown, with how much there is.

    Raises:
        InputMissing: it isn't stored, or what its view is made of isn't.
        FormatError: it is damaged.
        Exception: whatever the ``view()`` of its class raises.
    """
    partition = asset.partition
    stat = partition.stat()
    if stat is None:
        raise InputMissing(
            f"{partition.output_key} is not stored: run {asset} to make it, or name another window"
        )
    view = view_of(asset, partition.window, largest=LARGEST)
    if view is None:
        shown = _by_suffix(Output(asset.dataset, partition.window, stat.size), largest)
        if shown.notice:
            raise FormatError(f"{partition.output_key}: {shown.notice}")
        return _exported(asset, shown, {})
    names = [name for name in view.details if view.in_file is None or name in view.in_file]
    anchors = {name: f"detail-{number}" for number, name in enumerate(names)}

    def link(name: str) -> str | None:
        return f"#{anchors[name]}" if name in anchors else None

    shown = _markdown_within(
        view.markdown, lambda text: view_shown(replace(view, markdown=text), link), largest
    )
    left = math.inf if largest is None else largest - _size(shown)
    details, asked = _led_to(shown, lambda n: detail_shown(view, names[n], link), left)
    if len(details) < asked:
        few = f"The details behind the first {len(details):,} of {counted(asked, 'link')}"
        shown = replace(shown, cut=f"{shown.cut}. {few}" if shown.cut else few)
    return _exported(asset, shown, {f"detail-{n}": (names[n], part) for n, part in details.items()})


def page_html(
    title: str, body: str, *, head: str = "", header: str = "", style: str = "", files: bool = False
) -> str:
    """A page around ``body``, which is HTML.

    Args:
        title: of the page.
        body: what is to be seen.
        head: HTML, such as links to other forms of the page.
        header: HTML to stand above it.
        style: CSS, beside what all that is shown has.
        files: whether its pictures are files beside it.
    """
    return rendered(
        "export.html",
        title=title,
        body=body,
        head=head,
        header=header,
        style=STYLE.read_text() + style,
        # The origin of a page from the disk is opaque, and 'self' then nothing (CSP3, 6.7.2.8).
        pictures_from="'self' file:" if files else "data:",
    )


def _led_to(
    shown: Shown, detail: Callable[[int], Shown], left: float
) -> tuple[dict[int, Shown], int]:
    """Those details that something leads to: a class may offer one for each row of a table.

    Args:
        shown: what leads to the first of them.
        detail: makes one, by its number.
        left: bytes of HTML that they may have.

    Returns:
        As many as fit, by number, nearest first, and how many are led to by what is there.
    """
    details: dict[int, Shown] = {}
    pending = deque(map(int, _LED_TO.findall(shown.body)))
    asked = set(pending)
    while pending and len(details) < _MOST_DETAILS:
        number = pending.popleft()
        if number in details:
            continue
        part = detail(number)
        left -= _size(part)
        if left < 0:
            break
        details[number] = part
        led_to = [*map(int, _LED_TO.findall(part.body))]
        pending += led_to
        asked.update(led_to)
    return details, len(asked)


def _exported(asset: Asset, shown: Shown, details: dict[str, tuple[str, Shown]]) -> Exported:
    html = rendered("exported.html", shown=shown, details=details)
    # What is shown of others may lead to a detail that is left out.
    body = _LEADS.sub(lambda link: link[0] if link[1] in details else "", html)
    return Exported(shown.title or asset.folder, body)


def _by_suffix(output: Output, largest: int | None) -> Shown:
    """What is to be seen of an output whose class says nothing."""
    shown = shown_by_suffix(output)
    if largest is None or shown.notice or _size(shown) <= largest:
        return shown
    if output.dataset.suffix.lower() == ".md":
        return _markdown_within(markdown_of(output), markdown_shown, largest)
    fewer = shown_by_suffix(replace(output, all_rows=False))
    return fewer if _size(fewer) <= largest else too_large(output)


def _markdown_within(markdown: str, show: Callable[[str], Shown], largest: int | None) -> Shown:
    """What ``show`` makes of ``markdown``, or of so many of its first lines that it fits."""
    shown = show(markdown)
    lines = markdown.splitlines(keepends=True)
    count = len(lines)
    while largest is not None and count and _size(shown) > largest:
        count = int(count * 0.9 * largest / _size(shown))
        some = f"The first {count:,} of {counted(len(lines), 'line')}"
        shown = replace(show("".join(lines[:count])), cut=some)
    return shown


def _size(shown: Shown) -> int:
    return len(PICTURE.sub("", shown.body).encode())
