"""What is to be seen of a window as one file of HTML that needs nothing else, for publishing."""

from __future__ import annotations

import re
from pathlib import Path

from hn_luigi.assets import Asset
from hn_luigi.assets.operations import FormatError, InputMissing, view_of
from hn_luigi.display.outputs import LARGEST, Output, Shown, rendered, shown_by_suffix
from hn_luigi.display.show import detail_shown, view_shown

STYLE = Path(__file__).parent / "output.css"
"""What all that is shown looks like."""
_MOST_DETAILS = 2_000
_LED_TO = re.compile(r'href="#detail-(\d+)"')


def export_html(asset: Asset) -> str:
    """The window of ``asset`` as its page shows it, with the details that its view leads to.

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
        shown = shown_by_suffix(Output(asset.dataset, partition.window, stat.size))
        if shown.notice:
            raise FormatError(f"{partition.output_key}: {shown.notice}")
        return _page(asset, shown, {})
    names = [*view.details]
    anchors = {name: f"detail-{number}" for number, name in enumerate(names)}

    def link(name: str) -> str:
        return f"#{anchors[name]}"

    details: dict[str, Shown] = {}
    shown = view_shown(view, link)
    # Those alone that something leads to: a class may offer one for each row of a table.
    pending = _LED_TO.findall(shown.body)
    while pending and len(details) < _MOST_DETAILS:
        name = names[int(pending.pop())]
        if name not in details:
            details[name] = detail_shown(view, name, link)
            pending += _LED_TO.findall(details[name].body)
    return _page(asset, shown, {anchors[name]: (name, part) for name, part in details.items()})


def _page(asset: Asset, shown: Shown, details: dict[str, tuple[str, Shown]]) -> str:
    return rendered(
        "export.html",
        title=shown.title or asset.folder,
        shown=shown,
        details=details,
        style=STYLE.read_text(),
    )
