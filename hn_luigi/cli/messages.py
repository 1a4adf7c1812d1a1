"""How incidents read in a message to a person."""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Iterator, Sequence

from hn_luigi.alerts import Incident, Message, Watched
from hn_luigi.assets import Asset
from hn_luigi.assets.operations import storage, window
from hn_luigi.formatting import age, listed, moment, plain

_LONGEST_SUBJECT = 150


def to_message(watched: Sequence[Watched]) -> Message:
    """One message with all the news of ``watched``."""
    news = [(each.asset, incident) for each in watched for incident in each.news]
    paragraphs = ["\n".join(_paragraph(asset, incident)) for asset, incident in news]
    is_good = all(incident.over_at is not None for _, incident in news)
    return Message(_subject(news), "\n\n".join([*paragraphs, _place()]) + "\n", is_good)


def test_message() -> Message:
    """A message that says that messages arrive."""
    said = "This is a test. Of assets that fail or are late you would be told like this."
    return Message("hn_luigi: a test message", f"{said}\n\n{_place()}\n", is_good=True)


def since(incident: Incident) -> str:
    """``since 2026-11-22 12:44:56 UTC``."""
    return f"since {moment(incident.since)} UTC"


def lasted(incident: Incident) -> str:
    """``from 2026-11-22 12:44:56 to 2026-11-22 13:05:10 UTC (21 min)`` of what is over."""
    end = incident.over_at or incident.since
    length = age(window.moment(end) - window.moment(incident.since))
    return f"from {moment(incident.since)} to {moment(end)} UTC ({length})"


def _subject(news: Sequence[tuple[Asset, Incident]]) -> str:
    """``hn_luigi: failed: top/stories; late: top/stories and top/wordcloud``."""
    by_word: dict[str, list[str]] = {}
    for asset, incident in news:
        word = incident.kind
        word = word if incident.over_at is None else f"no longer {word}"
        by_word.setdefault(word, []).append(asset.folder)
    said = "; ".join(f"{word}: {listed(folders)}" for word, folders in by_word.items())
    return plain(f"hn_luigi: {said}", _LONGEST_SUBJECT)


def _paragraph(asset: Asset, incident: Incident) -> Iterator[str]:
    if incident.over_at is None:
        yield f"{incident.kind}: {asset.folder}, {since(incident)}"
    else:
        yield f"no longer {incident.kind}: {asset.folder}, {lasted(incident)}"
    yield f"  {plain(incident.cause)}"
    yield f"  See: hn-luigi history {type(asset).__name__}{_feed(asset)}, and the log of the run"


def _feed(asset: Asset) -> str:
    feed = getattr(asset, "feed", "top")
    return "" if feed == "top" else f" --feed {shlex.quote(feed)}"


def _place() -> str:
    root = str(storage().root)
    where = root if "://" in root else os.path.abspath(os.path.expanduser(root))
    return plain(f"Stored under {where}, seen from {socket.gethostname()}.")
