"""Settings of earlier versions, which are still understood."""

from __future__ import annotations

import logging

_logger = logging.getLogger("hn_luigi.settings")
_told: set[str] = set()


def watch_lines_for(feeds: str) -> list[str]:
    """The lines of ``[assets] watch`` that say what ``[assets] feeds`` once did."""
    names = dict.fromkeys(name for each in feeds.split(",") if (name := each.strip()))
    lines = [
        "hn_luigi Wordcloud" if name == "top" else f"hn_luigi Wordcloud --feed {name}"
        for name in names
    ]
    if feeds not in _told:
        _told.add(feeds)
        now = "".join(f"\n    {line}" for line in lines)
        _logger.warning("[assets] feeds is now [assets] watch. Replace it by:\nwatch =%s", now)
    return lines
